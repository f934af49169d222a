import { Entity, ForeignKey, Index, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

/** A group of an identity provider. The SCIM settings say by its name what it grants. */
@Entity('scim_groups')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('scim_groups_display_name_key', ['organizationId', 'displayNameKey'])
@Index('scim_groups_external_id_idx', ['organizationId', 'externalId'])
export class ScimGroup {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  displayName: string;

  /** In lower case, for comparison. */
  @TextColumn()
  displayNameKey: string;

  @TextColumn({ nullable: true })
  externalId: string | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}

@Entity('scim_group_members')
@ForeignKey('ScimGroup', ['organizationId', 'groupId'], ['organizationId', 'id'], { onDelete: 'CASCADE' })
@ForeignKey('User', ['userId'], ['id'])
@Index('scim_group_members_organization_id_user_id_idx', ['organizationId', 'userId', 'groupId'])
@Index('scim_group_members_user_id_idx', ['userId'])
export class ScimGroupMember {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  groupId: string;

  @PrimaryIdColumn()
  userId: string;
}
