/** A time in milliseconds since 1970. */
type UnixMs = number;

/**
 * Returns the time `months` after `anchor` in UTC: the same day and time of day, or the last day of a shorter month. Months
 * are always counted from the anchor, so January 31 is followed by February 28 and then by March 31.
 */
export function addMonths(anchor: UnixMs, months: number): UnixMs {
  const date = new Date(anchor);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day) + (anchor - midnight);
}

/** Returns the end of the period that starts at `start`, a whole number of months after `anchor`. */
export function periodEnd(anchor: UnixMs, start: UnixMs): UnixMs {
  const [from, to] = [new Date(anchor), new Date(start)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return addMonths(anchor, months + 1);
}

/** Returns the share of `credits` for the rest of a period. Rounds down, so parts never exceed the whole. */
export function proRata(credits: bigint, period: { start: UnixMs; end: UnixMs }, at: UnixMs): bigint {
  const length = BigInt(period.end - period.start);
  const rest = BigInt(Math.min(Math.max(period.end - at, 0), period.end - period.start));
  const product = credits * rest;
  const down = product / length;
  return product < 0n && product % length !== 0n ? down - 1n : down;
}
