import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { Database } from '../../../database/index.js';
import { AlertService, AlertStore } from '../../ledger/index.js';
import { AutoTopUpStore } from '../auto-top-up-settings/auto-top-up.store.js';
import { AutoTopUpService } from './auto-top-up.service.js';

const EVERY_MS = 1_000;
const BATCH_SIZE = 100;

/**
 * Sends balance alerts for crossed thresholds, once each, and starts automatic top-ups. Safe on several servers, because
 * only the server that claims a crossing acts on it.
 */
@Injectable()
export class BalanceThresholdJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly alertStore: AlertStore,
    private readonly alerts: AlertService,
    private readonly store: AutoTopUpStore,
    private readonly autoTopUps: AutoTopUpService,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    const crossed = await this.alertStore.findCrossed(this.db.reader, BATCH_SIZE);
    await this.forEach(crossed, (organizationId) => this.alerts.notifyCrossings(organizationId));
    // Found by balance instead of by crossing, so nothing is lost if a server crashes in between.
    const due = await this.store.findDue(this.db.reader, BATCH_SIZE);
    await this.forEach(due, (organizationId) => this.autoTopUps.trigger(organizationId));
  }
}
