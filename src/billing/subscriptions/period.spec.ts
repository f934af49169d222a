import { addMonths, periodEnd, proRata } from './period.js';

const at = (text: string): number => Date.parse(text);
const text = (instant: number): string => new Date(instant).toISOString();

describe('months', () => {
  it.each([
    ['2026-01-31T10:20:30.456Z', 1, '2026-02-28T10:20:30.456Z'],
    ['2026-01-31T10:20:30.456Z', 2, '2026-03-31T10:20:30.456Z'],
    ['2026-01-31T00:00:00.000Z', 3, '2026-04-30T00:00:00.000Z'],
    ['2028-01-30T00:00:00.000Z', 1, '2028-02-29T00:00:00.000Z'],
    ['2028-02-29T23:59:59.999Z', 12, '2029-02-28T23:59:59.999Z'],
    ['2028-02-29T23:59:59.999Z', 48, '2032-02-29T23:59:59.999Z'],
    ['2026-12-15T12:00:00.000Z', 1, '2027-01-15T12:00:00.000Z'],
  ])('%s and %d more are %s', (anchor, months, expected) => {
    expect(text(addMonths(at(anchor), months, 'UTC'))).toBe(expected);
  });

  it.each([
    ['2026-01-31T23:30:00+01:00', 1, 'Europe/Berlin', '2026-02-28T22:30:00.000Z'],
    ['2026-01-31T23:30:00+01:00', 2, 'Europe/Berlin', '2026-03-31T21:30:00.000Z'],
    ['2026-02-28T02:30:00+01:00', 13, 'Europe/Berlin', '2027-03-28T01:30:00.000Z'],
    ['2026-09-25T02:30:00+02:00', 1, 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-01-01T00:00:00-05:00', 2, 'America/New_York', '2026-03-01T05:00:00.000Z'],
  ])('%s and %d more in %s are %s', (anchor, months, timeZone, expected) => {
    expect(text(addMonths(at(anchor), months, timeZone))).toBe(expected);
  });

  it.each(['UTC', 'America/New_York', 'Pacific/Apia'])('follow each other without a gap in %s', (timeZone) => {
    for (let day = 0; day < 1500; day += 7) {
      const anchor = at('2026-01-01T05:06:07.008Z') + day * 86_400_000;
      let start = anchor;
      for (let month = 1; month <= 14; month++) {
        const end = periodEnd(anchor, start, timeZone);
        expect(end).toBe(addMonths(anchor, month, timeZone));
        expect(end - start).toBeGreaterThanOrEqual(28 * 86_400_000 - 3_600_000);
        expect(end - start).toBeLessThanOrEqual(31 * 86_400_000 + 3_600_000);
        start = end;
      }
    }
  });
});

describe('a period after a change of the time zone', () => {
  it.each([
    ['2027-01-30T20:30:00Z', '2027-02-28T20:30:00Z', 'Asia/Tokyo', '2027-03-30T20:30:00.000Z'],
    ['2027-01-30T20:30:00Z', '2027-04-30T20:30:00Z', 'Asia/Tokyo', '2027-05-30T20:30:00.000Z'],
    ['2027-01-31T00:00:00Z', '2027-02-28T00:00:00Z', 'America/New_York', '2027-03-30T23:00:00.000Z'],
    ['2027-01-01T00:00:00Z', '2027-03-01T00:00:00Z', 'America/New_York', '2027-03-31T23:00:00.000Z'],
  ])('anchored at %s and started at %s in UTC, ends in %s at %s', (anchor, start, timeZone, end) => {
    expect(text(periodEnd(at(anchor), at(start), timeZone))).toBe(end);
  });

  it('lasts about a month, whatever the zones', () => {
    const zones = ['UTC', 'Asia/Tokyo', 'Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu', 'Europe/Berlin'];
    const lengths = new Set<number>();
    for (const [before, after] of zones.flatMap((one) => zones.map((other) => [one, other] as const)))
      for (let hour = 0; hour < 366 * 24; hour += 47) {
        const anchor = at('2027-01-01T00:30:00Z') + hour * 3_600_000;
        const start = addMonths(anchor, 1 + (hour % 13), before);
        lengths.add(Math.round((periodEnd(anchor, start, after) - start) / 86_400_000));
      }
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(27);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(33);
  });
});

describe('pro rata', () => {
  const period = { start: 0, end: 30 };

  it('is the part of the period that is left, rounded down', () => {
    expect(proRata(300n, period, 10)).toBe(200n);
    expect(proRata(100n, period, 20)).toBe(33n);
    expect(proRata(-100n, period, 20)).toBe(-34n);
  });

  it('is the whole amount before the period and nothing after it, if the clock jumps', () => {
    expect(proRata(100n, period, -5)).toBe(100n);
    expect(proRata(100n, period, 31)).toBe(0n);
  });
});
