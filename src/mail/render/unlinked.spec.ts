import { unlinked } from './unlinked.js';

it.each([
  'https://evil.example/path',
  'javascript:alert(1)',
  'www.evil.example',
  'evil.com',
  'mail evil@evil.com now',
  'mailto:a@evil.com',
  'evil。com',
  'пример.рф',
  'https://192.0.2.1/',
])('leaves no link in %s', (text) => {
  const safe = unlinked(text);
  expect(safe.replaceAll('\u200b', '')).toBe(text);
  expect(safe).not.toMatch(/[a-z]+:[^\u200b\s]|[\p{L}\d][.。]\p{L}|\S@[^\u200b]/iu);
});

it.each(['Meet at 14:30. Then go.', 'Version 1.2, 50 %', 'Berlin: the capital', 'a. b', ''])(
  'leaves %j alone',
  (text) => {
    expect(unlinked(text)).toBe(text);
  },
);
