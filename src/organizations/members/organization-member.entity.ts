import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import { CreatedAtColumn, PrimaryIdColumn, RowVersionColumn, TextColumn } from '../../database/index.js';

@Entity('organization_members')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Index('organization_members_user_id_idx', ['userId', 'organizationId'])
@Index('organization_members_user_id_joined_at_idx', ['userId', 'joinedAt', 'organizationId'])
@Index('organization_members_role_idx', ['organizationId', 'role', 'joinedAt', 'userId'])
@Index('organization_members_joined_at_idx', ['organizationId', 'joinedAt', 'userId'])
@Check('organization_members_role_check', "role in ('user', 'manager', 'admin')")
export class OrganizationMember {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  userId: string;

  @TextColumn()
  role: Role;

  /** Functional roles by key, custom roles and templates by id. Ids of deleted roles grant nothing (decision 0010). */
  @Column({ type: 'text', array: true, default: '{}' })
  roleIds: string[];

  /** The address and name that the organization's directory has for the member. The account keeps its own. */
  @TextColumn({ nullable: true })
  directoryEmail: string | null;

  @TextColumn({ nullable: true })
  directoryName: string | null;

  /**
   * True from a membership by automation (access rule, provisioning, SCIM) until the member enters the organization. Until then
   * it counts at no other sign-in.
   */
  @Column({ type: 'boolean', default: false })
  awaitsEntry: boolean;

  /** Kinds of notices that the member switched off. */
  @Column({ type: 'text', array: true, default: '{}' })
  mutedNotices: string[];

  @CreatedAtColumn()
  joinedAt: Date;

  @RowVersionColumn()
  version: number;
}
