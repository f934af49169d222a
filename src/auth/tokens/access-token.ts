import type { Role } from '../../common/access/index.js';

export const ACCESS_TOKEN_SECONDS = 600;
export const ACCESS_TOKEN_TYPE = 'at+jwt';
export const AUDIENCE = 'trellis';
export const ALGORITHM = 'RS256';

/** The claims of an access token (domain: sign-in). Times in seconds since 1970. */
export interface AccessTokenClaims {
  iss: string;
  aud: string;
  sub: string;
  iat: number;
  exp: number;
  jti: string;
  sid: string;
  op_id: string;
  op_slug: string;
  op_role?: Role;
  org_id?: string;
  org_slug?: string;
  org_external_id?: string | null;
  org_role?: Role;
  org_roles?: string[];
  org_permissions?: string[];
  unit_ids?: string[];
  organizations?: { id: string; slug: string; role: Role; roles: string[] }[];
  organizations_truncated?: boolean;
}
