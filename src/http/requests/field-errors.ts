import { getMetadataStorage, type ValidationError } from 'class-validator';
import { type FieldError, type FieldErrorCode, missingField, unknownField } from '../../common/errors/index.js';
import type { FieldErrorContext } from '../../common/validation/index.js';

/** Limit of field names, which come from the client. */
const MAX_NAME_LENGTH = 200;
/** Limit of listed values. */
const MAX_ALLOWED = 50;

type Details = Pick<FieldError, 'code' | 'params'>;
type Describe = (constraints: readonly unknown[], value: unknown) => Details;

const typed = (type: string) => (): Details => ({ code: 'wrong_type', params: { type } });
const formatted = (format: string) => (): Details => ({ code: 'invalid_format', params: { format } });
const plain = (code: FieldErrorCode) => (): Details => ({ code });
const bounded =
  (code: FieldErrorCode, name: string): Describe =>
  ([bound]) => ({ code, params: { [name]: bound } });

const lengthOf = (value: unknown): number => {
  const values = Array.isArray(value) ? value : [value];
  return Math.min(...values.map((one) => (typeof one === 'string' ? one.length : 0)));
};

const allowedOf = (values: unknown): unknown[] => (Array.isArray(values) ? values.slice(0, MAX_ALLOWED) : []);

/** By the names of the rules in class-validator and in common/validation. */
const RULES: Record<string, Describe> = {
  isString: typed('string'),
  isInt: typed('integer'),
  isNumber: typed('number'),
  isBoolean: typed('boolean'),
  isArray: typed('array'),
  isObject: typed('object'),
  nestedValidation: typed('object'),
  flat: typed('array'),
  isLength: ([min, max], value) =>
    lengthOf(value) < Number(min) ? { code: 'too_short', params: { min } } : { code: 'too_long', params: { max } },
  min: bounded('too_small', 'min'),
  max: bounded('too_large', 'max'),
  arrayMinSize: bounded('too_few', 'min'),
  arrayMaxSize: bounded('too_many', 'max'),
  arrayUnique: plain('not_unique'),
  isIn: ([allowed]) => ({ code: 'not_allowed', params: { allowed: allowedOf(allowed) } }),
  isEmail: formatted('email'),
  isUuid: formatted('uuid'),
  isUrl: formatted('url'),
  instant: formatted('date-time'),
  timeZone: formatted('time-zone'),
  credits: formatted('credits'),
  origin: formatted('origin'),
  matches: ([pattern]) => ({
    code: 'invalid_format',
    params: { format: 'pattern', pattern: (pattern as RegExp | undefined)?.source },
  }),
  printable: plain('control_characters'),
  visible: plain('blank'),
  slugNotReserved: plain('reserved'),
};

/** The rules that the others build on: a value of another type breaks all of them. */
const TYPE_RULES = new Set(['isString', 'isInt', 'isBoolean', 'isArray', 'isObject']);

/** Returns the arguments that a rule was declared with. */
function constraintsOf({ target, property }: ValidationError, rule: string): readonly unknown[] {
  if (!target) return [];
  const all = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  const found = all.find(({ propertyName, name }) => propertyName === property && name === rule);
  return (found?.constraints as unknown[] | undefined) ?? [];
}

function detailsOf(error: ValidationError, rule: string): Details {
  const { contexts, value } = error;
  const context = contexts?.[rule] as FieldErrorContext | undefined;
  if (context?.format) return { code: 'invalid_format', params: { format: context.format } };
  return RULES[rule]?.(constraintsOf(error, rule), value) ?? { code: 'invalid' };
}

function ownErrors(error: ValidationError, name: string, field: string): FieldError[] {
  const { constraints = {}, value } = error;
  const rules = Object.keys(constraints);
  if (rules.length === 0) return [];
  if (rules.includes('whitelistValidation')) return [unknownField(field, name)];
  if (value === undefined && error.property !== undefined) return [missingField(field)];
  const typeRule = rules.find((rule) => TYPE_RULES.has(rule));
  return (typeRule ? [typeRule] : rules).map((rule) => ({
    field,
    message:
      rule === 'nestedValidation' ? `${name} must be an object, or a list of objects` : (constraints[rule] ?? ''),
    ...detailsOf(error, rule),
  }));
}

/** Flattens nested errors. The field `b` within `a` becomes `a.b`. */
export function fieldErrors(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap((error) => {
    const name = (error.property ?? '').slice(0, MAX_NAME_LENGTH);
    const field = parent && name ? `${parent}.${name}` : parent || name;
    return [...ownErrors(error, name, field), ...fieldErrors(error.children ?? [], field)];
  });
}
