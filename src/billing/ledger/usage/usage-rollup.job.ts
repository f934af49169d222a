import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../../database/index.js';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { UsageRollupStore } from './usage-rollup.store.js';

const EVERY_MS = 2_000;
const MAX_ORGANIZATIONS = 500;
/** Takes about a tenth of a second. */
const ENTRIES_AT_ONCE = 20_000;

/**
 * Sums entries by day, so reports need not read single entries. Reports add entries that are not summed yet. Any number of
 * servers may run it.
 */
@Injectable()
export class UsageRollupJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: UsageRollupStore,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Sums the new entries of all organizations, a part of each in turn, so that none waits for a burst of another. */
  async run(): Promise<void> {
    let behind = await this.store.findBehind(this.db.reader, MAX_ORGANIZATIONS);
    while (behind.length > 0 && !this.stopped) {
      const more: string[] = [];
      await this.forEach(behind, async (id) => {
        if (await this.foldNext(id)) more.push(id);
      });
      behind = more;
    }
  }

  /** Computes the sums of an organization again from its entries. */
  async rebuild(organizationId: string): Promise<void> {
    await this.db.transaction((tx) => this.store.reset(tx, organizationId), { keepsAccess: true });
    while (!this.stopped && (await this.foldNext(organizationId)));
  }

  /** Returns true when there may be more. */
  private foldNext(organizationId: string): Promise<boolean> {
    return this.db.transaction((tx) => this.store.fold(tx, organizationId, ENTRIES_AT_ONCE), { keepsAccess: true });
  }
}
