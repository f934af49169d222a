import { ssoErrors } from '../sso.errors.js';

/**
 * What the library can verify, without what can be forged: SHA-1 and MD5, and HMAC, with which the certificate itself would
 * be the key.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  SignatureMethod: [
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  ],
  DigestMethod: ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'],
};

export const isAllowed = (method: string, algorithm: string): boolean => ALLOWED[method]?.includes(algorithm) ?? false;

/** Returns an algorithm that is not allowed of a signature anywhere in the message, or undefined. */
export const refusedAlgorithm = (message: Document): string | undefined =>
  Object.keys(ALLOWED)
    .flatMap((name) => Array.from(message.getElementsByTagNameNS('*', name)))
    // For encryption, the digest does not have to withstand collisions.
    .filter(({ parentNode }) => (parentNode as Element | null)?.localName !== 'EncryptionMethod')
    .filter((method) => !isAllowed(method.localName, method.getAttribute('Algorithm') ?? ''))
    .map((method) => method.getAttribute('Algorithm') ?? '')[0];

/** Throws `sso.algorithm_not_allowed`. */
export function assertStrongSignatures(message: Document): void {
  const algorithm = refusedAlgorithm(message);
  if (algorithm === undefined) return;
  throw ssoErrors.algorithm_not_allowed({
    detail: `The identity provider signs with ${algorithm.slice(0, 100)}. Choose RSA with SHA-256 or SHA-512 there.`,
  });
}
