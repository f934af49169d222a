import { setTimeout as sleep } from 'node:timers/promises';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { callerIdOf } from '../../common/access/index.js';
import { SecretBox } from '../../common/crypto/index.js';
import { Database } from '../../database/index.js';
import { EarlyResponse } from '../problems/early-response.js';
import { bodyOf, type Claim, PURPOSE } from './claim.js';
import { SHOWS_SECRET } from './shows-secret.decorator.js';
import { OWN_IDEMPOTENCY } from './own-idempotency.decorator.js';
import { idempotencyErrors } from './idempotency.errors.js';
import { IdempotencyStore } from './idempotency.store.js';

const KEY = /^[\x20-\x7e]{1,255}$/;
const WAIT_MS = 100;
const WAIT_AT_MOST_MS = 5_000;

/**
 * Makes a POST with an `Idempotency-Key` take effect at most once. A repetition gets the stored response with
 * `Idempotent-Replayed: true`. The guard claims the key before the handler runs. `IdempotentResponseStore` keeps the
 * response, or frees the key if the request was refused. If a server dies before it stores the response, the key returns
 * idempotency.in_progress until it expires, because repeating the effect would be worse.
 *
 * A guard and a hook instead of an interceptor: a global interceptor makes Nest wrap every request in observables, which
 * doubles the cost of a short request.
 */
@Injectable()
export class IdempotencyGuard implements CanActivate {
  constructor(
    private readonly db: Database,
    private readonly store: IdempotencyStore,
    private readonly secrets: SecretBox,
    private readonly reflector: Reflector,
  ) {}

  /** Claims the key. Throws `EarlyResponse` with the stored response of an earlier request. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    const callerId = request.access && callerIdOf(request.access.actor);
    if (request.method !== 'POST' || key === undefined || !callerId || request.isMultipart()) return true;
    if (this.reflector.get<boolean | undefined>(OWN_IDEMPOTENCY, context.getHandler())) return true;
    if (typeof key !== 'string' || !KEY.test(key)) throw idempotencyErrors.invalid_key();
    // A keyed hash, because bodies contain passwords that could otherwise be guessed from a copy of the table.
    const body = request.rawBody?.toString('base64') ?? '';
    const requestHash = this.secrets.sign(PURPOSE, `POST ${request.url}\n${body}`);
    const showsSecret = this.reflector.get<boolean | undefined>(SHOWS_SECRET, context.getHandler()) === true;
    const organizationId = organizationOf(request.access);
    const claim = { callerId, key, organizationId, showsSecret };
    const first = await this.db.transaction((tx) => this.store.claim(tx, claim, requestHash), { keepsAccess: true });
    if (!first) throw await this.stored(claim, requestHash);
    request.idempotencyClaim = claim;
    return true;
  }

  private async stored(claim: Claim, requestHash: string): Promise<EarlyResponse> {
    for (let waited = 0; waited < WAIT_AT_MOST_MS; waited += WAIT_MS) {
      const found = await this.store.find(this.db.reader, claim);
      if (!found) break;
      if (found.requestHash !== requestHash) throw idempotencyErrors.mismatch();
      if (found.status !== null) {
        if (claim.showsSecret) throw idempotencyErrors.secret_already_shown();
        const body: unknown = JSON.parse(this.secrets.decrypt(PURPOSE, bodyOf(claim), found.body ?? ''));
        return new EarlyResponse(found.status, { 'idempotent-replayed': 'true' }, body);
      }
      await sleep(WAIT_MS);
    }
    throw idempotencyErrors.in_progress({ retryAfterSeconds: 5 });
  }
}

const organizationOf = (access: FastifyRequest['access']): string | null =>
  access && 'organizationId' in access && typeof access.organizationId === 'string' ? access.organizationId : null;
