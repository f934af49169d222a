import { PageQuery } from '../../common/pagination/index.js';
import { DateTimeField, EnumField, ObjectField, TextField, UuidField } from '../../common/validation/index.js';
import type { OrganizationDomain } from './domain.entity.js';

const STATES = ['pending', 'verified'] as const;
export type DomainState = (typeof STATES)[number];

const SORTS = ['createdAt', '-createdAt', 'domain', '-domain'] as const;

/** Name of the record, chosen so that it does not collide with others. */
export const recordName = (domain: string): string => `_trellis-challenge.${domain}`;
export const recordValue = (token: string): string => `trellis-domain-verification=${token}`;

export class DomainQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the domain.' })
  q?: string;

  @EnumField(STATES, { optional: true, name: 'DomainState' })
  state?: DomainState;

  @EnumField(SORTS, { optional: true, default: 'createdAt' })
  sort?: (typeof SORTS)[number];
}

export class ClaimDomain {
  @TextField({
    max: 253,
    example: 'acme.example',
    description:
      'A domain of email addresses. Claim subdomains separately: `acme.example` does not cover `eu.acme.example`.',
  })
  domain: string;
}

class DomainRecordView {
  @EnumField(['TXT'])
  type: 'TXT';

  @TextField({ example: '_trellis-challenge.acme.example' })
  name: string;

  @TextField({ example: 'trellis-domain-verification=Ab3x…' })
  value: string;
}

export class DomainView {
  @UuidField()
  id: string;

  @TextField({ description: 'In lower case. International names in ASCII form.', example: 'acme.example' })
  domain: string;

  @EnumField(STATES, { name: 'DomainState' })
  state: DomainState;

  @TextField({ description: 'The value after `trellis-domain-verification=` in the TXT record.' })
  token: string;

  @ObjectField(() => DomainRecordView, {
    description: 'The TXT record that verifies the domain. The same text at the domain itself works too.',
  })
  record: DomainRecordView;

  @DateTimeField({ nullable: true })
  verifiedAt: string | null;

  @DateTimeField({ nullable: true })
  lastCheckedAt: string | null;

  @DateTimeField({
    nullable: true,
    description: 'When the record of a verified domain was first missing. After seven days the verification is lost.',
  })
  missingSince: string | null;

  @DateTimeField()
  createdAt: string;
}

export const toDomainView = (row: OrganizationDomain): DomainView => ({
  id: row.id,
  domain: row.domain,
  state: row.verifiedAt ? 'verified' : 'pending',
  token: row.token,
  record: { type: 'TXT', name: recordName(row.domain), value: recordValue(row.token) },
  verifiedAt: row.verifiedAt?.toISOString() ?? null,
  lastCheckedAt: row.lastCheckedAt?.toISOString() ?? null,
  missingSince: row.missingSince?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
