import { Injectable } from '@nestjs/common';
import { type Reader, refusingOn, type Tx } from '../database/index.js';
import { type Page, Pager, Where } from '../common/pagination/index.js';
import { addSearch, LifecycleTableStore } from './lifecycle.store.js';
import type { OrganizationQuery, OrganizationRow } from './organization.dto.js';
import { type Limits, Organization } from './organization.entity.js';
import { organizationErrors } from './organization.errors.js';
import { inLifecycleStatus } from './lifecycle.status.js';

const REFUSALS = {
  organizations_operator_id_slug_key: () => organizationErrors.slug_taken(),
  organizations_operator_id_external_id_key: () => organizationErrors.external_id_taken(),
};

/** Joins a table of the ledger, which depends on this module, because no other order of the pages is right. */
const BALANCES = 'left join credit_accounts ca on ca.organization_id = r.id';

@Injectable()
export class OrganizationStore extends LifecycleTableStore<OrganizationRow> {
  constructor(private readonly pager: Pager) {
    super({
      entity: Organization,
      name: 'organizations',
      key: ['id'],
      from: 'organizations r join operators op on op.id = r.operator_id',
      refusals: REFUSALS,
    });
  }

  async insert(tx: Tx, organization: Organization): Promise<void> {
    await refusingOn(REFUSALS, () => tx.insert(Organization, organization));
  }

  findBySlug(reader: Reader, operatorId: string, slug: string): Promise<OrganizationRow | null> {
    return reader.maybe<OrganizationRow>(
      `select ${this.columns(reader)} from ${this.table.from} where r.operator_id = $1 and r.slug = $2`,
      [operatorId, slug],
    );
  }

  slugExists(reader: Reader, operatorId: string, slug: string): Promise<boolean> {
    return reader.existsBy(Organization, { operatorId, slug });
  }

  /** Counts the organizations that a user created, including deleted ones until they are purged. */
  countCreatedBy(reader: Reader, operatorId: string, userId: string): Promise<number> {
    return reader.countBy(Organization, { operatorId, createdBy: userId });
  }

  async setPlan(tx: Tx, id: string, planId: string): Promise<void> {
    await tx.execute('update organizations set plan_id = $2 where id = $1', [id, planId]);
  }

  async limits(reader: Reader, id: string): Promise<Limits> {
    const row = await reader.maybe<Limits>(
      'select seat_limit as "seatLimit", unit_limit as "unitLimit" from organizations where id = $1',
      [id],
    );
    return row ?? { seatLimit: null, unitLimit: null };
  }

  async setLimits(tx: Tx, id: string, { seatLimit, unitLimit }: Limits): Promise<void> {
    await tx.execute('update organizations set seat_limit = $2, unit_limit = $3 where id = $1', [
      id,
      seatLimit,
      unitLimit,
    ]);
  }

  page(reader: Reader, operatorId: string, query: OrganizationQuery): Promise<Page<OrganizationRow>> {
    const where = new Where()
      .add('r.operator_id = ?', operatorId)
      .when('r.external_id = ?', query.externalId)
      .when('r.slug = ?', query.slug)
      .when(
        'exists (select from organization_events e where e.organization_id = r.id and e.actor_id = ?)',
        query.changedBy,
      );
    // The array is read first, so that an index finds the organizations of a rare plan.
    if (query.plan)
      where.add(
        'r.plan_id = any (array(select p.id from plans p where p.operator_id = ? and ? in (p.id::text, p.name)))',
        operatorId,
        query.plan,
      );
    addSearch(where, 'r', query.q);
    if (query.status) where.add(inLifecycleStatus('r', query.status));
    return this.pager.page<OrganizationRow>(
      reader,
      {
        name: 'organizations',
        columns: this.columns(reader),
        from: `${this.table.from} ${query.sort?.endsWith('available') ? BALANCES : ''}`,
        counted: { from: 'organizations r', where: new Where(where) },
        sorts: {
          name: { sql: 'r.name', type: 'name' },
          slug: { sql: 'r.slug', type: 'text' },
          createdAt: { sql: 'r.created_at', type: 'timestamptz' },
          available: { sql: 'coalesce(ca.available, 0)', type: 'bigint' },
        },
        tieBreaker: { sql: 'r.id', type: 'uuid' },
      },
      where,
      query,
    );
  }
}
