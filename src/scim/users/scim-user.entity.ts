import { Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import {
  CreatedAtColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../common/database/index.js';
import type { Document } from '../schema/document.js';

/** What groups gave somebody, so that it can be taken away again without what others gave him. */
export interface Granted {
  /** What he had before groups gave him more. */
  base: Role;
  role: Role | null;
  roleIds: string[];
  unitIds: string[];
}

/**
 * What an identity provider says about somebody. Whether he is active is no part of it: that is whether he is a member.
 * Members about whom none has said anything have no row, and are users all the same.
 */
@Entity('scim_users')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('User', ['userId'], ['id'])
@Unique('scim_users_user_name_key', ['organizationId', 'userNameKey'])
@Index('scim_users_external_id_idx', ['organizationId', 'externalId'])
@Index('scim_users_user_id_idx', ['userId'])
export class ScimUser {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  userId: string;

  @TextColumn()
  userName: string;

  /** In lower case: how it is compared. */
  @TextColumn()
  userNameKey: string;

  @TextColumn({ nullable: true })
  externalId: string | null;

  /** All other attributes as they came. */
  @JsonColumn()
  attributes: Document;

  @Column({ type: 'jsonb', nullable: true })
  granted: Granted | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
