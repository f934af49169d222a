import type { ArgumentMetadata } from '@nestjs/common';
import type { AppError } from '../../common/errors/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  IntegerField,
  ListField,
  ObjectField,
  SlugField,
  TextField,
  TimeZoneField,
  UrlField,
  UuidField,
} from '../../common/validation/index.js';
import { ValidationPipe } from './validation.pipe.js';

class Inner extends Object {
  @TextField({ min: 8, max: 10 })
  secret: string;
}

class Outer {
  @TextField({ max: 5, optional: true })
  text?: string;

  @TextField({ optional: true, pattern: /^[A-Z]+$/ })
  pattern?: string;

  @IntegerField({ min: 1, max: 9, optional: true })
  count?: number;

  @EnumField(['user', 'admin'], { optional: true })
  role?: string;

  @ListField(UuidField(), { max: 2, optional: true })
  ids?: string[];

  @BooleanField({ optional: true })
  flag?: boolean;

  @EmailField({ optional: true })
  email?: string;

  @SlugField({ optional: true })
  slug?: string;

  @DateTimeField({ optional: true })
  at?: string;

  @UrlField({ optional: true })
  url?: string;

  @TimeZoneField({ optional: true })
  zone?: string;

  @ObjectField(() => Inner, { optional: true })
  inner?: Inner;
}

const metadata: ArgumentMetadata = { type: 'body', metatype: Outer, data: undefined };

function errorsOf(value: object) {
  try {
    new ValidationPipe().transform(value, metadata);
  } catch (error) {
    return ((error as AppError).options.errors ?? []).map(({ field, code, params }) => [field, code, params]);
  }
  return [];
}

describe('the errors of a field', () => {
  it.each<[object, string, string, object | undefined]>([
    [{ inner: {} }, 'inner.secret', 'required', undefined],
    [{ inner: { secret: 'short' } }, 'inner.secret', 'too_short', { min: 8 }],
    [{ inner: { secret: 'far too long' } }, 'inner.secret', 'too_long', { max: 10 }],
    [{ inner: 'text' }, 'inner', 'wrong_type', { type: 'object' }],
    [{ other: 1 }, 'other', 'unknown_field', undefined],
    [{ text: 1 }, 'text', 'wrong_type', { type: 'string' }],
    [{ text: null }, 'text', 'wrong_type', { type: 'string' }],
    [{ text: 'a\0b' }, 'text', 'control_characters', undefined],
    [{ text: '\u200b' }, 'text', 'blank', undefined],
    [{ pattern: 'a' }, 'pattern', 'invalid_format', { format: 'pattern', pattern: '^[A-Z]+$' }],
    [{ count: 0 }, 'count', 'too_small', { min: 1 }],
    [{ count: 10 }, 'count', 'too_large', { max: 9 }],
    [{ count: '1' }, 'count', 'wrong_type', { type: 'integer' }],
    [{ role: 'x' }, 'role', 'not_allowed', { allowed: ['user', 'admin'] }],
    [{ ids: ['x'] }, 'ids', 'invalid_format', { format: 'uuid' }],
    [{ ids: 'x' }, 'ids', 'wrong_type', { type: 'array' }],
    [{ flag: 'true' }, 'flag', 'wrong_type', { type: 'boolean' }],
    [{ slug: 'Not A Slug' }, 'slug', 'invalid_format', { format: 'slug' }],
    [{ slug: 'api' }, 'slug', 'reserved', undefined],
    [{ at: 'yesterday' }, 'at', 'invalid_format', { format: 'date-time' }],
    [{ url: 'http://example.com' }, 'url', 'invalid_format', { format: 'url' }],
    [{ zone: 'Mars/North' }, 'zone', 'invalid_format', { format: 'time-zone' }],
  ])('of %j have a code and its parameters', (value, field, code, params) => {
    expect(errorsOf(value)).toEqual([[field, code, params]]);
  });

  it('name the format once for an address that breaks several rules', () => {
    expect(errorsOf({ email: 'not-an-address' })).toContainEqual(['email', 'invalid_format', { format: 'email' }]);
  });

  it('name too many items and repeated ones', () => {
    const id = 'c0ffee00-0000-4000-8000-000000000000';
    const errors = errorsOf({ ids: [id, id, id] });
    expect(errors).toContainEqual(['ids', 'too_many', { max: 2 }]);
    expect(errors).toContainEqual(['ids', 'not_unique', undefined]);
  });
});
