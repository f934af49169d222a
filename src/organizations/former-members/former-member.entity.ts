import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import { CreatedAtColumn, JsonColumn, PrimaryIdColumn, TextColumn } from '../../database/index.js';

export const FORMER_MEMBER_REASONS = ['left', 'removed', 'deactivated'] as const;
export type FormerMemberReason = (typeof FORMER_MEMBER_REASONS)[number];

/** The role of a user in a unit. */
export interface UnitHeld {
  unitId: string;
  role: Role;
}

/**
 * A user who is not a member and whom no automation adds: no access rule, no provisioning and no group. An accepted
 * invitation, an explicit add or SCIM's `active: true` ends this.
 */
@Entity('former_members')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('former_members_user_id_idx', ['userId'])
@Check('former_members_role_check', "role in ('user', 'manager', 'admin')")
@Check('former_members_reason_check', "reason in ('left', 'removed', 'deactivated')")
export class FormerMember {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  userId: string;

  @Column({ type: 'text', default: 'deactivated' })
  reason: FormerMemberReason;

  /** What a deactivated user gets back. Who left or was removed gets nothing back. */
  @TextColumn({ nullable: true })
  role: Role | null;

  @Column({ type: 'text', array: true })
  roleIds: string[];

  @JsonColumn()
  units: UnitHeld[];

  @CreatedAtColumn()
  since: Date;
}
