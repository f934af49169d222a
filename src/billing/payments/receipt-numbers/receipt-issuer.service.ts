import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../common/access/index.js';
import type { Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { PartyStore, toBillingDetailsView, toSellerView } from '../../parties/index.js';
import { topUpErrors } from '../top-up.errors.js';
import { numberText } from './receipt-number.js';
import type { Receipt, ReceiptBuyer, ReceiptSeller } from './receipt.entity.js';
import { type ReceiptKey, ReceiptStore } from './receipt.store.js';

/** Corrections of one receipt. Each takes a number of the operator, whom a customer must not cost any number of them. */
const MAX_CORRECTIONS = 10;

/** Gives receipts their numbers. The caller holds the lock on the top-up, which decides which of two requests does. */
@Injectable()
export class ReceiptIssuerService {
  constructor(
    private readonly store: ReceiptStore,
    private readonly parties: PartyStore,
    private readonly events: EventService,
  ) {}

  /** Gives a paid top-up its number, once. Call it last, because the payments of the operator wait until `tx` ends. */
  async issue(tx: Tx, key: ReceiptKey): Promise<void> {
    if ((await this.store.find(tx, key)).length > 0) return;
    const { operatorId, seller, buyer } = await this.partiesNow(tx, key.organizationId);
    await this.insert(tx, key, { operatorId, seller, buyer, revision: 0 });
  }

  /**
   * Replaces the last receipt by one with a number of its own that names the buyer as it is now. The seller stays as it was
   * when the payment was made, unless none was set then.
   */
  async correct(tx: Tx, key: ReceiptKey, actor: Actor): Promise<void> {
    const last = (await this.store.find(tx, key)).at(-1);
    if (!last) throw topUpErrors.no_receipt();
    const now = await this.partiesNow(tx, key.organizationId);
    const seller = last.seller.legalName === null ? now.seller : last.seller;
    const { buyer } = now;
    const lastBuyer = { ...last.buyer, organization: last.buyer.organization ?? buyer.organization };
    if (sameFields(seller, last.seller) && sameFields(buyer, lastBuyer)) throw topUpErrors.receipt_unchanged();
    if (last.revision >= MAX_CORRECTIONS) throw topUpErrors.receipt_correction_limit_reached();
    const { operatorId } = last;
    const number = await this.insert(tx, key, { operatorId, seller, buyer, revision: last.revision + 1 });
    await this.events.record(
      tx,
      { kind: 'organization', id: key.organizationId },
      {
        type: 'receipt.corrected',
        actor,
        subject: { type: 'top_up', id: key.id },
        after: { number: numberText(number), replaces: numberText(last.number) },
      },
    );
  }

  private async insert(
    tx: Tx,
    { organizationId, id: topUpId }: ReceiptKey,
    row: Pick<Receipt, 'operatorId' | 'seller' | 'buyer' | 'revision'>,
  ): Promise<string> {
    const number = await this.store.nextNumber(tx, row.operatorId);
    await this.store.insert(tx, { ...row, organizationId, topUpId, number });
    return number;
  }

  private async partiesNow(
    tx: Tx,
    organizationId: string,
  ): Promise<{ operatorId: string; seller: ReceiptSeller; buyer: ReceiptBuyer }> {
    const { operatorId, name: organization } = await this.store.operatorAndName(tx, organizationId);
    const seller = withoutVersion(toSellerView(await this.parties.findSeller(tx, operatorId)));
    const details = await this.parties.findBillingDetails(tx, organizationId);
    return { operatorId, seller, buyer: { ...withoutVersion(toBillingDetailsView(details)), organization } };
  }
}

function withoutVersion<View extends { version: number; etag: string }>(view: View): Omit<View, 'version' | 'etag'> {
  const { version: _version, etag: _etag, ...party } = view;
  return party;
}

const sameFields = <Fields extends object>(a: Fields, b: Fields): boolean =>
  (Object.keys(a) as (keyof Fields)[]).every((name) => a[name] === b[name]);
