import { inflateRawSync } from 'node:zlib';
import { promisify } from 'node:util';
import { SignedXml } from 'xml-crypto';
import xmlEncryption, { type EncryptionAlgorithm, type KeyEncryptionAlgorithm } from 'xml-encryption';
import { newId } from '../../src/common/ids/index.js';
import { one } from './saml-keys.js';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

export const IDP = 'https://idp.example/saml';

/** The contents of a response. Tests can change every part. */
export interface Said {
  responseId: string;
  assertionId: string;
  inResponseTo: string | null;
  confirmedFor: string | null;
  issuer: string;
  audience: string;
  destination: string;
  recipient: string;
  nameId: string;
  nameIdFormat: string;
  authnInstant: Date;
  sessionIndex: string | null;
  notBefore: Date;
  notOnOrAfter: Date;
  attributes: Record<string, string[]>;
  status: string;
}

interface SigningOptions {
  key?: string;
  algorithm?: string;
}

/** Returns the request that arrived by redirect. */
export interface SamlRequest {
  id: string;
  acsUrl: string;
  relayState: string;
  audience: string;
  forced: boolean;
}

export function requestOf(location: string): SamlRequest {
  const { searchParams } = new URL(location);
  const xml = inflateRawSync(Buffer.from(searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  const found = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
  return {
    id: found(/ ID="([^"]+)"/),
    acsUrl: found(/AssertionConsumerServiceURL="([^"]+)"/),
    audience: found(/<saml:Issuer[^>]*>([^<]+)</),
    relayState: searchParams.get('RelayState') ?? '',
    forced: xml.includes('ForceAuthn="true"'),
  };
}

export const saidFor = (
  request: Omit<SamlRequest, 'relayState' | 'forced'>,
  nameId: string,
  more: Partial<Said> = {},
): Said => ({
  responseId: `_r${newId()}`,
  assertionId: `_a${newId()}`,
  inResponseTo: request.id || null,
  confirmedFor: request.id || null,
  issuer: IDP,
  audience: request.audience,
  destination: request.acsUrl,
  recipient: request.acsUrl,
  nameId,
  nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  authnInstant: new Date(),
  sessionIndex: null,
  notBefore: new Date(Date.now() - 5_000),
  notOnOrAfter: new Date(Date.now() + 300_000),
  attributes: { displayName: ['Ada Lovelace'] },
  status: 'urn:oasis:names:tc:SAML:2.0:status:Success',
  ...more,
});

const attribute = ([name, values]: [string, string[]]): string =>
  `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`;

export function assertionOf(said: Said): string {
  const now = new Date().toISOString();
  const [from, to] = [said.notBefore.toISOString(), said.notOnOrAfter.toISOString()];
  const session = said.sessionIndex ? ` SessionIndex="${said.sessionIndex}"` : '';
  const answers = said.confirmedFor ? ` InResponseTo="${said.confirmedFor}"` : '';
  return `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${said.assertionId}" Version="2.0" IssueInstant="${now}"><saml:Issuer>${said.issuer}</saml:Issuer><saml:Subject><saml:NameID Format="${said.nameIdFormat}">${said.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${to}" Recipient="${said.recipient}"${answers}/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${from}" NotOnOrAfter="${to}"><saml:AudienceRestriction><saml:Audience>${said.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="${said.authnInstant.toISOString()}"${session}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${Object.entries(said.attributes).map(attribute).join('')}</saml:AttributeStatement></saml:Assertion>`;
}

export function responseOf(said: Said, content: string): string {
  const answers = said.inResponseTo ? ` InResponseTo="${said.inResponseTo}"` : '';
  return `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${said.responseId}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${said.destination}"${answers}><saml:Issuer>${said.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${said.status}"/></samlp:Status>${content}</samlp:Response>`;
}

/** Signs the element with `id`. The signature follows its issuer. */
export function signed(xml: string, id: string, { key = one.key, algorithm }: SigningOptions = {}): string {
  const sha1 = algorithm === 'sha1';
  const signature = new SignedXml({
    privateKey: key,
    signatureAlgorithm: sha1
      ? 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'
      : 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  const element = `//*[@ID='${id}']`;
  signature.addReference({
    xpath: element,
    transforms: [ENVELOPED, EXCLUSIVE],
    digestAlgorithm: sha1 ? 'http://www.w3.org/2000/09/xmldsig#sha1' : 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signature.computeSignature(xml, {
    location: { reference: `${element}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}

/** Returns a valid response: first the assertion is signed, then the whole. */
export function answerOf(said: Said, options: SigningOptions = {}): string {
  const assertion = signed(assertionOf(said), said.assertionId, options);
  return signed(responseOf(said, assertion), said.responseId, options);
}

const encrypt = promisify(xmlEncryption.encrypt);

interface EncryptionOptions {
  content?: EncryptionAlgorithm;
  key?: KeyEncryptionAlgorithm;
}

/** Returns an assertion as the service with this certificate can read it. */
export async function encrypted(
  assertion: string,
  certificate: string,
  {
    content = 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
    key = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
  }: EncryptionOptions = {},
): Promise<string> {
  const data = await encrypt(assertion, {
    rsa_pub: certificate,
    pem: certificate,
    encryptionAlgorithm: content,
    keyEncryptionAlgorithm: key,
    warnInsecureAlgorithm: false,
  });
  return `<saml:EncryptedAssertion>${data}</saml:EncryptedAssertion>`;
}

export const encoded = (xml: string): string => Buffer.from(xml).toString('base64');

export const metadataOf = (...certificates: string[]): string => {
  const bare = certificates.map((pem) => pem.replace(/-----[A-Z ]+-----|\s/g, ''));
  const keys = bare.map(
    (base64) =>
      `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${IDP}"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`;
};
