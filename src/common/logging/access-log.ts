import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from './log.js';

/** Polled by machines every few seconds. */
const QUIET_ROUTES = new Set(['/healthz', '/readyz', '/metrics']);

function callerOf({ access }: FastifyRequest): { userId?: string; apiKeyId?: string } {
  if (!access) return {};
  const { actor } = access;
  return actor.type === 'api_key' ? { apiKeyId: actor.apiKeyId } : { userId: actor.userId };
}

/** Writes one line per finished request, with the route pattern instead of the URL, which contains ids and tokens. */
export class AccessLog {
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log.unredacted();
  }

  write(request: FastifyRequest, reply: FastifyReply): void {
    const route = request.routeOptions?.url ?? null;
    const level = route !== null && QUIET_ROUTES.has(route) ? 'debug' : 'info';
    if (!this.log.isOn(level)) return;
    this.log[level](
      {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        requestId: request.id,
        ...callerOf(request),
        ...(request.refusalCode && { code: request.refusalCode }),
      },
      'request',
    );
  }
}
