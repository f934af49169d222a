import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../database/index.js';
import { NonOverlappingTask } from '../../common/schedule/index.js';
import { RunSettlementService } from './run-settlement.service.js';
import { RunStore } from './run.store.js';

const EVERY_MS = 5_000;
const BATCH_SIZE = 200;
/** Batches of runs that are settled for one organization in one tick. */
const MAX_ROUNDS = 50;

/** Settles due runs and ends those that must stop. Safe on several servers: each second is charged once. */
@Injectable()
export class RunJob implements OnModuleDestroy {
  private readonly logger = new Logger('Runs');
  private readonly task = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('due runs could not be settled', error),
  );

  constructor(
    private readonly db: Database,
    private readonly store: RunStore,
    private readonly settlement: RunSettlementService,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.task.tick();
  }

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }

  /** Settles due runs and returns the number of organizations with such runs. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, BATCH_SIZE);
    for (const organizationId of due) {
      try {
        // If the clock was set back, runs can end in the future and stay due. The next tick checks them again.
        for (let round = 0; round < MAX_ROUNDS && !this.task.stopped; round++) {
          if (!(await this.settlement.settleDue(organizationId))) break;
        }
      } catch (error) {
        this.logger.error(`the runs of ${organizationId} could not be settled`, error);
      }
    }
    return due.length;
  }
}
