import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../../../common/errors/index.js';
import { Database } from '../../../database/index.js';
import type { RefusedAttemptKind } from './refused-attempt.entity.js';
import { RefusedAttemptStore } from './refused-attempt.store.js';

export const WINDOW_SECONDS = 15 * 60;

/**
 * Counts refused attempts for the audit log. There is one event per account and window, so that a stranger cannot flood
 * the log.
 */
@Injectable()
export class RefusedAttemptService {
  private readonly logger = new Logger('RefusedAttempts');

  constructor(
    private readonly db: Database,
    private readonly store: RefusedAttemptStore,
  ) {}

  /** Counts the attempt if `work` is refused with one of the codes, and passes the refusal on. */
  async noting<T>(
    kind: RefusedAttemptKind,
    { operatorId, subjectId }: { operatorId: string; subjectId: string },
    codes: readonly string[],
    work: () => Promise<T>,
  ): Promise<T> {
    return work().catch(async (error: unknown) => {
      if (error instanceof AppError && codes.includes(error.code)) await this.note(kind, operatorId, subjectId);
      throw error;
    });
  }

  /** Counts a request with an API key that was revoked or has expired. Unknown keys are not counted. */
  async noteKey(keyHash: string): Promise<void> {
    const key = await this.store.findRefusedKey(this.db.reader, keyHash);
    if (key) await this.note('api_key.refused', key.operatorId, key.id);
  }

  /** Never throws, because the refusal matters more than its count. */
  async note(kind: RefusedAttemptKind, operatorId: string, subjectId: string): Promise<void> {
    try {
      await this.db.transaction((tx) => this.store.count(tx, operatorId, kind, subjectId), {
        keepsAccess: true,
      });
    } catch (error) {
      this.logger.error('cannot count a refused attempt', error);
    }
  }
}
