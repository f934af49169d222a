/** A time in milliseconds since 1970. */
type UnixMs = number;

/** A day such as `2026-01-31`, without a time zone. */
export type Day = string;

export const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric' } as const;
    const options = {
      ...numeric,
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
      calendar: 'iso8601',
    } as const;
    format = new Intl.DateTimeFormat('en', { ...options, timeZone });
    formats.set(timeZone, format);
  }
  return format;
}

/** Returns what clocks in the time zone show, as if they showed UTC. */
export function wallClock(at: UnixMs, timeZone: string): UnixMs {
  if (timeZone === 'UTC') return at;
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
}

/**
 * Returns the instant at which clocks in the time zone show `wall`, and the first one if they show it twice. A time that they
 * skip is moved forward by as much as they are.
 */
export function instantAt(wall: UnixMs, timeZone: string): UnixMs {
  if (timeZone === 'UTC') return wall;
  const [before, after] = [wall - DAY_MS, wall + DAY_MS].map((at) => wall - (wallClock(at, timeZone) - at)) as [
    number,
    number,
  ];
  const [first, second] = before < after ? [before, after] : [after, before];
  return wallClock(first, timeZone) >= wall ? first : second;
}

const midnight = (day: Day): UnixMs => Date.parse(`${day}T00:00:00Z`);

const textOf = (wall: UnixMs): Day => new Date(wall).toISOString().slice(0, 10);

/** Returns the day in the time zone. */
export const dayAt = (at: UnixMs, timeZone: string): Day => textOf(wallClock(at, timeZone));

export const addDays = (day: Day, days: number): Day => textOf(midnight(day) + days * DAY_MS);

export const daysBetween = (from: Day, to: Day): number => Math.round((midnight(to) - midnight(from)) / DAY_MS);

/** Returns the first day of the month of `day`, or of a later or earlier month. */
export function monthStart(day: Day, months = 0): Day {
  const date = new Date(midnight(day));
  return textOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

/** Returns the Monday of the week of `day`. */
export const weekStart = (day: Day): Day => addDays(day, -((new Date(midnight(day)).getUTCDay() + 6) % 7));

/** Returns the first instant of the day in the time zone, which is not midnight where the clocks skip midnight. */
export const startOfDay = (day: Day, timeZone: string): UnixMs => instantAt(midnight(day), timeZone);
