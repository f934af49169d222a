import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Piscina } from 'piscina';
import { type AppError, commonErrors } from '../../../common/errors/index.js';
import { askedForMore } from '../claims.js';
import { ssoErrors } from '../sso.errors.js';
import type { SamlAssertion, SamlResponse } from './saml-response.js';
import type { WorkerResult } from './saml.worker.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

const WORKER = new URL('./saml.worker.js', import.meta.url).href;
const IDLE_MS = 60_000;
/** Responses that wait at most: each takes a fraction of a second. */
const MAX_WAITING = 64;

/**
 * Reads SAML responses beside the main thread. Anyone may post one, and its signatures take tens of milliseconds, during
 * which the server would answer no one. What is larger than any real response is refused before that.
 */
@Injectable()
export class SamlResponseReader implements OnModuleDestroy {
  private pool: Piscina<SamlResponse, WorkerResult> | undefined;

  async read(response: SamlResponse): Promise<SamlAssertion> {
    if (!isWithinLimits(Buffer.from(response.response, 'base64').toString('utf8'), RESPONSE_LIMITS))
      throw ssoErrors.response_invalid();
    this.pool ??= new Piscina({
      filename: WORKER,
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: IDLE_MS,
      maxQueue: MAX_WAITING,
    });
    if (this.pool.queueSize >= MAX_WAITING) throw commonErrors.unavailable();
    const result = await this.pool.run(response);
    if ('assertion' in result) return { ...result.assertion, askedForMore: askedForMore(result.assertion.claims) };
    throw refusalOf(result.refusal);
  }

  async onModuleDestroy(): Promise<void> {
    await this.pool?.destroy();
  }
}

function refusalOf({ code, data }: { code: string; data: Record<string, unknown> | undefined }): AppError {
  const name = code.replace(/^sso\./, '') as keyof typeof ssoErrors;
  return ssoErrors[name](data && { data });
}
