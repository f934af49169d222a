/** Ten-thousandths of a percent in a percent. */
const PER_PERCENT = 10_000;
const WHOLE = 100n * BigInt(PER_PERCENT);

/** Up to 100, with at most four digits after the point. */
export const RATE_PATTERN = /^(?:100(?:\.0{1,4})?|\d{1,2}(?:\.\d{1,4})?)$/;

/** Converts `8.1` to 81000 ten-thousandths of a percent. */
export function toRate(percent: string): number {
  const [whole = '', fraction = ''] = percent.split('.');
  return Number(whole) * PER_PERCENT + Number(fraction.padEnd(4, '0'));
}

/** Converts 81000 ten-thousandths of a percent to `8.1`. */
export const toPercent = (rate: number): string => String(rate / PER_PERCENT);

/** Returns the tax that is included in an amount, rounded half up to the smallest unit. */
export function includedTax(minor: number, rate: number): number {
  const [gross, share] = [BigInt(minor), BigInt(rate)];
  const whole = WHOLE + share;
  return Number((2n * gross * share + whole) / (2n * whole));
}
