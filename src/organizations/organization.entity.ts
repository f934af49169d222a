import { Entity, ForeignKey, Index, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../common/database/index.js';

/**
 * The state follows from three instants: being deleted hides being suspended, and restoring brings back exactly what
 * was. `purgeStartedAt` is the point of no return.
 */
@Entity('organizations')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('organizations_operator_id_slug_key', ['operatorId', 'slug'])
@Unique('organizations_operator_id_external_id_key', ['operatorId', 'externalId'])
@Index('organizations_operator_id_created_at_idx', ['operatorId', 'createdAt', 'id'])
@Index('organizations_operator_id_name_idx', ['operatorId', 'name', 'id'])
@Index('organizations_deleted_at_idx', ['deletedAt'], { where: 'deleted_at is not null' })
@Index('organizations_suspended_at_idx', ['suspendedAt'], { where: 'suspended_at is not null' })
@Index('organizations_created_by_idx', ['createdBy'])
export class Organization {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  slug: string;

  @TextColumn()
  name: string;

  @TextColumn({ nullable: true })
  description: string | null;

  @TextColumn({ nullable: true })
  externalId: string | null;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  suspendedAt: Date | null;

  @TimestampColumn({ nullable: true })
  deletedAt: Date | null;

  @IdColumn({ nullable: true })
  deletedBy: string | null;

  @TimestampColumn({ nullable: true })
  purgeStartedAt: Date | null;

  @RowVersionColumn()
  version: number;
}
