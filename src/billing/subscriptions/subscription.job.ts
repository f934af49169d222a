import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduledJob } from '../../common/schedule/index.js';
import { SubscriptionService } from './subscription.service.js';

const EVERY_MS = 5_000;
const BATCH_SIZE = 200;

/** Starts subscription periods that are due. Safe on several servers: `SubscriptionService` starts each period once. */
@Injectable()
export class SubscriptionJob extends ScheduledJob {
  constructor(private readonly subscriptions: SubscriptionService) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Renews due subscriptions and returns their number. */
  async run(): Promise<number> {
    const due = await this.subscriptions.findDue(BATCH_SIZE);
    await this.forEach(due, (organizationId) => this.subscriptions.renew(organizationId));
    return due.length;
  }
}
