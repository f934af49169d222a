import { createHash, randomBytes } from 'node:crypto';
import { Browser } from './support/browser.js';
import type { Answer } from './support/client.js';
import { type DnsServer, startDnsServer } from './support/dns-server.js';
import { type OpenIdAccount, type OpenIdProvider, startOpenIdProvider } from './support/openid-provider.js';
import {
  newPerson,
  type Person,
  registerPerson,
  signIn,
  signInAdmin,
  stepUpByMail,
  tokenMailedTo,
} from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let dns: DnsServer;
let idp: OpenIdProvider;
let staff: Person;
let acme: Organization;
let admin: Person;
let connection: any;

/** A client needs at least one redirect URI. The URIs of connections are registered as they are created. */
const REGISTERED = 'https://client.example/callback';
const SECRET = 'a secret of the client, with = and : in it';

beforeAll(async () => {
  dns = await startDnsServer();
  app = await startTestApp({ DNS_SERVERS: dns.address, ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  second = await app.replica();
  staff = await signInAdmin(app);
  idp = await startOpenIdProvider([
    { client_id: 'trellis', client_secret: SECRET, redirect_uris: [REGISTERED] },
    {
      client_id: 'trellis-post',
      client_secret: SECRET,
      redirect_uris: [REGISTERED],
      token_endpoint_auth_method: 'client_secret_post',
    },
    {
      client_id: 'trellis-key',
      redirect_uris: [REGISTERED],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `${app.origin}/.well-known/jwks.json`,
    },
    { client_id: 'trellis-public', redirect_uris: [REGISTERED], token_endpoint_auth_method: 'none' },
  ]);
  admin = await newPerson(app, 'sso-admin');
  acme = await newOrganization(staff, 'Acme SSO', admin);
  await proveDomain(acme, 'acme.example');
  connection = await done(connect(acme));
});
afterAll(async () => {
  await app.close();
  await idp.close();
  await dns.close();
});

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail} ${JSON.stringify(body.errors)}`);
  return body;
};

async function proveDomain(organization: Organization, domain: string): Promise<string> {
  const { id, record } = await done(staff.client.post(`${organization.path}/domains`, { domain }));
  dns.records.set(record.name, [record.value]);
  await done(staff.client.post(`${organization.path}/domains/${id}/verify`));
  return id;
}

async function connect(organization: Organization, more: object = {}, by = staff): Promise<Answer> {
  const made = await by.client.post(`${organization.path}/sso-connections`, {
    type: 'oidc',
    name: 'Acme IdP',
    issuer: idp.issuer,
    clientId: 'trellis',
    clientSecret: SECRET,
    ...more,
  });
  if (made.status === 201) await idp.register(made.body.clientId, made.body.redirectUri);
  return made;
}

/** Goes to the provider and back. Returns the response of the callback. */
async function signInBy(id: string, person: OpenIdAccount, query = '', browser = new Browser(app)): Promise<Answer> {
  return browser.get(await idp.signIn(await browser.start(id, query), person));
}

let people = 0;
const account = (email: string, more: object = {}): OpenIdAccount => ({
  sub: `sub-${++people}`,
  email,
  email_verified: true,
  name: `Person ${people}`,
  ...more,
});

const redeem = (code: string, more: object = {}) => app.client().post('/auth/sso/token', { code, ...more });

describe('OpenID Connect sign-in', () => {
  it('creates an account and a membership for an address in a domain of the organization', async () => {
    const login = account('ada@acme.example', { name: 'Ada Lovelace', groups: ['staff'] });
    const browser = new Browser(app);
    const back = await signInBy(connection.id, login, '', browser);
    expect(back).toMatchObject({ status: 200, body: { code: expect.stringMatching(/^trt_/), expiresIn: 120 } });
    const tokens = await done(redeem(back.body.code));
    expect(tokens).toMatchObject({
      tokenType: 'Bearer',
      user: { email: 'ada@acme.example', name: 'Ada Lovelace' },
      organization: { id: acme.id, role: 'user' },
    });
    const mine = await app.client().as(tokens.accessToken).get('/account/organizations');
    expect(mine.body.items.map(({ id }: { id: string }) => id)).toEqual([acme.id]);

    // The same subject is the same account, also with another address.
    const again = await signInBy(connection.id, { ...login, email: 'ada.king@acme.example' });
    expect((await done(redeem(again.body.code))).user).toMatchObject({ id: tokens.user.id, email: 'ada@acme.example' });
  });

  it('takes over a new name, and offers a new address to both mailboxes', async () => {
    const login = account('grace@acme.example', { name: 'Grace Murray' });
    await done(redeem((await signInBy(connection.id, login)).body.code));
    const renamed = {
      ...login,
      name: undefined,
      given_name: 'Grace',
      family_name: 'Hopper',
      email: 'hopper@acme.example',
    };
    const { user } = await done(redeem((await signInBy(connection.id, renamed)).body.code));
    expect(user).toMatchObject({ name: 'Grace Hopper', email: 'grace@acme.example' });
    for (const address of ['grace@acme.example', 'hopper@acme.example'])
      await done(app.client().post('/auth/confirm-email', { token: await tokenMailedTo(app, address) }));
    expect((await done(redeem((await signInBy(connection.id, renamed)).body.code))).user.email).toBe(
      'hopper@acme.example',
    );
  });

  it('changes neither name nor address of an account outside the domains of the organization', async () => {
    const person = await newPerson(app, 'elsewhere');
    const login = account(person.email, { name: 'Another Name' });
    await app.sql.query(
      `insert into sso_identities (organization_id, connection_id, subject, id, user_id, linked_by)
       values ($1, $2, $3, gen_random_uuid(), $4, 'person')`,
      [acme.id, connection.id, login.sub, person.id],
    );
    await signInBy(connection.id, { ...login, email: 'lure@acme.example' });
    const { body } = await person.client.get('/account');
    expect([body.name === 'Another Name', body.email]).toEqual([false, person.email]);
    expect((await person.client.get('/account/email-change')).status).toBe(404);
  });

  it('does not open the account of a former user whose address was given to someone else', async () => {
    const former = account('info@acme.example');
    await done(redeem((await signInBy(connection.id, former)).body.code));
    const newcomer = account('info@acme.example');
    expect(outcome(await signInBy(connection.id, newcomer))).toEqual([403, 'sso.address_reused']);
    expect((await signInBy(connection.id, former)).status).toBe(200);
  });

  it('finds users by their address again after the provider has given them new ids', async () => {
    const path = `${acme.path}/sso-connections/${connection.id}`;
    const before = account('renumbered@acme.example');
    const { user } = await done(redeem((await signInBy(connection.id, before)).body.code));
    const after = { ...before, sub: `${before.sub}-new` };
    expect(outcome(await signInBy(connection.id, after))).toEqual([403, 'sso.address_reused']);
    await done(staff.client.patch(path, { relinkUsers: true }));
    expect((await done(redeem((await signInBy(connection.id, after)).body.code))).user.id).toBe(user.id);
    const { items } = (await staff.client.get(`${acme.path}/events?type=sso_connection.updated`)).body;
    expect(items[0].after.identitiesRemoved).toBeGreaterThan(0);
    // Some providers have other ids for each client.
    await done(
      staff.client.patch(path, { clientId: 'trellis-public', tokenEndpointAuthMethod: 'none', clientSecret: null }),
    );
    await idp.register('trellis-public', connection.redirectUri);
    const again = { ...before, sub: `${before.sub}-client` };
    expect((await done(redeem((await signInBy(connection.id, again)).body.code))).user.id).toBe(user.id);
    await done(
      staff.client.patch(path, {
        clientId: 'trellis',
        tokenEndpointAuthMethod: 'client_secret_basic',
        clientSecret: SECRET,
      }),
    );
  });

  it('can keep the refresh token in a browser cookie', async () => {
    const back = await signInBy(connection.id, account('cookie@acme.example'));
    const headers = { 'trellis-session': 'cookie', origin: BASE_URL };
    const tokens = await app.client().post('/auth/sso/token', { code: back.body.code }, { headers });
    expect([tokens.status, tokens.body.refreshToken]).toEqual([200, undefined]);
    const cookies = tokens.headers.getSetCookie().map((one) => one.split(';')[0]);
    const cookie = cookies.join('; ');
    expect((await app.client().post('/auth/token', {}, { headers: { ...headers, cookie } })).status).toBe(200);
  });

  it('requests a new authentication for a fresh proof', async () => {
    const back = await signInBy(connection.id, account('page-again@acme.example'), '?prompt=login');
    expect([back.status, back.body]).toEqual([200, expect.anything()]);
    const { accessToken } = await done(redeem(back.body.code));
    const { sid } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString());
    const { rows } = await app.sql.query(
      `select sso_proved_at > now() - interval '1 minute' as fresh from sessions where id = $1`,
      [sid],
    );
    expect(rows).toEqual([{ fresh: true }]);
  });

  it.each(['trellis-post', 'trellis-key', 'trellis-public'])('works as the client %s, too', async (clientId) => {
    const method = {
      'trellis-post': 'client_secret_post',
      'trellis-key': 'private_key_jwt',
      'trellis-public': 'none',
    };
    const made = await done(
      connect(acme, {
        name: clientId,
        clientId,
        tokenEndpointAuthMethod: method[clientId as keyof typeof method],
        ...(clientId !== 'trellis-post' && { clientSecret: undefined }),
      }),
    );
    const back = await signInBy(made.id, account(`${clientId}@acme.example`));
    expect([back.status, back.body]).toEqual([200, expect.anything()]);
    expect((await redeem(back.body.code)).status).toBe(200);
    await staff.client.delete(`${acme.path}/sso-connections/${made.id}`);
  });

  it('redirects back to its start with a code that only the client that started it can use', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    const returnTo = 'http://127.0.0.1:5005/done?a=b';
    const query = `?returnTo=${encodeURIComponent(returnTo)}&codeChallenge=${codeChallenge}`;
    const back = await signInBy(connection.id, account('pkce@acme.example'), query);
    expect(back.status).toBe(303);
    const location = new URL(back.headers.get('location') ?? '');
    expect(`${location.origin}${location.pathname}`).toBe('http://127.0.0.1:5005/done');
    expect(location.searchParams.get('a')).toBe('b');
    const code = location.searchParams.get('code') ?? '';
    expect(outcome(await redeem(code))).toEqual([422, 'sso.invalid_code']);
    expect(outcome(await redeem(code, { codeVerifier: randomBytes(32).toString('base64url') }))).toEqual([
      422,
      'sso.invalid_code',
    ]);
    expect((await redeem(code, { codeVerifier: verifier })).status).toBe(200);
    expect(outcome(await redeem(code, { codeVerifier: verifier }))).toEqual([422, 'sso.invalid_code']);
  });

  it('keeps the audience requested at its start', async () => {
    await done(staff.client.post('/admin/clients', { name: 'Jobs', audience: 'jobs' }));
    const back = await signInBy(connection.id, account('audience@acme.example'), '?audience=jobs');
    const tokens = await done(redeem(back.body.code));
    expect(tokens).toMatchObject({ audience: 'jobs', organization: { id: acme.id } });
    expect(JSON.parse(Buffer.from(tokens.accessToken.split('.')[1], 'base64url').toString()).aud).toBe('jobs');
    const unknown = await new Browser(app).get(
      `${BASE_URL}/t/demo/api/v1/auth/sso/${connection.id}/start?audience=nobody`,
    );
    expect(outcome(unknown)).toEqual([422, 'auth.audience_unknown']);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    'javascript:alert(1)',
    `${BASE_URL}.evil.example/`,
    `${BASE_URL}@evil.example/`,
    'https://user:pass@trellis.test/',
    'http://127.0.0.1:5005/',
    'http://localhost:5005/',
  ])('never redirects to %s', async (returnTo) => {
    const answer = await new Browser(app).get(
      `${BASE_URL}/t/demo/api/v1/auth/sso/${connection.id}/start?returnTo=${encodeURIComponent(returnTo)}`,
    );
    expect(outcome(answer)).toEqual([422, 'sso.return_not_allowed']);
  });

  it('succeeds once: of fifty simultaneous callbacks on two servers, one signs in', async () => {
    const browser = new Browser(app);
    const url = await idp.signIn(await browser.start(connection.id), account('fifty@acme.example'));
    const other = browser.at(second.origin);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, one) => (one % 2 ? browser : other).get(url)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
      new Set(['sso.state_invalid']),
    );
    const code = answers.find(({ status }) => status === 200)?.body.code;
    const redeemed = await Promise.all(Array.from({ length: 20 }, () => redeem(code)));
    expect(redeemed.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('starts and ends in one browser', async () => {
    const login = account('browser@acme.example');
    const browser = new Browser(app);
    const url = await idp.signIn(await browser.start(connection.id), login);
    expect(outcome(await new Browser(app).get(url))).toEqual([403, 'sso.browser_mismatch']);
    const stranger = new Browser(app);
    await stranger.start(connection.id);
    expect(outcome(await stranger.get(url))).toEqual([403, 'sso.browser_mismatch']);
    expect((await browser.get(url)).status).toBe(200);
  });

  it.each([
    ['an address outside of the domains', { email: 'eve@other.example' }, 403, 'sso.domain_not_verified'],
    ['an address that is not verified', { email_verified: false }, 403, 'sso.email_not_verified'],
    ['an address of which that is not said', { email_verified: undefined }, 403, 'sso.email_not_verified'],
    ['no address', { email: undefined }, 403, 'sso.email_missing'],
    ['two addresses in one', { email: 'eve@other.example,x@acme.example' }, 403, 'sso.email_missing'],
    [
      'an address that only looks like one of the domain',
      { email: 'eve@acme.example.other.example' },
      403,
      'sso.domain_not_verified',
    ],
    ['an address below the domain', { email: 'eve@sub.acme.example' }, 403, 'sso.domain_not_verified'],
  ])('refuses %s', async (_, claims, status, code) => {
    const users = await app.sql.query('select count(*) from users');
    const back = await signInBy(connection.id, account('refused@acme.example', claims));
    expect(outcome(back)).toEqual([status, code]);
    expect(await app.sql.query('select count(*) from users')).toMatchObject({ rows: users.rows });
  });

  it('accepts an address without a verification claim only if the connection says so, and never an unverified one', async () => {
    const made = await done(connect(acme, { requireVerifiedEmail: false }));
    const silent = account('silent@acme.example', { email_verified: undefined });
    expect((await signInBy(made.id, silent)).status).toBe(200);
    const unverified = account('unverified@acme.example', { email_verified: false });
    expect(outcome(await signInBy(made.id, unverified))).toEqual([403, 'sso.email_not_verified']);
    await staff.client.delete(`${acme.path}/sso-connections/${made.id}`);
  });

  it('shows users a page with the error code', async () => {
    const browser = new Browser(app);
    const url = await idp.signIn(await browser.start(connection.id), account('eve@page.example'));
    const page = await browser.get(url, 'text/html,application/xhtml+xml');
    expect(page.status).toBe(403);
    expect(page.headers.get('content-type')).toMatch(/text\/html/);
    expect(page.body).toContain('sso.domain_not_verified');
    const good = await idp.signIn(await browser.start(connection.id), account('page@acme.example'));
    const shown = await browser.get(good, 'text/html');
    expect(shown.status).toBe(200);
    const code = /trt_[\w-]+/.exec(shown.body)?.[0] ?? '';
    expect((await redeem(code)).status).toBe(200);
  });

  it('shows its pages in the look of the organization, and begins the same sign-in again', async () => {
    await staff.client.patch(`${acme.path}/branding`, { displayName: 'Acme & Co', primaryColor: '#0f766e' });
    const linksOf = (body: string, url: string) =>
      [...body.matchAll(/<a href="([^"]*)"[^>]* class="button">([^<]*)</g)].map(([, href = '', label]) => [
        label,
        new URL(href.replaceAll('&amp;', '&'), url).href,
      ]);
    const looksLikeAcme = (body: string) => [body.includes('#0f766e'), body.includes('<header>Acme &amp; Co</header>')];
    const start = `${BASE_URL}/t/demo/api/v1/auth/sso/${connection.id}/start`;
    const browser = new Browser(app);
    const url = await idp.signIn(
      await browser.start(connection.id, '?audience=trellis'),
      account('eve@page-again.example'),
    );
    const refused = await browser.get(url, 'text/html');
    expect([refused.status, ...looksLikeAcme(refused.body)]).toEqual([403, true, true]);
    expect(linksOf(refused.body, url)).toEqual([['Try again', `${start}?audience=trellis`]]);

    const again = (await browser.get(`${start}?audience=trellis`, 'text/html')).headers.get('location') ?? '';
    const good = await idp.signIn(again, account('look-again@acme.example'));
    // Another browser learns nothing about the sign-in that it did not begin.
    const foreign = await new Browser(app).get(good, 'text/html');
    expect([foreign.status, ...looksLikeAcme(foreign.body)]).toEqual([403, true, true]);
    expect(linksOf(foreign.body, good)).toEqual([['Back to sign-in', `${BASE_URL}/t/demo/sign-in`]]);
    const shown = await browser.get(good, 'text/html');
    expect([shown.status, ...looksLikeAcme(shown.body)]).toEqual([200, true, true]);
    expect((await redeem(/trt_[\w-]+/.exec(shown.body)?.[0] ?? '')).status).toBe(200);

    const wrong = await browser.get(`${start}?returnTo=https%3A%2F%2Fevil.example%2F`, 'text/html');
    expect([wrong.status, linksOf(wrong.body, start)[0]?.[0]]).toEqual([422, 'Try again']);
    const unknown = start.replace(connection.id, '01a00000-0000-7000-8000-000000000000');
    const missing = await browser.get(unknown, 'text/html');
    expect([missing.status, missing.body.includes('<header>Demo</header>')]).toEqual([404, true]);
    expect(linksOf(missing.body, unknown)).toEqual([['Back to sign-in', `${BASE_URL}/t/demo/sign-in`]]);
    await staff.client.delete(`${acme.path}/branding?fields=displayName,primaryColor`);
  });

  it('matches a member by an address in the domain, and applies the groups and the access rules', async () => {
    const organization = await newOrganization(staff, 'Mapped');
    await staff.client.patch(organization.path, { externalId: 'CUST-7' });
    await proveDomain(organization, 'mapped.example');
    const unit = await done(staff.client.post(`${organization.path}/units`, { name: 'Engineering' }));
    const made = await done(
      connect(organization, {
        attributeMapping: {
          groups: 'groups',
          organization: 'org_id',
          roles: [
            { value: 'admins', role: 'manager' },
            { value: 'engineering', roleIds: ['billing_admin'], unitIds: [unit.id] },
          ],
        },
      }),
    );
    await done(
      staff.client.post(`${organization.path}/access-rules`, {
        name: 'IAM',
        when: 'claims.org_id == ORG_EXTERNAL_ID && "auditors" in claims.groups',
        then: { roleIds: ['user_admin'] },
      }),
    );
    const login = account('grace@mapped.example', { groups: ['admins', 'engineering', 'auditors'], org_id: 'CUST-7' });
    const back = await signInBy(made.id, login);
    const tokens = await done(redeem(back.body.code));
    expect(tokens.organization).toMatchObject({ role: 'manager', roles: ['billing_admin', 'user_admin'] });
    const units = await staff.client.get(`${organization.path}/units/${unit.id}/members`);
    expect(units.body.items.map(({ email }: { email: string }) => email)).toContain('grace@mapped.example');

    const stranger = account('hopper@mapped.example', { org_id: 'CUST-8' });
    expect(outcome(await signInBy(made.id, stranger))).toEqual([403, 'sso.organization_mismatch']);
  });

  it('accepts the pending invitation for the address, even without provisioning', async () => {
    const organization = await newOrganization(staff, 'Invites');
    await proveDomain(organization, 'invites.example');
    const made = await done(connect(organization));
    await done(staff.client.patch(`${organization.path}/auth-settings`, { jitProvisioning: { sso: false } }));
    const unit = organization.defaultUnitId;
    const invite = (email: string, more: object = {}) =>
      done(staff.client.post(`${organization.path}/invitations`, { email, role: 'manager', ...more }));
    const waiting = await invite('guest@invites.example', { roleIds: ['billing_admin'], unitIds: [unit] });
    const revoked = await invite('revoked@invites.example');
    await staff.client.delete(`${organization.path}/invitations/${revoked.id}`);
    for (const email of ['revoked@invites.example', 'nobody@invites.example'])
      expect(outcome(await signInBy(made.id, account(email)))).toEqual([403, 'sso.not_a_member']);
    const tokens = await done(redeem((await signInBy(made.id, account('guest@invites.example'))).body.code));
    expect(tokens.organization).toMatchObject({ id: organization.id, role: 'manager', roles: ['billing_admin'] });
    const accepted = await done(staff.client.get(`${organization.path}/invitations/${waiting.id}`));
    expect(accepted).toMatchObject({ status: 'accepted' });
    const units = await done(staff.client.get(`${organization.path}/units/${unit}/members`));
    expect(units.items.map(({ email }: { email: string }) => email)).toContain('guest@invites.example');
  });

  it('applies claims only in the organization of the provider', async () => {
    const other = await newOrganization(staff, 'Not theirs');
    await staff.client.patch(other.path, { externalId: 'VICTIM' });
    await done(
      staff.client.post(`${other.path}/access-rules`, {
        name: 'IAM',
        when: 'claims.org_id == ORG_EXTERNAL_ID',
        then: { role: 'admin' },
      }),
    );
    const back = await signInBy(connection.id, account('mallory@acme.example', { org_id: 'VICTIM' }));
    const tokens = await done(redeem(back.body.code));
    const client = app.client().as(tokens.accessToken);
    expect(outcome(await client.get(other.path))).toEqual([404, 'organizations.not_found']);
    const switched = await app
      .client()
      .post('/auth/token', { refreshToken: tokens.refreshToken, organizationId: other.id });
    expect(outcome(switched)).toEqual([404, 'organizations.not_found']);
  });

  it('admits no new users by a released domain', async () => {
    const organization = await newOrganization(staff, 'Lets go');
    const domain = await proveDomain(organization, 'letsgo.example');
    const made = await done(connect(organization));
    const login = account('one@letsgo.example');
    expect((await signInBy(made.id, login)).status).toBe(200);
    await staff.client.delete(`${organization.path}/domains/${domain}`);
    expect(outcome(await signInBy(made.id, login))).toEqual([403, 'sso.domain_not_verified']);
  });

  it('is refused for a disabled or deleted connection, in a deleted organization, and for a blocked user', async () => {
    const login = account('blocked@acme.example');
    const back = await signInBy(connection.id, login);
    const { user } = await done(redeem(back.body.code));
    await app.sql.query('update users set blocked_at = now() where id = $1', [user.id]);
    expect(outcome(await signInBy(connection.id, login))).toEqual([403, 'auth.blocked']);

    const organization = await newOrganization(staff, 'Doomed SSO');
    await proveDomain(organization, 'doomed.example');
    const made = await done(connect(organization));
    const start = `${BASE_URL}/t/demo/api/v1/auth/sso/${made.id}/start`;
    const tokens = await done(redeem((await signInBy(made.id, account('doomed@doomed.example'))).body.code));
    const client = app.client().as(tokens.accessToken);
    expect((await client.get('/account')).status).toBe(200);
    await done(staff.client.patch(`${organization.path}/sso-connections/${made.id}`, { enabled: false }));
    expect(outcome(await client.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await new Browser(app).get(start))).toEqual([403, 'sso.connection_disabled']);
    await done(staff.client.patch(`${organization.path}/sso-connections/${made.id}`, { enabled: true }));
    await staff.client.post(`${organization.path}/suspend`);
    expect(outcome(await new Browser(app).get(start))).toEqual([403, 'organizations.suspended']);
    await staff.client.post(`${organization.path}/resume`);
    await staff.client.delete(`${organization.path}?confirmName=${encodeURIComponent(organization.name)}`);
    expect(outcome(await new Browser(app).get(start))).toEqual([404, 'sso.connection_not_found']);
    for (const id of ['none', organization.id, made.id.toUpperCase()])
      expect((await new Browser(app).get(start.replace(made.id, id))).status).toBe(404);
  });
});

describe('a connection', () => {
  it('can be created, listed in order, changed and deleted, and never shows its secret', async () => {
    const organization = await newOrganization(staff, 'Connected', admin);
    const first = await connect(organization, { name: 'First' }, admin);
    expect(first).toMatchObject({
      status: 201,
      body: {
        type: 'oidc',
        enabled: true,
        position: 1,
        issuer: idp.issuer,
        hasClientSecret: true,
        tokenEndpointAuthMethod: 'client_secret_basic',
        scopes: ['openid', 'email', 'profile'],
        redirectUri: expect.stringMatching(/\/t\/demo\/api\/v1\/auth\/sso\/oidc\/[\w-]{36}\/callback$/),
      },
    });
    const later = await done(connect(organization, { name: 'Second' }, admin));
    await done(admin.client.patch(`${organization.path}/sso-connections/${first.body.id}`, { position: 9 }));
    const list = await admin.client.get(`${organization.path}/sso-connections`);
    expect(list.body.items.map(({ name }: { name: string }) => name)).toEqual(['Second', 'First']);
    const everything = JSON.stringify([first.body, list.body]);
    expect(everything).not.toContain(SECRET);
    const { rows } = await app.sql.query('select secret from sso_connections');
    expect(rows.every(({ secret }) => secret === null || secret.startsWith('v2.'))).toBe(true);
    expect((await admin.client.delete(`${organization.path}/sso-connections/${later.id}`)).status).toBe(204);
    expect(outcome(await admin.client.get(`${organization.path}/sso-connections/${later.id}`))).toEqual([
      404,
      'sso.connection_not_found',
    ]);
  });

  it.each([
    [{ issuer: 'http://10.0.0.1' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'https://10.0.0.1' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'https://169.254.169.254' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'https://[::1]' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'https://localhost' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'http://idp.example' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'https://user:pass@idp.example' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'ftp://idp.example' }, 422, 'sso.issuer_not_allowed'],
    [{ issuer: 'idp' }, 400, 'validation_failed'],
    [{ issuer: 'https://idp.example/?a=b' }, 400, 'validation_failed'],
    [{ issuer: undefined }, 400, 'validation_failed'],
    [{ clientId: undefined }, 400, 'validation_failed'],
    [{ clientSecret: undefined, tokenEndpointAuthMethod: 'client_secret_post' }, 400, 'validation_failed'],
    [{ type: 'ldap' }, 400, 'validation_failed'],
    [{ attributeMapping: { roles: [{ value: 'x', roleIds: ['admin'] }] } }, 422, 'roles.not_assignable'],
    [
      { attributeMapping: { roles: [{ value: 'x', unitIds: ['019a0000-0000-7000-8000-000000000001'] }] } },
      422,
      'units.not_found',
    ],
  ])('is refused with %j', async (more, status, code) =>
    expect(outcome(await connect(acme, more))).toEqual([status, code]),
  );

  it('never sends a stored secret to another issuer', async () => {
    const made = await done(connect(acme, { name: 'Moving' }));
    const path = `${acme.path}/sso-connections/${made.id}`;
    expect(outcome(await staff.client.patch(path, { issuer: 'https://evil.example' }))).toEqual([
      400,
      'validation_failed',
    ]);
    expect((await staff.client.patch(path, { issuer: 'https://other.example', clientSecret: 'new' })).status).toBe(200);
    await staff.client.delete(path);
  });

  it('can be changed only by admins, even if a role lists the permission', async () => {
    const role = await done(
      staff.client.post(`${acme.path}/roles`, { name: 'Nearly', permissions: ['sso:read', 'sso:edit'] }),
    );
    const nearly = await newMember(app, staff, acme, 'user', 'nearly-admin');
    await done(staff.client.patch(`${acme.path}/members/${nearly.id}`, { roleIds: [role.id] }));
    expect((await nearly.client.get(`${acme.path}/sso-connections`)).status).toBe(200);
    expect(outcome(await connect(acme, {}, nearly))).toEqual([403, 'members.role_above_own']);
  });
});

describe('a connection test', () => {
  /** Goes to the provider and back as the test does. Returns the response of the callback. */
  async function tryOut(id: string, person: OpenIdAccount, organization = acme, accept = '*/*'): Promise<Answer> {
    const { startUrl } = await done(staff.client.post(`${organization.path}/sso-connections/${id}/test`));
    const browser = new Browser(app);
    const { status, headers } = await browser.get(startUrl);
    expect(status).toBe(302);
    return browser.get(await idp.signIn(headers.get('location') ?? '', person), accept);
  }
  const lastTest = async (id: string, organization = acme) =>
    (await done(staff.client.get(`${organization.path}/sso-connections/${id}`))).lastTest;

  it('shows the claims, their mapping and the outcome of a sign-in, and changes nothing', async () => {
    const organization = await newOrganization(staff, 'Tried');
    await staff.client.patch(organization.path, { externalId: 'CUST-9' });
    await proveDomain(organization, 'tried.example');
    const made = await done(
      connect(organization, {
        enabled: false,
        attributeMapping: {
          groups: 'groups',
          organization: 'org_id',
          roles: [{ value: 'eng', role: 'manager', roleIds: ['billing_admin'], unitIds: [organization.defaultUnitId] }],
        },
      }),
    );
    expect(await lastTest(made.id, organization)).toBeNull();
    const login = account('try@tried.example', { name: 'Try', groups: ['eng', 'x'], org_id: 'CUST-9' });
    const before = await app.sql.query(
      `select (select count(*) from users) as users, (select count(*) from sessions) as sessions,
         (select count(*) from organization_members) as members, (select count(*) from sso_identities) as identities,
         (select count(*) from organization_events) as events, (select count(*) from mails) as mails`,
    );
    const shown = await tryOut(made.id, login, organization);
    expect(shown).toMatchObject({
      status: 200,
      body: {
        testedAt: expect.any(String),
        testedBy: staff.id,
        outcome: 'signed_in',
        refusal: null,
        subject: login.sub,
        claims: { sub: login.sub, email: 'try@tried.example', groups: ['eng', 'x'] },
        mapped: {
          email: 'try@tried.example',
          emailVerified: true,
          name: 'Try',
          groups: ['eng', 'x'],
          organization: 'CUST-9',
          role: 'manager',
          roleIds: ['billing_admin'],
          unitIds: [organization.defaultUnitId],
        },
        account: { id: null, email: 'try@tried.example', name: 'Try' },
        membership: { isNew: true, role: 'manager', roles: ['billing_admin'], unitIds: [organization.defaultUnitId] },
      },
    });
    expect(shown.body).not.toHaveProperty('code');
    expect(await lastTest(made.id, organization)).toEqual(shown.body);
    const after = await app.sql.query(
      `select (select count(*) from users) as users, (select count(*) from sessions) as sessions,
         (select count(*) from organization_members) as members, (select count(*) from sso_identities) as identities,
         (select count(*) from organization_events) as events, (select count(*) from mails) as mails`,
    );
    expect(after.rows).toEqual(before.rows);

    // A real sign-in has the outcome shown. After it, the account and the membership exist.
    await done(staff.client.patch(`${organization.path}/sso-connections/${made.id}`, { enabled: true }));
    const tokens = await done(redeem((await signInBy(made.id, login)).body.code));
    expect(tokens.organization).toMatchObject({ role: 'manager', roles: ['billing_admin'] });
    expect((await tryOut(made.id, login, organization)).body).toMatchObject({
      outcome: 'signed_in',
      account: { id: tokens.user.id },
      membership: { isNew: false, role: 'manager' },
    });
    await done(staff.client.patch(`${organization.path}/auth-settings`, { mfaPolicy: 'required' }));
    expect((await tryOut(made.id, login, organization)).body).toMatchObject({
      outcome: 'mfa_required',
      refusal: { code: 'auth.mfa_required' },
    });
    const listed = await done(staff.client.get(`${organization.path}/sso-connections`));
    expect(listed.items[0]).not.toHaveProperty('lastTest');
  });

  it('shows why a user would be refused, as JSON and as a page', async () => {
    const outside = account('eve@elsewhere.example');
    const shown = await tryOut(connection.id, outside);
    expect(shown).toMatchObject({
      status: 200,
      body: {
        outcome: 'refused',
        refusal: { code: 'sso.domain_not_verified' },
        claims: { email: 'eve@elsewhere.example' },
        mapped: { email: 'eve@elsewhere.example' },
        account: null,
        membership: null,
      },
    });
    const page = await tryOut(connection.id, { ...outside, name: '<b>Eve</b>' }, acme, 'text/html');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    expect(page.body).toContain('sso.domain_not_verified');
    expect(page.body).toContain('&lt;b&gt;Eve&lt;/b&gt;');
    expect(await lastTest(connection.id)).toMatchObject({ claims: { name: '<b>Eve</b>' } });
    const { startUrl } = await done(staff.client.post(`${acme.path}/sso-connections/${connection.id}/test`));
    const browser = new Browser(app);
    const away = new URL((await browser.get(startUrl)).headers.get('location') ?? '');
    const back = `${connection.redirectUri}?error=access_denied&state=${away.searchParams.get('state')}&iss=${idp.issuer}`;
    expect((await browser.get(back)).body).toMatchObject({ refusal: { code: 'sso.provider_refused' }, claims: null });
  });

  it('starts once, for its own connection, and only for admins', async () => {
    const path = `${acme.path}/sso-connections/${connection.id}/test`;
    const { startUrl } = await done(admin.client.post(path));
    const other = await done(connect(acme, { name: 'Another' }));
    expect(outcome(await new Browser(app).get(startUrl.replace(connection.id, other.id)))).toEqual([
      422,
      'sso.state_invalid',
    ]);
    expect((await new Browser(app).get(startUrl)).status).toBe(302);
    expect(outcome(await new Browser(app).get(startUrl))).toEqual([422, 'sso.state_invalid']);
    expect(outcome(await staff.client.post(`${acme.path}/sso-connections/${staff.id}/test`))).toEqual([
      404,
      'sso.connection_not_found',
    ]);
    await done(
      staff.client.patch(`${acme.path}/sso-connections/${other.id}`, {
        issuer: `${idp.issuer}/none`,
        clientSecret: 's',
      }),
    );
    const unreachable = await staff.client.post(`${acme.path}/sso-connections/${other.id}/test`);
    expect([unreachable.status, unreachable.body.code]).toEqual([422, expect.stringMatching(/^sso\.provider_/)]);
    await staff.client.delete(`${acme.path}/sso-connections/${other.id}`);
  });
});

describe('proving an address in a verified domain', () => {
  it('adds the user as a member if the organization allows it, and only at the proof', async () => {
    const organization = await newOrganization(staff, 'By mail');
    await proveDomain(organization, 'bymail.example');
    const mine = async (person: Person) =>
      (await done(person.client.get('/account/organizations'))).items.map(({ id, role }: any) => [id, role]);
    const arrive = async (email: string) => {
      await registerPerson(app, email);
      return signIn(app, email);
    };
    const early = await arrive('early@bymail.example');
    expect(await mine(early)).toEqual([]);
    const jit = (more: object) =>
      done(staff.client.patch(`${organization.path}/auth-settings`, { jitProvisioning: more }));
    await jit({ email: true, defaultRole: 'user' });
    const person = await arrive('ada@bymail.example');
    expect(await mine(person)).toEqual([[organization.id, 'user']]);
    expect(await mine(await arrive('ada@sub.bymail.example'))).toEqual([]);
    // A password sign-in is no new proof of the address.
    expect(await mine(await signIn(app, early.email))).toEqual([]);
    const byLink = async (email: string) => {
      await done(app.client().post('/auth/magic-link', { email }));
      const token = await tokenMailedTo(app, email, 1, /sign in/i);
      return (await done(app.client().post('/auth/magic-link/redeem', { token }))).organization?.id;
    };
    expect(await byLink(early.email)).toBe(organization.id);
    await staff.client.delete(`${organization.path}/members/${person.id}`);
    expect(await mine(await signIn(app, person.email))).toEqual([]);
    // Users whom the sign-in policy would refuse are not added.
    await done(staff.client.patch(`${organization.path}/auth-settings`, { allowedMethods: ['passkey', 'oidc'] }));
    expect(await mine(await arrive('late@bymail.example'))).toEqual([]);
  });
});

describe('an identity linked while signed in', () => {
  const linked = async (person: Person) => (await done(person.client.get('/account/identities'))).items;
  /** Goes as far as the code. */
  async function begin(person: Person, login: OpenIdAccount, id = connection.id): Promise<string> {
    const { startUrl } = await done(person.client.post('/account/identities', { connectionId: id }));
    const browser = new Browser(app);
    const location = (await browser.get(startUrl)).headers.get('location') ?? '';
    const { status, body } = await browser.get(await idp.signIn(location, login));
    expect([status, body.organizationId]).toEqual([200, acme.id]);
    return body.code;
  }

  it('lets its owner sign in with any address until it is unlinked', async () => {
    const person = await newMember(app, staff, acme, 'user', 'linker');
    const login = account('other.address@not-proved.example');
    expect(outcome(await signInBy(connection.id, login))).toEqual([403, 'sso.domain_not_verified']);
    const code = await begin(person, login);
    expect(outcome(await redeem(code))).toEqual([422, 'sso.invalid_code']);
    const confirmed = await person.client.post('/account/identities/confirm', { code });
    expect(confirmed).toMatchObject({
      status: 201,
      body: {
        organization: { id: acme.id, name: acme.name },
        connection: { id: connection.id, name: 'Acme IdP', type: 'oidc' },
        subject: login.sub,
        linkedBy: 'person',
        lastUsedAt: null,
      },
    });
    expect(await linked(person)).toEqual([confirmed.body]);
    expect(outcome(await person.client.post('/account/identities/confirm', { code }))).toEqual([
      422,
      'sso.invalid_code',
    ]);
    const tokens = await done(redeem((await signInBy(connection.id, login)).body.code));
    expect(tokens.user).toMatchObject({ id: person.id, email: person.email });
    const own = app.client().as(tokens.accessToken);
    expect((await person.client.delete(`/account/identities/${confirmed.body.id}`)).status).toBe(204);
    expect(outcome(await own.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect((await person.client.get('/account')).status).toBe(200);
    expect(await linked(person)).toEqual([]);
    expect(outcome(await signInBy(connection.id, login))).toEqual([403, 'sso.domain_not_verified']);
    expect(outcome(await person.client.delete(`/account/identities/${confirmed.body.id}`))).toEqual([
      404,
      'sso.identity_not_found',
    ]);
    const { rows } = await app.sql.query(
      `select type, actor_id from organization_events where organization_id = $1 and subject_id = $2 order by seq`,
      [acme.id, confirmed.body.id],
    );
    expect(rows).toEqual(
      ['sso_identity.linked', 'sso_identity.unlinked'].map((type) => ({ type, actor_id: person.id })),
    );
  });

  it('is refused for a request that waits while its session is ended', async () => {
    const person = await newMember(app, staff, acme, 'user', 'link-ended');
    const code = await begin(person, account('ended@not-proved.example'));
    const held = await app.sql.connect();
    let confirming: Promise<Answer> | undefined;
    try {
      await held.query('begin');
      await held.query('select 1 from users where id = $1 for no key update', [person.id]);
      confirming = person.client.post('/account/identities/confirm', { code });
      const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      while ((await app.sql.query(waits)).rows.length === 0);
      await held.query('update sessions set ended_at = now() where user_id = $1', [person.id]);
      await held.query('commit');
    } finally {
      held.release();
    }
    expect(outcome(await confirming)).toEqual([401, 'auth.invalid_token']);
    const { rows } = await app.sql.query('select 1 from sso_identities where user_id = $1', [person.id]);
    expect(rows).toEqual([]);
  });

  it('is linked only by the session that started it, and belongs to one account', async () => {
    const one = await newMember(app, staff, acme, 'user', 'link-one');
    const other = await newMember(app, staff, acme, 'user', 'link-two');
    const login = account('shared@not-proved.example');
    // A user lured to another user's link has linked nothing, and the attacker never sees the code.
    const code = await begin(one, login);
    expect(outcome(await other.client.post('/account/identities/confirm', { code }))).toEqual([
      422,
      'sso.invalid_code',
    ]);
    expect((await one.client.post('/account/identities/confirm', { code })).status).toBe(201);
    const theirs = await begin(other, login);
    expect(outcome(await other.client.post('/account/identities/confirm', { code: theirs }))).toEqual([
      409,
      'sso.identity_taken',
    ]);
    expect(await linked(other)).toEqual([]);
  });

  it('requires a membership and a fresh proof, and is not removed while it is the only sign-in method', async () => {
    const stranger = await newPerson(app, 'link-stranger');
    const begun = (person: Person) => person.client.post('/account/identities', { connectionId: connection.id });
    expect(outcome(await begun(stranger))).toEqual([404, 'sso.connection_not_found']);
    const member = await newMember(app, staff, acme, 'user', 'link-stale');
    await app.sql.query(`update sessions set proved_at = now() - interval '1 hour' where user_id = $1`, [member.id]);
    expect(outcome(await begun(member))).toEqual([403, 'auth.step_up_required']);

    const alone = await done(redeem((await signInBy(connection.id, account('alone@acme.example'))).body.code));
    const client = app.client().as(alone.accessToken);
    await stepUpByMail(app, client, 'alone@acme.example');
    const { items } = await done(client.get('/account/identities'));
    expect(items).toMatchObject([{ linkedBy: 'domain', connection: { id: connection.id } }]);
    expect(outcome(await client.delete(`/account/identities/${items[0].id}`))).toEqual([409, 'sso.last_way_in']);
    const { code } = await (async () => {
      const { startUrl } = await done(client.post('/account/identities', { connectionId: connection.id }));
      const browser = new Browser(app);
      const location = (await browser.get(startUrl)).headers.get('location') ?? '';
      return (await browser.get(await idp.signIn(location, account('alone.2@acme.example')))).body;
    })();
    await done(client.post('/account/identities/confirm', { code }));
    const both: { id: string }[] = (await done(client.get('/account/identities'))).items;
    const removed = await Promise.all(both.map(({ id }) => client.delete(`/account/identities/${id}`)));
    expect(removed.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
  });
});

describe('organization discovery', () => {
  const discover = (query: string) => app.client().get(`/auth/discovery?${query}`);

  it('finds the organization of an address, with or without an account', async () => {
    const known = await discover('email=Ada@acme.example');
    expect(known).toMatchObject({
      status: 200,
      body: {
        methods: ['password', 'magic_link', 'passkey', 'oidc'],
        connections: [{ id: connection.id, name: 'Acme IdP', type: 'oidc', startUrl: connection.startUrl }],
        organization: { id: acme.id, name: acme.name },
        branding: { displayName: expect.any(String) },
      },
    });
    expect((await discover('email=nobody@acme.example')).body).toEqual(known.body);
    expect((await discover(`organization=${acme.slug}`)).body).toEqual(known.body);
    expect((await discover(`organization=${acme.id}`)).body).toEqual(known.body);
  });

  it('reveals nothing about what does not exist', async () => {
    const nothing = await discover('');
    expect(nothing.body).toMatchObject({
      organization: null,
      connections: [],
      methods: ['password', 'magic_link', 'passkey'],
    });
    for (const query of ['email=ada@elsewhere.example', 'organization=no-such', `organization=${staff.id}`])
      expect((await discover(query)).body).toEqual(nothing.body);
    expect(outcome(await discover('email=nobody'))).toEqual([400, 'validation_failed']);
  });

  it('shows the allowed sign-in methods of an organization, which refuses all others', async () => {
    const organization = await newOrganization(staff, 'SSO alone');
    await proveDomain(organization, 'alone.example');
    const made = await done(connect(organization));
    await done(staff.client.patch(`${organization.path}/auth-settings`, { allowedMethods: ['oidc'] }));
    expect((await discover('email=x@alone.example')).body.methods).toEqual(['oidc']);
    const back = await signInBy(made.id, account('only@alone.example'));
    const tokens = await done(redeem(back.body.code));
    expect(tokens.organization.id).toBe(organization.id);
    expect((await app.client().as(tokens.accessToken).get(organization.path)).status).toBe(200);
    await done(staff.client.patch(`${organization.path}/auth-settings`, { jitProvisioning: { sso: false } }));
    expect(outcome(await signInBy(made.id, account('late@alone.example')))).toEqual([403, 'sso.not_a_member']);
    await done(staff.client.patch(`${organization.path}/auth-settings`, { allowedMethods: ['saml'] }));
    expect(outcome(await app.client().as(tokens.accessToken).get(organization.path))).toEqual([
      401,
      'auth.invalid_token',
    ]);
    expect(outcome(await signInBy(made.id, account('later@alone.example')))).toEqual([403, 'auth.method_not_allowed']);
  });

  it('refuses other organizations to a session of one organization’s provider', async () => {
    const other = await newOrganization(staff, 'Elsewhere');
    const back = await signInBy(connection.id, account('two@acme.example'));
    const tokens = await done(redeem(back.body.code));
    await done(staff.client.post(`${other.path}/members`, { email: 'two@acme.example', role: 'user' }));
    const client = app.client().as(tokens.accessToken);
    expect((await client.get(acme.path)).status).toBe(200);
    expect(outcome(await client.get(other.path))).toEqual([403, 'auth.step_up_required']);
  });
});
