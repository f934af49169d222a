import { Check, Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import type { ApiKeyKind } from '../../common/access/index.js';
import { PrimaryIdColumn } from '../../database/index.js';
import { ApiKeyColumns } from '../../operators/index.js';

/** A key of an organization. It outlives its creator. */
@Entity('organization_api_keys')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('organization_api_keys_key_hash_key', ['organizationId', 'keyHash'])
@Index('organization_api_keys_key_hash_idx', ['keyHash'])
@Index('organization_api_keys_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('organization_api_keys_created_by_idx', ['organizationId', 'createdBy'])
@Check('organization_api_keys_role_check', "role in ('user', 'manager', 'admin')")
@Check('organization_api_keys_unit_ids_check', "unit_ids <> '{}'")
@Check('organization_api_keys_kind_check', "kind in ('workload', 'scim')")
export class ApiKey extends ApiKeyColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  /** A key of kind `scim` opens the SCIM routes and nothing else, whatever its role says. Its permissions are empty. */
  @Column({ type: 'text', default: 'workload' })
  kind: ApiKeyKind;

  /** The units in which the key can act. Null for all, including future ones. */
  @Column({ type: 'uuid', array: true, nullable: true })
  unitIds: string[] | null;
}
