import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { NonOverlappingTask } from '../../common/schedule/index.js';
import { Subscriptions } from './subscription.service.js';

const EVERY_MS = 5_000;
const AT_ONCE = 200;

/** Lets periods begin that are due. On several servers at once each period still begins once: see `Subscriptions`. */
@Injectable()
export class SubscriptionSchedule implements OnModuleDestroy {
  private readonly logger = new Logger('Subscriptions');
  private readonly repeated = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('no period could begin', error),
  );

  constructor(private readonly subscriptions: Subscriptions) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.repeated.tick();
  }

  onModuleDestroy(): Promise<void> {
    return this.repeated.stop();
  }

  /** Gives how many organizations it concerned. */
  async run(): Promise<number> {
    const due = await this.subscriptions.findDue(AT_ONCE);
    for (const organizationId of due) {
      if (this.repeated.stopped) break;
      try {
        await this.subscriptions.renew(organizationId);
      } catch (error) {
        this.logger.error(`the subscription of ${organizationId} could not be renewed`, error);
      }
    }
    return due.length;
  }
}
