import { type Answer } from './support/client.js';
import {
  mailsTo,
  PASSWORD,
  type Person,
  registeredPerson,
  signIn,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const NEW_PASSWORD = 'a different horse and battery';
const outcome = ({ status, body }: Answer) => [status, body?.code];
const forgot = (email: string) => app.client().post('/auth/password/forgot', { email });
const reset = (token: string, password = NEW_PASSWORD) =>
  app.client().post('/auth/password/reset', { token, password });

/** Registers a user who requested a reset link. The mail of the registration is the first one. */
async function forgetful(name: string): Promise<Person & { token: string }> {
  const person = await registeredPerson(app, name);
  expect((await forgot(person.email)).status).toBe(202);
  return { ...person, token: await tokenMailedTo(app, person.email, 2) };
}

it('a reset link sets a new password once, and ends every session on every server', async () => {
  const ann = await forgetful('reset-ann');
  const again = await signIn(app, ann.email);
  expect(outcome(await reset(ann.token))).toEqual([204, undefined]);
  expect((await ann.client.get('/account')).status).toBe(401);
  expect((await again.client.at(`${replica.origin}/t/demo/api/v1`).get('/account')).status).toBe(401);
  expect(outcome(await app.client().post('/auth/token', { refreshToken: ann.refreshToken }))[0]).toBe(401);
  await expect(signIn(app, ann.email)).rejects.toThrow('auth.invalid_credentials');
  expect((await signIn(app, ann.email, NEW_PASSWORD)).id).toBe(ann.id);
  expect(outcome(await reset(ann.token))).toEqual([422, 'auth.invalid_one_time_token']);
  const events = await app.sql.query(`select type from operator_events where actor_id = $1 order by seq`, [ann.id]);
  expect(events.rows.map(({ type }) => type)).toEqual([
    'session.started',
    'session.started',
    'session.ended',
    'session.ended',
    'user.password_reset',
    'session.started',
  ]);
});

it('a reset link used fifty times at once sets one of the new passwords', async () => {
  const ann = await forgetful('reset-racer');
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => reset(ann.token, `${NEW_PASSWORD} ${index}`)),
  );
  const won = answers.flatMap(({ status }, index) => (status === 204 ? [index] : []));
  expect(won).toHaveLength(1);
  expect((await signIn(app, ann.email, `${NEW_PASSWORD} ${won[0]}`)).id).toBe(ann.id);
});

it('a reset link invalidates the other links when used', async () => {
  const ann = await forgetful('reset-twice');
  await forgot(ann.email);
  const second = await tokenMailedTo(app, ann.email, 3);
  expect((await reset(second)).status).toBe(204);
  expect(outcome(await reset(ann.token))).toEqual([422, 'auth.invalid_one_time_token']);
});

it('a reset request reveals whether there is an account only to the mailbox', async () => {
  const ann = await registeredPerson(app, 'reset-known');
  const [known, unknown] = [await forgot(ann.email), await forgot('nobody@reset.example')];
  expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
  const [mail] = await mailsTo(app, 'nobody@reset.example');
  expect(mail?.subject).toBe('No account for this address at Demo');
  expect(mail?.text).not.toContain('token=');
});

it.each([
  ['too short', 'short', 'auth.password_too_short'],
  ['the address', 'reset-weak@people.example', 'auth.password_too_weak'],
])('keeps the link when the password is %s', async (what, password, code) => {
  const ann = await forgetful(`reset-weak-${what.length}`);
  expect(outcome(await reset(ann.token, password.replace('weak', `weak-${what.length}`)))).toEqual([422, code]);
  expect((await reset(ann.token)).status).toBe(204);
});

it('a reset refuses links of another kind or operator, and expired ones', async () => {
  const ann = await forgetful('reset-other');
  await app.client().post('/auth/register', { email: 'reset-new@people.example', password: PASSWORD, name: 'New' });
  const verification = await tokenMailedTo(app, 'reset-new@people.example');
  for (const token of [verification, `${ann.token}x`, 'none']) {
    expect(outcome(await reset(token))).toEqual([422, 'auth.invalid_one_time_token']);
  }
  expect(outcome(await app.client().post('/auth/verify-email', { token: ann.token, password: PASSWORD }))[0]).toBe(422);
  expect(
    outcome(await app.client('nobody').post('/auth/password/reset', { token: ann.token, password: NEW_PASSWORD }))[0],
  ).toBe(404);
  await app.sql.query(`update one_time_tokens set expires_at = now() where email = $1`, [ann.email]);
  expect(outcome(await reset(ann.token))).toEqual([422, 'auth.invalid_one_time_token']);
});

it('reset requests send an address at most ten mails an hour', async () => {
  const answers = await Promise.all(Array.from({ length: 14 }, () => forgot('often@reset.example')));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
});

describe('the page of a reset link', () => {
  it('asks for the password, accepts a valid one, and explains why another is refused', async () => {
    const ann = await forgetful('reset-page');
    const url = `${app.origin}/t/demo/reset-password?token=${ann.token}`;
    for (let visit = 0; visit < 3; visit++) {
      const page = await app.client().get(url);
      expect(page.status).toBe(200);
      expect(page.body).toMatch(/<input type="password" [^>]*name="password"/);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    const submit = (password: string) =>
      app
        .client()
        .post(`${app.origin}/t/demo/reset-password`, new URLSearchParams({ token: ann.token, password }).toString(), {
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        });
    const short = await submit('short');
    expect([short.status, short.body]).toEqual([422, expect.stringContaining('at least 15 characters')]);
    expect(short.body).toContain('name="password"');
    expect((await submit(NEW_PASSWORD)).body).toContain('Your password is set');
    expect((await signIn(app, ann.email, NEW_PASSWORD)).id).toBe(ann.id);
    expect((await app.client().get(url)).body).toContain('no longer valid');
  });

  it('states the minimum password length of the organizations of the account', async () => {
    const staff = await signInAdmin(app);
    const organization = await newOrganization(staff, 'Long Passwords');
    await staff.client.patch(`${organization.path}/auth-settings`, { passwordMinLength: 30 });
    const ann = await newMember(app, staff, organization, 'user', 'reset-long', registeredPerson);
    await forgot(ann.email);
    const token = await tokenMailedTo(app, ann.email, 2);
    const page = await app.client().get(`${app.origin}/t/demo/reset-password?token=${token}`);
    expect(page.body).toContain('New password, at least 30 characters');
  });
});
