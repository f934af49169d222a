import { randomInt } from 'node:crypto';
import { normalizeCode } from '../../../common/validation/index.js';

/** Consonants, so that codes spell no words, without letters that look alike (RFC 8628, 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const HALF = 4;

/** Creates a code that a user types, for example `WDJB-MJHT`. It has 34 bits, and guesses are limited. */
export function newUserCode(): string {
  const letters = Array.from({ length: 2 * HALF }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return `${letters.slice(0, HALF)}-${letters.slice(HALF)}`;
}

/** Returns the code as it was created, however the user typed it. Null if it cannot be one. */
export function normalizeUserCode(text: string): string | null {
  const letters = normalizeCode(text).toUpperCase();
  return new RegExp(`^[${LETTERS}]{${2 * HALF}}$`).test(letters)
    ? `${letters.slice(0, HALF)}-${letters.slice(HALF)}`
    : null;
}
