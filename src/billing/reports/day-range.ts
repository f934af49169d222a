import { commonErrors } from '../../common/errors/index.js';
import { instantOf } from '../../common/validation/index.js';

export const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** A little more than three years. */
const MAX_DAYS = 1_100;

/** A range of whole days in UTC. The day `to` is excluded. */
export interface DayRange {
  from: Date;
  to: Date;
}

export const dayStart = (at: number): number => Math.floor(at / DAY_MS) * DAY_MS;

const dayEnd = (at: number): number => Math.ceil(at / DAY_MS) * DAY_MS;

/** Formats a day, for example `2026-01-31`. */
export const dayText = (day: Date): string => day.toISOString().slice(0, 10);

/** Returns the days that `from` and `to` lie in. */
export function dayRangeOf(query: { from?: string; to?: string }, now = Date.now()): DayRange {
  const to = dayEnd(instantOf('to', query.to)?.getTime() ?? dayStart(now) + DAY_MS);
  const from = dayStart(instantOf('from', query.from)?.getTime() ?? to - DEFAULT_DAYS * DAY_MS);
  const refuse = (message: string) => commonErrors.validation_failed({ errors: [{ field: 'to', message }] });
  if (to <= from) throw refuse('to must be after from');
  if (to - from > MAX_DAYS * DAY_MS) throw refuse(`to must be at most ${MAX_DAYS} days after from`);
  return { from: new Date(from), to: new Date(to) };
}

/** Parses a month such as `2026-01`. */
export function monthOf(text: string): DayRange {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined || Number(year) < 2000 || Number(year) > 9000) {
    throw commonErrors.validation_failed({
      errors: [{ field: 'month', message: 'month must be a month such as 2026-01' }],
    });
  }
  const start = (months: number) => new Date(Date.UTC(Number(year), Number(month) - 1 + months, 1));
  return { from: start(0), to: start(1) };
}

const monthStart = (at: number, months = 0): number => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
};

/** Returns the months that lie completely in the range, or null if there are none. */
export function wholeMonths({ from, to }: DayRange): DayRange | null {
  const first = monthStart(from.getTime() - 1, 1);
  const end = monthStart(to.getTime());
  return end > first ? { from: new Date(first), to: new Date(end) } : null;
}
