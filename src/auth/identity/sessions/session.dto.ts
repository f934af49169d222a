import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath, OmitType } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { ROLES, type Role } from '../../../common/access/index.js';
import {
  BooleanField,
  DateTimeField,
  EmailField,
  EnumField,
  EnumListField,
  ExternalIdField,
  type FieldOptions,
  IntegerField,
  ListField,
  ObjectField,
  ObjectListField,
  SecretField,
  SlugField,
  TextField,
  UuidField,
} from '../../../common/validation/index.js';
import { MembershipView } from '../../../organizations/index.js';
import { MFA_METHODS, type MfaMethod, SIGN_IN_METHODS, type SignInMethod } from '../../../settings/index.js';
import { TakesBrowserSession } from '../browser-sessions/browser-session.decorator.js';
import type { BrowserSessionStep } from '../browser-sessions/browser-session.guard.js';
import { deviceName } from './device-name.js';
import type { Session } from './session.entity.js';

const FACTORS = [...MFA_METHODS, 'recovery_code'] as const;

/** The audience that a request asks tokens for. */
export const AudienceField = (options: FieldOptions = {}) =>
  TextField({
    max: 200,
    optional: true,
    example: 'https://jobs.acme.example',
    description:
      'The `audience` of the client that the access token is for. No other service accepts the token, Trellis included. The default is `trellis`: Trellis itself.',
    ...options,
  });

export class Login {
  @EmailField()
  email: string;

  @SecretField()
  password: string;

  @UuidField({ optional: true, description: 'The organization to enter.' })
  organizationId?: string;

  @AudienceField()
  audience?: string;
}

export class SelectOrganization {
  @SecretField({ max: 200 })
  selectionToken: string;

  @UuidField()
  organizationId: string;
}

export class Logout {
  @SecretField({ max: 200, optional: true, description: 'Ends the session of this token. No access token is needed.' })
  refreshToken?: string;
}

class SignedInUser {
  @UuidField()
  id: string;

  @EmailField()
  email: string;

  @TextField()
  name: string;
}

class SignedInOrganization {
  @UuidField()
  id: string;

  @SlugField()
  slug: string;

  @TextField()
  name: string;

  @ExternalIdField({ nullable: true })
  externalId: string | null;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }), {
    description: 'Keys of the functional and custom roles held besides the level.',
  })
  roles: string[];
}

export const toSignedInOrganization = (entered: SignedInOrganization): SignedInOrganization => ({
  id: entered.id,
  slug: entered.slug,
  name: entered.name,
  externalId: entered.externalId,
  role: entered.role,
  roles: entered.roles,
});

export class TokenView {
  @TextField({ max: 8_000, description: 'RS256 JWT. Send it as `Authorization: Bearer …`.' })
  accessToken: string;

  @TextField({ description: 'Can be used once. Each response contains the next one.' })
  refreshToken: string;

  @IntegerField({ min: 1, max: 86_400, description: 'Seconds until the access token expires.' })
  expiresIn: number;

  @EnumField(['Bearer'])
  tokenType: 'Bearer';

  @TextField({ optional: true, description: 'The audience of the access token, if it is not Trellis.' })
  audience?: string;

  @ObjectField(() => SignedInUser)
  user: SignedInUser;

  @ObjectField(() => SignedInOrganization, {
    optional: true,
    description: 'The current organization, if any.',
  })
  organization?: SignedInOrganization;

  @ListField(IsString({ each: true }), {
    optional: true,
    description:
      'Present if a second factor was enrolled during the sign-in. Shown once. Each code replaces the factor once.',
  })
  recoveryCodes?: string[];
}

/** Returned with `Trellis-Session: cookie`. */
export class BrowserTokenView extends OmitType(TokenView, ['refreshToken']) {}

/** Returned instead of tokens. */
export class MfaRequiredView {
  @BooleanField({ example: true })
  mfaRequired: boolean;

  @TextField({ description: 'For `POST …/auth/mfa`, within ten minutes.' })
  mfaToken: string;

  @EnumListField(FACTORS, {
    example: ['totp', 'recovery_code'],
    description: `The accepted factors: ${FACTORS.join(', ')}. If empty, enroll one first.`,
  })
  methods: (typeof FACTORS)[number][];

  @EnumListField(MFA_METHODS, {
    example: [],
    description:
      'The factors that can be enrolled now with `POST …/auth/mfa/enrolment`, because none of the existing ones is sufficient.',
  })
  enrolment: MfaMethod[];
}

const SET_COOKIE = {
  'Set-Cookie': {
    description: 'The refresh token, with `Trellis-Session: cookie`. Removes the cookie when the session ends.',
    schema: { type: 'string' as const },
  },
};

/** Documents a route that returns tokens, or instead of them one of `others`, and that browsers can use with a cookie. */
export const ReturnsTokens = (description: string, step: BrowserSessionStep, ...others: Type[]) => {
  const views = [TokenView, BrowserTokenView, ...others];
  return applyDecorators(
    TakesBrowserSession(step),
    ApiExtraModels(...views),
    ApiOkResponse({
      description,
      headers: SET_COOKIE,
      schema: { anyOf: views.map((view) => ({ $ref: getSchemaPath(view) })) },
    }),
  );
};

/** Documents the response of every sign-in: 200 with tokens, or with the factor that is still missing. */
export const SignsIn = () =>
  ReturnsTokens('Tokens, or `mfaRequired` if a second factor is needed first.', 'begin', MfaRequiredView);

/** The data of 403 auth.organization_selection_required. */
export class OrganizationSelection {
  @TextField({ description: 'For `POST …/auth/select-organization`, once, within ten minutes.' })
  selectionToken: string;

  @ObjectListField(() => MembershipView)
  organizations: MembershipView[];

  @ListField(IsString({ each: true }), { optional: true, description: 'The same as with tokens.' })
  recoveryCodes?: string[];
}

export class SessionView {
  @UuidField()
  id: string;

  @BooleanField({ description: 'Whether this request used the session.' })
  current: boolean;

  @EnumField(SIGN_IN_METHODS, { name: 'SignInMethod', description: 'How the session was opened.' })
  method: SignInMethod;

  @ListField(IsString({ each: true }), {
    description: 'The further factors that were proved: totp, passkey, recovery_code, sso.',
  })
  factors: string[];

  @DateTimeField({ description: 'When the user last confirmed their identity.' })
  provedAt: string;

  @TextField({ nullable: true })
  ip: string | null;

  @TextField({ nullable: true })
  userAgent: string | null;

  @TextField({
    nullable: true,
    example: 'Firefox on Windows',
    description: 'Browser and system from the user agent. Null if it names neither.',
  })
  device: string | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  lastUsedAt: string;

  @DateTimeField()
  expiresAt: string;
}

export const toSessionView = (session: Session, currentId: string): SessionView => ({
  id: session.id,
  current: session.id === currentId,
  method: session.method,
  factors: session.factors,
  provedAt: session.provedAt.toISOString(),
  ip: session.ip,
  userAgent: session.userAgent,
  device: deviceName(session.userAgent),
  createdAt: session.createdAt.toISOString(),
  lastUsedAt: session.lastUsedAt.toISOString(),
  expiresAt: session.expiresAt.toISOString(),
});
