import { Check, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import { CreatedAtColumn, PrimaryIdColumn, RowVersionColumn, TextColumn } from '../../database/index.js';

/** A member of a unit. The database removes the row when the user leaves the organization. */
@Entity('unit_members')
@ForeignKey('Unit', ['organizationId', 'unitId'], ['organizationId', 'id'])
@ForeignKey('OrganizationMember', ['organizationId', 'userId'], ['organizationId', 'userId'], { onDelete: 'CASCADE' })
@Index('unit_members_organization_id_user_id_idx', ['organizationId', 'userId', 'unitId'])
@Index('unit_members_joined_at_idx', ['organizationId', 'unitId', 'joinedAt', 'userId'])
@Check('unit_members_role_check', "role in ('user', 'manager', 'admin')")
export class UnitMember {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  unitId: string;

  @PrimaryIdColumn()
  userId: string;

  @TextColumn()
  role: Role;

  @CreatedAtColumn()
  joinedAt: Date;

  @RowVersionColumn()
  version: number;
}
