import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { Database } from '../../../common/database/index.js';
import { AlertStore } from '../../alerts/alert.store.js';
import { Alerts } from '../../alerts/alerts.service.js';
import { AutoTopUpStore } from './auto-top-up.store.js';
import { AutoTopUps } from './auto-top-ups.service.js';

const EVERY_MS = 1_000;
const AT_ONCE = 100;

/**
 * Acts on what charges wrote down: lines that were crossed, each told of once, and credits to be bought. On several servers
 * whoever takes a crossing away acts on it. What time alone brings about is looked at each minute.
 */
@Injectable()
export class Watch implements OnModuleDestroy {
  private readonly logger = new Logger('Watch');
  private running: Promise<void> | undefined;
  private timed: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly db: Database,
    private readonly alertStore: AlertStore,
    private readonly alerts: Alerts,
    private readonly store: AutoTopUpStore,
    private readonly autoTopUps: AutoTopUps,
  ) {}

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    if (this.stopped) return;
    this.running ??= this.run().finally(() => (this.running = undefined));
    await this.running.catch((error: unknown) => this.logger.error('balances could not be watched', error));
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    await this.running?.catch(() => undefined);
    await this.timed?.catch(() => undefined);
  }

  async run(): Promise<void> {
    for (const organizationId of await this.alertStore.crossed(this.db.reader, AT_ONCE)) {
      await this.alerts.tellCrossings(organizationId);
    }
    // Found by the balance and not by the crossing: so nothing is lost when a server dies in between.
    for (const organizationId of await this.store.due(this.db.reader, AT_ONCE)) {
      if (this.stopped) return;
      await this.autoTopUps.trigger(organizationId);
    }
  }

  @Cron('0 * * * * *')
  async minute(): Promise<void> {
    if (this.stopped) return;
    this.timed ??= this.lookAtTime().finally(() => (this.timed = undefined));
    await this.timed.catch((error: unknown) => this.logger.error('alerts of time could not be looked at', error));
  }

  async lookAtTime(now = Date.now()): Promise<void> {
    for (const organizationId of await this.alertStore.timed(this.db.reader)) {
      if (this.stopped) return;
      await this.alerts.lookAtTime(organizationId, now);
    }
  }
}
