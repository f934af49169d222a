import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { IsObject, ValidateBy, ValidateIf } from 'class-validator';
import { PageQuery } from '../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  EtagField,
  IntegerField,
  JsonField,
  ObjectField,
  ObjectListField,
  SlugField,
  TextField,
  UuidField,
} from '../../common/validation/index.js';
import { BySourceField, SettingSourceView } from '../../settings/index.js';
import { AnyJsonField, BodyField } from '../model/content.fields.js';
import {
  CONTENT_FORMATS,
  type ContentFormat,
  FIELD_TYPES,
  type FieldType,
  type FieldValue,
  MAX_ATTACHMENTS,
  MAX_FIELDS,
} from '../model/content.types.js';
import { AttachmentView, ContentFieldView } from '../model/content.views.js';
import type { UnusedReason } from './received-fields.js';

const SORTS = ['title', '-title', 'key', '-key'] as const;
const STATES = ['publishing', 'published'] as const;
const UNUSED = ['removed', 'type_changed', 'locked'] as const satisfies readonly UnusedReason[];
const CHANGES = ['added', 'removed', 'changed', 'unchanged'] as const;
const VERSION = { min: 1, max: 2_147_483_647 };
/** Names of fields of two versions. */
const MAX_COMPARED = 2 * MAX_FIELDS;
export const MAX_OVERRIDES = 100;
export const MAX_GIVEN = 200;
const LATEST = 'latest';

export type Follow = typeof LATEST | number;

const FOLLOW_SCHEMA = {
  oneOf: [
    { type: 'string', enum: [LATEST] },
    { type: 'integer', minimum: 1 },
  ],
};

const isFollow = (value: unknown): boolean =>
  value === LATEST || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= VERSION.max);

const FollowField = ({ optional = false } = {}) =>
  applyDecorators(
    ApiProperty({
      ...FOLLOW_SCHEMA,
      required: !optional,
      description: '`latest`, or the number of the published version that the organization keeps.',
      example: LATEST,
    }),
    ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []),
    ValidateBy({
      name: 'follow',
      validator: { validate: isFollow, defaultMessage: () => '$property must be "latest" or the number of a version' },
    }),
  );

const MapField = (description: string) =>
  applyDecorators(
    ApiProperty({ type: Object, additionalProperties: true, required: false, description }),
    ValidateIf((_, value) => value !== undefined),
    IsObject(),
  );

export class ReceivedContentQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Part of the title or key.' })
  q?: string;

  @EnumField(STATES, { optional: true })
  state?: (typeof STATES)[number];

  @EnumField(SORTS, { optional: true, default: 'title' })
  sort?: (typeof SORTS)[number];
}

/** A document that an organization receives, without its text. */
export class ReceivedContentItemView {
  @UuidField()
  id: string;

  @SlugField()
  key: string;

  @TextField({ description: 'As written: `{{NAME}}` stands for a variable.' })
  title: string;

  @EnumField(CONTENT_FORMATS, { name: 'ContentFormat' })
  format: ContentFormat;

  @EnumField(STATES, { name: 'ReceivedContentState' })
  state: (typeof STATES)[number];

  @IntegerField({ ...VERSION, description: 'The version that the organization uses.' })
  version: number;

  @FollowField()
  follow: Follow;

  @IntegerField({ ...VERSION, description: 'The version at which the organization last pinned or overrode something.' })
  basedOn: number;

  @IntegerField({ ...VERSION, description: 'The version that the operator publishes now.' })
  available: number;

  @BooleanField({ description: 'The organization overrides fields.' })
  overridden: boolean;

  @DateTimeField({ nullable: true, description: 'When organizations could use this version for the first time.' })
  publishedAt: string | null;
}

export class ReceivedFieldView {
  @TextField({ max: 63 })
  name: string;

  @EnumField(FIELD_TYPES, { name: 'ContentFieldType' })
  type: FieldType;
}

export class UnusedOverrideView {
  @TextField({ max: 63 })
  name: string;

  @AnyJsonField()
  value: FieldValue;

  @EnumField(UNUSED, {
    name: 'UnusedOverrideReason',
    description: 'The version has no such field, another type, or the operator locked it.',
  })
  reason: UnusedReason;
}

export class FieldComparisonView {
  @TextField({ max: 63 })
  name: string;

  @EnumField(CHANGES, { name: 'FieldChange' })
  change: (typeof CHANGES)[number];

  @ObjectField(() => ContentFieldView, { nullable: true, description: 'Null if that version has no such field.' })
  basedOn: ContentFieldView | null;

  @ObjectField(() => ContentFieldView, { nullable: true, description: 'Null if the new version has no such field.' })
  available: ContentFieldView | null;

  @AnyJsonField({ description: 'The value of the organization. Null for none.' })
  override: FieldValue;
}

export class ContentComparisonView {
  @BooleanField()
  titleChanged: boolean;

  @BooleanField()
  bodyChanged: boolean;

  @BooleanField()
  formatChanged: boolean;

  @BooleanField()
  attachmentsChanged: boolean;

  @ObjectListField(() => FieldComparisonView, { max: MAX_COMPARED })
  fields: FieldComparisonView[];
}

@ApiExtraModels(SettingSourceView)
export class ReceivedContentView extends ReceivedContentItemView {
  @BodyField()
  body: string;

  @TextField({
    optional: true,
    max: 4 * 1024 * 1024,
    description:
      'The body of a content item as HTML that is safe to show. Only for Markdown. Templates are rendered instead.',
  })
  html?: string;

  @ObjectListField(() => AttachmentView, { max: MAX_ATTACHMENTS })
  attachments: AttachmentView[];

  @ObjectListField(() => ReceivedFieldView, { max: MAX_FIELDS })
  fields: ReceivedFieldView[];

  @JsonField({ description: 'By the name of the field. Null for no value.' })
  values: Record<string, FieldValue>;

  @BySourceField('The level that each value comes from.')
  sources: Record<string, SettingSourceView>;

  @JsonField({ description: 'What this level itself sets.' })
  local: Record<string, FieldValue | undefined>;

  @BySourceField('The fields that cannot be overridden, and who locked them.')
  locked: Record<string, SettingSourceView | undefined>;

  @ObjectListField(() => UnusedOverrideView, {
    max: MAX_OVERRIDES,
    description: 'Overrides that are kept and do not count in this version.',
  })
  unused: UnusedOverrideView[];

  @ObjectField(() => ContentComparisonView, {
    nullable: true,
    description: 'What differs between `basedOn` and `available`. Null if they are the same version.',
  })
  comparison: ContentComparisonView | null;

  @EtagField()
  etag: string;
}

export class PatchAdoption {
  @FollowField({ optional: true })
  follow?: Follow;

  @MapField('Values by the name of the field. Null removes an override. What is left out stays.')
  overrides?: Record<string, FieldValue>;
}

export class RenderTemplate {
  @UuidField({ optional: true, description: 'Uses the variables of this unit, which you must be able to see.' })
  unitId?: string;

  @MapField(`At most ${MAX_GIVEN} texts by name, which replace variables and fields that are not locked.`)
  variables?: Record<string, string>;
}

export class RenderedTemplateView {
  @TextField({ min: 0, max: 1024 * 1024 })
  title: string;

  @TextField({ min: 0, max: 1024 * 1024, multiline: true, description: 'In the format of the template.' })
  body: string;

  @TextField({
    optional: true,
    min: 0,
    max: 4 * 1024 * 1024,
    multiline: true,
    description: 'HTML that is safe to show. Only for Markdown.',
  })
  html?: string;

  @ApiProperty({
    type: String,
    isArray: true,
    maxItems: 60_000,
    description: 'Names without a value, each once. They are left as written.',
  })
  missing: string[];
}
