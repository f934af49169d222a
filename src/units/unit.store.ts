import { Injectable } from '@nestjs/common';
import { type Reader, refusingOn, type Tx } from '../database/index.js';
import { type Page, Pager, Where } from '../common/pagination/index.js';
import { addSearch, inLifecycleStatus, LifecycleTableStore } from '../organizations/index.js';
import type { UnitQuery, UnitRow } from './unit.dto.js';
import { Unit } from './unit.entity.js';
import { unitErrors } from './unit.errors.js';

const REFUSALS = {
  units_organization_id_slug_key: () => unitErrors.slug_taken(),
  units_organization_id_external_id_key: () => unitErrors.external_id_taken(),
};

/** The caller of a list of units, and whether they see units of others. */
export interface UnitViewer {
  /** Null for an API key, which is not a member of any unit. */
  userId: string | null;
  onlyUnitIds?: readonly string[] | undefined;
  seesAll: boolean;
  seesDeleted: boolean;
}

/** Adds the viewer as a condition, so that parameters are numbered in one place. */
const OWN_ROLE = `select v.id as viewer, um.role from users v
  left join unit_members um on um.organization_id = r.organization_id and um.unit_id = r.id and um.user_id = v.id`;
const NO_ROLE = 'select null::text as role';

@Injectable()
export class UnitStore extends LifecycleTableStore<UnitRow> {
  constructor(private readonly pager: Pager) {
    super({
      entity: Unit,
      name: 'units',
      key: ['organization_id', 'id'],
      from: 'units r join organizations o on o.id = r.organization_id join operators op on op.id = o.operator_id',
      refusals: REFUSALS,
    });
  }

  async insert(tx: Tx, unit: Unit): Promise<void> {
    await refusingOn(REFUSALS, () => tx.insert(Unit, unit));
  }

  slugExists(reader: Reader, organizationId: string, slug: string): Promise<boolean> {
    return reader.existsBy(Unit, { organizationId, slug });
  }

  /** Returns a live unit if the viewer sees it, and a suspended one only if they govern it. */
  findVisible(
    reader: Reader,
    organizationId: string,
    id: string,
    viewer: UnitViewer,
  ): Promise<{ name: string } | null> {
    return reader.maybe<{ name: string }>(
      `select r.name from units r
         left join unit_members m on m.organization_id = r.organization_id and m.unit_id = r.id and m.user_id = $3
       where r.organization_id = $1 and r.id = $2 and r.deleted_at is null
         and ($4::uuid[] is null or r.id = any ($4)) and ($5 or $4 is not null or m.role is not null)
         and (r.suspended_at is null or $6 or m.role = 'admin')`,
      [organizationId, id, viewer.userId, viewer.onlyUnitIds ?? null, viewer.seesAll, viewer.seesDeleted],
    );
  }

  async countLive(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ count: number }>(
      'select count(*)::int from units where organization_id = $1 and deleted_at is null',
      [organizationId],
    );
    return row.count;
  }

  /** Returns null if the plan, or staff, set no limit. `withoutPlan` counts for an organization without a plan. */
  async limitOf(reader: Reader, organizationId: string, withoutPlan: number): Promise<number | null> {
    const row = await reader.maybe<{ units: number | null }>(
      `select coalesce(o.unit_limit, p.unit_limit, case when o.plan_id is null then $2::int end) as units from organizations o left join plans p on p.id = o.plan_id
       where o.id = $1`,
      [organizationId, withoutPlan],
    );
    return row?.units ?? null;
  }

  page(reader: Reader, organizationId: string, viewer: UnitViewer, query: UnitQuery): Promise<Page<UnitRow>> {
    const where = new Where()
      .when('m.viewer = ?', viewer.userId ?? undefined)
      .add('r.organization_id = ?', organizationId)
      .when('r.id = any (?::uuid[])', viewer.onlyUnitIds)
      .when('r.external_id = ?', query.externalId)
      .when('r.slug = ?', query.slug);
    addSearch(where, 'r', query.q);
    if (query.status) where.add(inLifecycleStatus('r', query.status));
    if (!viewer.seesAll && !viewer.onlyUnitIds) where.add('m.role is not null');
    if (!viewer.seesDeleted) where.add("(r.deleted_at is null or m.role = 'admin')");
    return this.pager.page<UnitRow>(
      reader,
      {
        name: 'units',
        columns: `${this.columns(reader)}, m.role`,
        from: `${this.table.from} cross join lateral (${viewer.userId ? OWN_ROLE : NO_ROLE}) m`,
        sorts: {
          name: { sql: 'r.name', type: 'name' },
          slug: { sql: 'r.slug', type: 'text' },
          createdAt: { sql: 'r.created_at', type: 'timestamptz' },
        },
        tieBreaker: { sql: 'r.id', type: 'uuid' },
      },
      where,
      query,
    );
  }
}
