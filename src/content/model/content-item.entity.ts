import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import {
  CreatedAtColumn,
  IdColumn,
  JsonColumn,
  PrimaryIdColumn,
  TextColumn,
  TimestampColumn,
} from '../../database/index.js';
import {
  AUDIENCE_MODES,
  type Attachment,
  type AudienceMode,
  CONTENT_FORMATS,
  CONTENT_KINDS,
  type ContentField,
  type ContentFormat,
  type ContentKind,
} from './content.types.js';

const oneOf = (column: string, values: readonly string[]): string => `${column} in ('${values.join("', '")}')`;

/** A document that an operator publishes to organizations: a template or a content item. */
@Entity('content_items')
@ForeignKey('Operator', ['operatorId'], ['id'])
@Unique('content_items_operator_id_kind_key_key', ['operatorId', 'kind', 'key'])
@Check('content_items_kind_check', oneOf('kind', CONTENT_KINDS))
@Check('content_items_audience_mode_check', oneOf('audience_mode', AUDIENCE_MODES))
export class ContentItem {
  @PrimaryIdColumn()
  id: string;

  @IdColumn()
  operatorId: string;

  @TextColumn()
  kind: ContentKind;

  @TextColumn()
  key: string;

  @TextColumn()
  audienceMode: AudienceMode;

  /** The number of the newest version, also of a draft. */
  @Column({ type: 'integer', default: 1 })
  latestVersion: number;

  /** What organizations receive, unless the document is withdrawn. Null if it was never published. */
  @Column({ type: 'integer', nullable: true })
  publishedVersion: number | null;

  @TimestampColumn({ nullable: true })
  withdrawnAt: Date | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  /** Counts the changes of the row, for `ETag` and `If-Match`. */
  @Column({ type: 'integer', default: 1 })
  revision: number;
}

/** One version of a document. A trigger refuses changes once it was published. */
@Entity('content_versions')
@ForeignKey('ContentItem', ['itemId'], ['id'])
@Check('content_versions_format_check', oneOf('format', CONTENT_FORMATS))
export class ContentVersion {
  @PrimaryIdColumn()
  itemId: string;

  /** 1, 2, 3, … within the document. */
  @PrimaryColumn({ type: 'integer' })
  number: number;

  @TextColumn()
  title: string;

  @TextColumn()
  body: string;

  @TextColumn()
  format: ContentFormat;

  @JsonColumn()
  fields: ContentField[];

  @JsonColumn()
  attachments: Attachment[];

  @IdColumn({ nullable: true })
  createdBy: string | null;

  @CreatedAtColumn()
  createdAt: Date;

  @TimestampColumn()
  updatedAt: Date;

  /** When organizations could use it for the first time. */
  @TimestampColumn({ nullable: true })
  publishedAt: Date | null;
}

/** An organization that the audience of a document names. */
@Entity('content_audiences')
@ForeignKey('Organization', ['organizationId'], ['id'])
@ForeignKey('ContentItem', ['itemId'], ['id'])
@Index('content_audiences_item_id_idx', ['itemId', 'organizationId'])
export class ContentAudience {
  @PrimaryIdColumn()
  organizationId: string;

  @PrimaryIdColumn()
  itemId: string;
}
