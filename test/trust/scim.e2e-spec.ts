import type { Answer } from '../support/client.js';
import { mailsTo, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from '../support/tree.js';

/* A SCIM key manages memberships and what the list of its organization shows. It changes no account. */

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let app: TestApp;
let staff: Person;
let lair: Organization;
let bank: Organization;
let send: (method: string, path: string, body?: unknown) => Promise<Answer>;

beforeAll(async () => {
  app = await startTestApp();
  const replica = await app.replica();
  staff = await signInAdmin(app);
  lair = await newOrganization(staff, 'Directory');
  bank = await newOrganization(staff, 'Bank');
  await proveDomain(app, lair, 'corp.example');
  await newMember(app, staff, lair, 'admin', 'corp-admin');
  const { body } = await staff.client.post(`${lair.path}/scim-keys`, { name: 'Leaked' });
  let turn = 0;
  send = (method, path, sent) => {
    const origin = turn++ % 2 ? app.origin : replica.origin;
    const client = app.client().at(`${origin}/t/demo/api/v1/organizations/${lair.id}/scim/v2`).as(body.key);
    return client.request(method, path, { body: sent, headers: { 'content-type': 'application/scim+json' } });
  };
});
afterAll(() => app.close());

const patch = (id: string, value: object): Promise<Answer> =>
  send('PATCH', `/Users/${id}`, { schemas: [PATCH], Operations: [{ op: 'replace', value }] });
const accountOf = async (id: string) =>
  (await app.sql.query('select email, name from users where id = $1', [id])).rows[0];
const listed = async (id: string) =>
  (await staff.client.get(`${lair.path}/members?limit=100`)).body.items.find((one: any) => one.userId === id);
const linkIn = async (email: string, subject: RegExp): Promise<string> =>
  /token=([\w-]+)/.exec((await mailsTo(app, email, 1, subject)).at(-1)?.text ?? '')?.[1] ?? '';

/** An admin of another organization whose address is in the directory's domain. */
async function newVictim(name: string): Promise<Person> {
  await registerPerson(app, `${name}@corp.example`);
  const victim = await signIn(app, `${name}@corp.example`);
  await staff.client.post(`${bank.path}/members`, { userId: victim.id, role: 'admin' });
  const made = await send('POST', '/Users', {
    userName: victim.email,
    displayName: 'Renamed',
    externalId: `x-${name}`,
  });
  expect([made.status, made.body.id]).toEqual([201, victim.id]);
  expect(await accountOf(victim.id)).toEqual({ email: victim.email, name });
  return victim;
}

it("a SCIM key cannot move a sign-in address to an attacker's mailbox, by PATCH, PUT or emails", async () => {
  const victim = await newVictim('victim');
  const thief = 'thief@corp.example';
  const before = await accountOf(victim.id);
  expect((await patch(victim.id, { userName: thief })).status).toBe(200);
  expect((await send('PUT', `/Users/${victim.id}`, { userName: thief, displayName: 'Thief' })).status).toBe(200);
  const emails = [{ value: thief, type: 'work', primary: true }];
  expect((await patch(victim.id, { emails })).body.emails).toMatchObject(emails);
  expect(await accountOf(victim.id)).toEqual(before);
  expect(await listed(victim.id)).toMatchObject({
    email: victim.email,
    name: 'victim',
    directoryEmail: thief,
    directoryName: 'Thief',
  });
  // The directory's own address resets nothing.
  await app.client().post('/auth/password/forgot', { email: thief });
  const resets = `select from one_time_tokens where purpose = 'reset_password' and user_id = $1`;
  expect((await app.sql.query(resets, [victim.id])).rowCount).toBe(0);
  expect((await victim.client.get(bank.path)).status).toBe(200);
  expect((await app.client().post('/auth/login', { email: victim.email, password: PASSWORD })).status).not.toBe(401);
});

it('an address change by SCIM asks the user at both addresses, and applies once both have confirmed', async () => {
  const person = await newVictim('mover');
  const wanted = 'moved@corp.example';
  await patch(person.id, { userName: wanted });
  const current = await linkIn(person.email, /change of your address/);
  const next = await linkIn(wanted, /Confirm your new address/);
  const confirm = (token: string) => app.client().post('/auth/confirm-email', { token });
  expect((await confirm(next)).body).toEqual({ status: 'waiting' });
  expect((await accountOf(person.id)).email).toBe(person.email);
  expect((await confirm(current)).body).toEqual({ status: 'changed' });
  expect((await accountOf(person.id)).email).toBe(wanted);
  expect(await listed(person.id)).toMatchObject({ email: wanted, directoryEmail: null });
});

it("an address change by SCIM does not replace the user's own change, and is limited to verified domains", async () => {
  const person = await newVictim('chooser');
  const own = 'own-choice@people.example';
  const asked = await person.client.post('/account/email-change', { newEmail: own, password: PASSWORD });
  expect(asked.status).toBeLessThan(300);
  await patch(person.id, { userName: 'pushed@corp.example' });
  expect((await person.client.get('/account/email-change')).body.newEmail).toBe(own);
  const other = await newVictim('outsider');
  await patch(other.id, { userName: 'outside@elsewhere.example' });
  expect((await other.client.get('/account/email-change')).status).toBe(404);
  expect(await listed(other.id)).toMatchObject({ directoryEmail: 'outside@elsewhere.example' });
});

it('a SCIM key takes over no account by a used address or externalId', async () => {
  const victim = await newVictim('kept');
  const again = await send('POST', '/Users', { userName: 'someone@corp.example', externalId: 'x-kept' });
  expect([again.status, again.body.id === victim.id]).toEqual([201, false]);
  expect((await send('POST', '/Users', { userName: 'x', emails: [{ value: victim.email }] })).status).toBe(409);
  expect(await accountOf(victim.id)).toEqual({ email: victim.email, name: 'kept' });
});
