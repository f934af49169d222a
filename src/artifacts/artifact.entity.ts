import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { CreatedAtColumn, IdColumn, JsonColumn, PrimaryIdColumn, TextColumn } from '../database/index.js';

/** The description of a file that a workload made. The file itself is stored elsewhere. */
@Entity('artifacts')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('Unit', ['organizationId', 'unitId'], ['organizationId', 'id'])
@Index('artifacts_created_at_idx', ['organizationId', 'createdAt', 'id'])
@Index('artifacts_unit_id_idx', ['organizationId', 'unitId', 'createdAt', 'id'])
@Index('artifacts_run_id_idx', ['organizationId', 'runId'], { where: 'run_id is not null' })
@Index('artifacts_search_idx', { synchronize: false })
@Check('artifacts_size_bytes_check', 'size_bytes >= 0')
@Check('artifacts_sha256_check', "sha256 ~ '^[0-9a-f]{64}$'")
export class Artifact {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  unitId: string;

  @TextColumn()
  name: string;

  @TextColumn()
  kind: string;

  @TextColumn()
  uri: string;

  @Column({ type: 'bigint', nullable: true })
  sizeBytes: string | null;

  @TextColumn({ nullable: true })
  sha256: string | null;

  @IdColumn({ nullable: true })
  runId: string | null;

  @JsonColumn({ nullable: true })
  metadata: Record<string, unknown> | null;

  /** Who registered it: a user or an API key. */
  @IdColumn({ nullable: true })
  memberId: string | null;

  @IdColumn({ nullable: true })
  apiKeyId: string | null;

  @CreatedAtColumn()
  createdAt: Date;
}
