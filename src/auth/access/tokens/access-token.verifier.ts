import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { Config } from '../../../common/config/index.js';
import { isId } from '../../../common/ids/index.js';
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, ALGORITHM } from './access-token.js';
import { type LoadedKey, SigningKeyService } from './signing-key.service.js';

/** The signing keys could not be read, which says nothing about the token. */
export class KeysUnavailable extends Error {}

/** Returns the key that may have signed a token, or null if the header is not one of ours. */
export async function keyFor(keys: SigningKeyService, token: string): Promise<LoadedKey | null> {
  const header = jwt.decode(token, { complete: true })?.header;
  if (!header || header.alg !== ALGORITHM || header.typ !== ACCESS_TOKEN_TYPE || typeof header.kid !== 'string')
    return null;
  // RFC 7515: a token with critical headers that are not understood is invalid, and none is understood here.
  if ('crit' in header) return null;
  return keys.find(header.kid).catch((error: unknown) => {
    throw new KeysUnavailable('the signing keys could not be read', { cause: error });
  });
}

/** Checks that all claims we rely on exist with their types, which jsonwebtoken does not. */
export const isComplete = (claims: Partial<AccessTokenClaims>): claims is AccessTokenClaims =>
  isId(claims.sub) &&
  isId(claims.sid) &&
  isId(claims.op_id) &&
  typeof claims.exp === 'number' &&
  typeof claims.jti === 'string';

/** Verifies access tokens for other audiences than Trellis, by the same rules. */
@Injectable()
export class AccessTokenVerifier {
  constructor(
    private readonly keys: SigningKeyService,
    private readonly config: Config,
  ) {}

  /** Returns the claims, or null if the token is not ours, is for another audience or has expired. */
  async verify(token: string, audience: string): Promise<AccessTokenClaims | null> {
    const key = await keyFor(this.keys, token).catch((error: unknown) => {
      throw error instanceof KeysUnavailable ? error.cause : error;
    });
    if (!key) return null;
    try {
      const { baseUrl: issuer } = this.config;
      const claims = jwt.verify(token, key.publicKey, { algorithms: [ALGORITHM], issuer, audience });
      return typeof claims === 'object' && isComplete(claims as Partial<AccessTokenClaims>)
        ? (claims as AccessTokenClaims)
        : null;
    } catch {
      return null;
    }
  }
}
