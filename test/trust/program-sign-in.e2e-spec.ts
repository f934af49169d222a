import { createHash, randomBytes } from 'node:crypto';
import { Authenticator } from '../support/authenticator.js';
import type { Answer, Client } from '../support/client.js';
import { newPerson, PASSWORD, type Person, signIn, signInAdmin, tokenMailedTo } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let home: Organization;
let other: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home');
  other = await newOrganization(staff, 'Other');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const outcome = ({ status, body }: Answer) => (body?.code ? [status, body.code] : [status]);
const onReplica = (client: Client) => client.at(`${replica.origin}/t/demo/api/v1`);
const both = (index: number) => (index % 2 ? onReplica(app.client()) : app.client());
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const age = (person: { id: string }, minutes: number) =>
  app.sql.query(
    `update sessions set created_at = created_at - make_interval(mins => $2), proved_at = proved_at - make_interval(mins => $2),
       signed_in_at = signed_in_at - make_interval(mins => $2) where user_id = $1`,
    [person.id, minutes],
  );
const sessionsOf = async ({ id }: { id: string }): Promise<any[]> =>
  (await app.sql.query('select * from sessions where user_id = $1 and ended_at is null order by created_at', [id]))
    .rows;
const eventsOf = async (type: string, actor: { id: string }): Promise<any[]> =>
  (
    await app.sql.query('select * from operator_events where type = $1 and actor_id = $2 order by seq', [
      type,
      actor.id,
    ])
  ).rows;
const GONE = [422, 'auth.invalid_one_time_token'];

describe('a program on the same machine', () => {
  const REDIRECT = 'http://127.0.0.1:49152/callback';
  const pkce = () => {
    const codeVerifier = randomBytes(32).toString('base64url');
    return { codeVerifier, codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url') };
  };
  const ask = (client: Client, codeChallenge: string, more: object = {}) =>
    client.post('/account/login-codes', { redirectUri: REDIRECT, codeChallenge, ...more });
  const redeem = (body: object, client = app.client()) =>
    client.post('/auth/token', { grantType: 'authorization_code', redirectUri: REDIRECT, ...body });

  it('gets a session of its own with a code, once, on either server', async () => {
    const person = await newPerson(app, 'loopback');
    const { codeVerifier, codeChallenge } = pkce();
    const asked = await ask(person.client, codeChallenge, { state: 'a b&c=d', codeChallengeMethod: 'S256' });
    expect(asked.status).toBe(201);
    const target = new URL(asked.body.redirectTo);
    expect(`${target.origin}${target.pathname}`).toBe(REDIRECT);
    expect(Object.fromEntries(target.searchParams)).toEqual({ code: asked.body.code, state: 'a b&c=d', iss: BASE_URL });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => redeem({ code: asked.body.code, codeVerifier }, both(index))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200).map(outcome)).toEqual(Array.from({ length: 9 }, () => GONE));
    const tokens = answers.find(({ status }) => status === 200)?.body;
    expect(tokens).toMatchObject({ user: { id: person.id }, refreshToken: expect.any(String) });
    const program = app.client().as(tokens.accessToken);
    expect((await program.get('/account')).body.email).toBe(person.email);
    expect(claimsOf(tokens.accessToken).amr).toEqual(['pwd']);
    expect(await sessionsOf(person)).toHaveLength(2);
    const [, started] = await eventsOf('session.started', person);
    expect(started.after).toEqual({ by: 'loopback', grantedBySession: claimsOf(person.accessToken).sid });
    await program.post('/auth/logout');
    expect((await person.client.get('/account')).status).toBe(200);
  });

  it("gets nothing for another program's code, an expired one, or one whose user has signed out", async () => {
    const person = await newPerson(app, 'loopback-stolen');
    const { codeVerifier, codeChallenge } = pkce();
    const { code } = (await ask(person.client, codeChallenge)).body;
    expect(outcome(await redeem({ code, codeVerifier: pkce().codeVerifier }))).toEqual(GONE);
    for (const redirectUri of [`${REDIRECT}/`, `${REDIRECT}?x=1`, 'http://127.0.0.1:49153/callback'])
      expect(outcome(await redeem({ code, codeVerifier, redirectUri }))).toEqual(GONE);
    expect(outcome(await redeem({ code: `${code.slice(0, -1)}x`, codeVerifier }))).toEqual(GONE);
    const { slug } = (
      await staff.client.request('POST', `${app.origin}/api/v1/operators`, {
        body: { slug: 'elsewhere', name: 'Elsewhere', timeZone: 'UTC', adminEmail: 'admin@elsewhere.example' },
      })
    ).body;
    const elsewhere = await app
      .client(slug)
      .post('/auth/token', { grantType: 'authorization_code', redirectUri: REDIRECT, code, codeVerifier });
    expect(outcome(elsewhere)).toEqual(GONE);
    await app.sql.query(`update one_time_tokens set expires_at = now() where purpose = 'login_code'`);
    expect(outcome(await redeem({ code, codeVerifier }))).toEqual(GONE);

    const later = (await ask(person.client, codeChallenge)).body.code;
    await person.client.delete('/account/sessions');
    expect(outcome(await redeem({ code: later, codeVerifier }))).toEqual(GONE);
    expect(await sessionsOf(person)).toHaveLength(0);
  });

  it('learns when its user signed in, at each refresh and by introspection alike', async () => {
    const person = await newPerson(app, 'loopback-auth-time');
    await age(person, 8);
    const { codeVerifier, codeChallenge } = pkce();
    const { code } = (await ask(person.client, codeChallenge)).body;
    const tokens = (await redeem({ code, codeVerifier })).body;
    const signedInAt = claimsOf(tokens.accessToken).auth_time;
    const renewed = await app.client().post('/auth/token', { refreshToken: tokens.refreshToken });
    expect(Math.abs(claimsOf(renewed.body.accessToken).auth_time - signedInAt)).toBeLessThanOrEqual(1);
    // A program authorized by this one has the same time.
    const second = pkce();
    const more = (await ask(app.client().as(renewed.body.accessToken), second.codeChallenge)).body;
    const inner = (await redeem({ code: more.code, codeVerifier: second.codeVerifier })).body;
    const last = await app.client().post('/auth/token', { refreshToken: inner.refreshToken });
    expect(Math.abs(claimsOf(last.body.accessToken).auth_time - signedInAt)).toBeLessThanOrEqual(1);
  });

  it('gets a limited number of codes from one user, over all sessions and servers', async () => {
    const tight = await app.replica({ LIMIT_LOGIN_CODES: '3/15m' });
    const person = await newPerson(app, 'loopback-many');
    const again = await signIn(app, person.email);
    const { codeChallenge } = pkce();
    const at = (client: Client) => client.at(`${tight.origin}/t/demo/api/v1`);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => ask(at((index % 2 ? person : again).client), codeChallenge)),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.find(({ status }) => status !== 201)!;
    expect(outcome(refused)).toEqual([429, 'auth.too_many_attempts']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('leaves a bounded number of rows behind, however many steps a user begins', async () => {
    const person = await newPerson(app, 'loopback-rows');
    await app.sql.query(
      `insert into one_time_tokens (token_hash, purpose, operator_id, user_id, payload, expires_at, created_at)
       select 'begun-' || n, 'passkey_creation', operator_id, id, '{}', now() + interval '1 minute', now() - interval '1 second'
       from users, generate_series(1, 300) n where id = $1`,
      [person.id],
    );
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? onReplica(person.client) : person.client).post('/account/passkeys/options'),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const last = await person.client.post('/account/passkeys/options');
    const { rows } = await app.sql.query('select token_hash from one_time_tokens where user_id = $1', [person.id]);
    expect(rows.length).toBeLessThanOrEqual(100);
    // The newest ones are there.
    const credential = new Authenticator(BASE_URL).create(last.body);
    expect((await person.client.post('/account/passkeys', { credential })).status).toBe(201);
  });

  it('gets nothing when its user is blocked or signs out at the same moment', async () => {
    for (let round = 0; round < 6; round++) {
      const person = await newPerson(app, `loopback-race-${round}`);
      const { codeVerifier, codeChallenge } = pkce();
      const { code } = (await ask(person.client, codeChallenge)).body;
      const end = () =>
        round % 2
          ? staff.client.post(`/admin/users/${person.id}/block`, { reason: 'A race' })
          : onReplica(person.client).delete('/account/sessions');
      await Promise.all([redeem({ code, codeVerifier }), end()]);
      expect(await sessionsOf(person)).toHaveLength(0);
    }
  });

  it.each([
    'https://127.0.0.1:49152/callback',
    'http://localhost:49152/callback',
    'http://127.0.0.1/callback',
    'http://127.0.0.1:49152',
    'http://127.0.0.1:49152@evil.example/',
    'http://127.0.0.1:49152\\@evil.example/',
    'http://user@127.0.0.1:49152/',
    'http://127.0.0.1.evil.example:80/',
    'http://0x7f000001:80/',
    'http://127.1:80/',
    'http://[::ffff:127.0.0.1]:80/',
    'http://127.0.0.1:49152/#fragment',
    'http://127.0.0.1:49152/a b',
    'http://127.0.0.1:49152/\r\nLocation: x',
    'javascript:alert(1)//127.0.0.1:1/',
    'trellis://callback',
  ])('is not redirected to %j', async (redirectUri) => {
    const answer = await ask(staff.client, pkce().codeChallenge, { redirectUri });
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'redirectUri']);
  });

  it('is redirected to either loopback address, with its own query', async () => {
    const redirectUri = 'http://[::1]:8080/cb?keep=1';
    const { codeVerifier, codeChallenge } = pkce();
    const { code, redirectTo } = (await ask(staff.client, codeChallenge, { redirectUri })).body;
    expect(redirectTo).toMatch(/^http:\/\/\[::1\]:8080\/cb\?keep=1&code=trt_/);
    expect((await redeem({ code, codeVerifier, redirectUri })).status).toBe(200);
  });

  it('must send a verifier, and no parameter of another grant', async () => {
    const fieldsOf = ({ status, body }: Answer) => [status, body.errors?.map(({ field, code }: any) => [field, code])];
    expect(fieldsOf(await redeem({}))).toEqual([
      400,
      [
        ['code', 'required'],
        ['codeVerifier', 'required'],
      ],
    ]);
    const { codeVerifier } = pkce();
    expect(fieldsOf(await redeem({ code: 'x', codeVerifier, refreshToken: 'y', organizationId: home.id }))).toEqual([
      400,
      [
        ['refreshToken', 'invalid'],
        ['organizationId', 'invalid'],
      ],
    ]);
    for (const body of [{ codeChallenge: 'short' }, { codeChallengeMethod: 'plain' }])
      expect((await ask(staff.client, pkce().codeChallenge, body)).status).toBe(400);
  });

  it('needs a user with a recent sign-in, and gets a session that is no fresher than theirs', async () => {
    const person = await newPerson(app, 'loopback-stale');
    const { codeVerifier, codeChallenge } = pkce();
    await age(person, 9);
    const { code } = (await ask(person.client, codeChallenge)).body;
    const { accessToken } = (await redeem({ code, codeVerifier })).body;
    const program = app.client().as(accessToken);
    const change = { currentPassword: PASSWORD, newPassword: 'a wholly different sentence' };
    await app.sql.query(`update sessions set proved_at = proved_at - interval '2 minutes' where user_id = $1`, [
      person.id,
    ]);
    expect(outcome(await ask(person.client, codeChallenge))).toEqual([403, 'auth.step_up_required']);
    expect(outcome(await ask(program, codeChallenge))).toEqual([403, 'auth.step_up_required']);
    expect(outcome(await program.delete('/account'))).toEqual([403, 'auth.step_up_required']);
    expect((await program.put('/account/password', change)).status).not.toBe(200);
    expect((await person.client.post('/account/step-up', { password: PASSWORD })).status).toBe(200);
    expect((await ask(person.client, codeChallenge)).status).toBe(201);
  });

  it('enters the selected organization, or the only one', async () => {
    const person = await newMember(app, staff, home, 'user', 'loopback-member');
    const enter = async (more: object = {}) => {
      const { codeVerifier, codeChallenge } = pkce();
      const { code } = (await ask(person.client, codeChallenge, more)).body;
      return redeem({ code, codeVerifier });
    };
    expect((await enter()).body.organization.id).toBe(home.id);
    await staff.client.post(`${other.path}/members`, { userId: person.id, role: 'user' });
    expect((await enter()).body.organization).toBeUndefined();
    expect((await enter({ organizationId: other.id })).body.organization.id).toBe(other.id);
    const foreign = await newOrganization(staff, 'Foreign');
    expect(outcome(await enter({ organizationId: foreign.id }))).toEqual([404, 'organizations.not_found']);
  });

  it('gets tokens with any sign-in method of the user', async () => {
    const person = await newPerson(app, 'loopback-link');
    await app.client().post('/auth/magic-link', { email: person.email });
    const token = await tokenMailedTo(app, person.email, 1, /sign in/i);
    const linked = await app.client().post('/auth/magic-link/redeem', { token });
    const { codeVerifier, codeChallenge } = pkce();
    const { code } = (await ask(app.client().as(linked.body.accessToken), codeChallenge)).body;
    expect(claimsOf((await redeem({ code, codeVerifier })).body.accessToken).amr).toEqual(['mail']);
  });

  it('stays as limited as a session that only an identity provider vouches for', async () => {
    const person = await newMember(app, staff, home, 'user', 'loopback-sso');
    await staff.client.post(`${other.path}/members`, { userId: person.id, role: 'admin' });
    const { accessToken } = (
      await app.client().post('/auth/token', { refreshToken: person.refreshToken, organizationId: home.id })
    ).body;
    const { sid } = claimsOf(accessToken);
    await app.sql.query(`update sessions set method = 'oidc', sso_organization_id = $2 where id = $1`, [sid, home.id]);
    const connection = '01234567-89ab-7def-8123-456789abcdef';
    await app.sql.query(
      `insert into session_claims (session_id, organization_id, connection_id, claims) values ($1, $2, $3, '{"a": 1}')`,
      [sid, home.id, connection],
    );
    const client = app.client().as(accessToken);
    const { codeVerifier, codeChallenge } = pkce();
    const asked = await ask(client, codeChallenge);
    const { status, body } = await redeem({ code: asked.body.code, codeVerifier });
    expect([status, body.organization?.id]).toEqual([200, home.id]);
    const program = app.client().as(body.accessToken);
    expect(outcome(await program.get('/account/sessions'))).toEqual([403, 'auth.step_up_required']);
    expect((await program.get(other.path)).status).toBe(403);
    const { rows } = await app.sql.query('select * from session_claims where session_id = $1', [
      claimsOf(body.accessToken).sid,
    ]);
    expect(rows).toEqual([expect.objectContaining({ connection_id: connection, claims: { a: 1 } })]);
  });

  it('shows its code once, even to a repeated request', async () => {
    const headers = { 'idempotency-key': 'login-code-once' };
    const { codeChallenge } = pkce();
    const body = { redirectUri: REDIRECT, codeChallenge };
    expect((await staff.client.post('/account/login-codes', body, { headers })).status).toBe(201);
    expect(outcome(await staff.client.post('/account/login-codes', body, { headers }))).toEqual([
      409,
      'idempotency.secret_already_shown',
    ]);
  });
});

describe('a program without a browser', () => {
  const begin = async (clientName = 'trellis on build-7') => {
    const { status, body } = await app.client().post('/auth/device', { clientName });
    expect(status).toBe(200);
    return body as { deviceCode: string; userCode: string };
  };
  const poll = (deviceCode: string, client = app.client()) =>
    client.post('/auth/token', { grantType: 'device_code', deviceCode });
  const patient = async (deviceCode: string, client = app.client()) => {
    await app.sql.query(`update device_logins set polled_at = polled_at - interval '2 minutes'`);
    return poll(deviceCode, client);
  };
  const at = (userCode: string, what = '') => `/account/device-logins/${encodeURIComponent(userCode)}${what}`;

  it('waits until a user approves the request on its page, and gets tokens once', async () => {
    const person = await newPerson(app, 'device');
    const started = await app
      .client()
      .post(
        '/auth/device',
        { clientName: 'trellis on build-7' },
        { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0' } },
      );
    const { deviceCode, userCode, ...rest } = started.body;
    expect(rest).toEqual({
      verificationUri: `${BASE_URL}/t/demo/device`,
      verificationUriComplete: `${BASE_URL}/t/demo/device?code=${userCode}`,
      expiresIn: 600,
      interval: 5,
    });
    expect(await poll(deviceCode)).toMatchObject({
      status: 400,
      body: { code: 'auth.authorization_pending', error: 'authorization_pending', interval: 5 },
    });
    expect((await person.client.get(at(userCode.toLowerCase().replace('-', '')))).body).toMatchObject({
      userCode,
      clientName: 'trellis on build-7',
      ip: '127.0.0.1',
      device: 'Firefox on Linux',
      sameNetwork: true,
    });
    expect(outcome(await onReplica(person.client).post(at(userCode, '/approve'), {}))).toEqual([204]);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => poll(deviceCode, both(index))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status !== 200).map(outcome)).toEqual(Array.from({ length: 9 }, () => GONE));
    const tokens = answers.find(({ status }) => status === 200)?.body;
    expect((await app.client().as(tokens.accessToken).get('/account')).body.id).toBe(person.id);
    expect((await app.client().post('/auth/token', { refreshToken: tokens.refreshToken })).status).toBe(200);
    const [approved] = await eventsOf('device_login.approved', person);
    expect(approved.after).toEqual({ clientName: 'trellis on build-7', ip: '127.0.0.1' });
    const { rows } = await app.sql.query('select * from device_logins');
    expect(JSON.stringify(rows)).not.toContain(deviceCode);
    expect(JSON.stringify(rows)).not.toContain(userCode);
  });

  it('is told to slow down, and how long to wait', async () => {
    const { deviceCode } = await begin();
    expect(outcome(await poll(deviceCode))).toEqual([400, 'auth.authorization_pending']);
    const soon = await poll(deviceCode, both(1));
    expect([...outcome(soon), soon.body.interval]).toEqual([400, 'auth.slow_down', 10]);
    expect((await poll(deviceCode)).body.interval).toBe(15);
    expect(outcome(await patient(deviceCode))).toEqual([400, 'auth.authorization_pending']);
  });

  it('causes no more writes, however often it polls', async () => {
    const { deviceCode } = await begin();
    const row = async () =>
      (
        await app.sql.query(
          'select xmin::text, poll_seconds, polled_at from device_logins where expires_at = (select max(expires_at) from device_logins)',
        )
      ).rows[0];
    for (let count = 0; count < 12; count++) await poll(deviceCode, both(count));
    const before = await row();
    expect(before.poll_seconds).toBe(60);
    for (let count = 0; count < 5; count++)
      expect(outcome(await poll(deviceCode, both(count)))).toEqual([400, 'auth.slow_down']);
    const { polled_at, poll_seconds } = await row();
    expect({ polled_at, poll_seconds }).toEqual({ polled_at: before.polled_at, poll_seconds: before.poll_seconds });
  });

  it('learns that it was refused or that the request has expired', async () => {
    const person = await newPerson(app, 'device-denied');
    const denied = await begin();
    expect(outcome(await person.client.post(at(denied.userCode, '/deny')))).toEqual([204]);
    expect(await poll(denied.deviceCode)).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    expect(await eventsOf('device_login.denied', person)).toHaveLength(1);
    const late = await begin();
    expect((await person.client.post(at(late.userCode, '/approve'), {})).status).toBe(204);
    await app.sql.query('update device_logins set expires_at = now()');
    expect(await poll(late.deviceCode)).toMatchObject({ status: 400, body: { error: 'expired_token' } });
    const unknown = await begin();
    await app.sql.query('update device_logins set expires_at = now()');
    expect(outcome(await person.client.post(at(unknown.userCode, '/approve'), {}))).toEqual([
      404,
      'auth.device_code_not_found',
    ]);
    expect(outcome(await poll(`${unknown.deviceCode.slice(0, -1)}x`))).toEqual(GONE);
    expect(outcome(await poll(unknown.userCode))).toEqual(GONE);
  });

  it('is approved or refused once, by one user', async () => {
    const [first, second] = [await newPerson(app, 'device-first'), await newPerson(app, 'device-second')];
    const { deviceCode, userCode } = await begin();
    const answers = await Promise.all([
      first.client.post(at(userCode, '/approve'), {}),
      onReplica(second.client).post(at(userCode, '/approve'), {}),
      onReplica(first.client).post(at(userCode, '/deny')),
      second.client.post(at(userCode, '/deny')),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(3);
    const winner = [first, second, null, null][answers.findIndex(({ status }) => status === 204)];
    const polled = await poll(deviceCode);
    expect(polled.body.user?.id).toBe(winner?.id);
    expect(polled.status).toBe(winner ? 200 : 400);
    expect((await (winner ?? first).client.get(at(userCode))).status).toBe(404);
  });

  it('can be approved only by a user with a fresh proof who is signed in at this operator', async () => {
    const person = await newPerson(app, 'device-stale');
    const { deviceCode, userCode } = await begin();
    await age(person, 11);
    expect(outcome(await person.client.post(at(userCode, '/approve'), {}))).toEqual([403, 'auth.step_up_required']);
    expect((await app.client().post(at(userCode, '/approve'), {})).status).toBe(401);
    expect(outcome(await patient(deviceCode))).toEqual([400, 'auth.authorization_pending']);
    await person.client.post('/account/step-up', { password: PASSWORD });
    expect((await person.client.post(at(userCode, '/approve'), { organizationId: home.id })).status).toBe(204);
    expect(outcome(await poll(deviceCode))).toEqual([404, 'organizations.not_found']);
  });

  it('gets nothing once its user has signed out or is blocked', async () => {
    const ends = [
      (person: Person) => person.client.delete('/account/sessions'),
      (person: Person) => person.client.post('/auth/logout'),
      (person: Person) => staff.client.post(`/admin/users/${person.id}/block`, { reason: 'A test' }),
    ];
    for (const [index, end] of ends.entries()) {
      const person = await newPerson(app, `device-ended-${index}`);
      const { deviceCode, userCode } = await begin();
      await person.client.post(at(userCode, '/approve'), {});
      expect((await end(person)).status).toBeLessThan(300);
      expect((await poll(deviceCode)).status).toBe(400);
      expect(await sessionsOf(person)).toHaveLength(0);
    }
  });

  it('is deleted with its user', async () => {
    const person = await newPerson(app, 'device-erased');
    const { deviceCode, userCode } = await begin();
    await person.client.post(at(userCode, '/approve'), {});
    const again = await signIn(app, person.email);
    expect((await again.client.delete('/account')).status).toBeLessThan(300);
    expect((await poll(deviceCode)).status).toBe(422);
    expect((await app.sql.query('select 1 from device_logins where user_id = $1', [person.id])).rows).toEqual([]);
  });

  it('cannot be found by guessing codes', async () => {
    const [guesser, neighbor] = [await newPerson(app, 'guesser'), await newPerson(app, 'neighbor')];
    const { userCode } = await begin();
    for (let count = 0; count < 3; count++) expect((await guesser.client.get(at(userCode))).status).toBe(200);
    const wrong = (index: number) =>
      (index % 2 ? onReplica(guesser.client) : guesser.client).get(at(`BBBB-${'BCDFGHJKLMNPQRSTVWXZ'[index]}BBB`));
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => wrong(index)));
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    // Another account in the same network does not help.
    expect((await neighbor.client.get(at('CCCC-CCCC'))).status).toBe(429);
  });

  it('accepts only names that a page can show', async () => {
    for (const clientName of ['', ' ', 'x'.repeat(61), 'a\u0000b', 'a\nb', 'a\u202eb', 5])
      expect((await app.client().post('/auth/device', { clientName })).status).toBe(400);
    await begin('<b>Bank</b> "security"');
  });

  it('can start a limited number of requests from one network', async () => {
    const tight = await app.replica({ LIMIT_DEVICE_LOGINS: '3/15m' });
    const client = app.client().at(`${tight.origin}/t/demo/api/v1`);
    const statuses: number[] = [];
    for (let count = 0; count < 5; count++)
      statuses.push((await client.post('/auth/device', { clientName: 'x' })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });
});
