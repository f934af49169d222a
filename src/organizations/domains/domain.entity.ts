import { Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import { CreatedAtColumn, IdColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../../database/index.js';

/** A mail domain that an organization says is its own. Any number may claim the same one; the first to prove it has it. */
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

  /** As DNS has it: lower case, IDN in its ASCII form. */
  @TextColumn()
  domain: string;

  /** What the TXT record has to say. No secret: it stands in the public DNS. */
  @TextColumn()
  token: string;

  @TimestampColumn({ nullable: true })
  verifiedAt: Date | null;

  @TimestampColumn({ nullable: true })
  lastCheckedAt: Date | null;

  /** Since when the DNS has not had the record any more that proved it. */
  @TimestampColumn({ nullable: true })
  missingSince: Date | null;

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}

/**
 * Which of an operator's organizations a proved domain belongs to: one at most, by the primary key. The operator's and
 * not the organization's, whose own tables could not say so over all organizations.
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
