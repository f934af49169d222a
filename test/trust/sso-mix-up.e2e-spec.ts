import { Browser } from '../support/browser.js';
import type { Answer } from '../support/client.js';
import { type HostileProvider, startHostileProvider } from '../support/hostile-provider.js';
import { type Person, signInAdmin } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/*
 * The mix-up attack (RFC 9700, 4.4): a malicious organization's authorization endpoint sends the victim's browser on to an
 * honest provider, with the honest client and the attacker's state. The victim's code must never reach the token endpoint
 * of the attacker.
 */

let app: TestApp;
let second: TestServer;
let staff: Person;
let honest: HostileProvider;
let evil: HostileProvider;
let acme: Organization;
let mallory: Organization;
let ofAcme: any;
let ofMallory: any;

const SHARED = `${BASE_URL}/t/demo/api/v1/auth/sso/oidc/callback`;
const VICTIM = { sub: 'victim', email: 'victim@honest.example', email_verified: true, name: 'Victim' };

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  second = await app.replica();
  staff = await signInAdmin(app);
  honest = await startHostileProvider('trellis', VICTIM);
  evil = await startHostileProvider('trellis', { ...VICTIM, sub: 'anyone' });
  acme = await newOrganization(staff, 'Honest');
  mallory = await newOrganization(staff, 'Mallory');
  await app.sql.query(
    `insert into verified_domains select operator_id, 'honest.example', id from organizations where id = $1`,
    [acme.id],
  );
  ofAcme = await connect(acme, honest);
  ofMallory = await connect(mallory, evil);
});
afterAll(async () => {
  await app.close();
  await honest.close();
  await evil.close();
});
beforeEach(async () => {
  for (const provider of [honest, evil]) {
    provider.asked.length = 0;
    provider.fault = {};
  }
  // A new version: what the servers know of the providers is forgotten.
  await app.sql.query(
    `update sso_connections set settings = settings - 'usesSharedRedirectUri', version = version + 1`,
  );
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

/** As most providers of today are: they do not name themselves in their responses. */
const unnamed = (provider: HostileProvider): void => {
  provider.fault.metadata = ({ authorization_response_iss_parameter_supported: _announced, ...good }) => good;
  provider.fault.callback = ({ iss: _named, ...good }) => good;
};

/** What connections made by earlier versions have. */
const leaveShared = (...ids: string[]) =>
  app.sql.query(
    `update sso_connections set settings = settings || '{"usesSharedRedirectUri": true}', version = version + 1 where id = any($1)`,
    [ids],
  );

/** Follows the providers' redirects as a browser does, back to this server; gives the address it comes back to. */
async function travel(start: string): Promise<string> {
  let url = start;
  for (let steps = 0; steps < 6; steps++) {
    const location = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
    if (location.startsWith(BASE_URL)) return location;
    url = location;
  }
  throw new Error('leads nowhere');
}

/** The attacker's endpoint sends the browser on to the honest provider, as if the honest connection had begun there. */
const sendOn = (redirectUri: string) => (url: string) => {
  const onward = new URL(url);
  onward.searchParams.set('client_id', 'trellis');
  onward.searchParams.set('redirect_uri', redirectUri);
  return `${honest.issuer}/authorize${onward.search}`;
};

/** The whole attack: the victim begins at the attacker's connection, and comes back with the honest provider's code. */
async function attack(redirectUri: string, browser = new Browser(app)): Promise<Answer> {
  evil.fault.authorize = sendOn(redirectUri);
  const back = await travel(await browser.start(ofMallory.id));
  return browser.at(second.origin).get(back);
}

const stolen = () => evil.asked.filter((request) => request.get('code') === 'the-code');

describe('a code for one provider', () => {
  it.each([true, false])('never reaches another one by the redirect URI of its connection (iss: %s)', async (named) => {
    if (!named) unnamed(honest);
    unnamed(evil);
    const answer = await attack(ofAcme.redirectUri);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(stolen()).toEqual([]);
  });

  it('never reaches another one by the shared redirect URI, which the honest client still has registered', async () => {
    unnamed(honest);
    unnamed(evil);
    const answer = await attack(SHARED);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(stolen()).toEqual([]);
  });

  it.each([
    ['both silent', false, false],
    ['the honest one names itself', true, false],
    ['the attacker claims to name itself', false, true],
    ['both claim to', true, true],
  ])('nor while both connections are of an earlier version: %s', async (_, honestNames, evilNames) => {
    if (!honestNames) unnamed(honest);
    if (!evilNames) unnamed(evil);
    await leaveShared(ofAcme.id, ofMallory.id);
    for (const uri of [SHARED, ofAcme.redirectUri, ofMallory.redirectUri]) {
      const answer = await attack(uri);
      // The attacker's own address is not one that an honest provider would send anyone to.
      if (uri !== ofMallory.redirectUri) expect(answer.status).toBeGreaterThanOrEqual(400);
      if (uri !== ofMallory.redirectUri) expect(stolen()).toEqual([]);
      evil.asked.length = 0;
    }
  });

  it('is not taken with an issuer beside the real one', async () => {
    await leaveShared(ofMallory.id);
    evil.fault.authorize = undefined;
    const browser = new Browser(app);
    honest.fault.callback = (good) => good;
    evil.fault.authorize = sendOn(SHARED);
    const back = await travel(await browser.start(ofMallory.id));
    const answer = await browser.get(`${back}&iss=${encodeURIComponent(evil.issuer)}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(stolen()).toEqual([]);
  });

  it('is not taken from another browser, nor for another operator', async () => {
    const browser = new Browser(app);
    const back = await travel(await browser.start(ofAcme.id));
    expect((await new Browser(app).get(back)).body.code).toBe('sso.browser_mismatch');
    expect((await browser.get(back.replace('/t/demo/', '/t/nowhere/'))).status).toBe(404);
    expect(honest.asked).toEqual([]);
  });
});

describe('a sign-in that an attacker began', () => {
  it('is not finished by a visitor to whose browser another host of the domain gave the cookie', async () => {
    const attacker = new Browser(app);
    const back = await travel(await attacker.start(ofAcme.id));
    const [name, secret] = attacker.cookie.split('=');
    // What browsers take from other hosts: every name without the prefix.
    expect(name).toBe('__Host-trellis_sign_in');
    const victim = new Browser(app, app.origin, `trellis_sign_in=${secret}; __Secure-trellis_sign_in=${secret}`);
    expect((await victim.get(back)).body.code).toBe('sso.browser_mismatch');
    expect(honest.asked).toEqual([]);
  });
});

describe('the redirect URI', () => {
  it('is the connection’s own, in its view, at a sign-in and in a test of the connection', async () => {
    const own = `${BASE_URL}/t/demo/api/v1/auth/sso/oidc/${ofAcme.id}/callback`;
    expect(ofAcme).toMatchObject({ redirectUri: own, usesSharedRedirectUri: false });
    const browser = new Browser(app);
    const away = new URL(await browser.start(ofAcme.id));
    expect(away.searchParams.get('redirect_uri')).toBe(own);
    const back = await travel(away.href);
    expect((await browser.at(second.origin).get(back)).status).toBe(200);
    expect(honest.asked.at(-1)?.get('redirect_uri')).toBe(own);

    const { body } = await staff.client.post(`${acme.path}/sso-connections/${ofAcme.id}/test`);
    const started = await browser.get(body.startUrl);
    const test = new URL(started.headers.get('location') ?? '');
    expect(test.searchParams.get('redirect_uri')).toBe(own);
    expect((await browser.get(await travel(test.href))).body.outcome).toBe('signed_in');
  });

  it('stays the shared one for a connection of an earlier version whose provider names itself, until it is changed', async () => {
    await leaveShared(ofAcme.id);
    const path = `${acme.path}/sso-connections/${ofAcme.id}`;
    expect((await staff.client.get(path)).body).toMatchObject({
      redirectUri: ofAcme.redirectUri,
      usesSharedRedirectUri: true,
    });
    const browser = new Browser(app);
    const away = new URL(await browser.start(ofAcme.id));
    expect(away.searchParams.get('redirect_uri')).toBe(SHARED);
    const back = await travel(away.href);
    expect((await browser.get(back)).status).toBe(200);

    // Without `iss`, with another one, or at the connection's own address it is no answer.
    for (const spoil of [
      (url: string) => url.replace(/&iss=[^&]*/, ''),
      (url: string) => url.replace(/iss=[^&]*/, `iss=${encodeURIComponent(evil.issuer)}`),
      (url: string) => url.replace(SHARED, ofAcme.redirectUri),
    ]) {
      const spoilt = spoil(await travel(await browser.start(ofAcme.id)));
      expect((await browser.get(spoilt)).status).toBeGreaterThanOrEqual(400);
    }
    const changed = await staff.client.patch(path, { usesSharedRedirectUri: false });
    expect(changed.body).toMatchObject({ usesSharedRedirectUri: false });
    expect(new URL(await browser.start(ofAcme.id)).searchParams.get('redirect_uri')).toBe(ofAcme.redirectUri);
    expect((await staff.client.patch(path, { usesSharedRedirectUri: true })).status).toBe(400);
  });

  it('is the own one as soon as the provider does not name itself, or is another', async () => {
    await leaveShared(ofAcme.id);
    unnamed(honest);
    expect(new URL(await new Browser(app).start(ofAcme.id)).searchParams.get('redirect_uri')).toBe(ofAcme.redirectUri);
    honest.fault = {};
    await leaveShared(ofAcme.id);
    const path = `${acme.path}/sso-connections/${ofAcme.id}`;
    const { body } = await staff.client.patch(path, { clientId: 'another' });
    expect(body.usesSharedRedirectUri).toBe(false);
    await staff.client.patch(path, { clientId: 'trellis' });
  });
});
