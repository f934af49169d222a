import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';
import type { PaymentReview } from '../payment-review.js';
import { type Dispute, IN_FLIGHT, type RefundFacts, TOP_UP_STATES, type TopUpState } from '../payment-facts.js';
import { type PaymentMethod, PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';

const oneOf = (column: string, values: readonly string[]): string => `${column} in ('${values.join("', '")}')`;
const Minor = () => Column({ type: 'bigint' });
const Micro = (options: { default?: string } = {}) => Column({ type: 'bigint', ...options });

/**
 * A purchase of credits. Amount, currency and organization always come from this row, never from an event. The row keeps
 * the facts that the provider reports, and `state` and the credits that remain are derived from them (`payment-facts.ts`).
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
@Index('top_ups_review_opened_at_idx', ['organizationId', 'id'], { where: 'review_opened_at is not null' })
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

  /** The price in the smallest unit of the currency. */
  @Minor()
  priceMinor: string;

  /** The price before it was rounded up to one that can be charged. Null when it was not. */
  @Column({ type: 'bigint', nullable: true })
  roundedFromMinor: string | null;

  /** Price and micro-credits that a bank transfer was meant for, when staff confirmed another amount. */
  @JsonColumn({ nullable: true })
  requested: { priceMinor: string; credits: string } | null;

  @TextColumn()
  currency: string;

  @IdColumn({ nullable: true })
  packageId: string | null;

  @TextColumn()
  provider: ProviderName;

  /** The provider's id of the checkout. */
  @TextColumn({ nullable: true })
  checkoutId: string | null;

  @TextColumn({ nullable: true })
  checkoutUrl: string | null;

  /** The provider's id of the payment. */
  @TextColumn({ nullable: true })
  paymentId: string | null;

  @TextColumn()
  returnUrl: string;

  /** True when the payment method is to be saved for automatic top-up. */
  @Column({ type: 'boolean', default: false })
  keepMethod: boolean;

  /** The saved method, once the provider was asked for it. For an automatic top-up, the method to charge. */
  @JsonColumn({ nullable: true })
  paymentMethod: PaymentMethod | null;

  /** True for an automatic top-up. */
  @Column({ type: 'boolean', default: false })
  auto: boolean;

  /** The user or API key that requested the top-up or last saved the automatic top-up settings. */
  @IdColumn()
  requestedBy: string;

  /** The Idempotency-Key of the request. `requestHash` is a hash of its content. */
  @TextColumn({ nullable: true })
  requestKey: string | null;

  @TextColumn({ nullable: true })
  requestHash: string | null;

  /** The credit lot that was granted. */
  @IdColumn({ nullable: true })
  lotId: string | null;

  @TimestampColumn({ nullable: true })
  paidAt: Date | null;

  @TimestampColumn({ nullable: true })
  grantedAt: Date | null;

  /** The refunded part of the price. */
  @Minor()
  refundedMinor: string;

  /** What is known about refunds. Null when there were none. */
  @JsonColumn({ nullable: true })
  refunds: RefundFacts | null;

  /** What refunds and lost disputes took from lots, oldest first: `[[lot, micro-credits], …]`. */
  @JsonColumn({ nullable: true })
  clawedLots: [string, string][] | null;

  /** True once the payer has paid by a method that takes days. */
  @Column({ type: 'boolean', default: false })
  processing: boolean;

  /** Disputes by the provider's id. */
  @JsonColumn()
  disputes: Record<string, Dispute>;

  /** Micro-credits taken back by refunds and lost disputes. */
  @Micro({ default: '0' })
  clawedBack: string;

  /** Micro-credits withheld from the lot by open disputes. */
  @Micro({ default: '0' })
  frozen: string;

  /** Why the top-up, or its last payment attempt, failed. */
  @TextColumn({ nullable: true })
  failure: string | null;

  /** The last payment that does not match this top-up and was therefore not applied. */
  @JsonColumn({ nullable: true })
  review: PaymentReview | null;

  /** Set while staff must look at `review`. */
  @TimestampColumn({ nullable: true })
  reviewOpenedAt: Date | null;

  /** When the provider is polled next. Null when polling is finished. */
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
 * Stores each provider event once, by its id. Rows with the id `payment:…` store which top-up a payment belongs to, so that
 * one payment never pays for two. Events that arrive before their payment is known wait here.
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

  /** The top-up of a payment. Only set in rows with the id `payment:…`. */
  @IdColumn({ nullable: true })
  topUpId: string | null;

  /** The content as a `PaymentNotice` while the event waits. */
  @JsonColumn({ nullable: true })
  notice: Record<string, unknown> | null;

  @Column({ type: 'boolean', default: false })
  waiting: boolean;

  @Column({ type: 'timestamp with time zone', precision: 3, default: () => 'now()' })
  receivedAt: Date;
}
