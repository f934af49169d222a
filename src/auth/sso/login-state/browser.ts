import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hashSecret, newSecret } from '../../../common/crypto/index.js';

const NAME = 'trellis_sso';
const SECRET = /^trb_[\w-]{43}$/;
const SECONDS = 15 * 60;

/** Injects the secret that identifies a browser during a sign-in, or null. */
export const CurrentBrowser = createParamDecorator((_: unknown, context: ExecutionContext): string | null => {
  const { cookie = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
  for (const pair of cookie.split(';')) {
    const at = pair.indexOf('=');
    const value = pair.slice(at + 1).trim();
    if (at > 0 && pair.slice(0, at).trim() === NAME && SECRET.test(value)) return value;
  }
  return null;
});

export const newBrowser = (): string => newSecret('trb_');

export const hashOfBrowser = (browser: string): string => hashSecret(browser);

/** The cookie is `Lax`: browsers send it when the provider redirects back, but not when another site posts a form. */
export function setBrowser(reply: FastifyReply, browser: string, path: string, secure: boolean): void {
  const attributes = [`Path=${path}`, 'HttpOnly', 'SameSite=Lax', `Max-Age=${SECONDS}`, ...(secure ? ['Secure'] : [])];
  void reply.header('set-cookie', [`${NAME}=${browser}`, ...attributes].join('; '));
}
