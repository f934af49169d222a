import { domainOf } from '../../common/validation/index.js';
import { isDeepStrictEqual } from 'node:util';
import type { Role } from '../../common/access/index.js';
import type { Field, FieldName, Fields, RestrictiveField } from '../../common/inheritance/index.js';
import type { SettingKind } from '../setting.kind.js';
import { authSettingsErrors } from './auth-settings.errors.js';

/** First factors. */
export const SIGN_IN_METHODS = ['password', 'magic_link', 'passkey', 'oidc', 'saml'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

/** Second factors. */
export const MFA_METHODS = ['totp', 'passkey'] as const;
export type MfaMethod = (typeof MFA_METHODS)[number];

/** From weakest to strictest. */
export const MFA_POLICIES = ['optional', 'required'] as const;
export type MfaPolicy = (typeof MFA_POLICIES)[number];

/** From weakest to strictest. `restricted` allows only admins to invite. */
export const INVITATION_POLICIES = ['allowed', 'restricted', 'off'] as const;
export type InvitationPolicy = (typeof INVITATION_POLICIES)[number];

/** NIST SP 800-63B: 15 characters for a password that is the only factor, 8 beside another factor. */
export const PASSWORD_ALONE_MIN_LENGTH = 15;
export const PASSWORD_MIN_LENGTHS = { min: 8, max: 64 };
/** The maximums are the lifetimes of refresh tokens (idle) and of sessions. */
export const SESSION_IDLE_MINUTES = { min: 1, max: 7 * 24 * 60 };
export const SESSION_MAX_MINUTES = { min: 1, max: 30 * 24 * 60 };
export const ACCESS_TOKEN_MINUTES = { min: 1, max: 60 };

/** Sign-in settings as stored: flat, with dotted names for the fields of a group. */
export interface FlatAuthSettings {
  allowedMethods: SignInMethod[];
  mfaPolicy: MfaPolicy;
  allowedMfaMethods: MfaMethod[];
  passwordMinLength: number;
  sessionIdleMinutes: number;
  sessionMaxMinutes: number;
  accessTokenMinutes: number;
  selfRegistration: boolean;
  /** Null for any domain. */
  allowedEmailDomains: string[] | null;
  invitations: InvitationPolicy;
  'jitProvisioning.email': boolean;
  'jitProvisioning.sso': boolean;
  'jitProvisioning.defaultRole': Role;
  breakGlassUserIds: string[];
}

export type AuthSettingsField = FieldName<FlatAuthSettings>;

const replaced = <T>(value: T) => ({ kind: 'default', default: value }) as const;
const restrictive = <T>(value: T, stronger: (a: T, b: T) => T): RestrictiveField<T> => ({
  kind: 'restrictive',
  default: value,
  stronger,
});
const atMost = (minutes: number) => restrictive(minutes, Math.min);
/** Orders `values` from weakest to strictest. */
const ranked = <T>(values: readonly T[], value: T) =>
  restrictive<T>(value, (a, b) => (values.indexOf(a) >= values.indexOf(b) ? a : b));
/** Combines two lists to the values that both contain, in the order of `values`. */
const among = <T>(values: readonly T[]) =>
  restrictive<T[]>([...values], (a, b) => values.filter((value) => a.includes(value) && b.includes(value)));

const bothDomains = (a: string[] | null, b: string[] | null): string[] | null =>
  a && b ? a.filter((domain) => b.includes(domain)).sort() : (a ?? b);

const FIELDS: Fields<FlatAuthSettings> = {
  allowedMethods: among(SIGN_IN_METHODS),
  mfaPolicy: ranked(MFA_POLICIES, 'optional'),
  allowedMfaMethods: among(MFA_METHODS),
  passwordMinLength: restrictive(PASSWORD_ALONE_MIN_LENGTH, Math.max),
  sessionIdleMinutes: atMost(SESSION_IDLE_MINUTES.max),
  sessionMaxMinutes: atMost(SESSION_MAX_MINUTES.max),
  accessTokenMinutes: atMost(10),
  selfRegistration: restrictive(true, (a, b) => a && b),
  allowedEmailDomains: restrictive(null, bothDomains),
  invitations: ranked(INVITATION_POLICIES, 'allowed'),
  'jitProvisioning.email': replaced(false),
  'jitProvisioning.sso': replaced(true),
  'jitProvisioning.defaultRole': replaced('user'),
  breakGlassUserIds: replaced([]),
};

export const AUTH_SETTINGS_FIELDS = Object.keys(FIELDS) as AuthSettingsField[];

export const AUTH_SETTINGS: SettingKind<FlatAuthSettings> = {
  name: 'auth',
  fields: FIELDS,
  changed: 'auth_settings.updated',
  locked: (options) => authSettingsErrors.locked(options),
};

/** Sorts lists, so that equal settings are stored equally. */
export function normalized(values: Partial<FlatAuthSettings>): Partial<FlatAuthSettings> {
  const { allowedMethods, allowedMfaMethods, allowedEmailDomains, breakGlassUserIds } = values;
  return {
    ...values,
    ...(allowedMethods && { allowedMethods: SIGN_IN_METHODS.filter((one) => allowedMethods.includes(one)) }),
    ...(allowedMfaMethods && { allowedMfaMethods: MFA_METHODS.filter((one) => allowedMfaMethods.includes(one)) }),
    ...(allowedEmailDomains && { allowedEmailDomains: allowedEmailDomains.toSorted() }),
    ...(breakGlassUserIds && { breakGlassUserIds: breakGlassUserIds.toSorted() }),
  };
}

/** Returns the restrictive fields of `own` that do not strengthen the inherited values, or only in part. */
export function weakened(inherited: FlatAuthSettings, own: Partial<FlatAuthSettings>): AuthSettingsField[] {
  return AUTH_SETTINGS_FIELDS.filter((name) => {
    const field = FIELDS[name] as Field<unknown>;
    const value = own[name];
    if (value === undefined || field.kind !== 'restrictive') return false;
    return !isDeepStrictEqual(field.stronger(inherited[name], value), value);
  });
}

/** Tells whether the settings alone allow addresses of this domain. */
export const admitsEmail = (
  { allowedEmailDomains }: Pick<FlatAuthSettings, 'allowedEmailDomains'>,
  email: string,
): boolean => allowedEmailDomains?.includes(domainOf(email)) ?? true;
