import type { FastifyReply, FastifyRequest } from 'fastify';
import { etagOf } from './etag.js';

const WITH_TAG = new Set(['GET', 'HEAD', 'PUT', 'PATCH', 'POST']);

/** Weak comparison, as RFC 9110 has it for `If-None-Match`: an intermediary that compressed marks the tag with `W/`. */
function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((known) => known.trim().replace(/^W\//, '') === tag);
}

function tagOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const { version, etag } = body as { version?: unknown; etag?: unknown };
  if (typeof version === 'number') return etagOf(version);
  return typeof etag === 'string' ? etag : null;
}

/**
 * Gives the answer for one thing its `ETag`, from `version` or else from a quoted `etag` in its body, and answers 304
 * to a reader who has it already. A hook of Fastify, not an interceptor of Nest: it costs a charge next to nothing.
 */
export function tagEntity(
  request: FastifyRequest,
  reply: FastifyReply,
  body: unknown,
  done: (error: null, body: unknown) => void,
): void {
  const ok = reply.statusCode >= 200 && reply.statusCode < 300;
  const tag = ok && WITH_TAG.has(request.method) && !reply.hasHeader('etag') ? tagOf(body) : null;
  if (tag !== null) {
    reply.header('etag', tag);
    const reading = request.method === 'GET' || request.method === 'HEAD';
    if (reading && isKnown(request.headers['if-none-match'], tag)) {
      // No body at all; only the serializer can say so here.
      reply
        .code(304)
        .removeHeader('content-type')
        .serializer(() => undefined as unknown as string);
    }
  }
  done(null, body);
}
