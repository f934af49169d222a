import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

const SECRET_KEY = 'a key for tests of ciphertexts, long enough';

let app: TestApp;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp({ SECRET_KEY });
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

/** A value as development versions wrote it, without associated data. */
function unbound(purpose: string, plaintext: string): string {
  const key = Buffer.from(hkdfSync('sha256', SECRET_KEY, 'trellis', `encrypt:${purpose}`, 32));
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `v1.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
}

const variables = ({ path }: Organization) => `${path}/variables`;
async function put(one: Organization, key: string, value: string): Promise<void> {
  const { status } = await staff.client.put(`${variables(one)}/${key}`, { value, secret: true });
  expect(status).toBe(200);
}
const effective = async (one: Organization, origin = app.origin) => {
  const client = staff.client.at(`${origin}/t/demo/api/v1`);
  const { status, body } = await client.get(`${variables(one)}/effective?secrets=true`);
  return { status, text: JSON.stringify(body) };
};

it('a ciphertext copied to another row or key is not decrypted there', async () => {
  const [victim, thief] = [await newOrganization(staff, 'Victim'), await newOrganization(staff, 'Thief')];
  await put(victim, 'API_KEY', 'the secret of the victim');
  await put(thief, 'API_KEY', 'mine');
  await put(victim, 'OTHER', 'other');
  const copy = (organization: Organization, key: string) =>
    app.sql.query(
      `update organization_variables set value = (select value from organization_variables where organization_id = $1 and key = 'API_KEY')
       where organization_id = $2 and key = $3`,
      [victim.id, organization.id, key],
    );
  await copy(thief, 'API_KEY');
  expect((await effective(thief)).text).not.toContain('the secret of the victim');
  expect((await effective(victim)).text).toContain('the secret of the victim');
  await copy(victim, 'OTHER');
  expect((await effective(victim)).text).not.toContain('"OTHER"');
});

it('what development versions stored is readable after the first start, and never again taken as it is', async () => {
  const one = await newOrganization(staff, 'Old');
  await put(one, 'API_KEY', 'new');
  const store = (value: string) =>
    app.sql.query(`update organization_variables set value = $2 where organization_id = $1`, [one.id, value]);
  await store(unbound('variable', 'an old secret'));
  await app.sql.query('update deployment set ciphertexts_bound = false');
  const replica = await app.replica();
  expect((await effective(one, replica.origin)).text).toContain('an old secret');
  expect((await effective(one)).text).toContain('an old secret');
  const { rows } = await app.sql.query('select value from organization_variables where organization_id = $1', [one.id]);
  expect(rows[0].value).toMatch(/^v2\./);
  await store(unbound('variable', 'from a backup'));
  await app.replica();
  expect((await effective(one)).text).not.toContain('from a backup');
});
