import type { FastifyRequest } from 'fastify';
import { isLocal, isLoopbackHost } from './loopback.js';

it.each([
  'localhost',
  'localhost:3000',
  'LOCALHOST:3000',
  'trellis.localhost',
  '127.0.0.1:3000',
  '127.1.2.3',
  '[::1]:3000',
  '[::1]',
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

const request = (remoteAddress: string, headers = {}) =>
  ({ headers, socket: { remoteAddress } }) as unknown as Pick<FastifyRequest, 'headers' | 'socket'>;

it('goes by the address of the connection, and takes no proxy for its client', () => {
  expect(isLocal(request('127.0.0.1'))).toBe(true);
  expect(isLocal(request('::ffff:127.0.0.1'))).toBe(true);
  expect(isLocal(request('::1'))).toBe(true);
  expect(isLocal(request('10.0.0.1'))).toBe(false);
  expect(isLocal(request('127.0.0.1', { 'x-forwarded-for': '10.0.0.1' }))).toBe(false);
  expect(isLocal(request('127.0.0.1', { forwarded: 'for=10.0.0.1' }))).toBe(false);
});
