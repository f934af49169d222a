import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../common/database/index.js';
import { NonOverlappingTask } from '../../common/schedule/index.js';
import { RunSettling } from './run-settling.service.js';
import { RunStore } from './run.store.js';

const EVERY_MS = 5_000;
const AT_ONCE = 200;
/** Of an organization in one tick, each with many runs. */
const MOST_ROUNDS = 50;

/** Settles runs that are due and ends those that may not go on. On several servers at once each second is still charged once. */
@Injectable()
export class RunSchedule implements OnModuleDestroy {
  private readonly logger = new Logger('Runs');
  private readonly repeated = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('no run could be settled', error),
  );

  constructor(
    private readonly db: Database,
    private readonly store: RunStore,
    private readonly settling: RunSettling,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.repeated.tick();
  }

  onModuleDestroy(): Promise<void> {
    return this.repeated.stop();
  }

  /** Gives how many organizations it concerned. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, AT_ONCE);
    for (const organizationId of due) {
      try {
        // What ended in the future, by a clock that has gone back since, is due and stays so: the next tick looks again.
        for (let round = 0; round < MOST_ROUNDS && !this.repeated.stopped; round++) {
          if (!(await this.settling.settleDue(organizationId))) break;
        }
      } catch (error) {
        this.logger.error(`the runs of ${organizationId} could not be settled`, error);
      }
    }
    return due.length;
  }
}
