import { addDays, type Day, dayAt, monthStart, startOfDay, weekStart } from '../../../common/calendar/index.js';
import type { EpochMs, LimitWindow } from './state.js';

/** The time that a limit counts. `end` is null for a lifetime. */
interface Span {
  readonly start: EpochMs;
  readonly end: EpochMs | null;
}

const LIFETIME: Span = { start: 0, end: null };
/** Charges nearly always fall into the current window. Captures and refunds can belong to an earlier one. */
const MAX_REMEMBERED = 4;

const firstDay = (window: LimitWindow, day: Day): Day =>
  window === 'month' ? monthStart(day) : window === 'week' ? weekStart(day) : day;

const nextFirstDay = (window: LimitWindow, first: Day): Day =>
  window === 'month' ? monthStart(first, 1) : addDays(first, window === 'week' ? 7 : 1);

function spanOf(window: LimitWindow, at: EpochMs, timeZone: string): Span {
  const first = firstDay(window, dayAt(at, timeZone));
  return { start: startOfDay(first, timeZone), end: startOfDay(nextFirstDay(window, first), timeZone) };
}

/** Recent windows by time zone and kind, because computing one takes longer than deciding about a charge. */
const remembered = new Map<string, Map<LimitWindow, Span[]>>();

function spanAt(window: LimitWindow, at: EpochMs, timeZone: string): Span {
  if (window === 'lifetime') return LIFETIME;
  const ofZone = remembered.get(timeZone) ?? new Map<LimitWindow, Span[]>();
  const spans = ofZone.get(window) ?? [];
  const known = spans.find(({ start, end }) => start <= at && (end === null || at < end));
  if (known) return known;
  const span = spanOf(window, at, timeZone);
  ofZone.set(window, [span, ...spans].slice(0, MAX_REMEMBERED));
  remembered.set(timeZone, ofZone);
  return span;
}

/** Returns the start of the window that contains `at`. Days begin at midnight in the time zone, weeks on Monday. */
export const windowStart = (window: LimitWindow, at: EpochMs, timeZone: string): EpochMs =>
  spanAt(window, at, timeZone).start;

/** Returns when the usage of the window that contains `at` counts no more, or null for a lifetime. */
export const windowEnd = (window: LimitWindow, at: EpochMs, timeZone: string): EpochMs | null =>
  spanAt(window, at, timeZone).end;

/** Returns the starts of the windows around `at`. The clock of the database, which decides, may differ a little. */
export function windowStarts(window: LimitWindow, at: EpochMs, timeZone: string): EpochMs[] {
  const { start, end } = spanAt(window, at, timeZone);
  return end === null ? [start] : [windowStart(window, start - 1, timeZone), start, end];
}

/** Returns `windowEnd` as it is told to clients. */
export function toResetsAt(window: LimitWindow, at: EpochMs, timeZone: string): string | null {
  const end = windowEnd(window, at, timeZone);
  return end === null ? null : new Date(end).toISOString();
}
