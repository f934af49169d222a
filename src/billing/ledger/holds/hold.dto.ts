import { UsageInput } from '../charging/charge.dto.js';
import { ChargeView } from '../charging/charge.dto.js';
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

const TTL = { min: 1, max: MAX_TTL_SECONDS, description: 'Until it ends by itself; counted by the server.' };

export class HoldInput extends UsageInput {
  @IntegerField({ ...TTL, optional: true, default: DEFAULT_TTL_SECONDS })
  ttlSeconds?: number;
}

export class CaptureInput {
  @CreditsField({ optional: true, description: 'What was used; all of it unless given. The rest is let go.' })
  amount?: string;

  @EnumField(CAPTURE_POLICIES, {
    optional: true,
    name: 'CapturePolicy',
    default: 'reject',
    description:
      'What to do with more than is held: refuse it, take it from what is available, or from the overdraft too.',
  })
  policy?: CapturePolicy;
}

export class ExtendInput {
  @IntegerField({ ...TTL, optional: true, default: DEFAULT_TTL_SECONDS, description: 'From now on; never shorter.' })
  ttlSeconds?: number;
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
  @CreditsField({ signed: true, zero: true, description: 'Available right after it.' })
  balance: string;

  @CreditsField({ zero: true, description: 'Held by all open holds right after it.' })
  held: string;
}

export class CaptureView extends ChangedHoldView {
  @BooleanField({ description: 'It had ended before, so that it was tried as a fresh charge.' })
  late: boolean;

  @CreditsField({ zero: true, description: 'Used and owed: there was nothing left to pay it from.' })
  receivable: string;

  @ObjectField(() => ChargeView)
  charge: ChargeView;
}
