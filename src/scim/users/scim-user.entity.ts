import { Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';
import type { Document } from '../protocol/document.js';
import type { GroupGrant } from '../settings/group-grant.store.js';

/**
 * Stores what an identity provider says about a user. `active` is not stored, because it means membership. Members whom the
 * provider has not described have no row, but are SCIM users too.
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

  /** In lower case, for comparison. */
  @TextColumn()
  userNameKey: string;

  @TextColumn({ nullable: true })
  externalId: string | null;

  /** All other attributes, as received. */
  @JsonColumn()
  attributes: Document;

  @Column({ type: 'jsonb', nullable: true })
  granted: GroupGrant | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
