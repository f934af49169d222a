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
 * What is known of a payment. Each fact only ever grows: paid stays paid, the refunded amount is the sum of all refunds,
 * a dispute goes from open to its end. So whatever order events come in, and however often, they end in the same facts.
 */
export interface PaymentFacts {
  paid: boolean;
  /** So far, altogether. */
  refundedMinor: number;
  disputes: Record<string, Dispute>;
  /** Why nothing comes of the checkout, or of the last try. */
  failure: string | null;
  /** No try comes after the failure. */
  over: boolean;
}

const later = (a: Dispute, b: Dispute): Dispute => ({
  state: DISPUTE_STATES.indexOf(a.state) >= DISPUTE_STATES.indexOf(b.state) ? a.state : b.state,
  amountMinor: Math.max(a.amountMinor, b.amountMinor),
});

/** What two accounts of the same payment come to: the same whichever came first. */
export function unite(known: PaymentFacts, said: Partial<PaymentFacts>): PaymentFacts {
  const disputes = { ...known.disputes };
  for (const [id, dispute] of Object.entries(said.disputes ?? {})) {
    const before = disputes[id];
    disputes[id] = before ? later(before, dispute) : dispute;
  }
  return {
    paid: known.paid || said.paid === true,
    refundedMinor: Math.max(known.refundedMinor, said.refundedMinor ?? 0),
    disputes,
    failure: said.failure ?? known.failure,
    over: known.over || said.over === true,
  };
}

/** What the facts mean for the credits that were bought. */
export interface Reversal {
  /** Gone for good, because the money is. */
  clawedBack: Micro;
  /** Kept out of the lot while a dispute is open. */
  frozen: Micro;
}

const sumOf = (facts: PaymentFacts, state: DisputeState): number =>
  Object.values(facts.disputes).reduce((sum, dispute) => sum + (dispute.state === state ? dispute.amountMinor : 0), 0);

/** Of the credits, as much as of the money; rounded down, in favour of the organization. */
export function reversalOf(facts: PaymentFacts, credits: Micro, priceMinor: number): Reversal {
  const share = (minor: number): Micro => (credits * BigInt(Math.min(minor, priceMinor))) / BigInt(priceMinor);
  const gone = facts.refundedMinor + sumOf(facts, 'lost');
  const clawedBack = share(gone);
  return { clawedBack, frozen: share(gone + sumOf(facts, 'open')) - clawedBack };
}

/** Where a top-up stands, by what is known. `open`: there is a checkout, or a payment that is on its way. */
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
