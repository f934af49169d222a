import { authErrors } from '../auth.errors.js';

/** NIST SP 800-63B: a password that is the only factor has at least 15 characters; no rules on which. */
const PASSWORD_MIN_LENGTH = 15;
/** What must be left of it without everything that can be guessed. */
const REST_MIN_LENGTH = 8;
const REST_MIN_DISTINCT = 5;
const CONTEXT_MIN_LENGTH = 3;
const RUN_MIN_LENGTH = 4;

/** What common passwords are put together from. */
const COMMON =
  `password passwort motdepasse contrasena wachtwoord passphrase passwd login letmein welcome willkommen bienvenue hello
  admin administrator root user guest default changeme secret geheim test demo trellis iloveyou loveyou trustno monkey
  dragon football baseball soccer hockey princess sunshine master shadow superman batman pokemon starwars whatever
  freedom computer internet michael jennifer jordan summer winter spring autumn january february march april june july
  august september october november december monday tuesday wednesday thursday friday saturday sunday qwerty qwertz
  azerty 1q2w3e4r q1w2e3r4`.split(/\s+/);

/** Orders people type along: the alphabet, digits, rows and columns of keyboards. */
const ORDERS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
].flatMap((order) => [order, [...order].toReversed().join('')]);

const LOOKALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

const withoutLookalikes = (text: string): string => text.replace(/[013457@$!]/g, (char) => LOOKALIKES[char] ?? char);

/** Takes out stretches of at least four characters that follow each other in a known order. */
function withoutRuns(text: string): string {
  let rest = '';
  for (let at = 0; at < text.length;) {
    let end = at + 1;
    while (end < text.length && ORDERS.some((order) => order.includes(text.slice(at, end + 1)))) end++;
    const run = end - at >= RUN_MIN_LENGTH;
    if (!run) rest += text.charAt(at);
    at = run ? end : at + 1;
  }
  return rest;
}

/** What a guesser who knows the words and the habits of people still has to find out. */
function unguessed(password: string, words: string[]): string {
  let rest = withoutRuns(password);
  for (const word of words) rest = rest.replaceAll(word, ' ');
  return rest.replace(/[\s!-/:-@[-`{-~]/g, '').replace(/(.+?)\1+/gu, '$1');
}

/**
 * `context` is what the password must not be made of: the address, the name, the operator.
 * Throws auth.password_too_short, auth.password_too_weak.
 */
export function assertPassword(password: string, context: string[]): void {
  const plain = password.normalize('NFKC').toLowerCase();
  if ([...plain].length < PASSWORD_MIN_LENGTH) {
    const detail = `The password must have at least ${PASSWORD_MIN_LENGTH} characters.`;
    throw authErrors.password_too_short({ detail, data: { minLength: PASSWORD_MIN_LENGTH } });
  }
  const own = context.flatMap((text) =>
    text
      .normalize('NFKC')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u),
  );
  // Longest first, so that what holds another word goes as a whole.
  const words = [...own.filter(({ length }) => length >= CONTEXT_MIN_LENGTH), ...COMMON].sort(
    (a, b) => b.length - a.length,
  );
  const weak = [plain, withoutLookalikes(plain)].some((form) => {
    const rest = [...unguessed(form, words)];
    return rest.length < REST_MIN_LENGTH || new Set(rest).size < REST_MIN_DISTINCT;
  });
  if (weak) throw authErrors.password_too_weak();
}
