import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { migrate } from '../src/database/migrate.js';
import { charge, creditsOf, expectProven, grant, keyed } from './support/credits.js';
import { dump, schemaOf } from './support/dump.js';
import { signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization } from './support/tree.js';

/*
 * Restores a database of the last release, migrates it with this version and uses it.
 * `REMAKE_FIXTURE=1 npm test -- test/upgrade.e2e-spec.ts` recreates the fixture.
 */
const FIXTURE = 'test/fixtures/released-database.sql';
const MEMBER = 'upgraded@people.example';
const GPU_CHARGE = { amount: '10', kind: 'gpu' };
const GPU_CHARGE_KEY = 'charged-before-the-upgrade';

/** Creates a few rows in the main tables through the API: 111 granted, 15 consumed, 1 refunded, 20 held. */
async function furnish(app: TestApp): Promise<void> {
  const staff = await signInAdmin(app);
  const one = await newOrganization(staff, 'Upgraded Inc');
  const member = await newMember(app, staff, one, 'admin', 'upgraded');
  const client = (path: string, body: object) => member.client.post(`${creditsOf(one)}/${path}`, body, keyed());
  await newMember(app, staff, one, 'user', 'colleague');
  await staff.client.post(`${one.path}/units`, { name: 'Research' });

  await grant(staff, one, '100');
  await grant(staff, one, '11', { category: 'plan' });
  await charge(member, one, GPU_CHARGE, GPU_CHARGE_KEY);
  const charged = await charge(member, one, { amount: '2.5', kind: 'gpu', unitId: one.defaultUnitId });
  await staff.client.post(
    `${creditsOf(one)}/charges/${charged.body.id}/refunds`,
    { amount: '1', reason: 'too much' },
    keyed(),
  );
  const captured = await client('holds', { amount: '30', kind: 'job' });
  await client(`holds/${captured.body.id}/capture`, { amount: '2.5' });
  await client('holds', { amount: '20', kind: 'job' });
}

async function restore(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(readFileSync(FIXTURE, 'utf8'));
    await migrate(url);
    // The fixture is older than the lifetime of any hold.
    await client.query(`update credit_holds set expires_at = now() + interval '1 hour' where state = 'open'`);
  } finally {
    await client.end();
  }
}

/** PostgreSQL nests `or` in a trigger's condition differently once the trigger was dumped and restored. */
const comparable = (statements: string[]): string[] =>
  statements.map((text) => (text.startsWith('CREATE TRIGGER') ? text.replaceAll(/[()]/g, '') : text)).sort();

(process.env.REMAKE_FIXTURE ? it : it.skip)(
  'makes the fixture',
  async () => {
    const app = await startTestApp();
    try {
      await furnish(app);
      writeFileSync(FIXTURE, await dump(app.sql));
    } finally {
      await app.close();
    }
  },
  120_000,
);

describe('a database of the last release', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp({}, restore);
  });
  afterAll(() => app.close());

  it('has the same schema as a new one', async () => {
    const fresh = await startTestApp();
    try {
      expect(comparable(await schemaOf(app.sql))).toEqual(comparable(await schemaOf(fresh.sql)));
    } finally {
      await fresh.close();
    }
  });

  it('still has its organization, members and units', async () => {
    const staff = await signInAdmin(app);
    const [one] = (await staff.client.get('/admin/organizations?q=upgraded')).body.items;
    expect(one).toMatchObject({ name: 'Upgraded Inc' });
    const member = await signIn(app, MEMBER);
    const members = (await member.client.get(`/admin/organizations/${one.id}/members`)).body.items;
    expect(members.map(({ email }: { email: string }) => email).sort()).toEqual(['colleague@people.example', MEMBER]);
    const units = (await member.client.get(`/admin/organizations/${one.id}/units`)).body.items;
    expect(units.map(({ name }: { name: string }) => name)).toContain('Research');
  });

  it('keeps its credits, verifies them and accepts charges', async () => {
    const staff = await signInAdmin(app);
    const member = await signIn(app, MEMBER);
    const [one] = (await staff.client.get('/admin/organizations?q=upgraded')).body.items;
    expect((await member.client.get(creditsOf(one))).body).toMatchObject({ available: '77', held: '20' });
    const entries = (await member.client.get(`${creditsOf(one)}/entries`)).body.items;
    expect(entries.map(({ type, amount, balance }: any) => [type, amount, balance])).toEqual([
      ['hold', '20', '77'],
      ['capture', '2.5', '97'],
      ['hold', '30', '69.5'],
      ['refund', '1', '99.5'],
      ['charge', '2.5', '98.5'],
      ['charge', '10', '101'],
      ['grant', '11', '111'],
      ['grant', '100', '100'],
    ]);
    await expectProven(staff, one);

    const again = await charge(member, one, GPU_CHARGE, GPU_CHARGE_KEY);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect((await charge(member, one, { amount: '7', kind: 'gpu' })).body).toMatchObject({ balance: '70' });
    const voided = await member.client.post(`${creditsOf(one)}/holds/${entries[0].sourceId}/void`, {}, keyed());
    expect([voided.status, voided.body.balance]).toEqual([200, '90']);
    await expectProven(staff, one);
  });
});
