import { endOf, isInstantOrDay, lastOf, startOf, withInstants } from './instant.js';

it.each(['2027-01-01', '2027-01-01T00:00Z', '2027-01-01T00:00:00Z', '2027-01-01T00:00:00.123456+05:45', '2028-02-29'])(
  'accepts %s',
  (text) => {
    expect(isInstantOrDay(text)).toBe(true);
  },
);

it.each([
  '2027-01-01T00:00:00',
  '2027-01-01T00:00',
  '2027-01-01 00:00:00Z',
  '2027-02-29',
  '2027-02-30T00:00:00Z',
  '2027-01-01T25:00:00Z',
  '2027-W01-1',
  '2027-01',
  '20270101',
  '0099-01-01',
  '0000-01-01T00:00:00+14:00',
  '',
  'tomorrow',
  1_800_000_000_000,
  null,
])('rejects %j', (text) => {
  expect(isInstantOrDay(text)).toBe(false);
});

it('a day is read in the given time zone, whatever the zone of the server', () => {
  expect(startOf('2027-01-01', 'America/New_York').toISOString()).toBe('2027-01-01T05:00:00.000Z');
  expect(endOf('2027-01-01', 'America/New_York').toISOString()).toBe('2027-01-02T05:00:00.000Z');
  expect(endOf('2027-01-01T00:00:00+01:00', 'America/New_York').toISOString()).toBe('2026-12-31T23:00:00.000Z');
  expect(withInstants({ to: '2026-10-25' }, 'Europe/Berlin')).toEqual({ to: '2026-10-25T23:00:00.000Z' });
});

it('ends with the year 9999, which is the last one that JSON can state', () => {
  const last = '9999-12-31T23:59:59.999Z';
  for (const timeZone of ['UTC', 'America/New_York', 'Pacific/Kiritimati'])
    for (const at of [endOf('9999-12-31', timeZone), endOf('9999-12-31T23:59:59-12:00', timeZone)])
      expect(at.toISOString() <= last).toBe(true);
  expect(endOf('9999-12-31', 'UTC').toISOString()).toBe(last);
  expect(startOf('9999-12-31T23:59:59-12:00', 'UTC').toISOString()).toBe(last);
  expect(lastOf('9999-12-31', 'America/New_York').toISOString()).toBe('9999-12-31T23:59:59.998Z');
});
