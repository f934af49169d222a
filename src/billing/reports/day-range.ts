import { addDays, type Day, dayAt, daysBetween, monthStart, startOfDay } from '../../common/calendar/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { endOf, startOf } from '../../common/validation/index.js';

const DEFAULT_DAYS = 30;
/** A little more than three years. */
const MAX_DAYS = 1_100;

/** A range of whole days in a time zone. The day `to` is excluded. */
export interface DayRange {
  from: Day;
  to: Day;
  timeZone: string;
}

/** Returns the instants at which the range begins and ends. */
export const instantsOf = ({ from, to, timeZone }: DayRange): { from: Date; to: Date } => ({
  from: new Date(startOfDay(from, timeZone)),
  to: new Date(startOfDay(to, timeZone)),
});

/** Returns the days that `from` and `to` lie in. A day `to` is included, and an instant `to` is excluded. */
export function dayRangeOf(query: { from?: string; to?: string }, timeZone: string, now = Date.now()): DayRange {
  const end = query.to === undefined ? now + 1 : endOf(query.to, timeZone).getTime();
  const to = addDays(dayAt(end - 1, timeZone), 1);
  const from =
    query.from === undefined ? addDays(to, -DEFAULT_DAYS) : dayAt(startOf(query.from, timeZone).getTime(), timeZone);
  const refuse = (message: string) => commonErrors.validation_failed({ errors: [{ field: 'to', message }] });
  if (to <= from) throw refuse('to must not be before from');
  if (daysBetween(from, to) > MAX_DAYS) throw refuse(`to must be at most ${MAX_DAYS} days after from`);
  return { from, to, timeZone };
}

/** Parses a month such as `2026-01`. */
export function monthOf(text: string, timeZone: string): DayRange {
  const [, year] = /^(\d{4})-(?:0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined || Number(year) < 2000 || Number(year) > 9000) {
    throw commonErrors.validation_failed({
      errors: [{ field: 'month', message: 'month must be a month such as 2026-01' }],
    });
  }
  const from = `${text}-01`;
  return { from, to: monthStart(from, 1), timeZone };
}

/** Returns the months that lie completely in the range, or null if there are none. */
export function wholeMonths({ from, to }: DayRange): { from: Day; to: Day } | null {
  const first = monthStart(addDays(from, -1), 1);
  const end = monthStart(to);
  return end > first ? { from: first, to: end } : null;
}

/** Lists the days of the range. */
export function daysOf({ from, to }: DayRange): Day[] {
  const days: Day[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) days.push(day);
  return days;
}
