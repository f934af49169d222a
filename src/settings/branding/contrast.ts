import type { BrandingField, FlatBranding } from './branding.kind.js';

/** WCAG 2.2 AA for text of normal size (success criterion 1.4.3). */
export const REQUIRED_CONTRAST = 4.5;

export interface BrandingWarning {
  field: BrandingField;
  code: 'low_contrast';
  /** From 1 to 21, rounded down to two digits. */
  ratio: number;
  required: number;
  message: string;
}

function channel(color: string, start: number): number {
  const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

const luminance = (color: string): number =>
  0.2126 * channel(color, 1) + 0.7152 * channel(color, 3) + 0.0722 * channel(color, 5);

/** Computes the WCAG contrast of two `#rrggbb` colors: from 1 (equal) to 21 (black on white). */
export function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

const PAIRS: readonly [field: BrandingField, background: BrandingField][] = [
  ['textColor', 'backgroundColor'],
  ['primaryColor', 'backgroundColor'],
  ['dark.textColor', 'dark.backgroundColor'],
  ['dark.primaryColor', 'dark.backgroundColor'],
];

/** Returns warnings about colors that are hard to read on their background. Such colors are never rejected. */
export function contrastWarnings(values: FlatBranding): BrandingWarning[] {
  return PAIRS.flatMap(([field, background]) => {
    const exact = contrast(String(values[field]), String(values[background]));
    if (exact >= REQUIRED_CONTRAST) return [];
    // Rounded down, so that a ratio that fails is never shown as one that passes.
    const ratio = Math.floor(exact * 100) / 100;
    const message = `${field} has a contrast of ${ratio} to 1 on ${background}; readable text needs ${REQUIRED_CONTRAST} to 1.`;
    return [{ field, code: 'low_contrast' as const, ratio, required: REQUIRED_CONTRAST, message }];
  });
}
