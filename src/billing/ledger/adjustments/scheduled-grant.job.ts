import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { ScheduledGrantService } from './scheduled-grant.service.js';

const EVERY_MS = 5_000;
const BATCH_SIZE = 200;

/** Grants credits whose time has come. Safe on several servers: each grant is made once. */
@Injectable()
export class ScheduledGrantJob extends ScheduledJob {
  constructor(private readonly grants: ScheduledGrantService) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Returns the number of grants that were due. */
  async run(): Promise<number> {
    const due = await this.grants.findDue(BATCH_SIZE);
    await this.forEach(due, (one) => this.grants.execute(one));
    return due.length;
  }
}
