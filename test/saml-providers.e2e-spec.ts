import { Browser } from './support/browser.js';
import { type Person, signInAdmin } from './support/people.js';
import { one } from './support/saml-keys.js';
import { encoded, IDP, metadataOf, requestOf } from './support/saml-provider.js';
import { SHAPES } from './support/saml-shapes.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization } from './support/tree.js';

let app: TestApp;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

it.each(Object.entries(SHAPES))('signs in a user of %s, twice as the same one', async (name, shapeOf) => {
  const { settings, respond, expected } = shapeOf(IDP);
  const organization = await newOrganization(staff, name);
  await app.sql.query(`insert into verified_domains select operator_id, $2, id from organizations where id = $1`, [
    organization.id,
    expected.email.split('@')[1],
  ]);
  const { body: connection } = await staff.client.post(`${organization.path}/sso-connections`, {
    type: 'saml',
    name,
    metadata: metadataOf(one.certificate),
    ...settings,
  });
  const people: string[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const browser = new Browser(app);
    const request = requestOf(await browser.start(connection.id));
    const xml = await respond(request, connection);
    const form = { SAMLResponse: encoded(xml), RelayState: request.relayState };
    const { body } = await browser.post(request.acsUrl, form);
    const signedIn = await app.client().post('/auth/sso/token', { code: body.code });
    expect(signedIn.body.user).toMatchObject({ email: expected.email, name: expected.name });
    people.push(signedIn.body.user.id);
  }
  expect(people[1]).toBe(people[0]);
  const { rows } = await app.sql.query<{ claims: Record<string, string[]> }>(
    `select c.claims from session_claims c join sessions s on s.id = c.session_id where s.user_id = $1 limit 1`,
    [people[0]],
  );
  const { groups } = (settings as { attributeMapping: { groups: string } }).attributeMapping;
  expect(rows[0]?.claims[groups]).toEqual(expected.groups);
});
