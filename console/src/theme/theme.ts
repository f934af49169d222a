import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeOverride,
  virtualColor,
} from '@mantine/core';
import type { BrandingValues } from '@trellis/client';
import { contrast, onColor, readableShade, shadesOf, type Shades } from './palette';

/** Neutral grays, slightly cool. The first is the page in light mode, the last text. */
const GRAY: MantineColorsTuple = [
  '#fafafa',
  '#f4f4f5',
  '#e9e9ec',
  '#dcdce0',
  '#c4c4cb',
  '#9c9ca6',
  '#71717b',
  '#55555f',
  '#33333b',
  '#1b1b20',
];
/** The first is text in dark mode, the eighth the page. */
const DARK: MantineColorsTuple = [
  '#ededf0',
  '#c5c5cc',
  '#a3a3ac',
  '#7c7c87',
  '#3d3d45',
  '#2c2c33',
  '#212126',
  '#17171a',
  '#121214',
  '#0c0c0e',
];

const SURFACES = { light: ['#ffffff', '#fafafa'], dark: ['#17171a', '#212126'] };

/** Builds Mantine's theme from branding. */
export const themeFor = ({ primaryColor, dark }: BrandingValues): MantineThemeOverride =>
  createTheme({
    primaryColor: 'brand',
    colors: {
      gray: GRAY,
      dark: DARK,
      brand: virtualColor({ name: 'brand', light: 'brandLight', dark: 'brandDark' }),
      brandLight: shadesOf(primaryColor),
      brandDark: shadesOf(dark.primaryColor),
    },
    // One number: autoContrast picks the color of labels by the shade of the light scheme alone.
    primaryShade: 6,
    autoContrast: true,
    luminanceThreshold: 0.179,
    defaultRadius: 'sm',
    radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
    fontFamily: "'Inter Variable', system-ui, sans-serif",
    fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
    fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
    lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.4' },
    spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
    headings: {
      fontWeight: '600',
      sizes: {
        h1: { fontSize: '1.375rem', lineHeight: '1.3' },
        h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
        h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
      },
    },
    cursorType: 'pointer',
    respectReducedMotion: true,
    components: {
      Button: { defaultProps: { size: 'sm' } },
      TextInput: { defaultProps: { size: 'sm' } },
      PasswordInput: { defaultProps: { size: 'sm' } },
      Modal: {
        defaultProps: { centered: true, transitionProps: { duration: 120 }, overlayProps: { backgroundOpacity: 0.4 } },
      },
      Menu: { defaultProps: { transitionProps: { duration: 100 }, shadow: 'md', radius: 'md' } },
      Popover: { defaultProps: { transitionProps: { duration: 100 }, shadow: 'md', radius: 'md' } },
      Tooltip: { defaultProps: { transitionProps: { duration: 100 }, openDelay: 300 } },
      Paper: { defaultProps: { radius: 'md' } },
    },
  });

/** Returns the variables of filled buttons and of brand-colored text and outlines for one scheme. */
function brandVariables(shades: Shades, surfaces: readonly string[], isDark: boolean): Record<string, string> {
  const filled = shades[6];
  const tint = isDark ? `color-mix(in srgb, ${filled} 18%, ${surfaces[0]})` : shades[0];
  const text = readableShade(shades, isDark ? surfaces : [...surfaces, shades[0], shades[1]], isDark);
  return {
    '--mantine-color-brand-filled': filled,
    '--mantine-color-brand-filled-hover': shades[7],
    '--mantine-primary-color-filled': filled,
    '--mantine-primary-color-filled-hover': shades[7],
    '--mantine-primary-color-contrast': onColor(filled),
    '--mantine-color-brand-contrast': onColor(filled),
    '--mantine-color-brand-light': tint,
    '--mantine-color-brand-light-hover': isDark ? tint : shades[1],
    '--mantine-color-brand-light-color': text,
    '--mantine-color-anchor': text,
    // For text, icons and outlines in the brand color, however pale it is.
    '--app-brand-text': text,
    '--app-focus': contrast(filled, surfaces[0] ?? '#ffffff') >= 3 ? filled : text,
  };
}

/** Replaces Mantine's colors that are too weak to read, and computes readable shades of the brand color. */
export const cssVariables: CSSVariablesResolver = (theme) => ({
  variables: {},
  light: {
    ...brandVariables(theme.colors.brandLight as unknown as Shades, SURFACES.light, false),
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1b1b20',
    '--mantine-color-dimmed': '#5b5b66',
    '--mantine-color-placeholder': '#6b6b76',
    '--mantine-color-error': '#c4232b',
    '--mantine-color-default-border': '#dcdce0',
    '--mantine-color-default-hover': '#f4f4f5',
    '--app-border': '#e9e9ec',
    '--app-surface': '#fafafa',
    '--app-danger': '#c4232b',
    '--app-success': '#18794e',
    '--app-warning': '#8a5300',
  },
  dark: {
    ...brandVariables(theme.colors.brandDark as unknown as Shades, SURFACES.dark, true),
    '--mantine-color-body': '#17171a',
    '--mantine-color-text': '#ededf0',
    '--mantine-color-dimmed': '#a3a3ac',
    '--mantine-color-placeholder': '#94949e',
    '--mantine-color-error': '#ff8f8f',
    '--mantine-color-default': '#212126',
    '--mantine-color-default-border': '#3d3d45',
    '--mantine-color-default-hover': '#2c2c33',
    '--app-border': '#2c2c33',
    '--app-surface': '#121214',
    '--app-danger': '#ff8f8f',
    '--app-success': '#63d297',
    '--app-warning': '#f5b759',
  },
});
