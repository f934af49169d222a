import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { generate } from 'otplib';
import { RouteRules, type RouteRule } from '../../src/auth/access/index.js';
import { Browser } from '../support/browser.js';
import type { Answer, Client } from '../support/client.js';
import { type HostileProvider, startHostileProvider } from '../support/hostile-provider.js';
import { mailsTo, newPerson, PASSWORD, type Person, signInAdmin, tokenMailedTo } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/*
 * An organization's identity provider vouches for a user who also belongs to other organizations. Its session can act in
 * that organization, and has no access to the rest of the account until the user proves their identity to this server.
 */

let app: TestApp;
let second: TestServer;
let staff: Person;
let idp: HostileProvider;
let evil: Organization;
let other: Organization;
let connection: any;
let victims = 0;

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  second = await app.replica();
  staff = await signInAdmin(app);
  idp = await startHostileProvider('trellis', {});
  evil = await newOrganization(staff, 'Evil');
  other = await newOrganization(staff, 'Other');
  const made = await staff.client.post(`${evil.path}/sso-connections`, {
    type: 'oidc',
    name: 'Evil',
    issuer: idp.issuer,
    clientId: 'trellis',
    tokenEndpointAuthMethod: 'none',
  });
  connection = made.body;
});
afterAll(async () => {
  await app.close();
  await idp.close();
});
beforeEach(() => {
  idp.fault = {};
});

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const STEP_UP = [403, 'auth.step_up_required'];

interface Victim {
  person: Person;
  sub: string;
  identityId: string;
}

const prove = (organization: Organization, domain: string) =>
  app.sql.query(`insert into verified_domains select operator_id, $2, id from organizations where id = $1`, [
    organization.id,
    domain,
  ]);

/** Creates an admin of `other` and member of `evil`, whose account is linked to an identity of `evil`'s provider. */
async function newVictim(alone = false): Promise<Victim> {
  const person = await newPerson(app, `victim-${++victims}`);
  const sub = `sub-${victims}`;
  await staff.client.post(`${evil.path}/members`, { userId: person.id, role: 'admin' });
  if (!alone) await staff.client.post(`${other.path}/members`, { userId: person.id, role: 'admin' });
  const { rows } = await app.sql.query(
    `insert into sso_identities (organization_id, connection_id, subject, id, user_id, linked_by)
     values ($1, $2, $3, gen_random_uuid(), $4, 'person') returning id`,
    [evil.id, connection.id, sub, person.id],
  );
  return { person, sub, identityId: rows[0].id };
}

/** Opens a session by letting the provider of `evil` assert the `sub`. */
async function assertSub(sub: string, claims: object = {}, query = ''): Promise<Answer> {
  idp.fault = { ...idp.fault, claims: (good) => ({ ...good, sub, ...claims }) };
  const browser = new Browser(app);
  const back = idp.answer(await browser.start(connection.id, query));
  const { status, body } = await browser.get(back);
  if (status !== 200) throw new Error(`the callback gave ${status} ${body.code}`);
  return app.client().post('/auth/sso/token', { code: body.code });
}

interface EvilSession {
  client: Client;
  refreshToken: string;
}

async function evilSession(sub: string, claims: object = {}, query = ''): Promise<EvilSession> {
  const { status, body } = await assertSub(sub, claims, query);
  if (status !== 200) throw new Error(`the sign-in gave ${status} ${body.code}`);
  // On a server other than the one that opened the session.
  const client = app.client().as(body.accessToken).at(`${second.origin}/t/demo/api/v1`);
  return { client, refreshToken: body.refreshToken };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('a sign-in by an identity provider that waits for its code', () => {
  it.each([
    ['sign out everywhere', ({ client }: Person) => client.delete('/account/sessions')],
    ['are signed out by staff', ({ id }: Person) => staff.client.delete(`/admin/users/${id}/sessions`)],
    [
      'change the password',
      ({ client }: Person) =>
        client.put('/account/password', { currentPassword: PASSWORD, newPassword: 'another horse battery staple' }),
    ],
  ])('ends when they %s', async (_, end) => {
    const { person, sub } = await newVictim();
    idp.fault = { ...idp.fault, claims: (good) => ({ ...good, sub }) };
    const codes: string[] = [];
    for (let count = 0; count < 2; count++) {
      const browser = new Browser(app);
      codes.push((await browser.get(idp.answer(await browser.start(connection.id)))).body.code);
    }
    const [one, two] = codes;
    expect((await app.client().post('/auth/sso/token', { code: one })).status).toBe(200);
    expect((await end(person)).status).toBeLessThan(300);
    expect((await app.client().post('/auth/sso/token', { code: two })).status).toBe(422);
  });
});

describe('a session of an organization’s identity provider', () => {
  it('can act in the organization and read the profile', async () => {
    const { person, sub } = await newVictim();
    const { client } = await evilSession(sub);
    expect(outcome(await client.get(`${evil.path}/members`))).toEqual([200, undefined]);
    expect((await client.get('/account')).body).toMatchObject({ id: person.id, email: person.email });
  });

  it('cannot take over the account: no passkey, factor, password, address, identity or session', async () => {
    const { person, sub, identityId } = await newVictim();
    const { client } = await evilSession(sub);
    const sessions = await person.client.get('/account/sessions');
    const mine = sessions.body.items.find(({ current }: { current: boolean }) => current);
    const attacks = [
      client.post('/account/passkeys/options'),
      client.post('/account/passkeys', { credential: { id: 'x' }, name: 'x' }),
      client.post('/account/mfa/totp'),
      client.post('/account/mfa/totp/confirm', { code: '123456' }),
      client.post('/account/mfa/recovery-codes'),
      client.delete('/account/mfa/totp'),
      client.post('/account/email-change', { newEmail: 'thief@evil.example' }),
      client.post('/account/identities', { connectionId: connection.id }),
      client.post('/account/identities/confirm', { code: 'trt_x' }),
      client.delete(`/account/identities/${identityId}`),
      client.get('/account/identities'),
      client.get('/account/sessions'),
      client.delete('/account/sessions'),
      client.delete(`/account/sessions/${mine.id}`),
      client.patch('/account', { name: 'Thief' }),
      client.delete(`/account/organizations/${other.id}`),
      client.delete(`/account/organizations/${evil.id}`),
      client.post('/admin/organizations', { name: 'In the name of the victim' }),
      client.get(`/admin/users?email=${person.email}`),
    ];
    for (const answer of await Promise.all(attacks)) expect(outcome(answer)).toEqual(STEP_UP);
    expect((await person.client.get('/account')).body.name).not.toBe('Thief');
    expect((await person.client.get('/account/passkeys')).body.items).toEqual([]);
    const signIn = await app.client().post('/auth/login', { email: person.email, password: PASSWORD });
    expect(outcome(signIn)).toEqual([403, 'auth.organization_selection_required']);
  });

  it('neither lists nor enters other organizations, by any route', async () => {
    const { person, sub } = await newVictim();
    const { client, refreshToken } = await evilSession(sub);
    const listed = await client.get('/account/organizations');
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([evil.id]);
    expect(outcome(await client.get('/account/clusters'))).toEqual(STEP_UP);
    expect(outcome(await client.get(other.path))).toEqual(STEP_UP);
    expect(outcome(await client.get(`${other.path}/units`))).toEqual(STEP_UP);
    const refresh = (more: object) => app.client().post('/auth/token', { refreshToken, ...more });
    expect(outcome(await refresh({ organizationId: other.id }))).toEqual(STEP_UP);
    // Other services would trust a token without an organization for the user as such.
    expect(outcome(await refresh({ organizationId: null }))).toEqual(STEP_UP);
    const { body } = await refresh({ scope: 'organizations' });
    const claims = JSON.parse(Buffer.from(body.accessToken.split('.')[1], 'base64url').toString());
    expect(claims.organizations.map(({ id }: { id: string }) => id)).toEqual([evil.id]);

    // An invitation that the attacker reads is not accepted in the victim's name.
    const third = await newOrganization(staff, 'Third');
    await staff.client.post(`${third.path}/invitations`, { email: person.email, role: 'admin' });
    const invitation = /invitations\/([\w-]+)/.exec(
      (await mailsTo(app, person.email, 1, /invit|Third/i)).at(-1)?.text ?? '',
    )?.[1];
    expect(outcome(await client.post(`/auth/invitations/${invitation}/accept`, {}))).toEqual(STEP_UP);
    expect((await person.client.get('/account/organizations')).body.items).toHaveLength(2);
    expect((await person.client.post(`/auth/invitations/${invitation}/accept`, {})).status).toBe(200);
  });

  it('cannot enroll a factor during sign-in, however strict the organization is', async () => {
    const strict = { mfaPolicy: 'required' };
    expect((await staff.client.patch(`${evil.path}/auth-settings`, strict)).status).toBe(200);
    try {
      const { person, sub } = await newVictim();
      const refused = await assertSub(sub);
      expect(outcome(refused)).toEqual([403, 'auth.mfa_required']);
      expect(refused.body.mfaToken).toBeUndefined();
      expect((await person.client.get('/account/mfa')).body).toMatchObject({ enrolled: false });

      // With an enrolled factor, the factor widens the session, not the provider.
      const { secret } = (await person.client.post('/account/mfa/totp')).body;
      await person.client.post('/account/mfa/totp/confirm', { code: await generate({ secret }) });
      const asked = (await assertSub(sub)).body;
      expect(asked).toMatchObject({ mfaRequired: true, enrolment: [] });
      const enrol = { mfaToken: asked.mfaToken, method: 'passkey' };
      expect(outcome(await app.client().post('/auth/mfa/enrolment', enrol))).toEqual([
        409,
        'auth.mfa_already_enrolled',
      ]);
    } finally {
      await staff.client.patch(`${evil.path}/auth-settings`, { mfaPolicy: 'optional' });
    }
  });
});

describe('widening such a session', () => {
  it('names the accepted methods', async () => {
    const { person, sub } = await newVictim();
    const { client } = await evilSession(sub);
    expect((await client.get('/account/sessions')).body.methods).toEqual(['password', 'magic_link']);
    const { secret } = (await person.client.post('/account/mfa/totp')).body;
    await person.client.post('/account/mfa/totp/confirm', { code: await generate({ secret }) });
    expect((await client.get('/account/sessions')).body.methods).toEqual(['totp', 'recovery_code']);
  });

  it('by the password gives full access, to other organizations, too', async () => {
    const { sub } = await newVictim();
    const { client, refreshToken } = await evilSession(sub);
    expect(outcome(await client.post('/account/step-up', { password: 'a wrong password' }))).toEqual([
      403,
      'auth.wrong_password',
    ]);
    expect(outcome(await client.get('/account/sessions'))).toEqual(STEP_UP);
    expect((await client.post('/account/step-up', { password: PASSWORD })).status).toBe(200);
    expect((await client.get('/account/organizations')).body.items).toHaveLength(2);
    expect(outcome(await client.post('/account/passkeys/options'))).toEqual([200, undefined]);
    expect(outcome(await client.get(other.path))).toEqual([200, undefined]);
    expect((await app.client().post('/auth/token', { refreshToken, organizationId: other.id })).status).toBe(200);
  });

  it('by an enrolled factor works, and the password does not replace it', async () => {
    const { person, sub } = await newVictim();
    const { secret } = (await person.client.post('/account/mfa/totp')).body;
    const confirmed = await person.client.post('/account/mfa/totp/confirm', { code: await generate({ secret }) });
    const { client } = await evilSession(sub);
    expect(outcome(await client.post('/account/step-up', { password: PASSWORD }))).toEqual(STEP_UP);
    const [recoveryCode] = confirmed.body.recoveryCodes;
    expect((await client.post('/account/step-up', { recoveryCode })).status).toBe(200);
    expect(outcome(await client.get('/account/sessions'))).toEqual([200, undefined]);
    // Another organization requires the method that goes with the factor.
    expect(await client.get(other.path)).toMatchObject({ status: 403, body: { methods: ['password', 'magic_link'] } });
    expect((await client.post('/account/step-up', { password: PASSWORD })).status).toBe(200);
    expect(outcome(await client.get(other.path))).toEqual([200, undefined]);
  });

  it('by a mailed link works if the organization cannot read the mail', async () => {
    const { person, sub } = await newVictim();
    const { client } = await evilSession(sub);
    await app.client().post('/auth/magic-link', { email: person.email });
    const mailedCode = await tokenMailedTo(app, person.email, 1, /sign in/i);
    // It must be a link of this user.
    const another = await newVictim();
    const stranger = await evilSession(another.sub);
    expect((await stranger.client.post('/account/step-up', { mailedCode })).status).toBe(422);
    expect((await client.post('/account/step-up', { mailedCode })).status).toBe(200);
    expect(outcome(await client.get('/account/sessions'))).toEqual([200, undefined]);
    expect((await client.post('/account/step-up', { mailedCode })).status).toBe(422);
  });

  it('by a mailed link is refused in a verified domain of the organization, unless the user belongs only to it', async () => {
    await prove(evil, 'people.example');
    try {
      const [many, alone] = [await newVictim(), await newVictim(true)];
      for (const { person } of [many, alone]) await app.client().post('/auth/magic-link', { email: person.email });
      const first = (await evilSession(many.sub)).client;
      const mailedCode = await tokenMailedTo(app, many.person.email, 1, /sign in/i);
      expect((await first.get('/account/sessions')).body.methods).toEqual(['password']);
      expect(outcome(await first.post('/account/step-up', { mailedCode }))).toEqual(STEP_UP);
      const lone = (await evilSession(alone.sub)).client;
      expect((await lone.get('/account/sessions')).body.methods).toEqual(['password', 'magic_link']);
      const code = await tokenMailedTo(app, alone.person.email, 1, /sign in/i);
      expect((await lone.post('/account/step-up', { mailedCode: code })).status).toBe(200);
    } finally {
      await app.sql.query(`delete from verified_domains where domain = 'people.example'`);
    }
  });

  it('by a fresh sign-in at the provider is refused', async () => {
    const { sub } = await newVictim();
    const { client } = await evilSession(sub, { auth_time: nowSeconds() }, '?prompt=login');
    expect(outcome(await client.post('/account/passkeys/options'))).toEqual(STEP_UP);
    expect(outcome(await client.get(other.path))).toEqual(STEP_UP);
  });
});

describe('sensitive routes of the organization itself', () => {
  const keys = (client: Client, organization = evil) =>
    client.post(`${organization.path}/api-keys`, { name: 'key', role: 'user' });

  it('accept a fresh sign-in at its provider, and name it as a method', async () => {
    const { sub } = await newVictim();
    const { client } = await evilSession(sub);
    const refused = await keys(client);
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'auth.step_up_required', methods: ['sso', 'password', 'magic_link'], connectionId: connection.id },
    });
    const again = await evilSession(sub, { auth_time: nowSeconds() }, '?prompt=login');
    expect((await keys(again.client)).status).toBe(201);
    const at = `${evil.path}/sso-connections/${connection.id}`;
    expect((await again.client.patch(at, { name: 'Renamed' })).status).toBe(200);
    await app.sql.query(`update sessions set sso_proved_at = now() - interval '11 minutes'`);
    expect(outcome(await keys(again.client))).toEqual(STEP_UP);
  });

  it('ask for the proof before other checks', async () => {
    const { sub } = await newVictim();
    const { client } = await evilSession(sub);
    expect(outcome(await client.delete(`${evil.path}?confirmName=wrong`))).toEqual(STEP_UP);
    expect(outcome(await client.delete(evil.path))).toEqual(STEP_UP);
    expect(outcome(await client.post(`${evil.path}/api-keys`, { nonsense: true }))).toEqual(STEP_UP);
    expect(outcome(await client.post(`${evil.path}/sso-connections`, {}))).toEqual(STEP_UP);
  });

  it('ask every caller, with the password where no factor is enrolled', async () => {
    const { person } = await newVictim();
    expect((await keys(person.client)).status).toBe(201);
    await app.sql.query(`update sessions set proved_at = now() - interval '11 minutes' where user_id = $1`, [
      person.id,
    ]);
    expect((await keys(person.client)).body).toMatchObject({
      code: 'auth.step_up_required',
      methods: ['password', 'magic_link'],
    });
    expect((await person.client.post('/account/step-up', { password: PASSWORD })).status).toBe(200);
    expect((await keys(person.client)).status).toBe(201);
  });

  it.each([
    ['an old authentication', { auth_time: nowSeconds() - 3_600 }],
    ['none that is told', {}],
    ['one at the beginning of time', { auth_time: 1 }],
  ])('refuse the provider’s answer to prompt=login with %s', async (_, claims) => {
    const { sub } = await newVictim();
    await expect(assertSub(sub, claims, '?prompt=login')).rejects.toThrow('403 sso.login_not_repeated');
  });

  it('treat a session without a new prompt as old as the provider says', async () => {
    const { sub } = await newVictim();
    expect(outcome(await keys((await evilSession(sub, { auth_time: nowSeconds() - 3_600 })).client))).toEqual(STEP_UP);
    expect((await keys((await evilSession(sub, { auth_time: nowSeconds() - 60 })).client)).status).toBe(201);
    const browser = new Browser(app);
    const { searchParams } = new URL(await browser.start(connection.id, '?prompt=login'));
    expect([searchParams.get('prompt'), searchParams.get('max_age')]).toEqual(['login', '0']);
  });
});

/** Routes outside of organizations that such a session can call. All others require a proof. */
const OPEN: Record<string, 'allowed' | 'ownOrganization'> = {
  'GET t/:operator/api/v1/account': 'allowed',
  'GET t/:operator/api/v1/account/organizations': 'ownOrganization',
  'POST t/:operator/api/v1/account/login-codes': 'allowed',
  'GET t/:operator/api/v1/admin/permissions': 'allowed',
  'POST t/:operator/api/v1/account/step-up': 'allowed',
  'POST t/:operator/api/v1/account/step-up/options': 'allowed',
};

describe('every route outside of organizations', () => {
  const rules = (): RouteRule[] =>
    app.app
      .get(RouteRules)
      .all()
      .filter(({ rule }) => rule && ['account', 'operator', 'platform'].includes(rule.level));
  const nameOf = (route: RouteRule) => `${route.method} ${route.path}`;

  it('is classified', () => {
    const declared = rules().filter(({ rule }) => rule?.withoutOwnProof);
    expect(Object.fromEntries(declared.map((one) => [nameOf(one), one.rule?.withoutOwnProof]))).toEqual(OPEN);
    const inside = app.app
      .get(RouteRules)
      .all()
      .filter(({ rule }) => rule?.withoutOwnProof && !['account', 'operator', 'platform'].includes(rule.level));
    expect(inside).toEqual([]);
  });

  it('reads a token without a guard in only two places: to accept an invitation, and to sign out of its own session', async () => {
    const files = (await readdir('src', { recursive: true })).filter((file) => file.endsWith('.ts'));
    const texts = await Promise.all(files.map((file) => readFile(path.join('src', file), 'utf8')));
    const reading = files.filter((_, at) => texts[at]?.includes('bearer.authenticate('));
    expect(reading.sort()).toEqual([
      'auth/identity/auth.controller.ts',
      'auth/identity/invitations/invitation-acceptance.service.ts',
    ]);
    const { person, sub } = await newVictim();
    const { client } = await evilSession(sub);
    expect((await client.post('/auth/logout', {})).status).toBe(204);
    expect((await client.get('/account')).status).toBe(401);
    expect((await person.client.get('/account')).status).toBe(200);
  });

  it('requires a proof, or declares in its rule that it does not', async () => {
    const { sub } = await newVictim();
    const { client } = await evilSession(sub);
    const found: string[] = [];
    for (const route of rules()) {
      const target = route.path
        .replace(':operatorId', '00000000-0000-7000-8000-000000000000')
        .replace(':operator', 'demo')
        .replace(':orgId', evil.id)
        .replace(/:\w+/g, '00000000-0000-7000-8000-000000000000');
      const method = route.method === 'ALL' ? 'GET' : route.method;
      const answer = await client.request(method, `${second.origin}/${target}`, method === 'GET' ? {} : { body: {} });
      if (OPEN[nameOf(route)]) expect(answer.body?.code).not.toBe('auth.step_up_required');
      // Other operators and the platform are hidden from all other callers.
      else if (![`403 auth.step_up_required`, '404 operators.not_found'].includes(outcome(answer).join(' ')))
        found.push(`${nameOf(route)}: ${outcome(answer).join(' ')}`);
    }
    expect(found).toEqual([]);
  }, 120_000);
});
