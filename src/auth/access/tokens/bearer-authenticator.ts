import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import passport from 'passport';
import { hashSecret } from '../../../common/crypto/index.js';
import { newId } from '../../../common/ids/index.js';
import { addressOf } from '../../../http/index.js';
import { RateLimitService } from '../../../limits/index.js';
import { type ApiKeyOwner, apiKeyOwnerOf } from '../../../operators/index.js';
import { authErrors } from '../auth.errors.js';
import { AccessTokenStrategy, type TokenBearer } from './access-token.strategy.js';
import { KeysUnavailable } from './access-token.verifier.js';

/** Total size of remembered tokens, about ten thousand of the usual size. */
const REMEMBERED_CHARACTERS = 16 * 1024 * 1024;

/** The bearer of an API key, which is not yet looked up. */
export interface KeyBearer {
  keyHash: string;
  /** Whose key it is, by its form. */
  owner: ApiKeyOwner;
}

export type Bearer = TokenBearer | KeyBearer;

const BEARER = /^Bearer +([\w-]+)$/i;

/** Tells clients to refresh. The signature was checked, so the answer helps no guesser. */
class ExpiredTokenError extends Error {}

class AccessTokenGuard extends AuthGuard() {
  /** `info` is the reason why passport rejected the token. */
  override handleRequest<T>(error: unknown, bearer: T | false, info: unknown): T {
    if (error) throw error;
    if (info instanceof KeysUnavailable) throw info.cause;
    if (!bearer && info instanceof Error && info.name === 'TokenExpiredError') throw new ExpiredTokenError();
    if (!bearer) throw authErrors.invalid_token();
    return bearer;
  }
}

/**
 * Identifies the access token or API key of a request. A verified signature is remembered until the token expires.
 * Whether the session is still live is checked elsewhere on every request.
 */
@Injectable()
export class BearerAuthenticator {
  private readonly verified = new LRUCache<string, TokenBearer>({
    maxSize: REMEMBERED_CHARACTERS,
    sizeCalculation: (_, header) => header.length,
  });
  private readonly guard: AccessTokenGuard;

  constructor(
    strategy: AccessTokenStrategy,
    private readonly rateLimits: RateLimitService,
  ) {
    // Passport strategies are global by name. Several servers in one process, as in tests, each need their own.
    const name = `access-token-${newId()}`;
    passport.use(name, strategy);
    this.guard = new AccessTokenGuard({ defaultStrategy: name });
  }

  /** Accepts an access token or an API key. */
  async identify(context: ExecutionContext): Promise<Bearer> {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const text = BEARER.exec(headers.authorization ?? '')?.[1] ?? '';
    const owner = apiKeyOwnerOf(text);
    return owner ? { keyHash: hashSecret(text), owner } : this.authenticate(context);
  }

  /** Accepts an access token only. */
  async authenticate(context: ExecutionContext): Promise<TokenBearer> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: TokenBearer }>();
    const { authorization } = request.headers;
    if (!authorization) throw authErrors.unauthenticated();
    const known = this.verified.get(authorization);
    if (known) {
      if (known.expiresAt > Date.now()) return known;
      this.verified.delete(authorization);
      throw authErrors.invalid_token();
    }
    try {
      await this.guard.canActivate(context);
    } catch (error) {
      if (error instanceof ExpiredTokenError) throw authErrors.invalid_token();
      throw await this.rateLimits.countWrongSecret(error, addressOf(request.ip));
    }
    if (!request.user) throw authErrors.invalid_token();
    this.verified.set(authorization, request.user);
    return request.user;
  }
}
