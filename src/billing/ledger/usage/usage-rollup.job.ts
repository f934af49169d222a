import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../../common/database/index.js';
import { NonOverlappingTask } from '../../../common/schedule/index.js';
import { UsageRollupStore } from './usage-rollup.store.js';

const EVERY_MS = 5_000;
const ORGANIZATIONS_AT_ONCE = 500;
/** So many that a tenth of a second is enough for them. */
const ENTRIES_AT_ONCE = 20_000;

/**
 * Counts entries into days, so that reports need not read them one by one. Nothing waits for it: what is not counted yet is added
 * where a report is made. Any number of servers may run it.
 */
@Injectable()
export class UsageRollupJob implements OnModuleDestroy {
  private readonly logger = new Logger('Rollup');
  private readonly repeated = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('entries could not be counted', error),
  );

  constructor(
    private readonly db: Database,
    private readonly store: UsageRollupStore,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.repeated.tick();
  }

  onModuleDestroy(): Promise<void> {
    return this.repeated.stop();
  }

  /** Counts what is there, of all organizations in turn. */
  async run(): Promise<void> {
    for (const id of await this.store.findBehind(this.db.reader, ORGANIZATIONS_AT_ONCE)) await this.foldAll(id);
  }

  /** Makes the days of an organization anew. */
  async rebuild(organizationId: string): Promise<void> {
    await this.db.transaction((tx) => this.store.reset(tx, organizationId), { keepsAccess: true });
    await this.foldAll(organizationId);
  }

  private async foldAll(organizationId: string): Promise<void> {
    const next = () =>
      this.db.transaction((tx) => this.store.fold(tx, organizationId, ENTRIES_AT_ONCE), { keepsAccess: true });
    while (!this.repeated.stopped && (await next()));
  }
}
