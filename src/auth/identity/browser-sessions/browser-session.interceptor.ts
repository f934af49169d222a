import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { type Observable, tap, map } from 'rxjs';
import { Config } from '../../../common/config/index.js';
import { SecretBox } from '../../../common/crypto/index.js';
import { AppError } from '../../../common/errors/index.js';
import { BROWSER_SESSION, type BrowserSessionStep, type SignInRequest, wantsCookie } from './browser-session.guard.js';
import { RefreshTokenCookie } from './refresh-token-cookie.js';

/** Refusals after which the cookie is of no use. */
const DEAD = new Set(['auth.invalid_refresh_token', 'auth.refresh_token_reused']);

/** Moves the refresh token of the response into the cookie, and removes the cookie when its session has ended. */
@Injectable()
export class BrowserSessionInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly config: Config,
    private readonly secrets: SecretBox,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<SignInRequest>();
    if (!wantsCookie(request)) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    const step = this.reflector.get<BrowserSessionStep>(BROWSER_SESSION, context.getHandler());
    const cookie = new RefreshTokenCookie(this.config.baseUrl, request.params.operator, this.secrets);
    const send = (value: string[]) => void reply.header('set-cookie', value);
    return next.handle().pipe(
      map((view: unknown) => {
        if (step === 'end') send(cookie.clear());
        if (!hasRefreshToken(view)) return view;
        const { refreshToken, ...rest } = view;
        send(cookie.set(refreshToken, request.headers.cookie));
        return rest;
      }),
      tap({
        error: (error: unknown) => {
          if (step === 'continue' && error instanceof AppError && DEAD.has(error.code)) send(cookie.clear());
        },
      }),
    );
  }
}

const hasRefreshToken = (view: unknown): view is { refreshToken: string } =>
  typeof view === 'object' && view !== null && 'refreshToken' in view && typeof view.refreshToken === 'string';
