import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../../common/database/index.js';
import { NonOverlappingTask } from '../../../common/schedule/index.js';
import { GroupCommit } from '../charging/group-commit.js';
import type { SweepCommand } from '../decisions/command.js';
import { HoldExpiryStore } from './hold-expiry.store.js';

const EVERY_MS = 5_000;
const AT_ONCE = 200;

const SWEEP: SweepCommand = { type: 'sweep', key: null, hash: '', actorId: null };

/**
 * Writes down what time has ended: holds, lots, and the holds of what was deleted. Nothing waits for it, since each
 * decision counts what has ended until its own instant; it keeps the books short.
 */
@Injectable()
export class HoldExpiryJob implements OnModuleDestroy {
  private readonly logger = new Logger('Sweep');
  private readonly repeated = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('what has ended could not be written down', error),
  );

  constructor(
    private readonly db: Database,
    private readonly store: HoldExpiryStore,
    private readonly commit: GroupCommit,
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
    await Promise.all(due.map((organizationId) => this.commit.submit(organizationId, [SWEEP])));
    return due.length;
  }
}
