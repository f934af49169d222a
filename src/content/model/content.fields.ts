import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, ValidateBy, ValidateIf } from 'class-validator';
import type { FieldError } from '../../common/errors/index.js';
import { isReservedKey } from '../../variables/index.js';
import {
  type ContentField,
  type FieldType,
  type FieldValue,
  MAX_BODY_BYTES,
  MAX_VALUE_BYTES,
} from './content.types.js';

/** NUL and half surrogates, which the database cannot store. */
const UNSTORABLE = /[\0\p{Cs}]/u;
const UNSTORABLE_IN_JSON = /\\u0000|\\ud[89a-f]/i;

const isBody = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_BODY_BYTES && !UNSTORABLE.test(value);

/** Accepts the text of a document unchanged. */
export const BodyField = ({ optional = false } = {}) =>
  applyDecorators(
    ApiProperty({
      type: String,
      required: !optional,
      minLength: 1,
      maxLength: MAX_BODY_BYTES,
      description: `At most ${MAX_BODY_BYTES} bytes of UTF-8. \`{{NAME}}\` stands for a variable or a field of a template.`,
      example: '# Welcome, {{ORG_NAME}}',
    }),
    ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []),
    IsString(),
    ValidateBy({
      name: 'contentBody',
      validator: {
        validate: isBody,
        defaultMessage: () => `$property must be text of 1 to ${MAX_BODY_BYTES} bytes in UTF-8, without NUL`,
      },
    }),
  );

/** Documents JSON of any type. */
export const AnyJsonField = ({ optional = false, description = '' } = {}) =>
  applyDecorators(
    ApiProperty({
      oneOf: [
        { type: 'string' },
        { type: 'number' },
        { type: 'boolean' },
        { type: 'object', additionalProperties: true },
        { type: 'array', items: {} },
      ],
      nullable: true,
      required: !optional,
      ...(description && { description }),
    }),
    ValidateBy({ name: 'anyJson', validator: { validate: () => true } }),
  );

const sizeOf = (value: FieldValue): number =>
  Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));

const isStorable = (value: FieldValue): boolean =>
  typeof value === 'string' ? !UNSTORABLE.test(value) : !UNSTORABLE_IN_JSON.test(JSON.stringify(value));

const FITS: Record<FieldType, (value: FieldValue) => boolean> = {
  text: (value) => typeof value === 'string',
  markdown: (value) => typeof value === 'string',
  json: () => true,
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
};

/** Tells whether a value is of the type of a field. */
export const fitsType = (type: FieldType, value: FieldValue): boolean => value !== null && FITS[type](value);

/** Returns why a field cannot have this value, or null. */
export function valueFault(field: string, type: FieldType, value: FieldValue): FieldError | null {
  if (!fitsType(type, value))
    return { field, code: 'wrong_type', params: { type }, message: `${field} must be of the type ${type}` };
  if (sizeOf(value) > MAX_VALUE_BYTES)
    return {
      field,
      code: 'too_long',
      params: { max: MAX_VALUE_BYTES },
      message: `${field} must have at most ${MAX_VALUE_BYTES} bytes`,
    };
  if (!isStorable(value))
    return { field, code: 'control_characters', message: `${field} must not contain control characters` };
  return null;
}

/** Returns what is wrong with the fields of a document. */
export function fieldFaults(fields: readonly ContentField[]): FieldError[] {
  const seen = new Set<string>();
  return fields.flatMap(({ name, type, default: value }, index) => {
    const path = `fields.${index}`;
    const faults: (FieldError | null)[] = [
      seen.has(name)
        ? { field: `${path}.name`, code: 'not_unique', message: `${path}.name is the name of another field` }
        : null,
      isReservedKey(name)
        ? { field: `${path}.name`, code: 'reserved', message: `${path}.name begins like a built-in variable` }
        : null,
      value === null ? null : valueFault(`${path}.default`, type, value),
    ];
    seen.add(name);
    return faults.filter((fault) => fault !== null);
  });
}
