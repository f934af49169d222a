import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import jwt from 'jsonwebtoken';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../../common/config/index.js';
import { isId } from '../../common/ids/index.js';
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, ALGORITHM, AUDIENCE } from './access-token.js';
import { type LoadedKey, SigningKeys } from './signing-keys.js';

export const ACCESS_TOKEN_STRATEGY = 'access-token';

/** The key that may have signed a token, null when its header is not one of ours. */
async function keyFor(keys: SigningKeys, token: string): Promise<LoadedKey | null> {
  const header = jwt.decode(token, { complete: true })?.header;
  if (!header || header.alg !== ALGORITHM || header.typ !== ACCESS_TOKEN_TYPE || !header.kid) return null;
  // RFC 7515: what is critical and not understood makes a token invalid, and none is understood here.
  return 'crit' in header ? null : keys.find(header.kid);
}

/** What jsonwebtoken does not insist on: everything we rely on is there and of its type. */
const isComplete = (claims: Partial<AccessTokenClaims>): claims is AccessTokenClaims =>
  isId(claims.sub) && isId(claims.sid) && isId(claims.op_id) && typeof claims.exp === 'number' && typeof claims.jti === 'string';

/** Verifies access tokens: RS256 with one of our keys, our issuer and audience, type `at+jwt`, not expired. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, ACCESS_TOKEN_STRATEGY) {
  constructor(config: Config, keys: SigningKeys) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: [ALGORITHM],
      issuer: config.baseUrl,
      audience: AUDIENCE,
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: unknown, key?: string | Buffer) => void) => {
        keyFor(keys, token).then(
          // A key object, although the types say text: a PEM text would be parsed again on every request.
          (key) => done(key ? null : new Error('unknown key'), key?.publicKey as unknown as Buffer),
          done,
        );
      },
    });
  }

  validate(claims: Partial<AccessTokenClaims>): AccessTokenClaims | false {
    return isComplete(claims) ? claims : false;
  }
}
