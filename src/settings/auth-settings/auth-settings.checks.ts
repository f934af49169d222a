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

/** What one level stores. */
export interface StoredAuthSettings {
  values: Partial<FlatAuthSettings>;
  locks: string[];
}

const hasNoWayIn = (values: FlatAuthSettings): boolean =>
  values.invitations === 'off' && !values['jitProvisioning.email'] && !values['jitProvisioning.sso'];

/** Refuses values weaker than those of the level above. */
export function assertNotWeaker(above: FlatAuthSettings, set: Partial<FlatAuthSettings>): void {
  const weaker = weakened(above, set);
  if (weaker.length > 0) throw authSettingsErrors.weaker_than_inherited(fieldErrors(weaker, 'is weaker than above'));
}

/** Refuses settings that contradict themselves, as far as the change touched them. */
export function assertConsistent({ set = {}, reset }: AuthSettingsChange, values: FlatAuthSettings): void {
  const touched = (...fields: AuthSettingsField[]) =>
    fields.some((field) => set[field] !== undefined || reset.includes(field));
  if (touched('allowedMethods') && values.allowedMethods.length === 0)
    throw authSettingsErrors.no_method_left(fieldErrors(['allowedMethods'], 'must name one'));
  if (touched('mfaPolicy', 'allowedMfaMethods') && values.mfaPolicy === 'required' && !values.allowedMfaMethods.length)
    throw authSettingsErrors.no_method_left(fieldErrors(['allowedMfaMethods'], 'must name one'));
  if (touched('invitations', 'jitProvisioning.email', 'jitProvisioning.sso') && hasNoWayIn(values))
    throw authSettingsErrors.no_way_in();
  if (
    touched('passwordMinLength', 'mfaPolicy') &&
    values.passwordMinLength < PASSWORD_ALONE_MIN_LENGTH &&
    values.mfaPolicy !== 'required'
  )
    throw authSettingsErrors.password_needs_mfa(fieldErrors(['passwordMinLength'], 'is too small'));
}

/** Fields that, inherited together, can leave an organization without any way in. */
const CLOSING: readonly AuthSettingsField[] = [
  'allowedMethods',
  'allowedEmailDomains',
  'mfaPolicy',
  'allowedMfaMethods',
  'invitations',
  'jitProvisioning.email',
  'jitProvisioning.sso',
];

/** Returns the fields of an operator's change that can close one of its organizations. */
export function closingFields({ set = {}, reset, locks }: AuthSettingsChange): AuthSettingsField[] {
  // A lock that is taken away lets what is stored below count again.
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
