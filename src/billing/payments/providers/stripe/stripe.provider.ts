import { Injectable } from '@nestjs/common';
import type { Stripe } from 'stripe';
import { Config } from '../../../../common/config/index.js';
import { AppError } from '../../../../common/errors/index.js';
import { topUpErrors } from '../../top-up.errors.js';
import type {
  Checkout,
  KeptMethod,
  Order,
  PaymentMethod,
  PaymentNotice,
  PaymentProvider,
  Placed,
  Recent,
} from '../payment-provider.js';
import { failureOf, noticeOf, ofDispute, ofPaymentIntent, ofSession } from '../stripe-event.js';
import { loadStripe, verifiedEvent } from '../webhook-signature.js';

/** Stripe knows a key for so long at least, less an hour; afterwards it would take the same payment for another. */
const KEY_MS = 23 * 3_600_000;
const MAX_DISPUTES = 100;
const PAGE = 100;

type Json = Record<string, unknown>;
const plain = (value: object): Json => value as unknown as Json;

/** Whatever the package throws, as a refusal of ours. Throws top_ups.provider_unavailable, top_ups.provider_refused. */
async function asking<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { type, statusCode, code } = error as { type?: string; statusCode?: number; code?: string };
    if (type === undefined || !type.startsWith('Stripe')) throw error;
    // Keys that are wrong are put right by the operator: the payer can only come back.
    const wrong = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
    // The key was used for something that was put differently: so it came through, and its events tell what became of it.
    const known = type === 'StripeIdempotencyError';
    const passes = known || statusCode === 401 || statusCode === 403 || statusCode === 409 || statusCode === 429;
    if (wrong && !passes) throw topUpErrors.provider_refused({ data: { reason: code ?? type } });
    throw topUpErrors.provider_unavailable({ retryAfterSeconds: 60 });
  }
}

/** Checkout Sessions and their events, with Stripe's own package. */
@Injectable()
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  readonly everybodys = [];
  private client: Promise<Stripe> | undefined;

  constructor(private readonly config: Config) {}

  async open(order: Order): Promise<Checkout> {
    const { organizationId, topUpId, title, priceMinor, currency, returnUrl } = order;
    const back = new URL(returnUrl);
    back.searchParams.set('topUpId', topUpId);
    const metadata = { topUpId, organizationId };
    const stripe = await this.stripe();
    const session = await asking(() =>
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

  async keptWith({ checkoutId }: Placed): Promise<KeptMethod | null> {
    if (!checkoutId) return null;
    const stripe = await this.stripe();
    const { payment_intent: intent } = await asking(() =>
      stripe.checkout.sessions.retrieve(checkoutId, { expand: ['payment_intent.payment_method'] }),
    );
    if (!intent || typeof intent === 'string') return null;
    const [id, customerId] = [nameOf(intent.payment_method), nameOf(intent.customer)];
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

  async forget(method: PaymentMethod): Promise<void> {
    // Kept with another account than today's, or none: there is nobody to tell.
    if (!this.config.stripeSecretKey) return;
    const stripe = await this.stripe();
    try {
      await asking(() => stripe.paymentMethods.detach(method.id));
    } catch (error) {
      // It is not there, or belongs to nobody any more.
      if (!(error instanceof AppError) || error.code !== 'top_ups.provider_refused') throw error;
    }
  }

  async charge(order: Order, method: PaymentMethod): Promise<PaymentNotice> {
    const { organizationId, topUpId, title, priceMinor, currency } = order;
    // Whether it was paid is not found out by asking for it again: its events tell.
    if (Date.now() - order.createdAt.getTime() > KEY_MS) throw topUpErrors.provider_unavailable();
    const stripe = await this.stripe();
    const said = (intent: object): PaymentNotice => ({
      eventId: null,
      type: 'charge',
      ...ofPaymentIntent(plain(intent)),
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
      const notice = said(intent);
      // Nobody is there to do what else it asks for.
      const over = !['succeeded', 'processing'].includes(intent.status);
      return over ? { ...notice, facts: { failure: 'authentication_required', over } } : notice;
    } catch (error) {
      const { type, code, payment_intent: intent } = error as { type?: string; code?: string; payment_intent?: object };
      if (type !== 'StripeCardError') return asking(() => Promise.reject(error as Error));
      const nothing = { eventId: null, type: 'charge', topUpId, checkoutId: null, paymentId: null };
      return { ...(intent ? said(intent) : nothing), facts: { failure: failureOf(code), over: true } };
    }
  }

  async look({ checkoutId, paymentId }: Placed): Promise<PaymentNotice | null> {
    const stripe = await this.stripe();
    if (!checkoutId) return paymentId ? this.lookAtPayment(stripe, paymentId) : null;
    const session = await asking(() =>
      stripe.checkout.sessions.retrieve(checkoutId, { expand: ['payment_intent.latest_charge'] }),
    );
    const said = ofSession(plain(session));
    const intent = session.payment_intent;
    const payment = intent && typeof intent === 'object' ? ofPaymentIntent(plain(intent)) : null;
    const disputes = said.paymentId ? await this.disputesOf(stripe, said.paymentId) : {};
    const facts = { ...payment?.facts, ...said.facts, disputes };
    const underway = typeof intent === 'object' && intent?.status === 'processing';
    return { eventId: null, type: 'look', ...said, facts, underway };
  }

  /** One that was made without a checkout. */
  private async lookAtPayment(stripe: Stripe, id: string): Promise<PaymentNotice> {
    const intent = await asking(() => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }));
    const said = ofPaymentIntent(plain(intent));
    const disputes = await this.disputesOf(stripe, id);
    const underway = intent.status === 'processing';
    return { eventId: null, type: 'look', ...said, facts: { ...said.facts, disputes }, underway };
  }

  async recent(since: Date): Promise<Recent> {
    if (!this.config.stripeSecretKey) return { checkoutIds: [], paymentIds: [] };
    const stripe = await this.stripe();
    const created = { gte: Math.floor(since.getTime() / 1000) };
    return asking(async () => {
      const checkoutIds: string[] = [];
      const paymentIds = new Set<string>();
      for await (const session of stripe.checkout.sessions.list({ created, limit: PAGE })) {
        if (session.payment_status === 'paid') checkoutIds.push(session.id);
      }
      for await (const refund of stripe.refunds.list({ created, limit: PAGE }))
        addId(paymentIds, refund.payment_intent);
      for await (const dispute of stripe.disputes.list({ created, limit: PAGE }))
        addId(paymentIds, dispute.payment_intent);
      return { checkoutIds, paymentIds: [...paymentIds] };
    });
  }

  /** Throws top_ups.invalid_signature, top_ups.invalid_event, top_ups.provider_not_found. */
  async read(body: Buffer, signature: string | undefined): Promise<PaymentNotice | null> {
    const { stripeWebhookSecrets } = this.config;
    if (stripeWebhookSecrets.length === 0) throw topUpErrors.provider_not_found();
    return noticeOf(await verifiedEvent(body, signature, stripeWebhookSecrets));
  }

  async topUpOf(paymentId: string): Promise<string | null> {
    if (!this.config.stripeSecretKey) return null;
    const stripe = await this.stripe();
    const intent = await asking(() => stripe.paymentIntents.retrieve(paymentId));
    return ofPaymentIntent(plain(intent)).topUpId;
  }

  private async disputesOf(
    stripe: Stripe,
    paymentId: string,
  ): Promise<NonNullable<PaymentNotice['facts']['disputes']>> {
    const { data } = await asking(() => stripe.disputes.list({ payment_intent: paymentId, limit: MAX_DISPUTES }));
    return Object.assign({}, ...data.map((dispute) => ofDispute(plain(dispute), '').facts.disputes)) as NonNullable<
      PaymentNotice['facts']['disputes']
    >;
  }

  private stripe(): Promise<Stripe> {
    const { stripeSecretKey, stripeApiUrl, paymentTimeoutMs } = this.config;
    if (!stripeSecretKey) throw topUpErrors.provider_not_offered();
    this.client ??= loadStripe().then((Made) => {
      const place = stripeApiUrl ? placeOf(stripeApiUrl) : {};
      return new Made(stripeSecretKey, {
        // A person waits for the answer; what did not come in time the reconciler does.
        timeout: paymentTimeoutMs,
        maxNetworkRetries: 0,
        telemetry: false,
        appInfo: { name: 'Trellis' },
        ...place,
      });
    });
    return this.client;
  }
}

/** An id, or the object it stands for where it was asked for whole. */
const nameOf = (value: string | { id: string } | null): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null);

function addId(ids: Set<string>, payment: string | { id: string } | null): void {
  const id = nameOf(payment);
  if (id) ids.add(id);
}

function placeOf(address: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const { hostname, port, protocol } = new URL(address);
  const name = protocol === 'http:' ? 'http' : 'https';
  return { host: hostname, port: Number(port) || (name === 'http' ? 80 : 443), protocol: name };
}
