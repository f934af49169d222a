import {
  BooleanField,
  DateTimeField,
  EnumField,
  IntegerField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';
import type { SavedPaymentMethod } from './payment-method.entity.js';

export class SavedPaymentMethodView {
  @TextField({
    max: 255,
    example: 'pm_1Qabc',
    description: "The provider's id of the method. Use it as the `paymentMethodId` of automatic top-up.",
  })
  id: string;

  @EnumField(PROVIDER_NAMES, { name: 'PaymentProvider' })
  provider: ProviderName;

  @TextField({ max: 100, nullable: true, example: 'visa' })
  brand: string | null;

  @TextField({ max: 10, nullable: true, example: '4242' })
  last4: string | null;

  @IntegerField({ min: 1, max: 12, nullable: true })
  expMonth: number | null;

  @IntegerField({ min: 1970, max: 9999, nullable: true })
  expYear: number | null;

  @UuidField({ nullable: true, description: 'The top-up whose payment saved the method.' })
  topUpId: string | null;

  @BooleanField({ description: 'Automatic top-up uses this method.' })
  autoTopUp: boolean;

  @UuidField({ description: 'The user or API key that saved the method.' })
  createdBy: string;

  @DateTimeField()
  createdAt: string;
}

export const toSavedPaymentMethodView = (
  row: SavedPaymentMethod,
  autoMethodId: string | null,
): SavedPaymentMethodView => ({
  id: row.id,
  provider: row.provider,
  brand: row.brand,
  last4: row.last4,
  expMonth: row.expMonth,
  expYear: row.expYear,
  topUpId: row.topUpId,
  autoTopUp: row.id === autoMethodId,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
});
