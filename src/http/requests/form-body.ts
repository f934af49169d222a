import { parse } from 'node:querystring';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { commonErrors } from '../../common/errors/index.js';

const PAGE_BYTES = 4 * 1024;
const LIMIT_BYTES = 512 * 1024;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Maximum size of a form in bytes. Undefined if the route accepts none. */
    formLimit?: number;
  }
}

/** Accepts `application/x-www-form-urlencoded` on this route, as the form of a page sends it. */
export const AcceptsForm = () => RouteConfig({ formLimit: PAGE_BYTES });

/** Accepts large forms on this route, as programs send them. */
export const AcceptsLargeForm = () => RouteConfig({ formLimit: LIMIT_BYTES });

/** Parses forms for the routes that accept them. All other routes take JSON only. */
export function readForms(server: FastifyInstance): void {
  const options = { parseAs: 'string', bodyLimit: LIMIT_BYTES } as const;
  server.addContentTypeParser('application/x-www-form-urlencoded', options, (request, body: string, done) => {
    const { formLimit } = request.routeOptions.config;
    if (formLimit === undefined) return done(commonErrors.unsupported_media_type());
    if (body.length > formLimit) return done(commonErrors.payload_too_large());
    done(null, { ...parse(body) });
  });
}
