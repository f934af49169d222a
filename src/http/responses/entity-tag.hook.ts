import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf } from './etag.js';

const WITH_TAG = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'POST']);

const strong = (tag: string): string => tag.replace(/^W\//, '');

/** Compares weakly, as RFC 9110 requires for `If-None-Match`, because compressing proxies mark tags with `W/`. */
function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((known) => strong(known.trim()) === strong(tag));
}

function tagOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const { version, etag } = body as { version?: unknown; etag?: unknown };
  if (typeof etag === 'string') return etag;
  return typeof version === 'number' ? etagOf(version) : null;
}

/**
 * Sets `ETag` from a quoted `etag`, or else `version`, in the body of a single resource, unless the handler set it. Responds with
 * 304 if the client has that version. A Fastify hook instead of a Nest interceptor, because it costs a charge almost nothing.
 */
export function tagEntity(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  done: (error: null, body: unknown) => void,
): void {
  const ok = reply.statusCode >= 200 && reply.statusCode < 300;
  const given = reply.getHeader('etag');
  const tag = ok && WITH_TAG.has(request.method) ? (typeof given === 'string' ? given : tagOf(body)) : null;
  if (tag !== null) {
    reply.header('etag', tag);
    const reading = request.method === 'GET' || request.method === 'HEAD';
    if (reading && isKnown(request.headers['if-none-match'], tag)) {
      // Only the serializer can remove the body here.
      reply
        .code(304)
        .removeHeader('content-type')
        .removeHeader('location')
        .serializer(() => undefined as unknown as string);
    }
  }
  done(null, body);
}
