import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, RowVersionColumn, TimestampColumn } from '../../database/index.js';

/** The subscription of an organization and its current period. Its status is derived from the timestamps. */
@Entity('subscriptions')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('Plan', ['planId'], ['id'])
@ForeignKey('Plan', ['nextPlanId'], ['id'])
@Index('subscriptions_plan_id_idx', ['planId'])
@Index('subscriptions_next_plan_id_idx', ['nextPlanId'], { where: 'next_plan_id is not null' })
@Index('subscriptions_period_end_idx', ['periodEnd'], { where: 'cancelled_at is null' })
@Check('subscriptions_period_check', 'period_start < period_end')
@Check('subscriptions_credits_check', 'credits >= 0')
@Check('subscriptions_granted_check', 'granted >= 0')
export class Subscription {
  @PrimaryIdColumn()
  organizationId: string;

  @IdColumn()
  planId: string;

  /** The plan that takes effect at the end of the period. */
  @IdColumn({ nullable: true })
  nextPlanId: string | null;

  /** Every period starts a whole number of months after this. */
  @TimestampColumn()
  anchorAt: Date;

  @TimestampColumn()
  periodStart: Date;

  @TimestampColumn()
  periodEnd: Date;

  /** Kept after the trial ends, so that an organization has at most one trial. */
  @TimestampColumn({ nullable: true })
  trialEndsAt: Date | null;

  @Column({ type: 'boolean' })
  cancelAtPeriodEnd: boolean;

  @TimestampColumn({ nullable: true })
  pastDueAt: Date | null;

  @TimestampColumn({ nullable: true })
  cancelledAt: Date | null;

  /** Micro-credits for a whole period, as the plan was when it took effect for this period. */
  @Column({ type: 'bigint' })
  credits: string;

  /** Micro-credits this period is entitled to after all plan changes. More than `granted` while it is past due. */
  @Column({ type: 'bigint' })
  entitled: string;

  /** Micro-credits granted for this period. */
  @Column({ type: 'bigint' })
  granted: string;

  @CreatedAtColumn()
  createdAt: Date;

  @RowVersionColumn()
  version: number;
}

/** A period that has started. The primary key ensures that it starts, and is granted, only once. */
@Entity('subscription_periods')
@ForeignKey('Subscription', ['organizationId'], ['organizationId'])
@ForeignKey('Plan', ['planId'], ['id'])
@Index('subscription_periods_plan_id_idx', ['planId'])
export class SubscriptionPeriod {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'timestamp with time zone', precision: 3 })
  periodStart: Date;

  @TimestampColumn()
  periodEnd: Date;

  @IdColumn()
  planId: string;

  @CreatedAtColumn()
  createdAt: Date;
}
