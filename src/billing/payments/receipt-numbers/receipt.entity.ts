import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { CreatedAtColumn, IdColumn, JsonColumn, PrimaryIdColumn } from '../../../database/index.js';
import type { BillingDetailsView, SellerView } from '../../parties/index.js';

/** The last number of an operator's receipts. Its row lock makes the numbers gapless. */
@Entity('receipt_counters')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class ReceiptCounter {
  @PrimaryIdColumn()
  operatorId: string;

  @Column({ type: 'bigint' })
  lastNumber: string;
}

/** The seller as a receipt names it, and the tax. */
export type ReceiptSeller = Omit<SellerView, 'version' | 'etag'>;

/** The buyer as a receipt names it. */
export type ReceiptBuyer = Omit<BillingDetailsView, 'version' | 'etag'> & {
  /** The name of the organization. Missing on receipts of older versions. */
  organization?: string;
};

/** A receipt of a top-up, with seller and buyer as they were when it got its number. A correction replaces the one before it. */
@Entity('receipts')
@ForeignKey('TopUp', ['organizationId', 'topUpId'], ['organizationId', 'id'])
export class Receipt {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  topUpId: string;

  /** Counts the corrections, from 0. */
  @PrimaryColumn({ type: 'integer', default: 0 })
  revision: number;

  @IdColumn()
  operatorId: string;

  /** Unique among the operator's receipts by its counter. */
  @Column({ type: 'bigint' })
  number: string;

  @JsonColumn()
  seller: ReceiptSeller;

  @JsonColumn()
  buyer: ReceiptBuyer;

  @CreatedAtColumn()
  createdAt: Date;
}
