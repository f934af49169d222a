import type { DocumentContent } from '../../../common/documents/index.js';
import { moneyText } from '../../../common/money/index.js';
import type { BrandingValues } from '../../../settings/index.js';
import type { ProviderName } from '../providers/payment-provider.js';
import { partyOf } from '../../parties/index.js';
import type { ReceiptView } from './receipt.dto.js';

const PAID_BY: Record<ProviderName, string> = {
  stripe: 'Card or other payment method at Stripe',
  manual: 'Bank transfer',
  sandbox: 'Sandbox, no money moved',
};

/** For example `2026-11-30 14:05 (Europe/Berlin)`. */
function timeText(at: string, timeZone: string): string {
  const style = { timeZone, dateStyle: 'short', timeStyle: 'short' } as const;
  return `${new Intl.DateTimeFormat('sv-SE', style).format(new Date(at))} (${timeZone})`;
}

/** Creates the document of a receipt. */
export function receiptDocument(receipt: ReceiptView, reference: string, branding: BrandingValues): DocumentContent {
  const { seller, buyer, currency, tax } = receipt;
  const money = (minor: number) => ({ number: moneyText(minor, currency) });
  const totals = [
    ...(tax
      ? [
          ['Net amount', '', '', money(receipt.netMinor)],
          [`${tax.name} ${tax.rate} %`, '', '', money(tax.minor)],
        ]
      : []),
    ['Total', '', '', money(receipt.totalMinor)],
    ...(receipt.refundedMinor > 0 ? [['Refunded', '', '', money(-receipt.refundedMinor)]] : []),
    ...(receipt.disputedMinor > 0 ? [['Returned after a dispute', '', '', money(-receipt.disputedMinor)]] : []),
    ...(receipt.remainingMinor < receipt.totalMinor ? [['Remaining', '', '', money(receipt.remainingMinor)]] : []),
  ];
  return {
    issuer: branding.displayName,
    color: branding.primaryColor,
    title: `Receipt ${receipt.number}`,
    parties: [partyOf('Seller', branding.displayName, seller), partyOf('Bill to', buyer.organization, buyer)],
    facts: [
      ...(receipt.replaces === null ? [] : [['Replaces receipt', receipt.replaces] as const]),
      ...(receipt.replacedBy === null ? [] : [['Replaced by receipt', receipt.replacedBy] as const]),
      ['Paid on', timeText(receipt.paidAt, receipt.timeZone)],
      ['Paid with', PAID_BY[receipt.provider]],
      ...(buyer.payer === null ? [] : [['Paid by', buyer.payer] as const]),
      ['Organization', buyer.organization],
      ['Top-up', reference],
      ...(buyer.reference === null ? [] : [['Your reference', buyer.reference] as const]),
    ],
    tables: [
      {
        head: ['Description', { number: 'Quantity' }, { number: 'Unit price' }, { number: 'Amount' }],
        widths: [34, 20, 24, 22],
        rows: [
          [
            'Credits',
            { number: receipt.credits },
            { number: `${receipt.unitPrice} ${currency}` },
            money(receipt.totalMinor),
          ],
        ],
        foot: totals,
      },
    ],
    note: `Issued on ${timeText(receipt.issuedAt, receipt.timeZone)}. Top-up ${receipt.topUpId}.${tax ? '' : ' This receipt confirms a payment. It is not a tax invoice.'}`,
  };
}
