import { CREDITS_PATTERN, MAX_AMOUNT, priceOf, SIGNED_CREDITS_PATTERN, toCredits, toMicro } from './micro.js';

it.each([
  ['0', 0n],
  ['12.5', 12_500_000n],
  ['0.000001', 1n],
  ['9999999999.999999', 9_999_999_999_999_999n],
  ['-3', -3_000_000n],
  ['-0.5', -500_000n],
])('%s is %s micro-credits, and back', (text, micro) => {
  expect(toMicro(text)).toBe(micro);
  expect(toCredits(micro)).toBe(text);
});

it('answers in the shortest form', () => {
  expect(toCredits(toMicro('12.500000'))).toBe('12.5');
  expect(toCredits(toMicro('100.000'))).toBe('100');
  expect(toCredits(MAX_AMOUNT)).toBe('1000000000');
});

it.each([
  '',
  ' 1',
  '1 ',
  '+1',
  '01',
  '.5',
  '1.',
  '1e3',
  '1E3',
  '0x1',
  '1,5',
  '1.0000001',
  'NaN',
  'Infinity',
  '١',
  '1_000',
])('takes no %j', (text) => {
  expect(CREDITS_PATTERN.test(text)).toBe(false);
  expect(SIGNED_CREDITS_PATTERN.test(text)).toBe(false);
});

it('takes a minus only where it may be', () => {
  expect(CREDITS_PATTERN.test('-1')).toBe(false);
  expect(SIGNED_CREDITS_PATTERN.test('-1')).toBe(true);
});

it('rounds price times quantity once, and up', () => {
  expect(priceOf(toMicro('0.000001'), toMicro('0.000001'))).toBe(1n);
  expect(priceOf(toMicro('0.333333'), toMicro('3'))).toBe(toMicro('0.999999'));
  expect(priceOf(toMicro('0.1'), toMicro('0.000015'))).toBe(2n);
  expect(priceOf(0n, toMicro('5'))).toBe(0n);
});
