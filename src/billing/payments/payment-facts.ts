import type { Micro } from '../../common/money/index.js';

export const TOP_UP_STATES = [
  'created',
  'checkout_open',
  'processing',
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

/** Matches top-ups that are neither granted nor failed. */
export const IN_FLIGHT = "state in ('created', 'checkout_open', 'processing', 'paid')";

export type DisputeState = 'open' | 'won' | 'lost';

/** An amount at the provider. `currency` is null when it is the top-up's own or was not stated. */
interface ProviderAmount {
  amountMinor: number;
  currency?: string | null;
}

/** `at` is when the provider reported the state, in seconds since 1970. */
export interface Dispute extends ProviderAmount {
  state: DisputeState;
  at?: number;
}

/** The sum of the refunds that had not failed at an instant. */
export interface RefundTotal extends ProviderAmount {
  at: number;
}

export interface Refund extends ProviderAmount {
  createdAt: number;
  /** When the refund failed or was canceled, so that the money stayed. */
  failedAt: number | null;
}

export interface RefundFacts {
  /**
   * A total that says how much was refunded, also when it is less than what was reported before. `reported` means that a
   * higher one had arrived before it.
   */
  exact: (RefundTotal & { reported?: boolean }) | null;
  /** Totals that say at least how much was refunded, unless refunds failed since. Only later ones than `exact`. */
  totals: RefundTotal[];
  /** Refunds that were reported one by one, by the provider's id. */
  byId: Record<string, Refund>;
  /** What was charged, by currency, for payments that the payer made in another currency. */
  charged: Record<string, number>;
}

/**
 * Describes what is known about a payment. Reports arrive repeatedly and in any order, and what they say can be taken back:
 * refunds fail, lost disputes are won later. Every report is therefore kept with its time as far as it still matters, and
 * what the books must hold is derived from all of them by `booksOf`.
 */
export interface PaymentFacts {
  paid: boolean;
  /** True once the payer has paid by a method that takes days, as a bank debit. */
  processing: boolean;
  refunds: RefundFacts;
  disputes: Record<string, Dispute>;
  /** Why the checkout, or its last attempt, failed. */
  failure: string | null;
  /** True when no further attempt can follow the failure. */
  over: boolean;
}

export type ReportedFacts = Partial<Omit<PaymentFacts, 'refunds'>> & { refunds?: Partial<RefundFacts> };

export const NO_REFUNDS: RefundFacts = { exact: null, totals: [], byId: {}, charged: {} };

const isClosed = ({ state }: Dispute): boolean => state !== 'open';

/** A closed dispute never opens again, but the outcome can change. The later report counts, then the one that arrived last. */
function laterDispute(known: Dispute, reported: Dispute): Dispute {
  const later = isClosed(known) === isClosed(reported) ? (reported.at ?? 0) >= (known.at ?? 0) : isClosed(reported);
  const { state, at, currency } = later ? reported : known;
  return { state, at, currency, amountMinor: Math.max(known.amountMinor, reported.amountMinor) };
}

function mergeRefund(known: Refund | undefined, reported: Refund): Refund {
  if (!known) return reported;
  const failures = [known.failedAt, reported.failedAt].filter((at) => at !== null);
  return {
    ...known,
    amountMinor: Math.max(known.amountMinor, reported.amountMinor),
    createdAt: Math.min(known.createdAt, reported.createdAt),
    failedAt: failures.length > 0 ? Math.min(...failures) : null,
  };
}

/** Drops totals that others include: an earlier one that is not higher says nothing. */
const relevantTotals = (totals: readonly RefundTotal[], exact: RefundTotal | null): RefundTotal[] =>
  totals
    .filter(({ at }) => exact === null || at > exact.at)
    .filter(
      (one, index, all) =>
        !all.some(
          (other, place) =>
            other.amountMinor >= one.amountMinor &&
            other.at >= one.at &&
            (place < index || other.amountMinor > one.amountMinor || other.at > one.at),
        ),
    )
    .sort((a, b) => a.at - b.at);

/** Failed refunds are reported with the total that remains, so the lower one of the same second is the later one. */
function laterTotal(known: RefundFacts['exact'], reported: RefundFacts['exact']): RefundFacts['exact'] {
  if (known === null || reported === null) return known ?? reported;
  if (known.at !== reported.at) return known.at > reported.at ? known : reported;
  return known.amountMinor < reported.amountMinor ? known : reported;
}

/** Adds a fraction to the second `at`, so that what arrives later in a second counts as later. */
function afterTotals(at: number, { totals }: RefundFacts): number {
  return Math.max(at, ...totals.filter((one) => Math.floor(one.at) === at).map((one) => one.at));
}

/** If a refund was reported and failed within one second, a total that arrives after both is of another refund. */
function afterFailures(total: RefundTotal, { totals, byId, exact }: RefundFacts): RefundTotal {
  const { at } = total;
  const failures = [
    ...Object.values(byId).map(({ failedAt }) => failedAt ?? 0),
    ...(exact?.reported ? [exact.at] : []),
  ].filter((failedAt) => Math.floor(failedAt) === at);
  const isOther = failures.length > 0 && (exact?.reported === true || totals.some((one) => Math.floor(one.at) === at));
  return isOther ? { ...total, at: (Math.max(...failures) + at + 1) / 2 } : total;
}

function mergeRefunds(known: RefundFacts, reported: Partial<RefundFacts>): RefundFacts {
  const byId = { ...known.byId };
  for (const [id, refund] of Object.entries(reported.byId ?? {})) {
    const { failedAt } = refund;
    byId[id] = mergeRefund(byId[id], {
      ...refund,
      failedAt: failedAt === null ? null : afterTotals(failedAt, known),
    });
  }
  const wasReported = known.totals.length > 0 && { reported: true };
  const remaining = reported.exact && { ...reported.exact, ...wasReported, at: afterTotals(reported.exact.at, known) };
  const exact = laterTotal(known.exact, remaining ?? null);
  const newTotals = (reported.totals ?? []).map((total) => afterFailures(total, known));
  return {
    exact,
    totals: relevantTotals([...known.totals, ...newTotals], exact),
    byId,
    charged: { ...known.charged, ...reported.charged },
  };
}

/**
 * Merges two reports about the same payment. The result does not depend on their order, except for contradictions within one
 * second.
 */
export function mergeFacts(known: PaymentFacts, reported: ReportedFacts): PaymentFacts {
  const disputes = { ...known.disputes };
  for (const [id, dispute] of Object.entries(reported.disputes ?? {})) {
    const before = disputes[id];
    disputes[id] = before ? laterDispute(before, dispute) : dispute;
  }
  return {
    paid: known.paid || reported.paid === true,
    processing: known.processing || reported.processing === true,
    refunds: mergeRefunds(known.refunds, reported.refunds ?? {}),
    disputes,
    failure: reported.failure ?? known.failure,
    over: known.over || reported.over === true,
  };
}

/**
 * Merges what the provider answered when it was asked. The answer is the truth about everything that was known when the
 * question was sent, whatever the reports said. Later reports count from then on.
 */
export function mergeAnswer(known: PaymentFacts, answered: ReportedFacts): PaymentFacts {
  const disputes = { ...known.disputes };
  for (const [id, dispute] of Object.entries(answered.disputes ?? {})) {
    disputes[id] = { ...dispute, at: Math.max(dispute.at ?? 0, known.disputes[id]?.at ?? 0) };
  }
  const merged = mergeFacts({ ...known, disputes }, { ...answered, disputes: {} });
  const exact = answered.refunds?.exact;
  if (!exact) return merged;
  const byId: Record<string, Refund> = {};
  for (const [id, refund] of Object.entries(merged.refunds.byId)) {
    const { createdAt, failedAt } = refund;
    byId[id] = {
      ...refund,
      createdAt: Math.min(createdAt, exact.at),
      failedAt: failedAt === null ? null : Math.min(failedAt, exact.at),
    };
  }
  return { ...merged, refunds: { ...merged.refunds, exact, totals: [], byId } };
}

/** A share of a payment, as a fraction. */
type Share = readonly [part: bigint, whole: bigint];
const NOTHING: Share = [0n, 1n];
const add = ([a, b]: Share, [c, d]: Share): Share => [a * d + c * b, b * d];
const of = (amount: bigint, [part, whole]: Share): bigint => (part >= whole ? amount : (amount * part) / whole);

/** The price that a payment was made for. */
export interface Price {
  minor: number;
  currency: string;
}

/** Returns what an amount is of the payment. Null when it is in a currency in which the charge is not known. */
function shareOf({ amountMinor, currency }: ProviderAmount, facts: PaymentFacts, price: Price): Share | null {
  const own = !currency || currency === price.currency;
  const whole = own ? price.minor : facts.refunds.charged[currency];
  return whole ? [BigInt(Math.max(amountMinor, 0)), BigInt(whole)] : null;
}

/** Returns the refunded amount by currency: the highest that any total and the refunds since prove. */
function refundedAmounts({ exact, totals, byId }: RefundFacts, price: Price): ProviderAmount[] {
  const refunds = Object.values(byId);
  const currencyOf = ({ currency }: ProviderAmount) => (currency && currency !== price.currency ? currency : null);
  const bases = [exact ?? { amountMinor: 0, at: -1, currency: null }, ...totals];
  const currencies = new Set([...bases, ...refunds].map(currencyOf));
  return [...currencies].map((currency) => {
    const known = refunds.filter((one) => currencyOf(one) === currency);
    const provenBy = ({ amountMinor, at }: RefundTotal, isTotal: boolean): number => {
      let sum = amountMinor;
      for (const { createdAt, failedAt, amountMinor: refunded } of known) {
        // A refund is reported together with its total, which already includes it.
        if (failedAt === null) sum += !isTotal && createdAt > at ? refunded : 0;
        else if (createdAt <= at && (isTotal ? failedAt >= at : failedAt > at)) sum -= refunded;
      }
      return sum;
    };
    const proven = bases.filter((base) => base.amountMinor === 0 || currencyOf(base) === currency);
    return { currency, amountMinor: Math.max(0, ...proven.map((base) => provenBy(base, totals.includes(base)))) };
  });
}

/** What the books must hold for a payment. */
export interface PaymentBooks {
  /** Taken back because the money was paid back. */
  clawedBack: Micro;
  /** Withheld from the lot while a dispute is open. */
  frozen: Micro;
  /** The refunded part of the price, in its smallest unit. Rounded down. */
  refundedMinor: number;
  /** The part of the price that lost disputes took. */
  lostMinor: number;
  /** True when something was paid back in a currency in which the charge is not known, which is not counted. */
  unclear: boolean;
}

/**
 * Derives what the books must hold from the facts of a payment. Credits follow the share of the payment that went back,
 * so the currency it was made in does not matter. Rounds down, in favor of the organization.
 */
export function booksOf(facts: PaymentFacts, credits: Micro, price: Price): PaymentBooks {
  let unclear = false;
  const sum = (amounts: readonly ProviderAmount[]): Share =>
    amounts.reduce<Share>((total, amount) => {
      const share = amount.amountMinor === 0 ? NOTHING : shareOf(amount, facts, price);
      if (share === null) unclear = true;
      return share === null ? total : add(total, share);
    }, NOTHING);
  const inState = (state: DisputeState) => Object.values(facts.disputes).filter((dispute) => dispute.state === state);
  const refunded = sum(refundedAmounts(facts.refunds, price));
  const lost = sum(inState('lost'));
  const gone = add(refunded, lost);
  const clawedBack = of(credits, gone);
  const frozen = of(credits, add(gone, sum(inState('open')))) - clawedBack;
  const [refundedMinor, lostMinor] = [refunded, lost].map((share) => Number(of(BigInt(price.minor), share)));
  return { clawedBack, frozen, refundedMinor: refundedMinor ?? 0, lostMinor: lostMinor ?? 0, unclear };
}

/** How the ledger gets from what it holds to what it must hold. */
export interface Reversal {
  thaw: Micro;
  clawBack: Micro;
  giveBack: Micro;
  /** At most what the lot still has. */
  freeze: Micro;
}

/** Returns null when the ledger holds what it must. What is frozen is released first when credits move. */
export function reversalTo(
  target: PaymentBooks,
  { clawedBack, frozen }: { clawedBack: Micro; frozen: Micro },
): Reversal | null {
  const change = target.clawedBack - clawedBack;
  if (change === 0n && target.frozen === frozen) return null;
  const thaw = change !== 0n || target.frozen < frozen ? frozen : 0n;
  return {
    thaw,
    clawBack: change > 0n ? change : 0n,
    giveBack: change < 0n ? -change : 0n,
    freeze: target.frozen - (frozen - thaw),
  };
}

/** Derives the state of a top-up from the facts. `open` means that a checkout or a pending payment exists. */
export function stateOf(
  facts: PaymentFacts,
  { granted, open, price }: { granted: boolean; open: boolean; price: Price },
): TopUpState {
  if (!facts.paid) return facts.over ? 'failed' : facts.processing ? 'processing' : open ? 'checkout_open' : 'created';
  if (!granted) return 'paid';
  const states = new Set(Object.values(facts.disputes).map(({ state }) => state));
  if (states.has('lost')) return 'lost';
  if (states.has('open')) return 'disputed';
  const { refundedMinor } = booksOf(facts, 1n, price);
  if (refundedMinor >= price.minor) return 'refunded';
  if (refundedMinor > 0) return 'partially_refunded';
  return states.has('won') ? 'won' : 'granted';
}

/**
 * Tells whether a report contradicts what is known so that its time alone cannot say which is right: another outcome of a
 * closed dispute, a higher total after a refund failed, or an amount in a currency in which the charge is not known.
 */
export function isDoubtful(known: PaymentFacts, reported: ReportedFacts, price: Price): boolean {
  const flips = Object.entries(reported.disputes ?? {}).some(([id, { state }]) => {
    const before = known.disputes[id];
    return before !== undefined && before.state !== 'open' && state !== 'open' && before.state !== state;
  });
  const failed = Object.values(known.refunds.byId).some(({ failedAt }) => failedAt !== null);
  const after = mergeFacts(known, reported);
  const [before, now] = [booksOf(known, 1_000_000_000n, price), booksOf(after, 1_000_000_000n, price)];
  return flips || now.unclear || (failed && now.refundedMinor > before.refundedMinor);
}

/** Tells whether two sets of facts lead to the same books and state. */
export function isSame(known: PaymentFacts, facts: PaymentFacts, price: Price): boolean {
  const essence = (one: PaymentFacts) => {
    const states = Object.entries(one.disputes).map(([id, { state, amountMinor }]) => `${id} ${state} ${amountMinor}`);
    const { refundedMinor, unclear } = booksOf(one, 0n, price);
    return JSON.stringify([one.paid, refundedMinor, unclear, states.sort()]);
  };
  return essence(known) === essence(facts);
}
