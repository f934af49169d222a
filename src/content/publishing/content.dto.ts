import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  DayOrTimeField,
  EnumField,
  EtagField,
  IntegerField,
  ObjectField,
  ObjectListField,
  SlugField,
  TextField,
  UuidField,
  UuidListField,
} from '../../common/validation/index.js';
import { KEY_SOURCE } from '../../variables/index.js';
import { type ContentTag, etagOfContent } from '../model/content.etag.js';
import { AnyJsonField, BodyField } from '../model/content.fields.js';
import {
  AUDIENCE_MODES,
  type AudienceMode,
  CONTENT_FORMATS,
  CONTENT_STATES,
  type ContentFormat,
  type ContentState,
  FIELD_TYPES,
  type FieldType,
  type FieldValue,
  MAX_ATTACHMENTS,
  MAX_AUDIENCE,
  MAX_FIELDS,
  PUBLICATION_STATES,
  type PublicationState,
} from '../model/content.types.js';
import { AttachmentView, ContentFieldView } from '../model/content.views.js';
import type { ItemRow, PublicationRow, VersionRow } from './content.rows.js';

const SORTS = ['title', '-title', 'key', '-key', 'createdAt', '-createdAt'] as const;
const MAX_INT = 2_147_483_647;
const VERSION = { min: 1, max: MAX_INT };
const COUNT = { min: 0, max: MAX_INT };

export class ContentQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the title or key.' })
  q?: string;

  @EnumField(CONTENT_STATES, { optional: true })
  state?: ContentState;

  @EnumField(SORTS, { optional: true, default: 'title' })
  sort?: (typeof SORTS)[number];
}

export class ContentFieldInput {
  @TextField({ max: 63, pattern: new RegExp(`^${KEY_SOURCE}$`), example: 'NOTICE_PERIOD' })
  name: string;

  @EnumField(FIELD_TYPES, { name: 'ContentFieldType' })
  type: FieldType;

  @AnyJsonField({ optional: true, description: 'Of the type of the field, at most 16 KiB. Null or missing for none.' })
  default?: FieldValue;

  @BooleanField({ optional: true, default: false })
  locked?: boolean;
}

export class AudienceView {
  @EnumField(AUDIENCE_MODES, { name: 'ContentAudienceMode' })
  mode: AudienceMode;

  @UuidListField({ max: MAX_AUDIENCE, description: 'Empty for `all`.' })
  organizationIds: string[];
}

export class AudienceInput {
  @EnumField(AUDIENCE_MODES, { name: 'ContentAudienceMode' })
  mode: AudienceMode;

  @UuidListField({ max: MAX_AUDIENCE, optional: true, description: 'Required for `only` and `except`.' })
  organizationIds?: string[];
}

/** What a version consists of. What is left out is taken from the newest version. */
export class CreateContentVersion {
  @TextField({ max: 200, optional: true })
  title?: string;

  @BodyField({ optional: true })
  body?: string;

  @EnumField(CONTENT_FORMATS, { optional: true, name: 'ContentFormat' })
  format?: ContentFormat;

  @ObjectListField(() => ContentFieldInput, { optional: true, max: MAX_FIELDS })
  fields?: ContentFieldInput[];

  @ObjectListField(() => AttachmentView, { optional: true, max: MAX_ATTACHMENTS })
  attachments?: AttachmentView[];
}

/** Only `audience` can change once the newest version is published. */
export class PatchContent extends CreateContentVersion {
  @ObjectField(() => AudienceInput, { optional: true, description: 'Not versioned: a change applies at once.' })
  audience?: AudienceInput;
}

export class CreateContent {
  @SlugField({ optional: true, description: 'Derived from the title by default. Never changes.' })
  key?: string;

  @TextField({ max: 200, example: 'Master agreement' })
  title: string;

  @BodyField()
  body: string;

  @EnumField(CONTENT_FORMATS, { optional: true, default: 'markdown', name: 'ContentFormat' })
  format?: ContentFormat;

  @ObjectListField(() => ContentFieldInput, { optional: true, max: MAX_FIELDS })
  fields?: ContentFieldInput[];

  @ObjectListField(() => AttachmentView, { optional: true, max: MAX_ATTACHMENTS })
  attachments?: AttachmentView[];

  @ObjectField(() => AudienceInput, { optional: true, description: 'All organizations by default.' })
  audience?: AudienceInput;
}

export class PublishContent {
  @IntegerField(VERSION)
  version: number;

  @DayOrTimeField({ optional: true, description: 'Publishes later. A day begins in the time zone of the operator.' })
  at?: string;
}

/** A document without its text, in lists. */
export class ContentListItemView {
  @UuidField()
  id: string;

  @SlugField()
  key: string;

  @TextField({ description: 'Of the newest version.' })
  title: string;

  @EnumField(CONTENT_FORMATS, { name: 'ContentFormat' })
  format: ContentFormat;

  @EnumField(CONTENT_STATES, {
    name: 'ContentState',
    description: '`draft`: the newest version was never published. An earlier one may be: see `publishedVersion`.',
  })
  state: ContentState;

  @IntegerField({ ...VERSION, description: 'The newest version.' })
  version: number;

  @IntegerField({ ...VERSION, nullable: true, description: 'The version that organizations receive. Null for none.' })
  publishedVersion: number | null;

  @DateTimeField({ nullable: true, description: 'When a version will be published.' })
  scheduledAt: string | null;

  @EnumField(AUDIENCE_MODES, { name: 'ContentAudienceMode' })
  audienceMode: AudienceMode;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;
}

export class ContentDocumentView extends ContentListItemView {
  @BodyField()
  body: string;

  @ObjectListField(() => ContentFieldView, { max: MAX_FIELDS })
  fields: ContentFieldView[];

  @ObjectListField(() => AttachmentView, { max: MAX_ATTACHMENTS })
  attachments: AttachmentView[];

  @ObjectField(() => AudienceView)
  audience: AudienceView;

  @EtagField()
  etag: string;
}

/** A version without its text, in lists. */
export class ContentVersionItemView {
  @IntegerField(VERSION)
  version: number;

  @TextField()
  title: string;

  @EnumField(CONTENT_FORMATS, { name: 'ContentFormat' })
  format: ContentFormat;

  @EnumField(CONTENT_STATES, { name: 'ContentState' })
  state: ContentState;

  @DateTimeField({ nullable: true, description: 'When organizations could use it for the first time.' })
  publishedAt: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;
}

export class ContentVersionView extends ContentVersionItemView {
  @BodyField()
  body: string;

  @ObjectListField(() => ContentFieldView, { max: MAX_FIELDS })
  fields: ContentFieldView[];

  @ObjectListField(() => AttachmentView, { max: MAX_ATTACHMENTS })
  attachments: AttachmentView[];

  @EtagField()
  etag: string;
}

export class PublicationView {
  @EnumField(PUBLICATION_STATES, { name: 'PublicationState' })
  state: PublicationState;

  @IntegerField(VERSION)
  version: number;

  @IntegerField({ ...COUNT, description: 'Organizations of the audience when the publication started.' })
  total: number;

  @IntegerField({ ...COUNT, description: 'Organizations whose event is written.' })
  done: number;

  @IntegerField({ ...COUNT, description: 'Organizations whose event could not be written yet. They are tried again.' })
  failed: number;

  @DateTimeField({ nullable: true, description: 'Null unless it was scheduled.' })
  scheduledAt: string | null;

  @DateTimeField({ nullable: true, description: 'Organizations can use the version from then on.' })
  startedAt: string | null;

  @DateTimeField({ nullable: true })
  finishedAt: string | null;

  @EtagField()
  etag: string;
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export function stateOf(row: ItemRow): ContentState {
  if (row.activeState === 'publishing') return 'publishing';
  if (row.publishedAt === null) return 'draft';
  return row.withdrawnAt ? 'withdrawn' : 'published';
}

export const tagOfItem = (row: ItemRow): ContentTag => String(row.revision);

export const toContentListItemView = (row: ItemRow): ContentListItemView => ({
  id: row.id,
  key: row.key,
  title: row.title,
  format: row.format,
  state: stateOf(row),
  version: row.latestVersion,
  publishedVersion: row.withdrawnAt ? null : row.publishedVersion,
  scheduledAt: iso(row.scheduledAt),
  audienceMode: row.audienceMode,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

export const toContentDocumentView = (
  row: ItemRow,
  { body, fields, attachments }: VersionRow,
  organizationIds: string[],
): ContentDocumentView => ({
  ...toContentListItemView(row),
  body,
  fields,
  attachments,
  audience: { mode: row.audienceMode, organizationIds },
  etag: etagOfContent(tagOfItem(row), stateOf(row)),
});

function versionState(item: ItemRow, version: Pick<VersionRow, 'number' | 'publishedAt'>): ContentState {
  if (item.activeState === 'publishing' && item.activeNumber === version.number) return 'publishing';
  if (version.publishedAt === null) return 'draft';
  return item.withdrawnAt && item.publishedVersion === version.number ? 'withdrawn' : 'published';
}

export const toContentVersionItemView = (
  item: ItemRow,
  version: Omit<VersionRow, 'body' | 'fields' | 'attachments'>,
): ContentVersionItemView => ({
  version: version.number,
  title: version.title,
  format: version.format,
  state: versionState(item, version),
  publishedAt: iso(version.publishedAt),
  createdAt: version.createdAt.toISOString(),
  updatedAt: version.updatedAt.toISOString(),
});

export const toContentVersionView = (item: ItemRow, version: VersionRow): ContentVersionView => ({
  ...toContentVersionItemView(item, version),
  body: version.body,
  fields: version.fields,
  attachments: version.attachments,
  etag: `"${version.number}-${version.updatedAt.getTime().toString(36)}-${versionState(item, version)}"`,
});

export const toPublicationView = (row: PublicationRow): PublicationView => ({
  state: row.state,
  version: row.number,
  total: row.total,
  done: row.done,
  failed: row.failed,
  scheduledAt: iso(row.scheduledAt),
  startedAt: iso(row.startedAt),
  finishedAt: iso(row.finishedAt),
  etag: `"${row.state}-${row.number}-${row.done}-${row.failed}"`,
});
