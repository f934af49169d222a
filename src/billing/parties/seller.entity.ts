import { Check, Column, Entity, ForeignKey } from 'typeorm';
import { PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** The operator as receipts name it. Without a row, receipts show the name of its branding. */
@Entity('sellers')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Check('sellers_tax_rate_check', 'tax_rate >= 0 and tax_rate <= 1000000')
export class Seller {
  @PrimaryIdColumn()
  operatorId: string;

  @TextColumn({ nullable: true })
  legalName: string | null;

  @TextColumn({ nullable: true })
  address: string | null;

  @TextColumn({ nullable: true })
  taxId: string | null;

  @TextColumn({ nullable: true })
  email: string | null;

  @TextColumn({ nullable: true })
  taxName: string | null;

  /** The tax that prices include, in ten-thousandths of a percent. Null prints no tax. */
  @Column({ type: 'integer', nullable: true })
  taxRate: number | null;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
