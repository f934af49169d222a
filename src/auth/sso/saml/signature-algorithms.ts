import { ssoErrors } from '../sso.errors.js';

/** Signatures that can be forged. With HMAC, the certificate itself would be the key. */
const WEAK = /xmldsig(?:-more)?#(?:\w+-)?(?:sha1|md5)\b|#hmac-/i;

export const isWeak = (algorithm: string): boolean => WEAK.test(algorithm);

/** Tells whether a signature anywhere in the message uses an algorithm that can be forged. */
export const hasWeakSignature = (message: Document): boolean =>
  ['SignatureMethod', 'DigestMethod']
    .flatMap((name) => Array.from(message.getElementsByTagNameNS('*', name)))
    // For encryption, the digest does not have to withstand collisions.
    .filter(({ parentNode }) => (parentNode as Element | null)?.localName !== 'EncryptionMethod')
    .some((method) => isWeak(method.getAttribute('Algorithm') ?? ''));

/** Throws `sso.algorithm_not_allowed`. */
export function assertStrongSignatures(message: Document): void {
  if (hasWeakSignature(message)) throw ssoErrors.algorithm_not_allowed();
}
