import type { Role } from '../../../common/access/index.js';

/** The maximum that settings allow. */
export const MAX_ACCESS_TOKEN_SECONDS = 3_600;
export const ACCESS_TOKEN_TYPE = 'at+jwt';
export const AUDIENCE = 'trellis';
export const ALGORITHM = 'RS256';

/** The claims of an access token. Times are in seconds since 1970. */
export interface AccessTokenClaims {
  iss: string;
  aud: string;
  sub: string;
  iat: number;
  exp: number;
  jti: string;
  /** The client that the token was issued to (RFC 9068): its audience, or `trellis`. */
  client_id: string;
  sid: string;
  /** The methods with which the user proved their identity (RFC 8176). */
  amr: string[];
  auth_time: number;
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
