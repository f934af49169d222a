import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn } from '../../../common/database/index.js';

const SumColumn = () => Column({ type: 'bigint' });

/** How far the entries of an organization are counted in `credit_days`. What came after is counted when it is asked for. */
@Entity('credit_rollups')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
export class CreditRollup {
  @PrimaryIdColumn()
  organizationId: string;

  /** The last entry that is counted. */
  @Column({ type: 'bigint' })
  seq: string;
}

/**
 * How far entries are told apart: by all there is, each `day` or each `month` (of which the first day is kept), or by type and kind alone,
 * each day (`total`). Reports about long times read the coarser ones.
 */
export const LEVELS = ['day', 'month', 'total'] as const;
export type RollupLevel = (typeof LEVELS)[number];

/**
 * Entries of one day or month (UTC) that are alike, as sums in micro-credits. Made of the entries alone and never corrected: what is wrong
 * here is made anew. The id of nobody stands for no unit, member or cluster, since a key has no nulls.
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
