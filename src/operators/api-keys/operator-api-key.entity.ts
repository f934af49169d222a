import { Check, Entity, ForeignKey, Index, Unique } from 'typeorm';
import type { StaffRole } from '../../common/access/index.js';
import { IdColumn, PrimaryIdColumn, RowVersionColumn, TextColumn } from '../../database/index.js';
import { ApiKeyColumns } from './api-key.columns.js';

/** A key of an operator, for back offices and the command line. It ends when its creator is no longer an admin. */
@Entity('operator_api_keys')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('operator_api_keys_key_hash_key', ['keyHash'])
@Index('operator_api_keys_created_at_idx', ['operatorId', 'createdAt', 'id'])
@Index('operator_api_keys_created_by_idx', ['createdBy'])
@Check('operator_api_keys_role_check', "role in ('manager', 'admin')")
export class OperatorApiKey extends ApiKeyColumns {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  declare role: StaffRole;

  /** The address of the last recorded use. */
  @TextColumn({ nullable: true })
  lastUsedIp: string | null;

  @RowVersionColumn()
  version: number;
}

export type OperatorApiKeyRow = Omit<OperatorApiKey, 'keyHash'> & {
  status: 'active' | 'expired' | 'revoked';
  makerName: string | null;
};
