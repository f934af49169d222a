import { Injectable } from '@nestjs/common';
import type { AccessRule } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import type { AppError } from '../../../common/errors/index.js';
import { authErrors } from '../auth.errors.js';
import type { Factor } from '../proof.js';
import { type EnrolledFactors, factorsOf, hasAny } from './enrolled-factors.js';
import { StepUpStore } from './step-up.store.js';

/** Seconds for which a proof counts as fresh. */
export const FRESH_SECONDS = 10 * 60;

/** Only factors that this server verified count. An identity provider merely claims that it asked for one. */
const isOwn = (factor: Factor): boolean => factor !== 'sso';

/** Names the methods with which users can confirm their identity. */
export function stepUpRequired(enrolled: EnrolledFactors, hasPassword: boolean): AppError {
  const methods = hasAny(enrolled) ? factorsOf(enrolled) : hasPassword ? ['password'] : [];
  return authErrors.step_up_required({ data: { methods, maxAgeSeconds: FRESH_SECONDS } });
}

/**
 * Requires a fresh proof before actions that another person at the user's device must not perform. `withFactor` asks
 * only users with a second factor, so that other users and their programs are not interrupted. `always` asks every
 * user.
 */
@Injectable()
export class StepUpPolicy {
  constructor(
    private readonly db: Database,
    private readonly store: StepUpStore,
  ) {}

  async assertFresh(
    { userId, sessionId }: { userId: string; sessionId: string },
    asked: AccessRule['freshProof'],
  ): Promise<void> {
    const { reader } = this.db;
    const enrolled = await this.store.enrolled(reader, userId);
    if (asked === 'withFactor' && !hasAny(enrolled)) return;
    const last = await this.store.lastProof(reader, sessionId);
    const enough = last && last.ageSeconds < FRESH_SECONDS && (!hasAny(enrolled) || last.factors.some(isOwn));
    if (!enough) throw stepUpRequired(enrolled, await this.store.hasPassword(reader, userId));
  }
}
