import type { BrandingValues } from './branding.dto.js';
import { contrast } from './contrast.js';
import { type Palette, themeOf } from './palette.js';

const VALUES = {
  primaryColor: '#1d4ed8',
  backgroundColor: '#ffffff',
  textColor: '#111827',
  logoUrl: 'https://x.example/light.png',
  themeMode: 'auto',
  dark: { primaryColor: '#93c5fd', backgroundColor: '#111827', textColor: '#f9fafb', logoUrl: null },
} as BrandingValues;

const readable = ({ background, surround, text, muted, primary, onPrimary }: Palette): number =>
  Math.min(
    contrast(text, background),
    contrast(muted, background),
    contrast(muted, surround),
    contrast(onPrimary, primary),
  );

it('keeps colours that can be read', () => {
  const { base, dark, scheme } = themeOf(VALUES);
  expect(base).toMatchObject({ background: '#ffffff', text: '#111827', primary: '#1d4ed8', onPrimary: '#ffffff' });
  expect(dark).toMatchObject({ background: '#111827', text: '#f9fafb', primary: '#93c5fd', onPrimary: '#000000' });
  expect(dark?.logoUrl).toBe('https://x.example/light.png');
  expect(scheme).toBe('light dark');
});

it.each(['#000000', '#ffffff', '#777777', '#767676', '#808080', '#ffff00', '#ff0000', '#0000ff', '#00ff00', '#123456'])(
  'has readable text whatever is chosen: all %s',
  (color) => {
    const one = { primaryColor: color, backgroundColor: color, textColor: color, logoUrl: null };
    const { base, dark } = themeOf({ ...VALUES, ...one, dark: one });
    expect(readable(base)).toBeGreaterThanOrEqual(4.5);
    expect(dark && readable(dark)).toBeGreaterThanOrEqual(4.5);
  },
);

it('has one theme when the mode says so', () => {
  expect(themeOf({ ...VALUES, themeMode: 'light' })).toMatchObject({
    base: { background: '#ffffff' },
    dark: null,
    scheme: 'light',
  });
  expect(themeOf({ ...VALUES, themeMode: 'dark' })).toMatchObject({
    base: { background: '#111827' },
    dark: null,
    scheme: 'dark',
  });
});
