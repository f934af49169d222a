import type { Letter } from '../letters/index.js';
import { footerOf, type Look } from './look.js';
import { unlinked } from './unlinked.js';

/** Each line is marked: what a person wrote must not pass for what we say. */
const quoted = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${unlinked(line)}`)
    .join('\n');

/** The letter for whoever reads plain text: complete by itself. */
export function letterText({ text, quote, action, notes = [] }: Letter, look: Look): string {
  const parts = [
    'Hello,',
    ...text.map(unlinked),
    ...(quote ? [`${unlinked(quote.by)} writes:`, quoted(quote.text)] : []),
    ...(action ? [`${action.label}:`, action.link] : []),
    ...notes.map(unlinked),
    `-- \n${footerOf(look).map(unlinked).join('\n')}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
