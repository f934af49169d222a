import { Injectable } from '@nestjs/common';
import type { Stripe } from 'stripe';
import { Config } from '../../../../common/config/index.js';
import { AppError } from '../../../../common/errors/index.js';
import type { Dispute } from '../../payment-facts.js';
import { topUpErrors } from '../../top-up.errors.js';
import type {
  Checkout,
  PaymentMethodDetails,
  PaymentOrder,
  PaymentMethod,
  PaymentNotice,
  PaymentProvider,
  OpenCheckout,
  RecentActivity,
} from '../payment-provider.js';
import { failureOf, parseStripeEvent, readDispute, readPaymentIntent, readSession } from '../stripe-event.js';
import { loadStripe, verifyEvent } from '../webhook-signature.js';

/** Stripe keeps idempotency keys for at least 24 hours. One hour less, so that a payment is never charged twice. */
const KEY_MS = 23 * 3_600_000;
const MAX_DISPUTES = 100;
const PAGE = 100;

type Json = Record<string, unknown>;
const plain = (value: object): Json => value as unknown as Json;

/** Calls Stripe and maps the errors of its package to top_ups.provider_unavailable or top_ups.provider_refused. */
async function callStripe<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { type, statusCode, code } = error as { type?: string; statusCode?: number; code?: string };
    if (type === undefined || !type.startsWith('Stripe')) throw error;
    // Wrong API keys are corrected by the operator, so the payer is asked to try again later.
    const wrong = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
    // The idempotency key was used with other parameters. The first request arrived, and its events report the result.
    const known = type === 'StripeIdempotencyError';
    const passes = known || statusCode === 401 || statusCode === 403 || statusCode === 409 || statusCode === 429;
    if (wrong && !passes) throw topUpErrors.provider_refused({ data: { reason: code ?? type } });
    throw topUpErrors.provider_unavailable({ retryAfterSeconds: 60 });
  }
}

/** Takes payments with Stripe Checkout Sessions and saved payment methods. */
@Injectable()
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly isAskedInDoubt = true;
  readonly sharedMethods = [];
  private client: Promise<Stripe> | undefined;

  constructor(private readonly config: Config) {}

  async openCheckout(order: PaymentOrder): Promise<Checkout> {
    const { organizationId, topUpId, title, priceMinor, currency, returnUrl } = order;
    const back = new URL(returnUrl);
    back.searchParams.set('topUpId', topUpId);
    const metadata = { topUpId, organizationId };
    const stripe = await this.stripe();
    const session = await callStripe(() =>
      stripe.checkout.sessions.create(
        {
          mode: 'payment',
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency: currency.toLowerCase(),
                unit_amount: priceMinor,
                product_data: { name: title },
              },
            },
          ],
          client_reference_id: topUpId,
          metadata,
          payment_intent_data: { metadata, ...(order.keepMethod && { setup_future_usage: 'off_session' }) },
          ...(order.keepMethod && { customer_creation: 'always' }),
          success_url: back.href,
          cancel_url: back.href,
        },
        { idempotencyKey: `top-up-${topUpId}` },
      ),
    );
    return { checkoutId: session.id, checkoutUrl: session.url };
  }

  async savedMethodFor({ checkoutId }: OpenCheckout): Promise<PaymentMethodDetails | null> {
    if (!checkoutId) return null;
    const stripe = await this.stripe();
    const { payment_intent: intent } = await callStripe(() =>
      stripe.checkout.sessions.retrieve(checkoutId, { expand: ['payment_intent.payment_method'] }),
    );
    if (!intent || typeof intent === 'string') return null;
    const [id, customerId] = [idOf(intent.payment_method), idOf(intent.customer)];
    if (!id || !customerId) return null;
    const method = typeof intent.payment_method === 'string' ? null : intent.payment_method;
    const { card } = method ?? {};
    return {
      provider: this.name,
      id,
      customerId,
      brand: card?.brand ?? method?.type ?? null,
      last4: card?.last4 ?? null,
      expMonth: card?.exp_month ?? null,
      expYear: card?.exp_year ?? null,
    };
  }

  async removeMethod(method: PaymentMethod): Promise<void> {
    // Without a Stripe key there is no account to remove the method from.
    if (!this.config.stripeSecretKey) return;
    const stripe = await this.stripe();
    try {
      await callStripe(() => stripe.paymentMethods.detach(method.id));
    } catch (error) {
      // Stripe refuses when the method is already detached or does not exist.
      if (!(error instanceof AppError) || error.code !== 'top_ups.provider_refused') throw error;
    }
  }

  async charge(order: PaymentOrder, method: PaymentMethod): Promise<PaymentNotice> {
    const { organizationId, topUpId, title, priceMinor, currency } = order;
    // The idempotency key may have expired, so another request could charge twice. Events report the result.
    if (Date.now() - order.createdAt.getTime() > KEY_MS) throw topUpErrors.provider_unavailable();
    const stripe = await this.stripe();
    const noticeOf = (intent: object): PaymentNotice => ({
      eventId: null,
      type: 'charge',
      ...readPaymentIntent(plain(intent), answeredAt(intent)),
      topUpId,
    });
    try {
      const intent = await stripe.paymentIntents.create(
        {
          amount: priceMinor,
          currency: currency.toLowerCase(),
          description: title,
          ...(method.customerId && { customer: method.customerId }),
          payment_method: method.id,
          off_session: true,
          confirm: true,
          metadata: { topUpId, organizationId },
        },
        { idempotencyKey: `auto-${topUpId}` },
      );
      const notice = noticeOf(intent);
      // The payer is not present to complete an additional step.
      const over = !['succeeded', 'processing'].includes(intent.status);
      return over ? { ...notice, facts: { failure: 'authentication_required', over } } : notice;
    } catch (error) {
      const { type, code, payment_intent: intent } = error as { type?: string; code?: string; payment_intent?: object };
      if (type !== 'StripeCardError') return callStripe(() => Promise.reject(error as Error));
      const nothing = { eventId: null, type: 'charge', topUpId, checkoutId: null, paymentId: null };
      return { ...(intent ? noticeOf(intent) : nothing), facts: { failure: failureOf(code), over: true } };
    }
  }

  async fetchStatus({ checkoutId, paymentId }: OpenCheckout): Promise<PaymentNotice | null> {
    const stripe = await this.stripe();
    if (!checkoutId) return paymentId ? this.fetchPayment(stripe, paymentId) : null;
    const session = await callStripe(() =>
      stripe.checkout.sessions.retrieve(checkoutId, { expand: ['payment_intent.latest_charge.refunds'] }),
    );
    const content = readSession(plain(session));
    const intent = session.payment_intent;
    const payment = intent && typeof intent === 'object' ? readPaymentIntent(plain(intent), answeredAt(session)) : null;
    const disputes = content.paymentId ? await this.disputesOf(stripe, content.paymentId) : {};
    // The payer was done with the checkout, and the money did not come.
    const { processing = false } = content.facts;
    const bounced = processing && payment !== null && !payment.facts.paid && !payment.facts.processing;
    const failure = bounced ? { failure: payment.facts.failure ?? 'declined', over: true } : {};
    const facts = { ...payment?.facts, ...content.facts, ...failure, disputes };
    const underway = !bounced && (processing || payment?.facts.processing === true);
    // What the payment received counts, which can be less than the total of the checkout.
    const money = payment?.facts.paid ? payment.money : content.money;
    return { eventId: null, type: 'poll', ...content, facts, money, underway };
  }

  /** Returns the status of a payment that was made without a checkout. */
  private async fetchPayment(stripe: Stripe, id: string): Promise<PaymentNotice> {
    const intent = await callStripe(() => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge.refunds'] }));
    const content = readPaymentIntent(plain(intent), answeredAt(intent));
    const disputes = await this.disputesOf(stripe, id);
    const underway = intent.status === 'processing';
    return { eventId: null, type: 'poll', ...content, facts: { ...content.facts, disputes }, underway };
  }

  async recentActivity(since: Date): Promise<RecentActivity> {
    if (!this.config.stripeSecretKey) return { checkouts: [], paymentIds: [] };
    const stripe = await this.stripe();
    const created = { gte: Math.floor(since.getTime() / 1000) };
    return callStripe(async () => {
      const checkouts: PaymentNotice[] = [];
      const paymentIds = new Set<string>();
      for await (const session of stripe.checkout.sessions.list({ created, limit: PAGE })) {
        if (session.payment_status !== 'paid') continue;
        checkouts.push({ eventId: null, type: 'list', ...readSession(plain(session)) });
      }
      for await (const refund of stripe.refunds.list({ created, limit: PAGE }))
        addId(paymentIds, refund.payment_intent);
      for await (const dispute of stripe.disputes.list({ created, limit: PAGE }))
        addId(paymentIds, dispute.payment_intent);
      return { checkouts, paymentIds: [...paymentIds] };
    });
  }

  async parseEvent(body: Buffer, signature: string | undefined): Promise<PaymentNotice | null> {
    const { stripeWebhookSecrets } = this.config;
    if (stripeWebhookSecrets.length === 0) throw topUpErrors.provider_not_found();
    return parseStripeEvent(await verifyEvent(body, signature, stripeWebhookSecrets));
  }

  async findTopUpId(paymentId: string): Promise<string | null> {
    if (!this.config.stripeSecretKey) return null;
    const stripe = await this.stripe();
    const intent = await callStripe(() => stripe.paymentIntents.retrieve(paymentId));
    return readPaymentIntent(plain(intent), answeredAt(intent)).topUpId;
  }

  private async disputesOf(stripe: Stripe, paymentId: string): Promise<Record<string, Dispute>> {
    const answer = await callStripe(() => stripe.disputes.list({ payment_intent: paymentId, limit: MAX_DISPUTES }));
    const disputes: Record<string, Dispute> = {};
    for (const dispute of answer.data) {
      if (idOf(dispute.payment_intent) === paymentId)
        Object.assign(disputes, readDispute(plain(dispute), answeredAt(answer)).facts.disputes);
    }
    return disputes;
  }

  private stripe(): Promise<Stripe> {
    const { stripeSecretKey, stripeApiUrl, paymentTimeoutMs } = this.config;
    if (!stripeSecretKey) throw topUpErrors.provider_not_offered();
    this.client ??= loadStripe().then((StripeClient) => {
      const address = stripeApiUrl ? addressOf(stripeApiUrl) : {};
      return new StripeClient(stripeSecretKey, {
        // A user waits for the response. The payment reconciliation job completes what timed out.
        timeout: paymentTimeoutMs,
        maxNetworkRetries: 0,
        telemetry: false,
        appInfo: { name: 'Trellis' },
        ...address,
      });
    });
    return this.client;
  }
}

/** Returns the id of a reference, which Stripe sends as an id or as the expanded object. */
const idOf = (value: string | { id: string } | null): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null);

/**
 * Returns the time of an answer by Stripe's clock, half a second before the second it was given in. Events are dated by the
 * second, so those of the same second may tell of something later and count as later.
 */
function answeredAt(answer: object): number {
  const { lastResponse } = answer as { lastResponse?: { headers?: Record<string, string> } };
  const date = Date.parse(lastResponse?.headers?.date ?? '');
  return Math.floor((Number.isNaN(date) ? Date.now() : date) / 1000) - 0.5;
}

function addId(ids: Set<string>, payment: string | { id: string } | null): void {
  const id = idOf(payment);
  if (id) ids.add(id);
}

function addressOf(url: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const { hostname, port, protocol } = new URL(url);
  const name = protocol === 'http:' ? 'http' : 'https';
  return { host: hostname, port: Number(port) || (name === 'http' ? 80 : 443), protocol: name };
}
