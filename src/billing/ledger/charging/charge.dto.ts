import { ApiProperty } from '@nestjs/swagger';
import {
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  JsonField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { CATEGORIES, type Category } from '../decisions/state.js';

/** What is charged, and whose usage it is. Read by `usageRequest`, which is quicker than decorators; here it is documented. */
export class UsageInput {
  @CreditsField({ optional: true, description: 'Either this or `price` and `quantity`.' })
  amount?: string;

  @CreditsField({ optional: true, description: 'Credits for one; the product is rounded once, up.', example: '0.002' })
  price?: string;

  @CreditsField({ optional: true, description: 'A decimal with at most six fraction digits.', example: '1500' })
  quantity?: string;

  @TextField({ max: 64, optional: true, description: 'Kept on the line.' })
  priceVersion?: string;

  @UuidField({ optional: true, description: 'The unit it is used in; users must be members of it.' })
  unitId?: string;

  @UuidField({ optional: true, description: 'Whose usage it is: oneself, unless a manager says otherwise.' })
  memberId?: string;

  @TextField({ max: 64, optional: true, description: 'What it is for, such as `gpu`; reports group by it.' })
  kind?: string;

  @TextField({ max: 200, optional: true, description: "The caller's own number." })
  reference?: string;

  @JsonField({ optional: true, description: 'At most 4 KiB of JSON.' })
  metadata?: Record<string, unknown>;
}

export class ChargeInput extends UsageInput {}

export class BatchItem extends UsageInput {
  @TextField({ max: 255, description: 'Each item happens once per key.' })
  idempotencyKey: string;
}

export class ChargeBatchInput {
  @ApiProperty({ type: BatchItem, isArray: true, minItems: 1, maxItems: 1000 })
  items: BatchItem[];
}

export class AllocationView {
  @UuidField()
  lotId: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @CreditsField()
  amount: string;
}

export class ChargeView {
  @UuidField()
  id: string;

  @CreditsField()
  amount: string;

  @CreditsField({ signed: true, description: 'Available right after it.' })
  balance: string;

  @ObjectListField(() => AllocationView, { description: 'The lots it was taken from; the rest is overdraft.' })
  allocations: AllocationView[];

  @TextField()
  kind: string;

  @UuidField({ nullable: true })
  unitId: string | null;

  @UuidField({ nullable: true })
  memberId: string | null;

  @TextField({ nullable: true })
  reference: string | null;

  @DateTimeField()
  createdAt: string;
}

/** A charge, or the problem it was refused with. */
export class BatchResultView {
  @IntegerField({ min: 200, max: 599 })
  status: number;

  @TextField({ optional: true })
  idempotencyKey?: string;

  @UuidField({ optional: true })
  id?: string;

  @CreditsField({ optional: true })
  amount?: string;

  @CreditsField({ optional: true, signed: true })
  balance?: string;

  @ObjectListField(() => AllocationView, { optional: true })
  allocations?: AllocationView[];

  @TextField({ optional: true, description: 'Why it was refused.' })
  code?: string;

  @TextField({ optional: true })
  detail?: string;
}

export class ChargeBatchView {
  @ObjectListField(() => BatchResultView, { description: 'One for each item, in order.' })
  results: BatchResultView[];
}
