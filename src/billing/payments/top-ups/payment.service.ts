import { Injectable, Logger } from '@nestjs/common';
import { type Actor, systemActor } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { toCredits } from '../../../common/money/index.js';
import { EventService, type EventType } from '../../../events/index.js';
import { isRefusal, LedgerService } from '../../ledger/index.js';
import { AutoTopUpOutcomeService } from '../auto-top-up-settings/auto-top-up-outcome.service.js';
import { PaymentEventStore } from './payment-event.store.js';
import { type DisputeState, type PaymentFacts, reversalOf, stateOf, mergeFacts } from '../payment-facts.js';
import { differenceOf, type PaymentReview, toReview } from '../payment-review.js';
import type { PaymentNotice, ProviderName } from '../providers/payment-provider.js';
import { PaymentProviderRegistry } from '../providers/payment-provider.registry.js';
import type { TopUp } from './top-up.entity.js';
import { topUpErrors } from '../top-up.errors.js';
import { type TopUpKey, TopUpStore } from './top-up.store.js';

/** The effect of an event. */
export type EventOutcome = 'applied' | 'duplicate' | 'waiting' | 'ignored';

const EVENT_OF_DISPUTE: Record<DisputeState, EventType> = {
  open: 'top_up.disputed',
  won: 'top_up.dispute_won',
  lost: 'top_up.dispute_lost',
};

/** Returns the events that lie between two sets of facts, in chronological order. */
function eventsBetween(before: PaymentFacts, after: PaymentFacts, grantedNow: boolean): EventType[] {
  const disputes = Object.entries(after.disputes)
    .filter(([id, { state }]) => before.disputes[id]?.state !== state)
    .map(([, { state }]) => EVENT_OF_DISPUTE[state]);
  return [
    ...(grantedNow ? (['top_up.granted'] as const) : []),
    ...(after.refundedMinor > before.refundedMinor ? (['top_up.refunded'] as const) : []),
    ...disputes,
    ...(after.over && !before.over && !after.paid ? (['top_up.failed'] as const) : []),
  ];
}

const factsOf = (row: TopUp): PaymentFacts => ({
  paid: row.paidAt !== null,
  refundedMinor: Number(row.refundedMinor),
  disputes: row.disputes,
  failure: row.failure,
  over: row.state === 'failed',
});

/**
 * Applies payment reports to top-ups and the ledger. Each event is applied once, in one transaction with its effect. Facts
 * about a payment only grow, and the ledger is brought in line with them (`payment-facts.ts`). Events can therefore arrive
 * twice, late, in any order and on several servers at once.
 */
@Injectable()
export class PaymentService {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly eventStore: PaymentEventStore,
    private readonly providers: PaymentProviderRegistry,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
    private readonly autoTopUps: AutoTopUpOutcomeService,
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
    return this.db.transaction(
      async (tx) => {
        if (!(await this.eventStore.claim(tx, provider, resolved))) return 'duplicate';
        if (resolved.paymentId) await this.eventStore.lockPayment(tx, provider, resolved.paymentId);
        const key = await this.store.findByNotice(tx, provider, resolved);
        if (key) {
          await this.apply(tx, key, resolved, actor);
          return 'applied';
        }
        if (!resolved.paymentId) return 'ignored';
        await this.eventStore.defer(tx, provider, resolved);
        return 'waiting';
      },
      { keepsAccess: true },
    );
  }

  /** Applies a status that the provider returned when it was polled or charged. */
  applyPolledStatus(key: TopUpKey, notice: PaymentNotice, actor: Actor = systemActor()): Promise<void> {
    return this.db.transaction((tx) => this.apply(tx, key, notice, actor), { keepsAccess: true });
  }

  /**
   * Applies what staff report about a bank transfer. `change` derives the new facts from the row while it is locked, and can
   * refuse by throwing.
   */
  applyManualStatus(key: TopUpKey, change: (row: TopUp) => Partial<PaymentFacts>, actor: Actor): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const row = await this.store.lock(tx, key);
        if (!row) throw topUpErrors.not_found();
        const facts = change(row);
        await this.settle(tx, row, mergeFacts(factsOf(row), facts), actor);
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
        await this.record(tx, 'top_up.review_closed', row, actor, { note, review: row.review });
        const facts = factsOf(row);
        if (!facts.paid) await this.settle(tx, row, { ...facts, failure: 'payment_differs', over: true }, actor);
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

  /** Merges the reported facts with the known ones and brings the ledger in line. */
  private async apply(tx: Tx, key: TopUpKey, notice: PaymentNotice, actor: Actor): Promise<void> {
    const row = await this.store.lock(tx, key);
    if (!row) return;
    const { provider, id } = row;
    if (row.checkoutId && notice.checkoutId && row.checkoutId !== notice.checkoutId) {
      if (notice.facts.paid) return this.openReview(tx, row, toReview('checkout_differs', notice), actor);
      return this.logger.warn(`an event for top-up ${id} was ignored: it belongs to checkout ${notice.checkoutId}`);
    }
    const difference = differenceOf(row, notice);
    if (difference) return this.openReview(tx, row, toReview(difference, notice), actor);
    let facts = mergeFacts(factsOf(row), notice.facts);
    if (notice.paymentId && notice.paymentId !== row.paymentId) {
      if (row.paymentId || !(await this.eventStore.assign(tx, provider, notice.paymentId, id))) {
        // Some providers create a payment for each failed attempt. Only the one that paid counts.
        if (notice.facts.paid) await this.openReview(tx, row, toReview('paid_twice', notice), actor);
        return;
      }
      row.paymentId = notice.paymentId;
      for (const waiting of await this.eventStore.takeDeferred(tx, provider, notice.paymentId)) {
        const differs = differenceOf(row, waiting);
        if (differs) await this.openReview(tx, row, toReview(differs, waiting), actor);
        else facts = mergeFacts(facts, waiting.facts);
      }
    }
    await this.settle(tx, row, facts, actor);
  }

  /** Asks staff to look at a payment that is not applied. A report that is known, as from polling, changes nothing. */
  private async openReview(tx: Tx, row: TopUp, review: PaymentReview, actor: Actor): Promise<void> {
    const known = row.review?.reason === review.reason && row.review.paymentId === review.paymentId;
    if (known) return;
    await this.store.openReview(tx, row, review);
    row.review = review;
    await this.record(tx, 'top_up.review_opened', row, actor, { review });
    this.logger.error(
      `payment ${review.paymentId ?? 'without id'} was not applied to top-up ${row.id}: ${review.reason}. Review it.`,
    );
  }

  /** Grants a paid top-up once, and takes back or freezes the credits that refunds and disputes affect. */
  private async settle(tx: Tx, row: TopUp, facts: PaymentFacts, actor: Actor): Promise<void> {
    const before = factsOf(row);
    const wasGranted = row.lotId !== null;
    const priceMinor = Number(row.priceMinor);
    // An automatic top-up has no payer who could try again.
    const over = facts.over || (row.auto && facts.failure !== null && !facts.paid);
    const after = { ...facts, over, refundedMinor: Math.min(facts.refundedMinor, priceMinor) };
    if (after.paid && row.lotId === null) row.lotId = await this.grant(tx, row);
    const granted = row.lotId !== null;
    if (granted) await this.applyReversal(tx, row, after);
    const state = stateOf(after, { granted, open: row.state !== 'created' || row.paymentId !== null, priceMinor });
    Object.assign(row, { state, refundedMinor: String(after.refundedMinor), disputes: after.disputes });
    row.failure = after.failure;
    if (after.paid) row.paidAt ??= new Date();
    await this.store.update(tx, row, granted || state === 'failed');
    if (row.auto && granted && !wasGranted) await this.autoTopUps.onPaid(tx, row.organizationId);
    if (row.auto && after.over && !before.over && !after.paid) await this.autoTopUps.onDeclined(tx, row.organizationId);
    // Refunds and disputes before the grant are reported together with the grant.
    if (!granted && state !== 'failed') return;
    const known = wasGranted || !granted ? before : { ...before, refundedMinor: 0, disputes: {} };
    for (const type of eventsBetween(known, after, granted && !wasGranted)) await this.record(tx, type, row, actor);
  }

  /** Returns the id of the granted lot, or null if the ledger refused it. A refused grant is retried. */
  private async grant(tx: Tx, row: TopUp): Promise<string | null> {
    const outcome = await this.ledger.execute(tx, row.organizationId, {
      type: 'grant',
      amount: BigInt(row.credits),
      category: 'paid',
      priority: 0,
      expiresAt: null,
      reason: 'top-up',
      topUpId: row.id,
      key: null,
      hash: '',
      actorId: row.requestedBy,
    });
    if (!isRefusal(outcome)) return String(outcome.body.lotId);
    this.logger.error(`top-up ${row.id} is paid but could not be granted: ${String(outcome.body.code)}`);
    return null;
  }

  private async applyReversal(tx: Tx, row: TopUp, facts: PaymentFacts): Promise<void> {
    const target = reversalOf(facts, BigInt(row.credits), Number(row.priceMinor));
    const clawBack = target.clawedBack - BigInt(row.clawedBack);
    const frozen = BigInt(row.frozen);
    if (clawBack === 0n && target.frozen === frozen) return;
    const thaw = clawBack > 0n || target.frozen < frozen ? frozen : 0n;
    const outcome = await this.ledger.execute(tx, row.organizationId, {
      type: 'reversal',
      topUpId: row.id,
      lotId: row.lotId ?? '',
      thaw,
      clawBack,
      freeze: target.frozen - (frozen - thaw),
      key: null,
      hash: '',
      actorId: null,
    });
    row.clawedBack = String(target.clawedBack);
    row.frozen = String(frozen - thaw + BigInt(String(outcome.body.frozen)));
  }

  private record(tx: Tx, type: EventType, row: TopUp, actor: Actor, more: object = {}): Promise<void> {
    const { organizationId: id, id: topUpId, currency, provider, requestedBy } = row;
    return this.events.record(
      tx,
      { kind: 'organization', id },
      {
        type,
        actor,
        subject: { type: 'top_up', id: topUpId },
        after: {
          state: row.state,
          credits: toCredits(BigInt(row.credits)),
          priceMinor: Number(row.priceMinor),
          refundedMinor: Number(row.refundedMinor),
          currency,
          provider,
          requestedBy,
          clawedBack: toCredits(BigInt(row.clawedBack)),
          frozen: toCredits(BigInt(row.frozen)),
          failure: row.failure,
          ...more,
        },
      },
    );
  }
}
