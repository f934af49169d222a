/** Milliseconds since 1970. */
type Instant = number;

/**
 * The instant `months` after `anchor`, in UTC: the same day and time of day, or the last day of a month that has no such
 * day. Always counted from the anchor, so that 31 January is followed by 28 February and then by 31 March.
 */
export function addMonths(anchor: Instant, months: number): Instant {
  const date = new Date(anchor);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day) + (anchor - midnight);
}

/** The end of the period that begins at `start`, which is some months after `anchor`. */
export function periodEnd(anchor: Instant, start: Instant): Instant {
  const [from, to] = [new Date(anchor), new Date(start)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return addMonths(anchor, months + 1);
}

/** What of `credits` falls to the rest of a period: rounded down, so that parts never add up to more than the whole. */
export function proRata(credits: bigint, period: { start: Instant; end: Instant }, at: Instant): bigint {
  const length = BigInt(period.end - period.start);
  const rest = BigInt(Math.min(Math.max(period.end - at, 0), period.end - period.start));
  const product = credits * rest;
  const down = product / length;
  return product < 0n && product % length !== 0n ? down - 1n : down;
}
