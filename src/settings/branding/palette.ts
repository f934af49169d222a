import type { BrandingValues } from './branding.dto.js';
import { BRANDING, type FlatBranding } from './branding.kind.js';
import { toValues } from './branding-shape.js';
import { contrast, REQUIRED_CONTRAST } from './contrast.js';

/** All colors of one theme, derived from the chosen ones so that text is always readable on its background. */
export interface Palette {
  background: string;
  /** Surrounds `background`: a shade of it, if text stays readable on that. */
  surround: string;
  border: string;
  text: string;
  /** For less important text on `background` and `surround`. */
  muted: string;
  primary: string;
  onPrimary: string;
  /** Outline of elements in `primary`, which may look much like the background. */
  primaryEdge: string;
  logoUrl: string | null;
}

/** A theme without `dark` always shows `base`. With it, devices that are set to dark show `dark`. */
export interface Theme {
  base: Palette;
  dark: Palette | null;
  /** A value of the CSS property `color-scheme`. */
  scheme: 'light' | 'dark' | 'light dark';
}

/** WCAG 2.2 AA for the outline of controls (success criterion 1.4.11). */
const VISIBLE_CONTRAST = 3;
const BLACK = '#000000';
const WHITE = '#ffffff';

const channels = (color: string): number[] =>
  [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));

/** Mixes `share` of `color` into `other`. */
function mix(color: string, other: string, share: number): string {
  const mixed = channels(color).map((value, index) =>
    Math.round(value * share + (channels(other)[index] ?? 0) * (1 - share)),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const blackOrWhiteOn = (background: string): string =>
  contrast(BLACK, background) > contrast(WHITE, background) ? BLACK : WHITE;

/** Returns the first of `colors` that is readable on all `backgrounds`, otherwise black or white. */
function readable(backgrounds: [string, ...string[]], ...colors: string[]): string {
  const fits = (color: string) => backgrounds.every((one) => contrast(color, one) >= REQUIRED_CONTRAST);
  return colors.find(fits) ?? blackOrWhiteOn(backgrounds[0]);
}

type Colors = Pick<BrandingValues, 'primaryColor' | 'backgroundColor' | 'textColor' | 'logoUrl'>;

function paletteOf({ primaryColor, backgroundColor: background, textColor, logoUrl }: Colors): Palette {
  const text = readable([background], textColor);
  const shade = mix(text, background, 0.05);
  const surround = contrast(text, shade) >= REQUIRED_CONTRAST ? shade : background;
  return {
    background,
    surround,
    border: mix(text, background, 0.2),
    text,
    muted: readable([background, surround], mix(text, background, 0.7), text),
    primary: primaryColor,
    onPrimary: readable([primaryColor], WHITE),
    primaryEdge: contrast(primaryColor, background) >= VISIBLE_CONTRAST ? primaryColor : text,
    logoUrl,
  };
}

/** Computes the theme of a page or mail from branding. */
export function themeOf({ dark, themeMode, ...light }: BrandingValues): Theme {
  const inDark = () => paletteOf({ ...dark, logoUrl: dark.logoUrl ?? light.logoUrl });
  if (themeMode === 'dark') return { base: inDark(), dark: null, scheme: 'dark' };
  if (themeMode === 'light') return { base: paletteOf(light), dark: null, scheme: 'light' };
  return { base: paletteOf(light), dark: inDark(), scheme: 'light dark' };
}

const DEFAULTS = Object.entries(BRANDING.fields).map(([name, field]): [string, unknown] => [name, field.default]);

/** The theme of the system defaults. */
export const PLAIN_THEME: Theme = themeOf(toValues(Object.fromEntries(DEFAULTS) as unknown as FlatBranding));
