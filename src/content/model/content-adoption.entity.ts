import { Column, Entity, ForeignKey, Index } from 'typeorm';
import { IdColumn, JsonColumn, PrimaryIdColumn, TimestampColumn } from '../../database/index.js';
import type { FieldValue } from './content.types.js';

/** What an organization changes about a document: the version that it keeps, and the fields that it overrides. */
@Entity('content_adoptions')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('ContentItem', ['itemId'], ['id'])
@Index('content_adoptions_item_id_idx', ['itemId'])
export class ContentAdoption {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  itemId: string;

  /** The version that the organization keeps. Null to follow the newest. */
  @Column({ type: 'integer', nullable: true })
  pinned: number | null;

  /** By the name of the field. They stay when a version removes the field, and count again when one brings it back. */
  @JsonColumn()
  overrides: Record<string, FieldValue>;

  /** The version that the organization saw when it last changed this. */
  @Column({ type: 'integer' })
  basedOn: number;

  @IdColumn({ nullable: true })
  updatedBy: string | null;

  @TimestampColumn()
  updatedAt: Date;

  /** Counts the changes of the row, for `ETag` and `If-Match`. */
  @Column({ type: 'integer', default: 1 })
  revision: number;
}
