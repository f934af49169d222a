import { comparableName, isPrintable, isVisible, normalizeCode, normalizeText } from './text.js';

it('tells control characters and reversing marks from text', () => {
  for (const text of ['a', 'Ünïcödé', '東京', '👩‍👩‍👧', 'a b']) expect(isPrintable(text)).toBe(true);
  for (const text of ['a\u0000', 'a\nb', '\u202eabc', 'a\u2028b', '\ud800', '\u0085'])
    expect(isPrintable(text)).toBe(false);
  expect(isPrintable('a\n\tb\r\n', true)).toBe(true);
  expect(isPrintable('a\u0000', true)).toBe(false);
});

it('tells text that shows something from text that does not', () => {
  for (const text of ['a', '東京', '👩‍👩‍👧', ' a\u200b', '-', '٣']) expect(isVisible(text)).toBe(true);
  for (const text of ['', '\u200b', '\u200b\u200d\ufeff', '\u2800', '\u3164', '\u00ad', '\u0301', '\u3000'])
    expect(isVisible(text)).toBe(false);
});

it('leaves a text as it is that is too long to be normalized, which would take long', () => {
  expect(normalizeText('ａ'.repeat(2_000))).toBe('a'.repeat(2_000));
  expect(normalizeText('ａ'.repeat(2_001))).toBe('ａ'.repeat(2_001));
});

it.each([
  ['Jones & Söhne', 'Jones\u00a0&  So\u0308hne'],
  ['Acme', ' Ac\u200bme '],
  ['Ａcme Ⅳ', 'Acme IV'],
])('compares %j and %j as equal names', (one, other) => expect(comparableName(one)).toBe(comparableName(other)));

it('does not compare different names as equal', () => {
  expect(comparableName('Acme')).not.toBe(comparableName('acme'));
  expect(comparableName('Jones')).not.toBe(comparableName('Jonés'));
});

it.each([' 123 456', '123-456', '１２３４５６', '123\u2212456', '123\u200b456\u00a0'])('reads the code %j', (code) =>
  expect(normalizeCode(code)).toBe('123456'),
);
