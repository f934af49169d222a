import { authErrors } from '../auth.errors.js';

/** NIST SP 800-63B: a password that is the only factor has at least 15 characters; no rules on which. */
export const PASSWORD_MIN_LENGTH = 15;
const CONTEXT_MIN_LENGTH = 4;

/** Throws auth.password_too_short, auth.password_too_weak. */
export function assertPassword(password: string, context: { email: string; name: string }): void {
  if ([...password].length < PASSWORD_MIN_LENGTH) {
    const detail = `The password must have at least ${PASSWORD_MIN_LENGTH} characters.`;
    throw authErrors.password_too_short({ detail, data: { minLength: PASSWORD_MIN_LENGTH } });
  }
  // What is left when the person's own words are taken out must still be a password.
  const words = [context.email, context.email.split('@')[0] ?? '', ...context.name.toLowerCase().split(/\s+/)];
  let rest = password.toLowerCase();
  for (const word of words.filter(({ length }) => length >= CONTEXT_MIN_LENGTH)) rest = rest.replaceAll(word, '');
  if (new Set(rest).size < 5) throw authErrors.password_too_weak();
}
