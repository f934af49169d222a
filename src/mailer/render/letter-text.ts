import type { Letter } from '../letters/index.js';

/** Each line is marked: what a person wrote must not pass for what we say. */
const quoted = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => `> ${line}`)
    .join('\n');

/** The letter for whoever reads plain text: complete by itself. */
export function letterText({ text, quote, action, notes = [] }: Letter): string {
  const parts = [
    'Hello,',
    ...text,
    ...(quote ? [`${quote.by} writes:`, quoted(quote.text)] : []),
    ...(action ? [`${action.label}:`, action.link] : []),
    ...notes,
  ];
  return `${parts.join('\n\n')}\n`;
}
