import { Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** An email domain that an organization claims. Several may claim it, and the first to verify it owns it. */
@Entity('organization_domains')
@ForeignKey('Organization', ['organizationId'], ['id'])
@Unique('organization_domains_domain_key', ['organizationId', 'domain'])
@Index('organization_domains_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('organization_domains_last_checked_at_idx', ['lastCheckedAt'], { where: 'verified_at is not null' })
export class OrganizationDomain {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  /** In lower case, IDN in ASCII form. */
  @TextColumn()
  domain: string;

  /** The value of the TXT record. Not a secret, because DNS is public. */
  @TextColumn()
  token: string;

  @TimestampColumn({ nullable: true })
  verifiedAt: Date | null;

  @TimestampColumn({ nullable: true })
  lastCheckedAt: Date | null;

  /** When the record was first missing. */
  @TimestampColumn({ nullable: true })
  missingSince: Date | null;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}

/**
 * Assigns a verified domain to one organization of the operator, by the primary key. The table belongs to the operator,
 * because tables of organizations cannot be unique across organizations.
 */
@Entity('verified_domains')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('verified_domains_organization_id_idx', ['organizationId'])
export class VerifiedDomain {
  @PrimaryIdColumn()
  operatorId: string;

  @PrimaryColumn({ type: 'text' })
  domain: string;

  @IdColumn()
  organizationId: string;
}
