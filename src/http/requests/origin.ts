import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../../common/access/index.js';

/** An address as it is stored; null for what a proxy passed on that is none. IPv4 within IPv6 becomes plain IPv4. */
export function addressOf(text: string | undefined): string | null {
  const address = text?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return address && isIP(address) ? address : null;
}

/** Where `request` came from. The address is the peer's unless TRUST_PROXY says whose X-Forwarded-For to believe. */
export const originOf = (request: Pick<FastifyRequest, 'id' | 'ip'>): Origin => ({
  requestId: request.id,
  ip: addressOf(request.ip),
});
