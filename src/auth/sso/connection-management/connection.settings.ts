import type { Outgoing } from '../../../common/outgoing/index.js';
import { refuse } from '../connections/connection.refusals.js';
import { ssoErrors } from '../sso.errors.js';
import type { AttributeMapping, CreateConnection, PatchConnection } from '../connections/connection.dto.js';
import {
  type ClaimMapping,
  type ClientAuthMethod,
  clockSkewOf,
  type MappedRole,
  type OidcSettings,
} from '../connections/connection.entity.js';

type Given = Partial<CreateConnection> & Partial<PatchConnection>;

const OIDC_FIELDS = [
  'issuer',
  'clientId',
  'clientSecret',
  'tokenEndpointAuthMethod',
  'scopes',
  'usesSharedRedirectUri',
] as const;

/** Rejects settings that belong to another type of connection. */
function assertNone(given: Given, fields: readonly (keyof Given)[], type: string): void {
  const field = fields.find((one) => given[one] !== undefined);
  if (field) refuse(field, `must be omitted for a connection of type ${type}`);
}

const SAML_FIELDS = [
  'metadata',
  'entityId',
  'ssoUrl',
  'ssoBinding',
  'idpLogoutUrl',
  'certificates',
  'allowIdpInitiated',
  'requiredSignature',
  'acceptsEncryptedAssertions',
] as const;

export const assertNoOidc = (given: Given): void => assertNone(given, OIDC_FIELDS, 'saml');

export function oidcSettings(
  given: Given,
  before: OidcSettings | null,
  hadSecret: boolean,
  outgoing: Outgoing,
): OidcSettings {
  assertNone(given, SAML_FIELDS, 'oidc');
  const issuer = given.issuer ?? before?.issuer ?? refuse('issuer', 'is required');
  const clientId = given.clientId ?? before?.clientId ?? refuse('clientId', 'is required');
  assertIssuer(issuer, outgoing);
  // Otherwise an admin could have the secret sent to an issuer of their own.
  if (before && issuer !== before.issuer && hadSecret && given.clientSecret === undefined)
    refuse('clientSecret', 'is required again when the issuer changes');
  const hasSecret = given.clientSecret === undefined ? hadSecret : given.clientSecret !== null;
  const method = given.tokenEndpointAuthMethod ?? before?.tokenEndpointAuthMethod ?? fallback(hasSecret);
  if (method.startsWith('client_secret') && !hasSecret) refuse('clientSecret', 'is required');
  const scopes = given.scopes ?? before?.scopes ?? ['openid', 'email', 'profile'];
  return {
    issuer,
    clientId,
    tokenEndpointAuthMethod: method,
    scopes: [...new Set(['openid', ...scopes])],
    clockSkewSeconds: given.clockSkewSeconds ?? clockSkewOf(before ?? {}),
    ...(staysShared(given, before, { issuer, clientId }) && { usesSharedRedirectUri: true }),
  };
}

/** A client that is registered anew is registered with the connection's own redirect URI. Throws validation_failed. */
function staysShared(
  { usesSharedRedirectUri: wanted }: Given,
  before: OidcSettings | null,
  { issuer, clientId }: Pick<OidcSettings, 'issuer' | 'clientId'>,
): boolean {
  const shared = before?.usesSharedRedirectUri ?? false;
  if (wanted && !shared) refuse('usesSharedRedirectUri', 'can only be set to false');
  return shared && wanted !== false && issuer === before?.issuer && clientId === before.clientId;
}

const fallback = (hasSecret: boolean): ClientAuthMethod => (hasSecret ? 'client_secret_basic' : 'none');

function assertIssuer(issuer: string, outgoing: Outgoing): void {
  if (!URL.canParse(issuer)) refuse('issuer', 'must be a URL');
  const url = new URL(issuer);
  if (url.search || url.hash || url.pathname.includes('/.well-known/'))
    refuse('issuer', 'must be the issuer URL of the provider, without query, fragment or /.well-known/');
  if (outgoing.objectionTo(url)) throw ssoErrors.issuer_not_allowed();
}

const DEFAULTS: Record<'oidc' | 'saml', Pick<ClaimMapping, 'email' | 'name'>> = {
  oidc: { email: 'email', name: 'name' },
  saml: { email: 'email', name: 'name' },
};

export const mappingOf = (
  type: 'oidc' | 'saml',
  { email, name, groups, organization }: AttributeMapping,
  roles: MappedRole[],
): ClaimMapping => ({
  email: email ?? DEFAULTS[type].email,
  name: name ?? DEFAULTS[type].name,
  groups: groups ?? null,
  organization: organization ?? null,
  roles,
});
