import { Browser } from './support/browser.js';
import type { Answer } from './support/client.js';
import { type Person, signInAdmin } from './support/people.js';
import { one, two } from './support/saml-keys.js';
import {
  assertionOf,
  encoded,
  encrypted,
  metadataOf,
  requestOf,
  responseOf,
  type Said,
  saidFor,
  signed,
} from './support/saml-provider.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let organization: Organization;
let path: string;
let connection: any;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Encrypted SAML');
  await app.sql.query(
    `insert into verified_domains select operator_id, 'saml.example', id from organizations where id = $1`,
    [organization.id],
  );
  connection = (await connect({ acceptsEncryptedAssertions: true })).body;
  path = `${organization.path}/sso-connections/${connection.id}`;
});
afterAll(() => app.close());

const connect = (more: object): Promise<Answer> =>
  staff.client.post(`${organization.path}/sso-connections`, {
    type: 'saml',
    name: 'SAML',
    metadata: metadataOf(one.certificate),
    ...more,
  });

type Respond = (said: Said, certificate: string) => string | Promise<string>;

/** Signs in as a provider that responds in its own way. */
async function signInWith(respond: Respond, more: Partial<Said> = {}, by = connection): Promise<Answer> {
  const browser = new Browser(app);
  const request = requestOf(await browser.start(by.id));
  const said = saidFor(request, 'ada@saml.example', more);
  const xml = await respond(said, by.encryptionCertificate);
  return browser.post(request.acsUrl, { SAMLResponse: encoded(xml), RelayState: request.relayState });
}

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body.code];
const REFUSED = [401, 'sso.assertion_not_decrypted'];

const signedAssertion = (said: Said) => signed(assertionOf(said), said.assertionId);
const sealed: Respond = async (said, certificate) =>
  responseOf(said, await encrypted(signedAssertion(said), certificate));

describe('an encrypted assertion', () => {
  it.each(['audience', 'expired', 'InResponseTo'])(
    'gives no word of its contents away through the error: %s',
    async (word) => {
      const refused = await signInWith(async (said, certificate) =>
        responseOf(said, await encrypted(assertionOf(said).replace('</saml:Issuer>', `&${word};$&`), certificate)),
      );
      expect(outcome(refused)).toEqual(REFUSED);
    },
  );

  it('is what the metadata ask for, once an admin has turned it on', async () => {
    expect(connection).toMatchObject({
      acceptsEncryptedAssertions: true,
      encryptionCertificate: expect.stringContaining('BEGIN CERTIFICATE'),
    });
    const { body } = await app.client().get(`/auth/sso/saml/${connection.id}/metadata`);
    const bare = connection.encryptionCertificate.replace(/-----[A-Z ]+-----|\s/g, '');
    expect(body.replace(/\s/g, '')).toContain(bare);
    expect(body).toContain('use="encryption"');
    const { body: plain } = await connect({});
    expect(plain).toMatchObject({ acceptsEncryptedAssertions: false, encryptionCertificate: null });
    const { body: without } = await app.client().get(`/auth/sso/saml/${plain.id}/metadata`);
    expect(without).not.toContain('KeyDescriptor');
    const refused = await signInWith(async (said) => sealed(said, connection.encryptionCertificate), {}, plain);
    expect(outcome(refused)).toEqual(REFUSED);
    expect(refused.body.detail).toContain('does not accept');
  });

  it('shows its key to no one', async () => {
    const shown = JSON.stringify([
      (await staff.client.get(path)).body,
      (await staff.client.get(`${organization.path}/events?type=sso_connection.created`)).body,
    ]);
    expect(shown).toContain('BEGIN CERTIFICATE');
    expect(shown).not.toContain('PRIVATE KEY');
    const { rows } = await app.sql.query('select secret from sso_connections where id = $1', [connection.id]);
    expect(rows[0].secret).not.toContain('PRIVATE KEY');
  });

  it.each<[string, Respond]>([
    ['signed itself', sealed],
    [
      'in a signed response',
      async (said, certificate) =>
        signed(responseOf(said, await encrypted(assertionOf(said), certificate)), said.responseId),
    ],
    [
      'signed itself and in a signed response',
      async (said, certificate) => signed(await sealed(said, certificate), said.responseId),
    ],
    ...['xmlenc#aes128-cbc', 'xmlenc#aes256-cbc'].map((name): [string, Respond] => [
      `with ${name}`,
      async (said, certificate) => {
        const content = `http://www.w3.org/2001/04/${name}` as 'http://www.w3.org/2001/04/xmlenc#aes128-cbc';
        return responseOf(said, await encrypted(signedAssertion(said), certificate, { content }));
      },
    ]),
  ])('signs in: %s', async (_, respond) => {
    const { status, body } = await signInWith(respond, { attributes: { displayName: ['Ada'], groups: ['ops'] } });
    expect([status, body.code]).toEqual([200, expect.stringMatching(/^trt_/)]);
    expect((await app.client().post('/auth/sso/token', { code: body.code })).status).toBe(200);
  });

  it('is refused if it says something wrong, with the error of a plain one', async () => {
    const refused = [
      await signInWith(sealed, { audience: 'https://another.example' }),
      await signInWith(sealed, { recipient: 'https://another.example' }),
      await signInWith(sealed, { notOnOrAfter: new Date(Date.now() - 3_600_000) }),
      await signInWith(sealed, { inResponseTo: '_another' }),
    ];
    expect(refused.map(({ body }) => body.code)).toEqual([
      'sso.audience_mismatch',
      'sso.recipient_mismatch',
      'sso.token_expired',
      'sso.in_response_to_mismatch',
    ]);
  });

  const garbled = (xml: string, at: number) => {
    const [, value = ''] =
      /<xenc:CipherValue>([^<]+)<\/xenc:CipherValue>\s*<\/xenc:CipherData>\s*<\/xenc:EncryptedData>/.exec(xml) ?? [];
    const bytes = Buffer.from(value, 'base64');
    bytes[at < 0 ? bytes.length + at : at]! ^= 1;
    return xml.replace(value, bytes.toString('base64'));
  };
  const cbc = (assertion: string, certificate: string) =>
    encrypted(assertion, certificate, { content: 'http://www.w3.org/2001/04/xmlenc#aes128-cbc' });

  // Different errors would let strangers decrypt what they have seen, by trying.
  it.each<[string, Respond]>([
    ['for another key', async (said) => sealed(said, two.certificate)],
    ['not signed', async (said, certificate) => responseOf(said, await encrypted(assertionOf(said), certificate))],
    [
      'signed by another',
      async (said, certificate) =>
        responseOf(said, await encrypted(signed(assertionOf(said), said.assertionId, { key: two.key }), certificate)),
    ],
    [
      'signed with SHA-1',
      async (said, certificate) =>
        responseOf(
          said,
          await encrypted(signed(assertionOf(said), said.assertionId, { algorithm: 'sha1' }), certificate),
        ),
    ],
    [
      'changed at its end',
      async (said, certificate) => garbled(responseOf(said, await cbc(signedAssertion(said), certificate)), -1),
    ],
    [
      'changed within',
      async (said, certificate) => garbled(responseOf(said, await cbc(signedAssertion(said), certificate)), 40),
    ],
    ['changed, authenticated', async (said, certificate) => garbled(await sealed(said, certificate), 40)],
    ['no assertion', async (said, certificate) => responseOf(said, await encrypted('<a/>', certificate))],
    ['no XML', async (said, certificate) => responseOf(said, await encrypted('hello', certificate))],
    [
      'larger than a response may be',
      async (said, certificate) => responseOf(said, await encrypted(`<a>${'<a/>'.repeat(10_000)}</a>`, certificate)),
    ],
    [
      'with entities',
      async (said, certificate) =>
        responseOf(said, await encrypted(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, certificate)),
    ],
  ])('has one refusal: %s', async (_, respond) => {
    expect(outcome(await signInWith(respond))).toEqual(REFUSED);
  });

  it('with RSA 1.5 is refused', async () => {
    const key = 'http://www.w3.org/2001/04/xmlenc#rsa-1_5';
    const refused = await signInWith(async (said, certificate) =>
      responseOf(said, await encrypted(signedAssertion(said), certificate, { key })),
    );
    expect(outcome(refused)).toEqual([401, 'sso.algorithm_not_allowed']);
    expect(refused.body.detail).toContain('rsa-1_5');
  });

  it('must have the signatures that the connection requires', async () => {
    await staff.client.patch(path, { requiredSignature: 'both' });
    const both: Respond = async (said, certificate) => signed(await sealed(said, certificate), said.responseId);
    const outerOnly: Respond = async (said, certificate) =>
      signed(responseOf(said, await encrypted(assertionOf(said), certificate)), said.responseId);
    expect(outcome(await signInWith(outerOnly))).toEqual(REFUSED);
    expect(outcome(await signInWith(sealed))).toEqual(REFUSED);
    expect((await signInWith(both)).status).toBe(200);
    await staff.client.patch(path, { requiredSignature: 'either' });
  });

  it('needs another key after it was turned off and on', async () => {
    const { body: same } = await staff.client.patch(path, { acceptsEncryptedAssertions: true });
    expect(same.encryptionCertificate).toBe(connection.encryptionCertificate);
    const { body: off } = await staff.client.patch(path, { acceptsEncryptedAssertions: false });
    expect(off).toMatchObject({ acceptsEncryptedAssertions: false, encryptionCertificate: null });
    const { rows } = await app.sql.query('select secret from sso_connections where id = $1', [connection.id]);
    expect(rows).toEqual([{ secret: null }]);
    const [first, second] = await Promise.all([
      staff.client.patch(path, { acceptsEncryptedAssertions: true }),
      staff.client.patch(path, { acceptsEncryptedAssertions: true }),
    ]);
    const { body: on } = await staff.client.get(path);
    expect([200, 200]).toEqual([first.status, second.status]);
    expect(on.encryptionCertificate).not.toBe(connection.encryptionCertificate);
    expect(outcome(await signInWith(async (said) => sealed(said, connection.encryptionCertificate), {}, on))).toEqual(
      REFUSED,
    );
    expect((await signInWith(sealed, {}, on)).status).toBe(200);
  });

  it('is a matter of SAML', async () => {
    const refused = await staff.client.post(`${organization.path}/sso-connections`, {
      type: 'oidc',
      name: 'OpenID',
      issuer: 'https://idp.example',
      clientId: 'x',
      acceptsEncryptedAssertions: true,
    });
    expect([refused.status, refused.body.code]).toEqual([400, 'validation_failed']);
  });

  it('gets a limited number of keys in a day', async () => {
    const tight = await app.replica({ LIMIT_CONNECTION_KEYS: '1/1d' });
    const { body: other } = await connect({});
    const at = `${organization.path}/sso-connections/${other.id}`;
    const client = staff.client.at(`${tight.origin}/t/demo/api/v1`);
    expect((await client.patch(at, { acceptsEncryptedAssertions: true })).status).toBe(429);
    expect((await client.patch(at, { name: 'Renamed' })).status).toBe(200);
    await tight.close();
  });
});
