import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { Database } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { NonOverlappingTask } from '../../../common/schedule/index.js';
import { AutoTopUpService } from '../auto-top-ups/auto-top-up.service.js';
import { PaymentEventStore } from '../top-ups/payment-event.store.js';
import { PaymentService } from '../top-ups/payment.service.js';
import type { PaymentNotice, ProviderName } from '../providers/payment-provider.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { type DueTopUp, type TopUpKey, TopUpStore } from '../top-ups/top-up.store.js';
import { TopUpService } from '../top-ups/top-up.service.js';

const EVERY_MS = 10_000;
const BATCH_SIZE = 50;
const DAY_MS = 86_400_000;
/** Checkouts expire after a day. Allows some more hours for late reports. */
const GIVE_UP_MS = 26 * 3_600_000;
const COMPARED_DAYS = 3;
const EVENT_RETENTION_DAYS = 90;

/**
 * Polls providers about unfinished top-ups and completes what a lost event or a crash left undone. Safe on several servers,
 * because one server claims a top-up at a time and facts only grow.
 */
@Injectable()
export class PaymentReconciliationJob implements OnModuleDestroy {
  private readonly logger = new Logger('TopUps');
  private readonly task = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('unfinished top-ups could not be polled', error),
  );
  private readonly comparison = new NonOverlappingTask(
    () => this.compare(),
    (error) => this.logger.error('recent payments could not be compared with the provider', error),
  );

  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly eventStore: PaymentEventStore,
    private readonly providers: PaymentProviderRegistry,
    private readonly payments: PaymentService,
    private readonly topUps: TopUpService,
    private readonly autoTopUps: AutoTopUpService,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.task.tick();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.task.stop(), this.comparison.stop()]);
  }

  /** Polls due top-ups and returns their number. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, BATCH_SIZE);
    for (const key of due) {
      if (this.task.stopped) break;
      const row = await this.db.transaction((tx) => this.store.claimDue(tx, key), { keepsAccess: true });
      if (row) await this.pollTopUp(row);
    }
    return due.length;
  }

  private async pollTopUp(row: DueTopUp): Promise<void> {
    try {
      if (row.state === 'created') return await this.retryOpening(row);
      const notice = await this.providers.get(row.provider).fetchStatus(row);
      if (notice) await this.payments.applyPolledStatus(row, notice);
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

  @Cron('41 4 * * *')
  daily(): Promise<void> {
    return this.comparison.tick();
  }

  /** Compares the provider's recent activity with the stored top-ups. Returns the number of missed updates. */
  async compare(now = Date.now()): Promise<number> {
    let missed = 0;
    for (const name of new Set<ProviderName>([this.providers.online])) {
      const provider = this.providers.get(name);
      try {
        const { checkoutIds, paymentIds } = await provider.recentActivity(new Date(now - COMPARED_DAYS * DAY_MS));
        const all = [...checkoutIds.map((id) => pollNotice(id, null)), ...paymentIds.map((id) => pollNotice(null, id))];
        for (const notice of all) {
          const key = await this.store.findByNotice(this.db.reader, name, notice);
          if (key && (await this.catchUp(name, key))) missed++;
        }
      } catch (error) {
        this.logger.error(`recent payments could not be compared with ${name}`, error);
      }
    }
    await this.db.transaction((tx) => this.eventStore.deleteOlderThan(tx, EVENT_RETENTION_DAYS), { keepsAccess: true });
    return missed;
  }

  /** Applies the provider's status to a top-up. Returns true when an update had been missed. */
  private async catchUp(name: ProviderName, key: TopUpKey): Promise<boolean> {
    const before = await this.store.find(this.db.reader, key);
    const notice = before && (await this.providers.get(name).fetchStatus(before));
    if (!notice) return false;
    await this.payments.applyPolledStatus(key, notice);
    const after = await this.store.find(this.db.reader, key);
    if (before.state === after?.state && before.refundedMinor === after.refundedMinor) return false;
    this.logger.warn(`a webhook for top-up ${key.id} was missed: its state was ${before.state}, now ${after?.state}`);
    return true;
  }
}

const isOld = ({ createdAt }: DueTopUp): boolean => Date.now() - createdAt.getTime() > GIVE_UP_MS;

const pollNotice = (checkoutId: string | null, paymentId: string | null): PaymentNotice => ({
  eventId: null,
  type: 'poll',
  topUpId: null,
  checkoutId,
  paymentId,
  facts: {},
});

const EXPIRED: PaymentNotice = { ...pollNotice(null, null), facts: { failure: 'expired', over: true } };
