import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../../common/access/index.js';

/** Normalizes an address to store it. Returns null for invalid ones from a proxy. IPv4-mapped IPv6 becomes IPv4. */
export function addressOf(text: string | undefined): string | null {
  const address = text?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return address && isIP(address) ? address : null;
}

/** Returns the origin of `request`. The address is the peer's, unless TRUST_PROXY names trusted proxies. */
export const originOf = (request: Pick<FastifyRequest, 'id' | 'ip'>): Origin => ({
  requestId: request.id,
  ip: addressOf(request.ip),
});
