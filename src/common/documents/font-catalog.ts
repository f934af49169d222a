import { createRequire } from 'node:module';

const files = createRequire(import.meta.url);

/** Covers most alphabets. The standard PDF fonts cover Western Europe only. */
export const BASE_REGULAR = files.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
export const BASE_BOLD = files.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

const CHINESE = ['noto-sans-sc', 'noto-sans-tc'];

/** Fonts for writing systems that the base font lacks. The first one that has a character draws it. */
const FONTS: readonly [script: RegExp, fonts: readonly string[]][] = [
  [/\p{Script=Hangul}/u, ['noto-sans-kr']],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, ['noto-sans-jp']],
  [/\p{Script=Devanagari}/u, ['noto-sans-devanagari']],
  [/\p{Script=Bengali}/u, ['noto-sans-bengali']],
  [/\p{Script=Gujarati}/u, ['noto-sans-gujarati']],
  [/\p{Script=Gurmukhi}/u, ['noto-sans-gurmukhi']],
  [/\p{Script=Kannada}/u, ['noto-sans-kannada']],
  [/\p{Script=Malayalam}/u, ['noto-sans-malayalam']],
  [/\p{Script=Oriya}/u, ['noto-sans-oriya']],
  [/\p{Script=Tamil}/u, ['noto-sans-tamil']],
  [/\p{Script=Telugu}/u, ['noto-sans-telugu']],
  [/\p{Script=Sinhala}/u, ['noto-sans-sinhala']],
  [/\p{Script=Thai}/u, ['noto-sans-thai']],
  [/\p{Script=Khmer}/u, ['noto-sans-khmer']],
  [/\p{Script=Myanmar}/u, ['noto-sans-myanmar']],
  [/\p{Script=Ethiopic}/u, ['noto-sans-ethiopic']],
];

interface FontRange {
  first: number;
  last: number;
  file: string;
}

const rangesByFont = new Map<string, FontRange[]>();

/** Reads which file of a font has which code points. Each font is cut into files by how often its characters are used. */
function rangesOf(font: string): FontRange[] {
  const known = rangesByFont.get(font);
  if (known) return known;
  const subsets = files(`@fontsource-variable/${font}/unicode.json`) as Record<string, string>;
  const ranges = Object.entries(subsets).flatMap(([subset, text]) => {
    const file = `@fontsource-variable/${font}/files/${font}-${subset.replaceAll(/[[\]]/g, '')}-wght-normal.woff2`;
    return text.split(',').map((range) => {
      const [first = '', last = first] = range.replace('U+', '').split('-');
      return { first: Number.parseInt(first, 16), last: Number.parseInt(last, 16), file };
    });
  });
  rangesByFont.set(font, ranges);
  return ranges;
}

/** Chinese characters, punctuation and forms of the full width, which several writing systems share. */
const SHARED = /[\p{Script=Han}\u2e80-\u30ff\u31c0-\u33ff\ufe30-\ufe4f\uff00-\uffef]/u;

/** Returns the fonts to try for a character. Chinese characters look different in Japanese and Korean text. */
function fontsFor(character: string, text: string): readonly string[] {
  const found = FONTS.find(([script]) => script.test(character));
  if (found) return found[1];
  if (!SHARED.test(character)) return [];
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return ['noto-sans-jp', ...CHINESE, 'noto-sans-kr'];
  if (/\p{Script=Hangul}/u.test(text)) return ['noto-sans-kr', ...CHINESE, 'noto-sans-jp'];
  return [...CHINESE, 'noto-sans-jp', 'noto-sans-kr'];
}

/** Joiners and variation selectors, which need no glyph of their own. */
const INVISIBLE = /\u200c|\u200d|[\ufe00-\ufe0f]/gu;

/** Returns the file that draws a character of a text, or null if the base font draws it or no font has it. */
export function fontFileOf(character: string, text: string): string | null {
  const codes = [...character.replace(INVISIBLE, '')].map((code) => code.codePointAt(0) ?? 0);
  for (const font of fontsFor(character, text)) {
    const ranges = rangesOf(font);
    const found = codes.map((code) => ranges.find(({ first, last }) => code >= first && code <= last)?.file);
    const [file] = found;
    if (file !== undefined && found.every((other) => other === file)) return file;
  }
  return null;
}

export const pathOf = (file: string): string => files.resolve(file);
