import { Entity, ForeignKey } from 'typeorm';
import type { MappedRole } from '../../auth/sso/index.js';
import { JsonColumn, PrimaryIdColumn, RowVersionColumn, TimestampColumn } from '../../database/index.js';

/** Maps the groups of an organization's identity provider to what they grant. */
@Entity('scim_settings')
@ForeignKey('Organization', ['organizationId'], ['id'])
export class ScimSettings {
  @PrimaryIdColumn()
  organizationId: string;

  @JsonColumn()
  groups: MappedRole[];

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}
