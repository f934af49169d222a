import { Entity, ForeignKey, Index, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../common/database/index.js';

/** The state follows from three instants, as for organizations. */
@Entity('units')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('units_organization_id_slug_key', ['organizationId', 'slug'])
@Unique('units_organization_id_external_id_key', ['organizationId', 'externalId'])
@Index('units_organization_id_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('units_organization_id_name_idx', ['organizationId', 'name', 'id'])
@Index('units_deleted_at_idx', ['deletedAt'], { where: 'deleted_at is not null' })
@Index('units_suspended_at_idx', ['suspendedAt'], { where: 'suspended_at is not null' })
export class Unit {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

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
