import { formsOfEmail, MAILBOX, mailboxOf, normalizeDomain, normalizeEmail, searchedAddress } from './address.js';

it.each([
  [' Ada@EXAMPLE.com ', 'ada@example.com'],
  ['ａda@example.com', 'ada@example.com'],
  ['ida＠bücher.example', 'ida@xn--bcher-kva.example'],
  ['ida@bu\u0308cher。example.', 'ida@xn--bcher-kva.example'],
  ['IDA@XN--BCHER-KVA.example', 'ida@xn--bcher-kva.example'],
  ['ida@straße.example', 'ida@xn--strae-oqa.example'],
  ['ida@نامه\u200cای.example', 'ida@xn--mgba3gch31f060k.example'],
  // A Cyrillic а makes another domain.
  ['ida@bаnk.example', 'ida@xn--bnk-6cd.example'],
  ['jürgen@bücher.example', 'jürgen@xn--bcher-kva.example'],
])('takes %j as %j', (text, email) => {
  expect(mailboxOf(text)).toBe(email);
  expect(normalizeEmail(email)).toBe(email);
});

it.each([
  'ida@b%C3%BCcher.example',
  'ida@xn--a.example',
  'ida@xn--abc-.example',
  'ida@127.0.0.1',
  'ida@0x7f.1',
  'ida@[::1]',
  'ida@a..example',
  'ida@.example',
  'ida@example..',
  `ida@${'ü'.repeat(60)}.example`,
  `ida@${'ü.'.repeat(120)}example`,
  `ida@${'ü'.repeat(100_000)}`,
  'ida@a\u00adb.example',
  'ida@a\u200bb.example',
  'ida@a\u200cb.example',
  'ida@a\ud800.example',
  'ida@a_b.example',
  'ida@a/b.example',
  'ida@℀.example',
  'ida',
  '@',
  '',
])('refuses %j as a mailbox', (text) => expect(mailboxOf(text)).toBeNull());

it.each([
  '"a@evil.example x"@corp.example',
  'a@b@c',
  'a b@c.example',
  'a,b@c.example',
  '<a@b.example>',
  'a\r\n@b.example',
])('refuses %j as plain', (text) => {
  expect(MAILBOX.test(text)).toBe(false);
});

it('leaves every character as it is that it has normalized before', () => {
  const changed: string[] = [];
  for (let code = 0; code <= 0x10_ffff; code++) {
    const once = normalizeEmail(`${String.fromCodePoint(code)}x@a${String.fromCodePoint(code)}.example`);
    if (normalizeEmail(once) !== once) changed.push(code.toString(16));
  }
  expect(changed).toEqual([]);
});

it('knows the ways to write an address', () => {
  expect(formsOfEmail('Ida@Bücher.example')).toEqual(['ida@bücher.example', 'ida@xn--bcher-kva.example']);
  expect(formsOfEmail('ida@xn--bcher-kva.example')).toEqual(['ida@xn--bcher-kva.example', 'ida@bücher.example']);
  expect(formsOfEmail('Ida')).toEqual(['ida']);
});

it.each([
  ['bücher.example', 'xn--bcher-kva.example'],
  ['Ida@Bücher.Example', 'Ida@xn--bcher-kva.example'],
  ['@bücher.example', '@xn--bcher-kva.example'],
  ['büch', 'büch'],
  ['Dr. Müller', 'Dr. Müller'],
  ['acme.example', 'acme.example'],
  ['%', '%'],
])('searches for %j as %j', (text, searched) => expect(searchedAddress(text)).toBe(searched));

it('an invalid domain is no domain', () => expect(normalizeDomain('a b')).toBe(''));
