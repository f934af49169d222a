import { newSecret, type SecretBox } from '../../../common/crypto/index.js';
import { cookieValues, setCookieHeader } from '../../../http/index.js';
import { SESSION_IDLE_MINUTES } from '../../../settings/index.js';

const NAME = 'trellis_refresh';
const BROWSER = 'trellis_browser';
const BROWSER_SECRET = /^trb_[\w-]{43}$/;
const VALUE = /^(trr_[\w-]{1,196})\.([\w-]{43})$/;
const PURPOSE = 'browser-session';
const SECONDS = SESSION_IDLE_MINUTES.max * 60;

/**
 * The cookie that holds the refresh token of a browser. Only the sign-in routes of its operator get it, so it cannot have
 * the prefix `__Host-`, and other hosts of the domain can add one with the session of an attacker. A second cookie has that
 * prefix and is no credential. The first one is signed for it, so one from another browser is ignored.
 */
export class RefreshTokenCookie {
  private readonly secure: boolean;
  private readonly path: string;
  private readonly name: string;
  private readonly browserName: string;

  constructor(
    baseUrl: string,
    operator: string,
    private readonly secrets: SecretBox,
  ) {
    const { protocol, pathname } = new URL(baseUrl);
    this.secure = protocol === 'https:';
    this.path = `${pathname.replace(/\/+$/, '')}/t/${operator}/api/v1/auth`;
    this.name = `${this.secure ? '__Secure-' : ''}${NAME}`;
    this.browserName = `${this.secure ? '__Host-' : ''}${BROWSER}_${operator}`;
  }

  /** Returns `Set-Cookie` for a new token. The browser keeps its secret, so that its tabs agree on it. */
  set(refreshToken: string, header: string | undefined): string[] {
    const browser = this.browserOf(header) ?? newSecret('trb_');
    const signature = this.secrets.sign(PURPOSE, `${browser} ${refreshToken}`);
    return [
      this.write(this.browserName, browser, '/', SECONDS),
      this.write(this.name, `${refreshToken}.${signature}`, this.path, SECONDS),
    ];
  }

  /** Returns `Set-Cookie` that removes both cookies. */
  clear(): string[] {
    return [this.write(this.browserName, '', '/', 0), this.write(this.name, '', this.path, 0)];
  }

  /** Returns the token that this browser was given. */
  read(header: string | undefined): string | null {
    const browser = this.browserOf(header);
    if (browser === null) return null;
    for (const value of cookieValues(header, this.name)) {
      const [, refreshToken = '', signature = ''] = VALUE.exec(value) ?? [];
      if (refreshToken && this.secrets.verify(PURPOSE, `${browser} ${refreshToken}`, signature)) return refreshToken;
    }
    return null;
  }

  private browserOf(header: string | undefined): string | null {
    const [browser = '', ...others] = cookieValues(header, this.browserName);
    return others.length === 0 && BROWSER_SECRET.test(browser) ? browser : null;
  }

  private write(name: string, value: string, path: string, seconds: number): string {
    return setCookieHeader({ name, value, path, seconds, sameSite: 'Strict', secure: this.secure });
  }
}
