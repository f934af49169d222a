import type { BrandingValues } from './branding.dto.js';
import { BRANDING, type FlatBranding } from './branding.kind.js';
import { toValues } from './branding-shape.js';
import { contrast, REQUIRED_CONTRAST } from './contrast.js';

/** The colours of one theme, completed: whatever somebody chose, text stays readable on what it stands on. */
export interface Palette {
  background: string;
  /** Around `background`: a shade of it, where text stays readable on one. */
  surround: string;
  border: string;
  text: string;
  /** Less important text, on `background` and on `surround`. */
  muted: string;
  primary: string;
  onPrimary: string;
  /** Around something in `primary`, which may look much like the background. */
  primaryEdge: string;
  logoUrl: string | null;
}

/** Without `dark` the one theme always holds; with it, `light` holds unless somebody's device is set to dark. */
export interface Theme {
  base: Palette;
  dark: Palette | null;
  /** As CSS `color-scheme` has it. */
  scheme: 'light' | 'dark' | 'light dark';
}

/** WCAG 2.2 AA for the outline of what one can press (success criterion 1.4.11). */
const VISIBLE_CONTRAST = 3;
const BLACK = '#000000';
const WHITE = '#ffffff';

const channels = (color: string): number[] =>
  [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));

/** `share` of `color` in `other`. */
function mix(color: string, other: string, share: number): string {
  const mixed = channels(color).map((value, index) =>
    Math.round(value * share + (channels(other)[index] ?? 0) * (1 - share)),
  );
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const blackOrWhiteOn = (background: string): string =>
  contrast(BLACK, background) > contrast(WHITE, background) ? BLACK : WHITE;

/** The first of `colors` that is readable on all of `backgrounds`; black or white when none is. */
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

/** How branding looks on a page or in a mail. */
export function themeOf({ dark, themeMode, ...light }: BrandingValues): Theme {
  const inDark = () => paletteOf({ ...dark, logoUrl: dark.logoUrl ?? light.logoUrl });
  if (themeMode === 'dark') return { base: inDark(), dark: null, scheme: 'dark' };
  if (themeMode === 'light') return { base: paletteOf(light), dark: null, scheme: 'light' };
  return { base: paletteOf(light), dark: inDark(), scheme: 'light dark' };
}

const DEFAULTS = Object.entries(BRANDING.fields).map(([name, field]): [string, unknown] => [name, field.default]);

/** Of nobody. */
export const PLAIN_THEME: Theme = themeOf(toValues(Object.fromEntries(DEFAULTS) as unknown as FlatBranding));
