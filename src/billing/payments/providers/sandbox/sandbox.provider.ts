import { Injectable } from '@nestjs/common';
import { Config } from '../../../../common/config/index.js';
import { SecretBox } from '../../../../common/crypto/index.js';
import { Database } from '../../../../database/index.js';
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
import { parseStripeEvent, readDispute, readSession } from '../stripe-event.js';
import { verifyEvent } from '../webhook-signature.js';
import { checkoutIdOf, disputeOf, sessionOf, topUpIdOf } from './sandbox-events.js';
import { SandboxStore } from './sandbox.store.js';

const card = (id: string, last4: string): PaymentMethodDetails => ({
  provider: 'sandbox',
  id,
  brand: 'sandbox',
  last4,
  expMonth: 12,
  expYear: 2099,
});

/** A method that is always declined. */
const DECLINES = 'pm_sandbox_declines';

/**
 * Simulates a payment provider when none is configured. It has its own checkout page and sends signed events in Stripe's
 * format, so all code behind them runs as it does with real money. No money moves.
 */
@Injectable()
export class SandboxProvider implements PaymentProvider {
  readonly name = 'sandbox';
  readonly isAskedInDoubt = false;
  /** Methods for automatic top-up: one always pays, the other is always declined. */
  readonly sharedMethods = [card('pm_sandbox_pays', '4242'), card(DECLINES, '0002')];
  readonly secret: string;

  constructor(
    private readonly config: Config,
    private readonly db: Database,
    private readonly store: SandboxStore,
    secrets: SecretBox,
  ) {
    this.secret = config.sandboxWebhookSecret ?? `whsec_${secrets.sign('sandbox-webhooks', 'v1')}`;
  }

  get isOn(): boolean {
    return this.config.sandbox;
  }

  async openCheckout(order: PaymentOrder): Promise<Checkout> {
    await this.db.transaction((tx) => this.store.insert(tx, order), { keepsAccess: true });
    const { organizationId, topUpId, operatorSlug } = order;
    return {
      checkoutId: checkoutIdOf(topUpId),
      checkoutUrl: `${this.config.baseUrl}/t/${operatorSlug}/sandbox/${organizationId}/checkout/${topUpId}`,
    };
  }

  savedMethodFor({ id }: OpenCheckout): Promise<PaymentMethodDetails> {
    return Promise.resolve(card(`pm_sandbox_${id.replaceAll('-', '')}`, '4242'));
  }

  removeMethod(): Promise<void> {
    return Promise.resolve();
  }

  async charge(order: PaymentOrder, method: PaymentMethod): Promise<PaymentNotice> {
    const { organizationId, topUpId } = order;
    const state = method.id === DECLINES ? 'declined' : 'paid';
    await this.db.transaction((tx) => this.store.insert(tx, order, state), { keepsAccess: true });
    const payment = await this.store.find(this.db.reader, organizationId, topUpId);
    if (!payment) throw topUpErrors.provider_unavailable();
    const content = readSession(sessionOf(payment));
    const facts = payment.state === 'paid' ? content.facts : { failure: 'declined', over: true };
    return { eventId: null, type: 'charge', ...content, checkoutId: null, facts };
  }

  async fetchStatus({ organizationId, id }: OpenCheckout): Promise<PaymentNotice | null> {
    // Once real money is charged, earlier sandbox payments no longer count.
    if (!this.isOn) return null;
    const payment = await this.store.find(this.db.reader, organizationId, id);
    if (!payment) return null;
    const at = Math.floor(Date.now() / 1000) - 0.5;
    const disputes = ['disputed', 'won', 'lost'].includes(payment.state) ? readDispute(disputeOf(payment), at) : null;
    const session = readSession(sessionOf(payment));
    const refunds = { exact: { amountMinor: Number(payment.refundedMinor), at } };
    const facts = { ...session.facts, ...disputes?.facts, refunds };
    return { eventId: null, type: 'poll', ...session, facts };
  }

  async recentActivity(since: Date): Promise<RecentActivity> {
    const ids = this.isOn ? await this.store.paidSince(this.db.reader, since) : [];
    const nothing = { eventId: null, type: 'list', topUpId: null, paymentId: null, facts: {} };
    return { checkouts: ids.map((id) => ({ ...nothing, checkoutId: checkoutIdOf(id) })), paymentIds: [] };
  }

  async parseEvent(body: Buffer, signature: string | undefined): Promise<PaymentNotice | null> {
    if (!this.isOn) throw topUpErrors.provider_not_found();
    return parseStripeEvent(await verifyEvent(body, signature, [this.secret]));
  }

  findTopUpId(paymentId: string): Promise<string | null> {
    return Promise.resolve(topUpIdOf(paymentId));
  }
}
