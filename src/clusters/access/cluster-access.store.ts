import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../database/index.js';
import {
  containing,
  inNameOrder,
  type List,
  type Page,
  type PageQuery,
  Pager,
  Where,
} from '../../common/pagination/index.js';
import { Cluster } from '../cluster.entity.js';
import type { AccountClusterRow, ClusterOrganizationRow, UsableClusterQuery } from './cluster-access.dto.js';

const SEARCHED = "(c.name || ' ' || c.slug || ' ' || coalesce(c.location, ''))";

const list = (name: string, columns: string, from: string): List => ({
  name,
  columns,
  from,
  sorts: { name: { sql: 'c.name', type: 'name' } },
  tieBreaker: { sql: 'c.id', type: 'uuid' },
});

/** Builds the user's live organizations that can use the cluster `c`, as JSON. Null if there are none. */
const OWN_ORGANIZATIONS = `(select v.id as viewer, json_agg(json_build_object('id', o.id, 'name', o.name, 'slug', o.slug) order by ${inNameOrder('o.name')}, o.id) as list
  from users v join organization_members m on m.user_id = v.id join organizations o on o.id = m.organization_id
  join cluster_organizations a on a.organization_id = o.id and a.cluster_id = c.id and a.removed_at is null
  where o.deleted_at is null and o.suspended_at is null group by v.id)`;

@Injectable()
export class ClusterAccessStore {
  constructor(private readonly pager: Pager) {}

  /** Returns false if it had access before. */
  async add(tx: Tx, organizationId: string, clusterId: string, addedBy: string | null): Promise<boolean> {
    const count = await tx.execute(
      `insert into cluster_organizations as a (organization_id, cluster_id, added_at, added_by)
       values ($1, $2, clock_timestamp(), $3)
       on conflict (organization_id, cluster_id) do update
         set added_at = excluded.added_at, added_by = excluded.added_by, removed_at = null where a.removed_at is not null
       returning a.cluster_id`,
      [organizationId, clusterId, addedBy],
    );
    return count > 0;
  }

  /** Returns false if it had no access. */
  async remove(tx: Tx, organizationId: string, clusterId: string): Promise<boolean> {
    const count = await tx.execute(
      `update cluster_organizations set removed_at = clock_timestamp()
       where organization_id = $1 and cluster_id = $2 and removed_at is null returning cluster_id`,
      [organizationId, clusterId],
    );
    return count > 0;
  }

  find(reader: Reader, organizationId: string, clusterId: string): Promise<ClusterOrganizationRow | null> {
    return reader.maybe<ClusterOrganizationRow>(
      `select a.cluster_id as "clusterId", a.organization_id as "organizationId", o.name, o.slug, a.added_at as "addedAt"
       from cluster_organizations a join organizations o on o.id = a.organization_id
       where a.organization_id = $1 and a.cluster_id = $2 and a.removed_at is null`,
      [organizationId, clusterId],
    );
  }

  /** Returns a cluster that the organization can use, and keeps the access until `tx` ends. */
  share(tx: Tx, organizationId: string, clusterId: string): Promise<Cluster | null> {
    return tx.maybe<Cluster>(
      `select ${columnsOf(tx, Cluster, 'c')} from cluster_organizations a join clusters c on c.id = a.cluster_id
       where a.organization_id = $1 and a.cluster_id = $2 and a.removed_at is null and c.archived_at is null
       for share of a, c`,
      [organizationId, clusterId],
    );
  }

  organizationsPage(reader: Reader, clusterId: string, query: PageQuery): Promise<Page<ClusterOrganizationRow>> {
    return this.pager.page(
      reader,
      {
        name: 'cluster_organizations',
        columns: `a.cluster_id as "clusterId", a.organization_id as "organizationId", o.name, o.slug, a.added_at as "addedAt"`,
        from: 'cluster_organizations a join organizations o on o.id = a.organization_id',
        sorts: { name: { sql: 'o.name', type: 'name' } },
        tieBreaker: { sql: 'o.id', type: 'uuid' },
      },
      new Where().add('a.cluster_id = ?', clusterId).add('a.removed_at is null'),
      query,
    );
  }

  ofOrganizationPage(reader: Reader, organizationId: string, query: UsableClusterQuery): Promise<Page<Cluster>> {
    return this.pager.page(
      reader,
      list(
        'organization_clusters',
        columnsOf(reader, Cluster, 'c'),
        'cluster_organizations a join clusters c on c.id = a.cluster_id',
      ),
      new Where()
        .add('a.organization_id = ?', organizationId)
        .add('a.removed_at is null and c.archived_at is null')
        .when(`${SEARCHED} ilike ?`, query.q && containing(query.q)),
      query,
    );
  }

  ofUserPage(
    reader: Reader,
    operatorId: string,
    userId: string,
    query: UsableClusterQuery,
  ): Promise<Page<AccountClusterRow>> {
    return this.pager.page(
      reader,
      list(
        'account_clusters',
        `${columnsOf(reader, Cluster, 'c')}, own.list as organizations`,
        `clusters c cross join lateral ${OWN_ORGANIZATIONS} own`,
      ),
      new Where()
        .add('c.operator_id = ?', operatorId)
        .add('c.archived_at is null')
        .add('own.viewer = ?', userId)
        .when(`${SEARCHED} ilike ?`, query.q && containing(query.q)),
      query,
    );
  }
}
