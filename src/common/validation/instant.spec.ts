import { endOf, isInstantOrDay, startOf, withInstants } from './instant.js';

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
