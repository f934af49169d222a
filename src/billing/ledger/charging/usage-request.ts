import { commonErrors, type FieldError, type FieldErrorCode, unknownField } from '../../../common/errors/index.js';
import { isId } from '../../../common/ids/index.js';
import { CREDITS_PATTERN, MAX_AMOUNT, type Micro, priceOf, toMicro } from '../../../common/money/index.js';
import { isPrintable, jsonFault } from '../../../common/validation/index.js';

const FIELDS = ['amount', 'price', 'quantity', 'priceVersion', 'unitId', 'memberId', 'kind', 'reference', 'metadata'];
const MAX_ERRORS = 50;

/** A validated request for a charge or hold. */
export interface UsageRequest {
  amount: Micro;
  unitId: string | null;
  memberId: string | null;
  kind: string | null;
  reference: string | null;
  /** Price, quantity, price version and metadata, where given. */
  detail: Record<string, unknown> | null;
}

type Fields = Record<string, unknown>;

/** Reads fields and collects validation errors. */
class Reader {
  readonly errors: FieldError[] = [];

  constructor(private readonly fields: Fields) {}

  has(field: string): boolean {
    return this.fields[field] !== undefined;
  }

  refuse(field: string, message: string, code: FieldErrorCode = 'invalid', params?: object): null {
    this.errors.push({ field, message: `${field} ${message}`, code, ...(params && { params: { ...params } }) });
    return null;
  }

  decimal(field: string, zero = false): Micro | null {
    const value = this.fields[field];
    if (value === undefined) return null;
    if (typeof value !== 'string' || !CREDITS_PATTERN.test(value)) {
      return this.refuse(
        field,
        'must be a decimal text with at most 6 fraction digits, such as "12.5"',
        'invalid_format',
        {
          format: 'credits',
        },
      );
    }
    const micro = toMicro(value);
    if (micro === 0n && !zero) return this.refuse(field, 'must be more than 0', 'too_small', { min: '0.000001' });
    if (micro > MAX_AMOUNT) return this.refuse(field, 'must be at most 1000000000', 'too_large', { max: '1000000000' });
    return micro;
  }

  text(field: string, max: number): string | null {
    const value = this.fields[field];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') return this.refuse(field, 'must be text', 'wrong_type', { type: 'string' });
    if (!isPrintable(value)) return this.refuse(field, 'must not contain control characters', 'control_characters');
    const text = value.trim();
    if (text.length === 0) return this.refuse(field, `must have 1 to ${max} characters`, 'too_short', { min: 1 });
    return text.length <= max ? text : this.refuse(field, `must have 1 to ${max} characters`, 'too_long', { max });
  }

  id(field: string): string | null {
    const value = this.fields[field];
    if (value === undefined || value === null) return null;
    return isId(value)
      ? value.toLowerCase()
      : this.refuse(field, 'must be a UUID', 'invalid_format', { format: 'uuid' });
  }

  object(field: string): Fields | null {
    const value = this.fields[field];
    if (value === undefined || value === null) return null;
    const fault = jsonFault(value);
    return fault === null ? (value as Fields) : this.refuse(field, fault);
  }
}

/** Returns `amount` or price × quantity, which is 0 for free usage where `free` allows it. Returns 0 when it is invalid, and the reader has the error. */
function amountOf(reader: Reader, free: boolean): { amount: Micro; priced: Fields | null } {
  if (reader.has('amount')) {
    for (const field of ['price', 'quantity', 'priceVersion']) {
      if (reader.has(field)) reader.refuse(field, 'must not be sent together with amount');
    }
    return { amount: reader.decimal('amount') ?? 0n, priced: null };
  }
  if (!reader.has('price') || !reader.has('quantity')) {
    reader.refuse('amount', 'is required, or price and quantity', 'required');
    return { amount: 0n, priced: null };
  }
  const [price, quantity] = [reader.decimal('price', true), reader.decimal('quantity', true)];
  const priceVersion = reader.text('priceVersion', 64);
  if (price === null || quantity === null) return { amount: 0n, priced: null };
  const amount = priceOf(price, quantity);
  if (amount === 0n && !(free && quantity > 0n))
    reader.refuse('amount', 'must be more than 0', 'too_small', { min: '0.000001' });
  if (amount > MAX_AMOUNT) reader.refuse('amount', 'must be at most 1000000000', 'too_large', { max: '1000000000' });
  const priced = { price: String(price), quantity: String(quantity), ...(priceVersion !== null && { priceVersion }) };
  return { amount, priced };
}

/**
 * Validates the body of a charge or hold. `more` are fields that are read elsewhere, and `free` allows usage at price 0. Written by hand, because it runs for
 * every charge, and a batch has a thousand.
 */
export function usageRequest(
  body: unknown,
  { more = [], free = false }: { more?: readonly string[]; free?: boolean } = {},
): UsageRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw commonErrors.validation_failed({
      errors: [{ field: '', code: 'wrong_type', params: { type: 'object' }, message: 'the body must be an object' }],
    });
  }
  const fields = body as Fields;
  const reader = new Reader(fields);
  for (const field of Object.keys(fields)) {
    if (!FIELDS.includes(field) && !more.includes(field)) {
      reader.errors.push(unknownField(field.slice(0, 200)));
    }
  }
  const { amount, priced } = amountOf(reader, free);
  const unitId = reader.id('unitId');
  const memberId = reader.id('memberId');
  const kind = reader.text('kind', 64);
  const reference = reader.text('reference', 200);
  const metadata = reader.object('metadata');
  if (reader.errors.length > 0) throw commonErrors.validation_failed({ errors: reader.errors.slice(0, MAX_ERRORS) });
  const detail = metadata === null ? priced : { ...priced, metadata };
  return { amount, unitId, memberId, kind, reference, detail };
}
