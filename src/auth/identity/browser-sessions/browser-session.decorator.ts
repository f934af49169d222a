import { applyDecorators, SetMetadata, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import {
  BROWSER_SESSION,
  BROWSER_SESSION_HEADER,
  BrowserSessionGuard,
  type BrowserSessionStep,
} from './browser-session.guard.js';
import { BrowserSessionInterceptor } from './browser-session.interceptor.js';

const DESCRIPTION: Record<BrowserSessionStep, string> = {
  ask: 'Ties what is mailed to this browser with a cookie.',
  begin: 'Puts the refresh token into a cookie that scripts cannot read, instead of the body.',
  continue: 'Takes the refresh token from the cookie, and puts the next one there.',
  end: 'Takes the refresh token from the cookie, and removes the cookie.',
};

/**
 * Lets pages of this server keep the refresh token in a cookie, with the header `Trellis-Session: cookie`. All other routes
 * accept bearer tokens only, so the cookie can do nothing but get the next access token.
 */
export const TakesBrowserSession = (step: BrowserSessionStep) =>
  applyDecorators(
    SetMetadata(BROWSER_SESSION, step),
    UseGuards(BrowserSessionGuard),
    UseInterceptors(BrowserSessionInterceptor),
    ApiHeader({
      name: BROWSER_SESSION_HEADER,
      required: false,
      schema: { type: 'string', enum: ['cookie'] },
      description: `For pages of this server. ${DESCRIPTION[step]}`,
    }),
  );
