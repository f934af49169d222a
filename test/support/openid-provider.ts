import path from 'node:path';
import { Worker } from 'node:worker_threads';

/** Claims, `sub` among them. */
export type OpenIdAccount = { sub: string } & Record<string, unknown>;

export interface OpenIdProvider {
  issuer: string;
  /** Registers a redirect URI of a client. */
  register(clientId: string, redirectUri: string): Promise<void>;
  /** Sends a browser through: signs in, agrees, and gives the address it is sent back to. */
  signIn(authorizationUrl: string, account: OpenIdAccount): Promise<string>;
  close(): Promise<void>;
}

interface OpenIdClient {
  client_id: string;
  client_secret?: string;
  redirect_uris: string[];
  token_endpoint_auth_method?: string;
  jwks_uri?: string;
}

/** A real OpenID provider on loopback. */
export async function startOpenIdProvider(clients: OpenIdClient[]): Promise<OpenIdProvider> {
  const worker = new Worker(path.resolve('test/support/openid-provider.worker.mjs'), { workerData: { clients } });
  const issuer = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    issuer,
    register: async (clientId, redirectUri) => {
      await fetch(issuer, { method: 'PATCH', body: JSON.stringify({ clientId, redirectUri }) });
    },
    signIn: async (url, account) => {
      await fetch(issuer, { method: 'PUT', body: JSON.stringify(account) });
      return walk(url, account.sub);
    },
    close: async () => void (await worker.terminate()),
  };
}

/** What a browser does at the provider's own pages: keeps cookies, follows, and sends the two forms. */
async function walk(start: string, login: string): Promise<string> {
  const { origin } = new URL(start);
  const cookies = new Map<string, string>();
  let url = start;
  let body: URLSearchParams | null = null;
  for (let steps = 0; steps < 12; steps++) {
    const response: Response = await fetch(url, {
      method: body ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      body,
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = cookie.split(';')[0]?.split(/=(.*)/) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    body = null;
    const location = response.headers.get('location');
    if (location) {
      url = new URL(location, url).href;
      if (new URL(url).origin !== origin) return url;
      continue;
    }
    const page: string = await response.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (!action) throw new Error(`the provider answered ${response.status}: ${page.replace(/<[^>]*>/g, '')}`);
    url = new URL(action, url).href;
    body = page.includes('name="login"')
      ? new URLSearchParams({ prompt: 'login', login, password: 'any' })
      : new URLSearchParams({ prompt: 'consent' });
  }
  throw new Error('the provider leads nowhere');
}
