import { normalizeText } from '../../../common/validation/index.js';
import { authErrors } from '../../access/index.js';
import { isCommonPassword } from './common-passwords.js';

/** Distinct characters that must remain once the user's own words are removed. */
const REST_MIN_DISTINCT = 5;
const CONTEXT_MIN_LENGTH = 3;

/**
 * Checks a new password by NIST SP 800-63B: settings define a minimum length, and there are no rules about characters.
 * The password must not be common or consist of `context` (address, name, operator). Long passwords may contain such
 * words.
 */
export function assertPassword(password: string, context: string[], minLength: number): void {
  const plain = normalizeText(password).toLowerCase();
  if ([...plain].length < minLength) {
    const detail = `The password must have at least ${minLength} characters.`;
    throw authErrors.password_too_short({ detail, data: { minLength } });
  }
  const words = context.flatMap((text) =>
    normalizeText(text)
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u),
  );
  let rest = plain;
  for (const word of words) if (word.length >= CONTEXT_MIN_LENGTH) rest = rest.replaceAll(word, '');
  if (new Set(rest.replace(/\s/g, '')).size < REST_MIN_DISTINCT) throw authErrors.password_too_weak();
  if (isCommonPassword(plain)) throw authErrors.password_too_common();
}
