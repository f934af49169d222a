import { ALGORITHM } from '../../access/index.js';
import type { OpenIdConfigurationView, ServerMetadataView } from './server-metadata.dto.js';

/** Returns the metadata that all operators share and, with an operator's slug, its endpoints (RFC 8414). */
export function serverMetadata(issuer: string, operator?: string): ServerMetadataView {
  const auth = `${issuer}/t/${operator}/api/v1/auth`;
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    ...(operator !== undefined && {
      token_endpoint: `${auth}/token`,
      introspection_endpoint: `${auth}/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      grant_types_supported: ['refresh_token'],
    }),
    response_types_supported: [],
    access_token_signing_alg_values_supported: [ALGORITHM],
    service_documentation: `${issuer}/docs`,
  };
}

/** Returns the same metadata for OpenID Connect Discovery, with the fields that it requires. */
export const openIdConfiguration = (issuer: string, operator?: string): OpenIdConfigurationView => ({
  ...serverMetadata(issuer, operator),
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [],
});
