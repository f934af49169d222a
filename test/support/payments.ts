import { Stripe } from 'stripe';
import type { Answer, Client } from './client.js';
import { newKey } from './credits.js';
import type { Person } from './people.js';
import type { Organization } from './tree.js';

export const SANDBOX_SECRET = 'whsec_of_the_sandbox_in_the_tests';

export const topUpsOf = ({ id }: Pick<Organization, 'id'>): string => `/organizations/${id}/top-ups`;

let events = 0;

/** An event in Stripe's form about `object`. */
export const eventOf = (type: string, object: object, id = `evt_${process.pid}_${events++}`) => ({
  id,
  object: 'event',
  type,
  created: Math.floor(Date.now() / 1000),
  data: { object },
});

interface Signing {
  secret?: string;
  timestamp?: number;
  provider?: string;
  headers?: Record<string, string>;
}

/** Sends an event as a provider does. */
export function sendEvent(
  origin: string,
  client: Client,
  event: object | string,
  { secret = SANDBOX_SECRET, timestamp, provider = 'sandbox', headers = {} }: Signing = {},
): Promise<Answer> {
  const payload = typeof event === 'string' ? event : JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret,
    ...(timestamp !== undefined && { timestamp }),
  });
  return client.request('POST', `${origin}/webhooks/payments/${provider}`, {
    body: payload,
    headers: { ...headers, 'stripe-signature': signature },
  });
}

/** A new top-up of `credits`, at a dollar each. */
export async function newTopUp(person: Person, organization: Organization, credits = '100', more: object = {}) {
  const { status, body } = await person.client.post(
    topUpsOf(organization),
    { credits, ...more },
    { headers: { 'idempotency-key': newKey() } },
  );
  if (status !== 201) throw new Error(`the top-up gave ${status} ${body.code}`);
  return body;
}

const plain = (id: string): string => id.replaceAll('-', '');
const paymentOf = (id: string): string => `pi_sandbox_${plain(id)}`;

/** What a provider says of a top-up of 100 credits in the course of time. */
export const said = {
  completed: (id: string, more: object = {}) =>
    eventOf('checkout.session.completed', {
      id: `cs_sandbox_${plain(id)}`,
      object: 'checkout.session',
      client_reference_id: id,
      payment_intent: paymentOf(id),
      payment_status: 'paid',
      status: 'complete',
      amount_total: 10_000,
      currency: 'usd',
      metadata: { topUpId: id },
      ...more,
    }),
  succeeded: (id: string, more: object = {}) =>
    eventOf('payment_intent.succeeded', {
      id: paymentOf(id),
      object: 'payment_intent',
      status: 'succeeded',
      amount: 10_000,
      amount_received: 10_000,
      currency: 'usd',
      metadata: { topUpId: id },
      ...more,
    }),
  expired: (id: string) =>
    eventOf('checkout.session.expired', {
      id: `cs_sandbox_${plain(id)}`,
      object: 'checkout.session',
      client_reference_id: id,
      payment_status: 'unpaid',
      status: 'expired',
    }),
  refunded: (id: string, amountRefunded: number) =>
    eventOf('charge.refunded', {
      id: `ch_${plain(id)}`,
      object: 'charge',
      payment_intent: paymentOf(id),
      amount: 10_000,
      amount_refunded: amountRefunded,
    }),
  dispute: (id: string, type: string, status: string, amount = 10_000) =>
    eventOf(`charge.dispute.${type}`, {
      id: `dp_${plain(id)}`,
      object: 'dispute',
      payment_intent: paymentOf(id),
      amount,
      status,
    }),
};
