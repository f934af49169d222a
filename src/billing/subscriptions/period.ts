import { DAY_MS, instantAt, wallClock } from '../../common/calendar/index.js';

/** A time in milliseconds since 1970. */
type UnixMs = number;

/**
 * Returns the time `months` after `anchor` on the clocks of the time zone: the same day and time of day, or the last day of a
 * shorter month. Months are always counted from the anchor, so January 31 is followed by February 28 and then by March 31.
 */
export function addMonths(anchor: UnixMs, months: number, timeZone: string): UnixMs {
  const wall = wallClock(anchor, timeZone);
  const date = new Date(wall);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  return instantAt(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day) + (wall - midnight), timeZone);
}

/** Returns the time `days` after `at`, at the same time of day. */
export const addDaysOnClock = (at: UnixMs, days: number, timeZone: string): UnixMs =>
  instantAt(wallClock(at, timeZone) + days * DAY_MS, timeZone);

/**
 * Returns the end of the period that starts at `start`, a whole number of months after `anchor`. The period that runs while the
 * operator changes its time zone keeps its end, so `start` can be some hours, or a day, away from a whole number of months.
 */
export function periodEnd(anchor: UnixMs, start: UnixMs, timeZone: string): UnixMs {
  const [from, to] = [anchor, start].map((at) => new Date(wallClock(at, timeZone))) as [Date, Date];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  // In another time zone, anchor and start can lie in months that are farther apart or closer.
  const distance = (count: number): number => Math.abs(addMonths(anchor, count, timeZone) - start);
  const nearest = [months, months - 1, months + 1].reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return addMonths(anchor, nearest + 1, timeZone);
}

/** Returns the share of `credits` for the rest of a period. Rounds down, so parts never exceed the whole. */
export function proRata(credits: bigint, period: { start: UnixMs; end: UnixMs }, at: UnixMs): bigint {
  const length = BigInt(period.end - period.start);
  const rest = BigInt(Math.min(Math.max(period.end - at, 0), period.end - period.start));
  const product = credits * rest;
  const down = product / length;
  return product < 0n && product % length !== 0n ? down - 1n : down;
}
