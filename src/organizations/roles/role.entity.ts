import { Check, Column, Entity, ForeignKey, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

/** A custom role of an organization. Its holders have it in `organization_members.role_ids`. */
@Entity('organization_roles')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('organization_roles_key_key', ['organizationId', 'key'])
@Unique('organization_roles_name_key', ['organizationId', 'nameKey'])
@Check('organization_roles_name_key_check', 'name_key = lower(name)')
@Check('organization_roles_key_check', "key ~ '^org-[a-z0-9-]+$'")
export class CustomRole {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  key: string;

  @TextColumn()
  name: string;

  /** The name in lower case, because names are unique regardless of case. */
  @TextColumn()
  nameKey: string;

  @TextColumn({ nullable: true })
  description: string | null;

  @Column({ type: 'text', array: true })
  permissions: string[];

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
