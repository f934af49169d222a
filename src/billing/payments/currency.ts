import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn } from 'class-validator';
import { type FieldOptions, TextField } from '../../common/validation/index.js';

/** What one payment may be at most, as providers have it. */
export const MAX_MINOR = 99_999_999;

/** ISO 4217, as this Node knows it. */
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/** A currency by its ISO 4217 code; arrives in capitals. */
export const CurrencyField = (options: FieldOptions = {}) =>
  applyDecorators(
    TextField({ min: 3, max: 3, example: 'EUR', description: 'ISO 4217.', ...options }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toUpperCase() : value)),
    IsIn([...CURRENCIES], { message: '$property must be a currency of ISO 4217, such as EUR' }),
  );

/** `12.50 EUR`. */
export function moneyText(minor: number, currency: string): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}
