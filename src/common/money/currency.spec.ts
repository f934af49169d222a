import { CURRENCIES, currencyOf, moneyText, roundUpToStep } from './currency.js';

const rulesOf = (code: string) => {
  const { decimals, step, minMinor, maxMinor } = currencyOf(code);
  return [decimals, step, minMinor, maxMinor];
};

describe('a currency', () => {
  it.each([
    ['USD', 1250, '12.50 USD'],
    ['HUF', 40_000, '400.00 HUF'],
    ['TWD', 800_45, '800.45 TWD'],
    ['JPY', 150, '150 JPY'],
    ['MGA', 5000, '5000 MGA'],
    ['KWD', 5120, '5.120 KWD'],
    ['ISK', 500, '5.00 ISK'],
    ['UGX', 50_000, '500.00 UGX'],
    ['EUR', 5, '0.05 EUR'],
    ['EUR', -1205, '-12.05 EUR'],
    ['IDR', 999_999_999_999, '9999999999.99 IDR'],
  ])('%s %d is written as %s', (code, minor, text) => {
    expect(moneyText(minor, code)).toBe(text);
  });

  it.each([
    ['USD', 2, 1, 50, 99_999_999],
    ['GBP', 2, 1, 30, 99_999_999],
    ['HUF', 2, 1, 17_500, 9_999_999_999],
    ['JPY', 0, 1, 50, 9_999_999_999],
    ['COP', 2, 1, 1, 9_999_999_999],
    ['INR', 2, 1, 50, 999_999_999],
    ['LBP', 2, 1, 1, 99_999_999_999],
    ['KRW', 0, 1, 1, 99_999_999],
    ['KWD', 3, 10, 10, 99_999_990],
    ['ISK', 2, 100, 100, 99_999_900],
    ['UGX', 2, 100, 100, 99_999_900],
  ])('%s has %d decimals, step %d, and amounts from %d to %d', (code, ...rules) => {
    expect(rulesOf(code)).toEqual(rules);
  });

  it.each([
    ['KWD', 5124n, 5130n],
    ['KWD', 5130n, 5130n],
    ['ISK', 1n, 100n],
    ['USD', 1n, 1n],
  ])('%s %d is rounded up to %d', (code, minor, rounded) => {
    expect(roundUpToStep(minor, currencyOf(code))).toBe(rounded);
  });

  it('is known by an upper-case code that occurs once', () => {
    expect(CURRENCIES.size).toBeGreaterThan(130);
    for (const [code, { minMinor, maxMinor, step }] of CURRENCIES) {
      expect(code).toMatch(/^[A-Z]{3}$/);
      expect([code, minMinor % step, maxMinor % step, minMinor < maxMinor]).toEqual([code, 0, 0, true]);
    }
  });
});
