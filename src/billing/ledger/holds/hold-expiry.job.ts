import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../../database/index.js';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { GroupCommit } from '../charging/group-commit.js';
import type { SweepCommand } from '../decisions/command.js';
import { HoldExpiryStore } from './hold-expiry.store.js';

const EVERY_MS = 5_000;
const MAX_ORGANIZATIONS = 200;

const SWEEP: SweepCommand = { type: 'sweep', key: null, hash: '', actorId: null };

/**
 * Records the expiry of holds and lots, and releases the holds of deleted organizations. Balances do not depend on it,
 * because every decision applies due expiries first.
 */
@Injectable()
export class HoldExpiryJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: HoldExpiryStore,
    private readonly commit: GroupCommit,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Returns the number of organizations with expiries. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, MAX_ORGANIZATIONS);
    const sweep = (organizationId: string) => this.commit.submit(organizationId, [SWEEP]);
    await Promise.all(due.map((organizationId) => this.attempt(organizationId, sweep)));
    return due.length;
  }
}
