import { dayRangeOf, daysOf, instantsOf, monthOf, wholeMonths } from './day-range.js';

const now = Date.parse('2026-11-30T23:30:00Z');
const daysIn = (query: { from?: string; to?: string }, timeZone = 'UTC') => {
  const days = daysOf(dayRangeOf(query, timeZone, now));
  return [days[0], days.at(-1), days.length];
};

describe('a range of days', () => {
  it('includes both of its days', () => {
    expect(daysIn({ from: '2026-11-01', to: '2026-11-30' })).toEqual(['2026-11-01', '2026-11-30', 30]);
    expect(daysIn({ from: '2026-11-05', to: '2026-11-05' })).toEqual(['2026-11-05', '2026-11-05', 1]);
    expect(daysIn({ from: '2028-02-01', to: '2028-02-29' }, 'Asia/Tokyo')).toEqual(['2028-02-01', '2028-02-29', 29]);
  });

  it('ends today in its time zone, and has 30 days', () => {
    expect(daysIn({})).toEqual(['2026-11-01', '2026-11-30', 30]);
    expect(daysIn({}, 'Asia/Tokyo')).toEqual(['2026-11-02', '2026-12-01', 30]);
  });

  it('excludes an instant at which it ends, as responses state it', () => {
    const range = dayRangeOf({ from: '2026-10-01', to: '2026-10-31' }, 'Europe/Berlin');
    const { from, to } = instantsOf(range);
    expect([from.toISOString(), to.toISOString()]).toEqual(['2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z']);
    expect(dayRangeOf({ from: from.toISOString(), to: to.toISOString() }, 'Europe/Berlin')).toEqual(range);
  });

  it('does not end before it begins, and is not too long', () => {
    expect(() => dayRangeOf({ from: '2026-11-02', to: '2026-11-01' }, 'UTC')).toThrow();
    expect(() => dayRangeOf({ from: '2020-01-01', to: '2026-11-01' }, 'UTC')).toThrow();
  });
});

it('a month begins and ends in its time zone', () => {
  const { from, to } = instantsOf(monthOf('2026-03', 'America/New_York'));
  expect([from.toISOString(), to.toISOString()]).toEqual(['2026-03-01T05:00:00.000Z', '2026-04-01T04:00:00.000Z']);
});

it('whole months are those with all their days', () => {
  const wholeOf = (from: string, to: string) => wholeMonths({ from, to, timeZone: 'UTC' });
  expect(wholeOf('2026-01-01', '2026-02-01')).toEqual({ from: '2026-01-01', to: '2026-02-01' });
  expect(wholeOf('2026-01-02', '2026-03-31')).toEqual({ from: '2026-02-01', to: '2026-03-01' });
  expect(wholeOf('2026-01-02', '2026-02-28')).toBeNull();
});
