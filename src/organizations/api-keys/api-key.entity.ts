import { Check, Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import type { ApiKeyKind, Permission, Role } from '../../common/access/index.js';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** A key of an organization. It outlives its creator. Expiry follows from `expiresAt`. */
@Entity('organization_api_keys')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('organization_api_keys_key_hash_key', ['organizationId', 'keyHash'])
@Index('organization_api_keys_key_hash_idx', ['keyHash'])
@Index('organization_api_keys_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('organization_api_keys_created_by_idx', ['organizationId', 'createdBy'])
@Check('organization_api_keys_role_check', "role in ('user', 'manager', 'admin')")
@Check('organization_api_keys_unit_ids_check', "unit_ids <> '{}'")
@Check('organization_api_keys_kind_check', "kind in ('workload', 'scim')")
export class ApiKey {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  /** A key of kind `scim` opens the SCIM routes and nothing else, whatever its role says. */
  @Column({ type: 'text', default: 'workload' })
  kind: ApiKeyKind;

  @TextColumn()
  name: string;

  /** The first characters: enough to tell keys apart, too few to help guessing. */
  @TextColumn()
  hint: string;

  @Column({ type: 'text', select: false })
  keyHash: string;

  @TextColumn()
  role: Role;

  /** What the key can do. Chosen when it is made, and never more than `API_KEY_PERMISSIONS`. Empty for SCIM keys. */
  @Column({ type: 'text', array: true })
  permissions: Permission[];

  /** The units in which the key can act. Null for all, including future ones. */
  @Column({ type: 'uuid', array: true, nullable: true })
  unitIds: string[] | null;

  @IdColumn()
  createdBy: string;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn({ nullable: true })
  expiresAt: Date | null;

  @TimestampColumn({ nullable: true })
  revokedAt: Date | null;

  /** Written at most once a minute. */
  @TimestampColumn({ nullable: true })
  lastUsedAt: Date | null;
}
