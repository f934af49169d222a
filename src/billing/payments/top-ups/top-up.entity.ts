import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  TextColumn,
  TimestampColumn,
} from '../../../common/database/index.js';
import { type Dispute, TOP_UP_STATES, type TopUpState } from '../payment-facts.js';
import { type PaymentMethod, PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';

const oneOf = (column: string, values: readonly string[]): string => `${column} in ('${values.join("', '")}')`;
const Minor = () => Column({ type: 'bigint' });
const Micro = (options: { default?: string } = {}) => Column({ type: 'bigint', ...options });
/** Still on its way: neither paid out in credits nor over. */
export const IN_FLIGHT = "state in ('created', 'checkout_open', 'paid')";

/**
 * Credits that somebody buys. Amount, currency and organization are those of this row, whatever an event says; what the
 * provider says of the payment only ever grows (`payment-facts.ts`), and `state` follows from it.
 */
@Entity('top_ups')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Index('top_ups_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('top_ups_request_key_key', ['organizationId', 'requestKey'], { unique: true, where: 'request_key is not null' })
@Index('top_ups_auto_key', ['organizationId'], { unique: true, where: `auto and ${IN_FLIGHT}` })
@Index('top_ups_id_idx', ['id'])
@Index('top_ups_checkout_id_idx', ['checkoutId'], { where: 'checkout_id is not null' })
@Index('top_ups_payment_id_idx', ['paymentId'], { where: 'payment_id is not null' })
@Index('top_ups_next_look_at_idx', ['nextLookAt'], { where: 'next_look_at is not null' })
@Check('top_ups_credits_check', 'credits > 0')
@Check('top_ups_price_minor_check', 'price_minor > 0')
@Check('top_ups_refunded_minor_check', 'refunded_minor between 0 and price_minor')
@Check('top_ups_clawed_back_check', 'clawed_back >= 0 and frozen >= 0 and clawed_back + frozen <= credits')
@Check('top_ups_state_check', oneOf('state', TOP_UP_STATES))
@Check('top_ups_provider_check', oneOf('provider', PROVIDER_NAMES))
@Check('top_ups_granted_check', '(lot_id is null) = (granted_at is null)')
export class TopUp {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  state: TopUpState;

  /** Micro-credits. */
  @Micro()
  credits: string;

  /** In the smallest unit of the currency. */
  @Minor()
  priceMinor: string;

  @TextColumn()
  currency: string;

  @IdColumn({ nullable: true })
  packageId: string | null;

  @TextColumn()
  provider: ProviderName;

  /** The provider's name of the checkout. */
  @TextColumn({ nullable: true })
  checkoutId: string | null;

  @TextColumn({ nullable: true })
  checkoutUrl: string | null;

  /** The provider's name of the payment. */
  @TextColumn({ nullable: true })
  paymentId: string | null;

  @TextColumn()
  returnUrl: string;

  /** The method of payment is kept, for payments without the payer. */
  @Column({ type: 'boolean', default: false })
  keepMethod: boolean;

  /** What was kept with it once somebody asked, or what one that was made by itself is paid with. */
  @JsonColumn({ nullable: true })
  paymentMethod: PaymentMethod | null;

  /** By itself, because a balance fell below what was agreed. */
  @Column({ type: 'boolean', default: false })
  auto: boolean;

  /** The person or the API key; of one that was made by itself, who switched that on. */
  @IdColumn()
  requestedBy: string;

  /** The Idempotency-Key it was asked for with, and a hash of what was asked for. */
  @TextColumn({ nullable: true })
  requestKey: string | null;

  @TextColumn({ nullable: true })
  requestHash: string | null;

  /** The lot it became. */
  @IdColumn({ nullable: true })
  lotId: string | null;

  @TimestampColumn({ nullable: true })
  paidAt: Date | null;

  @TimestampColumn({ nullable: true })
  grantedAt: Date | null;

  /** So far, altogether. */
  @Minor()
  refundedMinor: string;

  /** By the provider's name of each. */
  @JsonColumn()
  disputes: Record<string, Dispute>;

  /** Micro-credits that refunds and lost disputes took back. */
  @Micro({ default: '0' })
  clawedBack: string;

  /** Micro-credits that open disputes keep out of the lot. */
  @Micro({ default: '0' })
  frozen: string;

  /** Why nothing came of it, or of the last try. */
  @TextColumn({ nullable: true })
  failure: string | null;

  /** When the provider is asked about it next; null: no more. */
  @TimestampColumn({ nullable: true })
  nextLookAt: Date | null;

  @Column({ type: 'integer', default: 0 })
  looks: number;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;
}

/**
 * What providers told, each once: the events by their id, and as `payment:…` which top-up a payment belongs to, so that
 * one payment never pays two. What came before the payment was known waits here.
 */
@Entity('payment_notices')
@Index('payment_notices_waiting_idx', ['provider', 'paymentId'], { where: 'waiting' })
@Index('payment_notices_received_at_idx', ['receivedAt'])
export class PaymentEvent {
  @PrimaryColumn({ type: 'text' })
  provider: string;

  @PrimaryColumn({ type: 'text' })
  id: string;

  @TextColumn()
  type: string;

  @TextColumn({ nullable: true })
  paymentId: string | null;

  /** Of a payment: its top-up. */
  @IdColumn({ nullable: true })
  topUpId: string | null;

  /** What it says, as a `PaymentNotice`, while it waits. */
  @JsonColumn({ nullable: true })
  notice: Record<string, unknown> | null;

  @Column({ type: 'boolean', default: false })
  waiting: boolean;

  @Column({ type: 'timestamp with time zone', precision: 3, default: () => 'now()' })
  receivedAt: Date;
}
