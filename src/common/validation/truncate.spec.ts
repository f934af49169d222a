import { truncate } from './truncate.js';

const FAMILY = '👩‍👩‍👧‍👦';

it.each([
  ['Ada', 120, 'Ada'],
  ['x'.repeat(121), 120, 'x'.repeat(120)],
  [`${'x'.repeat(119)}${FAMILY}`, 120, 'x'.repeat(119)],
  [`${'x'.repeat(119)}😀`, 120, 'x'.repeat(119)],
  [`${'x'.repeat(118)}😀`, 120, `${'x'.repeat(118)}😀`],
  [`${'x'.repeat(109)}${FAMILY}y`, 120, `${'x'.repeat(109)}${FAMILY}`],
  [`${'x'.repeat(119)}e\u0301`, 120, 'x'.repeat(119)],
  [`${'x'.repeat(119)}क्षि`, 120, 'x'.repeat(119)],
  [FAMILY, 3, ''],
])('cuts %j at %d', (text, max, expected) => expect(truncate(text, max)).toBe(expected));
