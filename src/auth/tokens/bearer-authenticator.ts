import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { LRUCache } from 'lru-cache';
import type { FastifyRequest } from 'fastify';
import { authErrors } from '../auth.errors.js';
import type { AccessTokenClaims } from './access-token.js';
import { ACCESS_TOKEN_STRATEGY } from './access-token.strategy.js';

const VERIFIED_TOKENS = 10_000;

class AccessTokenGuard extends AuthGuard(ACCESS_TOKEN_STRATEGY) {
  override handleRequest<T>(error: unknown, claims: T | false): T {
    if (error) throw error;
    if (!claims) throw authErrors.invalid_token();
    return claims;
  }
}

/**
 * Tells whose token a request carries. A signature is checked once and remembered until the token expires, at most ten
 * thousand of them; whether its session still lives is asked elsewhere, on every request.
 */
@Injectable()
export class BearerAuthenticator {
  private readonly verified = new LRUCache<string, AccessTokenClaims>({ max: VERIFIED_TOKENS });
  private readonly guard = new AccessTokenGuard();

  /** Throws auth.unauthenticated, auth.invalid_token. */
  async authenticate(context: ExecutionContext): Promise<AccessTokenClaims> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: AccessTokenClaims }>();
    const { authorization } = request.headers;
    if (!authorization) throw authErrors.unauthenticated();
    const known = this.verified.get(authorization);
    if (known) {
      if (known.exp * 1000 > Date.now()) return known;
      this.verified.delete(authorization);
      throw authErrors.invalid_token();
    }
    await this.guard.canActivate(context);
    if (!request.user) throw authErrors.invalid_token();
    this.verified.set(authorization, request.user);
    return request.user;
  }
}
