import { Check, Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn, TextColumn, TimestampColumn } from '../database/index.js';

/** The remaining record of a purged organization or unit, without names and personal data. */
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

  /** The organization of a unit. Null for an organization. */
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

  /** Removed rows by table. */
  @JsonColumn()
  counts: Record<string, number>;
}
