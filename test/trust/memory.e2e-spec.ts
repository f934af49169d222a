import { randomBytes, randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Answer, Client } from '../support/client.js';
import { describeFull } from '../support/full.js';
import { LOOSE_LIMITS, startTestApp, type TestApp } from '../support/test-app.js';

/* Requests of unauthenticated callers must not accumulate in a server's memory, whatever identity they claim. */

const DEFAULTS = { TRUST_PROXY: '1', ...Object.fromEntries(Object.keys(LOOSE_LIMITS).map((name) => [name, ''])) };
const PER_DOOR = 20;
const ROUNDS = 5;
/** Less than the address, the secret and an entry of a map take. */
const KEPT_BYTES = 300;

const secret = (prefix: string) => prefix + randomBytes(32).toString('base64url');
const email = () => `${randomUUID()}@nowhere.example`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

type Door = (client: Client, headers: Record<string, string>) => Promise<Answer>;
const post =
  (path: string, body: () => unknown): Door =>
  (client, headers) =>
    client.post(path, body(), { headers });
const get =
  (path: () => string, more: () => Record<string, string> = () => ({})): Door =>
  (client, headers) =>
    client.get(path(), { headers: { ...headers, ...more() } });

const DOORS: Door[] = [
  post('/auth/login', () => ({ email: email(), password: 'wrong wrong wrong' })),
  post('/auth/register', () => ({ email: email(), name: 'No One' })),
  post('/auth/password/forgot', () => ({ email: email() })),
  post('/auth/magic-link', () => ({ email: email() })),
  post('/auth/magic-link/redeem', () => ({ token: secret('trt_') })),
  post('/auth/verify-email', () => ({ token: secret('trt_'), password: 'correct horse battery' })),
  post('/auth/mfa', () => ({ mfaToken: secret('trt_'), code: '123456' })),
  post('/auth/token', () => ({ refreshToken: secret('trr_') })),
  post('/auth/token', () => ({ grantType: 'device_code', deviceCode: secret('trd_') })),
  post('/auth/device', () => ({ clientName: 'x' })),
  post('/auth/passkeys/options', () => ({})),
  get(() => `/auth/discovery?email=${email()}`),
  get(() => `/auth/sso/${randomUUID()}/start`),
  get(() => `/auth/invitations/${secret('tri_')}`),
  get(
    () => '/account',
    () => bearer(secret('')),
  ),
  get(
    () => `/organizations/${randomUUID()}/credits`,
    () => bearer(secret('trl_')),
  ),
  get(
    () => `/admin/organizations?slug=${randomUUID()}`,
    () => bearer(secret('trl_op_')),
  ),
];

describeFull('requests of strangers', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp(DEFAULTS);
  });
  afterAll(() => app.close());

  it('leave nothing in memory, however many networks and secrets they come with', async () => {
    setFlagsFromString('--expose_gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = () => {
      collect();
      collect();
      return process.memoryUsage().heapUsed;
    };
    const statuses = new Set<number>();
    const round = async () => {
      for (let count = 0; count < PER_DOOR; count++) {
        const headers = { 'x-forwarded-for': [...randomBytes(4)].map((byte) => Math.max(byte, 1)).join('.') };
        const answers = await Promise.all(DOORS.map((door) => door(app.client(), headers)));
        for (const { status } of answers) statuses.add(status);
      }
    };
    await round();
    const once = heap();
    for (let count = 0; count < ROUNDS; count++) await round();
    const requests = ROUNDS * PER_DOOR * DOORS.length;
    expect((heap() - once) / requests).toBeLessThan(KEPT_BYTES);
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  }, 600_000);
});
