import { unitPriceOf } from './unit-price.js';

it.each([
  [10_000, 100_000_000n, 'USD', '1.00'],
  [900, 1_000_000_000n, 'USD', '0.009'],
  [1, 3_000_000n, 'USD', '0.00333333'],
  [150, 100_000_000n, 'JPY', '1.5'],
  [15_000, 100_000_000n, 'JPY', '150'],
  [5120, 1_000_000n, 'KWD', '5.120'],
  [99_999_999, 1n, 'USD', '999999990000.00'],
])('of %d for %d micro-credits in %s is %s', (price, credits, currency, text) => {
  expect(unitPriceOf(price, credits, currency)).toBe(text);
});
