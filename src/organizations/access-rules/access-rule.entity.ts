import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import type { Role } from '../../common/access/index.js';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

/** Grants roles to users who meet the condition. */
abstract class AccessRuleColumns {
  @TextColumn()
  name: string;

  /** In CEL. */
  @TextColumn()
  condition: string;

  @TextColumn()
  role: Role;

  /** Like `roleIds` of a member. */
  @Column({ type: 'text', array: true })
  roleIds: string[];

  @Column({ type: 'boolean' })
  enabled: boolean;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  @RowVersionColumn()
  version: number;
}

/** Applies in every organization of the operator that a user enters. */
@Entity('operator_access_rules')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('operator_access_rules_operator_id_idx', ['operatorId'])
@Check('operator_access_rules_role_check', "role in ('user', 'manager', 'admin')")
export class OperatorAccessRule extends AccessRuleColumns {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;
}

@Entity('organization_access_rules')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('organization_access_rules_role_check', "role in ('user', 'manager', 'admin')")
export class OrganizationAccessRule extends AccessRuleColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  /** Units to join, as far as they still exist. */
  @Column({ type: 'uuid', array: true })
  unitIds: string[];
}
