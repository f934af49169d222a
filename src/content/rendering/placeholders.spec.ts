import { fillLine, linesOf } from './placeholders.js';

const lineOf = (text: string): string => fillLine('{{NAME}}', { NAME: { text } }).text;

describe('a value in a line', () => {
  it.each([
    ['a', 'a'],
    [' a  b ', ' a  b '],
    ['a \r\n  b', 'a b'],
    ['a\n \t\n\n b', 'a b'],
    ['\n a', ' a'],
    ['a \n', 'a '],
    [' \n ', ' '],
    ['', ''],
  ])('has no line breaks: %j', (text, expected) => {
    expect(lineOf(text)).toBe(expected);
    expect(lineOf(text)).toBe(text.replace(/\s*[\r\n]+\s*/g, ' '));
  });

  it('is read once, however many spaces it has', () => {
    // With the regular expression above this takes half an hour.
    const text = `a${' '.repeat(1_000_000)}b`;
    expect(lineOf(text)).toBe(text);
    expect(linesOf(`${text}\n${text}`)).toEqual([text, text]);
  });
});
