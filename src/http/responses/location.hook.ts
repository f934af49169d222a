import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteTable } from '../requests/route-table.js';

const idOf = (body: unknown): string | null => {
  const { id, userId, key } = (body ?? {}) as Partial<Record<'id' | 'userId' | 'key', unknown>>;
  const found = id ?? userId ?? key;
  return typeof found === 'string' ? found : null;
};

/** Adds `Location` to a `201` if the new resource has a path below that of the request. */
export const locate =
  (routes: RouteTable) =>
  (request: FastifyRequest, reply: FastifyReply, body: unknown, done: (error: null, body: unknown) => void): void => {
    const id = reply.statusCode === 201 && !reply.hasHeader('location') ? idOf(body) : null;
    if (id !== null) {
      const path = `${request.url.replace(/[?#].*$/s, '').replace(/\/$/, '')}/${encodeURIComponent(id)}`;
      if (routes.methodsOf(path).length > 0) reply.header('location', path);
    }
    done(null, body);
  };
