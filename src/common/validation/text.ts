/** Control characters, half surrogates, and marks that change the reading direction, which can disguise names. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Like `UNPRINTABLE`, but allows line breaks and tabs. */
const UNPRINTABLE_IN_LINES = /[^\P{Cc}\n\r\t]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

export const isPrintable = (text: string, multiline = false): boolean =>
  !(multiline ? UNPRINTABLE_IN_LINES : UNPRINTABLE).test(text);

/** All characters except spaces, marks, control and format characters, and letters that fonts draw as nothing. */
const VISIBLE = /[^\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;

/** Tells whether `text` contains a visible character. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);

/** Longer than any field that is normalized. */
const MAX_NORMALIZED = 2_000;

/**
 * Normalizes a text to NFKC, so that the same text from different keyboards and systems compares equal. Returns a text that
 * is too long as it is: many accents on one letter take time that grows with the square of their number.
 */
export const normalizeText = (text: string): string => (text.length > MAX_NORMALIZED ? text : text.normalize('NFKC'));

/**
 * Composes letters and their accents (NFC), so that a name is stored, sorted and found in one form. Keeps what compatibility
 * forms say, such as `²` and `Ⅳ`. Returns a text that is too long as it is.
 */
export const composeText = (text: string): string => (text.length > MAX_NORMALIZED ? text : text.normalize('NFC'));

/** Returns a code as it was shown, without the spaces and dashes that people and phones put in, and with plain digits. */
export const normalizeCode = (text: string): string => normalizeText(text).replace(/[\s\p{Pd}\p{Cf}\u2212]/gu, '');

/** Returns a name in the form in which names that look the same are equal: one space, composed letters, nothing invisible. */
export const comparableName = (name: string): string =>
  normalizeText(name)
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
