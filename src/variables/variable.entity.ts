import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PrimaryIdColumn, RowVersionColumn, TextColumn, TimestampColumn } from '../database/index.js';

const KeyColumn = () => PrimaryColumn({ type: 'text' });

/** A variable that one level sets. */
abstract class VariableColumns {
  /** Encrypted if `secret`. */
  @TextColumn()
  value: string;

  @Column({ type: 'boolean' })
  secret: boolean;

  @RowVersionColumn()
  version: number;

  @TimestampColumn()
  updatedAt: Date;
}

@Entity('operator_variables')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Check('operator_variables_key_check', "key ~ '^[A-Z][A-Z0-9_]{0,62}$'")
export class OperatorVariable extends VariableColumns {
  @PrimaryIdColumn()
  operatorId: string;

  @KeyColumn()
  key: string;
}

@Entity('organization_variables')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('organization_variables_key_check', "key ~ '^[A-Z][A-Z0-9_]{0,62}$'")
export class OrganizationVariable extends VariableColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @KeyColumn()
  key: string;
}

@Entity('unit_variables')
@ForeignKey('Unit', ['organizationId', 'unitId'], ['organizationId', 'id'])
@Check('unit_variables_key_check', "key ~ '^[A-Z][A-Z0-9_]{0,62}$'")
export class UnitVariable extends VariableColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  unitId: string;

  @KeyColumn()
  key: string;
}
