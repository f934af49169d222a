import { BlockList } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { addressOf } from './origin.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Tells whether an address is a loopback address. */
export const isLoopback = (address: string): boolean =>
  loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4');

/** Headers that proxies add. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Tells whether the client is on this machine and is not a proxy for a remote client. */
export function isLocal({ headers, socket }: Pick<FastifyRequest, 'headers' | 'socket'>): boolean {
  const peer = addressOf(socket.remoteAddress);
  const direct = PROXY_HEADERS.every((name) => headers[name] === undefined);
  return direct && peer !== null && isLoopback(peer);
}

/**
 * Tells whether a Host header names this machine, with any port. The page of another site whose name resolves to 127.0.0.1
 * sends its own name.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = /^(\[[\da-f:]+\]|[^:]+)(?::\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase() ?? '';
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const address = addressOf(name.replace(/^\[|\]$/g, ''));
  return address !== null && isLoopback(address);
}
