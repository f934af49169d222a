import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { ScheduledJob } from '../../../common/schedule/index.js';
import { Database } from '../../../database/index.js';
import type { ProviderName } from '../providers/payment-provider.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { PaymentEventStore } from '../top-ups/payment-event.store.js';
import { PaymentService } from '../top-ups/payment.service.js';
import { type TopUpKey, TopUpStore } from '../top-ups/top-up.store.js';
import { pollNotice } from './poll-notice.js';

const DAY_MS = 86_400_000;
const COMPARED_DAYS = 3;
/** How long after the last change payments that were paid back or disputed are compared. */
const PAID_BACK_DAYS = 120;
const EVENT_RETENTION_DAYS = 90;

/** Compares the provider's recent payments with the top-ups every day, because events can be lost. */
@Injectable()
export class PaymentComparisonJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly eventStore: PaymentEventStore,
    private readonly providers: PaymentProviderRegistry,
    private readonly payments: PaymentService,
  ) {
    super();
  }

  @Cron('41 4 * * *')
  override tick(): Promise<void> {
    return super.tick();
  }

  /** Compares the provider's recent activity with the stored top-ups. Returns the number of missed updates. */
  async run(now = Date.now()): Promise<number> {
    let missed = 0;
    for (const name of this.providers.online ? [this.providers.online] : []) {
      const provider = this.providers.get(name);
      try {
        const { checkouts, paymentIds } = await provider.recentActivity(new Date(now - COMPARED_DAYS * DAY_MS));
        const all = [...checkouts, ...paymentIds.map((id) => pollNotice(null, id))];
        // Refunds can fail, and disputes can end, long after they were made.
        const keys = new Map(
          (await this.store.findPaidBack(this.db.reader, name, PAID_BACK_DAYS)).map((key) => [key.id, key]),
        );
        for (const notice of all) {
          const key = await this.store.findByNotice(this.db.reader, name, notice);
          if (key) keys.set(key.id, key);
          else await this.payments.handleUnmatched(name, notice);
        }
        await this.forEach(keys.values(), async (key) => {
          if (await this.catchUp(name, key)) missed++;
        });
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
    const missed = await this.payments.mendWithStatus(key, notice, before.updatedAt);
    if (missed.length === 0) return false;
    this.logger.warn(`webhooks for top-up ${key.id} were missed and made up for: ${missed.join(', ')}`);
    return true;
  }
}
