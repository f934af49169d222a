import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess, PersonAccess } from '../../common/access/index.js';
import { Database, type Tx } from '../../database/index.js';
import type { Page, PageQuery } from '../../common/pagination/index.js';
import { EventService } from '../../events/index.js';
import { OrganizationService } from '../../organizations/index.js';
import { toUsableClusterView, type UsableClusterView } from '../cluster.dto.js';
import type { Cluster } from '../cluster.entity.js';
import { clusterErrors } from '../cluster.errors.js';
import { ClusterService } from '../cluster.service.js';
import {
  type AccountClusterView,
  type ClusterOrganizationView,
  toAccountClusterView,
  toClusterOrganizationView,
  type UsableClusterQuery,
} from './cluster-access.dto.js';
import { ClusterAccessStore } from './cluster-access.store.js';

/** Manages which organizations can use which clusters. Access covers all members, without rows for each. */
@Injectable()
export class ClusterAccessService {
  constructor(
    private readonly db: Database,
    private readonly store: ClusterAccessStore,
    private readonly clusters: ClusterService,
    private readonly organizations: OrganizationService,
    private readonly events: EventService,
  ) {}

  /** Grants access. A second request changes nothing. */
  add(access: OrganizationAccess, clusterId: string): Promise<ClusterOrganizationView> {
    const { organizationId, actor } = access;
    return this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, organizationId);
        const cluster = await this.clusters.lock(tx, access, clusterId);
        if (cluster.archivedAt) throw clusterErrors.archived();
        if (await this.store.add(tx, organizationId, clusterId, actor.userId))
          await this.record(tx, access, cluster, 'cluster.organization_added');
        const row = await this.store.find(tx, organizationId, clusterId);
        if (!row) throw clusterErrors.not_found();
        return toClusterOrganizationView(row);
      },
      { keepsAccess: true },
    );
  }

  /** Revokes access. Current runs of the organization are stopped. */
  remove(access: OrganizationAccess, clusterId: string): Promise<void> {
    return this.db.transaction(
      async (tx) => {
        await this.organizations.lock(tx, access.organizationId);
        const cluster = await this.clusters.lock(tx, access, clusterId);
        if (!(await this.store.remove(tx, access.organizationId, clusterId))) throw clusterErrors.not_found();
        await this.record(tx, access, cluster, 'cluster.organization_removed');
      },
      { keepsAccess: true },
    );
  }

  async organizationsOf(access: Access, clusterId: string, query: PageQuery): Promise<Page<ClusterOrganizationView>> {
    await this.clusters.view(access, clusterId);
    const page = await this.store.organizationsPage(this.db.reader, clusterId, query);
    return { ...page, items: page.items.map(toClusterOrganizationView) };
  }

  async ofOrganization(
    { organizationId }: OrganizationAccess,
    query: UsableClusterQuery,
  ): Promise<Page<UsableClusterView>> {
    const page = await this.store.ofOrganizationPage(this.db.reader, organizationId, query);
    return { ...page, items: page.items.map(toUsableClusterView) };
  }

  async ofUser({ operator, actor }: PersonAccess, query: UsableClusterQuery): Promise<Page<AccountClusterView>> {
    const page = await this.store.ofUserPage(this.db.reader, operator.id, actor.userId, query);
    return { ...page, items: page.items.map(toAccountClusterView) };
  }

  /** Returns a cluster that the organization can use, and keeps the access until `tx` ends. */
  async share(tx: Tx, organizationId: string, clusterId: string): Promise<Cluster> {
    const cluster = await this.store.share(tx, organizationId, clusterId);
    if (!cluster) throw clusterErrors.not_found();
    return cluster;
  }

  private record(
    tx: Tx,
    { actor, organizationId }: OrganizationAccess,
    { id, name }: Cluster,
    type: 'cluster.organization_added' | 'cluster.organization_removed',
  ): Promise<void> {
    const subject = { type: 'cluster', id };
    const change = type === 'cluster.organization_added' ? { after: { name } } : { before: { name } };
    return this.events.record(tx, { kind: 'organization', id: organizationId }, { type, actor, subject, ...change });
  }
}
