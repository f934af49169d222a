import { Injectable, Logger } from '@nestjs/common';
import type { Actor } from '../../../common/access/index.js';
import type { Tx } from '../../../database/index.js';
import { toCredits } from '../../../common/money/index.js';
import { EventService, type EventType } from '../../../events/index.js';
import { isRefusal, LedgerService } from '../../ledger/index.js';
import { AutoTopUpOutcomeService } from '../auto-top-up-settings/auto-top-up-outcome.service.js';
import {
  booksOf,
  type DisputeState,
  NO_REFUNDS,
  type PaymentBooks,
  type PaymentFacts,
  type Price,
  reversalTo,
  stateOf,
} from '../payment-facts.js';
import { ReceiptIssuerService } from '../receipt-numbers/receipt-issuer.service.js';
import type { TopUp } from './top-up.entity.js';
import { TopUpStore } from './top-up.store.js';

const EVENT_OF_DISPUTE: Record<DisputeState, EventType> = {
  open: 'top_up.disputed',
  won: 'top_up.dispute_won',
  lost: 'top_up.dispute_lost',
};

export const priceOf = ({ priceMinor, currency }: TopUp): Price => ({ minor: Number(priceMinor), currency });

/** Refunds of a row that was written before their details were kept. */
const refundsBefore = ({ refundedMinor }: TopUp): PaymentFacts['refunds'] =>
  refundedMinor === '0' ? NO_REFUNDS : { ...NO_REFUNDS, totals: [{ amountMinor: Number(refundedMinor), at: 0 }] };

export const factsOf = (row: TopUp): PaymentFacts => ({
  paid: row.paidAt !== null,
  processing: row.processing,
  refunds: row.refunds ?? refundsBefore(row),
  disputes: row.disputes,
  failure: row.failure,
  over: row.state === 'failed',
});

/** The parts of the facts and the books that events tell about. */
type Told = Pick<PaymentFacts, 'paid' | 'over' | 'disputes'> & { refundedMinor: number };

/** Returns the events that lie between two sets of facts, in chronological order. */
function eventsBetween(before: Told, after: Told, grantedNow: boolean): EventType[] {
  const disputes = Object.entries(after.disputes)
    .filter(([id, { state }]) => before.disputes[id]?.state !== state)
    .map(([, { state }]) => EVENT_OF_DISPUTE[state]);
  return [
    ...(grantedNow ? (['top_up.granted'] as const) : []),
    ...(after.refundedMinor > before.refundedMinor ? (['top_up.refunded'] as const) : []),
    ...(after.refundedMinor < before.refundedMinor ? (['top_up.refund_failed'] as const) : []),
    ...disputes,
    ...(after.over && !before.over && !after.paid ? (['top_up.failed'] as const) : []),
  ];
}

/** Brings a top-up and the ledger in line with the facts of its payment. */
@Injectable()
export class SettlementService {
  private readonly logger = new Logger('Payments');

  constructor(
    private readonly store: TopUpStore,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
    private readonly autoTopUps: AutoTopUpOutcomeService,
    private readonly receipts: ReceiptIssuerService,
  ) {}

  /**
   * Grants a paid top-up once, takes back or freezes the credits that refunds and disputes affect, and gives them back when
   * those do not last. Returns the recorded events. `row` is locked.
   */
  async settle(tx: Tx, row: TopUp, facts: PaymentFacts, actor: Actor): Promise<EventType[]> {
    const before = { ...factsOf(row), refundedMinor: Number(row.refundedMinor) };
    const wasGranted = row.lotId !== null;
    // An automatic top-up has no payer who could try again.
    const over = facts.over || (row.auto && facts.failure !== null && !facts.paid);
    const price = priceOf(row);
    const books = booksOf(facts, BigInt(row.credits), price);
    const after = { ...facts, over, refundedMinor: books.refundedMinor };
    if (after.paid && row.lotId === null) row.lotId = await this.grant(tx, row);
    const granted = row.lotId !== null;
    if (granted) await this.applyReversal(tx, row, books);
    const state = stateOf(after, { granted, open: row.state !== 'created' || row.paymentId !== null, price });
    Object.assign(row, {
      state,
      refundedMinor: String(books.refundedMinor),
      refunds: facts.refunds,
      disputes: facts.disputes,
      processing: facts.processing,
      failure: facts.failure,
    });
    if (after.paid) row.paidAt ??= new Date();
    await this.store.update(tx, row, granted || state === 'failed');
    if (row.auto && granted && !wasGranted) await this.autoTopUps.onPaid(tx, row.organizationId);
    if (row.auto && after.over && !before.over && !after.paid) await this.autoTopUps.onDeclined(tx, row.organizationId);
    // Refunds and disputes before the grant are reported together with the grant.
    if (!granted && state !== 'failed') return [];
    const known = wasGranted || !granted ? before : { ...before, refundedMinor: 0, disputes: {} };
    const events = eventsBetween(known, after, granted && !wasGranted);
    for (const type of events) await this.record(tx, type, row, actor);
    const disputed = events.includes('top_up.disputed') || events.includes('top_up.dispute_lost');
    if (disputed) await this.autoTopUps.onPaidBack(tx, row.organizationId, 'payment_disputed');
    else if (events.includes('top_up.refunded')) {
      await this.autoTopUps.onPaidBack(tx, row.organizationId, 'payment_refunded');
    }
    if (granted && !wasGranted) await this.receipts.issue(tx, row);
    return events;
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

  private async applyReversal(tx: Tx, row: TopUp, target: PaymentBooks): Promise<void> {
    const frozen = BigInt(row.frozen);
    const reversal = reversalTo(target, { clawedBack: BigInt(row.clawedBack), frozen });
    if (reversal === null) return;
    const { body } = await this.ledger.execute(tx, row.organizationId, {
      type: 'reversal',
      topUpId: row.id,
      lotId: row.lotId ?? '',
      ...reversal,
      taken: (row.clawedLots ?? []).map(([lotId, amount]) => ({ lotId, amount: BigInt(amount) })),
      key: null,
      hash: '',
      actorId: null,
    });
    row.clawedBack = String(target.clawedBack);
    row.frozen = String(frozen - reversal.thaw + BigInt(String(body.frozen)));
    row.clawedLots = body.taken as [string, string][];
  }

  record(tx: Tx, type: EventType, row: TopUp, actor: Actor, more: object = {}): Promise<void> {
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
