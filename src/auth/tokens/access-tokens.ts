import { Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { Config } from '../../common/config/index.js';
import { newId } from '../../common/ids/index.js';
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, ALGORITHM, AUDIENCE } from './access-token.js';
import { SigningKeys } from './signing-keys.js';

type OwnClaims = Omit<AccessTokenClaims, 'iss' | 'aud' | 'iat' | 'exp' | 'jti'>;

@Injectable()
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly config: Config,
  ) {}

  /** Needs no database: it is called inside transactions, which must not wait for a second connection. `audience` null: Trellis itself. */
  sign(claims: OwnClaims, seconds: number, audience: string | null): string {
    const { kid, privateKey } = this.keys.current();
    return jwt.sign({ ...claims, jti: newId() }, privateKey, {
      algorithm: ALGORITHM,
      issuer: this.config.baseUrl,
      audience: audience ?? AUDIENCE,
      expiresIn: seconds,
      header: { alg: ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid },
    });
  }
}
