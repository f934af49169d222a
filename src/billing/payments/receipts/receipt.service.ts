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
import { ReceiptIssuerService } from '../receipt-numbers/receipt-issuer.service.js';
import { numberText } from '../receipt-numbers/receipt-number.js';
import { receiptDocument } from './receipt.document.js';
import type { ReceiptView, TaxView } from './receipt.dto.js';
import type { Receipt } from '../receipt-numbers/receipt.entity.js';
import { ReceiptStore } from '../receipt-numbers/receipt.store.js';
import type { ReceiptSeller } from '../receipt-numbers/receipt.entity.js';
import { includedTax, toRate } from '../../parties/index.js';
import { unitPriceOf } from './unit-price.js';

/** Shows and corrects the receipts of paid top-ups. */
@Injectable()
export class ReceiptService {
  constructor(
    private readonly db: Database,
    private readonly store: ReceiptStore,
    private readonly topUps: TopUpStore,
    private readonly issuer: ReceiptIssuerService,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly branding: BrandingService,
    private readonly documents: DocumentRenderer,
  ) {}

  /** Returns the receipt with a number, or the last one. */
  async view(access: OrganizationAccess, id: string, number?: string): Promise<ReceiptView> {
    const { organizationId, operator } = access;
    const topUp = await this.topUps.find(this.db.reader, { organizationId, id });
    if (!topUp) throw topUpErrors.not_found();
    if (topUp.paidAt === null) throw topUpErrors.no_receipt();
    const receipts = await this.findOrIssue(topUp);
    const index = number === undefined ? receipts.length - 1 : receipts.findIndex((one) => textOf(one) === number);
    const receipt = receipts[index];
    if (!receipt) throw topUpErrors.receipt_not_found();
    const [{ timeZone }, { name }, payer] = await Promise.all([
      this.operators.view(operator.id),
      this.organizations.view(organizationId),
      this.payerFor(access, topUp, receipt),
    ]);
    return {
      ...amountsOf(topUp, receipt),
      replaces: textOf(receipts[index - 1]),
      replacedBy: textOf(receipts[index + 1]),
      timeZone,
      buyer: { ...receipt.buyer, organization: receipt.buyer.organization ?? name, payer },
    };
  }

  /** Issues a receipt that names the buyer as it is now. */
  async correct(access: OrganizationAccess, id: string): Promise<ReceiptView> {
    const key = { organizationId: access.organizationId, id };
    await this.db.transaction(async (tx) => {
      await this.organizations.lockActive(tx, key.organizationId);
      const topUp = await this.topUps.lock(tx, key);
      if (!topUp) throw topUpErrors.not_found();
      if (topUp.paidAt !== null) await this.issuer.issue(tx, key);
      await this.issuer.correct(tx, key, access.actor);
    });
    return this.view(access, id);
  }

  async pdf(access: OrganizationAccess, id: string, number?: string): Promise<{ bytes: Buffer; name: string }> {
    const receipt = await this.view(access, id, number);
    // The heading names the seller, so the branding of the organization, which buys, does not apply.
    const branding = await this.branding.effective(access.operator.id);
    const bytes = await this.documents.pdf(access.organizationId, receiptDocument(receipt, referenceOf(id), branding));
    return { bytes, name: `receipt-${receipt.number}` };
  }

  /** Returns the receipts of a paid top-up. Payments of older versions get their number now. */
  private async findOrIssue({ organizationId, id }: TopUpKey): Promise<Receipt[]> {
    const key = { organizationId, id };
    const known = await this.store.find(this.db.reader, key);
    if (known.length > 0) return known;
    return this.db.transaction(
      async (tx) => {
        await this.topUps.lock(tx, key);
        await this.issuer.issue(tx, key);
        return this.store.find(tx, key);
      },
      { keepsAccess: true },
    );
  }

  /** Returns the name of the person who paid, for callers who may see people. A buyer that is set stands for the person. */
  private async payerFor(
    { actor, permissions }: OrganizationAccess,
    { requestedBy }: TopUp,
    { buyer }: Receipt,
  ): Promise<string | null> {
    if (buyer.legalName !== null) return null;
    if (!permissions.has('members:list') && actor.userId !== requestedBy) return null;
    return this.topUps.payerName(this.db.reader, requestedBy);
  }
}

function textOf(receipt: Receipt): string;
function textOf(receipt: Receipt | undefined): string | null;
function textOf(receipt: Receipt | undefined): string | null {
  return receipt ? numberText(receipt.number) : null;
}

function taxOf({ taxName, taxRate }: Pick<ReceiptSeller, 'taxName' | 'taxRate'>, minor: number): TaxView | null {
  if (taxRate === null) return null;
  return { name: taxName ?? 'Tax', rate: taxRate, minor: includedTax(minor, toRate(taxRate)) };
}

function amountsOf(
  topUp: TopUp,
  { number, createdAt, seller }: Receipt,
): Omit<ReceiptView, 'timeZone' | 'buyer' | 'replaces' | 'replacedBy'> {
  const totalMinor = Number(topUp.priceMinor);
  const { refundedMinor, lostMinor } = booksOf(factsOf(topUp), BigInt(topUp.credits), priceOf(topUp));
  const disputedMinor = Math.min(lostMinor, totalMinor - refundedMinor);
  const { taxName, taxRate, ...party } = seller;
  const tax = taxOf({ taxName, taxRate }, totalMinor);
  return {
    number: numberText(number),
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
