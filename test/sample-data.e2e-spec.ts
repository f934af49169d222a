import { SAMPLE_ORGANIZATIONS, SUSPENDED } from '../src/sample-data/sample-data.js';
import { SampleDataService } from '../src/sample-data/index.js';
import { VerificationService } from '../src/billing/ledger/index.js';
import { type Person, signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';

const SAMPLES = SAMPLE_ORGANIZATIONS.filter(({ name }) => [SUSPENDED, 'Northwind', 'Paper Lantern'].includes(name));

let app: TestApp;
let staff: Person;
let loaded: Awaited<ReturnType<SampleDataService['load']>>;
const progress: string[] = [];

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  loaded = await app.app.get(SampleDataService).load('demo', (done, of) => progress.push(`${done}/${of}`), SAMPLES);
}, 120_000);
afterAll(() => app.close());

const list = async (query: string) => (await staff.client.get(`/admin/organizations?${query}`)).body.items;

test('an organization is active, one suspended and one waits for its purge', async () => {
  expect(progress).toEqual(['1/3', '2/3', '3/3']);
  expect((await list('status=active')).map(({ name }: any) => name)).toEqual(['Northwind']);
  expect((await list('status=suspended')).map(({ name }: any) => name)).toEqual([SUSPENDED]);
  expect((await list('status=pending_deletion')).map(({ name }: any) => name)).toEqual(['Paper Lantern']);
});

test('the printed sign-in is that of an admin of the first organization', async () => {
  expect(loaded?.organization).toBe('Northwind');
  const [northwind] = await list('status=active');
  const admin = await signIn(app, loaded?.email ?? '', loaded?.password, 'demo', northwind.id);
  const members = await admin.client.get(`/admin/organizations/${northwind.id}/members?limit=100`);
  expect(members.body.items).toHaveLength(14);
  const units = await admin.client.get(`/admin/organizations/${northwind.id}/units`);
  expect(units.body.items).toHaveLength(4);
});

test('three months of usage are in the reports, and the ledger verifies', async () => {
  const [{ id }] = await list('status=active');
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

test('an operator with organizations is left as it is', async () => {
  const before = await app.sql.query('select count(*) from organizations');
  expect(await app.app.get(SampleDataService).load('demo')).toBeNull();
  expect((await app.sql.query('select count(*) from organizations')).rows).toEqual(before.rows);
});
