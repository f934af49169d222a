import { authErrors } from '../auth.errors.js';

/** NIST SP 800-63B: a password that is the only factor has at least 15 characters; no rules on which. */
const PASSWORD_MIN_LENGTH = 15;
/** Different characters that must be left of it without the person's own words. */
const REST_MIN_DISTINCT = 5;
const CONTEXT_MIN_LENGTH = 3;

/**
 * `context` is what the password must not be made of: the address, the name, the operator. Length does the rest: a
 * long password that somebody can remember is not refused for its words.
 * Throws auth.password_too_short, auth.password_too_weak.
 */
export function assertPassword(password: string, context: string[]): void {
  const plain = password.normalize('NFKC').toLowerCase();
  if ([...plain].length < PASSWORD_MIN_LENGTH) {
    const detail = `The password must have at least ${PASSWORD_MIN_LENGTH} characters.`;
    throw authErrors.password_too_short({ detail, data: { minLength: PASSWORD_MIN_LENGTH } });
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
}
