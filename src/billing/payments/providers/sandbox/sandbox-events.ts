import { newId } from '../../../../common/ids/index.js';
import type { SandboxPayment } from './sandbox.entity.js';

const plain = (id: string): string => id.replaceAll('-', '');

/** Ids of sandbox objects, in Stripe's format. */
export const checkoutIdOf = (id: string): string => `cs_sandbox_${plain(id)}`;
export const paymentIdOf = (id: string): string => `pi_sandbox_${plain(id)}`;
const disputeIdOf = (id: string): string => `dp_sandbox_${plain(id)}`;

/** Returns the top-up id that a sandbox payment id was made from, or null for any other id. */
export function topUpIdOf(paymentId: string): string | null {
  const hex = /^pi_sandbox_([\da-f]{32})$/.exec(paymentId)?.[1];
  return hex ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : null;
}

export interface SandboxEvent {
  id: string;
  object: 'event';
  type: string;
  created: number;
  livemode: false;
  data: { object: Record<string, unknown> };
}

const event = (type: string, object: Record<string, unknown>): SandboxEvent => ({
  id: `evt_sandbox_${plain(newId())}`,
  object: 'event',
  type,
  created: Math.floor(Date.now() / 1000),
  livemode: false,
  data: { object },
});

const isPaid = ({ state }: SandboxPayment): boolean => state !== 'open' && state !== 'declined';

export const sessionOf = (payment: SandboxPayment) => ({
  id: checkoutIdOf(payment.id),
  object: 'checkout.session',
  client_reference_id: payment.id,
  payment_intent: paymentIdOf(payment.id),
  payment_status: isPaid(payment) ? 'paid' : 'unpaid',
  status: isPaid(payment) ? 'complete' : 'open',
  amount_total: Number(payment.amountMinor),
  currency: payment.currency.toLowerCase(),
  metadata: { topUpId: payment.id, organizationId: payment.organizationId },
});

const DISPUTE_STATUS: Record<string, string> = { disputed: 'needs_response', won: 'won', lost: 'lost' };

export const disputeOf = (payment: SandboxPayment) => ({
  id: disputeIdOf(payment.id),
  object: 'dispute',
  payment_intent: paymentIdOf(payment.id),
  amount: Number(payment.amountMinor) - Number(payment.refundedMinor),
  currency: payment.currency.toLowerCase(),
  status: DISPUTE_STATUS[payment.state],
});

export const paid = (payment: SandboxPayment): SandboxEvent => event('checkout.session.completed', sessionOf(payment));

export const declined = (payment: SandboxPayment): SandboxEvent =>
  event('payment_intent.payment_failed', {
    id: paymentIdOf(payment.id),
    object: 'payment_intent',
    status: 'requires_payment_method',
    last_payment_error: { code: 'card_declined' },
    metadata: { topUpId: payment.id },
  });

export const refunded = (payment: SandboxPayment): SandboxEvent =>
  event('charge.refunded', {
    id: `ch_sandbox_${plain(payment.id)}`,
    object: 'charge',
    payment_intent: paymentIdOf(payment.id),
    amount: Number(payment.amountMinor),
    amount_refunded: Number(payment.refundedMinor),
    currency: payment.currency.toLowerCase(),
    refunded: payment.refundedMinor === payment.amountMinor,
  });

export const disputed = (payment: SandboxPayment): SandboxEvent[] => [
  event('charge.dispute.created', disputeOf(payment)),
  event('charge.dispute.funds_withdrawn', disputeOf(payment)),
];

export const closed = (payment: SandboxPayment): SandboxEvent => event('charge.dispute.closed', disputeOf(payment));
