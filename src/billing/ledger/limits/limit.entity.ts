import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn } from '../../../common/database/index.js';

/**
 * How much may be used within a window. The subject is the unit, member or key; for the organization and its default
 * for members the organization itself.
 */
@Entity('credit_limits')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('credit_limits_scope_check', "scope in ('organization', 'unit', 'member_default', 'member', 'api_key')")
@Check('credit_limits_period_check', "period in ('day', 'week', 'month', 'lifetime')")
@Check('credit_limits_amount_check', 'amount >= 0')
export class CreditLimit {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'text' })
  scope: string;

  @PrimaryIdColumn()
  subjectId: string;

  @PrimaryColumn({ type: 'text' })
  period: string;

  @Column({ type: 'bigint' })
  amount: string;
}

/** What is used within one window: exact wherever there is a row; without one it is counted from the entries. */
@Entity('credit_usage')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
export class CreditUsage {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'text' })
  scope: string;

  @PrimaryIdColumn()
  subjectId: string;

  @PrimaryColumn({ type: 'text' })
  period: string;

  @PrimaryColumn({ type: 'timestamp with time zone', precision: 3 })
  windowStart: Date;

  @Column({ type: 'bigint' })
  used: string;
}
