import type { EpochMs, LimitWindow } from './state.js';

/** Returns the start of the window that contains `at`, in UTC. Weeks begin on Monday. Must match `windowStartSql`. */
export function windowStart(window: LimitWindow, at: EpochMs): EpochMs {
  if (window === 'lifetime') return 0;
  const date = new Date(at);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  if (window === 'month') return Date.UTC(year, month, 1);
  const sinceMonday = window === 'week' ? (date.getUTCDay() + 6) % 7 : 0;
  return Date.UTC(year, month, day - sinceMonday);
}

export const windowStartSql = (window: string, at: string): string =>
  `case when ${window} = 'lifetime' then to_timestamp(0) else date_trunc(${window}, ${at}, 'UTC') end`;
