import { Injectable } from '@nestjs/common';
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../../common/errors/index.js';
import { Outgoing } from '../../../common/outgoing/index.js';
import { sessionNameOf } from '../claims.js';
import { clockSkewOf, type OidcSettings } from '../connections/connection.entity.js';
import type { UsableConnection } from '../connections/connection.store.js';
import { ssoErrors } from '../sso.errors.js';
import { OidcProvider } from './oidc-provider.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_AGE = '10 minutes';
const KEYS_MS = 10 * 60_000;
const FAILED_MS = 30_000;
/** With HMAC, anyone who knows the client secret could write one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const MAX_SUBJECT = 512;

/** Whom a provider has signed out: one of the two at least is set. */
export interface LogoutOrder {
  subject: string | null;
  providerSession: string | null;
  /** Unique at its provider. */
  id: string;
}

/** Verifies the tokens by which OpenID providers say that a user signed out (OpenID Connect Back-Channel Logout 1.0, 2.6). */
@Injectable()
export class LogoutTokenVerifier {
  private readonly keys = new LRUCache<string, JWTVerifyGetKey>({ max: 1_000, ttl: KEYS_MS });
  /** Connections whose provider did not show its keys a moment ago. */
  private readonly failed = new LRUCache<string, true>({ max: 1_000, ttl: FAILED_MS });

  constructor(
    private readonly oidc: OidcProvider,
    private readonly outgoing: Outgoing,
  ) {}

  /** Throws `sso.logout_token_invalid`, or the error of a provider that cannot be reached. */
  async verify(connection: UsableConnection, token: string): Promise<LogoutOrder> {
    const { issuer, clientId } = connection.settings as OidcSettings;
    // Anyone may post a token. Only one that could be right makes this server ask the provider for its keys.
    if (!isFor(token, clientId)) throw ssoErrors.logout_token_invalid();
    const options = {
      issuer: [issuer, issuer.replace(/\/$/, ''), `${issuer.replace(/\/$/, '')}/`],
      audience: clientId,
      algorithms: ALGORITHMS,
      clockTolerance: clockSkewOf(connection.settings),
      maxTokenAge: MAX_AGE,
      requiredClaims: ['jti', 'events'],
    };
    const keys = await this.keysOf(connection);
    const { payload } = await jwtVerify(token, keys, options).catch((error: unknown) => {
      if (error instanceof errors.JWKSInvalid) throw this.failure(connection);
      throw error instanceof AppError ? error : ssoErrors.logout_token_invalid();
    });
    return orderOf(payload);
  }

  private async keysOf(connection: UsableConnection): Promise<JWTVerifyGetKey> {
    const key = keyOf(connection);
    const known = this.keys.get(key);
    if (known) return known;
    if (this.failed.has(key)) throw ssoErrors.provider_unreachable();
    const url = new URL(await this.oidc.keySetUrl(connection));
    const keys = createRemoteJWKSet(url, {
      [customFetch]: async (at, options) => {
        const answer = await this.outgoing.fetch(at, options).catch(() => null);
        if (answer?.ok) return answer;
        throw this.failure(connection);
      },
    });
    this.keys.set(key, keys);
    return keys;
  }

  /** Notes that a provider does not show its keys: those who post tokens do not decide how often it is asked. */
  private failure(connection: UsableConnection): AppError {
    this.keys.delete(keyOf(connection));
    this.failed.set(keyOf(connection), true);
    return ssoErrors.provider_unreachable();
  }
}

const keyOf = ({ id, version }: UsableConnection): string => `${id} ${version}`;

function isFor(token: string, clientId: string): boolean {
  try {
    const { aud, events } = decodeJwt(token);
    return [aud].flat().includes(clientId) && typeof events === 'object' && events !== null && EVENT in events;
  } catch {
    return false;
  }
}

function orderOf({ sub, sid, jti = '', nonce }: JWTPayload): LogoutOrder {
  const isSubject = typeof sub === 'string' && sub !== '' && sub.length <= MAX_SUBJECT && !sub.includes('\0');
  const subject = isSubject ? sub : null;
  const providerSession = sessionNameOf(sid);
  // A token with a nonce is an ID token. What it names must be understood whole, or more sessions would end than it says.
  const isWhole =
    (sub === undefined || subject !== null) &&
    (sid === undefined || providerSession !== null) &&
    (subject ?? providerSession) !== null;
  if (nonce !== undefined || !isWhole) throw ssoErrors.logout_token_invalid();
  return { subject, providerSession, id: jti };
}
