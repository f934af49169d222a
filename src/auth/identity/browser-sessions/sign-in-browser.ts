import { createParamDecorator, type ExecutionContext, Injectable, type PipeTransform } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config } from '../../../common/config/index.js';
import { hashSecret, newSecret } from '../../../common/crypto/index.js';
import { cookieValues, setCookieHeader } from '../../../http/index.js';

const SECRET = /^trb_[\w-]{43}$/;
const SECONDS = 15 * 60;

const isSecure = (baseUrl: string): boolean => new URL(baseUrl).protocol === 'https:';

/** With `__Host-`, no other host of the domain can add the cookie and let its visitors finish what an attacker began. */
const nameOf = (baseUrl: string): string => `${isSecure(baseUrl) ? '__Host-' : ''}trellis_sign_in`;

/** Returns the secret that identifies a browser during a sign-in, from its cookies. */
export const browserIn = (header: string, baseUrl: string): string | null =>
  cookieValues(header, nameOf(baseUrl)).find((value) => SECRET.test(value)) ?? null;

@Injectable()
class BrowserPipe implements PipeTransform<string, string | null> {
  constructor(private readonly config: Config) {}

  transform(header: string): string | null {
    return browserIn(header, this.config.baseUrl);
  }
}

const CookieHeader = createParamDecorator(
  (_: unknown, context: ExecutionContext): string =>
    context.switchToHttp().getRequest<FastifyRequest>().headers.cookie ?? '',
);

/** Injects what `browserIn` returns. */
export const CurrentBrowser = () => CookieHeader(BrowserPipe);

export const newBrowser = (): string => newSecret('trb_');

export const hashOfBrowser = (browser: string): string => hashSecret(browser);

/** The cookie is `Lax`: browsers send it when a provider or a mail leads back, but not when another site posts a form. */
export function setBrowser(reply: FastifyReply, browser: string, baseUrl: string): void {
  const [name, secure] = [nameOf(baseUrl), isSecure(baseUrl)];
  const cookie = { name, value: browser, path: '/', seconds: SECONDS, sameSite: 'Lax', secure } as const;
  void reply.header('set-cookie', setCookieHeader(cookie));
}
