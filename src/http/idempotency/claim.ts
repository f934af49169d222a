import type { CiphertextLocation } from '../../common/crypto/index.js';

/** Purpose of the key that encrypts stored responses. */
export const PURPOSE = 'idempotency';

/** A caller's key whose request is being handled. */
export interface Claim {
  callerId: string;
  key: string;
  /** The organization in the path. Its purge removes the response. */
  organizationId: string | null;
  /** The response shows a secret, so only its status is stored. */
  showsSecret: boolean;
}

/** Where the response of a key is stored. */
export const bodyOf = ({ callerId, key }: Claim): CiphertextLocation => ({
  table: 'idempotency_keys',
  column: 'body',
  row: [callerId, key],
});

declare module 'fastify' {
  interface FastifyRequest {
    /** Set until the response for the key of this request is stored. */
    idempotencyClaim?: Claim | undefined;
  }
}
