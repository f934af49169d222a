import { Entity, ForeignKey } from 'typeorm';
import { PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** The organization as receipts name it. Without a row, receipts show its name. */
@Entity('billing_details')
@ForeignKey('Organization', ['organizationId'], ['id'])
export class BillingDetails {
  @PrimaryIdColumn()
  organizationId: string;

  @TextColumn({ nullable: true })
  legalName: string | null;

  @TextColumn({ nullable: true })
  address: string | null;

  @TextColumn({ nullable: true })
  taxId: string | null;

  @TextColumn({ nullable: true })
  email: string | null;

  /** The buyer's own reference, such as the number of a purchase order. */
  @TextColumn({ nullable: true })
  reference: string | null;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
