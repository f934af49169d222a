import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../common/database/index.js';
import type { PaymentMethod } from '../providers/payment-provider.js';

/** Buying credits by itself when available falls below a threshold. No row: off. */
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

  /** All of them micro-credits. */
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

  /** Null: none; it is off then. */
  @JsonColumn({ nullable: true })
  method: PaymentMethod | null;

  /** In a row. */
  @Column({ type: 'integer', default: 0 })
  declines: number;

  @TimestampColumn()
  nextAttemptAt: Date;

  /** Why it is off, when it switched itself off. */
  @TextColumn({ nullable: true })
  stoppedBecause: string | null;

  /** In whose name it buys. */
  @IdColumn()
  updatedBy: string;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
