/// <reference types="@fastify/multipart" />
import type { Access } from '../../common/access/index.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, for signatures over it; undefined when there was none. */
    rawBody: Buffer | undefined;
    /** The code of the problem this request was answered with. */
    refusalCode: string | undefined;
    /** Set by the access guard on routes that are not public. */
    access?: Access;
  }
}

/** The properties the frame puts on every request, declared to Fastify up front so that all requests have one shape. */
export const REQUEST_PROPERTIES = ['rawBody', 'refusalCode', 'access', 'idempotencyClaim'] as const;
