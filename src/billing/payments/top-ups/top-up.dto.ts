import { currencyOf, LARGEST_MINOR, toCredits } from '../../../common/money/index.js';
import { PageQuery } from '../../../common/pagination/index.js';
import {
  BooleanField,
  CreditsField,
  CurrencyField,
  DateTimeField,
  DecimalsField,
  EnumField,
  IntegerField,
  ObjectField,
  QueryBooleanField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { TOP_UP_STATES, type TopUpState } from '../payment-facts.js';
import { REVIEW_REASONS, type ReviewReason } from '../payment-review.js';
import { PROVIDER_NAMES, type ProviderName } from '../providers/payment-provider.js';
import { RoundedFromField } from '../price.js';
import type { TopUp } from './top-up.entity.js';

const MINOR = { min: 0, max: LARGEST_MINOR };
const STATE = {
  name: 'TopUpState',
  description:
    '`processing` means that the payer has paid by a method that takes days, as a bank debit. `failed` means that nothing was paid ' +
    'and no payment is expected. If one still arrives, it is granted. Refunds that fail and disputes with another outcome lead back.',
};

export class CreateTopUp {
  @CreditsField({
    optional: true,
    example: '500',
    description: 'The number of credits to buy at the price per credit. Give either this or `packageId`.',
  })
  credits?: string;

  @UuidField({ optional: true, description: 'The package to buy. Give either this or `credits`.' })
  packageId?: string;

  @TextField({
    max: 2000,
    optional: true,
    example: 'https://app.example.com/credits',
    description:
      'The URL the payer returns to. Must start with BASE_URL or with an allowed origin of the operator. `topUpId` is appended as ' +
      'a query parameter. By default, the payer returns to a confirmation page of this server.',
  })
  returnUrl?: string;

  @EnumField(PROVIDER_NAMES, {
    optional: true,
    name: 'PaymentProvider',
    description: 'The payment provider. `manual` is a bank transfer. The default is the online provider.',
  })
  provider?: ProviderName;

  @BooleanField({
    optional: true,
    default: false,
    description: 'Save the payment method for automatic top-up.',
  })
  savePaymentMethod?: boolean;
}

export class TopUpQuery extends PageQuery {
  @EnumField(TOP_UP_STATES, { optional: true, ...STATE })
  state?: TopUpState;

  @UuidField({ optional: true, description: 'Return only top-ups of this user or API key.' })
  requestedBy?: string;

  @QueryBooleanField({
    description: 'Return only top-ups with a payment that staff must review, or only those without.',
  })
  needsReview?: boolean;
}

export class CloseReview {
  @TextField({ max: 500, description: 'What was found and done, for the audit log.' })
  note: string;
}

export class PaymentReviewView {
  @EnumField(REVIEW_REASONS, { name: 'PaymentReviewReason' })
  reason: ReviewReason;

  @IntegerField({
    min: Number.MIN_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
    nullable: true,
    description: 'The amount that the provider reported, in the smallest unit of its currency.',
  })
  reportedMinor: number | null;

  @TextField({ nullable: true, description: 'The currency that the provider reported.' })
  reportedCurrency: string | null;

  @TextField({ nullable: true, description: "The provider's id of the payment." })
  paymentId: string | null;

  @DateTimeField()
  openedAt: string;
}

export class ConfirmTransfer {
  @IntegerField({
    min: 1,
    max: LARGEST_MINOR,
    optional: true,
    description:
      'The amount that arrived, in the smallest unit of the currency, if it is not the price. The credits follow it in proportion.',
  })
  amountMinor?: number;
}

/** What a bank transfer was meant to pay, when another amount arrived. */
export class RequestedTransferView {
  @IntegerField({ min: 1, max: LARGEST_MINOR, description: 'The price, in the smallest unit of the currency.' })
  priceMinor: number;

  @CreditsField()
  credits: string;
}

export class RefundTransfer {
  @IntegerField({
    min: 1,
    max: LARGEST_MINOR,
    description: 'The refunded amount, in the smallest unit of the currency.',
  })
  amountMinor: number;
}

export class TransferView {
  @TextField({ example: 'TU-4F2A-91C7-0B3D', description: 'The reference to put on the bank transfer.' })
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

  @IntegerField({ ...MINOR, description: 'The price, in the smallest unit of the currency.' })
  priceMinor: number;

  @RoundedFromField()
  roundedFromMinor: number | null;

  @ObjectField(() => RequestedTransferView, {
    nullable: true,
    description: 'What was asked for, when staff confirmed a bank transfer of another amount. Null otherwise.',
  })
  requested: RequestedTransferView | null;

  @IntegerField({ ...MINOR, description: 'The paid amount: 0 or the whole price.' })
  paidMinor: number;

  @IntegerField({ ...MINOR, description: 'The refunded part of the paid amount.' })
  refundedMinor: number;

  @CurrencyField()
  currency: string;

  @DecimalsField()
  currencyDecimals: number;

  @UuidField({ nullable: true })
  packageId: string | null;

  @EnumField(PROVIDER_NAMES, { name: 'PaymentProvider' })
  provider: ProviderName;

  @TextField({
    max: 2000,
    nullable: true,
    description: 'The page to pay on. Null when there is nothing to pay online.',
  })
  checkoutUrl: string | null;

  @ObjectField(() => TransferView, {
    nullable: true,
    description: 'Instructions for the bank transfer. Null for an online payment.',
  })
  transfer: TransferView | null;

  @BooleanField({ description: 'Created by automatic top-up.' })
  auto: boolean;

  @UuidField({ description: 'The user or API key that requested the top-up.' })
  requestedBy: string;

  @UuidField({ nullable: true, description: 'The credit lot that was granted for the top-up.' })
  lotId: string | null;

  @CreditsField({ zero: true, description: 'Credits taken back because of refunds and lost disputes.' })
  clawedBack: string;

  @CreditsField({ zero: true, description: 'Credits frozen while a dispute is open.' })
  frozen: string;

  @TextField({
    max: 200,
    nullable: true,
    description: 'Why the top-up, or its last payment attempt, failed. For example `declined` or `cancelled`.',
  })
  failure: string | null;

  @ObjectField(() => PaymentReviewView, {
    nullable: true,
    description: 'A payment that does not match this top-up. It granted nothing. Staff review it.',
  })
  review: PaymentReviewView | null;

  @DateTimeField({ nullable: true })
  paidAt: string | null;

  @DateTimeField({ nullable: true })
  grantedAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;
}

/** Returns the short reference that identifies the top-up on a bank transfer. */
export const referenceOf = (id: string): string =>
  `TU-${(id.replaceAll('-', '').slice(-12).match(/.{4}/g) ?? []).join('-').toUpperCase()}`;

const PAYABLE: readonly TopUpState[] = ['created', 'checkout_open'];

function toReviewView({ review, reviewOpenedAt }: TopUp): PaymentReviewView | null {
  if (!review || !reviewOpenedAt) return null;
  const { reason, reportedMinor, reportedCurrency, paymentId } = review;
  return { reason, reportedMinor, reportedCurrency, paymentId, openedAt: reviewOpenedAt.toISOString() };
}

export const toTopUpView = (row: TopUp, bankDetails: string | null): TopUpView => ({
  id: row.id,
  state: row.state,
  credits: toCredits(BigInt(row.credits)),
  priceMinor: Number(row.priceMinor),
  roundedFromMinor: row.roundedFromMinor === null ? null : Number(row.roundedFromMinor),
  requested: row.requested && {
    priceMinor: Number(row.requested.priceMinor),
    credits: toCredits(BigInt(row.requested.credits)),
  },
  paidMinor: row.paidAt ? Number(row.priceMinor) : 0,
  refundedMinor: Number(row.refundedMinor),
  currency: row.currency,
  currencyDecimals: currencyOf(row.currency).decimals,
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
  review: toReviewView(row),
  paidAt: row.paidAt?.toISOString() ?? null,
  grantedAt: row.grantedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
