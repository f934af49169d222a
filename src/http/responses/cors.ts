import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** What programs in a browser may call: the API, keys and metadata; no pages. */
const OPEN_PATHS = /^\/(?:api\/v1|t\/[^/?]+\/api\/v1|t\/[^/?]+\/\.well-known|\.well-known|openapi\.json)(?=[/?]|$)/;
const EXPOSED = [
  'Content-Disposition',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];
const PREFLIGHT_SECONDS = 600;

/** Lets pages of `origins` call the API. `*` stands for any origin, without credentials. None: no CORS headers at all. */
export async function allowOrigins(server: FastifyInstance, origins: readonly string[]): Promise<void> {
  if (origins.length === 0) return;
  const any = origins.includes('*');
  const open = {
    origin: any ? '*' : [...origins],
    credentials: !any,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
    optionsSuccessStatus: 204,
  };
  await server.register(cors, {
    delegator: (request, callback) => callback(null, OPEN_PATHS.test(request.url ?? '') ? open : { origin: false }),
  });
}
