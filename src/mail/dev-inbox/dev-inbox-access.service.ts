import { timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Config, isForTrying } from '../../common/config/index.js';
import { hashSecret, newSecret, SecretBox } from '../../common/crypto/index.js';
import { cookieValues, setCookieHeader } from '../../http/index.js';

const PATH = '/dev/mail';
const COOKIE = 'trellis_dev_mail';
const PURPOSE = 'dev-inbox';
const DAYS = 30;

/**
 * Decides which browser may read the mails of a server without a mail server. The link that the start prints works once
 * and becomes a cookie. The address of a connection proves nothing, because a proxy on this machine makes everyone look
 * local.
 */
@Injectable()
export class DevInboxAccessService {
  private token: string | null = newSecret('');

  constructor(
    private readonly config: Config,
    private readonly secrets: SecretBox,
  ) {}

  /** Returns the link to print, or null if this server shows no mails. */
  get link(): string | null {
    return this.isOn && this.token !== null ? `${this.config.baseUrl}${PATH}/open?token=${this.token}` : null;
  }

  private get isOn(): boolean {
    return isForTrying(this.config);
  }

  mayRead(request: FastifyRequest): boolean {
    if (!this.isOn) return false;
    const [value = ''] = cookieValues(request.headers.cookie, COOKIE);
    const [expiresAt = '', signature = ''] = value.split('.');
    return Number(expiresAt) > Date.now() && this.secrets.verify(PURPOSE, expiresAt, signature);
  }

  /** Exchanges the token of the link for a cookie. Returns false if the token is wrong or was used before. */
  open(token: unknown, reply: FastifyReply): boolean {
    if (!this.isOn || this.token === null || typeof token !== 'string' || !isEqual(token, this.token)) return false;
    this.token = null;
    const expiresAt = String(Date.now() + DAYS * 86_400_000);
    const value = `${expiresAt}.${this.secrets.sign(PURPOSE, expiresAt)}`;
    const secure = this.config.baseUrl.startsWith('https:');
    const cookie = { name: COOKIE, value, path: PATH, seconds: DAYS * 86_400, sameSite: 'Strict', secure } as const;
    void reply.header('set-cookie', setCookieHeader(cookie));
    return true;
  }
}

const isEqual = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));
