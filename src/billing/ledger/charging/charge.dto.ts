import { ApiProperty } from '@nestjs/swagger';
import {
  BooleanField,
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  JsonField,
  ObjectListField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { toCredits } from '../../../common/money/index.js';
import { ProblemField } from '../../../http/index.js';
import { CATEGORIES, type Category } from '../decisions/state.js';
import type { ChargeRow } from './charge.store.js';

/** Documents the usage fields. `usageRequest` reads them, because decorators are too slow on this path. */
export class UsageInput {
  @CreditsField({ optional: true, description: 'Credits to charge. Send either this or `price` and `quantity`.' })
  amount?: string;

  @CreditsField({
    optional: true,
    description: 'Credits per unit of `quantity`. The product is rounded up once.',
    example: '0.002',
  })
  price?: string;

  @CreditsField({ optional: true, description: 'A decimal with at most six fraction digits.', example: '1500' })
  quantity?: string;

  @TextField({
    max: 64,
    optional: true,
    verbatim: true,
    description: 'Version of the price list, stored with the entry.',
  })
  priceVersion?: string;

  @UuidField({ optional: true, description: 'The unit that is charged. Users must be members of it.' })
  unitId?: string;

  @UuidField({
    optional: true,
    description:
      'The member who used the credits. Defaults to the caller. Only managers and API keys can name another member.',
  })
  memberId?: string;

  @TextField({
    max: 64,
    optional: true,
    verbatim: true,
    description: 'What the usage is for, such as `gpu`. Reports group by it.',
  })
  kind?: string;

  @TextField({ max: 200, optional: true, verbatim: true, description: 'Your own reference.' })
  reference?: string;

  @JsonField({ optional: true, description: 'At most 4 KiB of JSON.' })
  metadata?: Record<string, unknown>;
}

export class ChargeInput extends UsageInput {}

export class BatchItem extends UsageInput {
  @TextField({ max: 255, description: 'Each item is executed once per key.' })
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

  @CreditsField({ signed: true, description: 'Available credits after the charge.' })
  balance: string;

  @ObjectListField(() => AllocationView, { description: 'The lots that were charged. The rest is overdraft.' })
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

/** A charge, or the capture of a hold, as it is now. */
export class ChargeDetailView extends ChargeView {
  @EnumField(['charge', 'capture'], { name: 'ChargeType' })
  type: 'charge' | 'capture';

  @CreditsField({ zero: true, description: 'Credits that were refunded since.' })
  refunded: string;

  @CreditsField({ zero: true, description: 'Used credits that are owed, because no credits were left.' })
  receivable: string;

  @UuidField({ nullable: true })
  apiKeyId: string | null;

  @JsonField({ nullable: true, description: 'Price and quantity in millionths, metadata.' })
  detail: Record<string, unknown> | null;
}

export class ChargePreview extends ChargeView {
  @BooleanField({ description: 'Always true, because nothing was changed.' })
  dryRun: boolean;
}

/** A charge, or the error it was refused with. */
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

  @TextField({ optional: true })
  kind?: string;

  @UuidField({ optional: true, nullable: true })
  unitId?: string | null;

  @UuidField({ optional: true, nullable: true })
  memberId?: string | null;

  @TextField({ optional: true, nullable: true })
  reference?: string | null;

  @DateTimeField({ optional: true })
  createdAt?: string;

  @BooleanField({ optional: true, description: 'The charge was made by an earlier request with this key.' })
  replayed?: boolean;

  @TextField({ optional: true, description: 'Error code, if the item was refused.' })
  code?: string;

  @TextField({ optional: true })
  detail?: string;

  @ObjectListField(() => ProblemField, { optional: true, description: 'The fields that are not valid.' })
  errors?: ProblemField[];

  @CreditsField({ optional: true, signed: true, zero: true, description: 'Credits that can be spent.' })
  available?: string;

  @CreditsField({ optional: true, description: 'Credits that are missing.' })
  shortfall?: string;

  @TextField({ optional: true, description: 'What is exhausted: `balance`, or the scope of a limit.' })
  blockedBy?: string;
}

export class ChargeBatchView {
  @ObjectListField(() => BatchResultView, { description: 'One result per item, in order.' })
  results: BatchResultView[];
}

const credits = (micro: string): string => toCredits(BigInt(micro));

export const toChargeDetailView = (row: ChargeRow): ChargeDetailView => ({
  id: row.id,
  type: row.type,
  amount: credits(row.consumed),
  refunded: credits(row.refunded),
  receivable: toCredits(-BigInt(row.receivable)),
  balance: credits(row.availableAfter),
  allocations: row.allocations.map(({ lotId, category, amount }) => ({ lotId, category, amount: credits(amount) })),
  kind: row.kind,
  unitId: row.unitId,
  memberId: row.memberId,
  apiKeyId: row.apiKeyId,
  reference: row.reference,
  detail: row.detail,
  createdAt: row.createdAt.toISOString(),
});
