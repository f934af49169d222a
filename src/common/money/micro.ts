/** Credits as whole micro-credits, so that nothing is ever rounded in between: 1 credit = 1 000 000. */
export type Micro = bigint;

const FRACTION_DIGITS = 6;
const ONE = 1_000_000n;

/** The most one operation may move, in micro-credits: a thousand million credits. */
export const MAX_AMOUNT: Micro = 1_000_000_000n * ONE;

/** Plain decimals only: no sign, no exponent, no leading zeros, at most six fraction digits. */
export const CREDITS_PATTERN = /^(?:0|[1-9]\d{0,9})(?:\.\d{1,6})?$/;
/** The same with an optional minus. */
export const SIGNED_CREDITS_PATTERN = /^-?(?:0|[1-9]\d{0,9})(?:\.\d{1,6})?$/;

/** Micro-credits of a text that `SIGNED_CREDITS_PATTERN` matches. */
export function toMicro(text: string): Micro {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'));
}

/** The shortest decimal: `12.5`, `0`, `-3`. */
export function toCredits(micro: Micro): string {
  const sign = micro < 0n ? '-' : '';
  const digits = (micro < 0n ? -micro : micro).toString().padStart(FRACTION_DIGITS + 1, '0');
  const point = digits.length - FRACTION_DIGITS;
  let end = digits.length;
  while (end > point && digits[end - 1] === '0') end--;
  const whole = sign + digits.slice(0, point);
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`;
}

/** Price × quantity, both in millionths, rounded once and up. */
export const priceOf = (price: Micro, quantity: bigint): Micro => (price * quantity + ONE - 1n) / ONE;
