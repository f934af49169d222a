import { Check, Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import { IdColumn, PrimaryIdColumn } from '../database/index.js';
import { LifecycleColumns } from './lifecycle.entity.js';

/** Null where the plan decides. */
export type Limits = Pick<Organization, 'seatLimit' | 'unitLimit'>;

@Entity('organizations')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('organizations_operator_id_slug_key', ['operatorId', 'slug'])
@Unique('organizations_operator_id_external_id_key', ['operatorId', 'externalId'])
@Index('organizations_operator_id_created_at_idx', ['operatorId', 'createdAt', 'id'])
// Sorts names in an order that an entity cannot express.
@Index('organizations_operator_id_name_idx', { synchronize: false })
@Index('organizations_deleted_at_idx', ['deletedAt'], { where: 'deleted_at is not null' })
@Index('organizations_suspended_at_idx', ['suspendedAt'], { where: 'suspended_at is not null' })
@Index('organizations_created_by_idx', ['createdBy'])
@ForeignKey('Plan', ['planId'], ['id'])
@Index('organizations_plan_id_idx', ['planId'], { where: 'plan_id is not null' })
@Check('organizations_seat_limit_check', 'seat_limit >= 0')
@Check('organizations_unit_limit_check', 'unit_limit >= 0')
export class Organization extends LifecycleColumns {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  /** Limit of members and open invitations. Overrides the plan. */
  @Column({ type: 'integer', nullable: true })
  seatLimit: number | null;

  /** Limit of units. Overrides the plan. */
  @Column({ type: 'integer', nullable: true })
  unitLimit: number | null;

  /** The plan whose limits apply: that of the current or last subscription. Null for no limits. */
  @IdColumn({ nullable: true })
  planId: string | null;
}
