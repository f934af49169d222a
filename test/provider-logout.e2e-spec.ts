import { createSign, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Browser } from './support/browser.js';
import type { Answer, Client } from './support/client.js';
import {
  anotherKey,
  type HostileProvider,
  keyedWith,
  signedBy,
  startHostileProvider,
} from './support/hostile-provider.js';
import { type Person, signInAdmin } from './support/people.js';
import { one, two } from './support/saml-keys.js';
import { answerOf, encoded, IDP, metadataOf, requestOf, saidFor, signed } from './support/saml-provider.js';
import { BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let organization: Organization;
let idp: HostileProvider;
let oidc: any;
let saml: any;

const PERSON = { sub: 'ada', email: 'ada@logout.example', email_verified: true, name: 'Ada' };
const IDP_LOGOUT = 'https://idp.example/logout?tenant=1';

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Signs out');
  idp = await startHostileProvider('trellis', PERSON);
  await app.sql.query(
    `insert into verified_domains select operator_id, 'logout.example', id from organizations where id = $1`,
    [organization.id],
  );
  const connect = async (more: object) =>
    (await staff.client.post(`${organization.path}/sso-connections`, { name: 'IdP', ...more })).body;
  oidc = await connect({ type: 'oidc', issuer: idp.issuer, clientId: 'trellis', clientSecret: 'secret' });
  const logout = `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${IDP_LOGOUT}"/>`;
  const metadata = metadataOf(one.certificate).replace('<md:SingleSignOn', `${logout}<md:SingleSignOn`);
  saml = await connect({ type: 'saml', metadata });
});
afterAll(async () => {
  await app.close();
  await idp.close();
});

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const redeem = async (code: string): Promise<Client> => {
  const { body } = await app.client().post('/auth/sso/token', { code });
  return app.client().as(body.accessToken);
};
const isSignedIn = async (client: Client): Promise<boolean> => (await client.get('/account')).status !== 401;
/** Which of them are signed in. */
const signedIn = (...clients: Client[]): Promise<boolean[]> => Promise.all(clients.map(isSignedIn));

describe('a sign-out at an OpenID provider', () => {
  async function signIn(sub: string, sid?: string): Promise<Client> {
    const email = `${sub}@logout.example`;
    idp.fault = { claims: (good) => ({ ...good, sub, email, ...(sid && { sid }) }) };
    const browser = new Browser(app);
    const { body } = await browser.get(idp.answer(await browser.start(oidc.id)));
    return redeem(body.code);
  }

  const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const now = () => Math.floor(Date.now() / 1000);
  const claimsFor = (more: object) => ({
    iss: idp.issuer,
    aud: 'trellis',
    iat: now(),
    exp: now() + 120,
    jti: randomUUID(),
    events: EVENTS,
    ...more,
  });
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  function tokenOf(claims: object, header: object = {}, sign?: (input: string) => string): string {
    const input = `${part({ alg: 'RS256', kid: 'one', typ: 'logout+jwt', ...header })}.${part(claims)}`;
    return `${input}.${(sign ?? signedBy(idp.keys[0]!))(input)}`;
  }
  const post = (token: string, id: string = oidc.id, to = oidc.logoutUrl as string) =>
    app.client().request('POST', to.replace(oidc.id, id).replace(BASE_URL, app.origin), {
      body: new URLSearchParams({ logout_token: token }),
    });

  it('has an address in the connection', () => {
    expect(oidc.logoutUrl).toBe(`${BASE_URL}/t/demo/api/v1/auth/sso/oidc/${oidc.id}/logout`);
  });

  it('ends all sessions of the user that the connection opened, and no others', async () => {
    const [first, second, other] = [await signIn('grace'), await signIn('grace', 's-1'), await signIn('alan')];
    const answer = await post(tokenOf(claimsFor({ sub: 'grace' })));
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await signedIn(first, second, other)).toEqual([false, false, true]);
    const { rows } = await app.sql.query(
      `select s.end_reason as reason from sessions s join users u on u.id = s.user_id
       where u.email = 'grace@logout.example'`,
    );
    expect(rows).toEqual([{ reason: 'signed_out_at_provider' }, { reason: 'signed_out_at_provider' }]);
  });

  it('ends the sessions of one session at the provider, with or without the subject', async () => {
    const [first, second] = [await signIn('mary', 'm-1'), await signIn('mary', 'm-2')];
    expect((await post(tokenOf(claimsFor({ sub: 'mary', sid: 'm-1' })))).status).toBe(200);
    expect(await signedIn(first, second)).toEqual([false, true]);
    expect((await post(tokenOf(claimsFor({ sid: 'm-2' })))).status).toBe(200);
    expect(await signedIn(second)).toEqual([false]);
  });

  it('changes nothing for a user who is not known, and when it arrives again', async () => {
    const before = await signIn('joan', 'j-1');
    expect((await post(tokenOf(claimsFor({ sub: 'nobody' })))).status).toBe(200);
    const token = tokenOf(claimsFor({ sub: 'joan' }));
    expect((await post(token)).status).toBe(200);
    const after = await signIn('joan', 'j-2');
    expect((await post(token)).status).toBe(200);
    expect(await signedIn(before, after)).toEqual([false, true]);
  });

  it.each<[string, () => string]>([
    ['a nonce, as an ID token has', () => tokenOf(claimsFor({ sub: 'ada', nonce: 'n' }))],
    ['no event', () => tokenOf(claimsFor({ sub: 'ada', events: undefined }))],
    ['another event', () => tokenOf(claimsFor({ sub: 'ada', events: { 'https://x.example': {} } }))],
    ['another audience', () => tokenOf(claimsFor({ sub: 'ada', aud: 'another' }))],
    ['another issuer', () => tokenOf(claimsFor({ sub: 'ada', iss: 'https://another.example' }))],
    ['an old time', () => tokenOf(claimsFor({ sub: 'ada', iat: now() - 7_200 }))],
    ['no time', () => tokenOf(claimsFor({ sub: 'ada', iat: undefined }))],
    ['no id', () => tokenOf(claimsFor({ sub: 'ada', jti: undefined }))],
    ['no one', () => tokenOf(claimsFor({}))],
    ['a subject that cannot be stored', () => tokenOf(claimsFor({ sub: 'a\0' }))],
    ['a subject that is no text, beside a session', () => tokenOf(claimsFor({ sub: 5, sid: 'a-1' }))],
    ['a session that is no text', () => tokenOf(claimsFor({ sub: 'ada', sid: 5 }))],
    ['another key', () => tokenOf(claimsFor({ sub: 'ada' }), {}, signedBy(anotherKey))],
    ['an unknown key', () => tokenOf(claimsFor({ sub: 'ada' }), { kid: 'x' }, signedBy(anotherKey))],
    ['HMAC', () => tokenOf(claimsFor({ sub: 'ada' }), { alg: 'HS256' }, keyedWith('secret'))],
    ['no signature', () => tokenOf(claimsFor({ sub: 'ada' }), { alg: 'none' }, () => '')],
    ['no token', () => 'hello'],
    ['a large token', () => 'a'.repeat(200_000)],
  ])('is refused with %s', async (_, make) => {
    const ada = await signIn('ada', 'a-1');
    expect(outcome(await post(make()))).toEqual([400, 'sso.logout_token_invalid']);
    expect(await signedIn(ada)).toEqual([true]);
  });

  it('asks a provider that does not show its keys once, and says so', async () => {
    await staff.client.patch(`${organization.path}/sso-connections/${oidc.id}`, { name: 'Renamed' });
    let asked = 0;
    const broken = createServer((_, response) => {
      asked++;
      response.writeHead(asked === 1 ? 503 : 200).end('{}');
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const jwks_uri = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/`;
    idp.fault = { metadata: (good) => ({ ...good, jwks_uri }) };
    const answers: Answer[] = [];
    for (let turn = 0; turn < 5; turn++) answers.push(await post(tokenOf(claimsFor({ sub: 'ada' }))));
    expect(answers.map(outcome)).toEqual(answers.map(() => [422, 'sso.provider_unreachable']));
    expect(asked).toBe(1);
    await staff.client.patch(`${organization.path}/sso-connections/${oidc.id}`, { name: 'Renamed again' });
    expect(outcome(await post(tokenOf(claimsFor({ sub: 'ada' }))))).toEqual([422, 'sso.provider_unreachable']);
    expect(asked).toBe(2);
    broken.close();
    idp.fault = {};
    await staff.client.patch(`${organization.path}/sso-connections/${oidc.id}`, { name: 'IdP' });
    expect((await post(tokenOf(claimsFor({ sub: 'ada' })))).status).toBe(200);
  });

  it('is a matter of its own connection', async () => {
    const token = tokenOf(claimsFor({ sub: 'ada' }));
    expect(outcome(await post(token, randomUUID()))).toEqual([404, 'sso.connection_not_found']);
    expect(outcome(await post(token, saml.id))).toEqual([404, 'sso.connection_not_found']);
    expect(outcome(await post(token, 'x'))).toEqual([404, 'sso.connection_not_found']);
    const none = await app.client().request('POST', oidc.logoutUrl.replace(BASE_URL, app.origin), {
      body: new URLSearchParams({ x: 'y' }),
    });
    expect(outcome(none)).toEqual([400, 'validation_failed']);
  });
});

describe('a sign-out at a SAML provider', () => {
  async function signIn(name: string): Promise<{ client: Client; session: string }> {
    const browser = new Browser(app);
    const request = requestOf(await browser.start(saml.id));
    const session = `_s${randomUUID()}`;
    const xml = answerOf(saidFor(request, `${name}@logout.example`, { sessionIndex: session }));
    const { body } = await browser.post(request.acsUrl, { SAMLResponse: encoded(xml), RelayState: request.relayState });
    return { client: await redeem(body.code), session };
  }

  interface Request {
    id: string;
    name: string;
    session?: string;
    issuer?: string;
    destination?: string;
    notOnOrAfter?: Date | null;
    issueInstant?: Date;
  }
  const logoutRequest = ({
    id,
    name,
    session,
    issuer = IDP,
    destination = saml.logoutUrl as string,
    notOnOrAfter = new Date(Date.now() + 60_000),
    issueInstant = new Date(),
  }: Request) =>
    `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${issueInstant.toISOString()}" Destination="${destination}"${notOnOrAfter ? ` NotOnOrAfter="${notOnOrAfter.toISOString()}"` : ''}><saml:Issuer>${issuer}</saml:Issuer><saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">${name}@logout.example</saml:NameID>${session ? `<samlp:SessionIndex>${session}</samlp:SessionIndex>` : ''}</samlp:LogoutRequest>`;
  const newRequest = (more: Omit<Request, 'id'>) => {
    const id = `_l${randomUUID()}`;
    return { id, xml: logoutRequest({ id, ...more }) };
  };

  const post = (xml: string) =>
    app.client().request('POST', saml.logoutUrl.replace(BASE_URL, app.origin), {
      body: new URLSearchParams({ SAMLRequest: encoded(xml), RelayState: 'back' }),
    });

  const RSA = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
  function queryOf(xml: string, { key = one.key, algorithm = RSA, hash = 'RSA-SHA256' } = {}): string {
    const deflated = deflateRawSync(xml).toString('base64');
    const query = `SAMLRequest=${encodeURIComponent(deflated)}&RelayState=back&SigAlg=${encodeURIComponent(algorithm)}`;
    const signature = createSign(hash).update(query).sign(key, 'base64');
    return `${query}&Signature=${encodeURIComponent(signature)}`;
  }
  const redirect = (query: string) =>
    app.client().request('GET', `${saml.logoutUrl.replace(BASE_URL, app.origin)}?${query}`, {});

  it('is announced in the metadata and has an address in the connection', async () => {
    expect(saml).toMatchObject({
      logoutUrl: `${BASE_URL}/t/demo/sso/saml/${saml.id}/logout`,
      idpLogoutUrl: IDP_LOGOUT,
    });
    const { body } = await app.client().get(`/auth/sso/saml/${saml.id}/metadata`);
    expect(body).toContain(`Location="${saml.logoutUrl}"`);
  });

  it.each(['post', 'redirect'])('ends one session by %s, then all, and sends the browser back', async (binding) => {
    const name = `lin-${binding}`;
    const [first, second, other] = [await signIn(name), await signIn(name), await signIn('ken')];
    const send = ({ id, xml }: { id: string; xml: string }) =>
      binding === 'post' ? post(signed(xml, id)) : redirect(queryOf(xml));
    const asked = newRequest({ name, session: first.session });
    const back = await send(asked);
    expect(back.status).toBe(303);
    const url = new URL(back.headers.get('location') ?? '');
    expect([url.origin + url.pathname, url.searchParams.get('tenant'), url.searchParams.get('RelayState')]).toEqual([
      'https://idp.example/logout',
      '1',
      'back',
    ]);
    const response = inflateRawSync(Buffer.from(url.searchParams.get('SAMLResponse') ?? '', 'base64')).toString();
    expect(response).toContain(`InResponseTo="${asked.id}"`);
    expect(response).toContain('status:Success');
    expect(await signedIn(first.client, second.client, other.client)).toEqual([false, true, true]);
    expect((await send(newRequest({ name }))).status).toBe(303);
    expect(await signedIn(second.client, other.client)).toEqual([false, true]);
  });

  it('ends on a page if the provider has no address for the answer', async () => {
    const path = `${organization.path}/sso-connections/${saml.id}`;
    expect((await staff.client.patch(path, { idpLogoutUrl: null })).body.idpLogoutUrl).toBeNull();
    const { id, xml } = newRequest({ name: 'ken' });
    const page = await post(signed(xml, id));
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('You are signed out')]);
    await staff.client.patch(path, { idpLogoutUrl: IDP_LOGOUT });
    for (const idpLogoutUrl of ['javascript:alert(1)', 'http://evil.example', 'x'])
      expect((await staff.client.patch(path, { idpLogoutUrl })).status).toBeGreaterThanOrEqual(400);
  });

  it.each<[string, () => Promise<Answer>]>([
    ['not signed', () => post(newRequest({ name: 'eve' }).xml)],
    ['not signed, by redirect', () => redirect(queryOf(newRequest({ name: 'eve' }).xml).replace(/&SigAlg.*/, ''))],
    ['its signature left out', () => redirect(queryOf(newRequest({ name: 'eve' }).xml).replace(/&Signature.*/, ''))],
    [
      'signed by another',
      () => {
        const { id, xml } = newRequest({ name: 'eve' });
        return post(signed(xml, id, { key: two.key }));
      },
    ],
    ['signed by another, by redirect', () => redirect(queryOf(newRequest({ name: 'eve' }).xml, { key: two.key }))],
    [
      'signed with SHA-1',
      () => {
        const { id, xml } = newRequest({ name: 'eve' });
        return post(signed(xml, id, { algorithm: 'sha1' }));
      },
    ],
    [
      'signed with SHA-1, by redirect',
      () =>
        redirect(
          queryOf(newRequest({ name: 'eve' }).xml, {
            algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
            hash: 'RSA-SHA1',
          }),
        ),
    ],
    [
      'changed after it was signed',
      () => {
        const { id, xml } = newRequest({ name: 'bob' });
        return post(signed(xml, id).replace('bob@', 'eve@'));
      },
    ],
    ['expired', () => redirect(queryOf(newRequest({ name: 'eve', notOnOrAfter: new Date(Date.now() - 600_000) }).xml))],
    [
      'old, without an end',
      () =>
        redirect(
          queryOf(newRequest({ name: 'eve', notOnOrAfter: null, issueInstant: new Date(Date.now() - 7_200_000) }).xml),
        ),
    ],
    [
      'beside another message that is signed',
      () => {
        const forged = encodeURIComponent(deflateRawSync(newRequest({ name: 'eve' }).xml).toString('base64'));
        const answered = queryOf('<samlp:LogoutResponse/>').replace('SAMLRequest', 'SAMLResponse');
        const [query = ''] = answered.split('&Signature');
        const signature = createSign('RSA-SHA256').update(query).sign(one.key, 'base64');
        return redirect(`${query}&Signature=${encodeURIComponent(signature)}&SAML%52esponse=x&SAML%52equest=${forged}`);
      },
    ],
    ['of another provider', () => redirect(queryOf(newRequest({ name: 'eve', issuer: 'https://x.example' }).xml))],
    ['for another address', () => redirect(queryOf(newRequest({ name: 'eve', destination: 'https://x.example' }).xml))],
    ['for no address', () => redirect(queryOf(newRequest({ name: 'eve' }).xml.replace(/ Destination="[^"]+"/, '')))],
    ['no XML', () => redirect(queryOf('hello'))],
    ['inflating without end', () => redirect(queryOf(' '.repeat(5_000_000)))],
    ['not deflated', () => redirect('SAMLRequest=AAAA&SigAlg=x&Signature=AAAA')],
  ])('is refused: %s', async (_, send) => {
    const { client } = await signIn('eve');
    const refused = await send();
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('is not valid')]);
    expect(await signedIn(client)).toEqual([true]);
  });

  it('is refused without a request, and for no connection', async () => {
    expect((await redirect('a=b')).status).toBe(400);
    const at = saml.logoutUrl.replace(BASE_URL, app.origin).replace(saml.id, oidc.id);
    expect((await app.client().request('GET', `${at}?SAMLRequest=AAAA`, {})).status).toBe(404);
  });
});
