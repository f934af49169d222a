import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  isEmail,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CREDITS_PATTERN, MAX_AMOUNT, SIGNED_CREDITS_PATTERN, toMicro } from '../money/index.js';
import { isReservedSlug, SLUG_PATTERN } from '../ids/index.js';
import { INSTANT_OR_DAY_PATTERN, isInstantOrDay } from './instant.js';
import { MAILBOX, normalizeEmail } from './address.js';
import { composeText, isPrintable, isVisible } from './text.js';

/**
 * Options of the field decorators. Each decorator validates a field and documents it in openapi.json, in request and
 * response classes.
 */
export interface FieldOptions {
  optional?: boolean;
  /** Allows null. In a PATCH, null clears the field. */
  nullable?: boolean;
  description?: string;
  example?: unknown;
  default?: unknown;
  deprecated?: boolean;
}

/** Names the format of a rule for clients that translate its error. */
export interface FieldErrorContext {
  format: string;
}

const format = (name: string): { context: FieldErrorContext } => ({ context: { format: name } });

const IGNORES_UNKNOWN = 'trellis:ignores-unknown-fields';
/** Read by the builder of openapi.json and removed from the document. */
export const IGNORES_UNKNOWN_EXTENSION = 'x-ignores-unknown-fields';

/** Drops unknown fields instead of rejecting them, for requests whose standard requires it. */
export const IgnoreUnknownFields = (): ClassDecorator => (target) => {
  Reflect.defineMetadata(IGNORES_UNKNOWN, true, target);
  (ApiExtension(IGNORES_UNKNOWN_EXTENSION, true) as ClassDecorator)(target);
};

export const ignoresUnknownFields = (type: object): boolean => Reflect.hasMetadata(IGNORES_UNKNOWN, type);

const trim = Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));

function field(options: FieldOptions, schema: ApiPropertyOptions, ...rules: PropertyDecorator[]) {
  const { optional, nullable, description, example, deprecated } = options;
  const presence: PropertyDecorator[] = [];
  if (optional && nullable) presence.push(IsOptional());
  else if (optional) presence.push(ValidateIf((_, value) => value !== undefined));
  else if (nullable) presence.push(ValidateIf((_, value) => value !== null));
  const documented = {
    ...schema,
    required: !optional,
    ...(nullable && { nullable }),
    ...(description && { description }),
    ...(example !== undefined && { example }),
    ...(options.default !== undefined && { default: options.default }),
    ...(deprecated && { deprecated }),
  } as ApiPropertyOptions;
  return applyDecorators(remember, ApiProperty(documented), ...presence, ...rules);
}

const dtosByName = new Map<string, Set<unknown>>();

const remember: PropertyDecorator = ({ constructor }) => {
  const known = dtosByName.get(constructor.name) ?? new Set();
  dtosByName.set(constructor.name, known.add(constructor));
};

/** Returns names shared by several DTO classes, because openapi.json identifies schemas by name. */
export const duplicateDtoNames = (): string[] =>
  [...dtosByName].filter(([, classes]) => classes.size > 1).map(([name]) => name);

const Printable = (multiline: boolean) =>
  ValidateBy({
    name: 'printable',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isPrintable(value, multiline),
      defaultMessage: () => '$property must not contain control characters',
    },
  });

const Visible = () =>
  ValidateBy({
    name: 'visible',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isVisible(value),
      defaultMessage: () => '$property must contain a visible character',
    },
  });

const compose = Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? composeText(value) : value));

interface TextOptions extends FieldOptions {
  min?: number;
  max?: number;
  /** Allows line breaks. */
  multiline?: boolean;
  /** Keeps every character, for what is compared with texts of other systems. */
  verbatim?: boolean;
  pattern?: RegExp;
}

/** Accepts text of `min` to `max` characters without control characters, trims it and composes its letters. */
export const TextField = ({
  min = 1,
  max = 200,
  multiline = false,
  verbatim = false,
  pattern,
  ...options
}: TextOptions = {}) =>
  field(
    options,
    { type: String, minLength: min, maxLength: max, ...(pattern && { pattern: pattern.source }) },
    trim,
    ...(verbatim ? [] : [compose]),
    IsString(),
    Length(min, max),
    Printable(multiline),
    ...(min > 0 ? [Visible()] : []),
    ...(pattern ? [Matches(pattern)] : []),
  );

/** Accepts a secret and never trims it. */
export const SecretField = ({ min = 1, max = 128, ...options }: FieldOptions & { min?: number; max?: number } = {}) =>
  field(
    options,
    { type: String, minLength: min, maxLength: max, format: 'password' },
    IsString(),
    Length(min, max),
    Printable(false),
  );

export const SlugField = (options: FieldOptions = {}) =>
  field(
    { example: 'acme', description: '2 to 50 of a-z, 0-9 and "-", unique below its parent.', ...options },
    { type: String, minLength: 2, maxLength: 50, pattern: SLUG_PATTERN.source },
    IsString(),
    Matches(SLUG_PATTERN, {
      message: '$property must have 2 to 50 of a-z, 0-9 and "-", with no "-" at either end',
      ...format('slug'),
    }),
    ValidateBy({
      name: 'slugNotReserved',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && !isReservedSlug(value),
        defaultMessage: () => '$property is a reserved word',
      },
    }),
  );

export const ExternalIdField = (options: FieldOptions = {}) =>
  TextField({
    max: 128,
    verbatim: true,
    description: "The customer's own id, unique below its parent.",
    example: 'CUST-1042',
    ...options,
  });

/** Checks for half surrogates first, because isEmail throws on them. */
const IsMailbox = () =>
  ValidateBy({
    name: 'isEmail',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && !/\p{Cs}/u.test(value) && isEmail(value),
      defaultMessage: () => '$property must be an email',
    },
  });

/** Accepts a mailbox and normalizes it (trimmed, NFKC, lower case, the domain in ASCII). */
export const EmailField = (options: FieldOptions = {}) =>
  field(
    { example: 'ada@example.com', ...options },
    { type: String, format: 'idn-email', maxLength: 254 },
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? normalizeEmail(value) : value)),
    IsString(),
    IsMailbox(),
    Matches(MAILBOX, { message: '$property must be a plain email address', ...format('email') }),
    Length(3, 254),
    Printable(false),
  );

export const UuidField = (options: FieldOptions = {}) => field(options, { type: String, format: 'uuid' }, IsUUID());

export const EnumField = (values: readonly string[], { name, ...options }: FieldOptions & { name?: string } = {}) =>
  field(options, { enum: [...values], ...(name && { enumName: name }) }, IsIn(values));

export const IntegerField = ({ min, max, ...options }: FieldOptions & { min: number; max: number }) =>
  field(options, { type: 'integer', minimum: min, maximum: max }, IsInt(), Min(min), Max(max));

/** Accepts credits as decimal text: more than 0, also 0 with `zero`, also negative with `signed`. Responses may have any amount. */
export const CreditsField = ({
  signed = false,
  zero = false,
  ...options
}: FieldOptions & { signed?: boolean; zero?: boolean } = {}) => {
  const pattern = signed ? SIGNED_CREDITS_PATTERN : CREDITS_PATTERN;
  const validate = (value: unknown): boolean => {
    if (typeof value !== 'string' || !pattern.test(value)) return false;
    const micro = toMicro(value);
    return (micro !== 0n || zero) && micro <= MAX_AMOUNT && micro >= -MAX_AMOUNT;
  };
  const least = zero ? '0' : signed ? '-1000000000 and not 0' : 'more than 0';
  return field(
    { example: '12.5', ...options },
    { type: String, pattern: pattern.source },
    ValidateBy({
      name: 'credits',
      validator: {
        validate,
        defaultMessage: () =>
          `$property must be a decimal text with at most 6 fraction digits, such as "12.5", ${zero || signed ? 'from ' : ''}${least} to 1000000000`,
      },
    }),
  );
};

export const BooleanField = (options: FieldOptions = {}) => field(options, { type: Boolean }, IsBoolean());

const InstantOrDay = () =>
  ValidateBy({
    name: 'instant',
    validator: {
      validate: isInstantOrDay,
      defaultMessage: () =>
        '$property must be a time with an offset, such as 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+01:00, or a day, such as 2026-01-31',
    },
  });

/** Documents an instant of a response, in UTC. */
export const DateTimeField = (options: FieldOptions = {}) =>
  field(options, { type: String, format: 'date-time' }, InstantOrDay());

/** Accepts a time with an offset, or a day, which services read in the time zone of the operator. */
export const DayOrTimeField = (options: FieldOptions = {}) =>
  field(
    { example: '2026-01-31', ...options },
    { type: String, pattern: INSTANT_OR_DAY_PATTERN.source },
    InstantOrDay(),
  );

export const UrlField = (options: FieldOptions = {}) =>
  field(
    { example: 'https://example.com/help', ...options },
    { type: String, format: 'uri', maxLength: 2000 },
    trim,
    IsString(),
    Length(1, 2000),
    Printable(false),
    IsUrl({ protocols: ['https'], require_protocol: true, disallow_auth: true }),
  );

const isTimeZone = (value: unknown): boolean => {
  if (typeof value !== 'string' || value.length > 64 || !/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(value)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

export const TimeZoneField = (options: FieldOptions = {}) =>
  field(
    { example: 'Europe/Berlin', ...options },
    { type: String, maxLength: 64 },
    ValidateBy({
      name: 'timeZone',
      validator: { validate: isTimeZone, defaultMessage: () => '$property must be a time zone such as Europe/Berlin' },
    }),
  );

export const ListField = (
  item: PropertyDecorator,
  { max = 100, of = String, ...options }: FieldOptions & { max?: number; of?: unknown } = {},
) =>
  field(
    options,
    { type: of, isArray: true, maxItems: max, uniqueItems: true } as ApiPropertyOptions,
    IsArray(),
    ArrayMaxSize(max),
    ArrayUnique(),
    item,
  );

/** Accepts a list of UUIDs. */
export const UuidListField = ({ max = 100, ...options }: FieldOptions & { max?: number } = {}) =>
  field(
    options,
    { type: 'array', items: { type: 'string', format: 'uuid' }, maxItems: max, uniqueItems: true },
    IsArray(),
    ArrayMaxSize(max),
    ArrayUnique(),
    IsUUID('all', { each: true }),
  );

/** Accepts a list of `values`. `noun` names one value in the error text. */
export const EnumListField = (values: readonly string[], { noun, ...options }: FieldOptions & { noun?: string } = {}) =>
  field(
    options,
    { type: 'array', items: { type: 'string', enum: [...values] }, maxItems: values.length, uniqueItems: true },
    IsArray(),
    ArrayMaxSize(values.length),
    ArrayUnique(),
    IsIn([...values], { each: true, ...(noun && { message: `each of $property must be ${noun}` }) }),
  );

/** Accepts a nested object of class `type()`. Swagger recognizes a lazy type by the function name `type`. */
export const ObjectField = (type: () => new () => object, options: FieldOptions = {}) =>
  field(options, { type: () => type() }, IsObject(), ValidateNested(), Type(type));

/** Rejects nested lists, which the validator would accept as objects without checking them. */
const Flat = () =>
  ValidateBy({
    name: 'flat',
    validator: {
      validate: (value: unknown) => !Array.isArray(value) || !value.some(Array.isArray),
      defaultMessage: () => '$property must be a list of objects',
    },
  });

/** Documents a list of nested objects of class `type()`. */
export const ObjectListField = (
  type: () => new () => object,
  { max, ...options }: FieldOptions & { max?: number } = {},
) =>
  field(
    options,
    { type: () => type(), isArray: true, ...(max !== undefined && { maxItems: max }) },
    IsArray(),
    ...(max === undefined ? [] : [ArrayMaxSize(max)]),
    Flat(),
    ValidateNested({ each: true }),
    Type(type),
  );

/** Documents free-form JSON in responses. */
export const JsonField = (options: FieldOptions = {}) =>
  field(options, { type: Object, additionalProperties: true }, Allow());

/** Accepts `true` or `false` in a query string. */
export const QueryBooleanField = (options: FieldOptions = {}) =>
  field(
    { optional: true, ...options },
    { type: Boolean },
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean(),
  );

/** Accepts a whole number in a query string. Digits only, so `""` and `1e2` are rejected. */
export const QueryIntegerField = ({ min, max, ...options }: FieldOptions & { min: number; max: number }) =>
  field(
    { optional: true, ...options },
    { type: 'integer', minimum: min, maximum: max },
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
    ),
    IsInt(),
    Min(min),
    Max(max),
  );

/** Documents the entity tag of a view, in the form of the `ETag` header. */
export const EtagField = (options: FieldOptions = {}) =>
  TextField({
    example: '"3"',
    description: 'The same as the `ETag` header of a response with this alone. Send it as `If-Match` with a change.',
    ...options,
  });
