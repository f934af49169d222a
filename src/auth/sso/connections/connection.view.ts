import type { ConnectionView } from './connection.dto.js';
import {
  clockSkewOf,
  type ConnectionType,
  type OidcSettings,
  requiredSignatureOf,
  type SamlSettings,
} from './connection.entity.js';
import type { ConnectionRow } from './connection.store.js';
import { versionAndEtag } from '../../../http/index.js';

/** How this server identifies itself to the identity provider of one SAML connection. */
export interface ServiceProvider {
  entityId: string;
  acsUrl: string;
  /** Where the provider says that a user signed out there. */
  logoutUrl: string;
}

/** Returns the SSO base URL of an operator. */
export const ssoUrl = (baseUrl: string, operatorSlug: string): string => `${baseUrl}/t/${operatorSlug}/api/v1/auth/sso`;

/** Each connection has its own, so that a response for one provider never reaches the token endpoint of another. */
export const redirectUriOf = (baseUrl: string, operatorSlug: string, id: string): string =>
  `${ssoUrl(baseUrl, operatorSlug)}/oidc/${id}/callback`;

/** The redirect URI that all connections had before each had its own. */
export const sharedRedirectUriOf = (baseUrl: string, operatorSlug: string): string =>
  `${ssoUrl(baseUrl, operatorSlug)}/oidc/callback`;

export const startUrlOf = (baseUrl: string, operatorSlug: string, id: string): string =>
  `${ssoUrl(baseUrl, operatorSlug)}/${id}/start`;

/** OpenID providers report a sign-out themselves, SAML providers send the browser, which gets a page. */
const logoutUrlOf = (type: ConnectionType, baseUrl: string, operatorSlug: string, id: string): string =>
  type === 'oidc'
    ? `${ssoUrl(baseUrl, operatorSlug)}/oidc/${id}/logout`
    : `${baseUrl}/t/${operatorSlug}/sso/saml/${id}/logout`;

export const toConnectionView = (row: ConnectionRow, baseUrl: string, operatorSlug: string): ConnectionView => ({
  id: row.id,
  type: row.type,
  name: row.name,
  enabled: row.enabled,
  position: row.position,
  requireVerifiedEmail: row.requireVerifiedEmail,
  attributeMapping: row.mapping,
  ...(row.type === 'oidc' ? oidcView(row, baseUrl, operatorSlug) : samlView(row, baseUrl, operatorSlug)),
  clockSkewSeconds: clockSkewOf(row.settings),
  startUrl: startUrlOf(baseUrl, operatorSlug, row.id),
  logoutUrl: logoutUrlOf(row.type, baseUrl, operatorSlug, row.id),
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  ...versionAndEtag(row.version),
});

export const serviceProviderOf = (baseUrl: string, operatorSlug: string, id: string): ServiceProvider => {
  const base = `${ssoUrl(baseUrl, operatorSlug)}/saml/${id}`;
  return {
    entityId: `${base}/metadata`,
    acsUrl: `${base}/acs`,
    logoutUrl: logoutUrlOf('saml', baseUrl, operatorSlug, id),
  };
};

function samlView({ id, settings }: ConnectionRow, baseUrl: string, operatorSlug: string): Partial<ConnectionView> {
  const { entityId, acsUrl } = serviceProviderOf(baseUrl, operatorSlug, id);
  const saml = settings as SamlSettings;
  return {
    ...saml,
    ssoBinding: saml.ssoBinding ?? 'redirect',
    requiredSignature: requiredSignatureOf(saml),
    acceptsEncryptedAssertions: saml.encryptionCertificate !== undefined,
    encryptionCertificate: saml.encryptionCertificate ?? null,
    idpLogoutUrl: saml.idpLogoutUrl ?? null,
    spEntityId: entityId,
    acsUrl,
  };
}

function oidcView(
  { id, settings, hasSecret }: ConnectionRow,
  baseUrl: string,
  operatorSlug: string,
): Partial<ConnectionView> {
  const { issuer, clientId, tokenEndpointAuthMethod, scopes, usesSharedRedirectUri } = settings as OidcSettings;
  return {
    issuer,
    clientId,
    hasClientSecret: hasSecret,
    tokenEndpointAuthMethod,
    scopes,
    redirectUri: redirectUriOf(baseUrl, operatorSlug, id),
    usesSharedRedirectUri: usesSharedRedirectUri ?? false,
    ...(tokenEndpointAuthMethod === 'private_key_jwt' && { jwksUri: `${baseUrl}/.well-known/jwks.json` }),
  };
}
