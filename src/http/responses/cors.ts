import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** Paths that scripts in browsers may call: the API, keys and metadata, but no pages. */
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

/** Allows pages of `origins` to call the API. `*` allows any origin without credentials. An empty list sends no CORS headers. */
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
