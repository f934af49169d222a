import { dictionary } from '@zxcvbn-ts/language-common';

/** A password that needs fewer guesses than two to this power counts as common. */
const MIN_BITS = 30;
/** Worth of a character that belongs to no known word. */
const DIGIT_BITS = Math.log2(10);
const CHARACTER_BITS = Math.log2(30);
/** Worth of a character that repeats the one before or continues the alphabet or the digits. */
const STEP_BITS = 1;
/** Minimum length of a part that counts as a repetition. */
const REPEATED_MIN_LENGTH = 3;
const REPEATED_BITS = 2;
const WORD_MIN_LENGTH = 4;
const WORD_MAX_LENGTH = 24;

const LOOK_ALIKES: Record<string, string> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
};

let ranks: Map<string, number> | undefined;

/** Returns the rank of each password on the shipped list, the most common first. Built on first use. */
function ranksOf(): Map<string, number> {
  ranks ??= new Map(dictionary['passwords-common'].map((word, index): [string, number] => [word, index + 1]));
  return ranks;
}

const isStep = (from: number, to: number): boolean => Math.abs(to - from) <= 1;

/** Returns the cheapest way in bits to write `text` as common passwords, repetitions and single characters. */
function bitsOf(text: string): number {
  const known = ranksOf();
  const cheapest = [0];
  for (let end = 1; end <= text.length; end++) {
    const last = text.charCodeAt(end - 1);
    const step = end > 1 && isStep(text.charCodeAt(end - 2), last);
    const single = step ? STEP_BITS : /\d/.test(text.charAt(end - 1)) ? DIGIT_BITS : CHARACTER_BITS;
    let bits = (cheapest[end - 1] ?? 0) + single;
    for (let start = Math.max(0, end - WORD_MAX_LENGTH); start <= end - REPEATED_MIN_LENGTH; start++) {
      const piece = text.slice(start, end);
      const before = cheapest[start] ?? 0;
      if (text.lastIndexOf(piece, start - piece.length) >= 0 && start >= piece.length)
        bits = Math.min(bits, before + REPEATED_BITS);
      const rank = piece.length >= WORD_MIN_LENGTH ? known.get(piece) : undefined;
      if (rank) bits = Math.min(bits, before + Math.log2(rank + 1));
    }
    cheapest.push(bits);
  }
  return cheapest.at(-1) ?? 0;
}

/**
 * Tells whether a lower-case password is on the shipped list of common ones, or is derived from them to reach a length:
 * several in a row, one repeated, digits or signs around it, or signs for letters. Lists contain few long passwords, so
 * derivations matter. Phrases of uncommon words, or of enough common ones, pass.
 */
export function isCommonPassword(plain: string): boolean {
  if (ranksOf().has(plain)) return true;
  const readAsLetters = plain.replace(/[@4310!$5]/g, (sign) => LOOK_ALIKES[sign] ?? sign);
  return Math.min(bitsOf(plain), bitsOf(readAsLetters) + 1) < MIN_BITS;
}
