import { randomInt } from 'node:crypto';
import { normalizeCode } from '../../../common/validation/index.js';

/** Leaves out letters that look like digits or like each other (Crockford). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const COUNT = 10;
const HALF = 5;

/** Returns ten codes of 50 bits as they are shown, for example `x7k2m-9qd3f`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: COUNT }, () => `${characters(HALF)}-${characters(HALF)}`);

const characters = (length: number): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** Normalizes a typed code. Capitals, spaces, dashes and confusable letters do not matter. */
export const typedCode = (code: string): string =>
  normalizeCode(code).toLowerCase().replaceAll('o', '0').replace(/[il]/g, '1');
