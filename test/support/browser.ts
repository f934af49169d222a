import type { Answer } from './client.js';
import { BASE_URL, type TestApp } from './test-app.js';

/** A browser that signs in. It keeps one cookie. */
export class Browser {
  constructor(
    private readonly app: TestApp,
    private readonly origin = app.origin,
    public cookie = '',
  ) {}

  /** The same browser on another server. */
  at(origin: string): Browser {
    return new Browser(this.app, origin, this.cookie);
  }

  /** Opens a URL below BASE_URL on the browser's server. */
  get(url: string, accept = '*/*'): Promise<Answer> {
    return this.request('GET', url, { accept });
  }

  post(url: string, form: Record<string, string>, accept = '*/*'): Promise<Answer> {
    return this.request('POST', url, { accept }, new URLSearchParams(form));
  }

  /** Goes as far as the provider. */
  async start(id: string, query = ''): Promise<string> {
    const { status, headers, body } = await this.get(`${BASE_URL}/t/demo/api/v1/auth/sso/${id}/start${query}`);
    if (status !== 302) throw new Error(`start gave ${status} ${body?.code}`);
    return headers.get('location') ?? '';
  }

  private async request(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: URLSearchParams,
  ): Promise<Answer> {
    const answer = await this.app.client().request(method, url.replace(BASE_URL, this.origin), {
      body,
      headers: { ...headers, ...(this.cookie && { cookie: this.cookie }) },
    });
    const set = answer.headers.get('set-cookie');
    if (set) this.cookie = set.split(';')[0] ?? '';
    return answer;
  }
}
