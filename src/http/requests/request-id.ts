import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const ACCEPTED = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Returns the client's `X-Request-Id` if it is safe in logs and headers, otherwise a new id. Not a UUIDv7, because it
 * identifies no row and creating one took 5 % of a short request.
 */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && ACCEPTED.test(given) ? given : randomUUID();
}
