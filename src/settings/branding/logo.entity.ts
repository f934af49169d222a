import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn } from '../../database/index.js';

abstract class LogoColumns {
  @TextColumn()
  contentType: string;

  @Column({ type: 'bytea' })
  bytes: Buffer;

  @CreatedAtColumn()
  createdAt: Date;
}

@Entity('operator_logos')
@ForeignKey('Operator', ['operatorId'], ['id'])
export class OperatorLogo extends LogoColumns {
  @PrimaryIdColumn()
  operatorId: string;

  @PrimaryIdColumn()
  id: string;
}

/** A logo of an organization or of one of its units. */
@Entity('organization_logos')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('Unit', ['organizationId', 'unitId'], ['organizationId', 'id'])
export class OrganizationLogo extends LogoColumns {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @IdColumn({ nullable: true })
  unitId: string | null;
}
