import type { Dispute, DisputeState } from '../payment-facts.js';
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

/** Reads a Checkout Session. */
export function readSession(session: Json): NoticeContent {
  const paid = session.payment_status === 'paid';
  const expired = session.status === 'expired';
  return contentOf(session, {
    checkoutId: idOf(session),
    paymentId: idOf(session.payment_intent),
    money: moneyOf(session, session.amount_total),
    facts: { ...(paid && { paid }), ...(expired && !paid && { failure: 'expired', over: true }) },
  });
}

/** Failure codes that are passed on. All others are reported as `declined`. */
const FAILURES: Record<string, string> = { authentication_required: 'authentication_required' };

/** Maps a Stripe error code to the reason a payment failed. */
export const failureOf = (code: unknown): string => FAILURES[text(code) ?? ''] ?? 'declined';

export function readPaymentIntent(intent: Json): NoticeContent {
  const paid = intent.status === 'succeeded';
  const error = object(intent.last_payment_error);
  const charge = object(intent.latest_charge);
  return contentOf(intent, {
    paymentId: idOf(intent),
    // A partial capture receives less than the amount that was authorized.
    money: moneyOf(intent, intent.amount_received),
    facts: {
      ...(paid && { paid }),
      ...(!paid && error && { failure: failureOf(error.code) }),
      ...(!paid && intent.status === 'canceled' && { failure: 'cancelled', over: true }),
      ...(charge && { refundedMinor: minor(charge.amount_refunded) }),
    },
  });
}

/** Reads a charge, whose `amount_refunded` is the sum of all refunds so far. */
const readCharge = (charge: Json): NoticeContent =>
  contentOf(charge, {
    paymentId: idOf(charge.payment_intent),
    facts: { refundedMinor: minor(charge.amount_refunded) },
  });

/** Returns null for an inquiry, because it withdraws no money and is not a dispute yet. */
function disputeStateOf(status: unknown, type: string): DisputeState | null {
  if (status === 'won' || type === 'charge.dispute.funds_reinstated') return 'won';
  if (status === 'lost') return 'lost';
  const taken = type === 'charge.dispute.funds_withdrawn';
  return taken || (typeof status === 'string' && ['needs_response', 'under_review'].includes(status)) ? 'open' : null;
}

export function readDispute(dispute: Json, type: string): NoticeContent {
  const state = disputeStateOf(dispute.status, type);
  const id = idOf(dispute);
  const disputes: Record<string, Dispute> = state && id ? { [id]: { state, amountMinor: minor(dispute.amount) } } : {};
  return contentOf(dispute, { paymentId: idOf(dispute.payment_intent), facts: { disputes } });
}

function readFailedSession(session: Json): NoticeContent {
  const content = readSession(session);
  return { ...content, facts: { failure: 'declined', over: true, ...content.facts } };
}

const READERS: Record<string, (source: Json, type: string) => NoticeContent> = {
  'checkout.session.completed': readSession,
  'checkout.session.async_payment_succeeded': readSession,
  'checkout.session.async_payment_failed': readFailedSession,
  'checkout.session.expired': readSession,
  'payment_intent.succeeded': readPaymentIntent,
  'payment_intent.payment_failed': readPaymentIntent,
  'payment_intent.canceled': readPaymentIntent,
  'charge.refunded': readCharge,
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
  return read ? { eventId, type, ...read(source, type) } : null;
}
