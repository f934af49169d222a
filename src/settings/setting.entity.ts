import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { JsonColumn, PrimaryIdColumn, RowVersionColumn, TimestampColumn } from '../database/index.js';

/** Kind of settings, for example `branding`. */
const KindColumn = () => PrimaryColumn({ type: 'text' });

/** The settings of one kind that one level sets. Without a row, everything is inherited. */
abstract class SettingColumns {
  /** Values by field. Contains only fields that this level sets. Fields in groups have dotted names. */
  @JsonColumn()
  values: Record<string, unknown>;

  /** Fields that levels below cannot change. */
  @Column({ type: 'text', array: true })
  locks: string[];

  @RowVersionColumn()
  version: number;

  @TimestampColumn()
  updatedAt: Date;
}

@Entity('operator_settings')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Check('operator_settings_kind_check', "kind ~ '^[a-z_]+$'")
export class OperatorSetting extends SettingColumns {
  @PrimaryIdColumn()
  operatorId: string;

  @KindColumn()
  kind: string;
}

@Entity('organization_settings')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Check('organization_settings_kind_check', "kind ~ '^[a-z_]+$'")
export class OrganizationSetting extends SettingColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @KindColumn()
  kind: string;
}

@Entity('unit_settings')
@ForeignKey('Unit', ['organizationId', 'unitId'], ['organizationId', 'id'])
@Check('unit_settings_kind_check', "kind ~ '^[a-z_]+$'")
export class UnitSetting extends SettingColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  unitId: string;

  @KindColumn()
  kind: string;
}
