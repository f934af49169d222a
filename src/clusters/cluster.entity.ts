import { Entity, ForeignKey, Index } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  RowVersionColumn,
  TextColumn,
  TimestampColumn,
} from '../database/index.js';

/** A configuration of runs in a cluster, with its price. */
export interface Preset {
  key: string;
  name: string | null;
  /** Micro-credits. */
  creditsPerHour: string;
  /** Free-form. Only the cluster interprets it. */
  resources: Record<string, unknown>;
}

/** A pool of resources that an operator registers. */
@Entity('clusters')
@ForeignKey('Operator', ['operatorId'], ['id'])
// Sorts names in an order that an entity cannot express.
@Index('clusters_operator_id_name_idx', { synchronize: false })
@Index('clusters_operator_id_slug_key', ['operatorId', 'slug'], { unique: true, where: 'archived_at is null' })
export class Cluster {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  slug: string;

  @TextColumn()
  name: string;

  @TextColumn({ nullable: true })
  description: string | null;

  @TextColumn({ nullable: true })
  location: string | null;

  @TextColumn({ nullable: true })
  endpoint: string | null;

  @JsonColumn()
  presets: Preset[];

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  /** No runs from then on. */
  @TimestampColumn({ nullable: true })
  archivedAt: Date | null;

  @RowVersionColumn()
  version: number;
}
