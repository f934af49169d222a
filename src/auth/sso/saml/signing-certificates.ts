import {
  type CanonicalizationOrTransformationAlgorithm,
  findAncestorNs,
  type NamespacePrefix,
  type SignatureAlgorithm,
  SignedXml,
} from 'xml-crypto';
import { ssoErrors } from '../sso.errors.js';
import { childrenOf } from './xml-children.js';

const { CanonicalizationAlgorithms, SignatureAlgorithms } = new SignedXml();
const CANONICALIZATIONS: Partial<Record<string, new () => CanonicalizationOrTransformationAlgorithm>> =
  CanonicalizationAlgorithms;
const SIGNATURES: Partial<Record<string, new () => SignatureAlgorithm>> = SignatureAlgorithms;

/**
 * Returns the certificates whose keys made a signature of a message or of its assertion: all of them if there is none.
 * Throws `sso.signature_invalid` if none of them made one.
 * Whether the signatures cover what is read is not checked here. That costs a canonicalization of the whole message for each
 * certificate, which those who have no key of the provider should not be able to cause.
 */
export function signingCertificates(messages: Document[], certificates: string[]): string[] {
  const checks = messages.flatMap(checksOf);
  if (checks.length === 0) return certificates;
  const signers = certificates.filter((certificate) => checks.some((check) => check(certificate)));
  if (signers.length === 0) throw ssoErrors.signature_invalid();
  return signers;
}

type SignatureCheck = (certificate: string) => boolean;

function checksOf(document: Document): SignatureCheck[] {
  const root = document.documentElement as Element | null;
  const signatures = [root, ...childrenOf(root, 'Assertion')].flatMap((element) => childrenOf(element, 'Signature'));
  if (signatures.length === 0) return [];
  const namespaces = findAncestorNs(document, "//*[local-name()='SignedInfo']");
  return signatures.map((signature) => checkOf(signature, namespaces));
}

/** Returns a function that tells whether a certificate's key made the signature. */
function checkOf(signature: Element, ancestorNamespaces: NamespacePrefix[]): SignatureCheck {
  const info = childrenOf(signature, 'SignedInfo')[0];
  const algorithmOf = (name: string) => childrenOf(info, name)[0]?.getAttribute('Algorithm') ?? '';
  const Canonical = CANONICALIZATIONS[algorithmOf('CanonicalizationMethod')];
  const Algorithm = SIGNATURES[algorithmOf('SignatureMethod')];
  if (!info || !Canonical || !Algorithm) return () => false;
  const value = (childrenOf(signature, 'SignatureValue')[0]?.textContent ?? '').replace(/\s/g, '');
  const options = { ancestorNamespaces, defaultNsForPrefix: SignedXml.defaultNsForPrefix, signatureNode: signature };
  const canonical = new Canonical().process(info, options) as unknown as string;
  return (certificate) => {
    try {
      return new Algorithm().verifySignature(canonical, certificate, value);
    } catch {
      return false;
    }
  };
}
