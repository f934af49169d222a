import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduledJob } from '../../common/schedule/index.js';
import { Database } from '../../database/index.js';
import { DeliveryStore } from './delivery.store.js';

const EVERY_MS = 60 * 60_000;
const KEPT_MS = 30 * 24 * 60 * 60_000;
const BATCH = 1000;

/** Deletes deliveries after 30 days. Safe on any number of servers. */
@Injectable()
export class DeliveryRetentionJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: DeliveryStore,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    const before = new Date(Date.now() - KEPT_MS);
    for (const kind of ['organization', 'operator'] as const)
      for (let deleted = BATCH; deleted === BATCH && !this.stopped;)
        deleted = await this.db.transaction((tx) => this.store.deleteOld(tx, kind, before, BATCH), {
          keepsAccess: true,
        });
  }
}
