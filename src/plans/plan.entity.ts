import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../database/index.js';

/** A plan of an operator: limits of users and units, and credits for each period. */
@Entity('plans')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('plans_operator_id_created_at_idx', ['operatorId', 'createdAt', 'id'])
@Index('plans_operator_id_name_key', ['operatorId', 'name'], { unique: true, where: 'archived_at is null' })
@Index('plans_default_key', ['operatorId'], { unique: true, where: 'is_default' })
@Check('plans_seat_limit_check', 'seat_limit >= 1')
@Check('plans_unit_limit_check', 'unit_limit >= 1')
@Check('plans_monthly_credits_check', 'monthly_credits >= 0')
@Check('plans_price_minor_check', 'price_minor >= 0')
@Check('plans_currency_check', "currency ~ '^[A-Z]{3}$'")
@Check('plans_trial_days_check', 'trial_days between 0 and 365')
@Check('plans_default_check', 'not is_default or archived_at is null')
export class Plan {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  name: string;

  @TextColumn({ nullable: true })
  description: string | null;

  /** Null for no limit. */
  @Column({ type: 'integer', nullable: true })
  seatLimit: number | null;

  @Column({ type: 'integer', nullable: true })
  unitLimit: number | null;

  /** Micro-credits. */
  @Column({ type: 'bigint' })
  monthlyCredits: string;

  /** In the smallest unit of the currency. */
  @Column({ type: 'integer' })
  priceMinor: number;

  @TextColumn()
  currency: string;

  @Column({ type: 'integer' })
  trialDays: number;

  /** New organizations start with it. At most one plan of an operator is the default. */
  @Column({ type: 'boolean' })
  isDefault: boolean;

  /** Organizations can choose it themselves. */
  @Column({ type: 'boolean' })
  selfService: boolean;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @TimestampColumn({ nullable: true })
  archivedAt: Date | null;

  @RowVersionColumn()
  version: number;
}
