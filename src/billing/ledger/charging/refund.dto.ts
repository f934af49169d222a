import {
  CreditsField,
  DateTimeField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';

export class RefundInput {
  @CreditsField({ optional: true, description: 'Defaults to what is left of the charge.' })
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

  @CreditsField({ description: 'Total refunded for this charge, including earlier refunds.' })
  refunded: string;

  @CreditsField({ signed: true, zero: true, description: 'Available credits after the refund.' })
  balance: string;

  @ObjectListField(() => RefundedLotView, { description: 'The lots that were refilled.' })
  allocations: RefundedLotView[];

  @DateTimeField()
  createdAt: string;
}
