import { IsString } from 'class-validator';
import { ROLES, type Role } from '../../../common/access/index.js';
import {
  BooleanField,
  EnumField,
  IgnoreUnknownFields,
  IntegerField,
  ListField,
  ObjectListField,
  SecretField,
  TextField,
  UuidField,
  UuidListField,
} from '../../../common/validation/index.js';

export const TOKEN_USES = ['access_token', 'refresh_token', 'api_key'] as const;
export type TokenUse = (typeof TOKEN_USES)[number];

const MAX_SECONDS = Number.MAX_SAFE_INTEGER;

/** Uses the names of RFC 7662. RFC 6749 requires servers to ignore unknown parameters. */
@IgnoreUnknownFields()
export class Introspect {
  @SecretField({ max: 16_384, description: 'An access token, a refresh token or an API key.' })
  token: string;

  @TextField({ optional: true, description: 'Not needed. The kind of token is detected.' })
  token_type_hint?: string;

  @TextField({
    optional: true,
    description: 'The id of the client, if it is not in the `Authorization` header.',
  })
  client_id?: string;

  @SecretField({ optional: true, max: 200 })
  client_secret?: string;
}

class IntrospectedOrganization {
  @UuidField()
  id: string;

  @TextField()
  slug: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }))
  roles: string[];
}

/** Answers `{active: false}` and nothing else for any token that is not valid. */
export class IntrospectionView {
  @BooleanField()
  active: boolean;

  @EnumField(TOKEN_USES, {
    optional: true,
    description:
      'The kind of the token. A service should accept access tokens and API keys, but never a refresh token.',
  })
  token_use?: TokenUse;

  @EnumField(['Bearer'], {
    optional: true,
    description: 'Present for tokens that are sent as `Authorization: Bearer …`.',
  })
  token_type?: 'Bearer';

  @TextField({ optional: true })
  iss?: string;

  @TextField({ optional: true, description: 'The audience of the calling client.' })
  aud?: string;

  @TextField({ optional: true, description: 'The client that the token was issued to.' })
  client_id?: string;

  @UuidField({ optional: true, description: 'The id of the user or of the API key.' })
  sub?: string;

  @UuidField({ optional: true, description: 'The session.' })
  sid?: string;

  @TextField({ optional: true })
  jti?: string;

  @IntegerField({ min: 0, max: MAX_SECONDS, optional: true, description: 'Seconds since 1970.' })
  iat?: number;

  @IntegerField({
    min: 0,
    max: MAX_SECONDS,
    optional: true,
    description: 'Seconds since 1970. Omitted if the token never expires.',
  })
  exp?: number;

  @ListField(IsString({ each: true }), { optional: true })
  amr?: string[];

  @IntegerField({ min: 0, max: MAX_SECONDS, optional: true })
  auth_time?: number;

  @UuidField({ optional: true })
  op_id?: string;

  @TextField({ optional: true })
  op_slug?: string;

  @EnumField(ROLES, { name: 'Role', optional: true })
  op_role?: Role;

  @UuidField({ optional: true })
  org_id?: string;

  @TextField({ optional: true })
  org_slug?: string;

  @TextField({ optional: true, nullable: true })
  org_external_id?: string | null;

  @EnumField(ROLES, { name: 'Role', optional: true })
  org_role?: Role;

  @ListField(IsString({ each: true }), { optional: true })
  org_roles?: string[];

  @ListField(IsString({ each: true }), { optional: true, max: 200 })
  org_permissions?: string[];

  @UuidListField({
    optional: true,
    nullable: true,
    description: 'For an API key: the units it is restricted to. Null means all units.',
  })
  unit_ids?: string[] | null;

  @EnumField(ROLES, {
    name: 'Role',
    optional: true,
    description: 'For an API key restricted to units: its role in them.',
  })
  unit_role?: Role;

  @ObjectListField(() => IntrospectedOrganization, {
    optional: true,
    description: 'The same list as in the access token.',
  })
  organizations?: IntrospectedOrganization[];

  @BooleanField({ optional: true })
  organizations_truncated?: boolean;
}
