import type { SettingChange } from '../setting.kind.js';
import { changeOf, nested } from '../setting.shape.js';
import { BRANDING_FIELDS, type FlatBranding } from './branding.kind.js';
import type { BrandingValues, LocalBranding, PatchBranding } from './branding.dto.js';

export const toValues = (flat: FlatBranding): BrandingValues => nested(flat) as unknown as BrandingValues;
export const toLocal = (flat: Partial<FlatBranding>): LocalBranding => nested(flat);

/** Converts a validated request body to a change. */
export function toChange(patch: PatchBranding): Pick<SettingChange<FlatBranding>, 'set' | 'reset' | 'locks'> {
  const { set, reset } = changeOf(BRANDING_FIELDS, patch);
  return { set: set as Partial<FlatBranding>, reset, locks: patch.locks };
}
