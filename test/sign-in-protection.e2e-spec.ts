import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'otplib';
import { Authenticator } from './support/authenticator.js';
import type { Answer, Client } from './support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signIn, signInAdmin, tokenMailedTo } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: '1' });
  second = await app.replica({ TRUST_PROXY: '1' });
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0';
const FIREFOX_UPDATED = FIREFOX.replaceAll('139', '140');
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const HOME = '203.0.113.7';

const outcome = ({ status, body }: Answer): [number, string?] =>
  body?.code === undefined ? [status] : [status, body.code];
const there = (): Client => app.client().at(`${second.origin}/t/demo/api/v1`);
const both = (index: number): Client => (index % 2 ? there() : app.client());
const from = (userAgent: string, ip = HOME) => ({ headers: { 'user-agent': userAgent, 'x-forwarded-for': ip } });
const NEW_DEVICE = /^New sign-in to your account/;

/** Counts the answers by outcome. */
function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = outcome(answer).join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

let made = 0;
/** Creates a user without known devices. The user signed in once, from `HOME` with the client of this test. */
async function createPerson(): Promise<Person> {
  const person = await newPerson(app, `protected-${++made}`);
  await app.sql.query('delete from known_devices where user_id = $1', [person.id]);
  return person;
}

const login = (email: string, userAgent = FIREFOX, ip = HOME, client = app.client(), password = PASSWORD) =>
  client.post('/auth/login', { email, password }, from(userAgent, ip));

/** Returns a user's notices, of new devices by default, once all mails have left. */
async function notices({ email }: { email: string }, subject = NEW_DEVICE) {
  for (let tries = 0; tries < 400; tries++) {
    if ((await app.sql.query('select 1 from mails')).rows.length === 0) return mailsTo(app, email, 0, subject);
    await sleep(25);
  }
  throw new Error('mails are waiting');
}

describe('a sign-in with a new device', () => {
  it('is reported by mail once per device, except for the very first sign-in', async () => {
    const person = await createPerson();
    expect(outcome(await login(person.email, FIREFOX))).toEqual([200]);
    expect(await notices(person)).toEqual([]);
    expect(outcome(await login(person.email, CHROME))).toEqual([200]);
    const [mail, ...more] = await mailsTo(app, person.email, 1, NEW_DEVICE);
    expect(more).toEqual([]);
    expect(mail?.text).toContain('Device: Chrome on Windows');
    expect(mail?.text).toMatch(
      new RegExp(`Time: \\w+, \\d+ \\w+ ${new Date().getUTCFullYear()} at \\d\\d:\\d\\d \\(UTC\\)`),
    );
    // The button is the only link in the mail.
    expect(mail?.text?.replace(/[^\x20-\x7e\n]/g, '')).toContain(`IP address: ${HOME}`);
    expect(mail?.text).toContain('end the session');
    expect(mail?.text).toContain('reset your password');

    for (const userAgent of [FIREFOX, CHROME, FIREFOX_UPDATED])
      expect(outcome(await login(person.email, userAgent))).toEqual([200]);
    // Another address of the same network, then one of another network.
    expect(outcome(await login(person.email, CHROME, '203.0.200.1'))).toEqual([200]);
    expect(await notices(person)).toHaveLength(1);
    expect(outcome(await login(person.email, CHROME, '198.51.100.1'))).toEqual([200]);
    expect(await notices(person)).toHaveLength(2);
  });

  it('is reported once when it reaches two servers at the same time', async () => {
    const person = await createPerson();
    await login(person.email, FIREFOX);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => login(person.email, SAFARI, HOME, both(index))),
    );
    expect(tally(answers)).toEqual({ '200': 8 });
    const [mail, ...more] = await notices(person);
    expect(mail?.text).toContain('Device: Safari on iOS');
    expect(more).toEqual([]);
  });

  it('is reported for every sign-in method, in the branding of the entered organization', async () => {
    const person = await createPerson();
    const organization = await newOrganization(staff, `Protected ${made}`, person);
    await staff.client.patch(`${organization.path}/branding`, { displayName: 'House of the protected' });
    await login(person.email, FIREFOX);

    await app.client().post('/auth/magic-link', { email: person.email });
    const token = await tokenMailedTo(app, person.email, 1, /^Sign in to/);
    const linked = await app.client().post('/auth/magic-link/redeem', { token }, from(CHROME));
    expect(outcome(linked)).toEqual([200]);
    const [byLink] = await notices(person);
    expect(byLink?.text).toContain('Device: Chrome on Windows');
    expect(byLink?.html).toContain('This email was sent by House of the protected');

    const authenticator = new Authenticator(BASE_URL);
    const signedIn = app.client().as(linked.body.accessToken);
    const { body: creation } = await signedIn.post('/account/passkeys/options');
    await signedIn.post('/account/passkeys', { credential: authenticator.create(creation) });
    const { body: options } = await app.client().post('/auth/passkeys/options', {});
    const credential = authenticator.get(options);
    expect(outcome(await app.client().post('/auth/passkeys/verify', { credential }, from(SAFARI)))).toEqual([200]);
    expect((await notices(person)).map(({ text }) => /Device: (.*)/.exec(text ?? '')?.[1])).toEqual([
      'Chrome on Windows',
      'Safari on iOS',
    ]);

    // A refused sign-in, or one that waits for a second factor, is not reported.
    const asked = await login(person.email, 'something else');
    expect(asked.body).toMatchObject({ mfaRequired: true });
    const again = await app.client().post('/auth/passkeys/options', { mfaToken: asked.body.mfaToken });
    expect(await notices(person)).toHaveLength(2);
    const answer = { mfaToken: asked.body.mfaToken, credential: authenticator.get(again.body) };
    expect(outcome(await app.client().post('/auth/mfa', answer, from('something else')))).toEqual([200]);
    // The mail does not repeat the client's own name for itself.
    const [, , third] = await notices(person);
    expect(third?.text).toContain('Device: unknown');
    expect(third?.text).not.toContain('something else');
  });

  it('is removed from the known devices when the user is deleted', async () => {
    const { rows } = await app.sql.query(
      `select confdeltype from pg_constraint where conname = 'known_devices_user_id_fkey'`,
    );
    expect(rows).toEqual([{ confdeltype: 'c' }]);
  });
});

describe('failed passwords', () => {
  const WRONG = 'the wrong password';
  const AWAY = '198.51.100.1';
  const wrong = (email: string, ip = AWAY, client = app.client()) => login(email, CHROME, ip, client, WRONG);
  /** Ends the window of all attempts, `hours` ago. */
  const pass = (hours = 0) =>
    app.sql.query(
      `update attempts set expire = (extract(epoch from now()) * 1000)::bigint - $1 where key like 'password_attempts%' or key like 'code_attempts%'`,
      [hours * 3_600_000 + 1],
    );
  /** Exhausts a window on both servers at once. Returns the outcomes, and the minutes that refused attempts have to wait. */
  async function exhaust(email: string, ip = AWAY): Promise<{ counts: Record<string, number>; minutes: number }> {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => wrong(email, ip, both(index))));
    const refused = answers.filter(({ status }) => status === 429);
    const seconds = refused.map(({ headers }) => Number(headers.get('retry-after')));
    expect(Math.max(...seconds) - Math.min(...seconds)).toBeLessThan(30);
    return { counts: tally(answers), minutes: Math.ceil(Math.max(...seconds) / 60) };
  }
  const COUNTS = { '401 auth.invalid_credentials': 10, '429 auth.too_many_attempts': 20 };

  beforeEach(() => app.sql.query('delete from attempts'));

  it.each(['an existing', 'an unknown'])('double the wait after each exhausted window of %s account', async (kind) => {
    const email = kind === 'an unknown' ? 'nobody-here@people.example' : (await createPerson()).email;
    for (const minutes of [15, 30, 60, 120, 240, 480, 960, 1440, 1440]) {
      expect(await exhaust(email)).toEqual({ counts: COUNTS, minutes });
      await pass();
    }
    // A window that is not exhausted does not double the wait, and a day without any resets it.
    expect(outcome(await wrong(email))).toEqual([401, 'auth.invalid_credentials']);
    await pass();
    expect((await exhaust(email)).minutes).toBe(1440);
    await pass(25);
    expect((await exhaust(email)).minutes).toBe(15);
  });

  it('are answered with the actual remaining wait in Retry-After', async () => {
    const { email } = await createPerson();
    await exhaust(email);
    await app.sql.query(
      `update attempts set expire = (extract(epoch from now()) * 1000)::bigint + 1500 where key like 'password_attempts%'`,
    );
    const refused = await wrong(email);
    expect([...outcome(refused), refused.headers.get('retry-after')]).toEqual([429, 'auth.too_many_attempts', '2']);
    await sleep(2_000);
    expect(outcome(await login(email, CHROME, AWAY, there()))).toEqual([200]);
  });

  it('reset the wait after a successful sign-in', async () => {
    const { email } = await createPerson();
    await exhaust(email);
    await pass();
    expect(outcome(await login(email, CHROME, AWAY))).toEqual([200]);
    expect((await exhaust(email)).minutes).toBe(15);
  });

  it('from strangers do not lock out a user on a familiar network, and share one budget across networks', async () => {
    const { email } = await createPerson();
    expect(outcome(await login(email))).toEqual([200]);
    for (const _ of [1, 2, 3]) {
      await exhaust(email);
      await pass();
    }
    // All unfamiliar networks share ten attempts.
    const spread = await Promise.all(
      Array.from({ length: 20 }, (_, index) => wrong(email, `192.${index}.0.1`, both(index))),
    );
    expect(tally(spread)).toEqual({ '401 auth.invalid_credentials': 10, '429 auth.too_many_attempts': 10 });
    expect(outcome(await login(email, FIREFOX, '203.0.55.5'))).toEqual([200]);
    // The user's own success gives strangers no more attempts.
    expect(outcome(await wrong(email))).toEqual([429, 'auth.too_many_attempts']);
    // Attempts from the familiar network are limited, too.
    expect((await exhaust(email, HOME)).counts).toEqual(COUNTS);
    // A mailed link admits the user from any network, and makes that network familiar for the password.
    expect(outcome(await login(email, FIREFOX, AWAY))).toEqual([429, 'auth.too_many_attempts']);
    await app.client().post('/auth/magic-link', { email });
    const token = await tokenMailedTo(app, email, 1, /^Sign in to/);
    expect(outcome(await app.client().post('/auth/magic-link/redeem', { token }, from(FIREFOX, AWAY)))).toEqual([200]);
    expect(outcome(await login(email, FIREFOX, AWAY))).toEqual([200]);
    // A new password resets all waits.
    expect(outcome(await login(email, FIREFOX, HOME))).toEqual([429, 'auth.too_many_attempts']);
    await app.client().post('/auth/password/forgot', { email });
    const reset = { token: await tokenMailedTo(app, email, 1, /new password/), password: `${PASSWORD} again` };
    expect(outcome(await app.client().post('/auth/password/reset', reset))).toEqual([204]);
    for (const ip of [HOME, '192.77.0.1'])
      expect(outcome(await login(email, FIREFOX, ip, app.client(), reset.password))).toEqual([200]);
  });
});

async function enrolTotp({ client }: Person): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = (await client.post('/account/mfa/totp')).body;
  const { body } = await client.post('/account/mfa/totp/confirm', { code: await generate({ secret }) });
  return { secret, recoveryCodes: body.recoveryCodes };
}

async function enrolPasskey({ client }: Person): Promise<{ authenticator: Authenticator; id: string }> {
  const authenticator = new Authenticator(BASE_URL);
  const { body: options } = await client.post('/account/passkeys/options');
  const { body } = await client.post('/account/passkeys', { credential: authenticator.create(options) });
  return { authenticator, id: body.id };
}

const CHANGE =
  /^(An authenticator app was|The authenticator app was|A passkey was|New recovery codes|A recovery code was|Your (password|second factors))/;

describe('a change of sign-in methods', () => {
  it('is reported by mail once', async () => {
    const person = await createPerson();
    const { recoveryCodes } = await enrolTotp(person);
    const { id } = await enrolPasskey(person);
    await person.client.patch(`/account/passkeys/${id}`, { name: 'https://evil.example' });
    const { mfaToken } = (await login(person.email, 'node')).body;
    expect(
      outcome(await app.client().post('/auth/mfa', { mfaToken, recoveryCode: recoveryCodes[0] }, from('node'))),
    ).toEqual([200]);
    await person.client.post('/account/mfa/recovery-codes');
    await person.client.delete(`/account/passkeys/${id}`);
    await person.client.delete('/account/mfa/totp');
    await app.client().post('/auth/password/forgot', { email: person.email });
    const token = await tokenMailedTo(app, person.email, 1, /new password/);
    await app.client().post('/auth/password/reset', { token, password: `${PASSWORD} again` });

    const mails = await notices(person, CHANGE);
    expect(new Set(mails.map(({ subject }) => subject))).toEqual(
      new Set([
        'An authenticator app was added at Demo',
        'A passkey was added at Demo',
        'A recovery code was used at Demo',
        'New recovery codes were created at Demo',
        'A passkey was removed at Demo',
        'The authenticator app was removed at Demo',
        'Your password was changed at Demo',
      ]),
    );
    expect(mails).toHaveLength(7);
    for (const { text = '' } of mails) {
      expect(text).toContain('Time: ');
      expect(text).toContain('IP address: ');
      expect(text).toContain('If you did not');
      // The notice does not repeat names that the caller chose, because the caller may be an attacker.
      expect(text).not.toContain('evil');
    }
    expect(mails.find(({ subject }) => subject?.startsWith('A recovery'))?.text).toContain(`IP address: ${HOME}`);
  });

  it('is reported for factors enrolled during sign-in, and not when enrollment fails', async () => {
    const person = await createPerson();
    const organization = await newOrganization(staff, `Strict ${made}`, person);
    await staff.client.patch(`${organization.path}/auth-settings`, { mfaPolicy: 'required' });
    const { mfaToken } = (await login(person.email, 'node')).body;
    const enrolment = { mfaToken, method: 'totp' };
    const { secret } = (await app.client().post('/auth/mfa/enrolment', enrolment)).body;
    expect(outcome(await app.client().post('/auth/mfa', { mfaToken, code: '000000' }))).toEqual([
      401,
      'auth.invalid_code',
    ]);
    expect(await notices(person, CHANGE)).toEqual([]);
    await app.client().post('/auth/mfa', { mfaToken, code: await generate({ secret }) });
    expect((await notices(person, CHANGE)).map(({ subject }) => subject)).toEqual([
      'An authenticator app was added at Demo',
    ]);
  });
});

describe('lost second factors', () => {
  const reset = (by: Person, { id }: { id: string }) => by.client.delete(`/admin/users/${id}/mfa`);
  async function colleague(role: string): Promise<Person> {
    const person = await createPerson();
    await staff.client.post('/admin/operator/members', { userId: person.id, role });
    return person;
  }
  const fresh = (person: Person, minutes = 0) =>
    app.sql.query('update sessions set proved_at = now() - make_interval(mins => $2) where user_id = $1', [
      person.id,
      minutes,
    ]);

  it('can be removed by staff, which ends all sessions and notifies the user', async () => {
    const [person, helper] = [await createPerson(), await colleague('manager')];
    expect(outcome(await reset(helper, person))).toEqual([409, 'auth.mfa_not_enrolled']);
    const { recoveryCodes } = await enrolTotp(person);
    const { authenticator } = await enrolPasskey(person);
    const { mfaToken } = (await login(person.email)).body;
    const other = await app.client().at(`${second.origin}/t/demo/api/v1`).post('/auth/passkeys/options', {});

    await fresh(helper, 11);
    expect(outcome(await reset(helper, person))).toEqual([403, 'auth.step_up_required']);
    expect(outcome(await helper.client.post('/account/step-up', { password: PASSWORD }))).toEqual([200]);
    // Of several simultaneous resets one succeeds.
    const answers = await Promise.all(
      [app.client(), there(), app.client(), there()].map((client) =>
        client.as(helper.accessToken).delete(`/admin/users/${person.id}/mfa`),
      ),
    );
    expect(tally(answers)).toEqual({ '204': 1, '409 auth.mfa_not_enrolled': 3 });

    expect(outcome(await person.client.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await app.client().post('/auth/token', { refreshToken: person.refreshToken }))).toEqual([
      401,
      'auth.invalid_refresh_token',
    ]);
    const [mail, ...more] = await notices(person, /^Your second factors/);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Your second factors were removed at Demo');
    expect(mail?.text).not.toContain('IP address');
    // Everything issued before the reset is invalid.
    expect(outcome(await app.client().post('/auth/mfa', { mfaToken, recoveryCode: recoveryCodes[1] }))).toEqual([
      422,
      'auth.invalid_one_time_token',
    ]);
    const credential = authenticator.get(other.body);
    expect(outcome(await app.client().post('/auth/passkeys/verify', { credential }))).toEqual([
      401,
      'auth.passkey_invalid',
    ]);
    const again = await signIn(app, person.email);
    expect((await again.client.get('/account/mfa')).body).toEqual({
      enrolled: false,
      totp: false,
      passkeys: 0,
      recoveryCodesLeft: 0,
    });
  });

  it("can be removed only by staff whose role is at least the user's", async () => {
    const [person, stranger, user, manager, admin] = [
      await createPerson(),
      await createPerson(),
      await colleague('user'),
      await colleague('manager'),
      await colleague('admin'),
    ];
    const organization = await newOrganization(staff, `Helpless ${made}`, stranger);
    await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' });
    for (const each of [person, manager, admin]) await enrolTotp(each);
    for (const [by, whom, expected] of [
      [person, person, [403, 'auth.forbidden']],
      // An admin of the user's organization has no rights over the account.
      [stranger, person, [403, 'auth.forbidden']],
      [user, person, [403, 'auth.forbidden']],
      [manager, admin, [403, 'members.role_above_own']],
      [admin, staff, [403, 'members.role_above_own']],
      [manager, { id: organization.id }, [404, 'users.not_found']],
      [admin, manager, [204]],
      [manager, person, [401, 'auth.invalid_token']],
    ] as const)
      expect([by.email, outcome(await reset(by, whom))]).toEqual([by.email, expected]);
    expect((await person.client.get('/account/mfa')).body.enrolled).toBe(true);
  });
});
