/** Of the key that answers are encrypted with. */
export const PURPOSE = 'idempotency';

/** A key of somebody whose request is being carried out. */
export interface Claim {
  callerId: string;
  key: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set while the answer is awaited that the key of this request will stand for. */
    idempotencyClaim?: Claim | undefined;
  }
}
