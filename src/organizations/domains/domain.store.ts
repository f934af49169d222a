import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx, isNotDelayed } from '../../database/index.js';
import { containing, type Page, Pager, Where } from '../../common/pagination/index.js';
import { searchedAddress } from '../../common/validation/index.js';
import type { DomainQuery } from './domain.dto.js';
import { OrganizationDomain } from './domain.entity.js';
import { domainErrors } from './domain.errors.js';

export type NewDomain = Pick<OrganizationDomain, 'organizationId' | 'id' | 'domain' | 'token' | 'createdBy'>;

@Injectable()
export class DomainStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, { organizationId, id, domain, token, createdBy }: NewDomain): Promise<void> {
    await refusingOn({ organization_domains_domain_key: () => domainErrors.already_claimed() }, () =>
      tx.execute(
        'insert into organization_domains (organization_id, id, domain, token, created_by) values ($1, $2, $3, $4, $5)',
        [organizationId, id, domain, token, createdBy],
      ),
    );
  }

  find(reader: Reader, organizationId: string, id: string): Promise<OrganizationDomain | null> {
    return reader.findOneBy(OrganizationDomain, { organizationId, id });
  }

  async count(tx: Tx, organizationId: string): Promise<number> {
    return tx.countBy(OrganizationDomain, { organizationId });
  }

  page(reader: Reader, organizationId: string, query: DomainQuery): Promise<Page<OrganizationDomain>> {
    const where = new Where()
      .add('d.organization_id = ?', organizationId)
      .when('d.domain ilike ?', query.q && containing(searchedAddress(query.q)));
    if (query.state) where.add(`d.verified_at is ${query.state === 'verified' ? 'not null' : 'null'}`);
    return this.pager.page<OrganizationDomain>(
      reader,
      {
        name: 'organization_domains',
        columns: columnsOf(reader, OrganizationDomain, 'd'),
        from: 'organization_domains d',
        sorts: {
          createdAt: { sql: 'd.created_at', type: 'timestamptz' },
          domain: { sql: 'd.domain', type: 'text' },
        },
        tieBreaker: { sql: 'd.id', type: 'uuid' },
      },
      where,
      query,
    );
  }

  /** Assigns the domain. Returns false if another organization owns it. Of concurrent requests, one succeeds. */
  async take(tx: Tx, operatorId: string, domain: string, organizationId: string): Promise<boolean> {
    await tx.execute(
      'insert into verified_domains (operator_id, domain, organization_id) values ($1, $2, $3) on conflict do nothing',
      [operatorId, domain, organizationId],
    );
    return (await this.ownerOf(tx, operatorId, domain)) === organizationId;
  }

  async release(tx: Tx, operatorId: string, domain: string, organizationId: string): Promise<void> {
    await tx.execute('delete from verified_domains where operator_id = $1 and domain = $2 and organization_id = $3', [
      operatorId,
      domain,
      organizationId,
    ]);
  }

  /** Returns the organization that has verified a domain. */
  async ownerOf(reader: Reader, operatorId: string, domain: string): Promise<string | null> {
    const row = await reader.maybe<{ organizationId: string }>(
      'select organization_id as "organizationId" from verified_domains where operator_id = $1 and domain = $2',
      [operatorId, domain],
    );
    return row?.organizationId ?? null;
  }

  async noteCheck(tx: Tx, organizationId: string, id: string, verified: boolean): Promise<void> {
    await tx.execute(
      `update organization_domains set last_checked_at = now()${verified ? ', verified_at = coalesce(verified_at, now())' : ''}
       where organization_id = $1 and id = $2`,
      [organizationId, id],
    );
  }

  /** Returns verified domains of live organizations that were not checked for a day. */
  findDue(reader: Reader, limit: number): Promise<OrganizationDomain[]> {
    return reader.rows<OrganizationDomain>(
      `select ${columnsOf(reader, OrganizationDomain, 'd')} from organization_domains d
         join organizations o on o.id = d.organization_id and o.deleted_at is null
       where d.verified_at is not null and d.last_checked_at < now() - interval '1 day'
         and ${isNotDelayed('DomainRecheckJob', 'd.id')} order by d.last_checked_at limit $1`,
      [limit],
    );
  }

  /** Records whether the TXT record is present, and otherwise since when it is missing. */
  async noteRecheck(tx: Tx, organizationId: string, id: string, proved: boolean): Promise<void> {
    await tx.execute(
      `update organization_domains set last_checked_at = now(),
         missing_since = case when $3 then null else coalesce(missing_since, now()) end
       where organization_id = $1 and id = $2`,
      [organizationId, id, proved],
    );
  }

  /** Removes the verification if the record was missing for this many days. Returns whether it did. */
  async loseProof(tx: Tx, organizationId: string, id: string, days: number): Promise<boolean> {
    const lost = await tx.execute(
      `update organization_domains set verified_at = null, missing_since = null
       where organization_id = $1 and id = $2 and missing_since <= now() - make_interval(days => $3)`,
      [organizationId, id, days],
    );
    return lost > 0;
  }

  async remove(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.delete(OrganizationDomain, { organizationId, id });
  }
}
