import type { AppErrorOptions } from '../../common/errors/index.js';
import { inherit, type LevelName } from '../../common/inheritance/index.js';
import type { SettingState } from '../setting.kind.js';
import { authSettingsErrors } from './auth-settings.errors.js';
import {
  AUTH_SETTINGS,
  AUTH_SETTINGS_FIELDS,
  type AuthSettingsField,
  type FlatAuthSettings,
  PASSWORD_ALONE_MIN_LENGTH,
  weakened,
} from './auth-settings.kind.js';

export type AuthSettingsState = SettingState<FlatAuthSettings>;

export interface AuthSettingsChange {
  set?: Partial<FlatAuthSettings>;
  reset: AuthSettingsField[];
  locks?: AuthSettingsField[] | undefined;
}

/** The settings that one level stores. */
export interface StoredAuthSettings {
  values: Partial<FlatAuthSettings>;
  locks: string[];
}

const hasNoWayIn = (values: FlatAuthSettings): boolean =>
  values.invitations === 'off' && !values['jitProvisioning.email'] && !values['jitProvisioning.sso'];

/** Rejects values weaker than those of the level above. */
export function assertNotWeaker(above: FlatAuthSettings, set: Partial<FlatAuthSettings>): void {
  const weaker = weakened(above, set);
  if (weaker.length > 0)
    throw authSettingsErrors.weaker_than_inherited(fieldErrors(weaker, 'is weaker than at the level above'));
}

/** Rejects contradictory settings if the change touches one of the fields involved. */
export function assertConsistent({ set = {}, reset }: AuthSettingsChange, values: FlatAuthSettings): void {
  const touched = (...fields: AuthSettingsField[]) =>
    fields.some((field) => set[field] !== undefined || reset.includes(field));
  if (touched('allowedMethods') && values.allowedMethods.length === 0)
    throw authSettingsErrors.no_method_left(fieldErrors(['allowedMethods'], 'must contain at least one method'));
  if (touched('mfaPolicy', 'allowedMfaMethods') && values.mfaPolicy === 'required' && !values.allowedMfaMethods.length)
    throw authSettingsErrors.no_method_left(fieldErrors(['allowedMfaMethods'], 'must contain at least one method'));
  if (touched('invitations', 'jitProvisioning.email', 'jitProvisioning.sso') && hasNoWayIn(values))
    throw authSettingsErrors.no_way_in();
  if (
    touched('passwordMinLength', 'mfaPolicy') &&
    values.passwordMinLength < PASSWORD_ALONE_MIN_LENGTH &&
    values.mfaPolicy !== 'required'
  )
    throw authSettingsErrors.password_needs_mfa(
      fieldErrors(['passwordMinLength'], 'must be at least 15 while a second factor is optional'),
    );
}

/** Fields whose inherited values together can leave an organization without a way to sign in. */
const CLOSING: readonly AuthSettingsField[] = [
  'allowedMethods',
  'allowedEmailDomains',
  'mfaPolicy',
  'allowedMfaMethods',
  'invitations',
  'jitProvisioning.email',
  'jitProvisioning.sso',
];

/** Returns the fields of an operator's change that can leave one of its organizations without a way to sign in. */
export function closingFields({ set = {}, reset, locks }: AuthSettingsChange): AuthSettingsField[] {
  // Removing a lock brings back the values that lower levels store.
  const touched = AUTH_SETTINGS_FIELDS.filter((name) => locks || set[name] !== undefined || reset.includes(name));
  return touched.some((name) => CLOSING.includes(name)) ? touched : [];
}

const levelOf = (level: LevelName, { values, locks }: StoredAuthSettings) => ({
  level,
  id: '',
  name: '',
  values,
  locks,
});

/** Returns whether the `touched` fields leave an organization without sign-in or without a way to become a member. */
export function isClosed(
  operator: StoredAuthSettings,
  organization: StoredAuthSettings,
  touched: readonly AuthSettingsField[],
): boolean {
  const { values } = inherit(AUTH_SETTINGS.fields, [
    levelOf('operator', operator),
    levelOf('organization', organization),
  ]);
  const by = (...fields: AuthSettingsField[]) => fields.some((field) => touched.includes(field));
  const breaksGlass = (organization.values.breakGlassUserIds ?? []).length > 0;
  const { allowedMethods, allowedEmailDomains, allowedMfaMethods, mfaPolicy } = values;
  return (
    (by('allowedMethods') && allowedMethods.length === 0 && !breaksGlass) ||
    (by('allowedEmailDomains') && allowedEmailDomains?.length === 0 && !breaksGlass) ||
    (by('mfaPolicy', 'allowedMfaMethods') && mfaPolicy === 'required' && allowedMfaMethods.length === 0) ||
    (by('invitations', 'jitProvisioning.email', 'jitProvisioning.sso') && hasNoWayIn(values))
  );
}

const fieldErrors = (fields: string[], problem: string): AppErrorOptions => ({
  errors: fields.map((field) => ({ field, message: `${field} ${problem}` })),
});
