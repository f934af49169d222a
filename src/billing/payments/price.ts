import { currencyOf, LARGEST_MINOR, roundUpToStep } from '../../common/money/index.js';
import { IntegerField } from '../../common/validation/index.js';

/** A price that the payment provider can charge. */
export interface ChargeablePrice {
  priceMinor: number;
  /** The price before it was rounded up to a multiple that the currency requires. Null when it was not. */
  roundedFromMinor: number | null;
}

/** Rounds a price up to an amount that can be charged in the currency. */
export function priceIn(minor: bigint, code: string): ChargeablePrice {
  const rounded = roundUpToStep(minor, currencyOf(code));
  return { priceMinor: Number(rounded), roundedFromMinor: rounded === minor ? null : Number(minor) };
}

export const RoundedFromField = () =>
  IntegerField({
    min: 0,
    max: LARGEST_MINOR,
    nullable: true,
    description:
      'The price before it was rounded up, in the smallest unit of the currency. Some currencies can only be charged in multiples of 10 ' +
      'or 100 of it. Null when nothing was rounded.',
  });
