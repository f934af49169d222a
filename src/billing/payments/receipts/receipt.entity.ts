import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, IdColumn, JsonColumn, PrimaryIdColumn } from '../../../database/index.js';
import type { BillingDetailsView } from './billing-details.dto.js';
import type { SellerView } from './seller.dto.js';

/** The last number of an operator's receipts. Its row lock makes the numbers gapless. */
@Entity('receipt_counters')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class ReceiptCounter {
  @PrimaryIdColumn()
  operatorId: string;

  @Column({ type: 'bigint' })
  lastNumber: string;
}

/** The receipt of a top-up, with seller and buyer as they were when it got its number. */
@Entity('receipts')
@ForeignKey('TopUp', ['organizationId', 'topUpId'], ['organizationId', 'id'])
export class Receipt {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  topUpId: string;

  @IdColumn()
  operatorId: string;

  /** Unique among the operator's receipts by its counter. */
  @Column({ type: 'bigint' })
  number: string;

  @JsonColumn()
  seller: Omit<SellerView, 'version' | 'etag'>;

  @JsonColumn()
  buyer: Omit<BillingDetailsView, 'version' | 'etag'>;

  @CreatedAtColumn()
  createdAt: Date;
}
