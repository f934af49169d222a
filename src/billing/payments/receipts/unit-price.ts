import { currencyOf, type Micro } from '../../../common/money/index.js';

const MICRO = 1_000_000n;
/** Digits beyond those of the currency, because a credit can cost a fraction of the smallest unit. */
const EXTRA_DIGITS = 6;

/** Returns the price of one credit in the currency, for example `0.0125`, rounded half up. */
export function unitPriceOf(priceMinor: number, credits: Micro, code: string): string {
  const { decimals } = currencyOf(code);
  const digits = decimals + EXTRA_DIGITS;
  const scaled = (2n * BigInt(priceMinor) * MICRO * 10n ** BigInt(EXTRA_DIGITS) + credits) / (2n * credits);
  const text = String(scaled).padStart(digits + 1, '0');
  const whole = text.slice(0, -digits);
  const fraction = text.slice(-digits).replace(/0+$/, '').padEnd(decimals, '0');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
