import { newId } from '../../src/common/ids/index.js';
import { SignedXml } from 'xml-crypto';
import { one } from './saml-keys.js';
import { encrypted, type SamlRequest } from './saml-provider.js';

/*
 * Responses in the shapes in which identity providers send them by default: prefixes, formats of names, types of values, line
 * breaks, and what they sign. Written after their public documentation.
 */

export interface Shape {
  /** What the admin sets on the connection, beside the metadata. */
  settings: object;
  respond: (request: SamlRequest, us: { encryptionCertificate: string | null }) => string | Promise<string>;
  /** What the user is then. */
  expected: { email: string; name: string; groups?: string[] };
}

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SAML = 'urn:oasis:names:tc:SAML:2.0';
const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const MICROSOFT = 'http://schemas.microsoft.com';

const id = () => `_${newId()}`;
const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

interface SignOptions {
  prefix?: string;
  /** The local name of the element to sign. */
  element: 'Response' | 'Assertion';
  inclusive?: string[];
}

function sign(xml: string, { prefix, element, inclusive = [] }: SignOptions): string {
  const signature = new SignedXml({
    privateKey: one.key,
    publicCert: one.certificate,
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  const target = `//*[local-name(.)='${element}']`;
  signature.addReference({
    xpath: target,
    transforms: [ENVELOPED, EXCLUSIVE],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    inclusiveNamespacesPrefixList: inclusive,
  });
  signature.computeSignature(xml, {
    ...(prefix && { prefix }),
    location: { reference: `${target}/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signature.getSignedXml();
}

const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

/** Attributes as Java libraries write them: typed values. */
const typed =
  (prefix: string, format: string, type = 'xs:string') =>
  (name: string, ...values: string[]) =>
    `<${prefix}:Attribute Name="${name}" NameFormat="${format}">${values
      .map((value) => `<${prefix}:AttributeValue ${XS} xsi:type="${type}">${value}</${prefix}:AttributeValue>`)
      .join('')}</${prefix}:Attribute>`;

interface AssertionParts {
  prefix: string;
  issuer: string;
  nameId: string;
  nameIdFormat: string;
  context: string;
  attributes: string;
  /** Between the elements. */
  space?: string;
}

const subjectAndConditions = (
  { id: requestId, acsUrl, audience }: SamlRequest,
  { prefix: p, nameId, nameIdFormat, context, attributes, space = '' }: AssertionParts,
) =>
  [
    `<${p}Subject>`,
    `<${p}NameID Format="${nameIdFormat}">${nameId}</${p}NameID>`,
    `<${p}SubjectConfirmation Method="${SAML}:cm:bearer">`,
    `<${p}SubjectConfirmationData InResponseTo="${requestId}" NotOnOrAfter="${at(300)}" Recipient="${acsUrl}"/>`,
    `</${p}SubjectConfirmation>`,
    `</${p}Subject>`,
    `<${p}Conditions NotBefore="${at(-5)}" NotOnOrAfter="${at(3600)}">`,
    `<${p}AudienceRestriction>`,
    `<${p}Audience>${audience}</${p}Audience>`,
    `</${p}AudienceRestriction>`,
    `</${p}Conditions>`,
    `<${p}AuthnStatement AuthnInstant="${at(-2)}" SessionIndex="${id()}">`,
    `<${p}AuthnContext>`,
    `<${p}AuthnContextClassRef>${context}</${p}AuthnContextClassRef>`,
    `</${p}AuthnContext>`,
    `</${p}AuthnStatement>`,
    `<${p}AttributeStatement>`,
    attributes,
    `</${p}AttributeStatement>`,
  ].join(space);

function assertion(request: SamlRequest, parts: AssertionParts): string {
  const p = parts.prefix && `${parts.prefix}:`;
  const namespace = parts.prefix ? `xmlns:${parts.prefix}` : 'xmlns';
  const inside = subjectAndConditions(request, { ...parts, prefix: p });
  return `<${p}Assertion ${namespace}="${SAML}:assertion" ID="${id()}" IssueInstant="${at(0)}" Version="2.0"><${p}Issuer>${parts.issuer}</${p}Issuer>${inside}</${p}Assertion>`;
}

function response(request: SamlRequest, prefix: string, issuer: string, content: string, more = ''): string {
  return `<${prefix}:Response xmlns:${prefix}="${SAML}:protocol" ID="${id()}" Version="2.0" IssueInstant="${at(0)}" Destination="${request.acsUrl}" InResponseTo="${request.id}"${more}>${issuer}<${prefix}:Status><${prefix}:StatusCode Value="${SAML}:status:Success"/></${prefix}:Status>${content}</${prefix}:Response>`;
}

const PASSWORD = `${SAML}:ac:classes:PasswordProtectedTransport`;
const BASIC = `${SAML}:attrname-format:basic`;
const URI = `${SAML}:attrname-format:uri`;
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
const ADDRESS = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const PERSISTENT = `${SAML}:nameid-format:persistent`;

/** One attribute element for each role, both signatures with the prefix `dsig`. */
const keycloak = (issuer: string): Shape => ({
  settings: { attributeMapping: { groups: 'Role', email: 'email' } },
  respond: (request) => {
    const attribute = typed('saml', BASIC);
    const roles = ['offline_access', 'ops', 'uma_authorization'].map((role) => attribute('Role', role)).join('');
    const given =
      attribute('email', 'ada@keycloak.example') + attribute('givenName', 'Ada') + attribute('surname', 'Keycloak');
    const content = assertion(request, {
      prefix: 'saml',
      issuer,
      nameId: 'G-3f9c6b1e-5a6f-4d55-9a94-1b1d3d1c7a10',
      nameIdFormat: PERSISTENT,
      context: `${SAML}:ac:classes:unspecified`,
      attributes: given + roles,
    });
    const signed = sign(content, { prefix: 'dsig', element: 'Assertion' });
    const whole = response(
      request,
      'samlp',
      `<saml:Issuer xmlns:saml="${SAML}:assertion">${issuer}</saml:Issuer>`,
      signed,
    );
    return sign(whole, { prefix: 'dsig', element: 'Response' });
  },
  expected: {
    email: 'ada@keycloak.example',
    name: 'Ada Keycloak',
    groups: ['offline_access', 'ops', 'uma_authorization'],
  },
});

/** Names of claims that are addresses, a default namespace, only the assertion signed, a single group. */
const adfs = (issuer: string): Shape => ({
  settings: { attributeMapping: { groups: `${MICROSOFT}/ws/2008/06/identity/claims/role` } },
  respond: (request) => {
    const attribute = (name: string, value: string) =>
      `<Attribute Name="${name}"><AttributeValue>${value}</AttributeValue></Attribute>`;
    const content = assertion(request, {
      prefix: '',
      issuer,
      nameId: 'ADFS\\ada',
      nameIdFormat: UNSPECIFIED,
      context: PASSWORD,
      attributes:
        attribute(`${CLAIMS}/emailaddress`, 'Ada@ADFS.example') +
        attribute(`${CLAIMS}/name`, 'Ada Federation') +
        attribute(`${MICROSOFT}/ws/2008/06/identity/claims/role`, 'ops'),
    });
    const signed = sign(content, { prefix: 'ds', element: 'Assertion' });
    const consent = ` Consent="${SAML}:consent:unspecified"`;
    return response(request, 'samlp', `<Issuer xmlns="${SAML}:assertion">${issuer}</Issuer>`, signed, consent);
  },
  expected: { email: 'ada@adfs.example', name: 'Ada Federation', groups: ['ops'] },
});

/** Groups are object ids, the name claim is the user principal name. */
const entra = (issuer: string): Shape => ({
  settings: { attributeMapping: { groups: `${MICROSOFT}/ws/2008/06/identity/claims/groups` } },
  respond: (request) => {
    const attribute = (name: string, ...values: string[]) =>
      `<Attribute Name="${name}">${values.map((value) => `<AttributeValue>${value}</AttributeValue>`).join('')}</Attribute>`;
    const content = assertion(request, {
      prefix: '',
      issuer,
      nameId: 'q7Vd0c8mJ0Xw2uYk9k1n5r8a3b6e4f2g',
      nameIdFormat: PERSISTENT,
      context: `${SAML}:ac:classes:Password`,
      attributes:
        attribute(`${MICROSOFT}/identity/claims/tenantid`, '0b6c8f0e-8d1a-4b9e-9c56-2d1f5e0a7b11') +
        attribute(`${MICROSOFT}/identity/claims/displayname`, 'Ada Directory') +
        attribute(
          `${MICROSOFT}/ws/2008/06/identity/claims/groups`,
          '6f1c8f0e-8d1a-4b9e-9c56-2d1f5e0a7b12',
          '7f1c8f0e-8d1a-4b9e-9c56-2d1f5e0a7b13',
        ) +
        attribute(`${CLAIMS}/givenname`, 'Ada') +
        attribute(`${CLAIMS}/emailaddress`, 'ada@entra.example') +
        attribute(`${CLAIMS}/name`, 'ada_upn@entra.example'),
    });
    const signed = sign(content, { element: 'Assertion' });
    return response(request, 'samlp', `<Issuer xmlns="${SAML}:assertion">${issuer}</Issuer>`, signed);
  },
  expected: {
    email: 'ada@entra.example',
    name: 'Ada Directory',
    groups: ['6f1c8f0e-8d1a-4b9e-9c56-2d1f5e0a7b12', '7f1c8f0e-8d1a-4b9e-9c56-2d1f5e0a7b13'],
  },
});

/** A declaration, prefixes `saml2`, both signatures, a list of prefixes that are canonicalized inclusively. */
const okta = (issuer: string): Shape => ({
  settings: { attributeMapping: { groups: 'groups' } },
  respond: (request) => {
    const attribute = typed('saml2', UNSPECIFIED.replace('nameid', 'attrname').replace('1.1', '2.0'));
    const content = assertion(request, {
      prefix: 'saml2',
      issuer,
      nameId: 'ada@okta.example',
      nameIdFormat: ADDRESS,
      context: PASSWORD,
      attributes:
        attribute('firstName', 'Ada') + attribute('lastName', 'Okta') + attribute('groups', 'Everyone', 'ops'),
    });
    const signed = sign(content, { prefix: 'ds', element: 'Assertion', inclusive: ['xs'] });
    const whole = response(
      request,
      'saml2p',
      `<saml2:Issuer xmlns:saml2="${SAML}:assertion" Format="${SAML}:nameid-format:entity">${issuer}</saml2:Issuer>`,
      signed,
      ' xmlns:xs="http://www.w3.org/2001/XMLSchema"',
    );
    return `<?xml version="1.0" encoding="UTF-8"?>${sign(whole, { prefix: 'ds', element: 'Response', inclusive: ['xs'] })}`;
  },
  expected: { email: 'ada@okta.example', name: 'Ada Okta', groups: ['Everyone', 'ops'] },
});

/** Signs the response only, values of any type, no attribute for the address. */
const google = (issuer: string): Shape => ({
  settings: { attributeMapping: { groups: 'groups' } },
  respond: (request) => {
    const attribute = typed('saml2', BASIC, 'xs:anyType');
    const content = assertion(request, {
      prefix: 'saml2',
      issuer,
      nameId: 'ada@google.example',
      nameIdFormat: ADDRESS,
      context: `${SAML}:ac:classes:unspecified`,
      attributes: attribute('firstName', 'Ada') + attribute('lastName', 'Workspace') + attribute('groups', 'ops'),
    });
    const whole = response(
      request,
      'saml2p',
      `<saml2:Issuer xmlns:saml2="${SAML}:assertion">${issuer}</saml2:Issuer>`,
      content,
    );
    return `<?xml version="1.0" encoding="UTF-8" standalone="no"?>${sign(whole, { prefix: 'ds', element: 'Response' })}`;
  },
  expected: { email: 'ada@google.example', name: 'Ada Workspace', groups: ['ops'] },
});

/** Line breaks as Windows writes them, indented, groups as one attribute for each. */
const jumpcloud = (issuer: string): Shape => ({
  settings: { attributeMapping: { groups: 'memberOf' } },
  respond: (request) => {
    const attribute = typed('saml2', UNSPECIFIED.replace('nameid', 'attrname').replace('1.1', '2.0'));
    const content = assertion(request, {
      prefix: 'saml2',
      issuer,
      nameId: 'ada@jumpcloud.example',
      nameIdFormat: UNSPECIFIED,
      context: PASSWORD,
      space: '\n    ',
      attributes: [
        attribute('email', 'ada@jumpcloud.example'),
        attribute('firstname', 'Ada'),
        attribute('lastname', 'Cloud'),
        attribute('memberOf', 'ops'),
        attribute('memberOf', 'all'),
      ].join('\n    '),
    });
    const signed = sign(content, { prefix: 'ds', element: 'Assertion' });
    const whole = response(
      request,
      'saml2p',
      `<saml2:Issuer xmlns:saml2="${SAML}:assertion">${issuer}</saml2:Issuer>`,
      `\n${signed}\n`,
    );
    return whole.replaceAll('\n', '\r\n');
  },
  expected: { email: 'ada@jumpcloud.example', name: 'Ada Cloud', groups: ['ops', 'all'] },
});

/** Encrypts the assertion, a transient NameID, a stable identifier as an attribute, names of attributes by number. */
const shibboleth = (issuer: string): Shape => ({
  settings: {
    acceptsEncryptedAssertions: true,
    attributeMapping: { groups: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1' },
  },
  respond: async (request, { encryptionCertificate }) => {
    const attribute = (name: string, friendly: string, ...values: string[]) =>
      `<saml2:Attribute FriendlyName="${friendly}" Name="${name}" NameFormat="${URI}">${values
        .map((value) => `<saml2:AttributeValue>${value}</saml2:AttributeValue>`)
        .join('')}</saml2:Attribute>`;
    const content = assertion(request, {
      prefix: 'saml2',
      issuer,
      nameId: `AAdzZWNyZXQx${newId()}`,
      nameIdFormat: `${SAML}:nameid-format:transient`,
      context: PASSWORD,
      attributes:
        attribute(`${SAML.replace(':2.0', '')}:attribute:subject-id`, 'samlSubjectID', 'ada8472@shibboleth.example') +
        attribute('urn:oid:0.9.2342.19200300.100.1.3', 'mail', 'ada@shibboleth.example') +
        attribute('urn:oid:2.16.840.1.113730.3.1.241', 'displayName', 'Ada Campus') +
        attribute('urn:oid:1.3.6.1.4.1.5923.1.5.1.1', 'isMemberOf', 'ops', 'staff'),
    });
    const sealed = await encrypted(content, encryptionCertificate ?? '', {
      content: 'http://www.w3.org/2009/xmlenc11#aes128-gcm',
    });
    const whole = response(
      request,
      'saml2p',
      `<saml2:Issuer xmlns:saml2="${SAML}:assertion">${issuer}</saml2:Issuer>`,
      sealed.replace('<saml:EncryptedAssertion>', `<saml:EncryptedAssertion xmlns:saml="${SAML}:assertion">`),
    );
    return sign(whole, { prefix: 'ds', element: 'Response' });
  },
  expected: { email: 'ada@shibboleth.example', name: 'Ada Campus', groups: ['ops', 'staff'] },
});

/** By name. Each takes the entity id of the provider. */
export const SHAPES: Record<string, (issuer: string) => Shape> = {
  Keycloak: keycloak,
  'AD FS': adfs,
  'Microsoft Entra ID': entra,
  Okta: okta,
  'Google Workspace': google,
  JumpCloud: jumpcloud,
  Shibboleth: shibboleth,
};
