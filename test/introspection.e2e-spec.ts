import jwt from 'jsonwebtoken';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'otplib';
import { permissionsOf } from '../src/common/access/index.js';
import { type Answer, Client } from './support/client.js';
import {
  newPerson,
  PASSWORD,
  type Person,
  registerPerson,
  signIn,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

/** A service that tokens are issued for. */
interface Service {
  id: string;
  audience: string;
  secret: string;
}

let app: TestApp;
let replica: TestServer;
let staff: Person;
let organization: Organization;
let jobs: Service;
let other: Service;

const CLIENTS = '/admin/clients';
const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const claimsOf = (token: string) => jwt.decode(token) as Record<string, any>;
const basic = ({ id, secret }: Pick<Service, 'id' | 'secret'>): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const there = (): Client => new Client(`${replica.origin}/t/demo/api/v1`);

function ask(service: Pick<Service, 'id' | 'secret'>, token: string, client = app.client()): Promise<Answer> {
  return client.post('/auth/introspect', new URLSearchParams({ token }), { headers: basic(service) });
}

/** Introspects a token on both servers and returns the answer. */
async function said(service: Service, token: string): Promise<any> {
  const [here, elsewhere] = [await ask(service, token), await ask(service, token, there())];
  expect([here.status, elsewhere.status]).toEqual([200, 200]);
  expect({ ...elsewhere.body, auth_time: 0 }).toEqual({ ...here.body, auth_time: 0 });
  return here.body;
}

const NOTHING = { active: false };

async function newService(name: string, audience?: string): Promise<Service> {
  const { status, body } = await staff.client.post(CLIENTS, { name, audience });
  if (status !== 201) throw new Error(`registering ${name} gave ${status} ${body.code}`);
  return body;
}

interface Tokens {
  accessToken: string;
  refreshToken: string;
}

async function tokensFor(person: Person, audience: string | undefined, more: object = {}): Promise<Tokens> {
  const input = { email: person.email, password: PASSWORD, audience, ...more };
  const { status, body } = await app.client().post('/auth/login', input);
  if (status !== 200) throw new Error(`signing in gave ${status} ${body.code}`);
  return body;
}

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Asked');
  jobs = await newService('Jobs', 'https://jobs.acme.example');
  other = await newService('Files');
});
afterAll(() => app.close());

describe('clients', () => {
  it('can be registered, listed, renamed and removed by admins of the operator', async () => {
    const created = await staff.client.post(CLIENTS, { name: 'Käse & Co.' });
    expect(outcome(created)).toEqual([201, undefined]);
    const { secret, ...view } = created.body;
    expect(secret).toMatch(/^trc_[\w-]{43}$/);
    expect(view).toEqual({
      id: expect.any(String),
      name: 'Käse & Co.',
      audience: 'kase-co',
      secretCreatedAt: expect.any(String),
      previousSecretExpiresAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      version: 1,
      etag: '"1"',
    });
    const path = `${CLIENTS}/${view.id}`;
    expect((await staff.client.get(path)).body).toEqual(view);
    const listed = await staff.client.get(`${CLIENTS}?q=kase&count=true`);
    expect(listed.body).toMatchObject({ items: [view], total: 1 });
    const renamed = await staff.client.patch(path, { name: 'Cheese' }, { headers: { 'if-match': '"1"' } });
    expect(renamed.body).toMatchObject({ name: 'Cheese', audience: 'kase-co', version: 2 });
    expect(outcome(await staff.client.patch(path, { name: 'X' }, { headers: { 'if-match': '"1"' } }))).toEqual([
      412,
      'precondition_failed',
    ]);
    expect((await staff.client.delete(path)).status).toBe(204);
    expect(outcome(await staff.client.get(path))).toEqual([404, 'clients.not_found']);
    expect(JSON.stringify((await app.sql.query('select * from clients')).rows)).not.toContain('trc_');
  });

  it('have an audience each, which cannot be one of Trellis itself', async () => {
    const refused = async (input: object) => outcome(await staff.client.post(CLIENTS, { name: 'Twice', ...input }));
    expect(await refused({ audience: jobs.audience })).toEqual([409, 'clients.audience_taken']);
    expect(await refused({ audience: 'trellis' })).toEqual([409, 'clients.audience_taken']);
    for (const audience of ['A', 'x', 'Jobs', 'a b', 'a\u0000b', '', 7, ['jobs']])
      expect(await refused({ audience })).toEqual([400, 'validation_failed']);
    expect((await newService('Trellis')).audience).toBe('client-trellis');
    expect((await newService('Jobs')).audience).toBe('jobs');
    expect((await newService('Jobs')).audience).toMatch(/^jobs-[0-9a-f]{8}$/);
    expect(outcome(await staff.client.patch(`${CLIENTS}/${jobs.id}`, { audience: 'new' }))[0]).toBe(400);
  });

  it('keep the old secret valid for the chosen overlap, or not at all', async () => {
    const service = await newService('Rotated');
    const path = `${CLIENTS}/${service.id}/rotate-secret`;
    const counts = async (secret: string) => (await ask({ id: service.id, secret }, 'x')).status === 200;
    const second = await staff.client.post(path, { graceSeconds: 2 });
    expect(second.body.previousSecretExpiresAt).not.toBeNull();
    expect([await counts(service.secret), await counts(second.body.secret)]).toEqual([true, true]);
    await sleep(2_100);
    expect([await counts(service.secret), await counts(second.body.secret)]).toEqual([false, true]);
    const third = await staff.client.post(path);
    const hour = Date.parse(third.body.previousSecretExpiresAt) - Date.now();
    expect(Math.abs(hour - 3_600_000)).toBeLessThan(60_000);
    expect([await counts(second.body.secret), await counts(third.body.secret)]).toEqual([true, true]);
    const fourth = await staff.client.post(path, { graceSeconds: 0 });
    expect(fourth.body.previousSecretExpiresAt).toBeNull();
    expect([await counts(second.body.secret), await counts(third.body.secret)]).toEqual([false, false]);
    expect(await counts(fourth.body.secret)).toBe(true);
    expect(outcome(await staff.client.post(path, { graceSeconds: -1 }))[0]).toBe(400);
  });
});

describe('an audience', () => {
  let person: Person;

  beforeAll(async () => {
    person = await newMember(app, staff, organization, 'manager', 'audience');
  });

  it('is in the token, which other services reject', async () => {
    const { accessToken, ...rest } = await tokensFor(person, jobs.audience);
    expect([claimsOf(accessToken).aud, rest]).toMatchObject([jobs.audience, { audience: jobs.audience }]);
    for (const client of [app.client(), there()]) {
      const own = client.as(accessToken);
      expect(outcome(await own.get('/account'))).toEqual([401, 'auth.invalid_token']);
      expect(outcome(await own.get(organization.path))).toEqual([401, 'auth.invalid_token']);
      expect(outcome(await own.post('/auth/logout'))).toEqual([401, 'auth.invalid_token']);
    }
    const plain = await tokensFor(person, 'trellis');
    expect([claimsOf(plain.accessToken).aud, plain]).toEqual([
      'trellis',
      expect.not.objectContaining({ audience: '' }),
    ]);
    expect((await app.client().as(plain.accessToken).get('/account')).status).toBe(200);
  });

  it('that belongs to no client is refused and does not use up the credential shown', async () => {
    const input = { email: person.email, password: PASSWORD };
    expect(outcome(await app.client().post('/auth/login', { ...input, audience: 'nobody' }))).toEqual([
      422,
      'auth.audience_unknown',
    ]);
    expect(
      outcome(await app.client().post('/auth/login', { ...input, password: 'wrong', audience: 'nobody' })),
    ).toEqual([401, 'auth.invalid_credentials']);
    const { refreshToken } = await tokensFor(person, undefined);
    expect(outcome(await app.client().post('/auth/token', { refreshToken, audience: 'nobody' }))).toEqual([
      422,
      'auth.audience_unknown',
    ]);
    const { status, body } = await app.client().post('/auth/token', { refreshToken, audience: jobs.audience });
    expect([status, claimsOf(body.accessToken).aud]).toEqual([200, jobs.audience]);
  });

  it('is kept across refreshes and switches until another is requested', async () => {
    const second = await newOrganization(staff, 'Second');
    await staff.client.post(`${second.path}/members`, { userId: person.id, role: 'user' });
    let { refreshToken } = await tokensFor(person, jobs.audience, { organizationId: organization.id });
    const seen: unknown[] = [];
    for (const input of [
      {},
      { organizationId: second.id },
      { audience: other.audience },
      { scope: 'organizations' },
      { audience: null },
      {},
      { audience: jobs.audience, organizationId: null },
      { audience: 'trellis' },
    ]) {
      const { body } = await app.client().post('/auth/token', { refreshToken, ...input });
      const { aud, org_id: org } = claimsOf(body.accessToken);
      seen.push([aud, org]);
      refreshToken = body.refreshToken;
    }
    expect(seen).toEqual([
      [jobs.audience, organization.id],
      [jobs.audience, second.id],
      [other.audience, second.id],
      [other.audience, second.id],
      ['trellis', second.id],
      ['trellis', second.id],
      [jobs.audience, undefined],
      ['trellis', undefined],
    ]);
  });

  it('is kept across organization selection, a second factor and a magic link', async () => {
    const input = { email: person.email, password: PASSWORD, audience: jobs.audience };
    const choice = await app.client().post('/auth/login', input);
    expect(outcome(choice)).toEqual([403, 'auth.organization_selection_required']);
    const chosen = await app.client().post('/auth/select-organization', {
      selectionToken: choice.body.selectionToken,
      organizationId: organization.id,
    });
    expect(claimsOf(chosen.body.accessToken)).toMatchObject({ aud: jobs.audience, org_id: organization.id });

    await app
      .client()
      .post('/auth/magic-link', { email: person.email, organizationId: organization.id, audience: jobs.audience });
    const linked = await app
      .client()
      .post('/auth/magic-link/redeem', { token: await tokenMailedTo(app, person.email, 1, /sign/i) });
    expect(claimsOf(linked.body.accessToken)).toMatchObject({ aud: jobs.audience, org_id: organization.id });
    expect(outcome(await app.client().post('/auth/magic-link', { email: person.email, audience: 'nobody' }))).toEqual([
      422,
      'auth.audience_unknown',
    ]);

    const careful = await newMember(app, staff, organization, 'user', 'careful');
    const { body: totp } = await careful.client.post('/account/mfa/totp');
    const confirmed = await careful.client.post('/account/mfa/totp/confirm', {
      code: await generate({ secret: totp.secret, epoch: Math.floor(Date.now() / 1000) - 30 }),
    });
    expect(confirmed.status).toBe(200);
    const waiting = await app.client().post('/auth/login', { ...input, email: careful.email });
    expect(waiting.body).toMatchObject({ mfaRequired: true });
    const shown = await app.client().post('/auth/mfa', {
      mfaToken: waiting.body.mfaToken,
      recoveryCode: confirmed.body.recoveryCodes[0],
    });
    expect(claimsOf(shown.body.accessToken)).toMatchObject({ aud: jobs.audience, org_id: organization.id });
  });

  it('of a deleted client gets no more tokens until another is requested', async () => {
    const gone = await newService('Gone');
    const { accessToken, refreshToken } = await tokensFor(person, gone.audience, { organizationId: organization.id });
    expect((await said(gone, accessToken)).active).toBe(true);
    await staff.client.delete(`${CLIENTS}/${gone.id}`);
    expect(outcome(await ask(gone, accessToken))).toEqual([401, 'auth.invalid_client']);
    expect(outcome(await app.client().post('/auth/token', { refreshToken }))).toEqual([422, 'auth.audience_unknown']);
    expect((await app.client().post('/auth/token', { refreshToken, audience: 'trellis' })).status).toBe(200);
  });
});

describe('introspection', () => {
  let home: Organization;
  let member: Person;
  let tokens: Tokens;

  beforeAll(async () => {
    home = await newOrganization(staff, 'Introspected');
    await staff.client.patch(home.path, { externalId: 'EXT-9' });
    member = await newMember(app, staff, home, 'manager', 'introspected');
    tokens = await tokensFor(member, jobs.audience);
  });

  it('accepts only authenticated clients, with Basic or in the body', async () => {
    const { accessToken: token } = tokens;
    const path = '/auth/introspect';
    for (const headers of [
      {},
      { authorization: `Bearer ${member.accessToken}` },
      { authorization: 'Basic' },
      { authorization: 'Basic %%%' },
      { authorization: `Basic ${Buffer.from('no colon').toString('base64')}` },
      { authorization: `Basic ${Buffer.from('%zz:%zz').toString('base64')}` },
      { authorization: `Basic ${Buffer.from('\0:\0').toString('base64')}` },
      basic({ id: jobs.id, secret: other.secret }),
      basic({ id: jobs.audience, secret: jobs.secret }),
      basic({ id: other.id, secret: `${jobs.secret} ` }),
    ]) {
      const refused = await app.client().post(path, { token }, { headers });
      expect([headers, ...outcome(refused)]).toEqual([headers, 401, 'auth.invalid_client']);
      expect(refused.headers.get('www-authenticate')).toBe('Basic realm="trellis"');
      expect(refused.body.error).toBe('invalid_client');
    }
    const inBody = { token, client_id: jobs.id, client_secret: jobs.secret };
    const answers = [
      await app.client().post(path, { token, token_type_hint: 'anything' }, { headers: basic(jobs) }),
      await app.client().post(path, inBody),
      await app.client().post(path, new URLSearchParams(inBody)),
      // RFC 6749: unknown parameters are ignored.
      await app.client().post(path, new URLSearchParams({ ...inBody, resource: 'https://example.com' })),
      await ask({ id: encodeURIComponent(jobs.id), secret: jobs.secret }, token),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, body.active]).toEqual([200, true]);
      expect(headers.get('cache-control')).toBe('no-store');
    }
    expect(outcome(await app.client().post(path, inBody, { headers: basic(jobs) }))).toEqual([
      400,
      'validation_failed',
    ]);
    expect(outcome(await app.client().post(path, { ...inBody, client_id: other.id }))[0]).toBe(401);
  });

  it('refuses malformed requests and never fails', async () => {
    const bad = (body: unknown, type: string) =>
      app.client().post('/auth/introspect', body, { headers: { ...basic(jobs), 'content-type': type } });
    const form = 'application/x-www-form-urlencoded';
    for (const body of ['', 'token=', 'token=a&token=b', '__proto__=1&token=a', 'token=%00', 'token=a&constructor=b'])
      expect([body, (await bad(body, form)).status]).toEqual([body, 400]);
    for (const body of ['{}', '{"token":7}', '{"token":null}', '[]', 'null', '{"token":"a","token_type_hint":{}}', '{'])
      expect([body, (await bad(body, 'application/json')).status]).toEqual([body, 400]);
    expect((await bad('token=a', 'text/plain')).status).toBe(415);
    expect((await bad(`token=${'a'.repeat(600_000)}`, form)).status).toBe(413);
    for (const token of [
      'a',
      'a.b.c',
      'trl_',
      `trl_${'A'.repeat(43)}`,
      `trr_${'A'.repeat(43)}`,
      '🙈',
      `${tokens.accessToken}x`,
    ])
      expect([token, (await bad(JSON.stringify({ token }), 'application/json')).body]).toEqual([token, NOTHING]);
  });

  it('returns the current state of an access token', async () => {
    const { accessToken } = tokens;
    const claims = claimsOf(accessToken);
    const before = await said(jobs, accessToken);
    expect(before).toEqual({
      ...claims,
      active: true,
      token_use: 'access_token',
      token_type: 'Bearer',
      auth_time: expect.any(Number),
    });
    expect(Math.abs(before.auth_time - claims.auth_time)).toBeLessThan(3);
    await staff.client.patch(`${home.path}/members/${member.id}`, { role: 'user', roleIds: ['billing_admin'] });
    const lowered = await said(jobs, accessToken);
    expect(lowered).toMatchObject({ org_role: 'user', org_roles: ['billing_admin'], org_external_id: 'EXT-9' });
    expect(lowered.org_permissions).toContain('subscription:edit');
    expect(lowered.org_permissions).not.toContain('members:edit');
    await staff.client.patch(`${home.path}/members/${member.id}`, { role: 'manager', roleIds: [] });
    expect((await said(jobs, accessToken)).org_permissions).toEqual(
      [...permissionsOf('organization', 'manager')].sort(),
    );
    const { body } = await app
      .client()
      .post('/auth/token', { refreshToken: tokens.refreshToken, scope: 'organizations' });
    expect(await said(jobs, body.accessToken)).toMatchObject({
      organizations: [{ id: home.id, slug: 'introspected', role: 'manager', roles: [] }],
      organizations_truncated: false,
    });
    tokens = body;
  });

  it('reveals nothing about tokens for other services or of other issuers', async () => {
    const { accessToken, refreshToken } = tokens;
    expect(await said(other, accessToken)).toEqual(NOTHING);
    expect(await said(other, refreshToken)).toEqual(NOTHING);
    const plain = await tokensFor(member, undefined);
    expect(await said(jobs, plain.accessToken)).toEqual(NOTHING);
    expect(await said(jobs, plain.refreshToken)).toEqual(NOTHING);
    const [head, body, signature = ''] = accessToken.split('.');
    for (const token of [`${head}.${body}.`, `${head}.${body}.${'A'.repeat(signature.length)}`, `${head}.${body}`])
      expect(await said(jobs, token)).toEqual(NOTHING);
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    expect(await said(jobs, `${none}.${body}.`)).toEqual(NOTHING);
  });

  it('reveals nothing to clients of another operator', async () => {
    const root = new Client(`${app.origin}/api/v1`, staff.accessToken);
    await root.post('/operators', { slug: 'elsewhere', name: 'Elsewhere', adminEmail: 'boss@elsewhere.example' });
    await registerPerson(app, 'boss@elsewhere.example', 'elsewhere');
    const boss = await signIn(app, 'boss@elsewhere.example', PASSWORD, 'elsewhere');
    const { body: foreign } = await boss.client.post(CLIENTS, { name: 'Same', audience: jobs.audience });
    const theirs = app.client('elsewhere');
    const key = await staff.client.post(`${home.path}/api-keys`, { name: 'Key', role: 'user' });
    for (const token of [tokens.accessToken, tokens.refreshToken, key.body.key]) {
      expect((await ask(jobs, token)).body.active).toBe(true);
      expect((await ask(foreign, token, theirs)).body).toEqual(NOTHING);
      expect(outcome(await ask(foreign, token))).toEqual([401, 'auth.invalid_client']);
      expect(outcome(await ask(jobs, token, theirs))).toEqual([401, 'auth.invalid_client']);
      expect(outcome(await ask(jobs, token, app.client('nowhere')))).toEqual([404, 'operators.not_found']);
    }
    expect(outcome(await boss.client.get(`${CLIENTS}/${jobs.id}`))).toEqual([404, 'clients.not_found']);
    expect(outcome(await boss.client.delete(`${CLIENTS}/${jobs.id}`))).toEqual([404, 'clients.not_found']);
  });

  it('recognizes a refresh token until it is used', async () => {
    const { refreshToken } = tokens;
    expect(await said(jobs, refreshToken)).toMatchObject({
      active: true,
      token_use: 'refresh_token',
      sub: member.id,
      aud: jobs.audience,
      iss: BASE_URL,
      org_id: home.id,
      org_role: 'manager',
    });
    expect(await said(jobs, refreshToken)).not.toHaveProperty('token_type');
    const { body } = await app.client().post('/auth/token', { refreshToken });
    expect(await said(jobs, refreshToken)).toEqual(NOTHING);
    tokens = body;
    expect((await said(jobs, tokens.refreshToken)).active).toBe(true);
  });

  it('returns the permissions of an API key at each service', async () => {
    const make = async (input: object) =>
      (await staff.client.post(`${home.path}/api-keys`, { name: 'Workload', role: 'manager', ...input })).body;
    const key = await make({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    const about = await said(other, key.key);
    expect(about).toMatchObject({
      active: true,
      token_use: 'api_key',
      token_type: 'Bearer',
      sub: key.id,
      aud: other.audience,
      org_id: home.id,
      org_role: 'manager',
      unit_ids: null,
    });
    expect(Math.abs(about.exp - Date.now() / 1000 - 60)).toBeLessThan(5);
    expect(about.org_permissions).toContain('units:listAll');
    const limited = await make({ unitIds: [home.defaultUnitId] });
    expect(await said(jobs, limited.key)).toMatchObject({
      org_role: 'user',
      unit_role: 'manager',
      unit_ids: [home.defaultUnitId],
    });
    await staff.client.delete(`${home.path}/api-keys/${key.id}`);
    expect(await said(jobs, key.key)).toEqual(NOTHING);
    expect((await said(jobs, limited.key)).active).toBe(true);
  });

  it("answers inactive as soon as the token's session or membership ends, and active once it is restored", async () => {
    const { key } = (await staff.client.post(`${home.path}/api-keys`, { name: 'Ends', role: 'user' })).body;
    const all = async () => {
      const active = [];
      for (const token of [tokens.accessToken, tokens.refreshToken, key]) active.push((await said(jobs, token)).active);
      return active;
    };
    const on = [true, true, true];
    const off = [false, false, false];
    expect(await all()).toEqual(on);
    await staff.client.post(`${home.path}/suspend`);
    expect(await all()).toEqual(off);
    await staff.client.post(`${home.path}/resume`);
    expect(await all()).toEqual(on);
    await staff.client.delete(`${home.path}?confirmName=Introspected`);
    expect(await all()).toEqual(off);
    await staff.client.post(`${home.path}/restore`);
    expect(await all()).toEqual(on);
    await app.sql.query('update users set blocked_at = now() where id = $1', [member.id]);
    expect(await all()).toEqual([false, false, true]);
    await app.sql.query('update users set blocked_at = null where id = $1', [member.id]);
    expect(await all()).toEqual(on);
    await staff.client.patch(`${home.path}/auth-settings`, { mfaPolicy: 'required' });
    expect(await all()).toEqual([false, false, true]);
    await staff.client.delete(`${home.path}/auth-settings?fields=mfaPolicy`);
    expect(await all()).toEqual(on);
    await staff.client.delete(`${home.path}/members/${member.id}`);
    expect(await all()).toEqual([false, false, true]);
    await staff.client.post(`${home.path}/members`, { userId: member.id, role: 'user' });
    expect(await all()).toEqual(on);
    await app.client().post('/auth/logout', { refreshToken: tokens.refreshToken });
    expect(await all()).toEqual([false, false, true]);
  });

  it('returns the operator role of staff', async () => {
    const person = await newPerson(app, 'operator-staff');
    await staff.client.post('/admin/operator/members', { userId: person.id, role: 'manager' });
    const { accessToken } = await tokensFor(person, jobs.audience);
    const about = await said(jobs, accessToken);
    expect(about).toMatchObject({ active: true, op_role: 'manager', op_slug: 'demo' });
    expect(about).not.toHaveProperty('org_id');
    await staff.client.delete(`/admin/operator/members/${person.id}`);
    const lowered = await said(jobs, accessToken);
    expect([lowered.active, lowered.op_role]).toEqual([true, undefined]);
  });
});

it('requests are rate-limited per client, or per address without a valid client', async () => {
  const tight = await app.replica({ RATE_LIMIT: '20' });
  const client = new Client(`${tight.origin}/t/demo/api/v1`);
  const statuses = async (service: Pick<Service, 'id' | 'secret'>) => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(service, 'x', client)));
    return [...new Set(answers.map(({ status }) => status))].sort((a, b) => a - b);
  };
  expect(await statuses({ id: jobs.id, secret: 'wrong' })).toEqual([401, 429]);
  expect((await ask(jobs, 'x', client)).status).toBe(200);
  expect(await statuses(other)).toEqual([200, 429]);
});
