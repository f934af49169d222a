import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { AppError } from '../../../common/errors/index.js';
import { WorkerPool } from '../../../common/workers/index.js';
import { askedForMore } from '../claims.js';
import { ssoErrors } from '../sso.errors.js';
import type { SamlAssertion, SamlResponse } from './saml-response.js';
import type { WorkerResult } from './saml.worker.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

/**
 * Reads SAML responses beside the main thread. Anyone may post one, and its signatures take tens of milliseconds, during
 * which the server would answer no one. What is larger than any real response is refused before that.
 */
@Injectable()
export class SamlResponseReader implements OnModuleDestroy {
  private readonly pool = new WorkerPool<SamlResponse, WorkerResult>(new URL('./saml.worker.js', import.meta.url).href);

  async read(response: SamlResponse): Promise<SamlAssertion> {
    if (!isWithinLimits(Buffer.from(response.response, 'base64').toString('utf8'), RESPONSE_LIMITS))
      throw ssoErrors.response_invalid();
    const result = await this.pool.run(response);
    if ('assertion' in result) return { ...result.assertion, askedForMore: askedForMore(result.assertion.claims) };
    throw refusalOf(result.refusal);
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }
}

function refusalOf({ code, detail, data }: Extract<WorkerResult, { refusal: unknown }>['refusal']): AppError {
  const name = code.replace(/^sso\./, '') as keyof typeof ssoErrors;
  return ssoErrors[name]({ detail, ...(data && { data }) });
}
