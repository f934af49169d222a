import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { NonOverlappingTask } from '../../common/schedule/index.js';
import { SubscriptionService } from './subscription.service.js';

const EVERY_MS = 5_000;
const BATCH_SIZE = 200;

/** Starts subscription periods that are due. Safe on several servers: `SubscriptionService` starts each period once. */
@Injectable()
export class SubscriptionJob implements OnModuleDestroy {
  private readonly logger = new Logger('Subscriptions');
  private readonly task = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('due subscriptions could not be renewed', error),
  );

  constructor(private readonly subscriptions: SubscriptionService) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.task.tick();
  }

  onModuleDestroy(): Promise<void> {
    return this.task.stop();
  }

  /** Renews due subscriptions and returns their number. */
  async run(): Promise<number> {
    const due = await this.subscriptions.findDue(BATCH_SIZE);
    for (const organizationId of due) {
      if (this.task.stopped) break;
      try {
        await this.subscriptions.renew(organizationId);
      } catch (error) {
        this.logger.error(`the subscription of ${organizationId} could not be renewed`, error);
      }
    }
    return due.length;
  }
}
