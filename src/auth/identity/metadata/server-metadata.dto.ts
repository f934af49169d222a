import { IsString } from 'class-validator';
import { ListField, TextField } from '../../../common/validation/index.js';

/** Uses the names of RFC 8414. */
export class ServerMetadataView {
  @TextField({ max: 2_000, example: 'https://trellis.example.com', description: 'The `iss` of every access token.' })
  issuer: string;

  @TextField({ max: 2_000 })
  jwks_uri: string;

  @TextField({ max: 2_000, optional: true, description: 'Exchanges refresh tokens. Takes JSON.' })
  token_endpoint?: string;

  @TextField({ max: 2_000, optional: true })
  introspection_endpoint?: string;

  @ListField(IsString({ each: true }), { optional: true })
  introspection_endpoint_auth_methods_supported?: string[];

  @ListField(IsString({ each: true }), { description: 'Always empty, because there is no authorization endpoint.' })
  response_types_supported: string[];

  @ListField(IsString({ each: true }), { optional: true })
  grant_types_supported?: string[];

  @ListField(IsString({ each: true }), { description: 'The algorithms that sign access tokens.' })
  access_token_signing_alg_values_supported: string[];

  @TextField({ max: 2_000 })
  service_documentation: string;

  @ListField(IsString({ each: true }), { optional: true })
  subject_types_supported?: string[];

  @ListField(IsString({ each: true }), { optional: true, description: 'Always empty, because there are no ID tokens.' })
  id_token_signing_alg_values_supported?: string[];
}

export type OpenIdConfigurationView = ServerMetadataView;
