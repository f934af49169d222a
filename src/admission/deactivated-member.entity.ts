import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../common/access/index.js';
import { CreatedAtColumn, JsonColumn, PrimaryIdColumn, TextColumn } from '../database/index.js';
import type { UnitHeld } from '../units/index.js';

/** A user who is blocked from an organization for now, with their previous roles. There is no row in the members' table. */
@Entity('deactivated_members')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('deactivated_members_user_id_idx', ['userId'])
@Check('deactivated_members_role_check', "role in ('user', 'manager', 'admin')")
export class DeactivatedMember {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  userId: string;

  @TextColumn()
  role: Role;

  @Column({ type: 'text', array: true })
  roleIds: string[];

  @JsonColumn()
  units: UnitHeld[];

  @CreatedAtColumn()
  deactivatedAt: Date;
}
