import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn } from '../../../database/index.js';

/**
 * Limits usage within a window. The subject is the unit, member or key. For the organization and its member defaults it is
 * the organization.
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

/** Counts usage within one window. A missing row is computed from the entries. */
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
