import { createHmac, createPublicKey, createSign, type KeyObject, verify as verifySignature } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import jwt from 'jsonwebtoken';
import { SigningKeyService } from '../src/auth/access/index.js';
import type { LoadedKey } from '../src/auth/access/tokens/signing-key.service.js';
import { permissionsOf } from '../src/common/access/index.js';
import { Database } from '../src/database/index.js';
import { type Answer, Client } from './support/client.js';
import { itFull } from './support/full.js';
import { newPerson, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let person: Person;
let organization: Organization;

type Claims = Record<string, unknown>;

const there = (): Client => new Client(`${replica.origin}/t/demo/api/v1`);
const claimsOf = (token: string): Claims => jwt.decode(token) as Claims;
const headerOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Claims;
const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

/** Returns both servers' responses for the account of a token's user. */
async function received(token: string): Promise<[number, string | undefined]> {
  const [here, other] = await Promise.all([app.client(), there()].map((client) => client.as(token).get('/account')));
  expect(outcome(other as Answer)).toEqual(outcome(here as Answer));
  return outcome(here as Answer);
}

/** Builds a JWT by hand, because libraries refuse to build invalid ones. */
function made(header: Claims, claims: Claims, sign: (input: string) => string): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${sign(input)}`;
}

const rs256 =
  (key: KeyObject) =>
  (input: string): string =>
    createSign('RSA-SHA256').update(input).sign(key).toString('base64url');

const currentKey = (): LoadedKey => app.app.get(SigningKeyService).current();

/** Changes the user's own token and signs it with the real key. */
async function changed(claims: Claims, header: Claims = {}): Promise<string> {
  const { privateKey } = currentKey();
  const valid = { ...claimsOf(person.accessToken), ...claims };
  return made(
    { ...headerOf(person.accessToken), ...header },
    JSON.parse(JSON.stringify(valid)) as Claims,
    rs256(privateKey),
  );
}

/** Runs the example of the guide as a process of its own, which fetches the keys from the other server. */
function startExample(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['docs/examples/verify-access-token.mjs'], {
    env: { ISSUER: BASE_URL, JWKS_URL: `${replica.origin}/.well-known/jwks.json`, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    answer: async (token: string): Promise<Claims> => {
      child.stdin.write(`${token}\n`);
      return JSON.parse(String((await lines.next()).value)) as Claims;
    },
    close: async (): Promise<void> => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Tokens & Co.');
  await staff.client.patch(organization.path, { externalId: 'EXT-7' });
  const member = await newMember(app, staff, organization, 'manager', 'bearer');
  await member.client.post(`${organization.path}/units`, { name: 'Own unit' });
  person = await signIn(app, member.email);
});
afterAll(() => app.close());

describe('the issuer metadata', () => {
  const read = async (path: string) => {
    const response = await fetch(`${app.origin}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('leads from the issuer to the keys', async () => {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const { status, body } = await read(`/.well-known/${name}`);
      expect([status, body.issuer, body.jwks_uri]).toEqual([200, BASE_URL, `${BASE_URL}/.well-known/jwks.json`]);
      expect(body).not.toHaveProperty('token_endpoint');
    }
  });

  it('names the endpoints of an operator at every well-known location', async () => {
    const auth = `${BASE_URL}/t/demo/api/v1/auth`;
    const endpoints = {
      issuer: BASE_URL,
      token_endpoint: `${auth}/token`,
      introspection_endpoint: `${auth}/introspect`,
    };
    for (const path of [
      '/t/demo/.well-known/oauth-authorization-server',
      '/t/demo/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/t/demo',
    ])
      expect((await read(path)).body).toMatchObject(endpoints);
    expect((await read('/t/nobody-here/.well-known/openid-configuration')).body.code).toBe('operators.not_found');
  });
});

describe('an access token', () => {
  it('contains what an external service needs, and no more', async () => {
    const { body } = await person.client.get(`${organization.path}/units`);
    const unit = body.items.find(({ name }: { name: string }) => name === 'Own unit');
    const operator = await staff.client.get('/admin/operator');
    const now = Date.now() / 1000;
    const claims = claimsOf(person.accessToken) as { iat: number; exp: number };
    expect(headerOf(person.accessToken)).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: currentKey().kid });
    expect(claims).toEqual({
      iss: BASE_URL,
      aud: 'trellis',
      client_id: 'trellis',
      sub: person.id,
      amr: ['pwd'],
      auth_time: expect.any(Number),
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      op_id: operator.body.id,
      op_slug: 'demo',
      org_id: organization.id,
      org_slug: 'tokens-co',
      org_external_id: 'EXT-7',
      org_role: 'manager',
      org_roles: [],
      org_permissions: [...permissionsOf('organization', 'manager')].sort(),
      unit_ids: [unit.id],
    });
    expect(claims.exp - claims.iat).toBe(600);
    expect(Math.abs(now - claims.iat)).toBeLessThan(60);
    const second = await app.client().post('/auth/token', { refreshToken: person.refreshToken });
    expect(claimsOf(second.body.accessToken).jti).not.toBe((claims as Claims).jti);
    person = {
      ...person,
      accessToken: second.body.accessToken,
      refreshToken: second.body.refreshToken,
      client: app.client().as(second.body.accessToken),
    };
  });

  it('can be verified with only the published keys', async () => {
    const response = await fetch(`${replica.origin}/.well-known/jwks.json`);
    expect(response.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
    const { keys } = (await response.json()) as { keys: (JsonWebKey & { kid: string })[] };
    const { kid } = headerOf(person.accessToken);
    const jwk = keys.find((key) => key.kid === kid);
    expect(Object.keys(jwk ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const key = createPublicKey({ key: jwk as never, format: 'jwk' });
    const [head, claims, signature = ''] = person.accessToken.split('.');
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verifySignature('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(
      jwt.verify(person.accessToken, key, { algorithms: ['RS256'], issuer: BASE_URL, audience: 'trellis' }),
    ).toMatchObject({ sub: person.id });
  });

  it('is accepted by every server, in any case of the scheme', async () => {
    expect(await received(person.accessToken)).toEqual([200, undefined]);
    for (const scheme of ['bearer', 'BEARER']) {
      expect(
        (await app.client().get('/account', { headers: { authorization: `${scheme} ${person.accessToken}` } })).status,
      ).toBe(200);
    }
    for (const authorization of [
      person.accessToken,
      `Basic ${person.accessToken}`,
      `Bearer ${person.accessToken} x`,
      'Bearer',
      'Bearer ',
      `Bearer ${person.accessToken}, Bearer ${staff.accessToken}`,
    ]) {
      const answer = await app.client().get('/account', { headers: { authorization } });
      expect([authorization.slice(0, 10), answer.status]).toEqual([authorization.slice(0, 10), 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    for (const path of [`/account?access_token=${person.accessToken}`, `/account?token=${person.accessToken}`]) {
      expect((await app.client().get(path)).status).toBe(401);
    }
  });

  it('signed with our key is refused if any claim is missing or wrong', async () => {
    expect(await received(await changed({}))).toEqual([200, undefined]);
    const now = Math.floor(Date.now() / 1000);
    const wrong: Record<string, [Claims, Claims?]> = {
      'another issuer': [{ iss: 'https://evil.example' }],
      'no issuer': [{ iss: undefined }],
      'another audience': [{ aud: 'another-service' }],
      'no audience': [{ aud: undefined }],
      'no subject': [{ sub: undefined }],
      'a subject that is no id': [{ sub: 'admin' }],
      'a subject that is not the one of its session': [{ sub: staff.id }],
      'no session': [{ sid: undefined }],
      'a session that is none': [{ sid: 'session' }],
      'an unknown session': [{ sid: '01890000-0000-7000-8000-000000000000' }],
      "another person's session": [{ sid: claimsOf(staff.accessToken).sid }],
      'no end': [{ exp: undefined }],
      'an end in words': [{ exp: 'tomorrow' }],
      'an end in the past': [{ exp: now - 1 }],
      'a begin in the future': [{ nbf: now + 100 }],
      'no id of its own': [{ jti: undefined }],
      'no operator': [{ op_id: undefined }],
      'another type': [{}, { typ: 'JWT' }],
      'no type': [{}, { typ: undefined }],
      'the type of a refresh token': [{}, { typ: 'rt+jwt' }],
      'an unknown critical header': [{}, { crit: ['exp'], exp: 1 }],
      'an empty critical header': [{}, { crit: [] }],
      'an unknown key id': [{}, { kid: 'unknown' }],
      'no key id': [{}, { kid: undefined }],
      'a key id that is a list': [{}, { kid: [headerOf(person.accessToken).kid] }],
      'another algorithm of the same family in its header': [{}, { alg: 'RS512' }],
    };
    for (const [what, [claims, header]] of Object.entries(wrong)) {
      expect([what, ...(await received(await changed(claims, header)))]).toEqual([what, 401, 'auth.invalid_token']);
    }
  });

  it('signed with another key is refused', async () => {
    const { publicKey } = currentKey();
    const header = headerOf(person.accessToken);
    const claims = claimsOf(person.accessToken);
    const hmac = (secret: string | Buffer) => (input: string) =>
      createHmac('sha256', secret).update(input).digest('base64url');
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const [head, body = '', signature = ''] = person.accessToken.split('.');
    const forgedBody = Buffer.from(JSON.stringify({ ...claims, sub: staff.id, org_role: 'admin' })).toString(
      'base64url',
    );
    const forged: Record<string, string> = {
      'alg none': made({ ...header, alg: 'none' }, claims, () => ''),
      'alg None with the old signature': made({ ...header, alg: 'None' }, claims, () => signature),
      'HS256 with the public key as PEM': made({ ...header, alg: 'HS256' }, claims, hmac(pem)),
      'HS256 with the public key as DER': made(
        { ...header, alg: 'HS256' },
        claims,
        hmac(publicKey.export({ type: 'spki', format: 'der' })),
      ),
      'HS256 with the modulus': made(
        { ...header, alg: 'HS256' },
        claims,
        hmac(String(publicKey.export({ format: 'jwk' }).n)),
      ),
      'an HMAC under RS256': made(header, claims, hmac(pem)),
      'no signature': `${head}.${body}.`,
      'two parts': `${head}.${body}`,
      'a changed payload': `${head}.${forgedBody}.${signature}`,
      'a changed signature': `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      'a key in its header': made(
        { ...header, kid: undefined, jwk: publicKey.export({ format: 'jwk' }) },
        claims,
        () => signature,
      ),
      'a fourth part': `${person.accessToken}.x`,
      'no JSON': 'bm90.anNvbg.eA',
      'a payload that is a list': made(header, [] as unknown as Claims, () => signature),
    };
    for (const [what, token] of Object.entries(forged)) {
      expect([what, ...(await received(token))]).toEqual([what, 401, 'auth.invalid_token']);
    }
  });

  it("does not outlive its ten minutes in a server's cache", async () => {
    const token = await changed({ exp: Math.floor(Date.now() / 1000) + 2 });
    expect(await received(token)).toEqual([200, undefined]);
    await sleep(2_100);
    expect(await received(token)).toEqual([401, 'auth.invalid_token']);
  });

  it('is not called invalid when the server is at fault', async () => {
    await sleep(1_100);
    await app.sql.query('alter table signing_keys rename to signing_keys_away');
    try {
      const answer = await app
        .client()
        .as(await changed({}, { kid: 'made-elsewhere-just-now' }))
        .get('/account');
      expect(answer.status).toBeGreaterThanOrEqual(500);
    } finally {
      await app.sql.query('alter table signing_keys_away rename to signing_keys');
    }
  });

  it('of another operator gets the same answer here for every resource, existing or not', async () => {
    const operators = new Client(`${app.origin}/api/v1`, staff.accessToken);
    expect(
      (
        await operators.post('/operators', {
          slug: 'elsewhere',
          name: 'Elsewhere',
          adminEmail: 'boss@elsewhere.example',
        })
      ).status,
    ).toBe(201);
    await registerPerson(app, 'boss@elsewhere.example', 'elsewhere');
    const foreign = await signIn(app, 'boss@elsewhere.example', PASSWORD, 'elsewhere');
    const paths = [
      '/account',
      organization.path,
      `${organization.path}/members`,
      '/admin/organizations',
      '/admin/users',
      '/admin/operator',
      '/account/sessions',
    ];
    for (const path of paths) {
      const [here, nowhere] = await Promise.all(
        [app.client(), app.client('nowhere')].map((client) => client.as(foreign.accessToken).get(path)),
      );
      expect([path, here?.status]).toEqual([path, 404]);
      expect({ ...here?.body, requestId: '' }).toEqual({ ...nowhere?.body, requestId: '' });
    }
    // Its own operator, with an organization of another: the same as for one that does not exist.
    const own = app.client('elsewhere').as(foreign.accessToken);
    const [other, missing] = [
      await own.get(organization.path),
      await own.get('/admin/organizations/01890000-0000-7000-8000-000000000000'),
    ];
    expect(outcome(other)).toEqual([404, 'organizations.not_found']);
    expect({ ...other.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
  });
});

describe('the example for services', () => {
  it('prints the claims of a token and refuses tokens for other services', async () => {
    const example = startExample();
    try {
      const now = Math.floor(Date.now() / 1000);
      expect(await example.answer(person.accessToken)).toEqual({ claims: claimsOf(person.accessToken) });
      expect(await example.answer(await changed({ exp: now - 2 }))).toHaveProperty('claims');
      const claim = (name: string) => ({ refused: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: name });
      const wrong: [Claims, Claims, Claims][] = [
        [{ aud: 'another-service' }, {}, claim('aud')],
        [{ iss: 'https://evil.example' }, {}, claim('iss')],
        [{ sub: undefined }, {}, claim('sub')],
        [{ exp: undefined }, {}, claim('exp')],
        [{ exp: now - 60 }, {}, { refused: 'ERR_JWT_EXPIRED', claim: 'exp' }],
        [{}, { typ: 'JWT' }, claim('typ')],
        [{}, { alg: 'RS512' }, { refused: 'ERR_JOSE_ALG_NOT_ALLOWED' }],
        [{}, { kid: 'unknown' }, { refused: 'ERR_JWKS_NO_MATCHING_KEY' }],
      ];
      for (const [claims, header, answer] of wrong)
        expect([claims, header, await example.answer(await changed(claims, header))]).toEqual([claims, header, answer]);
      expect(await example.answer(`${person.accessToken.slice(0, -8)}AAAAAAAA`)).toEqual({
        refused: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
      });
      expect(await example.answer('')).toEqual({ refused: 'ERR_JWS_INVALID' });
    } finally {
      await example.close();
    }
  });

  itFull('accepts only tokens for its own audience and operator', async () => {
    const audience = 'https://jobs.acme.example';
    await staff.client.post('/admin/clients', { name: 'Jobs', audience });
    const issued = async (named?: string): Promise<string> =>
      (await app.client().post('/auth/login', { email: person.email, password: PASSWORD, audience: named })).body
        .accessToken;
    const forJobs = await issued(audience);
    const example = startExample({ AUDIENCE: audience, OPERATOR: 'demo' });
    const elsewhere = startExample({ AUDIENCE: audience, OPERATOR: 'another' });
    try {
      expect(await example.answer(forJobs)).toEqual({ claims: claimsOf(forJobs) });
      const refused = (claim: string) => ({ refused: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim });
      expect(await example.answer(await issued())).toEqual(refused('aud'));
      expect(await elsewhere.answer(forJobs)).toEqual(refused('op_slug'));
    } finally {
      await example.close();
      await elsewhere.close();
    }
    expect(await received(forJobs)).toEqual([401, 'auth.invalid_token']);
  });

  it('reports that it cannot decide when the keys cannot be fetched', async () => {
    const example = startExample({ JWKS_URL: 'http://127.0.0.1:1/jwks.json' });
    try {
      expect(await example.answer(person.accessToken)).toEqual({ unavailable: expect.any(String) });
    } finally {
      await example.close();
    }
  });
});

describe('a new signing key', () => {
  const published = async (origin: string): Promise<(string | undefined)[]> => {
    const { keys } = (await (await fetch(`${origin}/.well-known/jwks.json`)).json()) as { keys: { kid?: string }[] };
    return keys.map(({ kid }) => kid);
  };
  /** A token with an unknown key makes servers reload the keys, at most once a second. */
  const haveLook = async (): Promise<void> => {
    await sleep(1_050);
    await received(await changed({}, { kid: 'unknown' }));
  };
  const rotate = (seconds: number): Promise<string> =>
    app.app.get(Database).transaction((tx) => app.app.get(SigningKeyService).rotate(tx, seconds));
  const refreshed = async (): Promise<string> => {
    const { body } = await there().post('/auth/token', { refreshToken: person.refreshToken });
    person = {
      ...person,
      accessToken: body.accessToken,
      refreshToken: body.refreshToken,
      client: app.client().as(body.accessToken),
    };
    return String(headerOf(body.accessToken).kid);
  };

  it('is published before it signs, tokens of the previous key stay valid, and both servers know both keys', async () => {
    const { kid: old } = currentKey();
    const before = person.accessToken;
    const next = await rotate(8);
    const signs = Date.now() + 8_000;
    await haveLook();
    for (const { origin } of [app, replica]) expect(await published(origin)).toEqual([next, old]);
    // A service that read the keys before the new one signs already has it by then.
    const example = startExample();
    try {
      expect(await refreshed()).toBe(old);
      expect(await example.answer(person.accessToken)).toHaveProperty('claims.sub', person.id);
      await sleep(signs - Date.now() + 100);
      expect(await refreshed()).toBe(next);
      expect(await example.answer(person.accessToken)).toHaveProperty('claims.sub', person.id);
      expect(await example.answer(before)).toHaveProperty('claims.sub', person.id);
    } finally {
      await example.close();
    }
    expect(await received(person.accessToken)).toEqual([200, undefined]);
    expect(await received(before)).toEqual([200, undefined]);
    const { rows } = await app.sql.query<{ seconds: number }>(
      'select extract(epoch from expires_at - now())::int as seconds from signing_keys where kid = $1',
      [old],
    );
    // At least the hour of the longest token, which may be the last one signed with it.
    expect(rows[0]?.seconds).toBeGreaterThan(3_600);
  });

  itFull('created while another one waits signs in its place permanently', async () => {
    const waiting = await rotate(4);
    const next = await rotate(0);
    await haveLook();
    expect(await refreshed()).toBe(next);
    await sleep(3_500);
    // The key already has an end: tokens signed just before it could not be verified after it.
    expect(await refreshed()).toBe(next);
    for (const { origin } of [app, replica]) expect(await published(origin)).toContain(waiting);
  });

  it('ends the previous key when its last token has expired', async () => {
    const { rows } = await app.sql.query<{ kid: string }>(
      'update signing_keys set expires_at = now() where expires_at is not null returning kid',
    );
    await haveLook();
    for (const { origin } of [app, replica]) expect(await published(origin)).not.toContain(rows[0]?.kid);
    expect(await received(person.accessToken)).toEqual([200, undefined]);
  });

  it('never reveals its private part', async () => {
    const { rows } = await app.sql.query<{ private_key: string; public_jwk: object }>(
      'select private_key, public_jwk from signing_keys',
    );
    for (const row of rows) {
      expect(row.private_key).toMatch(/^v2\./);
      expect(Object.keys(row.public_jwk).sort()).toEqual(['e', 'kty', 'n']);
    }
  });

  itFull('is created once when many servers start at once', async () => {
    const fresh = await startTestApp();
    try {
      await Promise.all([fresh.replica(), fresh.replica()]);
      expect((await fresh.sql.query('select 1 from signing_keys')).rows).toHaveLength(1);
    } finally {
      await fresh.close();
    }
  });
});

describe('a change takes effect with the next request on both servers', () => {
  let home: Organization;
  let member: Person;

  const onBoth = async (path: string, method = 'GET'): Promise<[number, string | undefined][]> =>
    (
      await Promise.all([app.client(), there()].map((client) => client.as(member.accessToken).request(method, path)))
    ).map(outcome);
  const twice = (status: number, code?: string) => [
    [status, code],
    [status, code],
  ];

  beforeAll(async () => {
    home = await newOrganization(staff, 'Next request');
    const joined = await newMember(app, staff, home, 'manager', 'next-request');
    member = await signIn(app, joined.email);
  });

  it('when a role is lowered or raised', async () => {
    expect(await onBoth(`${home.path}/impact`)).toEqual(twice(200));
    await staff.client.patch(`${home.path}/members/${member.id}`, { role: 'user' });
    expect(await onBoth(`${home.path}/impact`)).toEqual(twice(403, 'auth.forbidden'));
    await staff.client.patch(`${home.path}/members/${member.id}`, { role: 'admin' });
    expect(await onBoth(`${home.path}/events`)).toEqual(twice(200));
  });

  it('when a member is removed or added again', async () => {
    await staff.client.delete(`${home.path}/members/${member.id}?newAdminUserId=${staff.id}`);
    expect(await onBoth(home.path)).toEqual(twice(404, 'organizations.not_found'));
    await staff.client.post(`${home.path}/members`, { userId: member.id, role: 'user' });
    expect(await onBoth(home.path)).toEqual(twice(200));
  });

  it('when an organization is suspended or resumed', async () => {
    await staff.client.post(`${home.path}/suspend`);
    expect(await onBoth(home.path)).toEqual(twice(403, 'organizations.suspended'));
    await staff.client.post(`${home.path}/resume`);
    expect(await onBoth(home.path)).toEqual(twice(200));
  });

  it('when an organization is deleted or restored', async () => {
    await staff.client.delete(`${home.path}?confirmName=Next%20request`);
    expect(await onBoth(home.path)).toEqual(twice(404, 'organizations.not_found'));
    await staff.client.post(`${home.path}/restore`);
    expect(await onBoth(home.path)).toEqual(twice(200));
  });

  it('when a role at the operator changes', async () => {
    expect(await onBoth('/admin/organizations')).toEqual(twice(403, 'auth.forbidden'));
    await staff.client.post('/admin/operator/members', { userId: member.id, role: 'manager' });
    expect(await onBoth('/admin/organizations')).toEqual(twice(200));
    await staff.client.delete(`/admin/operator/members/${member.id}`);
    expect(await onBoth('/admin/organizations')).toEqual(twice(403, 'auth.forbidden'));
  });

  it('when a user is blocked or unblocked', async () => {
    await app.sql.query('update users set blocked_at = now() where id = $1', [member.id]);
    expect(await onBoth(home.path)).toEqual(twice(401, 'auth.invalid_token'));
    await app.sql.query('update users set blocked_at = null where id = $1', [member.id]);
    expect(await onBoth(home.path)).toEqual(twice(200));
  });

  it('when a session ends', async () => {
    await app.client().post('/auth/logout', { refreshToken: member.refreshToken });
    expect(await onBoth(home.path)).toEqual(twice(401, 'auth.invalid_token'));
    expect(await onBoth('/account')).toEqual(twice(401, 'auth.invalid_token'));
  });

  it('without affecting other users', async () => {
    const other = await newPerson(app, 'unconcerned');
    expect((await other.client.get('/account')).status).toBe(200);
  });
});
