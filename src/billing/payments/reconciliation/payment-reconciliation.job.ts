import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import { Database } from '../../../common/database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { NonOverlappingTask } from '../../../common/schedule/index.js';
import { AutoTopUps } from '../auto-top-ups/auto-top-up.service.js';
import { PaymentEventStore } from '../top-ups/payment-event.store.js';
import { Payments } from '../top-ups/payment.service.js';
import type { PaymentNotice, ProviderName } from '../providers/payment-provider.js';
import { Providers } from '../providers/provider.registry.js';
import { type DueTopUp, type Place, TopUpStore } from '../top-ups/top-up.store.js';
import { TopUps } from '../top-ups/top-up.service.js';

const EVERY_MS = 10_000;
const AT_ONCE = 50;
const DAY_MS = 86_400_000;
/** Checkouts end after a day; some hours more for what the provider is slow to tell. */
const GIVE_UP_MS = 26 * 3_600_000;
const COMPARED_DAYS = 3;
const KEPT_EVENTS_DAYS = 90;

/**
 * Asks providers about top-ups that are on their way: what a lost event, or a crash between payment and grant, left undone
 * is done here. Safe on several servers: each top-up is claimed by one of them at a time, and facts only grow.
 */
@Injectable()
export class Reconciler implements OnModuleDestroy {
  private readonly logger = new Logger('TopUps');
  private readonly repeated = new NonOverlappingTask(
    () => this.run(),
    (error) => this.logger.error('top-ups could not be looked after', error),
  );
  private readonly comparing = new NonOverlappingTask(
    () => this.compare(),
    (error) => this.logger.error('payments could not be compared', error),
  );

  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly heard: PaymentEventStore,
    private readonly providers: Providers,
    private readonly payments: Payments,
    private readonly topUps: TopUps,
    private readonly autoTopUps: AutoTopUps,
  ) {}

  @Interval(EVERY_MS)
  tick(): Promise<void> {
    return this.repeated.tick();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.repeated.stop(), this.comparing.stop()]);
  }

  /** Gives how many were looked after. */
  async run(): Promise<number> {
    const due = await this.store.findDue(this.db.reader, AT_ONCE);
    for (const place of due) {
      if (this.repeated.stopped) break;
      const row = await this.db.transaction((tx) => this.store.claimDue(tx, place), { keepsAccess: true });
      if (row) await this.lookAfter(row);
    }
    return due.length;
  }

  private async lookAfter(row: DueTopUp): Promise<void> {
    try {
      if (row.state === 'created') return await this.open(row);
      const notice = await this.providers.named(row.provider).look(row);
      if (notice) await this.payments.learn(row, notice);
      // Also one that was paid with no lot yet is tried again by this.
      if (!notice?.facts.paid && !notice?.underway && isOld(row)) await this.payments.learn(row, OVER);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn(`top-up ${row.id} could not be looked after: ${error.code}`);
    }
  }

  /** The provider did not answer when it was asked first, or nobody was left to hear it. */
  private async open(row: DueTopUp): Promise<void> {
    if (row.provider !== 'manual' && isOld(row)) return this.topUps.fail(row, 'unavailable');
    if (row.auto) return this.autoTopUps.charge(row);
    await this.topUps.open(row, row.operatorSlug, row.operatorName);
  }

  @Cron('41 4 * * *')
  daily(): Promise<void> {
    return this.comparing.tick();
  }

  /** What the provider knows of the last days against what we have; gives how much had been missed. */
  async compare(now = Date.now()): Promise<number> {
    let missed = 0;
    for (const name of new Set<ProviderName>([this.providers.online])) {
      const provider = this.providers.named(name);
      try {
        const { checkoutIds, paymentIds } = await provider.recent(new Date(now - COMPARED_DAYS * DAY_MS));
        const all = [...checkoutIds.map((id) => naming(id, null)), ...paymentIds.map((id) => naming(null, id))];
        for (const notice of all) {
          const place = await this.store.locate(this.db.reader, name, notice);
          if (place && (await this.catchUp(name, place))) missed++;
        }
      } catch (error) {
        this.logger.error(`${name} and the grants could not be compared`, error);
      }
    }
    await this.db.transaction((tx) => this.heard.sweep(tx, KEPT_EVENTS_DAYS), { keepsAccess: true });
    return missed;
  }

  /** True when something had been missed. */
  private async catchUp(name: ProviderName, place: Place): Promise<boolean> {
    const before = await this.store.find(this.db.reader, place);
    const notice = before && (await this.providers.named(name).look(before));
    if (!notice) return false;
    await this.payments.learn(place, notice);
    const after = await this.store.find(this.db.reader, place);
    if (before.state === after?.state && before.refundedMinor === after.refundedMinor) return false;
    this.logger.warn(`no event told of top-up ${place.id}: it was ${before.state} and is ${after?.state}`);
    return true;
  }
}

const isOld = ({ createdAt }: DueTopUp): boolean => Date.now() - createdAt.getTime() > GIVE_UP_MS;

const naming = (checkoutId: string | null, paymentId: string | null): PaymentNotice => ({
  eventId: null,
  type: 'look',
  topUpId: null,
  checkoutId,
  paymentId,
  facts: {},
});

const OVER: PaymentNotice = { ...naming(null, null), facts: { failure: 'expired', over: true } };
