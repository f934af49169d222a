import { DevInboxAccessService } from '../../src/mail/index.js';
import { readConfig } from '../../src/common/config/index.js';
import { newTopUp, said, SANDBOX_SECRET, sendEvent, topUpsOf } from '../support/payments.js';
import { type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

const LOCAL = 'http://127.0.0.1:3000';

const get = (app: { origin: string }, path: string, headers: Record<string, string> = {}) =>
  fetch(`${app.origin}${path}`, { headers, redirect: 'manual' });

const linkOf = ({ app }: Pick<TestApp, 'app'>): string | null => app.get(DevInboxAccessService).link;
const pathOf = (link: string | null): string => (link === null ? '/dev/mail/open' : link.slice(LOCAL.length));

describe('mails without a mail server', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ BASE_URL: LOCAL });
  });
  afterAll(() => app.close());

  it('are not shown to those whom a proxy on the machine makes look local', async () => {
    // What a plain `proxy_pass http://127.0.0.1:3000` sends for a stranger, and what a stranger adds.
    for (const headers of [{}, { host: '127.0.0.1:3000' }, { host: 'localhost' }, { 'x-real-ip': '127.0.0.1' }]) {
      expect((await get(app, '/dev/mail', headers as Record<string, string>)).status).toBe(404);
    }
    expect((await get(app, '/dev/mail/open')).status).toBe(404);
    expect((await get(app, '/dev/mail/open?token=')).status).toBe(404);
    expect((await get(app, '/dev/mail/open?token=x&token=y')).status).toBe(404);
  });

  it('are shown to the one browser that opens the link of the start, on every server with the same key', async () => {
    const replica = await app.replica();
    const link = pathOf(linkOf(app));
    const opened = await get(app, link);
    expect([opened.status, opened.headers.get('location')]).toEqual([303, '/dev/mail']);
    const attributes = opened.headers.get('set-cookie') ?? '';
    expect(attributes).toContain('Path=/dev/mail');
    expect(attributes).toContain('HttpOnly; SameSite=Strict');
    const cookie = attributes.split(';')[0] ?? '';
    expect((await get(app, '/dev/mail', { cookie })).status).toBe(200);
    expect((await get(replica, '/dev/mail', { cookie: `a=b; ${cookie}` })).status).toBe(200);
    expect((await get(app, '/dev/mail')).status).toBe(404);
    // The link is used up, except for the browser that has the cookie.
    expect((await get(app, link)).status).toBe(404);
    expect((await get(app, link, { cookie })).status).toBe(303);
    expect(linkOf(app)).toBeNull();
  });

  it.each([
    ['BASE_URL is public', { BASE_URL: 'https://trellis.test' }],
    [
      'NODE_ENV is production',
      { BASE_URL: LOCAL, NODE_ENV: 'production', ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '2' },
    ],
    ['there is a mail server', { BASE_URL: LOCAL, SMTP_URL: 'smtp://127.0.0.1:1' }],
  ])('are not shown when %s, even with a valid cookie', async (_, env) => {
    const local = await app.replica();
    const cookie = ((await get(local, pathOf(linkOf(local)))).headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await get(local, '/dev/mail', { cookie })).status).toBe(200);
    const other = await app.replica(env);
    expect(linkOf(other)).toBeNull();
    expect((await get(other, '/dev/mail', { cookie })).status).toBe(404);
  });
});

describe('payments without a provider, on a public address', () => {
  let app: TestApp;
  let staff: Person;
  let one: Organization;
  beforeAll(async () => {
    app = await startTestApp({ PAYMENTS: '', SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRET });
    staff = await signInAdmin(app);
    one = await newOrganization(staff, 'Public');
  });
  afterAll(() => app.close());

  it('give no credits for nothing', async () => {
    for (const more of [{}, { provider: 'sandbox' }, { provider: 'stripe' }]) {
      const { status, body } = await staff.client.post(topUpsOf(one), { credits: '100', ...more });
      expect([status, body.code]).toEqual([409, 'top_ups.no_provider']);
    }
    const auto = { enabled: true, threshold: '1', amount: '2', paymentMethodId: 'pm_sandbox_pays' };
    const { body } = await staff.client.put(`/organizations/${one.id}/auto-top-up`, auto);
    expect(body.code).toBe('top_ups.no_provider');
  });

  it('accept no sandbox event and show no sandbox page for a top-up of a sandbox that was open before', async () => {
    const open = await app.replica({ PAYMENTS: 'sandbox' });
    const client = staff.client.at(`${open.origin}/t/demo/api/v1`);
    const { id, checkoutUrl } = await newTopUp({ ...staff, client }, one);
    expect((await get(open, new URL(checkoutUrl).pathname)).status).toBe(200);
    const answer = await sendEvent(app.origin, app.client(), said.completed(id));
    expect([answer.status, answer.body.code]).toEqual([404, 'top_ups.provider_not_found']);
    expect((await get(app, new URL(checkoutUrl).pathname)).status).toBe(404);
  });

  it('are bank transfers', async () => {
    await staff.client.patch('/admin/operator/top-up-settings', { bankDetails: 'IBAN DE00' });
    const topUp = await newTopUp(staff, one, '100', { provider: 'manual' });
    expect(topUp.transfer.bankDetails).toBe('IBAN DE00');
  });
});

it.each([
  [{}, { development: true, sandbox: true }],
  [{ HOST: '0.0.0.0' }, { development: true, sandbox: true }],
  [{ BASE_URL: 'http://trellis.localhost:3000' }, { development: true, sandbox: true }],
  [{ NODE_ENV: 'production' }, { development: false, sandbox: false }],
  [
    { NODE_ENV: 'production', PAYMENTS: 'sandbox' },
    { development: false, sandbox: true },
  ],
  [{ BASE_URL: 'https://trellis.example' }, { development: false, sandbox: false }],
  [{ BASE_URL: 'https://127.0.0.1.trellis.example' }, { development: false, sandbox: false }],
  [{ BASE_URL: 'http://10.0.0.1' }, { development: false, sandbox: false }],
  [{ STRIPE_SECRET_KEY: 'sk_test_1' }, { development: true, sandbox: false }],
])('with %j the configuration says %j', (env, expected) => {
  expect(readConfig({ SECRET_KEY: 'x'.repeat(32), ...env })).toMatchObject(expected);
});
