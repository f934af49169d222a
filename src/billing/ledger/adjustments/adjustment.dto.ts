import { toCredits } from '../../../common/money/index.js';
import { PageQuery } from '../../../common/pagination/index.js';
import { CreditsField, DateTimeField, EnumField, TextField, UuidField } from '../../../common/validation/index.js';
import {
  ADJUSTMENT_KINDS,
  ADJUSTMENT_STATES,
  type AdjustmentKind,
  type AdjustmentState,
  type CreditAdjustment,
} from './adjustment.entity.js';

export class AdjustmentInput {
  @CreditsField({ signed: true, example: '-12.5', description: 'Negative to remove credits.' })
  amount: string;

  @TextField({ max: 500 })
  reason: string;
}

export class AdjustmentQuery extends PageQuery {
  @EnumField(ADJUSTMENT_STATES, { optional: true, name: 'AdjustmentState' })
  state?: AdjustmentState;
}

export class AdjustmentView {
  @UuidField()
  id: string;

  @EnumField(ADJUSTMENT_KINDS, { name: 'AdjustmentKind' })
  kind: AdjustmentKind;

  @CreditsField({ signed: true, description: 'Of an overdraft, by how much the limit rises.' })
  amount: string;

  @CreditsField({ zero: true, optional: true, nullable: true, description: 'The requested limit. Only of overdrafts.' })
  overdraftLimit?: string | null;

  @TextField()
  reason: string;

  @EnumField(ADJUSTMENT_STATES, { name: 'AdjustmentState' })
  state: AdjustmentState;

  @DateTimeField({
    optional: true,
    nullable: true,
    description: 'When the credits are granted. Null for at once. Only of grants.',
  })
  effectiveAt?: string | null;

  @CreditsField({
    signed: true,
    zero: true,
    optional: true,
    description: 'Available credits after the adjustment, once it is done.',
  })
  balance?: string;

  @UuidField({ optional: true })
  requestedBy?: string;

  @UuidField({ optional: true, nullable: true })
  decidedBy?: string | null;

  @DateTimeField()
  createdAt: string;
}

export class OverdraftInput {
  @CreditsField({ zero: true, example: '100' })
  overdraftLimit: string;

  @TextField({ max: 500, optional: true, description: 'Shown to the second person, if one is needed.' })
  reason?: string;
}

export class OverdraftView {
  @CreditsField({ zero: true })
  overdraftLimit: string;
}

export const toAdjustmentView = (row: CreditAdjustment): AdjustmentView => ({
  id: row.id,
  kind: row.kind,
  amount: toCredits(BigInt(row.amount)),
  ...(row.overdraftLimit !== null && { overdraftLimit: toCredits(BigInt(row.overdraftLimit)) }),
  reason: row.reason,
  state: row.state,
  ...(row.effectiveAt !== null && { effectiveAt: row.effectiveAt.toISOString() }),
  requestedBy: row.requestedBy,
  decidedBy: row.decidedBy,
  createdAt: row.createdAt.toISOString(),
});
