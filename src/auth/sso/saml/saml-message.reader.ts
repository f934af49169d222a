import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { WorkerPool } from '../../../common/workers/index.js';
import { askedForMore } from '../claims.js';
import type { SamlAssertion, SamlResponse } from './saml-response.js';
import { errorOf, notWithinLimits } from './saml-refusal.js';
import type { SamlLogoutMessage, SamlLogoutRequest } from './saml-logout.js';
import type { WorkerResult, WorkerTask } from './saml.worker.js';
import { isWithinLimits, RESPONSE_LIMITS } from './xml-limits.js';

/**
 * Reads SAML messages beside the main thread. Anyone may post one, and its signatures take tens of milliseconds, during
 * which the server would answer no one. What is larger than any real response is refused before that.
 */
@Injectable()
export class SamlMessageReader implements OnModuleDestroy {
  private readonly pool = new WorkerPool<WorkerTask, WorkerResult>(new URL('./saml.worker.js', import.meta.url).href);

  async read(response: SamlResponse): Promise<SamlAssertion> {
    if (!isWithinLimits(Buffer.from(response.response, 'base64').toString('utf8'), RESPONSE_LIMITS))
      throw notWithinLimits();
    const result = await this.pool.run(response);
    if ('refusal' in result) throw errorOf(result.refusal);
    const { assertion } = result as Extract<WorkerResult, { assertion: unknown }>;
    return { ...assertion, askedForMore: askedForMore(assertion.claims) };
  }

  async readLogout(message: SamlLogoutMessage): Promise<SamlLogoutRequest> {
    const result = await this.pool.run(message);
    if ('refusal' in result) throw errorOf(result.refusal);
    return (result as Extract<WorkerResult, { logout: unknown }>).logout;
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.destroy();
  }
}
