import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import jwt from 'jsonwebtoken';
import { Strategy } from 'passport-jwt';
import { Config } from '../../common/config/index.js';
import { isId } from '../../common/ids/index.js';
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, ALGORITHM, AUDIENCE } from './access-token.js';
import { type LoadedKey, SigningKeys } from './signing-keys.js';

/** What the server goes by; everything else it asks the database. */
export interface TokenBearer {
  userId: string;
  sessionId: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The keys could not be read: that says nothing about the token. */
export class KeysUnavailable extends Error {}

/** One token and nothing after it; passport-jwt's own reader takes the first two words of any header. */
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

const tokenOf = ({ headers }: Pick<FastifyRequest, 'headers'>): string | null =>
  BEARER.exec(headers.authorization ?? '')?.[1] ?? null;

/** The key that may have signed a token, null when its header is not one of ours. */
async function keyFor(keys: SigningKeys, token: string): Promise<LoadedKey | null> {
  const header = jwt.decode(token, { complete: true })?.header;
  if (!header || header.alg !== ALGORITHM || header.typ !== ACCESS_TOKEN_TYPE || typeof header.kid !== 'string')
    return null;
  // RFC 7515: what is critical and not understood makes a token invalid, and none is understood here.
  if ('crit' in header) return null;
  return keys.find(header.kid).catch((error: unknown) => {
    throw new KeysUnavailable('the signing keys could not be read', { cause: error });
  });
}

/** What jsonwebtoken does not insist on: everything we rely on is there and of its type. */
const isComplete = (claims: Partial<AccessTokenClaims>): claims is AccessTokenClaims =>
  isId(claims.sub) &&
  isId(claims.sid) &&
  isId(claims.op_id) &&
  typeof claims.exp === 'number' &&
  typeof claims.jti === 'string';

/** Verifies access tokens: RS256 with one of our keys, our issuer and audience, type `at+jwt`, not expired. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  constructor(config: Config, keys: SigningKeys) {
    super({
      jwtFromRequest: tokenOf,
      algorithms: [ALGORITHM],
      issuer: config.baseUrl,
      audience: AUDIENCE,
      secretOrKeyProvider: (
        _request: unknown,
        token: string,
        done: (error: unknown, key?: string | Buffer) => void,
      ) => {
        keyFor(keys, token).then(
          // A key object, although the types say text: a PEM text would be parsed again on every request.
          (key) => done(key ? null : new Error('unknown key'), key?.publicKey as unknown as Buffer),
          done,
        );
      },
    });
  }

  validate(claims: Partial<AccessTokenClaims>): TokenBearer | false {
    return isComplete(claims) && { userId: claims.sub, sessionId: claims.sid, expiresAt: claims.exp * 1000 };
  }
}
