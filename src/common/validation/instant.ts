import { addDays, startOfDay } from '../calendar/index.js';
import { commonErrors } from '../errors/index.js';

/** Matches what `isInstantOrDay` accepts, apart from days that no calendar has. */
export const INSTANT_OR_DAY_PATTERN = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** Earlier times are mistakes, and calendars of years before 100 are not supported. */
const FIRST_YEAR = '1900';
/** The last instant that JSON can state. It stands for "never" in many systems. */
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

const bounded = (at: string | number): Date => new Date(Math.min(new Date(at).getTime(), LAST_INSTANT));

/**
 * Accepts a time with an offset, or a day. A time without an offset is another instant in each time zone, so it is rejected
 * instead of guessed.
 */
export function isInstantOrDay(value: unknown): value is string {
  if (typeof value !== 'string' || !INSTANT_OR_DAY_PATTERN.test(value) || Number.isNaN(Date.parse(value))) return false;
  if (value < FIRST_YEAR) return false;
  // Date.parse accepts February 30.
  const day = value.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** Returns the instant of a time, or the first instant of a day in the time zone. */
export const startOf = (text: string, timeZone: string): Date =>
  bounded(DAY.test(text) ? startOfDay(text, timeZone) : text);

/** Returns the instant of a time, or the first instant after a day in the time zone. */
export const endOf = (text: string, timeZone: string): Date =>
  bounded(DAY.test(text) ? startOfDay(addDays(text, 1), timeZone) : text);

/** Returns the instant of a time, or the last instant of a day in the time zone. */
export const lastOf = (text: string, timeZone: string): Date =>
  DAY.test(text) ? new Date(endOf(text, timeZone).getTime() - 1) : bounded(text);

/** Replaces days in a range by instants, so that the day `to` is included. The instant `to` is excluded. */
export const withInstants = <T extends { from?: string; to?: string }>(query: T, timeZone: string): T => ({
  ...query,
  ...(query.from !== undefined && { from: startOf(query.from, timeZone).toISOString() }),
  ...(query.to !== undefined && { to: endOf(query.to, timeZone).toISOString() }),
});

/**
 * Returns the instant of `expiresAt`, or the first instant after a day in the time zone, null for never. Rejects times that have
 * passed.
 */
export function expiryOf(text: string | null | undefined, timeZone: string): Date | null {
  if (text === undefined || text === null) return null;
  const instant = endOf(text, timeZone);
  if (instant.getTime() <= Date.now()) {
    throw commonErrors.validation_failed({
      errors: [{ field: 'expiresAt', code: 'not_in_future', message: 'expiresAt must be in the future' }],
    });
  }
  return instant;
}
