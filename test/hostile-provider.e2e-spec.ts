import { generate } from 'otplib';
import { Browser } from './support/browser.js';
import type { Answer } from './support/client.js';
import {
  anotherKey,
  type Fault,
  halfHash,
  type HostileProvider,
  keyedWith,
  signedBy,
  startHostileProvider,
} from './support/hostile-provider.js';
import { type Person, signInAdmin, stepUpByMail } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let organization: Organization;
let idp: HostileProvider;
let path: string;
let connectionId: string;

type Json = Record<string, unknown>;

const SECRET = 'the secret of the client';
const PERSON = { sub: 'ada', email: 'ada@hostile.example', email_verified: true, name: 'Ada' };

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Hostile');
  idp = await startHostileProvider('trellis', PERSON);
  await app.sql.query(
    `insert into verified_domains select operator_id, 'hostile.example', id from organizations where id = $1`,
    [organization.id],
  );
  const { body } = await staff.client.post(`${organization.path}/sso-connections`, {
    type: 'oidc',
    name: 'Hostile',
    issuer: idp.issuer,
    clientId: 'trellis',
    clientSecret: SECRET,
  });
  connectionId = body.id;
  path = `${organization.path}/sso-connections/${connectionId}`;
});
afterAll(async () => {
  await app.close();
  await idp.close();
});
afterEach(() => {
  idp.fault = {};
});

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

/** Changes the connection, which makes the server forget its cached provider metadata. */
const forget = () => staff.client.patch(path, { name: `Hostile ${Math.random()}` });

async function signInWith(fault: Fault): Promise<Answer> {
  idp.fault = fault;
  const browser = new Browser(app);
  return browser.get(idp.answer(await browser.start(connectionId)));
}

const without = (name: string) => (good: Record<string, unknown>) => {
  const { [name]: _gone, ...rest } = good;
  return rest;
};
const past = Math.floor(Date.now() / 1000) - 3600;

/** The fault, and the code it must get. */
const FAULTS: [string, Fault, number, string][] = [
  ['another issuer', { claims: (good) => ({ ...good, iss: 'https://evil.example' }) }, 401, 'sso.issuer_mismatch'],
  ['no issuer', { claims: without('iss') }, 401, 'sso.claim_missing'],
  ['no subject', { claims: without('sub') }, 401, 'sso.claim_missing'],
  ['an empty subject', { claims: (good) => ({ ...good, sub: '' }) }, 401, 'sso.claim_missing'],
  ['a subject that is no text', { claims: (good) => ({ ...good, sub: 7 }) }, 401, 'sso.response_invalid'],
  ['a subject without end', { claims: (good) => ({ ...good, sub: 's'.repeat(10_000) }) }, 401, 'sso.claim_missing'],
  ['a subject the database cannot keep', { claims: (good) => ({ ...good, sub: 'a\0b' }) }, 401, 'sso.claim_missing'],
  ['another audience', { claims: (good) => ({ ...good, aud: 'somebody-else' }) }, 401, 'sso.audience_mismatch'],
  ['no audience', { claims: without('aud') }, 401, 'sso.claim_missing'],
  [
    'more audiences without azp',
    { claims: (good) => ({ ...good, aud: ['trellis', 'x'] }) },
    401,
    'sso.audience_mismatch',
  ],
  ['another azp', { claims: (good) => ({ ...good, aud: ['trellis', 'x'], azp: 'x' }) }, 401, 'sso.audience_mismatch'],
  ['no time of issue', { claims: without('iat') }, 401, 'sso.claim_missing'],
  ['no end', { claims: without('exp') }, 401, 'sso.claim_missing'],
  ['an end in the past', { claims: (good) => ({ ...good, iat: past, exp: past + 60 }) }, 401, 'sso.token_expired'],
  ['a beginning to come', { claims: (good) => ({ ...good, nbf: Number(good.exp) }) }, 401, 'sso.token_expired'],
  ['another nonce', { claims: (good) => ({ ...good, nonce: 'another' }) }, 401, 'sso.nonce_mismatch'],
  ['no nonce', { claims: without('nonce') }, 401, 'sso.nonce_mismatch'],
  [
    'another access token in at_hash',
    { claims: (good) => ({ ...good, at_hash: halfHash('x') }) },
    401,
    'sso.hash_mismatch',
  ],
  ['another code in c_hash', { claims: (good) => ({ ...good, c_hash: halfHash('x') }) }, 401, 'sso.hash_mismatch'],
  ['an at_hash that is no text', { claims: (good) => ({ ...good, at_hash: 1 }) }, 401, 'sso.hash_mismatch'],
  ['no signature', { header: (good) => ({ ...good, alg: 'none' }), sign: () => '' }, 401, 'sso.algorithm_not_allowed'],
  [
    'a signature with the client secret',
    { header: (good) => ({ ...good, alg: 'HS256' }), sign: keyedWith(SECRET) },
    401,
    'sso.algorithm_not_allowed',
  ],
  ['a signature by another key', { sign: signedBy(anotherKey) }, 401, 'sso.signature_invalid'],
  ['a signature cut off', { sign: () => '' }, 401, 'sso.signature_invalid'],
  ['a key nobody knows', { header: (good) => ({ ...good, kid: 'unknown' }) }, 401, 'sso.key_not_found'],
  ['no keys', { keys: () => ({ keys: [] }) }, 401, 'sso.key_not_found'],
  ['keys that are none', { keys: () => 'keys' }, 401, 'sso.response_invalid'],
  [
    'an unknown critical header',
    { header: (good) => ({ ...good, crit: ['x'], x: 1 }) },
    401,
    'sso.algorithm_not_allowed',
  ],
  ['no ID token', { tokens: without('id_token') }, 401, 'sso.claim_missing'],
  ['an ID token that is none', { tokens: (good) => ({ ...good, id_token: 'a.b.c' }) }, 401, 'sso.response_invalid'],
  ['tokens that are none', { tokens: () => [] }, 401, 'sso.response_invalid'],
  [
    'a code that was used',
    {
      respond: (response) =>
        void response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}'),
    },
    401,
    'sso.code_rejected',
  ],
  [
    'another client',
    { respond: (response) => void response.writeHead(401, { 'www-authenticate': 'Basic' }).end() },
    401,
    'sso.code_rejected',
  ],
  ['a failure', { respond: (response) => void response.writeHead(500).end('no') }, 422, 'sso.provider_invalid'],
  [
    'a page',
    { respond: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>') },
    422,
    'sso.provider_invalid',
  ],
  [
    'a redirect',
    { respond: (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end() },
    422,
    'sso.provider_invalid',
  ],
  ['nothing', { respond: (response) => void response.destroy() }, 422, 'sso.provider_unreachable'],
  [
    'an answer without end',
    {
      respond: (response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end('x'.repeat(2_000_000)),
    },
    422,
    'sso.provider_invalid',
  ],
  [
    'another issuer in the callback',
    { callback: (good) => ({ ...good, iss: 'https://evil.example' }) },
    401,
    'sso.issuer_mismatch',
  ],
  ['no issuer in the callback', { callback: without('iss') }, 401, 'sso.issuer_mismatch'],
  ['no state', { callback: without('state') }, 422, 'sso.state_invalid'],
  ['another state', { callback: (good) => ({ ...good, state: 'another' }) }, 422, 'sso.state_invalid'],
  ['no code', { callback: without('code') }, 401, 'sso.response_invalid'],
  [
    'a refusal',
    { callback: ({ state, iss }) => ({ state, iss, error: 'access_denied' }) },
    403,
    'sso.provider_refused',
  ],
  [
    'an unverified address',
    { claims: (good) => ({ ...good, sub: 'new', email_verified: false }) },
    403,
    'sso.email_not_verified',
  ],
];

describe('a provider that answers with', () => {
  it('valid tokens is accepted, with hash claims too', async () => {
    expect((await signInWith({})).status).toBe(200);
    const claims = (good: object) => ({ ...good, at_hash: halfHash('the-token'), c_hash: halfHash('the-code') });
    expect((await signInWith({ claims })).status).toBe(200);
    expect(idp.asked.at(-1)?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  });

  it.each(FAULTS)('%s is refused', async (_, fault, status, code) => {
    expect(outcome(await signInWith(fault))).toEqual([status, code]);
  });

  it('a token without kid is accepted with one key and refused with two', async () => {
    const fault: Fault = { header: without('kid') };
    expect((await signInWith(fault)).status).toBe(200);
    idp.keys.push(anotherKey);
    expect(outcome(await signInWith(fault))).toEqual([401, 'sso.key_not_found']);
    idp.keys.pop();
  });

  it('new keys is followed at once', async () => {
    const [old] = idp.keys;
    idp.keys.unshift(anotherKey);
    expect((await signInWith({})).status).toBe(200);
    idp.keys.splice(1);
    expect((await signInWith({})).status).toBe(200);
    expect(
      outcome(await signInWith({ header: (good) => ({ ...good, kid: old?.kid }), sign: signedBy(old as never) })),
    ).toEqual([401, 'sso.key_not_found']);
    idp.keys.splice(0, 1, old as never);
  });

  it.each([
    ['another issuer', (good: object) => ({ ...good, issuer: 'https://evil.example' }), 401, 'sso.issuer_mismatch'],
    ['no token endpoint', without('token_endpoint'), 422, 'sso.provider_invalid'],
    [
      'a token endpoint at a private address',
      (good: object) => ({ ...good, token_endpoint: 'http://10.0.0.1/' }),
      422,
      'sso.issuer_not_allowed',
    ],
    [
      'keys at a private address',
      (good: object) => ({ ...good, jwks_uri: 'https://169.254.169.254/' }),
      422,
      'sso.issuer_not_allowed',
    ],
    ['a list in its place', () => [], 422, 'sso.provider_invalid'],
  ])('metadata with %s is refused', async (_, metadata, status, code) => {
    await forget();
    idp.fault = { metadata };
    const browser = new Browser(app);
    const begun = await browser.get(`${BASE_URL}/t/demo/api/v1/auth/sso/${connectionId}/start`);
    const answer = begun.status === 302 ? await browser.get(idp.answer(begun.headers.get('location') ?? '')) : begun;
    expect(outcome(answer)).toEqual([status, code]);
    await forget();
  });

  const HEADER = { alg: 'RS256', kid: 'one' };
  it.each<
    [string, token: Json, info: Fault['userinfo'] | ((claims: Json) => Fault['userinfo']), number, string | undefined]
  >([
    ['an empty address in the token', { email: null }, (claims) => claims, 200, undefined],
    ['a blank address in the token', { email: ' ' }, (claims) => claims, 200, undefined],
    ['no word about the address in the token', { email_verified: undefined }, (claims) => claims, 200, undefined],
    [
      'a word about another address',
      { email_verified: undefined },
      (claims) => ({ ...claims, email: 'other@hostile.example' }),
      403,
      'sso.email_not_verified',
    ],
    ['a signature', { email: undefined }, (claims) => ({ header: HEADER, claims }), 200, undefined],
    [
      'no signature but its form',
      { email: undefined },
      (claims) => ({ header: { alg: 'none' }, claims }),
      401,
      'sso.algorithm_not_allowed',
    ],
    [
      'a signature with the secret of the client',
      { email: undefined },
      (claims) => ({ header: { alg: 'HS256' }, claims }),
      401,
      'sso.algorithm_not_allowed',
    ],
    ['an error, beside a token without name', { name: undefined }, undefined, 200, undefined],
    ['an error, beside a token without address', { email: undefined }, undefined, 422, 'sso.provider_invalid'],
  ])('user info with %s', async (what, token, info, status, code) => {
    const person = { ...PERSON, sub: what, email: `${what.replaceAll(/\W/g, '-')}@hostile.example` };
    await forget();
    const userinfo = typeof info === 'function' ? info(person) : info;
    const metadata = (good: Json) => ({ ...good, userinfo_endpoint: `${idp.issuer}/userinfo` });
    const claims = (good: Json) => ({ ...good, ...person, ...token });
    const alg = userinfo && 'header' in userinfo ? (userinfo.header as Json).alg : undefined;
    const signWith = alg === 'HS256' ? keyedWith(SECRET) : alg === 'none' ? () => '' : undefined;
    // The token is signed as it should be.
    const sign =
      signWith &&
      ((input: string, header: Json) =>
        header.alg === 'RS256' ? signedBy(idp.keys[0] as never)(input) : signWith(input));
    const answer = await signInWith({ metadata, claims, ...(userinfo && { userinfo }), ...(sign && { sign }) });
    expect(outcome(answer)).toEqual([status, code ?? answer.body.code]);
    await forget();
  });

  it('the same callback twice is refused', async () => {
    const browser = new Browser(app);
    const url = idp.answer(await browser.start(connectionId));
    expect((await browser.get(url)).status).toBe(200);
    const asked = idp.asked.length;
    expect(outcome(await browser.get(url))).toEqual([422, 'sso.state_invalid']);
    expect(idp.asked).toHaveLength(asked);
  });

  it('a refused token cannot reuse the state', async () => {
    idp.fault = { sign: signedBy(anotherKey) };
    const browser = new Browser(app);
    const url = idp.answer(await browser.start(connectionId));
    expect(outcome(await browser.get(url))).toEqual([401, 'sso.signature_invalid']);
    idp.fault = {};
    expect(outcome(await browser.get(url))).toEqual([422, 'sso.state_invalid']);
  });
});

it('an identity provider cannot replace the second factor by claiming to have asked for one', async () => {
  const tokensOf = async (fault: Fault) => {
    const { body } = await signInWith(fault);
    return (await app.client().post('/auth/sso/token', { code: body.code })).body;
  };
  const claims = (good: object) => ({ ...good, sub: 'victim', email: 'victim@hostile.example' });
  const victim = app.client().as((await tokensOf({ claims })).accessToken);
  await stepUpByMail(app, victim, 'victim@hostile.example');
  const { body } = await victim.post('/account/mfa/totp');
  expect(
    (await victim.post('/account/mfa/totp/confirm', { code: await generate({ secret: body.secret }) })).status,
  ).toBe(200);
  const saysMore = (good: object) => ({ ...claims(good), amr: ['pwd', 'mfa'] });
  const intruder = app.client().as((await tokensOf({ claims: saysMore })).accessToken);
  expect((await intruder.get(organization.path)).status).toBe(200);
  expect(outcome(await intruder.delete('/account/mfa/totp'))).toEqual([403, 'auth.step_up_required']);
  expect(outcome(await intruder.post('/account/passkeys/options'))).toEqual([403, 'auth.step_up_required']);
});

it('the server sends no request to a private address that the configuration does not name', async () => {
  const strict = await app.replica({ ALLOWED_PRIVATE_HOSTS: '' });
  const answer = await new Browser(app, strict.origin).get(`${BASE_URL}/t/demo/api/v1/auth/sso/${connectionId}/start`);
  expect(outcome(answer)).toEqual([422, 'sso.issuer_not_allowed']);
});
