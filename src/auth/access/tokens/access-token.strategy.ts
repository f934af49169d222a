import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-jwt';
import { Config } from '../../../common/config/index.js';
import { type AccessTokenClaims, ALGORITHM, AUDIENCE } from './access-token.js';
import { isComplete, keyFor } from './access-token.verifier.js';
import { SigningKeyService } from './signing-key.service.js';

/** The claims that the server relies on. Everything else is read from the database. */
export interface TokenBearer {
  userId: string;
  sessionId: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Accepts one token and nothing after it. The reader of passport-jwt takes the first two words of any header. */
const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

const tokenOf = ({ headers }: Pick<FastifyRequest, 'headers'>): string | null =>
  BEARER.exec(headers.authorization ?? '')?.[1] ?? null;

/** Verifies access tokens: RS256 with one of our keys, our issuer and audience, type `at+jwt`, not expired. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy) {
  constructor(config: Config, keys: SigningKeyService) {
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
          // Passes a key object although the type says text, because PEM text would be parsed on every request.
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
