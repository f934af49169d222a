import { AppError } from '../../common/errors/index.js';
import { claimable, domainOfEmail } from './domain-name.js';

const codeOf = (text: string): string => {
  try {
    return claimable(text);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
};

it.each([
  ['acme.example', 'acme.example'],
  ['ACME.Example.', 'acme.example'],
  ['eu.acme.co.uk', 'eu.acme.co.uk'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['BÜCHER.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['ａｃｍｅ.example', 'acme.example'],
  ['acme。example', 'acme.example'],
  ['faß.example', 'xn--fa-hia.example'],
])('takes %s as %s', (text, domain) => expect(codeOf(text)).toBe(domain));

it.each([
  '',
  'localhost',
  'co.uk',
  'github.io',
  'com',
  '127.0.0.1',
  '[::1]',
  'a b.example',
  '-a.example',
  'a_b.example',
])('refuses %j', (text) => expect(codeOf(text)).toBe('domains.invalid'));
it.each([
  `${'a'.repeat(64)}.example`,
  `${'abcdefg.'.repeat(40)}example`,
  'a..example',
  'acme.example/x',
  'u@acme.example',
])('refuses %j too', (text) => expect(codeOf(text)).toBe('domains.invalid'));

it.each([
  'gmail.com',
  'GMAIL.com',
  'outlook.com',
  'gmx.de',
  'yahoo.co.uk',
  'proton.me',
  'mail.gmail.com',
  'icloud.com',
])('refuses %s, where anybody can have an address', (text) => expect(codeOf(text)).toBe('domains.public_domain'));

it('finds the domain of an address', () => {
  expect(domainOfEmail('ada@bücher.example')).toBe('xn--bcher-kva.example');
  expect(domainOfEmail('ada@evil.example@acme.example')).toBe('acme.example');
});
