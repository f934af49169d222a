import { X509Certificate } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import { refuse } from '../connections/connection.refusals.js';

const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/** The data of an identity provider that a connection needs. */
export interface IdpMetadata {
  entityId: string;
  ssoUrl: string;
  certificates: string[];
}

/** Detects document types and entities, which are never processed. */
export const hasDoctype = (xml: string): boolean => /<!(?:DOCTYPE|ENTITY)/i.test(xml);

/** Returns a certificate as PEM, from PEM or from bare base64 as in metadata. */
export function pemOf(text: string): string {
  const bare = text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replace(/\s/g, '');
  const pem = `-----BEGIN CERTIFICATE-----\n${bare.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----`;
  try {
    return new X509Certificate(pem).toString().trim();
  } catch {
    return refuse('certificates', 'must contain X.509 certificates, as PEM or base64');
  }
}

/** Reads the metadata of an identity provider. */
export function readIdpMetadata(xml: string): IdpMetadata {
  if (hasDoctype(xml)) refuse('metadata', 'must not have a document type');
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
  const ssoUrl = all(entity, METADATA, 'SingleSignOnService')
    .find((one) => one.getAttribute('Binding') === REDIRECT)
    ?.getAttribute('Location');
  if (!entityId || !ssoUrl)
    return refuse('metadata', 'must contain an entity id and a single sign-on URL for HTTP-Redirect');
  const certificates = all(entity, METADATA, 'KeyDescriptor')
    .filter((key) => key.getAttribute('use') !== 'encryption')
    .flatMap((key) => all(key, SIGNATURE, 'X509Certificate'))
    .map((one) => pemOf(one.textContent ?? ''));
  if (certificates.length === 0) return refuse('metadata', 'must contain a signing certificate');
  return { entityId, ssoUrl, certificates: [...new Set(certificates)] };
}

const all = (node: Document | Element, namespace: string, name: string): Element[] =>
  Array.from(node.getElementsByTagNameNS(namespace, name));
