import type { Type } from '@nestjs/common';
import { VerificationService } from '../src/billing/ledger/index.js';
import { SampleDataService } from '../src/sample-data/index.js';
import { SAMPLE_ORGANIZATIONS, SUSPENDED } from '../src/sample-data/sample-data.js';
import { SampleDataLoaderService } from '../src/sample-data/sample-data-loader.service.js';
import { SampleDataJob } from '../src/sample-data/sample-data.job.js';
import { BrandingService } from '../src/settings/index.js';
import { Client } from './support/client.js';
import { type Person, signIn, signInAdmin } from './support/people.js';
import { ADMIN, BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';

const NAMES = ['Northwind', 'Meridian Health', SUSPENDED, 'Paper Lantern'];
const samplesOf = (names: string[]) => SAMPLE_ORGANIZATIONS.filter(({ name }) => names.includes(name));
const LOCAL = { BASE_URL: 'http://127.0.0.1:4000' };
const PATH = '/admin/operator/sample-data';

let app: TestApp;
let replica: TestServer;
let staff: Person;

const useSamples = (server: TestServer, names: string[]) =>
  Object.assign(server.app.get(SampleDataLoaderService), { samples: samplesOf(names) });

beforeAll(async () => {
  app = await startTestApp(LOCAL);
  replica = await app.replica(LOCAL);
  for (const server of [app, replica]) useSamples(server, NAMES);
  staff = await signInAdmin(app);
}, 120_000);
afterAll(async () => {
  await replica.close();
  await app.close();
});

const list = async (query: string) => (await staff.client.get(`/admin/organizations?${query}`)).body.items;
const view = async () => (await staff.client.get(PATH)).body;
const count = async () => Number((await app.sql.query('select count(*) from organizations')).rows[0].count);

/** Replaces a method on all servers. Returns what puts it back. */
function plant<T extends object>(type: Type<T>, method: keyof T, replacement: () => Promise<unknown>): () => void {
  const targets = [app, replica].map((server) => server.app.get(type));
  for (const target of targets) Object.assign(target, { [method]: replacement });
  return () => {
    for (const target of targets) delete target[method];
  };
}

async function until(state: string): Promise<void> {
  while ((await view()).state !== state) await new Promise((resolve) => setTimeout(resolve, 200));
}

test('servers that others reach load nothing, and do not offer to', async () => {
  expect(await view()).toEqual({ state: 'available', done: 0, total: 4 });
  for (const env of [
    { BASE_URL },
    { ...LOCAL, NODE_ENV: 'production', ARGON2_MEMORY_KIB: '35840' },
    { ...LOCAL, SMTP_URL: 'smtp://127.0.0.1:1' },
  ]) {
    const server = await app.replica(env);
    const stranger = new Client(`${server.origin}/t/demo/api/v1`);
    // Tokens name the server that issued them.
    const client = stranger.as((await stranger.post('/auth/login', ADMIN)).body.accessToken);
    expect((await client.get(PATH)).body.state).toBe('unavailable');
    const refused = await client.post(PATH);
    expect([refused.status, refused.body.code]).toEqual([409, 'sample_data.not_available']);
    await server.close();
  }
  expect(await count()).toBe(0);
});

test('another server goes on where one stopped', async () => {
  // The servers' own timers would go on at once.
  const restore = plant(SampleDataJob, 'run', () => Promise.resolve());
  let done = 0;
  const stopped = app.app.get(SampleDataService).load('demo', {
    progress: (now) => (done = now),
    isStopped: () => done === 1,
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect(await view()).toEqual({ state: 'loading', done: 1, total: 4 });
  restore();
});

test('a failure in the middle of an organization says so, and the next request completes it', async () => {
  const restore = plant(BrandingService, 'edit', () => Promise.reject(new Error('broken')));
  await staff.client.post(PATH);
  await until('failed');
  restore();
  expect([(await view()).done, await count()]).toEqual([1, 2]);
});

test('two clicks at two servers load once', async () => {
  const other = staff.client.at(`${replica.origin}/t/demo/api/v1`);
  const clicks = await Promise.all([staff.client.post(PATH), other.post(PATH)]);
  expect(clicks.map(({ status, body }) => [status, body.state])).toEqual([
    [202, 'loading'],
    [202, 'loading'],
  ]);
  await until('loaded');
  expect((await list('')).map(({ name }: any) => name).sort()).toEqual(NAMES.toSorted());
  const again = await staff.client.post(PATH);
  expect([again.status, again.body.code]).toEqual([409, 'sample_data.has_organizations']);
}, 120_000);

test('organizations are active, one suspended and one waits for its purge', async () => {
  expect((await list('status=active')).map(({ name }: any) => name).sort()).toEqual(['Meridian Health', 'Northwind']);
  expect((await list('status=suspended')).map(({ name }: any) => name)).toEqual([SUSPENDED]);
  expect((await list('status=pending_deletion')).map(({ name }: any) => name)).toEqual(['Paper Lantern']);
  for (const { plan } of await list('status=active&include=plan')) expect(plan.name).toBe('Business');
});

test('members and units are complete, and one organization signs in through its own provider', async () => {
  const [northwind, meridian] = ['Northwind', 'Meridian Health'].map(async (name) => {
    const [{ id }] = await list(`q=${encodeURIComponent(name)}`);
    return `/admin/organizations/${id}`;
  });
  const members = await staff.client.get(`${await northwind}/members?limit=100`);
  expect(members.body.items).toHaveLength(14);
  expect((await staff.client.get(`${await northwind}/units`)).body.items).toHaveLength(4);
  expect((await staff.client.get(`${await northwind}/sso-connections`)).body.items).toEqual([]);
  const connections = await staff.client.get(`${await meridian}/sso-connections`);
  expect(connections.body.items).toEqual([expect.objectContaining({ type: 'oidc', enabled: true })]);
  expect((await staff.client.get(`${await meridian}/domains`)).body.items).toHaveLength(1);
});

test('a template, a content item and artifacts are there to look at', async () => {
  const [{ id }] = await list('q=Northwind');
  const path = `${app.origin}/t/demo/api/v1/organizations/${id}`;
  const [templates, content, artifacts] = await Promise.all(
    ['templates', 'content', 'artifacts'].map((kind) => staff.client.get(`${path}/${kind}`)),
  );
  expect(templates?.body.items).toMatchObject([{ key: 'master-agreement', version: 1 }]);
  expect(content?.body.items).toMatchObject([{ key: 'maintenance', version: 1 }]);
  expect(artifacts?.body.items).toHaveLength(4);
  const rendered = await staff.client.post(`${path}/templates/${templates?.body.items[0].id}/render`, {});
  expect(rendered.body).toMatchObject({ title: 'Agreement with Northwind', missing: [] });
});

test('top-ups have receipts', async () => {
  const [{ id }] = await list('q=Northwind');
  const path = `${app.origin}/t/demo/api/v1/organizations/${id}/top-ups`;
  const topUps = (await staff.client.get(path)).body.items;
  expect(topUps.length).toBeGreaterThan(1);
  for (const topUp of topUps) {
    expect(topUp).toMatchObject({ state: 'granted', provider: 'manual' });
    const receipt = await staff.client.get(`${path}/${topUp.id}/receipt?format=json`);
    expect([receipt.status, receipt.body.totalMinor]).toEqual([200, topUp.priceMinor]);
  }
});

test('three months of usage are in the reports, and the ledger verifies', async () => {
  const [{ id }] = await list('q=Northwind');
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const usage = await staff.client.get(
    `${app.origin}/t/demo/api/v1/organizations/${id}/usage?groupBy=day&from=${day(91)}&to=${day(0)}&limit=100`,
  );
  expect(usage.status).toBe(200);
  expect(usage.body.items.filter((row: any) => row.charges > 0).length).toBeGreaterThan(85);
  for (const { id: organizationId } of await list('')) {
    const { entries, difference } = await app.app.get(VerificationService).verify(organizationId);
    expect([entries > 90, difference]).toEqual([true, null]);
  }
});

test('the printed sign-in is that of an admin of the first organization', async () => {
  await staff.client.post(`${app.origin}/api/v1/operators`, {
    name: 'Second',
    slug: 'second',
    adminEmail: 'admin@second.example',
  });
  for (const server of [app, replica]) useSamples(server, ['Maple & Main']);
  const loaded = await app.app.get(SampleDataService).load('second');
  expect(loaded?.organization).toBe('Maple & Main');
  const [{ id }] = (await app.sql.query(`select id from organizations where name = 'Maple & Main'`)).rows;
  const admin = await signIn(app, loaded?.email ?? '', loaded?.password, 'second', id);
  expect((await admin.client.get(`/admin/organizations/${id}/members`)).status).toBe(200);
});

test('an operator with organizations is left as it is', async () => {
  const before = await count();
  expect(await app.app.get(SampleDataService).load('demo')).toBeNull();
  expect(await count()).toBe(before);
});
