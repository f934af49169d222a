import { Check, Column, Entity, ForeignKey, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';

/** A role that an operator publishes to all its organizations. They can assign it but not change it. */
@Entity('operator_role_templates')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('operator_role_templates_key_key', ['operatorId', 'key'])
@Check('operator_role_templates_key_check', "key ~ '^op-[a-z0-9-]+$'")
export class RoleTemplate {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  key: string;

  @TextColumn()
  name: string;

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
