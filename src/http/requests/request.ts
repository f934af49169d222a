/// <reference types="@fastify/multipart" />
import type { Access } from '../../common/access/index.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The raw body, to verify signatures. Undefined if there is none. */
    rawBody: Buffer | undefined;
    /** The error code of the response. */
    refusalCode: string | undefined;
    /** Set by the access guard on routes that are not public. */
    access?: Access;
    /** The credential whose request limit this request counts against. Set by the access guard. */
    limitedBy?: string;
  }
}

/** Properties of every request, declared to Fastify so that all requests have the same shape. */
export const REQUEST_PROPERTIES = ['rawBody', 'refusalCode', 'access', 'limitedBy', 'idempotencyClaim'] as const;
