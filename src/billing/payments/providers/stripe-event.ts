import type { Dispute, DisputeState, Refund, RefundFacts } from '../payment-facts.js';
import { topUpErrors } from '../top-up.errors.js';
import type { PaymentNotice, ReportedMoney } from './payment-provider.js';

type Json = Record<string, unknown>;

const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : null;

/** Returns the id of a reference, which Stripe sends as an id or as the expanded object. */
const idOf = (value: unknown): string | null => text(value) ?? text(object(value)?.id);

/** Reads an amount in the smallest unit of the currency. Anything else counts as 0. */
const minor = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Returns the top-up id that was passed to the provider. */
function topUpIdOf(source: Json): string | null {
  const id = text(source.client_reference_id) ?? text(object(source.metadata)?.topUpId);
  return id && UUID.test(id) ? id.toLowerCase() : null;
}

/** Returns the organization id that was passed to the provider. */
const organizationIdOf = (source: Json): string | null => text(object(source.metadata)?.organizationId);

/** Reads what was paid. Keeps zero and negative amounts, so that they differ from the price. */
const moneyOf = ({ currency }: Json, amount: unknown): ReportedMoney => ({
  amountMinor: Number.isSafeInteger(amount) ? (amount as number) : null,
  currency: text(currency)?.toUpperCase() ?? null,
});

type NoticeContent = Omit<PaymentNotice, 'eventId' | 'type'>;

const contentOf = (source: Json, more: Partial<NoticeContent>): NoticeContent => ({
  topUpId: topUpIdOf(source),
  organizationId: organizationIdOf(source),
  money: moneyOf(source, null),
  checkoutId: null,
  paymentId: null,
  facts: {},
  ...more,
});

const currencyOf = ({ currency }: Json): string | null => text(currency)?.toUpperCase() ?? null;

/** Reads a time in seconds. Null when it is missing. */
const seconds = (value: unknown): number | null => (Number.isSafeInteger(value) ? (value as number) : null);

/** Reads a Checkout Session. */
export function readSession(session: Json): NoticeContent {
  const paid = session.payment_status === 'paid';
  const expired = session.status === 'expired';
  // The payer is done, and the money is on its way.
  const processing = session.status === 'complete' && session.payment_status === 'unpaid';
  return contentOf(session, {
    checkoutId: idOf(session),
    paymentId: idOf(session.payment_intent),
    money: moneyOf(session, session.amount_total),
    facts: {
      ...(paid && { paid }),
      ...(processing && { processing }),
      ...(expired && !paid && { failure: 'expired', over: true }),
    },
  });
}

/** Failure codes that are passed on. All others are reported as `declined`. */
const FAILURES: Record<string, string> = { authentication_required: 'authentication_required' };

/** Maps a Stripe error code to the reason a payment failed. */
export const failureOf = (code: unknown): string => FAILURES[text(code) ?? ''] ?? 'declined';

const NEVER_PAID_BACK = ['failed', 'canceled'];

/** Reads one refund, as it is at `at`. */
function refundOf(refund: Json, at: number, type: string): Record<string, Refund> {
  const failed = type === 'refund.failed' || NEVER_PAID_BACK.includes(text(refund.status) ?? '');
  const created = seconds(refund.created) ?? (type === 'refund.created' ? at : 0);
  const id = idOf(refund);
  const known: Refund = {
    amountMinor: minor(refund.amount),
    currency: currencyOf(refund),
    // A refund does not fail in the second it is made, so the time is then that of the report.
    createdAt: failed && created >= at ? 0 : created,
    failedAt: failed ? at : null,
  };
  return id && known.amountMinor > 0 ? { [id]: known } : {};
}

interface ChargeRefunds {
  exact: NonNullable<RefundFacts['exact']>;
  charged: Record<string, number>;
  byId: Record<string, Refund>;
}

/** Returns what a charge states about its refunds: their total, and each of them where they are included. */
function refundsOf(charge: Json, at: number): ChargeRefunds {
  const currency = currencyOf(charge);
  const amount = minor(charge.amount);
  const data = object(charge.refunds)?.data;
  const refunds = (Array.isArray(data) ? data : []).map((one) =>
    refundOf({ currency: charge.currency, ...object(one) }, at, ''),
  );
  return {
    exact: { amountMinor: minor(charge.amount_refunded), currency, at },
    charged: currency && amount > 0 ? { [currency]: amount } : {},
    byId: Object.assign({}, ...refunds) as Record<string, Refund>,
  };
}

/** `at` is the time of the event or of the answer that contains the object. */
export function readPaymentIntent(intent: Json, at: number): NoticeContent {
  const paid = intent.status === 'succeeded';
  const error = object(intent.last_payment_error);
  const charge = object(intent.latest_charge);
  return contentOf(intent, {
    paymentId: idOf(intent),
    // A partial capture receives less than the amount that was authorized.
    money: moneyOf(intent, intent.amount_received),
    facts: {
      ...(paid && { paid }),
      ...(intent.status === 'processing' && { processing: true }),
      ...(!paid && error && { failure: failureOf(error.code) }),
      ...(!paid && intent.status === 'canceled' && { failure: 'cancelled', over: true }),
      ...(charge && Number.isSafeInteger(charge.amount_refunded) && { refunds: refundsOf(charge, at) }),
    },
  });
}

/** Reads a charge, whose `amount_refunded` is the sum of all refunds that have not failed so far. */
function readCharge(charge: Json, at: number): NoticeContent {
  const { exact, charged, byId } = refundsOf(charge, at);
  return contentOf(charge, {
    paymentId: idOf(charge.payment_intent),
    // The event is sent for a new refund. A lower total than before is therefore an older one.
    facts: { refunds: { totals: [exact], charged, byId } },
  });
}

/** Reads a refund. When it failed and is not named, the total that the event states tells what remains refunded. */
function readRefund(source: Json, at: number, type: string): NoticeContent {
  const refund = source.object === 'charge' ? null : source;
  const charge = refund ? object(refund.charge) : source;
  const byId = refund ? refundOf(refund, at, type) : {};
  const unnamed = type === 'refund.failed' && Object.keys(byId).length === 0;
  const states = [charge, refund].find((one) => Number.isSafeInteger(one?.amount_refunded));
  return contentOf(source, {
    paymentId: idOf(source.payment_intent) ?? idOf(charge?.payment_intent),
    facts: {
      refunds: {
        byId,
        ...(states && unnamed && { exact: refundsOf(states, at).exact }),
        ...(charge && { charged: refundsOf(charge, at).charged }),
      },
    },
  });
}

/** Returns null for an inquiry, because it withdraws no money and is not a dispute yet. */
function disputeStateOf(status: unknown, type: string): DisputeState | null {
  if (status === 'won' || type === 'charge.dispute.funds_reinstated') return 'won';
  if (status === 'lost') return 'lost';
  const taken = type === 'charge.dispute.funds_withdrawn';
  return taken || (typeof status === 'string' && ['needs_response', 'under_review'].includes(status)) ? 'open' : null;
}

export function readDispute(dispute: Json, at: number, type = ''): NoticeContent {
  const state = disputeStateOf(dispute.status, type);
  const id = idOf(dispute);
  const known: Dispute | null = state && {
    state,
    amountMinor: minor(dispute.amount),
    currency: currencyOf(dispute),
    at,
  };
  const charge = object(dispute.charge);
  return contentOf(dispute, {
    paymentId: idOf(dispute.payment_intent) ?? idOf(charge?.payment_intent),
    facts: {
      disputes: known && id ? { [id]: known } : {},
      ...(charge && { refunds: { charged: refundsOf(charge, at).charged } }),
    },
  });
}

function readFailedSession(session: Json): NoticeContent {
  const content = readSession(session);
  return { ...content, facts: { failure: 'declined', over: true, ...content.facts } };
}

const READERS: Record<string, (source: Json, at: number, type: string) => NoticeContent> = {
  'checkout.session.completed': readSession,
  'checkout.session.async_payment_succeeded': readSession,
  'checkout.session.async_payment_failed': readFailedSession,
  'checkout.session.expired': readSession,
  'payment_intent.succeeded': readPaymentIntent,
  'payment_intent.payment_failed': readPaymentIntent,
  'payment_intent.canceled': readPaymentIntent,
  'payment_intent.processing': readPaymentIntent,
  'charge.refunded': readCharge,
  'charge.refund.updated': readRefund,
  'refund.created': readRefund,
  'refund.updated': readRefund,
  'refund.failed': readRefund,
  'charge.dispute.created': readDispute,
  'charge.dispute.updated': readDispute,
  'charge.dispute.closed': readDispute,
  'charge.dispute.funds_withdrawn': readDispute,
  'charge.dispute.funds_reinstated': readDispute,
};

/** Parses an event in Stripe's format. Returns null for an event type that is not used. */
export function parseStripeEvent(event: unknown): PaymentNotice | null {
  const body = object(event);
  const eventId = text(body?.id);
  const type = text(body?.type);
  const source = object(object(body?.data)?.object);
  if (!eventId || !type || !source) throw topUpErrors.invalid_event();
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  const at = seconds(body?.created) ?? Math.floor(Date.now() / 1000);
  return read ? { eventId, type, ...read(source, at, type) } : null;
}
