import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import passport from 'passport';
import { newId } from '../../common/ids/index.js';
import { authErrors } from '../auth.errors.js';
import { AccessTokenStrategy, type Bearer, KeysUnavailable } from './access-token.strategy.js';

/** Of remembered tokens together: about ten thousand of the usual size. */
const REMEMBERED_CHARACTERS = 16 * 1024 * 1024;

class AccessTokenGuard extends AuthGuard() {
  /** `info` is why passport took no token. */
  override handleRequest<T>(error: unknown, bearer: T | false, info: unknown): T {
    if (error) throw error;
    if (info instanceof KeysUnavailable) throw info.cause;
    if (!bearer) throw authErrors.invalid_token();
    return bearer;
  }
}

/**
 * Tells whose token a request carries. A signature is checked once and remembered until the token expires; whether its
 * session still lives is asked elsewhere, on every request.
 */
@Injectable()
export class BearerAuthenticator {
  private readonly verified = new LRUCache<string, Bearer>({
    maxSize: REMEMBERED_CHARACTERS,
    sizeCalculation: (_, header) => header.length,
  });
  private readonly guard: AccessTokenGuard;

  constructor(strategy: AccessTokenStrategy) {
    // Names are shared by all servers in one process, as tests have them: each verifies with its own strategy.
    const name = `access-token-${newId()}`;
    passport.use(name, strategy);
    this.guard = new AccessTokenGuard({ defaultStrategy: name });
  }

  /** Throws auth.unauthenticated, auth.invalid_token. */
  async authenticate(context: ExecutionContext): Promise<Bearer> {
    const request = context.switchToHttp().getRequest<FastifyRequest & { user?: Bearer }>();
    const { authorization } = request.headers;
    if (!authorization) throw authErrors.unauthenticated();
    const known = this.verified.get(authorization);
    if (known) {
      if (known.expiresAt > Date.now()) return known;
      this.verified.delete(authorization);
      throw authErrors.invalid_token();
    }
    await this.guard.canActivate(context);
    if (!request.user) throw authErrors.invalid_token();
    this.verified.set(authorization, request.user);
    return request.user;
  }
}
