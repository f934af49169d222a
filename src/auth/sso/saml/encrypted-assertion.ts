import { promisify } from 'node:util';
import { XMLSerializer } from '@xmldom/xmldom';
import xmlEncryption from 'xml-encryption';
import { ssoErrors } from '../sso.errors.js';
import { refusedAlgorithm } from './signature-algorithms.js';
import { childrenOf, parsed } from './xml-children.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

const decrypt = promisify(xmlEncryption.decrypt);

const CONTENT = [
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
];
/** RSA 1.5 is left out: its errors give keys away. */
const KEY = ['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'];
const DIGEST = ['http://www.w3.org/2000/09/xmldsig#sha1'];

/**
 * Returns the assertion of a response that encrypts it, within the limits, or null if the response does not. It is not
 * verified. Every failure of decryption has the same error, so that errors tell nothing about the contents.
 */
export async function decryptedAssertion(response: Document, key: string | null): Promise<Document | null> {
  const [encrypted, another] = childrenOf(response.documentElement, 'EncryptedAssertion');
  if (!encrypted) return null;
  if (another) throw ssoErrors.response_invalid();
  if (key === null)
    throw ssoErrors.assertion_not_decrypted({
      detail: 'The identity provider encrypted the assertion, which this connection does not accept.',
    });
  assertAlgorithms(encrypted, 'EncryptionMethod', [...CONTENT, ...KEY]);
  assertAlgorithms(encrypted, 'DigestMethod', DIGEST);
  const assertion = await decrypt(new XMLSerializer().serializeToString(encrypted), { key }).catch(() => null);
  if (assertion === null || !isWithinLimits(assertion, RESPONSE_LIMITS)) throw ssoErrors.assertion_not_decrypted();
  const document = parsed(assertion);
  if (refusedAlgorithm(document) !== undefined) throw ssoErrors.assertion_not_decrypted();
  return document;
}

function assertAlgorithms(encrypted: Element, name: string, allowed: string[]): void {
  for (const method of Array.from(encrypted.getElementsByTagNameNS('*', name))) {
    const algorithm = method.getAttribute('Algorithm') ?? '';
    if (!allowed.includes(algorithm))
      throw ssoErrors.algorithm_not_allowed({
        detail: `The identity provider encrypts with ${algorithm.slice(0, 100)}. Choose AES (CBC or GCM) with RSA-OAEP (MGF1 and SHA-1) there.`,
      });
  }
}
