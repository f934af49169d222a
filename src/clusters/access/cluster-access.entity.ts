import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, PrimaryIdColumn, TimestampColumn } from '../../database/index.js';

/** An organization whose members may run something in a cluster; the row stays when that is over, and tells since when. */
@Entity('cluster_organizations')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('Cluster', ['clusterId'], ['id'])
@Index('cluster_organizations_cluster_id_idx', ['clusterId', 'organizationId'])
export class ClusterOrganization {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  clusterId: string;

  @TimestampColumn()
  addedAt: Date;

  @IdColumn({ nullable: true })
  addedBy: string | null;

  @TimestampColumn({ nullable: true })
  removedAt: Date | null;
}
