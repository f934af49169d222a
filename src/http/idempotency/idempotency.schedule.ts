import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { Database } from '../../common/database/index.js';
import { IdempotencyStore } from './idempotency.store.js';

const KEPT_DAYS = 7;

@Injectable()
export class IdempotencySchedule {
  constructor(
    private readonly db: Database,
    private readonly store: IdempotencyStore,
  ) {}

  @Cron('37 * * * *')
  async sweep(): Promise<void> {
    await this.db.transaction((tx) => this.store.sweep(tx, KEPT_DAYS));
  }
}
