import type { Dispute, DisputeState } from '../payment-facts.js';
import { topUpErrors } from '../top-up.errors.js';
import type { PaymentNotice } from './payment-provider.js';

type Json = Record<string, unknown>;

const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;

const text = (value: unknown): string | null =>
  typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : null;

/** An id, or the object it stands for where it was asked for whole. */
const idOf = (value: unknown): string | null => text(value) ?? text(object(value)?.id);

/** A whole number of the smallest unit; anything else is taken for none. */
const minor = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : 0;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Our name of the top-up, where it is one. */
function topUpIdOf(about: Json): string | null {
  const name = text(about.client_reference_id) ?? text(object(about.metadata)?.topUpId);
  return name && UUID.test(name) ? name.toLowerCase() : null;
}

type Said = Omit<PaymentNotice, 'eventId' | 'type'>;

const about = (what: Json, more: Partial<Said>): Said => ({
  topUpId: topUpIdOf(what),
  checkoutId: null,
  paymentId: null,
  facts: {},
  ...more,
});

/** A Checkout Session, whichever event it comes with: what it says of itself. */
export function ofSession(session: Json): Said {
  const paid = session.payment_status === 'paid';
  const expired = session.status === 'expired';
  return about(session, {
    checkoutId: idOf(session),
    paymentId: idOf(session.payment_intent),
    facts: { ...(paid && { paid }), ...(expired && !paid && { failure: 'expired', over: true }) },
  });
}

/** All others are called declined. */
const FAILURES: Record<string, string> = { authentication_required: 'authentication_required' };

/** Why a payment did not go through, by Stripe's code. */
export const failureOf = (code: unknown): string => FAILURES[text(code) ?? ''] ?? 'declined';

export function ofPaymentIntent(intent: Json): Said {
  const paid = intent.status === 'succeeded';
  const error = object(intent.last_payment_error);
  const charge = object(intent.latest_charge);
  return about(intent, {
    paymentId: idOf(intent),
    facts: {
      ...(paid && { paid }),
      ...(!paid && error && { failure: failureOf(error.code) }),
      ...(!paid && intent.status === 'canceled' && { failure: 'cancelled', over: true }),
      ...(charge && { refundedMinor: minor(charge.amount_refunded) }),
    },
  });
}

/** `amount_refunded` is the sum of all refunds so far. */
const ofCharge = (charge: Json): Said =>
  about(charge, { paymentId: idOf(charge.payment_intent), facts: { refundedMinor: minor(charge.amount_refunded) } });

/** An inquiry takes no money: it is no dispute yet. */
function disputeStateOf(status: unknown, type: string): DisputeState | null {
  if (status === 'won' || type === 'charge.dispute.funds_reinstated') return 'won';
  if (status === 'lost') return 'lost';
  const taken = type === 'charge.dispute.funds_withdrawn';
  return taken || (typeof status === 'string' && ['needs_response', 'under_review'].includes(status)) ? 'open' : null;
}

export function ofDispute(dispute: Json, type: string): Said {
  const state = disputeStateOf(dispute.status, type);
  const id = idOf(dispute);
  const disputes: Record<string, Dispute> = state && id ? { [id]: { state, amountMinor: minor(dispute.amount) } } : {};
  return about(dispute, { paymentId: idOf(dispute.payment_intent), facts: { disputes } });
}

function ofFailedSession(session: Json): Said {
  const said = ofSession(session);
  return { ...said, facts: { failure: 'declined', over: true, ...said.facts } };
}

const READERS: Record<string, (about: Json, type: string) => Said> = {
  'checkout.session.completed': ofSession,
  'checkout.session.async_payment_succeeded': ofSession,
  'checkout.session.async_payment_failed': ofFailedSession,
  'checkout.session.expired': ofSession,
  'payment_intent.succeeded': ofPaymentIntent,
  'payment_intent.payment_failed': ofPaymentIntent,
  'payment_intent.canceled': ofPaymentIntent,
  'charge.refunded': ofCharge,
  'charge.dispute.created': ofDispute,
  'charge.dispute.updated': ofDispute,
  'charge.dispute.closed': ofDispute,
  'charge.dispute.funds_withdrawn': ofDispute,
  'charge.dispute.funds_reinstated': ofDispute,
};

/** What an event in Stripe's form says; null: nothing of interest. Throws top_ups.invalid_event. */
export function noticeOf(event: unknown): PaymentNotice | null {
  const given = object(event);
  const eventId = text(given?.id);
  const type = text(given?.type);
  const what = object(object(given?.data)?.object);
  if (!eventId || !type || !what) throw topUpErrors.invalid_event();
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  return read ? { eventId, type, ...read(what, type) } : null;
}
