import { inherit } from '../../common/inheritance/index.js';
import { BRANDING } from './branding.kind.js';
import { contrast, contrastWarnings, REQUIRED_CONTRAST } from './contrast.js';

const { values: DEFAULTS } = inherit(BRANDING.fields, []);

describe('contrast', () => {
  it.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    // Known neighbours of the limit on white.
    ['#767676', '#ffffff', 4.54],
    ['#777777', '#ffffff', 4.48],
    ['#ff0000', '#ffffff', 4],
    ['#0000ff', '#ffffff', 8.59],
  ])('of %s on %s is %d, both ways', (a, b, expected) => {
    expect(contrast(a, b)).toBeCloseTo(expected, 1);
    expect(contrast(b, a)).toBe(contrast(a, b));
  });
});

describe('contrastWarnings', () => {
  it('has nothing to say about the system default', () => {
    expect(contrastWarnings(DEFAULTS)).toEqual([]);
    expect(contrast(DEFAULTS.primaryColor, DEFAULTS.backgroundColor)).toBeGreaterThan(6.5);
    expect(contrast(DEFAULTS['dark.primaryColor'], DEFAULTS['dark.backgroundColor'])).toBeGreaterThan(6.5);
  });

  it('names the colour, the ratio and the limit', () => {
    const warnings = contrastWarnings({ ...DEFAULTS, primaryColor: '#777777', 'dark.textColor': '#111827' });
    expect(warnings).toEqual([
      {
        field: 'primaryColor',
        code: 'low_contrast',
        ratio: 4.47,
        required: REQUIRED_CONTRAST,
        message: expect.stringContaining('backgroundColor'),
      },
      {
        field: 'dark.textColor',
        code: 'low_contrast',
        ratio: 1,
        required: REQUIRED_CONTRAST,
        message: expect.stringContaining('dark.backgroundColor'),
      },
    ]);
  });
});
