import {
  CreditsField,
  DateTimeField,
  EnumField,
  IntegerField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { CATEGORIES, type Category } from '../decisions/state.js';

export class GrantInput {
  @CreditsField({ example: '500' })
  amount: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @DateTimeField({
    optional: true,
    nullable: true,
    description:
      'When the rest of the lot expires. A day is valid to its end in the time zone of the operator. Omit it for a lot that never expires.',
  })
  expiresAt?: string | null;

  @IntegerField({
    min: 0,
    max: 1000,
    optional: true,
    default: 0,
    description: 'Lots with a lower priority are spent first.',
  })
  priority?: number;

  @TextField({ max: 500, example: 'Welcome credits' })
  reason: string;
}

export class GrantView {
  @UuidField()
  id: string;

  @UuidField()
  lotId: string;

  @CreditsField()
  amount: string;

  @EnumField(CATEGORIES, { name: 'LotCategory' })
  category: Category;

  @IntegerField({ min: 0, max: 1000 })
  priority: number;

  @DateTimeField({ nullable: true })
  expiresAt: string | null;

  @TextField()
  reason: string;

  @CreditsField({ signed: true, zero: true, description: 'Available credits after the grant.' })
  balance: string;

  @DateTimeField()
  createdAt: string;
}
