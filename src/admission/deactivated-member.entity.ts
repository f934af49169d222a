import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../common/access/index.js';
import { CreatedAtColumn, JsonColumn, PrimaryIdColumn, TextColumn } from '../database/index.js';
import type { UnitHeld } from '../units/index.js';

/** Somebody who is kept out of an organization for now, and what he had there. He is no member: there is no other row. */
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
