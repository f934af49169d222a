import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn } from 'class-validator';
import { CURRENCIES } from '../money/index.js';
import { type FieldOptions, IntegerField, TextField } from './fields.js';

/** Accepts the codes of the currencies that payments are taken in. */
export const IsCurrency = (): PropertyDecorator =>
  IsIn([...CURRENCIES.keys()], {
    message: '$property must be the ISO 4217 code of a currency that the payment provider accepts, such as EUR',
  });

/** Validates a currency code and converts it to upper case. */
export const CurrencyField = (options: FieldOptions = {}) =>
  applyDecorators(
    TextField({ min: 3, max: 3, example: 'EUR', description: 'ISO 4217 currency code.', ...options }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toUpperCase() : value)),
    IsCurrency(),
  );

/** Documents how to write an amount of the currency. */
export const DecimalsField = () =>
  IntegerField({
    min: 0,
    max: 3,
    example: 2,
    description: 'Digits after the decimal point in amounts of the currency: 1250 is 12.50 with 2, and 1250 with 0.',
  });
