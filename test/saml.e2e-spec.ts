import { newId } from '../src/common/ids/index.js';
import { Browser } from './support/browser.js';
import type { Answer } from './support/client.js';
import { type Person, signInAdmin } from './support/people.js';
import { one, two } from './support/saml-keys.js';
import {
  answerOf,
  assertionOf,
  encoded,
  IDP,
  metadataOf,
  requestOf,
  responseOf,
  type Said,
  saidFor,
  type SamlRequest,
  signed,
} from './support/saml-provider.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let organization: Organization;
let connection: any;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'SAML');
  await app.sql.query(
    `insert into verified_domains select operator_id, 'saml.example', id from organizations where id = $1`,
    [organization.id],
  );
  connection = (await connect({ metadata: metadataOf(one.certificate) })).body;
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const connect = (more: object): Promise<Answer> =>
  staff.client.post(`${organization.path}/sso-connections`, { type: 'saml', name: 'SAML IdP', ...more });
const redeem = (code: string) => app.client().post('/auth/sso/token', { code });

/** Answers by what the provider signs. */
const ANSWERS = {
  both: answerOf,
  response: (said: Said) => signed(responseOf(said, assertionOf(said)), said.responseId),
  assertion: (said: Said) => responseOf(said, signed(assertionOf(said), said.assertionId)),
  neither: (said: Said) => responseOf(said, assertionOf(said)),
};

let people = 0;
const newAddress = (): string => `person-${++people}@saml.example`;

interface PendingSsoLogin {
  browser: Browser;
  request: SamlRequest;
}

async function begin(id: string = connection.id): Promise<PendingSsoLogin> {
  const browser = new Browser(app);
  return { browser, request: requestOf(await browser.start(id)) };
}

const post = ({ browser, request }: PendingSsoLogin, xml: string, relayState = request.relayState): Promise<Answer> =>
  browser.post(request.acsUrl, { SAMLResponse: encoded(xml), RelayState: relayState });

/** Signs in with an answer whose contents or signature differ. */
async function signInWith(more: Partial<Said>, make: (said: Said) => string = answerOf): Promise<Answer> {
  const begun = await begin();
  return post(begun, make(saidFor(begun.request, newAddress(), more)));
}

describe('SAML sign-in', () => {
  it('sends the request to the URL in the metadata and accepts the answer', async () => {
    expect(connection).toMatchObject({
      type: 'saml',
      entityId: IDP,
      ssoUrl: 'https://idp.example/sso',
      allowIdpInitiated: false,
      spEntityId: `${BASE_URL}/t/demo/api/v1/auth/sso/saml/${connection.id}/metadata`,
      acsUrl: `${BASE_URL}/t/demo/api/v1/auth/sso/saml/${connection.id}/acs`,
    });
    const browser = new Browser(app);
    const location = await browser.start(connection.id);
    expect(location.startsWith('https://idp.example/sso?')).toBe(true);
    const request = requestOf(location);
    expect(request).toMatchObject({ acsUrl: connection.acsUrl, audience: connection.spEntityId });
    const said = saidFor(request, 'ada@saml.example', { attributes: { displayName: ['Ada'], groups: ['a', 'b'] } });
    const back = await post({ browser, request }, answerOf(said));
    expect(back).toMatchObject({ status: 200, body: { code: expect.stringMatching(/^trt_/) } });
    const { body } = await redeem(back.body.code);
    expect(body).toMatchObject({
      user: { email: 'ada@saml.example', name: 'Ada' },
      organization: { id: organization.id },
    });
    const { rows } = await app.sql.query('select claims from session_claims order by session_id desc limit 1');
    expect(rows[0].claims).toMatchObject({ name_id: 'ada@saml.example', groups: ['a', 'b'] });
  });

  it('posts the request where the provider takes no redirect', async () => {
    const metadata = metadataOf(one.certificate).replace('HTTP-Redirect', 'SOAP');
    const { body: posting } = await connect({ metadata });
    expect(posting).toMatchObject({ ssoUrl: 'https://idp.example/post', ssoBinding: 'post' });
    const browser = new Browser(app);
    const page = await browser.get(posting.startUrl);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("form-action 'self' https:;"),
    ]);
    expect(page.body).toContain('action="https://idp.example/post"');
    expect(page.body).toContain('<header>SAML</header>');
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page.body)?.[1] ?? '';
    const xml = Buffer.from(field('SAMLRequest'), 'base64').toString();
    const id = / ID="([^"]+)"/.exec(xml)?.[1] ?? '';
    const request = { id, acsUrl: posting.acsUrl, audience: posting.spEntityId, relayState: field('RelayState') };
    const said = saidFor(request, newAddress());
    expect((await post({ browser, request: { ...request, forced: false } }, answerOf(said))).status).toBe(200);
    const path = `${organization.path}/sso-connections/${posting.id}`;
    expect((await staff.client.patch(path, { ssoBinding: 'redirect' })).body.ssoBinding).toBe('redirect');
    expect((await new Browser(app).get(posting.startUrl)).status).toBe(302);
  });

  it('requests a new authentication for a fresh proof and accepts no older one', async () => {
    const signInAgain = async (authnInstant: Date) => {
      const browser = new Browser(app);
      const request = requestOf(await browser.start(connection.id, '?prompt=login'));
      expect(request.forced).toBe(true);
      return post({ browser, request }, answerOf(saidFor(request, 'again@saml.example', { authnInstant })));
    };
    expect((await begin()).request.forced).toBe(false);
    expect(outcome(await signInAgain(new Date(Date.now() - 3_600_000)))).toEqual([403, 'sso.login_not_repeated']);
    const { body } = await signInAgain(new Date());
    expect((await redeem(body.code)).status).toBe(200);
    const { rows } = await app.sql.query(
      `select s.sso_proved_at > now() - interval '1 minute' as fresh from sessions s join users u on u.id = s.user_id
       where u.email = 'again@saml.example'`,
    );
    expect(rows).toEqual([{ fresh: true }]);
  });

  it('can be tested without creating a session', async () => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    const { body: test } = await staff.client.post(`${path}/test`);
    const browser = new Browser(app);
    const request = requestOf((await browser.get(test.startUrl)).headers.get('location') ?? '');
    const said = saidFor(request, 'tried@saml.example', { attributes: { displayName: ['Tried'], groups: ['a'] } });
    const shown = await post({ browser, request }, answerOf(said));
    expect(shown).toMatchObject({
      status: 200,
      body: {
        outcome: 'signed_in',
        subject: 'tried@saml.example',
        claims: { name_id: 'tried@saml.example', displayName: 'Tried', groups: ['a'] },
        mapped: { email: 'tried@saml.example', name: 'Tried', emailVerified: null },
        account: { id: null },
        membership: { isNew: true, role: 'user' },
      },
    });
    expect((await staff.client.get(path)).body.lastTest).toEqual(shown.body);
    expect((await app.sql.query(`select 1 from users where email = 'tried@saml.example'`)).rows).toEqual([]);

    const again = await staff.client.post(`${path}/test`);
    const bounced = new Browser(app);
    const asked = requestOf((await bounced.get(again.body.startUrl)).headers.get('location') ?? '');
    const unsigned = encoded(
      responseOf(saidFor(asked, 'x@saml.example'), assertionOf(saidFor(asked, 'x@saml.example'))),
    );
    const refused = await bounced.post(asked.acsUrl, { SAMLResponse: unsigned, RelayState: asked.relayState });
    expect(refused.body).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'sso.signature_invalid' },
      claims: null,
    });
  });

  it('survives the cookie that browsers withhold from a cross-site post', async () => {
    const begun = await begin();
    const stranger = new Browser(app);
    const answer = answerOf(saidFor(begun.request, newAddress()));
    const bounced = await post({ ...begun, browser: stranger }, answer);
    expect(bounced.status).toBe(303);
    const finish = bounced.headers.get('location') ?? '';
    expect(finish).toMatch(/\/auth\/sso\/saml\/finish\?ticket=trt_/);
    expect(outcome(await stranger.get(finish))).toEqual([403, 'sso.browser_mismatch']);
    expect((await begun.browser.get(finish)).status).toBe(200);
    expect(outcome(await begun.browser.get(finish))).toEqual([422, 'sso.state_invalid']);
  });

  it('tells the browser that began why a response is refused, although its cookie was withheld', async () => {
    const refuse = async ({ browser, request }: PendingSsoLogin) => {
      const unsigned = ANSWERS.neither(saidFor(request, newAddress()));
      const bounced = await post({ browser: new Browser(app), request }, unsigned);
      expect(bounced.status).toBe(303);
      const finish = bounced.headers.get('location') ?? '';
      expect(outcome(await new Browser(app).get(finish, 'text/html'))).toEqual([403, undefined]);
      return browser.get(finish, 'text/html');
    };
    const page = await refuse(await begin());
    expect([page.status, page.body]).toEqual([401, expect.stringContaining('sso.signature_invalid')]);
    expect(page.body).toMatch(/ href="[^"]*\/start"[^>]*>Try again</);

    const browser = new Browser(app);
    const returnTo = `${BASE_URL}/t/demo/sign-in`;
    const location = await browser.start(connection.id, `?returnTo=${encodeURIComponent(returnTo)}`);
    const back = await refuse({ browser, request: requestOf(location) });
    expect([back.status, back.headers.get('location')]).toEqual([
      303,
      `${returnTo}?error=sso.signature_invalid&connection=${connection.id}`,
    ]);

    const path = `${organization.path}/sso-connections/${connection.id}`;
    const { body: test } = await staff.client.post(`${path}/test`);
    const tester = new Browser(app);
    const asked = requestOf((await tester.get(test.startUrl)).headers.get('location') ?? '');
    expect((await refuse({ browser: tester, request: asked })).status).toBe(200);
    expect((await staff.client.get(path)).body.lastTest).toMatchObject({
      outcome: 'refused',
      refusal: {
        code: 'sso.signature_invalid',
        detail: 'The identity provider signed neither the response nor the assertion.',
      },
    });
  });

  it('refuses programs regardless of the content type they accept', async () => {
    const url = `${app.origin}/t/demo/api/v1/auth/sso/saml/${newId()}/metadata`;
    const answer = await fetch(url, { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ]);
  });

  it('publishes service provider metadata', async () => {
    const { status, headers, body } = await app.client().get(`/auth/sso/saml/${connection.id}/metadata`);
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('samlmetadata+xml')]);
    expect(body).toContain(`entityID="${connection.spEntityId}"`);
    expect(body).toContain(`Location="${connection.acsUrl}"`);
    expect(body).toContain('WantAssertionsSigned="true"');
  });

  it('accepts each answer once: of twenty simultaneous ones on two servers, one signs in', async () => {
    const begun = await begin();
    const answer = answerOf(saidFor(begun.request, newAddress()));
    const other = { ...begun, browser: begun.browser.at(second.origin) };
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => post(at % 2 ? begun : other, answer)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
      new Set(['sso.state_invalid']),
    );
    // Nor within another sign-in.
    expect(outcome(await post(await begin(), answer))).toEqual([401, 'sso.in_response_to_mismatch']);
  });

  it('accepts the old and the new certificate while both are configured', async () => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    const byTwo = (said: Said) => answerOf(said, { key: two.key });
    expect(outcome(await signInWith({}, byTwo))).toEqual([401, 'sso.signature_invalid']);
    await staff.client.patch(path, { certificates: [one.certificate, two.certificate] });
    expect((await signInWith({})).status).toBe(200);
    expect((await signInWith({}, byTwo)).status).toBe(200);
    await staff.client.patch(path, { metadata: metadataOf(two.certificate) });
    expect(outcome(await signInWith({}))).toEqual([401, 'sso.signature_invalid']);
    expect((await signInWith({}, byTwo)).status).toBe(200);
    await staff.client.patch(path, { certificates: [one.certificate] });
  });

  const long = new Date(Date.now() - 3_600_000);
  it.each<[string, Partial<Said>, number, string]>([
    ['another issuer', { issuer: 'https://evil.example' }, 401, 'sso.issuer_mismatch'],
    ['another audience', { audience: 'https://other.example' }, 401, 'sso.audience_mismatch'],
    ['another recipient', { recipient: 'https://other.example/acs' }, 401, 'sso.recipient_mismatch'],
    ['an answer to another request', { inResponseTo: '_other' }, 401, 'sso.in_response_to_mismatch'],
    ['an answer to none', { inResponseTo: null, confirmedFor: null }, 401, 'sso.in_response_to_mismatch'],
    ['a confirmation for another request', { confirmedFor: '_other' }, 401, 'sso.in_response_to_mismatch'],
    ['a confirmation for none', { confirmedFor: null }, 401, 'sso.in_response_to_mismatch'],
    [
      'an end in the past',
      { notBefore: long, notOnOrAfter: new Date(long.getTime() + 60_000) },
      401,
      'sso.token_expired',
    ],
    [
      'a beginning to come',
      { notBefore: new Date(Date.now() + 3_600_000), notOnOrAfter: new Date(Date.now() + 7_200_000) },
      401,
      'sso.token_expired',
    ],
    [
      'a name for this session alone',
      { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' },
      401,
      'sso.claim_missing',
    ],
    [
      'a lasting id that looks like an address, and no address',
      {
        nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
        attributes: { 'urn:oasis:names:tc:SAML:attribute:subject-id': ['lasting@saml.example'] },
      },
      403,
      'sso.email_missing',
    ],
    ['an address elsewhere', { nameId: 'eve@other.example' }, 403, 'sso.domain_not_verified'],
    ['a name that a comment cuts', { nameId: 'eve@saml.example<!---->.other.example' }, 401, 'sso.response_invalid'],
    ['no address', { nameId: 'eve' }, 403, 'sso.email_missing'],
  ])('refuses %s', async (_, said, status, code) => expect(outcome(await signInWith(said))).toEqual([status, code]));

  it('takes no lasting id for the NameID of another user', async () => {
    const victim = await signInWith({ nameId: 'v-1', attributes: { email: ['victim@saml.example'] } });
    const other = await signInWith({
      nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
      attributes: { email: ['other@saml.example'], 'urn:oasis:names:tc:SAML:attribute:subject-id': ['v-1'] },
    });
    const users = await Promise.all([victim, other].map(async ({ body }) => (await redeem(body.code)).body.user.email));
    expect(users).toEqual(['victim@saml.example', 'other@saml.example']);
  });

  it.each<[string, (said: Said) => string, number, string]>([
    ['nothing signed', (said) => responseOf(said, assertionOf(said)), 401, 'sso.signature_invalid'],
    [
      'a word changed afterwards',
      (said) => answerOf(said).replace('Ada Lovelace', 'Eve'),
      401,
      'sso.signature_invalid',
    ],
    ['SHA-1', (said) => answerOf(said, { algorithm: 'sha1' }), 401, 'sso.algorithm_not_allowed'],
    [
      'a document type',
      (said) => `<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>${answerOf(said)}`,
      401,
      'sso.response_invalid',
    ],
    [
      'a bomb of entities',
      (said) => `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${answerOf(said)}`,
      401,
      'sso.response_invalid',
    ],
    ['no XML', () => 'not XML at all', 401, 'sso.response_invalid'],
    ['nothing', () => ' ', 401, 'sso.response_invalid'],
    [
      'a refusal',
      (said) => responseOf({ ...said, status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }, ''),
      403,
      'sso.provider_refused',
    ],
    [
      'two assertions',
      (said) =>
        signed(
          responseOf(
            said,
            signed(assertionOf(said), said.assertionId) + assertionOf({ ...said, assertionId: '_evil' }),
          ),
          said.responseId,
        ),
      401,
      'sso.signature_invalid',
    ],
  ])('refuses %s', async (_, make, status, code) =>
    expect(outcome(await signInWith({}, make))).toEqual([status, code]),
  );

  it.each<[required: string, parts: keyof typeof ANSWERS, expected: number | string, missing: string[] | undefined]>([
    ['either', 'response', 200, undefined],
    ['either', 'assertion', 200, undefined],
    ['either', 'neither', 'sso.signature_invalid', ['response', 'assertion']],
    ['response', 'response', 200, undefined],
    ['response', 'both', 200, undefined],
    ['response', 'assertion', 'sso.signature_invalid', ['response']],
    ['assertion', 'assertion', 200, undefined],
    ['assertion', 'response', 'sso.signature_invalid', ['assertion']],
    ['both', 'both', 200, undefined],
    ['both', 'response', 'sso.signature_invalid', ['assertion']],
    ['both', 'assertion', 'sso.signature_invalid', ['response']],
  ])('where it requires %s, an answer with %s signed: %s', async (requiredSignature, parts, expected, missing) => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    expect((await staff.client.patch(path, { requiredSignature })).body).toMatchObject({ requiredSignature });
    const { status, body } = await signInWith({}, ANSWERS[parts]);
    expect([body.code?.startsWith('sso.') ? body.code : status, body.missing]).toEqual([expected, missing]);
    await staff.client.patch(path, { requiredSignature: 'either' });
  });

  it('says what is not signed', async () => {
    const { body } = await signInWith({}, ANSWERS.neither);
    expect(body.detail).toBe('The identity provider signed neither the response nor the assertion.');
  });

  it('accepts a clock that differs as much as the connection allows', async () => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    expect(connection.clockSkewSeconds).toBe(120);
    const ahead = (seconds: number) => signInWith({ notBefore: new Date(Date.now() + seconds * 1000) });
    const behind = (seconds: number) => signInWith({ notOnOrAfter: new Date(Date.now() - seconds * 1000) });
    expect([(await ahead(90)).status, (await behind(90)).status]).toEqual([200, 200]);
    expect([outcome(await ahead(180)), outcome(await behind(180))]).toEqual([
      [401, 'sso.token_expired'],
      [401, 'sso.token_expired'],
    ]);
    await staff.client.patch(path, { clockSkewSeconds: 300 });
    expect([(await ahead(180)).status, (await behind(180)).status]).toEqual([200, 200]);
    await staff.client.patch(path, { clockSkewSeconds: 120 });
  });

  it('reads repeated attributes, single groups and names in parts', async () => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    const attributeMapping = {
      groups: 'Role',
      roles: [
        { value: 'offline_access', role: 'manager' },
        { value: 'ops', role: 'admin' },
      ],
    };
    await staff.client.patch(path, { attributeMapping });
    // As Keycloak sends them by default.
    const repeated = (said: Said) =>
      signed(
        responseOf(
          said,
          assertionOf(said).replace(
            /(<saml:Attribute Name="Role">)(<saml:AttributeValue>[^<]*<\/saml:AttributeValue>)(<saml:AttributeValue>)/,
            '$1$2</saml:Attribute>$1$3',
          ),
        ),
        said.responseId,
      );
    const attributes = { givenName: ['Grace'], 'urn:oid:2.5.4.4': ['Hopper'], Role: ['ops', 'offline_access'] };
    const { body: both } = await redeem((await signInWith({ attributes }, repeated)).body.code);
    expect([both.user.name, both.organization.role]).toEqual(['Grace Hopper', 'admin']);
    const { body: single } = await redeem(
      (await signInWith({ attributes: { displayName: ['Ops'], Role: ['ops'] } })).body.code,
    );
    expect(single.organization.role).toBe('admin');
    const { rows } = await app.sql.query('select claims from session_claims order by session_id desc limit 1');
    expect(rows[0].claims.Role).toEqual(['ops']);
    await staff.client.patch(path, { attributeMapping: {} });
  });

  it('reads values around which the provider breaks lines, and takes empty ones for missing', async () => {
    const address = newAddress();
    const padded = (said: Said) =>
      signed(
        responseOf(said, assertionOf(said).replace(/(<saml:AttributeValue>)([^<]+)/g, '$1\r\n      $2\n    ')),
        said.responseId,
      );
    const attributes = { email: [address.toUpperCase()], displayName: ['Ada'], groups: ['a', 'b'] };
    const { body } = await redeem((await signInWith({ nameId: `id-${newId()}`, attributes }, padded)).body.code);
    expect(body.user).toMatchObject({ email: address, name: 'Ada' });
    const { rows } = await app.sql.query('select claims from session_claims order by session_id desc limit 1');
    expect(rows[0].claims.groups).toEqual(['a', 'b']);
    // The address is the NameID then.
    const empty = { email: [''], displayName: [' '], givenName: ['Grace'] };
    const { body: filled } = await redeem((await signInWith({ attributes: empty })).body.code);
    expect(filled.user.name).toBe('Grace');
  });

  it('refuses a response whose status is no success, whatever it has besides', async () => {
    const refused = await signInWith({ status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' });
    expect([outcome(refused), refused.body.providerError]).toEqual([[403, 'sso.provider_refused'], 'Responder']);
  });

  it('names an algorithm that it cannot verify', async () => {
    const refused = await signInWith({}, (said) =>
      answerOf(said).replaceAll('xmldsig-more#rsa-sha256', 'xmldsig-more#ecdsa-sha256'),
    );
    expect([outcome(refused), refused.body.detail]).toEqual([
      [401, 'sso.algorithm_not_allowed'],
      expect.stringContaining('xmldsig-more#ecdsa-sha256. Choose RSA with SHA-256 or SHA-512'),
    ]);
  });

  it('takes certificates of keys with which it can verify, of all that the metadata list', async () => {
    const { X509CertificateGenerator } = await import('@peculiar/x509');
    const certificateOf = async (algorithm: EcKeyGenParams | RsaHashedKeyGenParams) => {
      const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const made = await X509CertificateGenerator.createSelfSigned({
        keys,
        signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
      });
      return made.toString('pem');
    };
    const elliptic = await certificateOf({ name: 'ECDSA', namedCurve: 'P-256' });
    const publicExponent = new Uint8Array([1, 0, 1]);
    const short = await certificateOf({
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent,
      modulusLength: 1024,
    });
    for (const unusable of [elliptic, short]) {
      expect(outcome(await connect({ metadata: metadataOf(unusable) }))).toEqual([400, 'validation_failed']);
      const direct = { entityId: IDP, ssoUrl: 'https://idp.example/sso', certificates: [one.certificate, unusable] };
      expect(outcome(await connect(direct))).toEqual([400, 'validation_failed']);
    }
    const { body } = await connect({ metadata: metadataOf(elliptic, one.certificate, short) });
    expect(body.certificates).toEqual([one.certificate]);
    await staff.client.delete(`${organization.path}/sso-connections/${body.id}`);
  });

  it('maps hundreds of groups before it leaves out what is too large to keep', async () => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    const groups = Array.from({ length: 400 }, (_, n) => `CN=group-${n},OU=Groups,OU=Departments,DC=saml,DC=example`);
    const attributeMapping = { groups: 'memberOf', roles: [{ value: groups.at(-1), role: 'manager' }] };
    await staff.client.patch(path, { attributeMapping });
    const attributes = { memberOf: groups, email: ['many@saml.example'], displayName: ['Many'] };
    const answerTo = ({ request }: PendingSsoLogin) => answerOf(saidFor(request, 'many', { attributes }));

    const { body: test } = await staff.client.post(`${path}/test`);
    const browser = new Browser(app);
    const request = requestOf((await browser.get(test.startUrl)).headers.get('location') ?? '');
    const { body: shown } = await post({ browser, request }, answerTo({ browser, request }));
    expect(shown).toMatchObject({
      outcome: 'signed_in',
      mapped: { email: 'many@saml.example', groupCount: 400, role: 'manager' },
      warnings: [{ code: 'claims_omitted', detail: expect.stringContaining('"memberOf"') }],
    });

    // In a browser that withholds its cookie from a cross-site post, the answer waits.
    const begun = await begin();
    const bounced = await new Browser(app).post(begun.request.acsUrl, {
      SAMLResponse: encoded(answerTo(begun)),
      RelayState: begun.request.relayState,
    });
    const again = await begun.browser.get(bounced.headers.get('location') ?? '');
    const { body } = await redeem(again.body.code);
    expect([body.user.email, body.organization.role]).toEqual(['many@saml.example', 'manager']);
    const events = await staff.client.get(`${organization.path}/events?type=sso_connection.claims_incomplete`);
    expect(events.body.items).toMatchObject([
      { subject: { id: connection.id }, after: { userId: body.user.id, warnings: [{ code: 'claims_omitted' }] } },
    ]);
    // Once an hour.
    await signInWith({ attributes: { ...attributes, email: ['second@saml.example'] } });
    expect(
      (await staff.client.get(`${organization.path}/events?type=sso_connection.claims_incomplete`)).body.items,
    ).toHaveLength(1);
    await staff.client.patch(path, { attributeMapping: {} });
  });

  it('tells when the provider left out the groups', async () => {
    const path = `${organization.path}/sso-connections/${connection.id}`;
    const link = 'http://schemas.microsoft.com/claims/groups.link';
    const attributeMapping = { groups: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups' };
    await staff.client.patch(path, { attributeMapping });
    const { body: test } = await staff.client.post(`${path}/test`);
    const browser = new Browser(app);
    const request = requestOf((await browser.get(test.startUrl)).headers.get('location') ?? '');
    const said = saidFor(request, 'link@saml.example', { attributes: { [link]: ['https://graph.example/groups'] } });
    expect((await post({ browser, request }, answerOf(said))).body.warnings).toMatchObject([
      { code: 'groups_left_out' },
    ]);
    await staff.client.patch(path, { attributeMapping: {} });
  });

  it('reads as many groups as a response may have, also where each has an attribute and declares its type', async () => {
    const groups = Array.from({ length: 990 }, (_, n) => `CN=group-${n},OU=Groups,DC=saml,DC=example`);
    const roles = [{ value: groups.at(-1), role: 'manager' }];
    const attributeMapping = { groups: 'Role', roles };
    const { body: own } = await connect({ metadata: metadataOf(one.certificate), attributeMapping });
    const signInAt = async (make: (said: Said) => string) => {
      const begun = await begin(own.id);
      return post(begun, make(saidFor(begun.request, newAddress())));
    };
    const keycloak = groups.map(
      (group) =>
        `<saml:Attribute Name="Role" FriendlyName="Role" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"><saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">${group}</saml:AttributeValue></saml:Attribute>`,
    );
    const make = (more: string[]) => (said: Said) => {
      const assertion = assertionOf(said).replace('</saml:AttributeStatement>', `${[...keycloak, ...more].join('')}$&`);
      return signed(responseOf(said, assertion), said.responseId);
    };
    const { body } = await redeem((await signInAt(make([]))).body.code);
    expect(body.organization.role).toBe('manager');
    const refused = await signInAt(make(keycloak.slice(0, 10)));
    expect([outcome(refused), refused.body.detail]).toEqual([
      [401, 'sso.response_invalid'],
      expect.stringContaining('1,000 values'),
    ]);
    await staff.client.delete(`${organization.path}/sso-connections/${own.id}`);
  });

  /** Signature wrapping: the signed part stays in the answer, and the attacker wants another part to be read. */
  const evil = (said: Said): Said => ({ ...said, nameId: 'admin@saml.example', assertionId: '_evil' });
  const inside = (xml: string, added: string) => xml.replace('</samlp:Response>', `${added}</samlp:Response>`);
  const wrappings: [string, (said: Said, answer: (said: Said) => string) => string][] = [
    [
      'a forged assertion before the signed one',
      (said, answer) => answer(said).replace('<saml:Assertion ', `${assertionOf(evil(said))}<saml:Assertion `),
    ],
    ['a forged assertion after the signed one', (said, answer) => inside(answer(said), assertionOf(evil(said)))],
    [
      'a forged assertion with the id of the signed one',
      (said, answer) => inside(answer(said), assertionOf({ ...evil(said), assertionId: said.assertionId })),
    ],
    [
      'the signed answer within an object of the signature of a forged one',
      (said, answer) => {
        const good = answer(said);
        const signature = /<Signature[^]*?<\/Signature>/.exec(good)?.[0] ?? '';
        const forged = responseOf({ ...evil(said), responseId: '_evil_r' }, assertionOf(evil(said)));
        return forged.replace(
          '</saml:Issuer>',
          `</saml:Issuer>${signature.replace('</Signature>', `<Object>${good.replace(signature, '')}</Object></Signature>`)}`,
        );
      },
    ],
    [
      'the signed answer within extensions of a forged one',
      (said, answer) => {
        const good = answer(said);
        const forged = responseOf({ ...evil(said), responseId: '_evil_r' }, assertionOf(evil(said)));
        return forged.replace('<samlp:Status>', `<samlp:Extensions>${good}</samlp:Extensions><samlp:Status>`);
      },
    ],
    [
      'a forged answer around the signed one',
      (said, answer) => responseOf({ ...evil(said), responseId: '_evil_r' }, answer(said)),
    ],
    [
      'the signed assertion within a forged one',
      (said) => {
        const good = signed(assertionOf(said), said.assertionId);
        const forged = assertionOf(evil(said)).replace(
          '</saml:Subject>',
          `</saml:Subject><saml:Advice>${good}</saml:Advice>`,
        );
        return signed(responseOf(said, forged), said.responseId, { key: two.key });
      },
    ],
    [
      'the signature of another element',
      (said, answer) => {
        const signature = /<Signature[^]*?<\/Signature>/.exec(answer(said))?.[0] ?? '';
        return responseOf(said, assertionOf(evil(said)).replace('</saml:Issuer>', `</saml:Issuer>${signature}`));
      },
    ],
  ];
  const signedInParts = (['both', 'response', 'assertion'] as const).flatMap((parts) =>
    wrappings.map(([name, make]): [string, string, (said: Said) => string] => [
      name,
      parts,
      (said) => make(said, ANSWERS[parts]),
    ]),
  );
  it.each(signedInParts)('refuses signature wrapping: %s, signed: %s', async (_, __, make) => {
    const answer = await signInWith({}, make);
    expect(answer.status).toBe(401);
    expect(answer.body.code).toMatch(/^sso\.(signature_invalid|response_invalid|in_response_to_mismatch)$/);
    expect((await app.sql.query(`select from users where email = 'admin@saml.example'`)).rowCount).toBe(0);
  });

  it('accepts provider-initiated sign-in only when allowed, and each assertion once', async () => {
    const unasked = { id: '', acsUrl: connection.acsUrl, audience: connection.spEntityId };
    const browser = new Browser(app);
    const send = (xml: string, at = connection.acsUrl) =>
      browser.post(at, { SAMLResponse: encoded(xml), RelayState: '' });
    const answer = answerOf(saidFor(unasked, newAddress()));
    expect(outcome(await send(answer))).toEqual([403, 'sso.idp_initiated_not_allowed']);
    const path = `${organization.path}/sso-connections/${connection.id}`;
    await staff.client.patch(path, { allowIdpInitiated: true });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(answer)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(outcome(await send(answer))).toEqual([401, 'sso.assertion_replayed']);
    // An assertion for a request belongs to the browser that sent the request.
    const begun = await begin();
    expect(outcome(await send(answerOf(saidFor(begun.request, newAddress()))))).toEqual([
      401,
      'sso.in_response_to_mismatch',
    ]);
    await staff.client.patch(path, { allowIdpInitiated: false });
  });

  it.each([
    [{ metadata: '<a' }],
    [{ metadata: 'no XML' }],
    [{ metadata: `<!DOCTYPE x>${metadataOf(one.certificate)}` }],
    [{ metadata: metadataOf() }],
    [{ metadata: metadataOf('bm9uZQ==') }],
    [{ metadata: metadataOf(one.certificate).replace(/HTTP-(Redirect|POST)/g, 'SOAP') }],
    [{ entityId: IDP, ssoUrl: 'https://idp.example/sso' }],
    [{ entityId: IDP, ssoUrl: 'https://idp.example/sso', certificates: ['none'] }],
    [{ entityId: IDP, ssoUrl: 'nowhere', certificates: [one.certificate] }],
    [{ metadata: metadataOf(one.certificate), clientId: 'x' }],
  ])('refuses a connection with %j', async (more) =>
    expect(outcome(await connect(more))).toEqual([400, 'validation_failed']),
  );
});
