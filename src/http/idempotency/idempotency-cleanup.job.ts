import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { Database } from '../../database/index.js';
import { IdempotencyStore } from './idempotency.store.js';

const KEPT_DAYS = 7;
/** Rows per statement, so that no statement reaches the time limit however many keys there are. */
export const BATCH = 5_000;

@Injectable()
export class IdempotencyCleanupJob {
  constructor(
    private readonly db: Database,
    private readonly store: IdempotencyStore,
  ) {}

  @Cron('37 * * * *')
  async sweep(): Promise<void> {
    while ((await this.db.transaction((tx) => this.store.sweep(tx, KEPT_DAYS, BATCH))) === BATCH);
  }
}
