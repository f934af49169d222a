import { Check, Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../database/index.js';

/** All that stays of a purged organization or unit. No name and no personal data. */
@Entity('tombstones')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Index('tombstones_operator_id_idx', ['operatorId', 'purgeStartedAt'])
@Check('tombstones_kind_check', "kind in ('organization', 'unit')")
export class Tombstone {
  @PrimaryIdColumn()
  id: string;

  @TextColumn()
  kind: 'organization' | 'unit';

  @IdColumn()
  operatorId: string;

  /** The organization a unit belonged to; null for an organization. */
  @IdColumn({ nullable: true })
  parentId: string | null;

  @TimestampColumn()
  deletedAt: Date;

  @IdColumn({ nullable: true })
  deletedBy: string | null;

  @TimestampColumn()
  purgeStartedAt: Date;

  @TimestampColumn({ nullable: true })
  purgedAt: Date | null;

  /** Rows removed so far, by table. */
  @JsonColumn()
  counts: Record<string, number>;
}
