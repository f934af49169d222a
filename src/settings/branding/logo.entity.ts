import { Column, Entity, ForeignKey } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../database/index.js';

abstract class LogoColumns {
  @TextColumn()
  contentType: string;

  /** Null once the logo was replaced: only mails that were sent before still show it. */
  @Column({ type: 'bytea', nullable: true })
  bytes: Buffer | null;

  /** The PNG that mails show. Null for logos of units, and for an SVG that could not be drawn. */
  @Column({ type: 'bytea', nullable: true })
  mailImage: Buffer | null;

  /** When a mail first showed it. From then on the picture is kept. */
  @TimestampColumn({ nullable: true })
  mailedAt: Date | null;

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
