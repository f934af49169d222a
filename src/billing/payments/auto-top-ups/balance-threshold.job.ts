import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { Database } from '../../../common/database/index.js';
import { NonOverlappingTask } from '../../../common/schedule/index.js';
import { AlertService, AlertStore } from '../../ledger/index.js';
import { AutoTopUpStore } from '../auto-top-up-settings/auto-top-up.store.js';
import { AutoTopUps } from './auto-top-up.service.js';

const EVERY_MS = 1_000;
const AT_ONCE = 100;

/**
 * Acts on what charges wrote down: lines that were crossed, each told of once, and credits to be bought. On several servers
 * whoever takes a crossing away acts on it. What time alone brings about is looked at each minute.
 */
@Injectable()
export class Watch implements OnModuleDestroy {
  private readonly logger = new Logger('Watch');
  private readonly repeated = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('balances could not be watched', error),
  );
  private readonly timed = new NonOverlappingTask(
    () => this.lookAtTime(),
    (error) => this.logger.error('alerts of time could not be looked at', error),
  );

  constructor(
    private readonly db: Database,
    private readonly alertStore: AlertStore,
    private readonly alerts: AlertService,
    private readonly store: AutoTopUpStore,
    private readonly autoTopUps: AutoTopUps,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.repeated.tick();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.repeated.stop(), this.timed.stop()]);
  }

  async run(): Promise<void> {
    for (const organizationId of await this.alertStore.findCrossed(this.db.reader, AT_ONCE)) {
      await this.alerts.notifyCrossings(organizationId);
    }
    // Found by the balance and not by the crossing: so nothing is lost when a server dies in between.
    for (const organizationId of await this.store.due(this.db.reader, AT_ONCE)) {
      if (this.repeated.stopped) return;
      await this.autoTopUps.trigger(organizationId);
    }
  }

  @Cron('0 * * * * *')
  minute(): Promise<void> {
    return this.timed.tick();
  }

  async lookAtTime(now = Date.now()): Promise<void> {
    for (const organizationId of await this.alertStore.findTimeBased(this.db.reader)) {
      if (this.repeated.stopped) return;
      await this.alerts.checkTimeBased(organizationId, now);
    }
  }
}
