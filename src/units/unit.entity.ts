import { Entity, ForeignKey, Index, Unique } from 'typeorm';
import { PrimaryIdColumn } from '../database/index.js';
import { LifecycleColumns } from '../organizations/index.js';

@Entity('units')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('units_organization_id_slug_key', ['organizationId', 'slug'])
@Unique('units_organization_id_external_id_key', ['organizationId', 'externalId'])
@Index('units_organization_id_created_at_idx', ['organizationId', 'createdAt', 'id'])
// Sorts names in an order that an entity cannot express.
@Index('units_organization_id_name_idx', { synchronize: false })
@Index('units_deleted_at_idx', ['deletedAt'], { where: 'deleted_at is not null' })
@Index('units_suspended_at_idx', ['suspendedAt'], { where: 'suspended_at is not null' })
export class Unit extends LifecycleColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;
}
