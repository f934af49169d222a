import type { FieldName, Fields } from '../../common/inheritance/index.js';
import type { SettingKind } from '../setting.kind.js';
import { brandingErrors } from './branding.errors.js';

export const THEME_MODES = ['auto', 'light', 'dark'] as const;
export type ThemeMode = (typeof THEME_MODES)[number];

/** Branding as stored: flat, with dotted names for the fields of the dark theme. */
export interface FlatBranding {
  displayName: string;
  logoUrl: string | null;
  iconUrl: string | null;
  primaryColor: string;
  backgroundColor: string;
  textColor: string;
  themeMode: ThemeMode;
  'dark.logoUrl': string | null;
  'dark.primaryColor': string;
  'dark.backgroundColor': string;
  'dark.textColor': string;
  supportEmail: string | null;
  supportUrl: string | null;
  mailFromName: string | null;
  termsUrl: string | null;
  privacyUrl: string | null;
  appUrl: string | null;
}

export type BrandingField = FieldName<FlatBranding>;

const inherited = <T>(value: T) => ({ kind: 'default', default: value }) as const;

/** Both themes of the system default are readable: every pair has a contrast of at least 6.5 to 1. */
const FIELDS: Fields<FlatBranding> = {
  displayName: inherited('Trellis'),
  logoUrl: inherited(null),
  iconUrl: inherited(null),
  primaryColor: inherited('#1d4ed8'),
  backgroundColor: inherited('#ffffff'),
  textColor: inherited('#111827'),
  themeMode: inherited('auto'),
  'dark.logoUrl': inherited(null),
  'dark.primaryColor': inherited('#93c5fd'),
  'dark.backgroundColor': inherited('#111827'),
  'dark.textColor': inherited('#f9fafb'),
  supportEmail: inherited(null),
  supportUrl: inherited(null),
  mailFromName: inherited(null),
  termsUrl: inherited(null),
  privacyUrl: inherited(null),
  appUrl: inherited(null),
};

export const BRANDING_FIELDS = Object.keys(FIELDS) as BrandingField[];

export const LOGO_FIELDS = ['logoUrl', 'iconUrl', 'dark.logoUrl'] as const satisfies readonly BrandingField[];
export type LogoField = (typeof LOGO_FIELDS)[number];

export const BRANDING: SettingKind<FlatBranding> = {
  name: 'branding',
  fields: FIELDS,
  changed: 'branding.updated',
  locked: (options) => brandingErrors.locked(options),
  // A level without a display name shows its own name. Support links default to the operator's contact.
  implied: ({ name, supportEmail, supportUrl }) => ({
    displayName: name,
    ...(supportEmail !== null && { supportEmail }),
    ...(supportUrl !== null && { supportUrl }),
  }),
};
