import { Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, PrimaryIdColumn, TimestampColumn } from '../../database/index.js';

/** Access of an organization to a cluster. The row stays after revocation and says since when. */
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
