import type { Person } from './support/people.js';
import { signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';

const HOSTILE = `</script><script>alert(1)</script>"'&{{nonce}}<img src=x onerror=alert(2)>`;

let app: TestApp;
let staff: Person;
beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const get = (path: string, init: RequestInit = {}, server: Pick<TestServer, 'origin'> = app) =>
  fetch(server.origin + path, { redirect: 'manual', ...init });

/** What the page tells the console. */
function startOf(html: string): {
  operator: { slug: string; name: string };
  branding: Record<string, unknown>;
  base: string;
} {
  const [, json] = /<script type="application\/json" id="start">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json ?? '');
}
const assetIn = (html: string): string => /src="([^"]+\.js)"/.exec(html)?.[1] ?? '';

describe('a page of the console', () => {
  it('is one document at every address that the console knows', async () => {
    const paths = [
      '',
      'sign-in?to=%2Forganizations',
      'organizations',
      'organizations/new',
      'o/northwind/members',
      'operator/plans',
    ];
    for (const path of [
      ...paths,
      'account/security',
      'choose',
      'register',
      'forgot-password',
      'platform/operators',
      'device',
    ]) {
      const response = await get(`/t/demo/${path}`);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(startOf(await response.text()).operator).toEqual({ slug: 'demo', name: 'Demo' });
    }
  });

  it('counts against the limit of requests, like the page that leads to it', async () => {
    const tight = await app.replica({ RATE_LIMIT: '5' });
    for (const path of ['/t/demo/sign-in', '/']) {
      const answers = await Promise.all(Array.from({ length: 30 }, () => get(path, {}, tight)));
      const statuses = new Set(answers.map(({ status }) => status));
      expect([path, statuses.has(429)]).toEqual([path, true]);
    }
  });

  it('allows its own scripts, its own styles with a nonce, and nothing to be framed or cached', async () => {
    const [one, other] = [await get('/t/demo/organizations'), await get('/t/demo/organizations')];
    const policy = one.headers.get('content-security-policy') ?? '';
    const [, nonce] = /'nonce-([A-Za-z0-9+/]{22}==)'/.exec(policy) ?? [];
    expect(policy.replace(nonce ?? '', '…')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-…'; img-src 'self' https: data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    const html = await one.text();
    expect(html).toContain(`<meta name="csp-nonce" content="${nonce}"`);
    expect(html).not.toMatch(/\{\{\w+\}\}|<script>|\sstyle=|\son\w+=/);
    expect(other.headers.get('content-security-policy')).not.toBe(policy);
    expect(Object.fromEntries(one.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('answers HEAD like GET, without a body', async () => {
    const response = await get('/t/demo/organizations', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it('does not exist for other paths, other operators and other methods', async () => {
    for (const path of ['organisations', 'api', 'api/v1/organizations', 'assets/x.js', 'sign-in.html', 'Organizations'])
      expect([path, (await get(`/t/demo/${path}`)).status]).toEqual([path, 404]);
    const unknown = await get('/t/nobody/organizations');
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await unknown.text()).not.toContain('id="start"');
    expect((await get('/t/demo/organizations', { method: 'POST' })).status).toBe(405);
  });

  it('leads from the address without a slash to the one with it', async () => {
    const response = await get('/t/demo');
    expect([response.status, response.headers.get('location')]).toEqual([308, '/t/demo/']);
    expect((await get('/t/%2F%2Fevil.example')).headers.get('location')).toBe('/t/%2F%2Fevil.example/');
  });
});

describe('branding', () => {
  it('is written into the page as data that cannot become markup', async () => {
    await staff.client.patch('/admin/operator/branding', { displayName: HOSTILE, primaryColor: '#fde68a' });
    const html = await (await get('/t/demo/sign-in')).text();
    expect(startOf(html).branding).toMatchObject({ displayName: HOSTILE, primaryColor: '#fde68a' });
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).toContain('<title>&#60;/script&#62;&#60;script&#62;alert(1)');
    // The letter on the icon is black, because the color is pale.
    expect(decodeURIComponent(/rel="icon" href="([^"]*)"/.exec(html)?.[1] ?? '')).toMatch(
      /fill="#000000">&#60;<\/text>/,
    );
    await staff.client.delete('/admin/operator/branding?fields=displayName,primaryColor');
    expect(startOf(await (await get('/t/demo/sign-in')).text()).branding.displayName).toBe('Demo');
  });

  it('is that of the operator in the address', async () => {
    await staff.client
      .at(app.origin)
      .post('/api/v1/operators', { slug: 'globex', name: 'Globex', adminEmail: 'hank@globex.example' });
    const { operator, branding } = startOf(await (await get('/t/globex/sign-in')).text());
    expect([operator, branding.displayName]).toEqual([{ slug: 'globex', name: 'Globex' }, 'Globex']);
    expect(startOf(await (await get('/t/demo/sign-in')).text()).branding.displayName).toBe('Demo');
  });
});

describe('the files of the console', () => {
  it('are kept for a year, compressed for browsers that understand it, and answered with 304', async () => {
    const path = assetIn(await (await get('/t/demo/sign-in')).text());
    expect(path).toMatch(/^\/console\/assets\/[\w.-]+\.js$/);
    for (const [accepted, sent] of [
      ['br, gzip', 'br'],
      ['gzip', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await get(path, { headers: { 'accept-encoding': accepted } });
      expect([response.status, response.headers.get('content-encoding')]).toEqual([200, sent]);
      expect(response.headers.get('content-type')).toMatch(/javascript/);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(await response.text()).toContain('import');
      const etag = response.headers.get('etag') ?? '';
      // Not by fetch, which adds `cache-control: no-cache` to conditional requests.
      const headers = { 'accept-encoding': accepted, 'if-none-match': etag };
      expect((await app.app.inject({ url: path, headers })).statusCode).toBe(304);
    }
  });

  it('are the only ones served from their folder', async () => {
    for (const name of ['none.js', '..%2findex.html', '..%2f..%2fpackage.json', ''])
      expect([name, (await get(`/console/assets/${name}`)).status]).toEqual([name, 404]);
  });
});

describe('the first address', () => {
  it('leads to the console of the only operator, and asks for the address when there are several', async () => {
    const several = await get('/');
    expect(several.status).toBe(200);
    const text = await several.text();
    expect(text).toContain('Open your console');
    expect(text).not.toMatch(/demo|globex/i);

    const single = await startTestApp({ BASE_URL: 'https://platform.example/trellis' });
    try {
      const response = await get('/', {}, single);
      expect([response.status, response.headers.get('location')]).toEqual([302, '/trellis/t/demo/']);
      const html = await (await get('/t/demo/', {}, single)).text();
      expect(startOf(html).base).toBe('/trellis');
      expect(assetIn(html)).toMatch(/^\/trellis\/console\/assets\//);
      expect((await get('/t/demo', {}, single)).headers.get('location')).toBe('/trellis/t/demo/');
    } finally {
      await single.close();
    }
  });
});
