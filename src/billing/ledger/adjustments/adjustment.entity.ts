import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Category } from '../decisions/state.js';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';

export const ADJUSTMENT_STATES = ['pending', 'scheduled', 'done', 'declined', 'cancelled'] as const;
export type AdjustmentState = (typeof ADJUSTMENT_STATES)[number];

export const ADJUSTMENT_KINDS = ['adjustment', 'grant', 'overdraft'] as const;
export type AdjustmentKind = (typeof ADJUSTMENT_KINDS)[number];

/** The lot that an approved grant creates. */
export interface GrantDetails {
  category: Category;
  priority: number;
  expiresAt: string | null;
}

/** An adjustment, grant or overdraft that waits or waited for a second person, or a grant for its time. */
@Entity('credit_adjustments')
@ForeignKey('CreditAccount', ['organizationId'], ['organizationId'])
@Index('credit_adjustments_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('credit_adjustments_scheduled_idx', ['organizationId', 'effectiveAt'], { where: "state = 'scheduled'" })
@Index('credit_adjustments_due_idx', ['effectiveAt'], { where: "state = 'scheduled'" })
@Check('credit_adjustments_state_check', "state in ('pending', 'scheduled', 'done', 'declined', 'cancelled')")
@Check('credit_adjustments_scheduled_check', "state <> 'scheduled' or (kind = 'grant' and effective_at is not null)")
@Check('credit_adjustments_kind_check', "kind in ('adjustment', 'grant', 'overdraft')")
@Check('credit_adjustments_decided_check', "(state = 'pending') = (decided_at is null)")
@Check('credit_adjustments_two_check', 'decided_by <> requested_by')
export class CreditAdjustment {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @Column({ type: 'text', default: 'adjustment' })
  kind: AdjustmentKind;

  /** Only of grants. */
  @JsonColumn({ nullable: true })
  grantDetails: GrantDetails | null;

  /** When the credits are granted. Null for at once. Only of grants. */
  @TimestampColumn({ nullable: true })
  effectiveAt: Date | null;

  /** The requested limit in micro-credits. Only of overdrafts. */
  @Column({ type: 'bigint', nullable: true })
  overdraftLimit: string | null;

  /** Micro-credits, negative to remove credits. Of an overdraft, by how much it rises. */
  @Column({ type: 'bigint' })
  amount: string;

  @TextColumn()
  reason: string;

  @TextColumn()
  state: AdjustmentState;

  @IdColumn()
  requestedBy: string;

  /** The second person. Null if none was needed. */
  @IdColumn({ nullable: true })
  decidedBy: string | null;

  @TimestampColumn({ nullable: true })
  decidedAt: Date | null;

  /** The entry that moved the credits. */
  @IdColumn({ nullable: true })
  entryId: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}
