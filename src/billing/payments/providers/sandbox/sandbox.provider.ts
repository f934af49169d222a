import { Injectable } from '@nestjs/common';
import { Config } from '../../../../common/config/index.js';
import { SecretBox } from '../../../../common/crypto/index.js';
import { Database } from '../../../../common/database/index.js';
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
import { noticeOf, ofDispute, ofSession } from '../stripe-event.js';
import { verifiedEvent } from '../webhook-signature.js';
import { checkoutIdOf, disputeOf, sessionOf, topUpIdOf } from './sandbox-events.js';
import { SandboxStore } from './sandbox.store.js';

const card = (id: string, last4: string): KeptMethod => ({
  provider: 'sandbox',
  id,
  brand: 'sandbox',
  last4,
  expMonth: 12,
  expYear: 2099,
});

/** What never pays. */
const DECLINES = 'pm_sandbox_declines';

/**
 * Plays a provider where no real one is set up: a checkout page of its own, and signed events in Stripe's form, so that
 * everything behind them is what it is with real money. No money moves.
 */
@Injectable()
export class SandboxProvider implements PaymentProvider {
  readonly name = 'sandbox';
  /** What pays in automatic top-ups: always, or never. */
  readonly everybodys = [card('pm_sandbox_pays', '4242'), card(DECLINES, '0002')];
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
    return !this.config.stripeSecretKey;
  }

  async open(order: Order): Promise<Checkout> {
    await this.db.transaction((tx) => this.store.insert(tx, order), { keepsAccess: true });
    const { organizationId, topUpId, operatorSlug } = order;
    return {
      checkoutId: checkoutIdOf(topUpId),
      checkoutUrl: `${this.config.baseUrl}/t/${operatorSlug}/sandbox/${organizationId}/checkout/${topUpId}`,
    };
  }

  keptWith({ id }: Placed): Promise<KeptMethod> {
    return Promise.resolve(card(`pm_sandbox_${id.replaceAll('-', '')}`, '4242'));
  }

  forget(): Promise<void> {
    return Promise.resolve();
  }

  async charge(order: Order, method: PaymentMethod): Promise<PaymentNotice> {
    const { organizationId, topUpId } = order;
    const state = method.id === DECLINES ? 'declined' : 'paid';
    await this.db.transaction((tx) => this.store.insert(tx, order, state), { keepsAccess: true });
    const payment = await this.store.find(this.db.reader, organizationId, topUpId);
    if (!payment) throw topUpErrors.provider_unavailable();
    const said = ofSession(sessionOf(payment));
    const facts = payment.state === 'paid' ? said.facts : { failure: 'declined', over: true };
    return { eventId: null, type: 'charge', ...said, checkoutId: null, facts };
  }

  async look({ organizationId, id }: Placed): Promise<PaymentNotice | null> {
    // Where real money is taken, what was played before counts for nothing.
    if (!this.isOn) return null;
    const payment = await this.store.find(this.db.reader, organizationId, id);
    if (!payment) return null;
    const disputes = ['disputed', 'won', 'lost'].includes(payment.state) ? ofDispute(disputeOf(payment), '') : null;
    const session = ofSession(sessionOf(payment));
    const facts = { ...session.facts, ...disputes?.facts, refundedMinor: Number(payment.refundedMinor) };
    return { eventId: null, type: 'look', ...session, facts };
  }

  async recent(since: Date): Promise<Recent> {
    const ids = this.isOn ? await this.store.paidSince(this.db.reader, since) : [];
    return { checkoutIds: ids.map(checkoutIdOf), paymentIds: [] };
  }

  /** Throws top_ups.invalid_signature, top_ups.invalid_event, top_ups.provider_not_found. */
  async read(body: Buffer, signature: string | undefined): Promise<PaymentNotice | null> {
    if (!this.isOn) throw topUpErrors.provider_not_found();
    return noticeOf(await verifiedEvent(body, signature, [this.secret]));
  }

  topUpOf(paymentId: string): Promise<string | null> {
    return Promise.resolve(topUpIdOf(paymentId));
  }
}
