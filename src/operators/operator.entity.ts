import { Check, Column, Entity, Unique } from 'typeorm';
import { CreatedAtColumn, PrimaryIdColumn, RowVersionColumn, TextColumn } from '../database/index.js';

@Entity('operators')
@Unique('operators_slug_key', ['slug'])
@Check('operators_self_service_organization_limit_check', 'self_service_organization_limit between 0 and 1000')
export class Operator {
  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  slug: string;

  @TextColumn()
  name: string;

  @TextColumn()
  timeZone: string;

  @TextColumn({ nullable: true })
  supportEmail: string | null;

  @TextColumn({ nullable: true })
  supportUrl: string | null;

  @TextColumn()
  defaultUnitName: string;

  @Column({ type: 'integer' })
  selfServiceOrganizationLimit: number;

  @Column({ type: 'boolean', default: false })
  organizationsSetExternalId: boolean;

  @CreatedAtColumn()
  createdAt: Date;

  @RowVersionColumn()
  version: number;
}
