import { EnumField, SecretField, UuidField } from '../../../common/validation/index.js';
import { AudienceField } from '../sessions/session.dto.js';
import { RedirectUriField } from './login-code.dto.js';

export const GRANT_TYPES = ['refresh_token', 'authorization_code', 'device_code'] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

const SCOPES = ['organizations'] as const;

export class TokenRequest {
  @EnumField(GRANT_TYPES, {
    optional: true,
    default: 'refresh_token',
    name: 'GrantType',
    description:
      '`refresh_token`: renews tokens. `authorization_code`: a program redeems the code of `POST …/account/login-codes`. `device_code`: a program polls for the approval of `POST …/auth/device`.',
  })
  grantType?: GrantType;

  @SecretField({ max: 200, optional: true, description: 'Required, unless the cookie of a browser session has it.' })
  refreshToken?: string;

  @UuidField({
    optional: true,
    nullable: true,
    description: 'Switches to this organization. Null leaves the current organization.',
  })
  organizationId?: string | null;

  @EnumField(SCOPES, { optional: true, description: '`organizations` adds your organizations to the token.' })
  scope?: (typeof SCOPES)[number];

  @AudienceField({
    nullable: true,
    description:
      'The `audience` of the client that the access token is for. If omitted, it stays the same. `trellis` or null: Trellis itself.',
  })
  audience?: string | null;

  @SecretField({ max: 200, optional: true, description: 'With `authorization_code`.' })
  code?: string;

  @SecretField({ min: 43, max: 128, optional: true, description: 'With `authorization_code`: the verifier of PKCE.' })
  codeVerifier?: string;

  @RedirectUriField(true)
  redirectUri?: string;

  @SecretField({ max: 200, optional: true, description: 'With `device_code`.' })
  deviceCode?: string;
}
