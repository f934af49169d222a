import { IsString, IsUUID } from 'class-validator';
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
} from '../../../common/validation/index.js';

export const TOKEN_USES = ['access_token', 'refresh_token', 'api_key'] as const;
export type TokenUse = (typeof TOKEN_USES)[number];

const MAX_SECONDS = Number.MAX_SAFE_INTEGER;

/** By the names of RFC 7662. RFC 6749 has parameters that are not known ignored. */
@IgnoreUnknownFields()
export class Introspect {
  @SecretField({ max: 16_384, description: 'An access token, a refresh token or an API key.' })
  token: string;

  @TextField({ optional: true, description: 'Not needed: a token tells by itself what it is.' })
  token_type_hint?: string;

  @TextField({
    optional: true,
    description: 'The id of the client, where it does not stand in the `Authorization` header.',
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

/** Anything that does not count is `{active: false}`, and no word more. */
export class IntrospectionView {
  @BooleanField()
  active: boolean;

  @EnumField(TOKEN_USES, {
    optional: true,
    description: 'What was asked about. A service takes access tokens and API keys, and never a refresh token.',
  })
  token_use?: TokenUse;

  @EnumField(['Bearer'], { optional: true, description: 'Of what is sent as `Authorization: Bearer …`.' })
  token_type?: 'Bearer';

  @TextField({ optional: true })
  iss?: string;

  @TextField({ optional: true, description: 'The audience of the client that asks.' })
  aud?: string;

  @TextField({ optional: true, description: 'The client that the token was issued to.' })
  client_id?: string;

  @UuidField({ optional: true, description: 'The person, or the API key.' })
  sub?: string;

  @UuidField({ optional: true, description: 'The session.' })
  sid?: string;

  @TextField({ optional: true })
  jti?: string;

  @IntegerField({ min: 0, max: MAX_SECONDS, optional: true, description: 'Seconds since 1970.' })
  iat?: number;

  @IntegerField({ min: 0, max: MAX_SECONDS, optional: true, description: 'Seconds since 1970. Left out: never.' })
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

  @ListField(IsUUID('all', { each: true }), {
    optional: true,
    nullable: true,
    description: 'Of an API key: the only units it may act in; null: all.',
  })
  unit_ids?: string[] | null;

  @EnumField(ROLES, { name: 'Role', optional: true, description: 'Of an API key for some units: its role in these.' })
  unit_role?: Role;

  @ObjectListField(() => IntrospectedOrganization, { optional: true, description: 'As the access token has them.' })
  organizations?: IntrospectedOrganization[];

  @BooleanField({ optional: true })
  organizations_truncated?: boolean;
}
