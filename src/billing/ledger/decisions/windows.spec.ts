import { windowEnd, windowStart, windowStarts } from './windows.js';

const text = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

describe('the window of a limit', () => {
  it.each([
    ['day', '2026-10-25T22:30:00Z', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['day', '2026-03-29T21:59:59Z', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['day', '2026-11-01T04:30:00Z', 'America/Havana', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    ['week', '2026-11-29T15:30:00Z', 'Asia/Tokyo', '2026-11-29T15:00:00.000Z', '2026-12-06T15:00:00.000Z'],
    ['month', '2028-03-01T04:59:59Z', 'America/New_York', '2028-02-01T05:00:00.000Z', '2028-03-01T05:00:00.000Z'],
    ['month', '2026-12-31T23:30:00Z', 'UTC', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['lifetime', '2026-12-31T23:30:00Z', 'Asia/Tokyo', '1970-01-01T00:00:00.000Z', null],
  ] as const)('%s at %s in %s', (window, at, timeZone, start, end) => {
    expect(text(windowStart(window, Date.parse(at), timeZone))).toBe(start);
    expect(text(windowEnd(window, Date.parse(at), timeZone))).toBe(end);
  });

  it('has neighbors', () => {
    expect(windowStarts('month', Date.parse('2026-03-15T00:00:00Z'), 'Europe/Berlin').map(text)).toEqual([
      '2026-01-31T23:00:00.000Z',
      '2026-02-28T23:00:00.000Z',
      '2026-03-31T22:00:00.000Z',
    ]);
  });

  it('is found again after many others', () => {
    const days = Array.from({ length: 20 }, (_, day) => Date.UTC(2026, 0, 1 + day, 12));
    // It is 21:00 in Tokyo.
    for (const at of [...days, ...days]) expect(windowStart('day', at, 'Asia/Tokyo')).toBe(at - 21 * 3_600_000);
  });
});
