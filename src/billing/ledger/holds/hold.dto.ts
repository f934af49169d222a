import { PageQuery } from '../../../common/pagination/index.js';
import { toCredits } from '../../../common/money/index.js';
import { ChargeView, UsageInput } from '../charging/charge.dto.js';
import type { CreditHold } from './hold.entity.js';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  ObjectField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { CAPTURE_POLICIES, type CapturePolicy } from '../decisions/command.js';
import { HOLD_STATES, type HoldState } from '../decisions/state.js';

export const MAX_TTL_SECONDS = 86_400;
export const DEFAULT_TTL_SECONDS = 3_600;

const TTL = { min: 1, max: MAX_TTL_SECONDS, description: 'Seconds until the hold expires.' };

export class HoldInput extends UsageInput {
  @IntegerField({ ...TTL, optional: true, default: DEFAULT_TTL_SECONDS })
  ttlSeconds?: number;
}

export class CaptureInput {
  @CreditsField({ optional: true, description: 'Used credits. Defaults to the whole hold. The rest is released.' })
  amount?: string;

  @EnumField(CAPTURE_POLICIES, {
    optional: true,
    name: 'CapturePolicy',
    default: 'reject',
    description:
      'What to do when `amount` is larger than the hold: `reject` it, or take the rest from the `available` credits, or also from the `overdraft`.',
  })
  policy?: CapturePolicy;
}

export class ExtendInput {
  @IntegerField({
    ...TTL,
    optional: true,
    default: DEFAULT_TTL_SECONDS,
    description: 'Seconds from now. Never shortens the hold.',
  })
  ttlSeconds?: number;
}

export class HoldQuery extends PageQuery {
  @EnumField(HOLD_STATES, { optional: true, name: 'HoldState' })
  state?: HoldState;

  @UuidField({ optional: true })
  unitId?: string;

  @UuidField({ optional: true })
  memberId?: string;
}

export class HoldView {
  @UuidField()
  id: string;

  @EnumField(HOLD_STATES, { name: 'HoldState' })
  state: HoldState;

  @CreditsField()
  amount: string;

  @CreditsField({ zero: true })
  captured: string;

  @TextField()
  kind: string;

  @UuidField({ nullable: true })
  unitId: string | null;

  @UuidField({ nullable: true })
  memberId: string | null;

  @TextField({ nullable: true })
  reference: string | null;

  @DateTimeField()
  expiresAt: string;

  @DateTimeField({ nullable: true })
  resolvedAt: string | null;

  @DateTimeField()
  createdAt: string;
}

export class ChangedHoldView extends HoldView {
  @CreditsField({ signed: true, zero: true, description: 'Available credits after the change.' })
  balance: string;

  @CreditsField({ zero: true, description: 'Credits held by all open holds after the change.' })
  held: string;
}

export class HoldPreview extends ChangedHoldView {
  @BooleanField({ description: 'Always true, because nothing was changed.' })
  dryRun: boolean;
}

export class CaptureView extends ChangedHoldView {
  @BooleanField({ description: 'True if the hold had expired, so it was charged like a new charge.' })
  late: boolean;

  @CreditsField({ zero: true, description: 'Used credits that are owed, because no credits were left.' })
  receivable: string;

  @ObjectField(() => ChargeView)
  charge: ChargeView;
}

/** A stored hold with its state as of now. */
export type HoldRow = CreditHold & { stateNow: HoldState };

export const toHoldView = (row: HoldRow): HoldView => ({
  id: row.id,
  state: row.stateNow,
  amount: toCredits(BigInt(row.amount)),
  captured: toCredits(BigInt(row.captured)),
  kind: row.kind,
  unitId: row.unitId,
  memberId: row.memberId,
  reference: row.reference,
  expiresAt: row.expiresAt.toISOString(),
  resolvedAt: row.resolvedAt?.toISOString() ?? (row.stateNow === 'expired' ? row.expiresAt.toISOString() : null),
  createdAt: row.createdAt.toISOString(),
});
