const characters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Returns the beginning of a text, of at most `max` UTF-16 units, that ends with a whole character as people see it. */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  // A character that is too long for the rest is left out, whatever follows it.
  const { index = 0 } = characters.segment(text.slice(0, max + 2)).containing(max) ?? {};
  return text.slice(0, index);
}
