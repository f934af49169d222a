import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../database/index.js';
import { ScheduledJob } from '../../common/schedule/index.js';
import { RunSettlementService } from './run-settlement.service.js';
import { RunStore } from './run.store.js';

const EVERY_MS = 5_000;
const BATCH_SIZE = 200;
/** Batches of runs that are settled for one organization in one tick. */
const MAX_ROUNDS = 50;

/** Settles due runs and ends those that must stop. Safe on several servers: each second is charged once. */
@Injectable()
export class RunJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: RunStore,
    private readonly settlement: RunSettlementService,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Settles due runs and returns the number of organizations with such runs. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, BATCH_SIZE);
    await this.forEach(due, (organizationId) => this.settle(organizationId));
    return due.length;
  }

  private async settle(organizationId: string): Promise<void> {
    // If the clock was set back, runs can end in the future and stay due. The next tick checks them again.
    for (let round = 0; round < MAX_ROUNDS && !this.stopped; round++) {
      if (!(await this.settlement.settleDue(organizationId))) return;
    }
  }
}
