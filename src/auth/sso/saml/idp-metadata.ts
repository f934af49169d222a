import { X509Certificate } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { MAX_CERTIFICATES } from '../connections/connection.dto.js';
import type { SamlBinding } from '../connections/connection.entity.js';
import { refuse } from '../connections/connection.refusals.js';
import { isWithinLimits, METADATA_LIMITS } from './xml-limits.js';

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/** The data of an identity provider that a connection needs. */
export interface IdpMetadata {
  entityId: string;
  ssoUrl: string;
  ssoBinding: SamlBinding;
  idpLogoutUrl: string | null;
  certificates: string[];
}

/** Removes comments, in one pass. An open one stays, and is refused. */
function withoutComments(xml: string): string {
  let kept = '';
  let at = 0;
  for (let start = xml.indexOf('<!--'); start !== -1; start = xml.indexOf('<!--', at)) {
    const end = xml.indexOf('-->', start);
    if (end === -1) break;
    kept += xml.slice(at, start);
    at = end + 3;
  }
  return kept + xml.slice(at);
}

const RSA = ['rsa', 'rsa-pss'];
const LEAST_BITS = 2048;

/** Tells whether signatures can be verified with a certificate: XML signatures with other kinds of keys are not supported. */
function isUsable({ publicKey }: X509Certificate): boolean {
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: { modulusLength = 0 } = {} } = publicKey;
  return RSA.includes(type) && modulusLength >= LEAST_BITS;
}

/** Returns a certificate as PEM, from PEM or from bare base64 as in metadata. */
export function pemOf(text: string): string {
  const certificate = certificateOf(text);
  if (!isUsable(certificate)) refuse('certificates', `must have RSA keys of at least ${LEAST_BITS} bits`);
  return pem(certificate);
}

const pem = (certificate: X509Certificate): string => certificate.toString().trim();

function certificateOf(text: string): X509Certificate {
  const bare = text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, '');
  try {
    return new X509Certificate(
      `-----BEGIN CERTIFICATE-----\n${bare.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----`,
    );
  } catch {
    return refuse('certificates', 'must contain X.509 certificates, as PEM or base64');
  }
}

/** Reads the metadata of an identity provider. */
export function readIdpMetadata(given: string): IdpMetadata {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(given)) refuse('metadata', 'must not have a document type');
  const xml = withoutComments(given);
  if (!isWithinLimits(xml, METADATA_LIMITS)) refuse('metadata', 'must be XML of the usual size and depth');
  const faults: string[] = [];
  const note = (message: string) => void faults.push(message);
  const parser = new DOMParser({ errorHandler: { warning: () => undefined, error: note, fatalError: note } });
  const root = parser.parseFromString(xml.trim(), 'text/xml') as Document | undefined;
  if (faults.length > 0 || !root) return refuse('metadata', 'must be XML');
  const [entity, another] = all(root, METADATA, 'EntityDescriptor').filter(
    (one) => all(one, METADATA, 'IDPSSODescriptor').length > 0,
  );
  if (!entity || another) return refuse('metadata', 'must describe exactly one identity provider');
  const entityId = entity.getAttribute('entityID') ?? '';
  const service = (name: string, binding: string) =>
    all(entity, METADATA, name).find((one) => one.getAttribute('Binding') === binding);
  const redirect = service('SingleSignOnService', REDIRECT);
  const ssoUrl = (redirect ?? service('SingleSignOnService', POST))?.getAttribute('Location');
  const logout = service('SingleLogoutService', REDIRECT);
  const idpLogoutUrl = logout?.getAttribute('ResponseLocation') || logout?.getAttribute('Location') || null;
  if (!entityId || !ssoUrl)
    return refuse('metadata', 'must contain an entity id and a single sign-on URL for HTTP-Redirect or HTTP-POST');
  const certificates = all(entity, METADATA, 'KeyDescriptor')
    .filter((key) => key.getAttribute('use') !== 'encryption')
    .flatMap((key) => all(key, SIGNATURE, 'X509Certificate'))
    .map((one) => certificateOf(one.textContent ?? ''));
  if (certificates.length === 0) return refuse('metadata', 'must contain a signing certificate');
  // Others that the provider lists beside them are for others.
  const distinct = [...new Set(certificates.filter(isUsable).map(pem))];
  if (distinct.length === 0)
    refuse('metadata', `must contain a signing certificate with an RSA key of at least ${LEAST_BITS} bits`);
  if (distinct.length > MAX_CERTIFICATES)
    refuse('metadata', `must have at most ${MAX_CERTIFICATES} certificates for signatures`);
  return { entityId, ssoUrl, ssoBinding: redirect ? 'redirect' : 'post', idpLogoutUrl, certificates: distinct };
}

const all = (node: Document | Element, namespace: string, name: string): Element[] =>
  Array.from(node.getElementsByTagNameNS(namespace, name));
