import { Injectable, Logger } from '@nestjs/common';
import { type Actor, systemActor } from '../../../common/access/index.js';
import { Database, type Tx } from '../../../common/database/index.js';
import { AppError } from '../../../common/errors/index.js';
import { toCredits } from '../../../common/money/index.js';
import { Events, type EventType } from '../../../events/index.js';
import { isRefusal, LedgerService } from '../../ledger/index.js';
import { AutoTopUpOutcome } from '../auto-top-up-settings/auto-top-up-outcome.js';
import { PaymentEventStore } from './payment-event.store.js';
import { type DisputeState, type PaymentFacts, reversalOf, stateOf, unite } from '../payment-facts.js';
import type { PaymentNotice, ProviderName } from '../providers/payment-provider.js';
import { Providers } from '../providers/provider.registry.js';
import type { TopUp } from './top-up.entity.js';
import { topUpErrors } from '../top-up.errors.js';
import { type Place, TopUpStore } from './top-up.store.js';

/** What of an event was news. */
export type Hearing = 'applied' | 'duplicate' | 'waiting' | 'ignored';

const EVENT_OF_DISPUTE: Record<DisputeState, EventType> = {
  open: 'top_up.disputed',
  won: 'top_up.dispute_won',
  lost: 'top_up.dispute_lost',
};

/** What has happened between two looks at a payment, in the order it can have. */
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
 * What providers say of payments, put into the books. Each event counts once, in one transaction with its effect; what is
 * known of a payment only grows, and the books are brought to what the facts mean (`payment-facts.ts`). So events may come
 * twice, late, in any order and on several servers at once.
 */
@Injectable()
export class Payments {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly db: Database,
    private readonly store: TopUpStore,
    private readonly heard: PaymentEventStore,
    private readonly providers: Providers,
    private readonly ledger: LedgerService,
    private readonly events: Events,
    private readonly autoTopUps: AutoTopUpOutcome,
  ) {}

  /** A signed event. Throws top_ups.provider_not_found, .invalid_signature, .invalid_event. */
  async receive(name: string, body: Buffer, signature: string | undefined, actor: Actor): Promise<Hearing> {
    const provider = this.providers.named(name);
    const notice = await provider.read(body, signature);
    if (!notice) return 'ignored';
    return this.hear(provider.name, notice, actor);
  }

  /** An event whose signature was checked. */
  async hear(provider: ProviderName, notice: PaymentNotice, actor: Actor = systemActor()): Promise<Hearing> {
    const linked = await this.linked(provider, notice);
    return this.db.transaction(
      async (tx) => {
        if (!(await this.heard.claim(tx, provider, linked))) return 'duplicate';
        if (linked.paymentId) await this.heard.lockPayment(tx, provider, linked.paymentId);
        const place = await this.store.locate(tx, provider, linked);
        if (place) {
          await this.apply(tx, place, linked, actor);
          return 'applied';
        }
        if (!linked.paymentId) return 'ignored';
        await this.heard.wait(tx, provider, linked);
        return 'waiting';
      },
      { keepsAccess: true },
    );
  }

  /** What the provider said when it was asked. */
  learn(place: Place, notice: PaymentNotice, actor: Actor = systemActor()): Promise<void> {
    return this.db.transaction((tx) => this.apply(tx, place, notice, actor), { keepsAccess: true });
  }

  /**
   * What staff say of a bank transfer: `change` makes of what is known what is said, under the row's lock. Throws
   * top_ups.not_found, and what `change` throws.
   */
  tell(place: Place, change: (row: TopUp) => Partial<PaymentFacts>, actor: Actor): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        const row = await this.store.lock(tx, place);
        if (!row) throw topUpErrors.not_found();
        const facts = change(row);
        await this.settle(tx, row, unite(factsOf(row), facts), actor);
      },
      { keepsAccess: true },
    );
  }

  /** An event that came before the one that names the payment: the provider knows whose it is. */
  private async linked(provider: ProviderName, notice: PaymentNotice): Promise<PaymentNotice> {
    const { topUpId, checkoutId, paymentId } = notice;
    if (topUpId || checkoutId || !paymentId) return notice;
    if (await this.store.locate(this.db.reader, provider, notice)) return notice;
    try {
      return { ...notice, topUpId: await this.providers.named(provider).topUpOf(paymentId) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // It waits for the event that names it.
      return notice;
    }
  }

  /** Unites what is said with what is known, and brings the books to it. */
  private async apply(tx: Tx, place: Place, notice: PaymentNotice, actor: Actor): Promise<void> {
    const row = await this.store.lock(tx, place);
    if (!row) return;
    const { provider, id } = row;
    if (row.checkoutId && notice.checkoutId && row.checkoutId !== notice.checkoutId) {
      return this.logger.warn(`an event about top-up ${id} names another checkout: ${notice.checkoutId}`);
    }
    let facts = unite(factsOf(row), notice.facts);
    if (notice.paymentId && notice.paymentId !== row.paymentId) {
      if (row.paymentId || !(await this.heard.assign(tx, provider, notice.paymentId, id))) {
        // A failed try has its own payment at some providers; what counts is the one that paid.
        if (notice.facts.paid) this.logger.error(`payment ${notice.paymentId} pays a second time for ${id}: refund it`);
        return;
      }
      row.paymentId = notice.paymentId;
      for (const waiting of await this.heard.takeWaiting(tx, provider, notice.paymentId)) {
        facts = unite(facts, waiting.facts);
      }
    }
    await this.settle(tx, row, facts, actor);
  }

  /** Grants what was paid, once, and takes back or freezes what refunds and disputes are about. */
  private async settle(tx: Tx, row: TopUp, facts: PaymentFacts, actor: Actor): Promise<void> {
    const before = factsOf(row);
    const wasGranted = row.lotId !== null;
    const priceMinor = Number(row.priceMinor);
    // Nobody is there to try again with what was made by itself.
    const over = facts.over || (row.auto && facts.failure !== null && !facts.paid);
    const after = { ...facts, over, refundedMinor: Math.min(facts.refundedMinor, priceMinor) };
    if (after.paid && row.lotId === null) row.lotId = await this.grant(tx, row);
    const granted = row.lotId !== null;
    if (granted) await this.reverse(tx, row, after);
    const state = stateOf(after, { granted, open: row.state !== 'created' || row.paymentId !== null, priceMinor });
    Object.assign(row, { state, refundedMinor: String(after.refundedMinor), disputes: after.disputes });
    row.failure = after.failure;
    if (after.paid) row.paidAt ??= new Date();
    await this.store.update(tx, row, granted || state === 'failed');
    if (row.auto && granted && !wasGranted) await this.autoTopUps.paid(tx, row.organizationId);
    if (row.auto && after.over && !before.over && !after.paid) await this.autoTopUps.declined(tx, row.organizationId);
    // Before it is granted, nothing that goes back is of interest to anybody: it comes with the grant.
    if (!granted && state !== 'failed') return;
    const known = wasGranted || !granted ? before : { ...before, refundedMinor: 0, disputes: {} };
    for (const type of eventsBetween(known, after, granted && !wasGranted)) await this.record(tx, type, row, actor);
  }

  /** The lot; null when the books could not take so much, which is tried again. */
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
    this.logger.error(`top-up ${row.id} is paid and cannot be granted: ${String(outcome.body.code)}`);
    return null;
  }

  private async reverse(tx: Tx, row: TopUp, facts: PaymentFacts): Promise<void> {
    const target = reversalOf(facts, BigInt(row.credits), Number(row.priceMinor));
    const clawBack = target.clawedBack - BigInt(row.clawedBack);
    const frozen = BigInt(row.frozen);
    // What is neither more nor less is left alone.
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

  private record(tx: Tx, type: EventType, row: TopUp, actor: Actor): Promise<void> {
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
        },
      },
    );
  }
}
