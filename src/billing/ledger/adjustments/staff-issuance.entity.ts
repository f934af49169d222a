import { Column, Entity, ForeignKey } from 'typeorm';
import { PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn } from '../../../database/index.js';

/** Credits that a member of staff created from nothing on one day of the operator's time zone, in all organizations, without a second person. */
@Entity('staff_issuances')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class StaffIssuance {
  @PrimaryIdColumn()
  operatorId: string;

  /** The user, or the admin who made the API key. */
  @PrimaryIdColumn()
  issuerId: string;

  @PrimaryColumn({ type: 'date' })
  day: string;

  /** Micro-credits. */
  @Column({ type: 'numeric', precision: 30, scale: 0 })
  amount: string;
}
