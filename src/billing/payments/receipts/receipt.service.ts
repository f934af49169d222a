import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../../common/access/index.js';
import { DocumentRenderer } from '../../../common/documents/index.js';
import { currencyOf, toCredits } from '../../../common/money/index.js';
import { Database } from '../../../database/index.js';
import { OperatorService } from '../../../operators/index.js';
import { OrganizationService } from '../../../organizations/index.js';
import { BrandingService } from '../../../settings/index.js';
import { booksOf } from '../payment-facts.js';
import { topUpErrors } from '../top-up.errors.js';
import { factsOf, priceOf } from '../top-ups/settlement.service.js';
import { referenceOf } from '../top-ups/top-up.dto.js';
import type { TopUp } from '../top-ups/top-up.entity.js';
import { type TopUpKey, TopUpStore } from '../top-ups/top-up.store.js';
import { PartyService } from './party.service.js';
import { receiptDocument } from './receipt.document.js';
import type { ReceiptView, TaxView } from './receipt.dto.js';
import type { Receipt } from './receipt.entity.js';
import { ReceiptStore } from './receipt.store.js';
import type { SellerView } from './seller.dto.js';
import { includedTax, toRate } from './tax.js';
import { unitPriceOf } from './unit-price.js';

const DIGITS = 6;

/** Gives paid top-ups their receipts. */
@Injectable()
export class ReceiptService {
  constructor(
    private readonly db: Database,
    private readonly store: ReceiptStore,
    private readonly topUps: TopUpStore,
    private readonly parties: PartyService,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly branding: BrandingService,
    private readonly documents: DocumentRenderer,
  ) {}

  async view({ organizationId, operator }: OrganizationAccess, id: string): Promise<ReceiptView> {
    const topUp = await this.topUps.find(this.db.reader, { organizationId, id });
    if (!topUp) throw topUpErrors.not_found();
    if (topUp.paidAt === null) throw topUpErrors.no_receipt();
    const receipt = await this.issue(operator.id, topUp);
    const [{ timeZone }, { name }, payer] = await Promise.all([
      this.operators.view(operator.id),
      this.organizations.view(organizationId),
      this.topUps.payerName(this.db.reader, topUp.requestedBy),
    ]);
    return { ...amountsOf(topUp, receipt), timeZone, buyer: { ...receipt.buyer, organization: name, payer } };
  }

  async pdf(access: OrganizationAccess, id: string): Promise<{ bytes: Buffer; name: string }> {
    const receipt = await this.view(access, id);
    // The heading names the seller, so the branding of the organization, which buys, does not apply.
    const branding = await this.branding.effective(access.operator.id);
    const bytes = await this.documents.pdf(receiptDocument(receipt, referenceOf(id), branding));
    return { bytes, name: `receipt-${receipt.number}` };
  }

  /** Gives a paid top-up its number, once. The lock on the top-up decides which of two requests does. */
  private async issue(operatorId: string, { organizationId, id }: TopUpKey): Promise<Receipt> {
    const key = { organizationId, id };
    const known = await this.store.find(this.db.reader, key);
    if (known) return known;
    const seller = withoutVersion(await this.parties.seller(operatorId));
    const buyer = withoutVersion(await this.parties.billingDetails(organizationId));
    const issued = await this.db.transaction(
      async (tx) => {
        await this.topUps.lock(tx, key);
        const other = await this.store.find(tx, key);
        if (other) return other;
        const number = await this.store.nextNumber(tx, operatorId);
        await this.store.insert(tx, { organizationId, topUpId: id, operatorId, number, seller, buyer });
        return this.store.find(tx, key);
      },
      { keepsAccess: true },
    );
    if (!issued) throw topUpErrors.not_found();
    return issued;
  }
}

function withoutVersion<View extends { version: number; etag: string }>(view: View): Omit<View, 'version' | 'etag'> {
  const { version: _version, etag: _etag, ...party } = view;
  return party;
}

function taxOf({ taxName, taxRate }: Pick<SellerView, 'taxName' | 'taxRate'>, minor: number): TaxView | null {
  if (taxRate === null) return null;
  return { name: taxName ?? 'Tax', rate: taxRate, minor: includedTax(minor, toRate(taxRate)) };
}

function amountsOf(topUp: TopUp, { number, createdAt, seller }: Receipt): Omit<ReceiptView, 'timeZone' | 'buyer'> {
  const totalMinor = Number(topUp.priceMinor);
  const { refundedMinor, lostMinor } = booksOf(factsOf(topUp), BigInt(topUp.credits), priceOf(topUp));
  const disputedMinor = Math.min(lostMinor, totalMinor - refundedMinor);
  const { taxName, taxRate, ...party } = seller;
  const tax = taxOf({ taxName, taxRate }, totalMinor);
  return {
    number: `R-${number.padStart(DIGITS, '0')}`,
    topUpId: topUp.id,
    issuedAt: createdAt.toISOString(),
    paidAt: (topUp.paidAt ?? topUp.createdAt).toISOString(),
    provider: topUp.provider,
    seller: party,
    credits: toCredits(BigInt(topUp.credits)),
    unitPrice: unitPriceOf(totalMinor, BigInt(topUp.credits), topUp.currency),
    currency: topUp.currency,
    currencyDecimals: currencyOf(topUp.currency).decimals,
    totalMinor,
    tax,
    netMinor: totalMinor - (tax?.minor ?? 0),
    refundedMinor,
    disputedMinor,
    remainingMinor: totalMinor - refundedMinor - disputedMinor,
  };
}
