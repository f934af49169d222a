import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Matches, ValidateBy } from 'class-validator';
import { ROLES, type Role } from '../../common/access/index.js';
import {
  BooleanField,
  EnumField,
  EnumListField,
  type FieldOptions,
  IntegerField,
  ListField,
  normalizeDomain,
  ObjectField,
  TextField,
  UuidListField,
} from '../../common/validation/index.js';
import { BySourceField, SettingSourceView } from '../setting.dto.js';
import {
  ACCESS_TOKEN_MINUTES,
  AUTH_SETTINGS_FIELDS,
  type AuthSettingsField,
  INVITATION_POLICIES,
  type InvitationPolicy,
  MFA_METHODS,
  MFA_POLICIES,
  type MfaMethod,
  type MfaPolicy,
  PASSWORD_MIN_LENGTHS,
  SESSION_IDLE_MINUTES,
  SESSION_MAX_MINUTES,
  SIGN_IN_METHODS,
  type SignInMethod,
} from './auth-settings.kind.js';

const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/;

const normalized = (value: unknown): unknown => (typeof value === 'string' ? normalizeDomain(value) : value);

const DomainsField = (options: FieldOptions) =>
  applyDecorators(
    ListField(Matches(DOMAIN, { each: true }), { max: 100, example: ['acme.example'], ...options }),
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(normalized) : value)),
  );

const CHANGE = { optional: true, nullable: true } as const;

const MethodsField = (options: FieldOptions) =>
  EnumListField(SIGN_IN_METHODS, {
    example: ['password', 'passkey'],
    description: `How people may sign in: ${SIGN_IN_METHODS.join(', ')}.`,
    ...options,
  });
const MfaMethodsField = (options: FieldOptions) =>
  EnumListField(MFA_METHODS, {
    example: ['totp'],
    description: `What counts as a second factor: ${MFA_METHODS.join(', ')}.`,
    ...options,
  });
const BreakGlassField = (options: FieldOptions) =>
  UuidListField({
    max: 20,
    description:
      'Admins of this level who can sign in regardless of its allowed methods and email domains, for example when single sign-on fails. ' +
      'The requirements of the levels above still apply to them.',
    ...options,
  });

export class PatchJitProvisioning {
  @BooleanField({
    ...CHANGE,
    description:
      'Users who prove an address in a verified domain become members, by the link of their registration or by a magic link.',
  })
  email?: boolean | null;

  @BooleanField({ ...CHANGE, description: 'Users who sign in with single sign-on become members.' })
  sso?: boolean | null;

  @EnumField(ROLES, { ...CHANGE, name: 'Role', description: 'The role of members who join this way.' })
  defaultRole?: Role | null;
}

/** The fields to set. Null makes a field inherited again. */
export class PatchAuthSettings {
  @MethodsField(CHANGE)
  allowedMethods?: SignInMethod[] | null;

  @EnumField(MFA_POLICIES, { ...CHANGE, name: 'MfaPolicy' })
  mfaPolicy?: MfaPolicy | null;

  @MfaMethodsField(CHANGE)
  allowedMfaMethods?: MfaMethod[] | null;

  @IntegerField({
    ...CHANGE,
    ...PASSWORD_MIN_LENGTHS,
    description: 'Applies to new passwords. Values below 15 are only allowed if `mfaPolicy` is `required`.',
  })
  passwordMinLength?: number | null;

  @IntegerField({
    ...CHANGE,
    ...SESSION_IDLE_MINUTES,
    description: 'Time without a request after which a session ends.',
  })
  sessionIdleMinutes?: number | null;

  @IntegerField({ ...CHANGE, ...SESSION_MAX_MINUTES, description: 'Longest duration of a session.' })
  sessionMaxMinutes?: number | null;

  @IntegerField({ ...CHANGE, ...ACCESS_TOKEN_MINUTES, description: 'How long an access token is valid.' })
  accessTokenMinutes?: number | null;

  @BooleanField({ ...CHANGE, description: 'Whether users may register without an invitation.' })
  selfRegistration?: boolean | null;

  @DomainsField({ ...CHANGE, description: 'Only addresses in these domains can sign in. An empty list allows any.' })
  allowedEmailDomains?: string[] | null;

  @EnumField(INVITATION_POLICIES, {
    ...CHANGE,
    name: 'InvitationPolicy',
    description: '`restricted`: only admins can invite.',
  })
  invitations?: InvitationPolicy | null;

  @ObjectField(() => PatchJitProvisioning, CHANGE)
  jitProvisioning?: PatchJitProvisioning | null;

  @BreakGlassField(CHANGE)
  breakGlassUserIds?: string[] | null;

  @EnumListField(AUTH_SETTINGS_FIELDS, {
    optional: true,
    example: ['mfaPolicy', 'jitProvisioning.email'],
    description: 'The fields that levels below cannot change. Replaces the whole list.',
  })
  locks?: AuthSettingsField[];
}

const isFieldList = (value: unknown): boolean =>
  typeof value === 'string' && value.split(',').every((name) => (AUTH_SETTINGS_FIELDS as string[]).includes(name));

export class ResetAuthSettingsQuery {
  @TextField({
    max: 500,
    example: 'mfaPolicy,jitProvisioning.email',
    description: 'Fields to inherit again, separated by commas.',
  })
  @ValidateBy({
    name: 'authSettingsFields',
    validator: {
      validate: isFieldList,
      defaultMessage: () => `$property must name one or more of ${AUTH_SETTINGS_FIELDS.join(', ')}`,
    },
  })
  fields: string;
}

class JitProvisioning {
  @BooleanField()
  email: boolean;

  @BooleanField()
  sso: boolean;

  @EnumField(ROLES, { name: 'Role' })
  defaultRole: Role;
}

/** The effective values, wherever they come from. */
class AuthSettingsValues {
  @MethodsField({})
  allowedMethods: SignInMethod[];

  @EnumField(MFA_POLICIES, { name: 'MfaPolicy' })
  mfaPolicy: MfaPolicy;

  @MfaMethodsField({})
  allowedMfaMethods: MfaMethod[];

  @IntegerField(PASSWORD_MIN_LENGTHS)
  passwordMinLength: number;

  @IntegerField(SESSION_IDLE_MINUTES)
  sessionIdleMinutes: number;

  @IntegerField(SESSION_MAX_MINUTES)
  sessionMaxMinutes: number;

  @IntegerField(ACCESS_TOKEN_MINUTES)
  accessTokenMinutes: number;

  @BooleanField()
  selfRegistration: boolean;

  @DomainsField({ nullable: true, description: 'Null allows any. If it is empty, no domain satisfies all levels.' })
  allowedEmailDomains: string[] | null;

  @EnumField(INVITATION_POLICIES, { name: 'InvitationPolicy' })
  invitations: InvitationPolicy;

  @ObjectField(() => JitProvisioning)
  jitProvisioning: JitProvisioning;

  @BreakGlassField({})
  breakGlassUserIds: string[];
}

@ApiExtraModels(SettingSourceView)
export class AuthSettingsView {
  @ObjectField(() => AuthSettingsValues)
  values: AuthSettingsValues;

  @BySourceField(
    'The level that each value comes from, by field: the last one that strengthened it. Fields of a group are named `jitProvisioning.…`.',
  )
  sources: Record<string, SettingSourceView>;

  @ObjectField(() => PatchAuthSettings, { description: 'The values that this level itself sets.' })
  local: Omit<PatchAuthSettings, 'locks'>;

  @BySourceField('The level that locks a field, by field.')
  locked: Record<string, SettingSourceView>;

  @EnumListField(AUTH_SETTINGS_FIELDS, {
    description: 'Fields that this level locks for the levels below.',
  })
  locks: AuthSettingsField[];

  @TextField({ description: 'For `If-Match`. Changes with every change at this level or above.' })
  etag: string;
}
