import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SecretBox } from '../../common/crypto/index.js';
import { Database } from '../../database/index.js';
import { bodyOf, PURPOSE } from './claim.js';
import { IdempotencyStore } from './idempotency.store.js';

/** Stores the response of a claimed key before it is sent. */
@Injectable()
export class IdempotentResponseStore implements OnModuleInit {
  private readonly logger = new Logger('Idempotency');

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly db: Database,
    private readonly store: IdempotencyStore,
    private readonly secrets: SecretBox,
  ) {}

  onModuleInit(): void {
    const server = this.host.httpAdapter?.getInstance<Partial<FastifyInstance> | undefined>();
    // Commands of `ops` run without a server.
    server?.addHook?.('onSend', (request, reply, payload, done) => {
      if (!request.idempotencyClaim) return done(null, payload);
      void this.keep(request, reply.statusCode, payload).then(() => done(null, payload));
    });
  }

  /** Never throws: a request that took effect gets its response even if that could not be stored. */
  private async keep(request: FastifyRequest, status: number, payload: unknown): Promise<void> {
    const claim = request.idempotencyClaim;
    request.idempotencyClaim = undefined;
    if (!claim) return;
    try {
      const body = typeof payload === 'string' && !claim.showsSecret ? payload : 'null';
      const sealed = status < 400 ? this.secrets.encrypt(PURPOSE, bodyOf(claim), body) : null;
      await this.db.transaction(
        (tx) => (sealed === null ? this.store.release(tx, claim) : this.store.answer(tx, claim, status, sealed)),
        { keepsAccess: true },
      );
    } catch (error) {
      this.logger.error('cannot store the response of an Idempotency-Key', error);
    }
  }
}
