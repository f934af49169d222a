import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { pollNotice } from './poll-notice.js';
import { AutoTopUpService } from '../auto-top-ups/auto-top-up.service.js';
import { PaymentService } from '../top-ups/payment.service.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { type DueTopUp, type TopUpKey, TopUpStore } from '../top-ups/top-up.store.js';
import { TopUpService } from '../top-ups/top-up.service.js';

const EVERY_MS = 10_000;
const BATCH_SIZE = 50;
/** Checkouts expire after a day. Allows some more hours for late reports. */
const GIVE_UP_MS = 26 * 3_600_000;

/**
 * Polls providers about unfinished top-ups and completes what a lost event or a crash left undone. Safe on several servers,
 * because one server claims a top-up at a time and facts only grow.
 */
@Injectable()
export class PaymentReconciliationJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly providers: PaymentProviderRegistry,
    private readonly payments: PaymentService,
    private readonly topUps: TopUpService,
    private readonly autoTopUps: AutoTopUpService,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Polls due top-ups and returns their number. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, BATCH_SIZE);
    await this.forEach(due, (key) => this.pollTopUp(key));
    return due.length;
  }

  private async pollTopUp(key: TopUpKey): Promise<void> {
    const row = await this.db.transaction((tx) => this.store.claimDue(tx, key), { keepsAccess: true });
    if (!row) return;
    try {
      if (row.state === 'created') return await this.retryOpening(row);
      const notice = await this.providers.get(row.provider).fetchStatus(row);
      if (notice) await this.payments.applyPolledStatus(row, notice, row.updatedAt);
      // Applying the status also retries the grant of a paid top-up without a lot.
      if (!notice?.facts.paid && !notice?.underway && isOld(row)) await this.payments.applyPolledStatus(row, EXPIRED);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`top-up ${row.id} could not be polled: ${error.code}`);
    }
  }

  /** Opens the checkout or charges the saved method again, because the first attempt failed or the server crashed. */
  private async retryOpening(row: DueTopUp): Promise<void> {
    if (row.provider !== 'manual' && isOld(row)) return this.topUps.markFailed(row, 'unavailable');
    if (row.auto) return this.autoTopUps.charge(row);
    await this.topUps.openCheckout(row, row.operatorSlug, row.operatorName);
  }
}

const isOld = ({ createdAt }: DueTopUp): boolean => Date.now() - createdAt.getTime() > GIVE_UP_MS;

const EXPIRED = pollNotice(null, null, { failure: 'expired', over: true });
