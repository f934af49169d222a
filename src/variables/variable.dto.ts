import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, ValidateBy } from 'class-validator';
import { PageQuery } from '../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  ObjectField,
  ObjectListField,
  QueryBooleanField,
  TextField,
  UuidField,
} from '../common/validation/index.js';
import { KEY_SOURCE } from './variable.key.js';
import type { VariableRow } from './variable.store.js';

const MAX_VALUE_BYTES = 4096;

const SORTS = ['key', '-key'] as const;
const LEVELS = ['operator', 'organization', 'unit'] as const;

/** NUL and half surrogates are no text that a database can keep. */
const UNSTORABLE = /[\0\p{Cs}]/u;

const isVariableValue = (value: unknown): boolean =>
  typeof value === 'string' && Buffer.byteLength(value) <= MAX_VALUE_BYTES && !UNSTORABLE.test(value);

/** Taken as it comes: the white space at the end of a key file counts. */
const ValueField = () =>
  applyDecorators(
    ApiProperty({
      type: String,
      maxLength: MAX_VALUE_BYTES,
      description: 'At most 4096 bytes of UTF-8, of any number of lines, without NUL.',
      example: 'https://billing.example.com/v2',
    }),
    IsString(),
    ValidateBy({
      name: 'variableValue',
      validator: {
        validate: isVariableValue,
        defaultMessage: () => '$property must be text of at most 4096 bytes in UTF-8, without NUL',
      },
    }),
  );

const KeyField = () => TextField({ max: 63, pattern: new RegExp(`^${KEY_SOURCE}$`), example: 'BILLING_URL' });

/** PUT. */
export class PutVariable {
  @ValueField()
  value: string;

  @BooleanField({
    optional: true,
    description: 'Encrypted, and shown by `effective` alone. Left out it stays as it is; a new variable is no secret.',
  })
  secret?: boolean;
}

export class VariableQuery extends PageQuery {
  @TextField({ max: 63, optional: true, description: 'Part of the key.' })
  q?: string;

  @EnumField(SORTS, { optional: true, default: 'key' })
  sort?: (typeof SORTS)[number];
}

export class EffectiveVariablesQuery {
  @QueryBooleanField({
    description: 'Also show the values of secrets that were set at levels whose secrets the caller may read.',
  })
  secrets?: boolean;
}

export class VariableView {
  @KeyField()
  key: string;

  @TextField({ nullable: true, min: 0, max: MAX_VALUE_BYTES, multiline: true, description: 'Null for a secret.' })
  value: string | null;

  @BooleanField()
  secret: boolean;

  @DateTimeField()
  updatedAt: string;

  @TextField({ description: 'For `If-Match`.' })
  etag: string;
}

export class VariableSourceView {
  @EnumField(LEVELS, { name: 'VariableLevel' })
  level: (typeof LEVELS)[number];

  @UuidField()
  id: string;

  @TextField()
  name: string;
}

export class EffectiveVariableView {
  @KeyField()
  key: string;

  @TextField({
    nullable: true,
    min: 0,
    max: MAX_VALUE_BYTES,
    multiline: true,
    description: 'Null for a secret that was not asked for, or that the caller may not read.',
  })
  value: string | null;

  @BooleanField()
  secret: boolean;

  @BooleanField({ description: 'Made from the level itself: `ORG_ID`, `UNIT_SLUG`, …' })
  builtIn: boolean;

  @ObjectField(() => VariableSourceView, { description: 'The nearest level that sets it.' })
  source: VariableSourceView;
}

export class EffectiveVariablesView {
  @ObjectListField(() => EffectiveVariableView, { description: 'All there are, sorted by key.' })
  items: EffectiveVariableView[];
}

/** Of the version and of the time: one that is removed and made again begins with version 1 again. */
export const etagOf = ({ version, updatedAt }: Pick<VariableRow, 'version' | 'updatedAt'>): string =>
  `"${version}-${updatedAt.getTime().toString(36)}"`;

export const toVariableView = (row: VariableRow): VariableView => ({
  key: row.key,
  value: row.secret ? null : row.value,
  secret: row.secret,
  updatedAt: row.updatedAt.toISOString(),
  etag: etagOf(row),
});
