/** Credits in whole micro-credits (1 credit = 1,000,000), so nothing is rounded in between. */
export type Micro = bigint;

const FRACTION_DIGITS = 6;
const ONE = 1_000_000n;

/** Most micro-credits that one operation may move: 1,000 million credits. */
export const MAX_AMOUNT: Micro = 1_000_000_000n * ONE;

/** Plain decimals without sign, exponent or leading zeros, with at most six fraction digits. */
export const CREDITS_PATTERN = /^(?:0|[1-9]\d{0,9})(?:\.\d{1,6})?$/;
/** Like `CREDITS_PATTERN`, with an optional minus sign. */
export const SIGNED_CREDITS_PATTERN = /^-?(?:0|[1-9]\d{0,9})(?:\.\d{1,6})?$/;

/** Converts a text that matches `SIGNED_CREDITS_PATTERN` to micro-credits. */
export function toMicro(text: string): Micro {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'));
}

/** Formats micro-credits as the shortest decimal: `12.5`, `0`, `-3`. */
export function toCredits(micro: Micro): string {
  const sign = micro < 0n ? '-' : '';
  const digits = (micro < 0n ? -micro : micro).toString().padStart(FRACTION_DIGITS + 1, '0');
  const point = digits.length - FRACTION_DIGITS;
  let end = digits.length;
  while (end > point && digits[end - 1] === '0') end--;
  const whole = sign + digits.slice(0, point);
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

/** Multiplies price and quantity, both in millionths, and rounds up once. */
export const priceOf = (price: Micro, quantity: bigint): Micro => (price * quantity + ONE - 1n) / ONE;
