import type { BrandingValues } from '../../../settings/index.js';
import type { DocumentContent } from '../../../common/documents/index.js';
import { moneyText } from '../../../common/money/index.js';
import { referenceOf, type TopUpView } from './top-up.dto.js';

export interface ReceiptParties {
  organization: string;
  /** The name of the payer. Null when an API key paid. */
  payer: string | null;
  branding: BrandingValues;
}

const PAID_BY: Record<TopUpView['provider'], string> = {
  stripe: 'Card or other payment method at Stripe',
  manual: 'Bank transfer',
  sandbox: 'Sandbox, no money moved',
};

/** Creates the receipt of a paid top-up, whose `paidAt` must be set. */
export function receiptDocument(topUp: TopUpView, { organization, payer, branding }: ReceiptParties): DocumentContent {
  const { currency, credits, paidMinor, refundedMinor, roundedFromMinor } = topUp;
  const money = (minor: number) => moneyText(minor, currency);
  const refunded = refundedMinor > 0 ? [['Refunded', '', { number: `-${money(refundedMinor)}` }]] : [];
  return {
    issuer: branding.displayName,
    color: branding.primaryColor,
    title: `Receipt ${referenceOf(topUp.id)}`,
    facts: [
      ['Organization', organization],
      ...(payer === null ? [] : [['Paid by', payer] as const]),
      ['Paid on', `${topUp.paidAt?.slice(0, 16).replace('T', ' ')} UTC`],
      ['Paid with', PAID_BY[topUp.provider]],
      ...(roundedFromMinor === null ? [] : [['Price rounded up from', money(roundedFromMinor)] as const]),
    ],
    tables: [
      {
        head: ['', { number: 'Credits' }, { number: 'Amount' }],
        widths: [50, 22, 28],
        rows: [['Credits', { number: credits }, { number: money(paidMinor) }], ...refunded],
        foot: [['Total', '', { number: money(paidMinor - refundedMinor) }]],
      },
    ],
    note: `Top-up ${topUp.id}. This receipt confirms a payment. It is not a tax invoice.`,
  };
}
