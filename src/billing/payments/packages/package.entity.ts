import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../../database/index.js';

/** A number of credits that an operator sells at a fixed price. Organizations cannot buy inactive packages. */
@Entity('top_up_packages')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('top_up_packages_operator_id_idx', ['operatorId', 'priceMinor', 'id'])
@Check('top_up_packages_credits_check', 'credits > 0')
@Check('top_up_packages_price_minor_check', 'price_minor > 0')
export class TopUpPackage {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  name: string;

  /** Micro-credits. */
  @Column({ type: 'bigint' })
  credits: string;

  /** The price in the smallest unit of the currency. */
  @Column({ type: 'bigint' })
  priceMinor: string;

  /** The price that staff asked for, when it had to be rounded up to one that can be charged. */
  @Column({ type: 'bigint', nullable: true })
  roundedFromMinor: string | null;

  @TextColumn()
  currency: string;

  @Column({ type: 'boolean' })
  active: boolean;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
