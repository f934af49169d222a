/** Purpose of the key that encrypts stored responses. */
export const PURPOSE = 'idempotency';

/** A caller's key whose request is being handled. */
export interface Claim {
  callerId: string;
  key: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set until the response for the key of this request is stored. */
    idempotencyClaim?: Claim | undefined;
  }
}
