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

/** NUL and half surrogates, which the database cannot store. */
const UNSTORABLE = /[\0\p{Cs}]/u;

const isVariableValue = (value: unknown): boolean =>
  typeof value === 'string' && Buffer.byteLength(value) <= MAX_VALUE_BYTES && !UNSTORABLE.test(value);

/** Accepts the value unchanged, because trailing white space of a key file matters. */
const ValueField = () =>
  applyDecorators(
    ApiProperty({
      type: String,
      maxLength: MAX_VALUE_BYTES,
      description: 'At most 4096 bytes of UTF-8. Line breaks are allowed, NUL is not.',
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

export class PutVariable {
  @ValueField()
  value: string;

  @BooleanField({
    optional: true,
    description:
      'Encrypts the value, which only `effective` returns then. Unchanged if missing. New variables are not secret by default.',
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
    description: 'Includes the values of secrets from levels whose secrets you can read.',
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
    description: 'Null for a secret that was not requested or that you cannot read.',
  })
  value: string | null;

  @BooleanField()
  secret: boolean;

  @BooleanField({ description: 'Whether it is derived from the level itself: `ORG_ID`, `UNIT_SLUG`, …' })
  builtIn: boolean;

  @ObjectField(() => VariableSourceView, { description: 'The nearest level that sets it.' })
  source: VariableSourceView;
}

export class EffectiveVariablesView {
  @ObjectListField(() => EffectiveVariableView, { description: 'All of them, sorted by key.' })
  items: EffectiveVariableView[];
}

/** Includes the time, because a variable that is removed and created again starts with version 1. */
export const etagOf = ({ version, updatedAt }: Pick<VariableRow, 'version' | 'updatedAt'>): string =>
  `"${version}-${updatedAt.getTime().toString(36)}"`;

export const toVariableView = (row: VariableRow): VariableView => ({
  key: row.key,
  value: row.secret ? null : row.value,
  secret: row.secret,
  updatedAt: row.updatedAt.toISOString(),
  etag: etagOf(row),
});
