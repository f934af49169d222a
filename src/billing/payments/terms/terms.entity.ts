import { Check, Column, Entity, ForeignKey } from 'typeorm';
import { PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../../../common/database/index.js';

/** On what terms an operator sells credits; no row: the defaults. */
@Entity('operator_top_up_settings')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Check('operator_top_up_settings_price_check', 'credit_price > 0')
export class TopUpSettings {
  @PrimaryIdColumn()
  operatorId: string;

  @TextColumn()
  currency: string;

  /** Of one credit, in millionths of the smallest unit of the currency. */
  @Column({ type: 'bigint' })
  creditPrice: string;

  /** Where a checkout may lead back to, beside BASE_URL. */
  @Column({ type: 'text', array: true })
  returnOrigins: string[];

  /** Where transfers go; null: none are taken. */
  @TextColumn({ nullable: true })
  bankDetails: string | null;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
