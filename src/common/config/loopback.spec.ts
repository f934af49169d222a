import { isLoopbackHost } from './loopback.js';

it.each([
  'localhost',
  'localhost:3000',
  'LOCALHOST:3000',
  'trellis.localhost',
  '127.0.0.1:3000',
  '127.1.2.3',
  '[::1]:3000',
  '[::1]',
  '[::ffff:127.0.0.1]:3000',
])('takes the host %s', (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

it.each([
  undefined,
  '',
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example:3000',
  'evil-localhost',
  '0.0.0.0:3000',
  '10.0.0.1',
  '127.0.0.1:3000:1',
  '[::2]',
  'a@127.0.0.1',
])('refuses the host %s', (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});
