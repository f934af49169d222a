import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { Config } from '../../../common/config/index.js';
import { newId } from '../../../common/ids/index.js';
import {
  ACCESS_TOKEN_TYPE,
  type AccessTokenClaims,
  ALGORITHM,
  AUDIENCE,
  SigningKeyService,
} from '../../access/index.js';

type OwnClaims = Omit<AccessTokenClaims, 'iss' | 'aud' | 'iat' | 'exp' | 'jti' | 'client_id'>;

/** Limit of the claims as JSON. Signed, they make a token of about 4 KB. Proxies refuse headers over 8 KB. */
const MAX_CLAIMS_BYTES = 2_700;
/** Reserved for organizations, even if units and permissions of the current one take up the rest. */
const MIN_ORGANIZATIONS_BYTES = 1_000;

/** Leaves out the last organizations if the token would be too long, and marks the list as truncated. */
export function withinLimit(claims: OwnClaims): OwnClaims {
  const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
  const { organizations, ...others } = claims;
  if (!organizations || sizeOf(claims) <= MAX_CLAIMS_BYTES) return claims;
  let left = Math.max(MAX_CLAIMS_BYTES - sizeOf({ ...others, organizations: [] }), MIN_ORGANIZATIONS_BYTES);
  const firstTooMany = organizations.findIndex((one) => (left -= sizeOf(one) + 1) < 0);
  if (firstTooMany === -1) return claims;
  return { ...claims, organizations: organizations.slice(0, firstTooMany), organizations_truncated: true };
}

@Injectable()
export class AccessTokenService {
  constructor(
    private readonly keys: SigningKeyService,
    private readonly config: Config,
  ) {}

  /**
   * Needs no database, because callers run in transactions that must not wait for a second connection. `audience` null:
   * Trellis itself.
   */
  sign(claims: OwnClaims, seconds: number, audience: string | null): string {
    const { kid, privateKey } = this.keys.current();
    const client = audience ?? AUDIENCE;
    return jwt.sign({ ...withinLimit(claims), client_id: client, jti: newId() }, privateKey, {
      algorithm: ALGORITHM,
      issuer: this.config.baseUrl,
      audience: client,
      expiresIn: seconds,
      header: { alg: ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid },
    });
  }
}
