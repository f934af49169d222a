import { Check, Column, Entity, ForeignKey } from 'typeorm';
import { PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../../../database/index.js';

/** The terms on which an operator sells credits. Without a row, the defaults apply. */
@Entity('operator_top_up_settings')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Check('operator_top_up_settings_price_check', 'credit_price > 0')
export class TopUpSettings {
  @PrimaryIdColumn()
  operatorId: string;

  @TextColumn()
  currency: string;

  /** The price of one credit, in millionths of the smallest unit of the currency. */
  @Column({ type: 'bigint' })
  creditPrice: string;

  /** Origins that a checkout may return to, in addition to BASE_URL. */
  @Column({ type: 'text', array: true })
  returnOrigins: string[];

  /** The account for bank transfers. Null means that bank transfers are not accepted. */
  @TextColumn({ nullable: true })
  bankDetails: string | null;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
