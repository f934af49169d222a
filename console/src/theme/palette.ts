/** Color arithmetic for branding: shades of one color, and contrast by WCAG 2.2. Colors are `#rrggbb`. */
type Vector = readonly [number, number, number];
export type Shades = [string, string, string, string, string, string, string, string, string, string];

const toLinear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const fromLinear = (c: number) => (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055);
const channels = (hex: string): Vector =>
  [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16) / 255) as unknown as Vector;
const toHex = (rgb: readonly number[]) =>
  `#${rgb
    .map((c) =>
      Math.round(Math.min(1, Math.max(0, c)) * 255)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** OKLab, in which equal steps look equal. */
function toOklab(hex: string): Vector {
  const [r, g, b] = channels(hex).map(toLinear) as unknown as Vector;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([L, a, b]: Vector): string {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return toHex(rgb.map(fromLinear));
}

/** Returns ten shades from light to dark. The seventh is the color itself. */
export function shadesOf(hex: string): Shades {
  const [L, a, b] = toOklab(hex);
  const lighter = (t: number) => fromOklab([L + (0.985 - L) * t, a * (1 - t * 0.92), b * (1 - t * 0.92)]);
  const darker = (t: number) => fromOklab([L * (1 - t), a * (1 - t * 0.6), b * (1 - t * 0.6)]);
  return [...[0.95, 0.84, 0.68, 0.5, 0.32, 0.15].map(lighter), hex, ...[0.12, 0.24, 0.36].map(darker)] as Shades;
}

function luminance(hex: string): number {
  const [r, g, b] = channels(hex).map(toLinear) as unknown as Vector;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Returns the color of text on a brand color, which may be light. */
export const onColor = (hex: string): '#ffffff' | '#000000' =>
  contrast(hex, '#ffffff') >= contrast(hex, '#000000') ? '#ffffff' : '#000000';

/** Returns the shade nearest to the color itself that is readable as text on all of `surfaces`. */
export function readableShade(shades: Shades, surfaces: readonly string[], dark: boolean): string {
  const candidates = dark ? shades.slice(0, 7).toReversed() : shades.slice(6);
  const last = dark ? '#ffffff' : '#1a1a1a';
  return candidates.find((shade) => surfaces.every((surface) => contrast(shade, surface) >= 4.5)) ?? last;
}
