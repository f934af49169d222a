/** Returns `Monday, 1 June 2026 at 14:30 (Europe/Berlin)`. A time zone that this runtime does not know is shown as UTC. */
export function instant(iso: string, timeZone = 'UTC'): string {
  try {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'short' });
    return `${format.format(new Date(iso))} (${timeZone})`;
  } catch (error) {
    if (timeZone === 'UTC' || !(error instanceof RangeError)) throw error;
    return instant(iso);
  }
}
