import { authErrors } from '../../access/index.js';
import { isCommonPassword } from './common-passwords.js';

/** Different characters that must be left of it without the person's own words. */
const REST_MIN_DISTINCT = 5;
const CONTEXT_MIN_LENGTH = 3;

/**
 * NIST SP 800-63B: what counts is length, of which settings say how much; no rules on which characters. `context` is what
 * the password must not be made of: the address, the name, the operator. Nor may it be a common one, or made of such. A long
 * password that somebody can remember is not refused for its words.
 * Throws auth.password_too_short, auth.password_too_weak, auth.password_too_common.
 */
export function assertPassword(password: string, context: string[], minLength: number): void {
  const plain = password.normalize('NFKC').toLowerCase();
  if ([...plain].length < minLength) {
    const detail = `The password must have at least ${minLength} characters.`;
    throw authErrors.password_too_short({ detail, data: { minLength } });
  }
  const words = context.flatMap((text) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u),
  );
  let rest = plain;
  for (const word of words) if (word.length >= CONTEXT_MIN_LENGTH) rest = rest.replaceAll(word, '');
  if (new Set(rest.replace(/\s/g, '')).size < REST_MIN_DISTINCT) throw authErrors.password_too_weak();
  if (isCommonPassword(plain)) throw authErrors.password_too_common();
}
