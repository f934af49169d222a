import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn } from 'class-validator';
import { type FieldOptions, TextField } from '../../common/validation/index.js';

/** The largest amount that payment providers accept in one payment, in minor units. */
export const MAX_MINOR = 99_999_999;

/** The ISO 4217 codes that this version of Node.js knows. */
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** Validates an ISO 4217 currency code and converts it to upper case. */
export const CurrencyField = (options: FieldOptions = {}) =>
  applyDecorators(
    TextField({ min: 3, max: 3, example: 'EUR', description: 'ISO 4217 currency code.', ...options }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toUpperCase() : value)),
    IsIn([...CURRENCIES], { message: '$property must be an ISO 4217 currency code, such as EUR' }),
  );

/** Formats an amount in minor units, for example `12.50 EUR`. */
export function moneyText(minor: number, currency: string): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}
