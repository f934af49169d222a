import { isReservedSlug, newId, SLUG_PATTERN, slugFrom } from './index.js';

it.each([
  ['Northwind Traders', 'northwind-traders'],
  ['  Ünïted Pärks & Co. ', 'united-parks-co'],
  ['A', 'organization-a'],
  ['Admin', 'organization-admin'],
  ['東京', 'organization-new'],
  ['x'.repeat(100), 'x'.repeat(40)],
  [`${'x'.repeat(39)} yz`, 'x'.repeat(39)],
])('makes a slug out of %j', (name, slug) => {
  expect(slugFrom(name, 'organization')).toBe(slug);
});

it('makes only slugs that may be used', () => {
  for (const name of ['', '-', 'api', 't', '--a--', 'Ⅷ', '\u0000', 'new', 'é']) {
    const slug = slugFrom(name, 'unit');
    expect(SLUG_PATTERN.test(slug) && !isReservedSlug(slug)).toBe(true);
  }
});

it('gives ids in the order of time', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(ids.toSorted()).toEqual(ids);
});
