import { Entity, ForeignKey } from 'typeorm';
import type { MappedRole } from '../../auth/index.js';
import { JsonColumn, PrimaryIdColumn, RowVersionColumn, TimestampColumn } from '../../common/database/index.js';

/** What the groups of an organization's identity provider give. */
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
