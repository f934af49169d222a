const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Seconds before the second, third, … attempt. After the last one a delivery has failed. */
export const RETRY_SECONDS = [
  5,
  30,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
] as const;

/** Returns when a delivery is tried again after so many attempts, or null if it has failed. */
export function nextAttemptAfter(attempts: number, at: Date): Date | null {
  const seconds = RETRY_SECONDS[attempts - 1];
  return seconds === undefined ? null : new Date(at.getTime() + seconds * 1000);
}
