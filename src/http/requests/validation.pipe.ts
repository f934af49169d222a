import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type AppError, commonErrors, type FieldError } from '../../common/errors/index.js';
import { ignoresUnknownFields, isPrintable } from '../../common/validation/index.js';

/** Enough to see what is wrong, however many items a batch has. */
const MAX_ERRORS = 50;
/** Names come from the caller. */
const MAX_NAME_LENGTH = 200;

const MESSAGES: Record<string, string> = {
  whitelistValidation: '$property is not a known field',
  nestedValidation: '$property must be an object, or a list of objects',
};

const refuse = (errors: FieldError[]): AppError =>
  commonErrors.validation_failed({ errors: errors.slice(0, MAX_ERRORS) });

/** Nested errors as one list, `a.b` for b within a. */
export function fieldErrors(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const name = (property ?? '').slice(0, MAX_NAME_LENGTH);
    const field = parent && name ? `${parent}.${name}` : parent || name;
    const own = Object.entries(constraints).map(([rule, message]) => ({
      field,
      message: MESSAGES[rule]?.replace('$property', name) ?? message,
    }));
    return [...own, ...fieldErrors(children, field)];
  });
}

const isDto = (metatype: ArgumentMetadata['metatype']): metatype is Type<object> =>
  metatype !== undefined && ![String, Number, Boolean, Array, Object, Buffer].some((plain) => plain === metatype);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A key that class-transformer would drop without a word instead of refusing it. */
const inheritedKeys = (value: object): FieldError[] =>
  Object.keys(value)
    .filter((key) => key in Object.prototype)
    .map((field) => ({ field, message: `${field} is not a known field` }));

/**
 * Turns bodies and queries into instances of their classes, or throws validation_failed with the fields that are wrong.
 * What the class does not name is refused. Rules are synchronous: one that needs the database belongs in a service.
 */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { type, metatype, data }: ArgumentMetadata): unknown {
    if (type === 'custom') return value;
    if (!isDto(metatype)) return this.plain(value, data, metatype);
    // No body is the same as one without fields: the class says whether it needs any.
    const given = value ?? (value === undefined ? {} : null);
    if (!isObject(given)) throw refuse([{ field: '', message: `the ${type} must be an object` }]);
    const inherited = inheritedKeys(given);
    if (inherited.length > 0) throw refuse(inherited);
    const instance = plainToInstance(metatype, given);
    const errors = validateSync(instance, {
      whitelist: true,
      forbidNonWhitelisted: !ignoresUnknownFields(metatype),
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    if (errors.length > 0) throw refuse(fieldErrors(errors));
    return instance;
  }

  /** `@Query('q') q: string`: one text, without control characters. */
  private plain(value: unknown, name: string | undefined, metatype: ArgumentMetadata['metatype']): unknown {
    if (metatype !== String || value === undefined) return value;
    const field = name ?? '';
    if (typeof value !== 'string') throw refuse([{ field, message: `${field} must be given once, as text` }]);
    if (!isPrintable(value)) throw refuse([{ field, message: `${field} must not contain control characters` }]);
    return value;
  }
}
