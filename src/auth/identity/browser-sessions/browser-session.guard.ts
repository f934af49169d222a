import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../../common/config/index.js';
import { SecretBox } from '../../../common/crypto/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { authErrors } from '../../access/index.js';
import { isFromOwnOrigin } from './own-origin.js';
import { RefreshTokenCookie } from './refresh-token-cookie.js';

export const BROWSER_SESSION = 'trellis:browser-session';
export const BROWSER_SESSION_HEADER = 'Trellis-Session';

/** What a route does with the session of a browser. */
export type BrowserSessionStep = 'ask' | 'begin' | 'continue' | 'end';

export type SignInRequest = FastifyRequest<{ Params: { operator: string }; Body: Record<string, unknown> | undefined }>;

/** Tells whether a page asks to keep its refresh token in the cookie. Forms and images of other origins cannot send the header. */
export const wantsCookie = ({ headers }: FastifyRequest): boolean =>
  headers[BROWSER_SESSION_HEADER.toLowerCase()] !== undefined;

/**
 * Puts the refresh token of the cookie into the body. A guard and not an interceptor, so that a browser without the cookie
 * is not counted as one that tries wrong secrets.
 */
@Injectable()
export class BrowserSessionGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly config: Config,
    private readonly secrets: SecretBox,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<SignInRequest>();
    if (!wantsCookie(request)) return true;
    if (request.headers[BROWSER_SESSION_HEADER.toLowerCase()] !== 'cookie') {
      const message = `${BROWSER_SESSION_HEADER} must be "cookie"`;
      throw commonErrors.validation_failed({ errors: [{ field: BROWSER_SESSION_HEADER, message }] });
    }
    const { baseUrl } = this.config;
    if (!isFromOwnOrigin(request.headers, baseUrl)) throw authErrors.foreign_origin();
    const step = this.reflector.get<BrowserSessionStep>(BROWSER_SESSION, context.getHandler());
    if (step === 'ask' || step === 'begin') return true;
    const { body, params, headers } = request;
    if (hasOtherCredential(body)) return true;
    const refreshToken = new RefreshTokenCookie(baseUrl, params.operator, this.secrets).read(headers.cookie);
    if (refreshToken) request.body = { ...body, refreshToken };
    else if (step === 'continue') throw authErrors.invalid_refresh_token();
    return true;
  }
}

/** Leaves bodies alone that are no object, which the validation refuses. */
function hasOtherCredential(body: SignInRequest['body']): boolean {
  if (body === undefined) return false;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return true;
  return 'refreshToken' in body || (body.grantType !== undefined && body.grantType !== 'refresh_token');
}
