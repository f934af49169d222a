import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { Database } from '../../../database/index.js';
import { NonOverlappingTask } from '../../../common/schedule/index.js';
import { AlertService, AlertStore } from '../../ledger/index.js';
import { AutoTopUpStore } from '../auto-top-up-settings/auto-top-up.store.js';
import { AutoTopUpService } from './auto-top-up.service.js';

const EVERY_MS = 1_000;
const BATCH_SIZE = 100;

/**
 * Sends balance alerts for crossed thresholds, once each, and starts automatic top-ups. Safe on several servers, because
 * only the server that claims a crossing acts on it. Time-based alerts are checked every minute.
 */
@Injectable()
export class BalanceThresholdJob implements OnModuleDestroy {
  private readonly logger = new Logger('Alerts');
  private readonly task = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('balance thresholds could not be checked', error),
  );
  private readonly timeChecks = new NonOverlappingTask(
    () => this.checkTimeBased(),
    (error) => this.logger.error('time-based alerts could not be checked', error),
  );

  constructor(
    private readonly db: Database,
    private readonly alertStore: AlertStore,
    private readonly alerts: AlertService,
    private readonly store: AutoTopUpStore,
    private readonly autoTopUps: AutoTopUpService,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.task.tick();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.task.stop(), this.timeChecks.stop()]);
  }

  async run(): Promise<void> {
    for (const organizationId of await this.alertStore.findCrossed(this.db.reader, BATCH_SIZE)) {
      await this.alerts.notifyCrossings(organizationId);
    }
    // Found by balance instead of by crossing, so nothing is lost if a server crashes in between.
    for (const organizationId of await this.store.findDue(this.db.reader, BATCH_SIZE)) {
      if (this.task.stopped) return;
      await this.autoTopUps.trigger(organizationId);
    }
  }

  @Cron('0 * * * * *')
  minute(): Promise<void> {
    return this.timeChecks.tick();
  }

  async checkTimeBased(now = Date.now()): Promise<void> {
    for (const organizationId of await this.alertStore.findTimeBased(this.db.reader)) {
      if (this.task.stopped) return;
      await this.alerts.checkTimeBased(organizationId, now);
    }
  }
}
