import { Injectable } from '@nestjs/common';
import type { Stripe } from 'stripe';
import { Config } from '../../../../common/config/index.js';
import { Database } from '../../../../common/database/index.js';
import { isId } from '../../../../common/ids/index.js';
import { topUpErrors } from '../../top-up.errors.js';
import { TopUpStore } from '../../top-up.store.js';
import type {
  Checkout,
  Order,
  PaymentMethod,
  PaymentNotice,
  PaymentProvider,
  Placed,
  Recent,
} from '../payment-provider.js';
import { noticeOf, ofDispute, ofPaymentIntent, ofSession } from '../stripe-event.js';
import { loadStripe, verifiedEvent } from '../webhook-signature.js';

/** A person waits for the answer; what did not come in time the reconciler does. */
const TIMEOUT_MS = 8_000;
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
    const passes = statusCode === 401 || statusCode === 403 || statusCode === 409 || statusCode === 429;
    if (wrong && !passes) throw topUpErrors.provider_refused({ data: { reason: code ?? type } });
    throw topUpErrors.provider_unavailable({ retryAfterSeconds: 60 });
  }
}

/** Checkout Sessions and their events, with Stripe's own package. */
@Injectable()
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  private client: Promise<Stripe> | undefined;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly topUps: TopUpStore,
  ) {}

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

  /** `id`: of a top-up that was paid with a method to be kept. */
  async methodOf(organizationId: string, id: string | null): Promise<PaymentMethod> {
    const checkoutId =
      id === null || isId(id) ? await this.topUps.keptCheckout(this.db.reader, organizationId, id, this.name) : null;
    if (checkoutId === null) throw topUpErrors.payment_method_needed();
    const stripe = await this.stripe();
    const { payment_intent: intent } = await asking(() =>
      stripe.checkout.sessions.retrieve(checkoutId, { expand: ['payment_intent'] }),
    );
    if (!intent || typeof intent === 'string') throw topUpErrors.payment_method_needed();
    const [method, customerId] = [nameOf(intent.payment_method), nameOf(intent.customer)];
    if (!method || !customerId) throw topUpErrors.payment_method_needed();
    return { provider: this.name, id: method, customerId };
  }

  async charge(order: Order, method: PaymentMethod): Promise<PaymentNotice> {
    const { organizationId, topUpId, title, priceMinor, currency } = order;
    const stripe = await this.stripe();
    const noticeFrom = (intent: object): PaymentNotice => ({
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
      return noticeFrom(intent);
    } catch (error) {
      const { type, payment_intent: intent } = error as { type?: string; payment_intent?: object };
      if (type !== 'StripeCardError') return asking(() => Promise.reject(error as Error));
      const declined = { failure: 'declined', over: true };
      const nothing = { topUpId, checkoutId: null, paymentId: null };
      const said = intent ? noticeFrom(intent) : { eventId: null, type: 'charge', ...nothing };
      return { ...said, facts: declined };
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
    return { eventId: null, type: 'look', ...said, facts };
  }

  /** One that was made without a checkout. */
  private async lookAtPayment(stripe: Stripe, id: string): Promise<PaymentNotice> {
    const intent = await asking(() => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }));
    const said = ofPaymentIntent(plain(intent));
    const disputes = await this.disputesOf(stripe, id);
    return { eventId: null, type: 'look', ...said, facts: { ...said.facts, disputes } };
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
    const { stripeSecretKey, stripeApiUrl } = this.config;
    if (!stripeSecretKey) throw topUpErrors.provider_not_offered();
    this.client ??= loadStripe().then((Made) => {
      const place = stripeApiUrl ? placeOf(stripeApiUrl) : {};
      return new Made(stripeSecretKey, {
        timeout: TIMEOUT_MS,
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
