import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { Database } from '../../../database/index.js';
import { AlertService } from './alert.service.js';
import { AlertStore } from './alert.store.js';

/** Sends alerts that depend on time, such as credits that run out soon, once each. Safe on several servers. */
@Injectable()
export class TimeBasedAlertJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: AlertStore,
    private readonly alerts: AlertService,
  ) {
    super();
  }

  @Cron('0 * * * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(now = Date.now()): Promise<void> {
    const organizationIds = await this.store.findTimeBased(this.db.reader);
    await this.forEach(organizationIds, (organizationId) => this.alerts.checkTimeBased(organizationId, now));
  }
}
