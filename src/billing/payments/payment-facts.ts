import type { Micro } from '../../common/money/index.js';

export const TOP_UP_STATES = [
  'created',
  'checkout_open',
  'paid',
  'granted',
  'partially_refunded',
  'refunded',
  'disputed',
  'won',
  'lost',
  'failed',
] as const;
export type TopUpState = (typeof TOP_UP_STATES)[number];

const DISPUTE_STATES = ['open', 'won', 'lost'] as const;
export type DisputeState = (typeof DISPUTE_STATES)[number];

export interface Dispute {
  state: DisputeState;
  amountMinor: number;
}

/**
 * Describes what is known about a payment. Each fact only ever grows: paid stays paid, the refunded amount is the sum of
 * all refunds, and a dispute moves from open to closed. Events therefore lead to the same facts in any order, and repeats
 * change nothing.
 */
export interface PaymentFacts {
  paid: boolean;
  /** The sum of all refunds so far. */
  refundedMinor: number;
  disputes: Record<string, Dispute>;
  /** Why the checkout, or its last attempt, failed. */
  failure: string | null;
  /** True when no further attempt can follow the failure. */
  over: boolean;
}

const laterDispute = (a: Dispute, b: Dispute): Dispute => ({
  state: DISPUTE_STATES.indexOf(a.state) >= DISPUTE_STATES.indexOf(b.state) ? a.state : b.state,
  amountMinor: Math.max(a.amountMinor, b.amountMinor),
});

/** Merges two reports about the same payment. The result does not depend on their order. */
export function mergeFacts(known: PaymentFacts, reported: Partial<PaymentFacts>): PaymentFacts {
  const disputes = { ...known.disputes };
  for (const [id, dispute] of Object.entries(reported.disputes ?? {})) {
    const before = disputes[id];
    disputes[id] = before ? laterDispute(before, dispute) : dispute;
  }
  return {
    paid: known.paid || reported.paid === true,
    refundedMinor: Math.max(known.refundedMinor, reported.refundedMinor ?? 0),
    disputes,
    failure: reported.failure ?? known.failure,
    over: known.over || reported.over === true,
  };
}

/** The part of the purchased credits that refunds and disputes affect. */
export interface Reversal {
  /** Taken back permanently because the money was paid back. */
  clawedBack: Micro;
  /** Withheld from the lot while a dispute is open. */
  frozen: Micro;
}

const sumOf = (facts: PaymentFacts, state: DisputeState): number =>
  Object.values(facts.disputes).reduce((sum, dispute) => sum + (dispute.state === state ? dispute.amountMinor : 0), 0);

/** Returns the credits to take back or freeze, in proportion to the money. Rounds down, in favor of the organization. */
export function reversalOf(facts: PaymentFacts, credits: Micro, priceMinor: number): Reversal {
  const share = (minor: number): Micro => (credits * BigInt(Math.min(minor, priceMinor))) / BigInt(priceMinor);
  const gone = facts.refundedMinor + sumOf(facts, 'lost');
  const clawedBack = share(gone);
  return { clawedBack, frozen: share(gone + sumOf(facts, 'open')) - clawedBack };
}

/** Derives the state of a top-up from the facts. `open` means that a checkout or a pending payment exists. */
export function stateOf(
  facts: PaymentFacts,
  { granted, open, priceMinor }: { granted: boolean; open: boolean; priceMinor: number },
): TopUpState {
  if (!facts.paid) return facts.over ? 'failed' : open ? 'checkout_open' : 'created';
  if (!granted) return 'paid';
  const states = new Set(Object.values(facts.disputes).map(({ state }) => state));
  if (states.has('lost')) return 'lost';
  if (states.has('open')) return 'disputed';
  if (facts.refundedMinor >= priceMinor) return 'refunded';
  if (facts.refundedMinor > 0) return 'partially_refunded';
  return states.has('won') ? 'won' : 'granted';
}
