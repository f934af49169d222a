import { includedTax, RATE_PATTERN, toPercent, toRate } from './tax.js';

it.each([
  ['19', 190_000],
  ['8.1', 81_000],
  ['0', 0],
  ['100', 1_000_000],
  ['5.0255', 50_255],
])('reads %s percent', (percent, rate) => {
  expect(percent).toMatch(RATE_PATTERN);
  expect(toRate(percent)).toBe(rate);
  expect(toPercent(rate)).toBe(percent);
});

it.each(['-1', '100.1', '101', '1.00001', '1,5', '', '1e1'])('refuses %s', (percent) => {
  expect(percent).not.toMatch(RATE_PATTERN);
});

it.each([
  [119_00, '19', 19_00],
  [100_00, '19', 15_97],
  [100, '10', 9],
  [1, '100', 1],
  [0, '19', 0],
  [99_999_999, '0', 0],
])('finds the tax in %d at %s percent', (minor, percent, tax) => {
  expect(includedTax(minor, toRate(percent))).toBe(tax);
});
