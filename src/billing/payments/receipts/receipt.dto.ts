import {
  CreditsField,
  CurrencyField,
  DateTimeField,
  DecimalsField,
  EnumField,
  IntegerField,
  ObjectField,
  TextField,
  TimeZoneField,
  UuidField,
} from '../../../common/validation/index.js';
import { LARGEST_MINOR } from '../../../common/money/index.js';
import { PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';
import { PartyView } from '../../parties/index.js';

const MINOR = { min: 0, max: LARGEST_MINOR };

export class ReceiptQuery {
  @EnumField(['pdf', 'json'], { optional: true, default: 'pdf' })
  format?: 'pdf' | 'json';

  @TextField({ max: 30, optional: true, description: 'A number of this top-up. The default is the last one.' })
  number?: string;
}

export class BuyerView extends PartyView {
  @TextField({ description: 'The name of the organization.' })
  organization: string;

  @TextField({
    nullable: true,
    description:
      'The name of the payer. Null when an API key or automatic top-up paid, when `legalName` is set, and for callers who may not list members.',
  })
  payer: string | null;

  @TextField({ max: 100, nullable: true })
  reference: string | null;
}

export class TaxView {
  @TextField({ max: 30, example: 'VAT' })
  name: string;

  @TextField({ max: 8, example: '19', description: 'In percent.' })
  rate: string;

  @IntegerField({ ...MINOR, description: 'The tax that the total includes, rounded half up.' })
  minor: number;
}

/** Amounts are in the smallest unit of the currency. */
export class ReceiptView {
  @TextField({
    example: 'R-000012',
    description: 'Numbers of an operator have no gaps. Given when the payment is booked.',
  })
  number: string;

  @TextField({ nullable: true, example: 'R-000011', description: 'The receipt that this one corrects.' })
  replaces: string | null;

  @TextField({ nullable: true, example: 'R-000013', description: 'The receipt that corrects this one.' })
  replacedBy: string | null;

  @UuidField()
  topUpId: string;

  @DateTimeField()
  issuedAt: string;

  @DateTimeField()
  paidAt: string;

  @TimeZoneField({ description: "The operator's time zone, which the PDF shows times in." })
  timeZone: string;

  @EnumField(PROVIDER_NAMES, { name: 'PaymentProvider' })
  provider: ProviderName;

  @ObjectField(() => PartyView)
  seller: PartyView;

  @ObjectField(() => BuyerView)
  buyer: BuyerView;

  @CreditsField()
  credits: string;

  @TextField({
    example: '1.00',
    description: 'The price of one credit, in the currency, with at most six more digits.',
  })
  unitPrice: string;

  @CurrencyField()
  currency: string;

  @DecimalsField()
  currencyDecimals: number;

  @IntegerField(MINOR)
  totalMinor: number;

  @ObjectField(() => TaxView, { nullable: true, description: 'Null when the seller has no tax rate.' })
  tax: TaxView | null;

  @IntegerField({ ...MINOR, description: 'The total without the tax.' })
  netMinor: number;

  @IntegerField({ ...MINOR, description: 'The part that was refunded.' })
  refundedMinor: number;

  @IntegerField({ ...MINOR, description: 'The part that lost disputes took back.' })
  disputedMinor: number;

  @IntegerField({ ...MINOR, description: 'What remains of the total after refunds and lost disputes.' })
  remainingMinor: number;
}
