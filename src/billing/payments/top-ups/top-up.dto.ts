import { toCredits } from '../../../common/money/index.js';
import { PageQuery } from '../../../common/pagination/index.js';
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
import { CurrencyField, MAX_MINOR } from '../currency.js';
import { TOP_UP_STATES, type TopUpState } from '../payment-facts.js';
import { PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';
import type { TopUp } from './top-up.entity.js';

const MINOR = { min: 0, max: MAX_MINOR };
const STATE = {
  name: 'TopUpState',
  description:
    'Goes forward only. `failed`: nothing was paid and nothing will be, though a payment that comes all the same is granted.',
};

export class CreateTopUp {
  @CreditsField({ optional: true, example: '500', description: 'How many, at the price of one; or `packageId`.' })
  credits?: string;

  @UuidField({ optional: true, description: 'One of the packages on offer; or `credits`.' })
  packageId?: string;

  @TextField({
    max: 2000,
    optional: true,
    example: 'https://app.example.com/credits',
    description:
      'Where the payer comes back to: below BASE_URL, or at an origin of the operator. Left out: BASE_URL. `topUpId` is added to it.',
  })
  returnUrl?: string;

  @EnumField(PROVIDER_NAMES, {
    optional: true,
    name: 'PaymentProvider',
    description: 'How it is paid, where there is a choice: `manual` is a bank transfer. Left out: online.',
  })
  provider?: ProviderName;

  @BooleanField({
    optional: true,
    default: false,
    description: 'Keep the method of payment for automatic top-up.',
  })
  savePaymentMethod?: boolean;
}

export class TopUpQuery extends PageQuery {
  @EnumField(TOP_UP_STATES, { optional: true, ...STATE })
  state?: TopUpState;

  @UuidField({ optional: true, description: 'Who paid, or means to.' })
  requestedBy?: string;
}

export class RefundTransfer {
  @IntegerField({ min: 1, max: MAX_MINOR, description: 'What was paid back, in the smallest unit of the currency.' })
  amountMinor: number;
}

export class TransferView {
  @TextField({ example: 'TU-4F2A-91C7-0B3D', description: 'To be written on the transfer.' })
  reference: string;

  @TextField({ max: 1000, multiline: true })
  bankDetails: string;
}

export class TopUpView {
  @UuidField()
  id: string;

  @EnumField(TOP_UP_STATES, STATE)
  state: TopUpState;

  @CreditsField()
  credits: string;

  @IntegerField({ ...MINOR, description: 'What it costs, in the smallest unit of the currency.' })
  priceMinor: number;

  @IntegerField({ ...MINOR, description: 'What was paid: nothing or all of it.' })
  paidMinor: number;

  @IntegerField({ ...MINOR, description: 'Of that, what was paid back.' })
  refundedMinor: number;

  @CurrencyField()
  currency: string;

  @UuidField({ nullable: true })
  packageId: string | null;

  @EnumField(PROVIDER_NAMES, { name: 'PaymentProvider' })
  provider: ProviderName;

  @TextField({ max: 2000, nullable: true, description: 'Where to pay; null when there is nothing to be paid there.' })
  checkoutUrl: string | null;

  @ObjectField(() => TransferView, {
    nullable: true,
    description: 'How to transfer the money; null: it is paid online.',
  })
  transfer: TransferView | null;

  @BooleanField({ description: 'Made by itself: automatic top-up.' })
  auto: boolean;

  @UuidField({ description: 'The person or API key that asked for it: who paid.' })
  requestedBy: string;

  @UuidField({ nullable: true, description: 'The lot of credits it became.' })
  lotId: string | null;

  @CreditsField({ zero: true, description: 'Taken back, because the money was.' })
  clawedBack: string;

  @CreditsField({ zero: true, description: 'Kept back while a dispute is open.' })
  frozen: string;

  @TextField({ max: 200, nullable: true, description: 'Why nothing came of it, or of the last try: `declined`, …' })
  failure: string | null;

  @DateTimeField({ nullable: true })
  paidAt: string | null;

  @DateTimeField({ nullable: true })
  grantedAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;
}

/** What is written on a transfer: short, and different for each. */
export const referenceOf = (id: string): string =>
  `TU-${(id.replaceAll('-', '').slice(-12).match(/.{4}/g) ?? []).join('-').toUpperCase()}`;

const PAYABLE: readonly TopUpState[] = ['created', 'checkout_open'];

export const toTopUpView = (row: TopUp, bankDetails: string | null): TopUpView => ({
  id: row.id,
  state: row.state,
  credits: toCredits(BigInt(row.credits)),
  priceMinor: Number(row.priceMinor),
  paidMinor: row.paidAt ? Number(row.priceMinor) : 0,
  refundedMinor: Number(row.refundedMinor),
  currency: row.currency,
  packageId: row.packageId,
  provider: row.provider,
  checkoutUrl: PAYABLE.includes(row.state) ? row.checkoutUrl : null,
  transfer:
    row.provider === 'manual' && PAYABLE.includes(row.state)
      ? { reference: referenceOf(row.id), bankDetails: bankDetails ?? '' }
      : null,
  auto: row.auto,
  requestedBy: row.requestedBy,
  lotId: row.lotId,
  clawedBack: toCredits(BigInt(row.clawedBack)),
  frozen: toCredits(BigInt(row.frozen)),
  failure: row.paidAt ? null : row.failure,
  paidAt: row.paidAt?.toISOString() ?? null,
  grantedAt: row.grantedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
