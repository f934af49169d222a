import { ArrayMaxSize, IsString, Length, Matches } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ROLES, type Role } from '../../../common/access/index.js';
import { PageQuery } from '../../../common/pagination/index.js';
import {
  BooleanField,
  DateTimeField,
  EnumField,
  EtagField,
  IntegerField,
  ListField,
  ObjectField,
  ObjectListField,
  SecretField,
  TextField,
  UuidField,
  UuidListField,
} from '../../../common/validation/index.js';
import { SsoTrialView } from './connection-test.dto.js';
import { RoleIdsField } from '../../../organizations/index.js';
import {
  CLIENT_AUTH_METHODS,
  CONNECTION_TYPES,
  DEFAULT_CLOCK_SKEW,
  DEFAULT_SIGNATURE,
  REQUIRED_SIGNATURES,
  SAML_BINDINGS,
  type ClientAuthMethod,
  type ConnectionType,
  type RequiredSignature,
  type SamlBinding,
} from './connection.entity.js';

const SORTS = ['position', '-position', 'name', '-name', 'createdAt', '-createdAt'] as const;
const MAX_POSITION = 1_000_000;
const MAX_MAPPED_ROLES = 100;
/** A response is checked against each of them. */
export const MAX_CERTIFICATES = 4;

const claimField = (description: string, example: string) =>
  TextField({ max: 200, optional: true, nullable: true, description, example });

/** Rejects spaces, which separate scopes. */
const ScopeItem = () =>
  applyDecorators(IsString({ each: true }), Matches(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, { each: true }));

export class ConnectionQuery extends PageQuery {
  @TextField({ max: 100, optional: true, description: 'Finds connections whose name contains this text.' })
  q?: string;

  @EnumField(CONNECTION_TYPES, { optional: true, name: 'SsoConnectionType' })
  type?: ConnectionType;

  @EnumField(SORTS, { optional: true, default: 'position' })
  sort?: (typeof SORTS)[number];
}

export class MappedRoleField {
  @TextField({ max: 500, verbatim: true, description: 'An exact value of the groups claim.', example: 'admins' })
  value: string;

  @EnumField(ROLES, { name: 'Role', optional: true, default: 'user' })
  role?: Role;

  @RoleIdsField('Functional and custom roles, by id or key.')
  roleIds?: string[];

  @UuidListField({ max: 50, optional: true, description: 'Units to become a user of.' })
  unitIds?: string[];
}

export class AttributeMapping {
  @claimField('The claim with the email address.', 'email')
  email?: string | null;

  @claimField('The claim with the name.', 'name')
  name?: string | null;

  @claimField(
    'The claim with groups or roles, as a list or a single value. Dots address nested objects, for example `realm_access.roles`.',
    'groups',
  )
  groups?: string | null;

  @claimField(
    "A claim that must equal the organization's `externalId`. Users with another value are refused.",
    'org_id',
  )
  organization?: string | null;

  @ArrayMaxSize(MAX_MAPPED_ROLES)
  @ObjectListField(() => MappedRoleField, {
    optional: true,
    description: 'What groups grant. The grants of all matching groups add up.',
  })
  roles?: MappedRoleField[];
}

class ConnectionFields {
  @BooleanField({ optional: true, default: true })
  enabled?: boolean;

  @IntegerField({
    min: 0,
    max: MAX_POSITION,
    optional: true,
    description: 'The position in the list. If omitted, the connection comes last.',
  })
  position?: number;

  @BooleanField({
    optional: true,
    default: true,
    description:
      'Whether an OpenID provider must assert `email_verified`. Turn it off only for a provider that never sends the claim and does not let users choose their address.',
  })
  requireVerifiedEmail?: boolean;

  @ObjectField(() => AttributeMapping, { optional: true, description: 'Replaces the whole mapping.' })
  attributeMapping?: AttributeMapping;

  @TextField({
    max: 500,
    optional: true,
    description: 'OpenID: the issuer of the provider.',
    example: 'https://idp.example',
  })
  issuer?: string;

  @TextField({ max: 500, optional: true, description: 'OpenID.' })
  clientId?: string;

  @SecretField({
    max: 1000,
    optional: true,
    nullable: true,
    description: 'OpenID. Stored encrypted and never returned.',
  })
  clientSecret?: string | null;

  @EnumField(CLIENT_AUTH_METHODS, {
    optional: true,
    name: 'ClientAuthMethod',
    description:
      'OpenID. `private_key_jwt` signs with the keys at `/.well-known/jwks.json`. By default, it depends on whether a secret is set.',
  })
  tokenEndpointAuthMethod?: ClientAuthMethod;

  @ListField(ScopeItem(), { max: 20, optional: true, description: 'OpenID. Default: openid, email, profile.' })
  scopes?: string[];

  @TextField({
    max: 200_000,
    multiline: true,
    optional: true,
    description:
      'SAML: the metadata of the identity provider, as XML. It contains `entityId`, `ssoUrl`, `idpLogoutUrl` and `certificates`.',
  })
  metadata?: string;

  @TextField({ max: 1000, optional: true, description: 'SAML: the entity id of the identity provider.' })
  entityId?: string;

  @TextField({
    max: 2000,
    optional: true,
    description: 'SAML: the single sign-on URL of the identity provider.',
  })
  ssoUrl?: string;

  @EnumField(SAML_BINDINGS, {
    optional: true,
    default: 'redirect',
    name: 'SamlBinding',
    description:
      'SAML: how requests reach `ssoUrl`: by HTTP-Redirect, or by HTTP-POST, for which the user presses a button. From the metadata, HTTP-Redirect if the provider has it.',
  })
  ssoBinding?: SamlBinding;

  @TextField({
    max: 2000,
    optional: true,
    nullable: true,
    description:
      'SAML: the single logout URL of the identity provider, for HTTP-Redirect. The browser returns there after a logout that began at the provider.',
  })
  idpLogoutUrl?: string | null;

  @ListField(applyDecorators(IsString({ each: true }), Length(1, 20_000, { each: true })), {
    max: MAX_CERTIFICATES,
    optional: true,
    description:
      'SAML: the signing certificates of the identity provider, as PEM or base64. During a rotation, list both the old and the new one.',
  })
  certificates?: string[];

  @BooleanField({
    optional: true,
    default: false,
    description: 'SAML: whether sign-ins may start at the identity provider.',
  })
  allowIdpInitiated?: boolean;

  @EnumField(REQUIRED_SIGNATURES, {
    optional: true,
    default: DEFAULT_SIGNATURE,
    name: 'SamlSignature',
    description:
      'SAML: what the identity provider has to sign. `either` accepts a signed response, a signed assertion or both. What is not signed is never read.',
  })
  requiredSignature?: RequiredSignature;

  @BooleanField({
    optional: true,
    default: false,
    description:
      'SAML: whether the identity provider may encrypt assertions. Turning it on makes a key, whose certificate is in `encryptionCertificate` and in the metadata. Turning it off discards the key.',
  })
  acceptsEncryptedAssertions?: boolean;

  @IntegerField({
    min: 0,
    max: 600,
    optional: true,
    default: DEFAULT_CLOCK_SKEW,
    description: 'How many seconds the clock of the identity provider may differ.',
  })
  clockSkewSeconds?: number;
}

export class CreateConnection extends ConnectionFields {
  @EnumField(CONNECTION_TYPES, { name: 'SsoConnectionType' })
  type: ConnectionType;

  @TextField({ max: 100, example: 'Acme Okta' })
  name: string;
}

export class PatchConnection extends ConnectionFields {
  @BooleanField({
    optional: true,
    description: 'OpenID: false, as soon as `redirectUri` is registered at the provider. It cannot be set to true.',
  })
  usesSharedRedirectUri?: boolean;

  @BooleanField({
    optional: true,
    description:
      'True after the provider has given its users new ids, for example by another NameID format. Removes the links that addresses made, so that each user is found by their address again at their next sign-in. Another `clientId` does the same.',
  })
  relinkUsers?: boolean;

  @TextField({ max: 100, optional: true })
  name?: string;
}

class MappedRoleView {
  @TextField({ max: 500 })
  value: string;

  @EnumField(ROLES, { name: 'Role' })
  role: Role;

  @ListField(IsString({ each: true }))
  roleIds: string[];

  @UuidListField()
  unitIds: string[];
}

class AttributeMappingView {
  @TextField()
  email: string;

  @TextField()
  name: string;

  @TextField({ nullable: true })
  groups: string | null;

  @TextField({ nullable: true })
  organization: string | null;

  @ObjectListField(() => MappedRoleView)
  roles: MappedRoleView[];
}

export class ConnectionView {
  @UuidField()
  id: string;

  @EnumField(CONNECTION_TYPES, { name: 'SsoConnectionType' })
  type: ConnectionType;

  @TextField()
  name: string;

  @BooleanField()
  enabled: boolean;

  @IntegerField({ min: 0, max: 2_147_483_647 })
  position: number;

  @BooleanField()
  requireVerifiedEmail: boolean;

  @ObjectField(() => AttributeMappingView)
  attributeMapping: AttributeMappingView;

  @TextField({ optional: true, description: 'OpenID.' })
  issuer?: string;

  @TextField({ optional: true, description: 'OpenID.' })
  clientId?: string;

  @BooleanField({ optional: true, description: 'OpenID: whether a secret is stored.' })
  hasClientSecret?: boolean;

  @EnumField(CLIENT_AUTH_METHODS, { optional: true, name: 'ClientAuthMethod' })
  tokenEndpointAuthMethod?: ClientAuthMethod;

  @ListField(applyDecorators(IsString({ each: true }), Length(1, 100, { each: true })), { optional: true })
  scopes?: string[];

  @TextField({
    optional: true,
    max: 2000,
    description: 'OpenID: the redirect URI to register at the provider. Each connection has its own.',
  })
  redirectUri?: string;

  @BooleanField({
    optional: true,
    description:
      'OpenID: true for a connection that still uses `…/auth/sso/oidc/callback`, which works only with providers that send `iss`. Register `redirectUri` at the provider, then set this to false.',
  })
  usesSharedRedirectUri?: boolean;

  @TextField({
    optional: true,
    description: 'OpenID with `private_key_jwt`: the key set URL to register at the provider.',
  })
  jwksUri?: string;

  @TextField({ optional: true, description: 'SAML.' })
  entityId?: string;

  @TextField({ optional: true, description: 'SAML.' })
  ssoUrl?: string;

  @EnumField(SAML_BINDINGS, { optional: true, name: 'SamlBinding', description: 'SAML.' })
  ssoBinding?: SamlBinding;

  @ListField(IsString({ each: true }), { optional: true, description: 'SAML, as PEM.' })
  certificates?: string[];

  @BooleanField({ optional: true, description: 'SAML.' })
  allowIdpInitiated?: boolean;

  @EnumField(REQUIRED_SIGNATURES, { optional: true, name: 'SamlSignature', description: 'SAML.' })
  requiredSignature?: RequiredSignature;

  @BooleanField({ optional: true, description: 'SAML.' })
  acceptsEncryptedAssertions?: boolean;

  @TextField({
    optional: true,
    nullable: true,
    multiline: true,
    max: 20_000,
    description: 'SAML: the certificate with which the identity provider encrypts assertions, as PEM.',
  })
  encryptionCertificate?: string | null;

  @IntegerField({ min: 0, max: 600 })
  clockSkewSeconds: number;

  @TextField({
    optional: true,
    description: 'SAML: the entity id of this service, which is also the URL of its metadata.',
  })
  spEntityId?: string;

  @TextField({ optional: true, description: 'SAML: where the identity provider posts its responses.' })
  acsUrl?: string;

  @TextField({
    max: 2000,
    description:
      'Where the identity provider reports that a user signed out there: the back-channel logout URI (OpenID), or the single logout URL for HTTP-POST and HTTP-Redirect (SAML). It ends the sessions that the connection opened for the user.',
  })
  logoutUrl: string;

  @TextField({
    optional: true,
    nullable: true,
    max: 2000,
    description: 'SAML: where the browser returns after a single logout, for HTTP-Redirect.',
  })
  idpLogoutUrl?: string | null;

  @TextField({ description: 'The URL that starts a sign-in through this connection.' })
  startUrl: string;

  @ObjectField(() => SsoTrialView, {
    optional: true,
    nullable: true,
    description: 'The result of the last test. Null before the first test. Omitted in lists.',
  })
  lastTest?: SsoTrialView | null;

  @DateTimeField()
  createdAt: string;

  @DateTimeField()
  updatedAt: string;

  @IntegerField({ min: 1, max: 2_147_483_647 })
  version: number;

  @EtagField()
  etag: string;
}
