import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { type AppError, commonErrors, type FieldError, unknownField } from '../../common/errors/index.js';
import { ignoresUnknownFields, isPrintable } from '../../common/validation/index.js';
import { fieldErrors } from './field-errors.js';

/** Limit of reported errors, for large batches. */
const MAX_ERRORS = 50;
/** More than any class has. The validator takes ten times as long to refuse a field as it takes to parse one. */
const MAX_FIELDS = 200;

const WRONG_TYPE = (type: string) => ({ code: 'wrong_type' as const, params: { type } });

const refuse = (errors: FieldError[]): AppError =>
  commonErrors.validation_failed({ errors: errors.slice(0, MAX_ERRORS) });

const isDto = (metatype: ArgumentMetadata['metatype']): metatype is Type<object> =>
  metatype !== undefined && ![String, Number, Boolean, Array, Object, Buffer].some((plain) => plain === metatype);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns errors for keys that class-transformer would drop silently. */
const inheritedKeys = (value: object): FieldError[] =>
  Object.keys(value)
    .filter((key) => key in Object.prototype)
    .map((field) => unknownField(field));

/**
 * Converts bodies and queries to instances of their classes and reports invalid fields as validation_failed. Unknown fields
 * are rejected. Validation is synchronous: checks that need the database belong in a service.
 */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if (type === 'custom') return value;
    if (!isDto(metatype)) return this.plain(value, data, metatype);
    // A missing body is treated like an empty object. The class decides which fields are required.
    const given = value ?? (value === undefined ? {} : null);
    if (!isObject(given))
      throw refuse([{ field: '', ...WRONG_TYPE('object'), message: `the ${type} must be an object` }]);
    if (Object.keys(given).length > MAX_FIELDS)
      throw commonErrors.malformed_request({ detail: `The ${type} has more than ${MAX_FIELDS} fields.` });
    const inherited = inheritedKeys(given);
    if (inherited.length > 0) throw refuse(inherited);
    const instance = plainToInstance(metatype, given);
    const errors = validateSync(instance, {
      whitelist: true,
      forbidNonWhitelisted: !ignoresUnknownFields(metatype),
      forbidUnknownValues: true,
    });
    if (errors.length > 0) throw refuse(fieldErrors(errors));
    return instance;
  }

  /** Validates `@Query('q') q: string`: one text without control characters. */
  private plain(value: unknown, name: string | undefined, metatype: ArgumentMetadata['metatype']): unknown {
    if (metatype !== String || value === undefined) return value;
    const field = name ?? '';
    if (typeof value !== 'string')
      throw refuse([{ field, ...WRONG_TYPE('string'), message: `${field} must be given once, as text` }]);
    if (!isPrintable(value))
      throw refuse([{ field, code: 'control_characters', message: `${field} must not contain control characters` }]);
    return value;
  }
}
