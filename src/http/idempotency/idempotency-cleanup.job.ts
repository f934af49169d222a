import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ScheduledJob } from '../../common/schedule/index.js';
import { Database } from '../../database/index.js';
import { IdempotencyStore } from './idempotency.store.js';

const KEPT_DAYS = 7;
/** Rows per statement, so that no statement reaches the time limit. */
export const BATCH = 5_000;

/** Deletes idempotency keys after a week. */
@Injectable()
export class IdempotencyCleanupJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: IdempotencyStore,
  ) {
    super();
  }

  @Cron('37 * * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    while ((await this.db.transaction((tx) => this.store.sweep(tx, KEPT_DAYS, BATCH))) === BATCH);
  }
}
