import type { SettingChange } from '../setting.kind.js';
import { BRANDING_FIELDS, type BrandingField, type FlatBranding } from './branding.kind.js';
import type { BrandingValues, PatchBranding, PatchUnitBranding } from './branding.dto.js';

const DARK = 'dark.';

/** `{'dark.textColor': …}` → `{dark: {textColor: …}}`; no `dark` where it would be empty. */
function nest(flat: Partial<FlatBranding>): object {
  const top: Record<string, unknown> = {};
  const dark: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flat)) {
    if (name.startsWith(DARK)) dark[name.slice(DARK.length)] = value;
    else top[name] = value;
  }
  return Object.keys(dark).length > 0 ? { ...top, dark } : top;
}

export type LocalBranding = Partial<Omit<BrandingValues, 'dark'>> & { dark?: Partial<BrandingValues['dark']> };

export const toValues = (flat: FlatBranding): BrandingValues => nest(flat) as BrandingValues;
export const toLocal = (flat: Partial<FlatBranding>): LocalBranding => nest(flat);

/** Undefined: not given. Null: to be inherited again, also by `dark: null` for the whole group. */
function given(patch: PatchUnitBranding, name: BrandingField): unknown {
  if (!name.startsWith(DARK)) return (patch as Record<string, unknown>)[name];
  const { dark } = patch;
  return dark ? (dark as Record<string, unknown>)[name.slice(DARK.length)] : dark;
}

/** What a checked request body asks for. */
export function toChange(patch: PatchBranding): Pick<SettingChange<FlatBranding>, 'set' | 'reset' | 'locks'> {
  const set: Partial<Record<BrandingField, unknown>> = {};
  const reset: BrandingField[] = [];
  for (const name of BRANDING_FIELDS) {
    const value = given(patch, name);
    if (value === null) reset.push(name);
    else if (value !== undefined) set[name] = value;
  }
  return { set: set as Partial<FlatBranding>, reset, locks: patch.locks };
}
