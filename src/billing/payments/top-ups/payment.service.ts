import { Injectable, Logger } from '@nestjs/common';
import { type Actor, systemActor } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { EventService, type EventType } from '../../../events/index.js';
import { PaymentEventStore } from './payment-event.store.js';
import {
  booksOf,
  isDoubtful,
  isSame,
  mergeAnswer,
  mergeFacts,
  type PaymentFacts,
  type ReportedFacts,
} from '../payment-facts.js';
import { differenceOf, type PaymentReview, toReview } from '../payment-review.js';
import type { PaymentNotice, ProviderName } from '../providers/payment-provider.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import { factsOf, priceOf, SettlementService } from './settlement.service.js';
import type { TopUp } from './top-up.entity.js';
import { topUpErrors } from '../top-up.errors.js';
import { type TopUpKey, TopUpStore } from './top-up.store.js';

/** The effect of an event. */
export type EventOutcome = 'applied' | 'duplicate' | 'waiting' | 'ignored';

/** What the provider answered about a payment that reports contradict. `seen` is the version of the row before it was asked. */
interface Answer {
  facts: ReportedFacts;
  seen: Date;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Returns what can be taken back. */
const partsOf = ({ disputes, refunds }: ReportedFacts): ReportedFacts => ({
  ...(disputes && { disputes }),
  ...(refunds && { refunds }),
});

/** Something was reported after the provider was asked, so its answer is one report among others. */
function atLeast({ disputes, refunds }: ReportedFacts): ReportedFacts {
  const { exact, ...more } = refunds ?? {};
  return { ...(disputes && { disputes }), refunds: { ...more, ...(exact && { totals: [exact] }) } };
}

/**
 * Applies payment reports to top-ups. Each event is applied once, in one transaction with its effect. The facts of a payment
 * are merged (`payment-facts.ts`), and the ledger is brought in line with them. Events can therefore arrive twice, late, in
 * any order and on several servers at once.
 */
@Injectable()
export class PaymentService {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly eventStore: PaymentEventStore,
    private readonly providers: PaymentProviderRegistry,
    private readonly settlement: SettlementService,
    private readonly events: EventService,
  ) {}

  /** Verifies and applies a webhook event. */
  async receiveEvent(name: string, body: Buffer, signature: string | undefined, actor: Actor): Promise<EventOutcome> {
    const provider = this.providers.get(name);
    const notice = await provider.parseEvent(body, signature);
    if (!notice) return 'ignored';
    return this.handleEvent(provider.name, notice, actor);
  }

  /** Applies an event whose signature is verified. */
  async handleEvent(
    provider: ProviderName,
    notice: PaymentNotice,
    actor: Actor = systemActor(),
  ): Promise<EventOutcome> {
    const resolved = await this.resolveTopUp(provider, notice);
    const answer = await this.askInDoubt(provider, resolved);
    return this.db.transaction(
      async (tx) => {
        if (!(await this.eventStore.claim(tx, provider, resolved))) return 'duplicate';
        if (resolved.paymentId) await this.eventStore.lockPayment(tx, provider, resolved.paymentId);
        const key = await this.store.findByNotice(tx, provider, resolved);
        if (await this.reportUnclaimed(tx, provider, resolved, key, actor)) return 'ignored';
        if (key) {
          await this.apply(tx, key, resolved, actor, answer);
          return 'applied';
        }
        if (!resolved.paymentId) return 'ignored';
        await this.eventStore.defer(tx, provider, resolved);
        return 'waiting';
      },
      { keepsAccess: true },
    );
  }

  /**
   * Applies a status that the provider returned when it was polled or charged. `seen` is when the row was updated before the
   * provider was asked: if nothing was reported since, the status is the whole truth, and what it no longer contains is
   * taken back.
   */
  async applyPolledStatus(key: TopUpKey, notice: PaymentNotice, seen?: Date): Promise<void> {
    await this.db.transaction((tx) => this.applyStatus(tx, key, notice, seen), { keepsAccess: true });
  }

  /** Reports a payment that the provider lists and that no top-up is known for. */
  handleUnmatched(provider: ProviderName, notice: PaymentNotice): Promise<boolean> {
    return this.db.transaction((tx) => this.reportUnclaimed(tx, provider, notice, null, systemActor()), {
      keepsAccess: true,
    });
  }

  /**
   * Tells the operator, once, that money arrived for an organization that was purged. Returns true for such an organization,
   * whose top-ups take nothing any more.
   */
  private async reportUnclaimed(
    tx: Tx,
    provider: ProviderName,
    notice: PaymentNotice,
    key: TopUpKey | null,
    actor: Actor,
  ): Promise<boolean> {
    const organizationId = key?.organizationId ?? notice.organizationId ?? null;
    if (organizationId === null || !UUID.test(organizationId)) return false;
    const operatorId = await this.store.operatorOfPurged(tx, organizationId);
    if (operatorId === null) return false;
    const { paymentId, checkoutId, topUpId, money } = notice;
    if (!notice.facts.paid) return true;
    const once = { ...notice, eventId: `unclaimed:${paymentId ?? checkoutId ?? topUpId}`, type: 'payment' };
    if (!(await this.eventStore.claim(tx, provider, once))) return true;
    await this.events.record(
      tx,
      { kind: 'operator', id: operatorId },
      {
        type: 'top_up.payment_unclaimed',
        actor,
        subject: { type: 'organization', id: organizationId },
        after: {
          provider,
          paymentId,
          topUpId,
          amountMinor: money?.amountMinor ?? null,
          currency: money?.currency ?? null,
        },
      },
    );
    this.logger.error(
      `payment ${paymentId ?? checkoutId} arrived for purged organization ${organizationId}. Refund it.`,
    );
    return true;
  }

  /** Applies a status like `applyPolledStatus`. Records and returns the events that had been missed. */
  mendWithStatus(key: TopUpKey, notice: PaymentNotice, seen: Date): Promise<EventType[]> {
    return this.db.transaction(
      async (tx) => {
        const before = await this.store.lock(tx, key);
        const missed = await this.applyStatus(tx, key, notice, seen);
        const row = missed.length > 0 && (await this.store.lock(tx, key));
        if (!before || !row) return missed;
        const was = { state: before.state, refundedMinor: Number(before.refundedMinor) };
        await this.settlement.record(tx, 'top_up.reconciled', row, systemActor(), { missed, was });
        return missed;
      },
      { keepsAccess: true },
    );
  }

  private applyStatus(tx: Tx, key: TopUpKey, notice: PaymentNotice, seen?: Date): Promise<EventType[]> {
    if (!seen) return this.apply(tx, key, notice, systemActor(), null);
    const { disputes, refunds, ...more } = notice.facts;
    const answer = { seen, facts: partsOf({ disputes, refunds }) };
    return this.apply(tx, key, { ...notice, facts: more }, systemActor(), answer);
  }

  /**
   * Applies what staff report about a bank transfer. `change` derives the new facts from the row while it is locked, and can
   * refuse by throwing.
   */
  applyManualStatus(
    key: TopUpKey,
    change: (row: TopUp, tx: Tx) => ReportedFacts | Promise<ReportedFacts>,
    actor: Actor,
  ): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const row = await this.store.lock(tx, key);
        if (!row) throw topUpErrors.not_found();
        const facts = await change(row, tx);
        await this.settlement.settle(tx, row, mergeFacts(factsOf(row), facts), actor);
      },
      { keepsAccess: true },
    );
  }

  /** Ends a review. An unpaid top-up ends with it, and a matching payment that still arrives is granted. */
  closeReview(key: TopUpKey, note: string, actor: Actor): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const row = await this.store.lock(tx, key);
        if (!row) throw topUpErrors.not_found();
        if (!row.reviewOpenedAt) throw topUpErrors.nothing_to_review();
        await this.store.closeReview(tx, key);
        await this.settlement.record(tx, 'top_up.review_closed', row, actor, { note, review: row.review });
        const facts = factsOf(row);
        if (!facts.paid)
          await this.settlement.settle(tx, row, { ...facts, failure: 'payment_differs', over: true }, actor);
      },
      { keepsAccess: true },
    );
  }

  /** Asks the provider for the top-up of a payment if its event arrives before the one that links both. */
  private async resolveTopUp(provider: ProviderName, notice: PaymentNotice): Promise<PaymentNotice> {
    const { topUpId, checkoutId, paymentId } = notice;
    if (topUpId || checkoutId || !paymentId) return notice;
    if (await this.store.findByNotice(this.db.reader, provider, notice)) return notice;
    try {
      return { ...notice, topUpId: await this.providers.get(provider).findTopUpId(paymentId) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // The event is deferred until the one that links the payment arrives.
      return notice;
    }
  }

  /** Asks the provider when a report contradicts another so that its time alone cannot say which is right. */
  private async askInDoubt(name: ProviderName, notice: PaymentNotice): Promise<Answer | null> {
    const provider = this.providers.get(name);
    if (!provider.isAskedInDoubt) return null;
    const key = await this.store.findByNotice(this.db.reader, name, notice);
    const row = key && (await this.store.find(this.db.reader, key));
    if (!row?.paidAt || !isDoubtful(factsOf(row), notice.facts, priceOf(row))) return null;
    try {
      return { facts: partsOf((await provider.fetchStatus(row))?.facts ?? {}), seen: row.updatedAt };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // The time of the event decides, and the daily comparison corrects it.
      return null;
    }
  }

  /** Merges the reported facts with the known ones and brings the ledger in line. Returns the recorded events. */
  private async apply(
    tx: Tx,
    key: TopUpKey,
    notice: PaymentNotice,
    actor: Actor,
    answer: Answer | null,
  ): Promise<EventType[]> {
    const row = await this.store.lock(tx, key);
    if (!row) return [];
    const { provider, id } = row;
    if (row.checkoutId && notice.checkoutId && row.checkoutId !== notice.checkoutId) {
      if (notice.facts.paid) await this.openReview(tx, row, toReview('checkout_differs', notice), actor);
      else this.logger.warn(`an event for top-up ${id} was ignored: it belongs to checkout ${notice.checkoutId}`);
      return [];
    }
    const difference = differenceOf(row, notice);
    if (difference) {
      await this.openReview(tx, row, toReview(difference, notice), actor);
      return [];
    }
    const isCurrent = answer !== null && answer.seen.getTime() === row.updatedAt.getTime();
    const known = factsOf(row);
    let facts = mergeFacts(known, notice.facts);
    if (answer) facts = isCurrent ? mergeAnswer(facts, answer.facts) : mergeFacts(facts, atLeast(answer.facts));
    if (notice.paymentId && notice.paymentId !== row.paymentId) {
      if (row.paymentId || !(await this.eventStore.assign(tx, provider, notice.paymentId, id))) {
        // Some providers create a payment for each failed attempt. Only the one that paid counts.
        if (notice.facts.paid) await this.openReview(tx, row, toReview('paid_twice', notice), actor);
        return [];
      }
      row.paymentId = notice.paymentId;
      for (const waiting of await this.eventStore.takeDeferred(tx, provider, notice.paymentId)) {
        const differs = differenceOf(row, waiting);
        if (differs) await this.openReview(tx, row, toReview(differs, waiting), actor);
        else facts = mergeFacts(facts, waiting.facts);
      }
    }
    // A poll of a finished payment that brings nothing new leaves no trace.
    if (notice.eventId === null && row.lotId !== null && isSame(known, facts, priceOf(row))) return [];
    // What is not clear is not applied: staff look at it, until it is.
    const isUnclear = (one: PaymentFacts) => booksOf(one, 1n, priceOf(row)).unclear;
    if (isUnclear(facts)) await this.openReview(tx, row, toReview('currency_differs', notice), actor);
    else if (isUnclear(known) && row.reviewOpenedAt && row.review?.reason === 'currency_differs') {
      await this.store.dropReview(tx, row);
      const note = 'The payment provider has told the amount of the charge in this currency, and it is applied.';
      await this.settlement.record(tx, 'top_up.review_closed', row, systemActor(), { note, review: row.review });
    }
    return this.settlement.settle(tx, row, facts, actor);
  }

  /** Asks staff to look at a payment that is not applied. A report that is known, as from polling, changes nothing. */
  private async openReview(tx: Tx, row: TopUp, review: PaymentReview, actor: Actor): Promise<void> {
    const known = row.review?.reason === review.reason && row.review.paymentId === review.paymentId;
    if (known) return;
    await this.store.openReview(tx, row, review);
    row.review = review;
    await this.settlement.record(tx, 'top_up.review_opened', row, actor, { review });
    this.logger.error(
      `payment ${review.paymentId ?? 'without id'} was not applied to top-up ${row.id}: ${review.reason}. Review it.`,
    );
  }
}
