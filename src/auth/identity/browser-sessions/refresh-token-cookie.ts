import { SESSION_IDLE_MINUTES } from '../../../settings/index.js';

const NAME = 'trellis_refresh';
const REFRESH_TOKEN = /^trr_[\w-]{1,196}$/;

/** The cookie that holds the refresh token of a browser. Only the sign-in routes of its operator get it. */
export class RefreshTokenCookie {
  private readonly secure: boolean;
  private readonly path: string;
  private readonly name: string;

  constructor(baseUrl: string, operator: string) {
    const { protocol, pathname } = new URL(baseUrl);
    this.secure = protocol === 'https:';
    this.path = `${pathname.replace(/\/+$/, '')}/t/${operator}/api/v1/auth`;
    // `__Host-` would require the path `/`, and would then send the cookie to every route.
    this.name = `${this.secure ? '__Secure-' : ''}${NAME}`;
  }

  /** Returns `Set-Cookie` for a new token. */
  set(refreshToken: string): string {
    return this.write(refreshToken, SESSION_IDLE_MINUTES.max * 60);
  }

  /** Returns `Set-Cookie` that removes the cookie. */
  clear(): string {
    return this.write('', 0);
  }

  /** Returns the token. Null if there is none, or several: another host of the domain may have added one. */
  read(header = ''): string | null {
    const values = header
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.name}=`))
      .map((pair) => pair.slice(this.name.length + 1));
    const [value = ''] = values;
    return values.length === 1 && REFRESH_TOKEN.test(value) ? value : null;
  }

  private write(value: string, seconds: number): string {
    const attributes = [`Path=${this.path}`, `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict'];
    return [`${this.name}=${value}`, ...attributes, ...(this.secure ? ['Secure'] : [])].join('; ');
  }
}
