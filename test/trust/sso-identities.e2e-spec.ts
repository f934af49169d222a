import { Browser } from '../support/browser.js';
import type { Answer } from '../support/client.js';
import { type HostileProvider, startHostileProvider } from '../support/hostile-provider.js';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/* A provider asserts whatever it likes. It never signs in as a person whose address or link is not its organization's. */

let app: TestApp;
let second: TestServer;
let staff: Person;
let idp: HostileProvider;
let another: HostileProvider;
let evil: Organization;
let acme: Organization;
let connection: any;

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  second = await app.replica();
  staff = await signInAdmin(app);
  idp = await startHostileProvider('trellis', { email_verified: true });
  another = await startHostileProvider('trellis', { email_verified: true });
  evil = await newOrganization(staff, 'Evil');
  acme = await newOrganization(staff, 'Acme');
  await app.sql.query(
    `insert into verified_domains
     select operator_id, case id when $1 then 'acme.example' else 'evil.example' end, id from organizations where id in ($1, $2)`,
    [acme.id, evil.id],
  );
  connection = await connect(evil, idp);
});
afterAll(async () => {
  await app.close();
  await idp.close();
  await another.close();
});

async function connect(organization: Organization, { issuer }: HostileProvider): Promise<any> {
  const { status, body } = await staff.client.post(`${organization.path}/sso-connections`, {
    type: 'oidc',
    name: organization.name,
    issuer,
    clientId: 'trellis',
    tokenEndpointAuthMethod: 'none',
  });
  if (status !== 201) throw new Error(`${status} ${body.code}`);
  return body;
}

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

/** Signs in with claims; the answer of the callback, or of the token route where there is a code. */
async function assertClaims(id: string, claims: object, provider = idp): Promise<Answer> {
  provider.fault = { ...provider.fault, claims: (good) => ({ ...good, ...claims }) };
  const browser = new Browser(app);
  const back = provider.answer(await browser.start(id));
  const answer = await browser.at(second.origin).get(back);
  return answer.status === 200 ? app.client().post('/auth/sso/token', { code: answer.body.code }) : answer;
}

const link = (id: string, organization: Organization, sub: string, person: Person, by = 'person') =>
  app.sql.query(
    `insert into sso_identities (organization_id, connection_id, subject, id, user_id, linked_by)
     values ($1, $2, $3, gen_random_uuid(), $4, $5)`,
    [organization.id, id, sub, person.id, by],
  );

describe('an identity provider', () => {
  it('does not sign in users by addresses that its organization did not verify', async () => {
    const victim = await newPerson(app, 'by-address');
    await staff.client.post(`${evil.path}/members`, { userId: victim.id, role: 'user' });
    for (const email of [victim.email, victim.email.toUpperCase(), 'admin@demo.example', 'someone@acme.example'])
      expect(outcome(await assertClaims(connection.id, { sub: `sub of ${email}`, email }))).toEqual([
        403,
        'sso.domain_not_verified',
      ]);
  });

  it('does not sign in by the sub that another connection knows, of its own organization or another', async () => {
    const victim = await newPerson(app, 'by-sub');
    const [ofAcme, sibling] = [await connect(acme, another), await connect(evil, another)];
    await link(ofAcme.id, acme, 'the same sub', victim);
    await link(sibling.id, evil, 'the same sub', victim);
    const claims = { sub: 'the same sub', email: victim.email };
    expect(outcome(await assertClaims(connection.id, claims))).toEqual([403, 'sso.domain_not_verified']);
  });

  it('does not give one person’s link to another by a changed address', async () => {
    const [victim, member] = [await newPerson(app, 'victim'), await newPerson(app, 'member')];
    for (const { id } of [victim, member])
      await staff.client.post(`${evil.path}/members`, { userId: id, role: 'user' });
    await link(connection.id, evil, 'sub of member', member);
    const { body } = await assertClaims(connection.id, { sub: 'sub of member', email: victim.email });
    expect(body.user.id).toBe(member.id);
  });

  it('does not mix the user info of another person in', async () => {
    const victim = await newPerson(app, 'userinfo');
    idp.fault = {
      metadata: (good) => ({ ...good, userinfo_endpoint: `${idp.issuer}/userinfo` }),
      userinfo: { sub: 'another', email: 'someone@evil.example', email_verified: true },
    };
    await staff.client.patch(`${evil.path}/sso-connections/${connection.id}`, { name: `Evil ${Date.now()}` });
    expect((await assertClaims(connection.id, { sub: 'without an address' })).status).toBe(401);
    idp.fault = { ...idp.fault, userinfo: { sub: 'without an address', email: victim.email, email_verified: true } };
    expect(outcome(await assertClaims(connection.id, { sub: 'without an address' }))).toEqual([
      403,
      'sso.domain_not_verified',
    ]);
    idp.fault = {};
    await staff.client.patch(`${evil.path}/sso-connections/${connection.id}`, { name: 'Evil' });
  });

  it('that replaces another one knows none of its users', async () => {
    const person = await newPerson(app, 'moved');
    await staff.client.post(`${acme.path}/members`, { userId: person.id, role: 'admin' });
    const moved = await connect(acme, idp);
    await link(moved.id, acme, '1001', person);
    const opened = await assertClaims(moved.id, { sub: '1001' });
    expect(opened.body.user.id).toBe(person.id);
    const client = app.client().as(opened.body.accessToken);
    expect((await client.get('/account')).status).toBe(200);

    // A code of the old provider that was not used yet, and an answer of it that is still on its way.
    idp.fault = { claims: (good) => ({ ...good, sub: '1001' }) };
    const [waiting, late] = [new Browser(app), new Browser(app)];
    const { body } = await waiting.get(idp.answer(await waiting.start(moved.id)));
    const lateAnswer = idp.answer(await late.start(moved.id));

    const path = `${acme.path}/sso-connections/${moved.id}`;
    expect((await staff.client.patch(path, { issuer: another.issuer })).status).toBe(200);
    expect((await client.get('/account')).status).toBe(401);
    expect((await app.client().post('/auth/sso/token', { code: body.code })).status).toBe(422);
    expect((await late.get(lateAnswer)).status).toBeGreaterThanOrEqual(400);
    another.fault = {};
    const claims = { sub: '1001', email: person.email };
    expect(outcome(await assertClaims(moved.id, claims, another))).toEqual([403, 'sso.domain_not_verified']);
    const { rows } = await app.sql.query('select 1 from sso_identities where connection_id = $1', [moved.id]);
    expect(rows).toEqual([]);
  });

  it('no longer signs in users of a domain that its organization lost', async () => {
    const opened = await assertClaims(connection.id, { sub: 'domain-1', email: 'domain-1@evil.example' });
    expect(opened.status).toBe(200);
    await app.sql.query(`delete from verified_domains where domain = 'evil.example'`);
    try {
      const again = await assertClaims(connection.id, { sub: 'domain-1', email: 'domain-1@evil.example' });
      expect(outcome(again)).toEqual([403, 'sso.domain_not_verified']);
    } finally {
      await app.sql.query(
        `insert into verified_domains select operator_id, 'evil.example', id from organizations where id = $1`,
        [evil.id],
      );
    }
  });
});
