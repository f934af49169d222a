import { setTimeout as sleep } from 'node:timers/promises';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { callerIdOf } from '../common/access/index.js';
import { SecretBox } from '../common/crypto/index.js';
import { Database } from '../common/database/index.js';
import { OWN_IDEMPOTENCY } from './own-idempotency.decorator.js';
import { idempotencyErrors } from './idempotency.errors.js';
import { IdempotencyStore } from './idempotency.store.js';

const KEY = /^[\x20-\x7e]{1,255}$/;
const PURPOSE = 'idempotency';
const WAIT_MS = 100;
const WAIT_AT_MOST_MS = 5_000;

interface Claim {
  callerId: string;
  key: string;
  requestHash: string;
}

/**
 * `Idempotency-Key` on a POST of a person or an API key: the effect happens at most once, a repetition gets the stored answer
 * with `Idempotent-Replayed: true`. A refused request leaves its key free. When a server dies between the effect and the
 * storing of its answer, the key answers idempotency.in_progress until it is forgotten: better than doing it twice.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly db: Database,
    private readonly store: IdempotencyStore,
    private readonly secrets: SecretBox,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    const callerId = request.access && callerIdOf(request.access.actor);
    if (request.method !== 'POST' || key === undefined || !callerId || request.isMultipart()) return next.handle();
    if (this.reflector.get<boolean | undefined>(OWN_IDEMPOTENCY, context.getHandler())) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key)) throw idempotencyErrors.invalid_key();
    // Keyed, since a body can hold a password: without the key nobody can try passwords on a copy of the table.
    const body = request.rawBody?.toString('base64') ?? '';
    const requestHash = this.secrets.sign(PURPOSE, `POST ${request.url}\n${body}`);
    return from(this.once({ callerId, key, requestHash }, next, context.switchToHttp().getResponse<FastifyReply>()));
  }

  private async once(claim: Claim, next: CallHandler, reply: FastifyReply): Promise<unknown> {
    const { callerId, key } = claim;
    const first = await this.db.transaction((tx) => this.store.claim(tx, callerId, key, claim.requestHash), {
      keepsAccess: true,
    });
    if (!first) return this.replay(claim, reply);
    let body: unknown;
    try {
      body = await lastValueFrom(next.handle(), { defaultValue: null });
    } catch (error) {
      await this.db.transaction((tx) => this.store.release(tx, callerId, key), { keepsAccess: true });
      throw error;
    }
    const sealed = this.secrets.encrypt(PURPOSE, JSON.stringify(body ?? null));
    await this.db.transaction((tx) => this.store.answer(tx, callerId, key, reply.statusCode, sealed), {
      keepsAccess: true,
    });
    return body;
  }

  private async replay({ callerId, key, requestHash }: Claim, reply: FastifyReply): Promise<unknown> {
    for (let waited = 0; waited < WAIT_AT_MOST_MS; waited += WAIT_MS) {
      const stored = await this.store.find(this.db.reader, callerId, key);
      if (!stored) break;
      if (stored.requestHash !== requestHash) throw idempotencyErrors.mismatch();
      if (stored.status !== null) {
        void reply.status(stored.status).header('idempotent-replayed', 'true');
        return JSON.parse(this.secrets.decrypt(PURPOSE, stored.body ?? ''));
      }
      await sleep(WAIT_MS);
    }
    throw idempotencyErrors.in_progress({ retryAfterSeconds: 5 });
  }
}
