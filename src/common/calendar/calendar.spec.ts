import { addDays, dayAt, DAY_MS, instantAt, monthStart, startOfDay, wallClock, weekStart } from './calendar.js';

const iso = (at: number): string => new Date(at).toISOString();

describe('the start of a day', () => {
  it.each([
    ['2026-01-31', 'UTC', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31', 'Europe/Berlin', '2026-01-30T23:00:00.000Z'],
    ['2026-07-31', 'Europe/Berlin', '2026-07-30T22:00:00.000Z'],
    ['2026-01-31', 'America/New_York', '2026-01-31T05:00:00.000Z'],
    ['2026-01-31', 'Asia/Kathmandu', '2026-01-30T18:15:00.000Z'],
    ['2026-01-31', 'Pacific/Kiritimati', '2026-01-30T10:00:00.000Z'],
    // The clocks skip midnight.
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    // The clocks show midnight twice.
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z'],
    ['2026-10-25', 'Atlantic/Azores', '2026-10-25T00:00:00.000Z'],
    // The clocks show the hour before midnight twice.
    ['2018-02-18', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z'],
    // The day does not exist.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('%s in %s is %s', (day, timeZone, expected) => {
    expect(iso(startOfDay(day, timeZone))).toBe(expected);
  });

  it.each([
    'Europe/Berlin',
    'America/Havana',
    'Africa/Cairo',
    'Australia/Lord_Howe',
    'America/St_Johns',
    'Asia/Tehran',
  ])('divides the years 2024 to 2028 in %s without a gap', (timeZone) => {
    for (let day = '2024-01-01'; day < '2029-01-01'; day = addDays(day, 1)) {
      const [start, end] = [startOfDay(day, timeZone), startOfDay(addDays(day, 1), timeZone)];
      expect(dayAt(start, timeZone)).toBe(day);
      expect(dayAt(start - 1, timeZone)).toBe(addDays(day, -1));
      expect([23, 23.5, 24, 24.5, 25]).toContain((end - start) / (DAY_MS / 24));
    }
  });
});

it('clocks keep milliseconds, also before 1970', () => {
  for (const at of ['2026-07-01T10:20:30.456Z', '1960-07-01T10:20:30.001Z'].map(Date.parse)) {
    expect(instantAt(wallClock(at, 'Asia/Kolkata'), 'Asia/Kolkata')).toBe(at);
  }
});

it('months and weeks begin on the first and on Monday', () => {
  expect([monthStart('2026-01-31'), monthStart('2026-01-31', 1), monthStart('2026-01-31', -1)]).toEqual([
    '2026-01-01',
    '2026-02-01',
    '2025-12-01',
  ]);
  expect(['2026-11-29', '2026-11-30', '2026-12-01'].map(weekStart)).toEqual(['2026-11-23', '2026-11-30', '2026-11-30']);
  expect([addDays('2028-02-28', 1), addDays('2027-02-28', 1)]).toEqual(['2028-02-29', '2027-03-01']);
});
