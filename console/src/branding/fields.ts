import type { BrandingField, BrandingValues, BrandingView, PatchBranding } from '@trellis/client';
import { contrast } from '../theme/palette';

export type Color = 'primaryColor' | 'backgroundColor' | 'textColor';
export type Logo = 'logoUrl' | 'iconUrl' | 'dark.logoUrl';

export const COLORS: readonly Color[] = ['primaryColor', 'backgroundColor', 'textColor'];

/** What the form edits: the effective values, with '' for none, and the fields locked for the levels below. */
export interface BrandingDraft extends Record<string, unknown> {
  displayName: string;
  logoUrl: string;
  iconUrl: string;
  primaryColor: string;
  backgroundColor: string;
  textColor: string;
  themeMode: BrandingValues['themeMode'];
  dark: { logoUrl: string; primaryColor: string; backgroundColor: string; textColor: string };
  supportEmail: string;
  supportUrl: string;
  mailFromName: string;
  termsUrl: string;
  privacyUrl: string;
  appUrl: string;
  locks: BrandingField[];
}

export const FIELDS: readonly BrandingField[] = [
  'displayName',
  'logoUrl',
  'iconUrl',
  'dark.logoUrl',
  'primaryColor',
  'backgroundColor',
  'textColor',
  'themeMode',
  'dark.primaryColor',
  'dark.backgroundColor',
  'dark.textColor',
  'mailFromName',
  'supportEmail',
  'supportUrl',
  'termsUrl',
  'privacyUrl',
  'appUrl',
];

const text = (value: string | null) => value ?? '';

export const draftOf = ({ values, locks }: Pick<BrandingView, 'values' | 'locks'>): BrandingDraft => ({
  displayName: values.displayName,
  logoUrl: text(values.logoUrl),
  iconUrl: text(values.iconUrl),
  primaryColor: values.primaryColor,
  backgroundColor: values.backgroundColor,
  textColor: values.textColor,
  themeMode: values.themeMode,
  dark: { ...values.dark, logoUrl: text(values.dark.logoUrl) },
  supportEmail: text(values.supportEmail),
  supportUrl: text(values.supportUrl),
  mailFromName: text(values.mailFromName),
  termsUrl: text(values.termsUrl),
  privacyUrl: text(values.privacyUrl),
  appUrl: text(values.appUrl),
  locks: [...locks].sort(),
});

const inDark = (field: BrandingField): keyof BrandingDraft['dark'] | undefined =>
  field.startsWith('dark.') ? (field.slice(5) as keyof BrandingDraft['dark']) : undefined;

export const draftValue = (draft: BrandingDraft, field: BrandingField): string => {
  const dark = inDark(field);
  return dark ? draft.dark[dark] : String(draft[field]);
};

/** Returns the change of the fields that the user edited. An emptied field is inherited again. */
export function patchOf(draft: BrandingDraft, isDirty: (path: string) => boolean): PatchBranding {
  const patch: Record<string, unknown> = {};
  const dark: Record<string, unknown> = {};
  for (const field of FIELDS) {
    if (!isDirty(field)) continue;
    const name = inDark(field);
    if (name) dark[name] = draftValue(draft, field) || null;
    else patch[field] = draftValue(draft, field) || null;
  }
  if (Object.keys(dark).length > 0) patch.dark = dark;
  if (isDirty('locks')) patch.locks = draft.locks;
  return patch;
}

/** Tells whether this level sets the field itself. */
export function isSetHere({ local }: BrandingView, field: BrandingField): boolean {
  const dark = inDark(field);
  const value = dark ? local.dark?.[dark] : local[field as keyof typeof local];
  return value !== undefined && value !== null;
}

const HEX = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** Returns the color as `#rrggbb`, or the fallback while it is being typed. */
export function colorOr(value: string, fallback: string): string {
  if (!HEX.test(value)) return fallback;
  return value.length === 4 ? value.replace(/[0-9a-f]/gi, '$&$&') : value;
}

/** WCAG 2.2 AA for text of normal size. */
const REQUIRED = 4.5;

/** Returns the contrast of a color on its background if it is too weak to read, rounded down to one digit. */
export function weakContrast(draft: BrandingDraft, field: BrandingField): number | undefined {
  const dark = field.startsWith('dark.') ? 'dark.' : '';
  const color = field.slice(dark.length);
  if (color !== 'textColor' && color !== 'primaryColor') return undefined;
  const on = draftValue(draft, `${dark}backgroundColor`);
  const ratio = contrast(colorOr(draftValue(draft, field), '#000000'), colorOr(on, '#ffffff'));
  return ratio < REQUIRED ? Math.floor(ratio * 10) / 10 : undefined;
}
