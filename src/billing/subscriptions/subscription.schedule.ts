import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Subscriptions } from './subscription.service.js';

const EVERY_MS = 5_000;
const AT_ONCE = 200;

/** Lets periods begin that are due. On several servers at once each period still begins once: see `Subscriptions`. */
@Injectable()
export class SubscriptionSchedule implements OnModuleDestroy {
  private readonly logger = new Logger('Subscriptions');
  private running: Promise<number> | undefined;
  private stopped = false;

  constructor(private readonly subscriptions: Subscriptions) {}

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.stopped) return;
    this.running ??= this.run().finally(() => (this.running = undefined));
    await this.running.catch((error: unknown) => this.logger.error('no period could begin', error));
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => undefined);
  }

  /** Gives how many organizations it concerned. */
  async run(): Promise<number> {
    const due = await this.subscriptions.findDue(AT_ONCE);
    for (const organizationId of due) {
      if (this.stopped) break;
      try {
        await this.subscriptions.renew(organizationId);
      } catch (error) {
        this.logger.error(`the subscription of ${organizationId} could not be renewed`, error);
      }
    }
    return due.length;
  }
}
