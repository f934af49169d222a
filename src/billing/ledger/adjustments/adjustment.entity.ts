import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

export const ADJUSTMENT_STATES = ['pending', 'done', 'declined'] as const;
export type AdjustmentState = (typeof ADJUSTMENT_STATES)[number];

/** An adjustment that needs or needed a second person. */
@Entity('credit_adjustments')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Index('credit_adjustments_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Check('credit_adjustments_state_check', "state in ('pending', 'done', 'declined')")
@Check('credit_adjustments_decided_check', "(state = 'pending') = (decided_at is null)")
@Check('credit_adjustments_two_check', 'decided_by <> requested_by')
export class CreditAdjustment {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  /** Micro-credits, negative to remove credits. */
  @Column({ type: 'bigint' })
  amount: string;

  @TextColumn()
  reason: string;

  @TextColumn()
  state: AdjustmentState;

  @IdColumn()
  requestedBy: string;

  @IdColumn({ nullable: true })
  decidedBy: string | null;

  @TimestampColumn({ nullable: true })
  decidedAt: Date | null;

  /** The entry of an approved adjustment. */
  @IdColumn({ nullable: true })
  entryId: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}
