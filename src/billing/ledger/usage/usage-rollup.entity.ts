import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn } from '../../../database/index.js';

const SumColumn = () => Column({ type: 'bigint' });

/** Records how far the entries of an organization are summed in `credit_days`. Reports add later entries themselves. */
@Entity('credit_rollups')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
export class CreditRollup {
  @PrimaryIdColumn()
  organizationId: string;

  /** Number of the last entry that is summed. */
  @Column({ type: 'bigint' })
  seq: string;

  /** The time zone of the days. When the operator has another one, the sums are computed again. */
  @Column({ type: 'text', default: 'UTC' })
  timeZone: string;
}

/**
 * Granularity of a sum: by all dimensions per `day` or per `month` (stored with its first day), or by type and kind only per
 * day (`total`). Reports over long periods read the coarser levels.
 */
export const LEVELS = ['day', 'month', 'total'] as const;
export type RollupLevel = (typeof LEVELS)[number];

/**
 * Sums, in micro-credits, the entries of one day or month, in the time zone of the rollup, with the same dimensions. Derived from the entries and rebuilt
 * when wrong. `NO_SUBJECT_ID` stands for no unit, member or cluster, because a primary key cannot contain nulls.
 */
@Entity('credit_days')
@ForeignKey('CreditRollup', ['organizationId'], ['organizationId'])
@Check('credit_days_level_check', `level in ('day', 'month', 'total')`)
export class CreditDay {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryColumn({ type: 'text' })
  level: RollupLevel;

  @PrimaryColumn({ type: 'date' })
  day: string;

  @PrimaryColumn({ type: 'text' })
  type: string;

  @PrimaryColumn({ type: 'text' })
  kind: string;

  @PrimaryIdColumn()
  unitId: string;

  @PrimaryIdColumn()
  memberId: string;

  @PrimaryIdColumn()
  clusterId: string;

  @SumColumn()
  entries: string;

  @SumColumn()
  available: string;

  @SumColumn()
  held: string;

  @SumColumn()
  consumed: string;

  @SumColumn()
  external: string;

  @SumColumn()
  promo: string;

  @SumColumn()
  plan: string;

  @SumColumn()
  expired: string;

  @SumColumn()
  adjustment: string;

  @SumColumn()
  receivable: string;
}
