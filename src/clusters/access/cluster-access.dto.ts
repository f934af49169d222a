import { PageQuery } from '../../common/pagination/index.js';
import { DateTimeField, EnumField, ObjectListField, TextField, UuidField } from '../../common/validation/index.js';
import { toUsableClusterView, UsableClusterView } from '../cluster.dto.js';
import type { Cluster } from '../cluster.entity.js';

const SORTS = ['name', '-name'] as const;

export class UsableClusterQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the name, slug or location.' })
  q?: string;

  @EnumField(SORTS, { optional: true, default: 'name' })
  sort?: (typeof SORTS)[number];
}

export class OrganizationRefView {
  @UuidField()
  id: string;

  @TextField()
  name: string;

  @TextField()
  slug: string;
}

export class AccountClusterView extends UsableClusterView {
  @ObjectListField(() => OrganizationRefView, { description: 'Your organizations that can use it.' })
  organizations: OrganizationRefView[];
}

export class ClusterOrganizationView {
  @UuidField()
  clusterId: string;

  @UuidField()
  organizationId: string;

  @TextField()
  name: string;

  @TextField()
  slug: string;

  @DateTimeField()
  addedAt: string;
}

export type AccountClusterRow = Cluster & { organizations: OrganizationRefView[] };

export interface ClusterOrganizationRow {
  clusterId: string;
  organizationId: string;
  name: string;
  slug: string;
  addedAt: Date;
}

export const toAccountClusterView = (row: AccountClusterRow): AccountClusterView => ({
  ...toUsableClusterView(row),
  organizations: row.organizations,
});

export const toClusterOrganizationView = (row: ClusterOrganizationRow): ClusterOrganizationView => ({
  clusterId: row.clusterId,
  organizationId: row.organizationId,
  name: row.name,
  slug: row.slug,
  addedAt: row.addedAt.toISOString(),
});
