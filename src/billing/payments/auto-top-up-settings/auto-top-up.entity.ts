import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';
import type { PaymentMethod } from '../providers/payment-provider.js';

/** Settings to buy credits automatically when the available balance falls below a threshold. Without a row, it is off. */
@Entity('auto_top_ups')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Index('auto_top_ups_next_attempt_at_idx', ['nextAttemptAt'], { where: 'enabled' })
@Check('auto_top_ups_threshold_check', 'threshold > 0')
@Check('auto_top_ups_amount_check', '(amount is null) <> (target is null) and amount > 0 and target > threshold')
@Check('auto_top_ups_method_check', 'method is not null or not enabled')
@Check('auto_top_ups_cap_check', 'daily_cap > 0 and monthly_cap > 0')
export class AutoTopUp {
  @PrimaryIdColumn()
  organizationId: string;

  @Column({ type: 'boolean' })
  enabled: boolean;

  /** In micro-credits, as are all amounts below. */
  @Column({ type: 'bigint' })
  threshold: string;

  @Column({ type: 'bigint', nullable: true })
  amount: string | null;

  @Column({ type: 'bigint', nullable: true })
  target: string | null;

  @Column({ type: 'bigint', nullable: true })
  dailyCap: string | null;

  @Column({ type: 'bigint', nullable: true })
  monthlyCap: string | null;

  /** The method to charge. Null only while automatic top-up is off. */
  @JsonColumn({ nullable: true })
  method: PaymentMethod | null;

  /** The number of consecutive declines. */
  @Column({ type: 'integer', default: 0 })
  declines: number;

  @TimestampColumn()
  nextAttemptAt: Date;

  /** Why the next attempt is delayed. Told once until `delayToldUntil`. */
  @TextColumn({ nullable: true })
  delayedBecause: string | null;

  @TimestampColumn({ nullable: true })
  delayToldUntil: Date | null;

  /** The number of consecutive attempts that could not even be made. */
  @Column({ type: 'integer', default: 0 })
  failures: number;

  /** Why automatic top-up was switched off by the server. */
  @TextColumn({ nullable: true })
  stoppedBecause: string | null;

  /** The user or API key on whose behalf credits are bought. */
  @IdColumn()
  updatedBy: string;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
