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

/** Who meets the condition gets the roles. */
abstract class AccessRuleColumns {
  @TextColumn()
  name: string;

  /** In CEL. */
  @TextColumn()
  condition: string;

  @TextColumn()
  role: Role;

  /** As a member's `roleIds`. */
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

/** Counts in every organization of the operator that somebody enters. */
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

  /** Units that were there when the rule was saved; those that still are when it applies are joined. */
  @Column({ type: 'uuid', array: true })
  unitIds: string[];

  /** Follows from the condition: only people with an address in one of these can meet it. Null: it does not say. */
  @Column({ type: 'text', array: true, nullable: true, select: false })
  emailDomains: string[] | null;
}
