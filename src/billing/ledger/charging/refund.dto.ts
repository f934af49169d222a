import {
  CreditsField,
  DateTimeField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';

export class RefundInput {
  @CreditsField({ optional: true, description: 'What is left of the charge unless given.' })
  amount?: string;

  @TextField({ max: 500, optional: true })
  reason?: string;
}

export class RefundedLotView {
  @UuidField()
  lotId: string;

  @CreditsField()
  amount: string;
}

export class RefundView {
  @UuidField()
  id: string;

  @UuidField()
  chargeId: string;

  @CreditsField()
  amount: string;

  @CreditsField({ description: 'Of the charge, with what was refunded before.' })
  refunded: string;

  @CreditsField({ signed: true, zero: true, description: 'Available right after it.' })
  balance: string;

  @ObjectListField(() => RefundedLotView, { description: 'The lots it went back to.' })
  allocations: RefundedLotView[];

  @DateTimeField()
  createdAt: string;
}
