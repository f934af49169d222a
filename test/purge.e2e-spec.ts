import { setTimeout as sleep } from 'node:timers/promises';
import { BalanceThresholdJob } from '../src/billing/payments/auto-top-ups/balance-threshold.job.js';
import { Metrics } from '../src/common/metrics/index.js';
import { newId } from '../src/common/ids/index.js';
import { UsageRollupJob } from '../src/billing/ledger/usage/usage-rollup.job.js';
import { deletionOrder, PurgeService, type PurgeOptions, type PurgeReport } from '../src/purge/index.js';
import { charge, grant, keyed } from './support/credits.js';
import { newPerson, PASSWORD, type Person, signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization, proveDomain } from './support/tree.js';
import { FULL, itFull } from './support/full.js';

/** Row counts by table. */
type Rows = Record<string, number>;

interface Tombstone {
  kind: string;
  parent_id: string | null;
  deleted_by: string | null;
  purged_at: Date | null;
  counts: Rows;
}

/** Organizations that are restored and purged at the same time. */
const RACED = FULL ? 40 : 8;

let app: TestApp;
let second: TestServer;
let staff: Person;
let member: Person;
let plan: string;
let cluster: string;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  // It would delete threshold crossings, and the test needs a row in every table.
  for (const server of [app, second]) await server.app.get(BalanceThresholdJob).onModuleDestroy();
  staff = await signInAdmin(app);
  member = await newPerson(app, 'purge-member');
  plan = (await staff.client.post('/admin/plans', { name: 'Purged' })).body.id;
  const presets = [{ key: 'small', creditsPerHour: '1' }];
  cluster = (await staff.client.post('/admin/clusters', { name: 'Purged', presets })).body.id;
});
afterAll(() => app.close());

async function sql<T = Record<string, unknown>>(statement: string, ...parameters: unknown[]): Promise<T[]> {
  return (await app.sql.query(statement, parameters)).rows as T[];
}

const run = (options?: PurgeOptions, server: TestServer = app): Promise<PurgeReport> =>
  server.app.get(PurgeService).run(options);

const runOnBoth = (): Promise<PurgeReport[]> => Promise.all([run({}, app), run({}, second)]);

/** Read from the catalog, so that new tables are found too. */
async function tablesWith(column: string): Promise<string[]> {
  const rows = await sql<{ name: string }>(
    `select c.table_name as name from information_schema.columns c
     join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name = $1 order by 1`,
    column,
  );
  return rows.map(({ name }) => name);
}

async function count(table: string, condition: string, ...parameters: unknown[]): Promise<number> {
  const [row] = await sql<{ count: number }>(
    `select count(*)::int as count from ${table} where ${condition}`,
    ...parameters,
  );
  return row?.count ?? -1;
}

/** Counts the rows of many tables in one statement. */
async function rowsIn(tables: string[], condition: string, ...parameters: unknown[]): Promise<Rows> {
  const each = tables.map(
    (table) => `select '${table}' as name, count(*)::int as rows from ${table} where ${condition}`,
  );
  const rows = await sql<{ name: string; rows: number }>(each.join(' union all '), ...parameters);
  return Object.fromEntries(rows.map(({ name, rows: found }) => [name, found]));
}

/** Counts all rows of an organization in every table with an organization id. */
async function rowsOf(organizationId: string): Promise<Rows> {
  const rows: Rows = { organizations: await count('organizations', 'id = $1', organizationId) };
  return { ...rows, ...(await rowsIn(await tablesWith('organization_id'), 'organization_id = $1', organizationId)) };
}

/** Tables of the ledger, which keep the id of a purged unit. */
const BOOKS = ['credit_entries', 'credit_holds', 'credit_days', 'runs'];

const tablesOfUnits = async (): Promise<string[]> =>
  (await tablesWith('unit_id')).filter((table) => !BOOKS.includes(table));

async function rowsOfUnit(unitId: string): Promise<Rows> {
  const rows: Rows = { units: await count('units', 'id = $1', unitId) };
  return { ...rows, ...(await rowsIn(await tablesOfUnits(), 'unit_id = $1', unitId)) };
}

async function rowsOfEverything(): Promise<Rows> {
  const tables = await sql<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  return rowsIn(
    tables.map(({ name }) => name),
    'true',
  );
}

/** Tables of users and callers: the purge removes rows about the organization, and no tombstone counts them. */
const APART = ['refresh_tokens', 'idempotency_keys'];

/** The tables that a tombstone counts. */
function removable(rows: Rows): Rows {
  return Object.fromEntries(Object.entries(rows).filter(([table, number]) => number > 0 && !APART.includes(table)));
}

const sumOf = (rows: Rows): number => Object.values(rows).reduce((sum, number) => sum + number, 0);

const tombstoneOf = async (id: string): Promise<Tombstone | undefined> =>
  (await sql<Tombstone>('select * from tombstones where id = $1', id))[0];

/** Creates the given number of settings and logos for the organization and for one of its units. */
async function addSettingsAndLogos(organizationId: string, unitId: string, logos = 1): Promise<void> {
  await sql(`insert into organization_settings values ('{}', '{}', 1, now(), $1, 'purge_test')`, organizationId);
  await sql(`insert into unit_settings values ('{}', '{}', 1, now(), $1, $2, 'purge_test')`, organizationId, unitId);
  await sql(`insert into organization_variables values ('v', false, 1, now(), $1, 'PURGE_TEST')`, organizationId);
  await sql(`insert into unit_variables values ('v', false, 1, now(), $1, $2, 'PURGE_TEST')`, organizationId, unitId);
  await sql(
    `with hook as (insert into organization_webhooks (organization_id, id, url, event_types, headers, secret, active, updated_at)
       values ($1, gen_random_uuid(), 'https://example.com', '{*}', '', '', false, now()) returning organization_id, id)
     insert into organization_webhook_deliveries (organization_id, id, webhook_id, type, subject_id, next_attempt_at)
     select organization_id, gen_random_uuid(), id, 'webhook.test', '', now() from hook`,
    organizationId,
  );
  await sql(
    `insert into artifacts (organization_id, id, unit_id, name, kind, uri)
       values ($1, gen_random_uuid(), $2, 'model', 'model', 's3://models/model')`,
    organizationId,
    unitId,
  );
  for (const unit of [null, unitId]) {
    await sql(
      `insert into organization_logos (content_type, bytes, organization_id, id, unit_id)
       select 'image/png', '\\x89', $1, gen_random_uuid(), $2 from generate_series(1, $3::int)`,
      organizationId,
      unit,
      logos,
    );
  }
}

/** Grants and spends credits, and creates a row in every table that belongs to them. */
async function addCredits(organization: Organization): Promise<void> {
  await grant(staff, organization, '100');
  const { status } = await charge(staff, organization, { amount: '1' });
  expect(status).toBe(201);
  const { id } = organization;
  await sql(
    `insert into credit_holds (organization_id, id, amount, state, captured, uncovered, parts, kind, created_at, expires_at, resolved_at)
     values ($1, gen_random_uuid(), 1, 'voided', 0, 0, '[]', 'hold', now(), now(), now())`,
    id,
  );
  await sql(
    `insert into credit_adjustments (organization_id, id, amount, reason, state, requested_by)
     values ($1, gen_random_uuid(), 1, 'test', 'pending', gen_random_uuid())`,
    id,
  );
  await sql(
    `insert into top_ups (organization_id, id, state, credits, price_minor, currency, provider, return_url, requested_by,
       refunded_minor, disputes, updated_at)
     values ($1, gen_random_uuid(), 'created', 1, 1, 'USD', 'sandbox', '', gen_random_uuid(), 0, '{}', now())`,
    id,
  );
  await sql(
    `insert into receipts (organization_id, top_up_id, operator_id, number, seller, buyer)
     select t.organization_id, t.id, o.operator_id, (select coalesce(max(r.number), 0) + 1 from receipts r), '{}', '{}'
     from top_ups t join organizations o on o.id = t.organization_id where t.organization_id = $1 limit 1`,
    id,
  );
  await sql('insert into billing_details (organization_id, updated_at) values ($1, now())', id);
  await sql(
    `insert into sandbox_payments (organization_id, id, state, title, amount_minor, currency, return_url)
     values ($1, gen_random_uuid(), 'open', '', 1, 'USD', '')`,
    id,
  );
  await sql(
    `insert into credit_alerts (organization_id, id, kind, threshold, enabled, created_by)
     values ($1, gen_random_uuid(), 'balance', 1, true, gen_random_uuid())`,
    id,
  );
  await sql(`insert into credit_crossings values ($1, 1, 1, 1, now())`, id);
  await sql(
    `insert into auto_top_ups (organization_id, enabled, threshold, amount, method, next_attempt_at, updated_by, updated_at)
     values ($1, false, 1, 1, '{}', now(), gen_random_uuid(), now())`,
    id,
  );
  await sql(
    `insert into payment_methods (organization_id, id, provider, created_by) values ($1, 'pm_1', 'sandbox', gen_random_uuid())`,
    id,
  );
  await sql('insert into credit_refunds values ($1, gen_random_uuid(), 2, 1)', id);
  await staff.client.put(`${organization.path}/subscription`, { planId: plan });
  await staff.client.put(`/admin/clusters/${cluster}/organizations/${id}`);
  const audience = { mode: 'only', organizationIds: [id] };
  const content = await staff.client.post('/admin/content', { title: 'Purged', body: 'Purged', audience });
  await sql(
    `insert into content_adoptions (organization_id, item_id, overrides, based_on, updated_at) values ($1, $2, '{}', 1, now())`,
    id,
    content.body.id,
  );
  // The job waits a day before it tries again.
  await sql(
    `with p as (
       insert into content_publications (id, item_id, number, state, actor_type, request_id)
       values (gen_random_uuid(), $2, 1, 'published', 'system', 'test') returning id),
     f as (insert into content_publication_failures (organization_id, publication_id) select $1::uuid, id from p)
     insert into job_failures (job, id, error, retry_at)
     select 'ContentPublicationJob', id || ':' || $1::uuid, '', now() + interval '1 day' from p`,
    id,
    content.body.id,
  );
  const wanted = { clusterId: cluster, preset: 'small', unitId: organization.defaultUnitId };
  const started = await staff.client.post(`/organizations/${id}/runs`, wanted, keyed());
  expect(started.status).toBe(201);
  await staff.client.post(`/organizations/${id}/runs/${started.body.id}/stop`);
  await sql(`insert into run_limits values ($1, 'organization', $1, 1)`, id);
  await sql(`insert into credit_limits values ($1, 'organization', $1, 'day', 1)`, id);
  await sql(`insert into credit_usage values ($1, 'organization', $1, 'day', now(), 1)`, id);
}

/** Enough events for several batches. */
async function addEvents(organizationId: string, events: number): Promise<void> {
  await sql(
    `insert into organization_events (id, occurred_at, type, actor_type, subject_type, subject_id, request_id, hash,
       organization_id, seq)
     select gen_random_uuid(), now(), 'unit.updated', 'system', 'unit', 'x', 'test', 'h', $1, 1000 + n
     from generate_series(1, $2::int) n`,
    organizationId,
    events,
  );
}

/** Creates an organization with a row in every table that can have one. */
async function newFullOrganization(name: string, { events = 0, logos = 1 } = {}): Promise<Organization> {
  const organization = await newOrganization(staff, name);
  await staff.client.post(`${organization.path}/members`, { userId: member.id, role: 'manager' });
  await staff.client.post(`${organization.path}/units/${organization.defaultUnitId}/members`, {
    userId: member.id,
    role: 'user',
  });
  const email = `invited-${organization.id}@people.example`;
  await staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
  const role = { name: 'Purged', permissions: [] };
  const once = { headers: { 'idempotency-key': newId() } };
  await staff.client.post(`${organization.path}/roles`, role, once);
  await staff.client.post(`${organization.path}/access-rules`, { name: 'Purged', when: 'false', then: {} });
  await staff.client.post(`${organization.path}/api-keys`, { name: 'Purged', role: 'user' });
  const scim = `/organizations/${organization.id}/scim/v2`;
  await staff.client.put(`${organization.path}/scim-settings`, { groups: [{ value: 'Purged' }] });
  const domain = `${organization.slug}.example`;
  await proveDomain(app, organization, domain);
  const gone = { userName: `gone@${domain}`, active: false };
  const { body: user } = await staff.client.post(`${scim}/Users`, gone);
  await staff.client.post(`${scim}/Groups`, { displayName: 'Purged', members: [{ value: user.id }] });
  const { body: connection } = await staff.client.post(`${organization.path}/sso-connections`, {
    type: 'oidc',
    name: 'Purged',
    issuer: 'https://idp.example',
    clientId: 'x',
  });
  await sql(
    `insert into sso_identities (organization_id, connection_id, subject, id, user_id, linked_by)
     values ($1, $2, 'x', gen_random_uuid(), $3, 'domain')`,
    organization.id,
    connection.id,
    member.id,
  );
  await signIn(app, member.email, PASSWORD, 'demo', organization.id);
  await sql(
    `insert into session_claims select s.id, $1, $2, '{}' from sessions s
     where s.user_id = $3 and not exists (select from session_claims c where c.session_id = s.id) limit 1`,
    organization.id,
    connection.id,
    member.id,
  );
  await staff.client.post(`${organization.path}/domains`, { domain });
  await addSettingsAndLogos(organization.id, organization.defaultUnitId, logos);
  await addCredits(organization);
  await app.app.get(UsageRollupJob).run();
  if (events > 0) await addEvents(organization.id, events);
  return organization;
}

/** Deletes through the route and backdates the deletion by an SQL interval. */
async function deleteOrganization({ id, name, path }: Organization, ago: string): Promise<void> {
  const { status } = await staff.client.delete(`${path}?confirmName=${encodeURIComponent(name)}`);
  expect(status).toBe(202);
  await sql('update organizations set deleted_at = now() - $2::interval where id = $1', id, ago);
}

async function deleteUnit(organization: Organization, unitId: string, ago: string): Promise<void> {
  const path = `${organization.path}/units/${unitId}`;
  const { body } = await staff.client.get(path);
  const { status } = await staff.client.delete(`${path}?confirmName=${encodeURIComponent(body.name)}`);
  expect(status).toBe(202);
  await sql('update units set deleted_at = now() - $2::interval where id = $1', unitId, ago);
}

const restore = ({ path }: Organization) => staff.client.post(`${path}/restore`);

async function expectGone(id: string): Promise<void> {
  expect(sumOf(await rowsOf(id))).toBe(0);
  expect((await tombstoneOf(id))?.purged_at).toBeInstanceOf(Date);
}

/** Makes the database refuse to delete an organization's rows from a table. Returns a function that undoes it. */
async function refuseDeletion(table: string, organizationId: string): Promise<() => Promise<void>> {
  const name = `refuse_${newId().replaceAll('-', '')}`;
  await sql(`create function ${name}() returns trigger language plpgsql as $$
    begin raise exception 'refused by the test'; end $$`);
  await sql(`create trigger ${name} before delete on ${table} for each row
    when (old.organization_id = '${organizationId}') execute function ${name}()`);
  return async () => {
    await sql(`drop function ${name}() cascade`);
  };
}

/** Terminates the connections of servers that are in a transaction. Returns their number. */
async function cutTransactions(): Promise<number> {
  const killed = await sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'trellis' and xact_start is not null`,
  );
  return killed.length;
}

describe('the purge of an organization', () => {
  it('leaves none of its rows in any table, on either of two servers, and changes nothing else', async () => {
    const doomed = await newFullOrganization('Doomed', { events: 12_000, logos: 70 });
    const sibling = await newFullOrganization('Sibling');
    const session = await signIn(app, member.email, PASSWORD, 'demo', doomed.id);
    await signIn(app, member.email, PASSWORD, 'demo', sibling.id);
    await deleteOrganization(doomed, '8 days');
    const before = await rowsOf(doomed.id);
    // A table with 0 rows here is new: add a row above.
    expect(Object.entries(before).filter(([, rows]) => rows === 0)).toEqual([]);
    const [siblingBefore, everything] = [await rowsOf(sibling.id), await rowsOfEverything()];

    const reports = await runOnBoth();

    await expectGone(doomed.id);
    expect(await rowsOf(sibling.id)).toEqual(siblingBefore);
    const after = await rowsOfEverything();
    for (const table of ['users', 'operators', 'sessions', 'refresh_tokens', 'passwords', 'operator_members']) {
      expect([table, after[table]]).toEqual([table, everything[table]]);
    }
    const tombstone = await tombstoneOf(doomed.id);
    expect(tombstone).toMatchObject({ kind: 'organization', parent_id: null, deleted_by: staff.id });
    expect(tombstone?.counts).toEqual(removable(before));
    const items = reports.flatMap((report) => report.items).filter(({ id }) => id === doomed.id);
    expect(items.filter(({ state }) => state === 'purged')).toHaveLength(1);
    expect(sumOf(Object.assign({}, ...items.map(({ counts }) => counts)))).toBeGreaterThan(0);
    expect((await staff.client.get(doomed.path)).status).toBe(404);
    expect((await restore(doomed)).status).toBe(404);
    expect((await session.client.get('/account/organizations')).status).toBe(200);
  });

  it('is one event at the operator, by the system, without a name', async () => {
    const organization = await newFullOrganization('Nameless');
    await deleteOrganization(organization, '8 days');
    const rows = removable(await rowsOf(organization.id));
    await run();
    const { body } = await staff.client.get(`/admin/operator/events?subjectId=${organization.id}`);
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      type: 'organization.purged',
      actor: { type: 'system', id: null },
      subject: { type: 'organization', id: organization.id },
      before: { counts: rows },
    });
    expect(JSON.stringify([body, await tombstoneOf(organization.id)])).not.toMatch(/nameless/i);
    expect((await staff.client.get('/admin/operator/events/verify')).body.valid).toBe(true);
  });

  it('frees its slug and its externalId', async () => {
    const input = { name: 'Again', slug: 'again-and-again', externalId: 'AGAIN-1' };
    const { body } = await staff.client.post('/admin/organizations', input);
    await deleteOrganization({ ...body, path: `/admin/organizations/${body.id}` }, '8 days');
    expect((await staff.client.post('/admin/organizations', input)).status).toBe(409);
    await run();
    expect((await staff.client.post('/admin/organizations', input)).status).toBe(201);
  });

  it('covers every table that names an organization, the organization last', async () => {
    const order = deletionOrder('organization').map(({ name }) => name);
    const owned = (await tablesWith('organization_id')).filter((table) => !APART.includes(table));
    expect(order.at(-1)).toBe('organizations');
    expect(order.slice(0, -1).sort()).toEqual(owned);
    const inUnit = deletionOrder('unit').map(({ name }) => name);
    expect(inUnit.at(-1)).toBe('units');
    expect(inUnit.slice(0, -1).sort()).toEqual(await tablesOfUnits());
  });
});

describe('the time of a purge', () => {
  it.each([
    ['6 days 23 hours', false],
    ['7 days 1 minute', true],
  ])('%s after the deletion: %s', async (ago, purged) => {
    const organization = await newFullOrganization(`Aged ${ago}`);
    await deleteOrganization(organization, ago);
    const before = await rowsOf(organization.id);
    await run();
    if (purged) return expectGone(organization.id);
    expect(await rowsOf(organization.id)).toEqual(before);
    expect(await tombstoneOf(organization.id)).toBeUndefined();
    expect((await restore(organization)).status).toBe(200);
  });

  // Seven calendar days: 167 hours across the start of daylight saving time, 169 across its end.
  it.each([
    ['spring', '2025-03-26T12:00:00+01:00', '2025-04-02T12:00:00+02:00'],
    ['autumn', '2025-10-22T12:00:00+02:00', '2025-10-29T12:00:00+01:00'],
    ['summer', '2025-06-11T12:00:00+02:00', '2025-06-18T12:00:00+02:00'],
  ])("is the same local time in the operator's time zone, in %s", async (season, deletedAt, purgeAt) => {
    const operator = { slug: `berlin-${season}`, name: 'Berlin', timeZone: 'Europe/Berlin', adminEmail: staff.email };
    const created = await staff.client.post(`${app.origin}/api/v1/operators`, operator);
    expect(created.status).toBe(201);
    const id = newId();
    await sql(
      `insert into organizations (id, operator_id, slug, name, deleted_at) values ($1, $2, 'berliner', 'Berliner', $3)`,
      id,
      created.body.id,
      deletedAt,
    );
    const minute = 60_000;
    await run({ now: new Date(Date.parse(purgeAt) - minute) });
    expect(await count('organizations', 'id = $1', id)).toBe(1);
    const report = await run({ now: new Date(Date.parse(purgeAt) + minute) });
    expect(report.items).toMatchObject([{ id, state: 'purged', purgeAt: new Date(purgeAt) }]);
    await expectGone(id);
  });

  it('is reached by the schedule, without overlapping runs', async () => {
    const organization = await newFullOrganization('Scheduled');
    await deleteOrganization(organization, '8 days');
    const scheduled = await app.replica({ PURGE_CRON: '* * * * * *' });
    for (let tries = 0; tries < 100 && !(await tombstoneOf(organization.id))?.purged_at; tries++) await sleep(100);
    await expectGone(organization.id);
    const metrics = await scheduled.app.get(Metrics).text();
    expect(metrics).toMatch(/^trellis_purged_total\{kind="organization"\} 1$/m);
    expect(metrics).toMatch(/^trellis_purge_rows_total\{table="organizations"\} 1$/m);
    expect(metrics).toMatch(/^trellis_purge_due 0$/m);
    await scheduled.close();
  });
});

describe('a restore', () => {
  it('in progress when the purge comes is not waited for, and wins', async () => {
    const organization = await newFullOrganization('Restored');
    await deleteOrganization(organization, '8 days');
    const before = await rowsOf(organization.id);
    const restoring = await app.sql.connect();
    try {
      await restoring.query('begin');
      await restoring.query('select 1 from organizations where id = $1 for update', [organization.id]);
      const report = await run();
      expect(report.items).toMatchObject([{ id: organization.id, state: 'left', counts: {} }]);
      await restoring.query('update organizations set deleted_at = null where id = $1', [organization.id]);
      await restoring.query('commit');
    } finally {
      restoring.release();
    }
    await run();
    expect(await rowsOf(organization.id)).toEqual(before);
    expect(await tombstoneOf(organization.id)).toBeUndefined();
  });

  it('that races two purges leaves each organization either complete or gone', async () => {
    const organizations: Organization[] = [];
    for (let index = 0; index < RACED; index++) organizations.push(await newFullOrganization(`Raced ${index}`));
    for (const [index, organization] of organizations.entries())
      await deleteOrganization(organization, `${200 - index} hours`);
    const before = new Map<string, Rows>();
    for (const { id } of organizations) before.set(id, await rowsOf(id));

    // The purge begins with the oldest deletion, the restores with the newest, so they meet.
    const waiting = organizations.toReversed();
    const restored = new Set<string>();
    const restoreAll = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { status, body } = await restore(next);
        if (status === 200) restored.add(next.id);
        else
          expect([status, body.code]).toEqual(
            status === 404 ? [404, 'organizations.not_found'] : [409, 'organizations.purge_started'],
          );
      }
    };
    await Promise.all([runOnBoth(), restoreAll(), restoreAll()]);
    await run();

    for (const { id } of organizations) {
      if (!restored.has(id)) await expectGone(id);
      else {
        const whole = before.get(id) ?? {};
        expect(await rowsOf(id)).toEqual({ ...whole, organization_events: (whole.organization_events ?? 0) + 1 });
        expect(await tombstoneOf(id)).toBeUndefined();
      }
    }
    expect(restored.size).toBeGreaterThan(0);
    expect(restored.size).toBeLessThan(organizations.length);
  });
});

describe('an interrupted purge', () => {
  it('caused by an error stops no other purge, cannot be restored, and is finished by another server', async () => {
    const broken = await newFullOrganization('Broken', { logos: 75 });
    const other = await newFullOrganization('Unbroken');
    await deleteOrganization(broken, '9 days');
    await deleteOrganization(other, '8 days');
    const before = await rowsOf(broken.id);
    const lift = await refuseDeletion('organization_members', broken.id);

    const report = await run();
    expect(report.items.map(({ id, state }) => [id, state])).toEqual([
      [broken.id, 'failed'],
      [other.id, 'purged'],
    ]);
    await expectGone(other.id);
    // The full batches of logos were committed, and the failed batch was rolled back.
    const batch = deletionOrder('organization').find(({ name }) => name === 'organization_logos')?.batchRows ?? 0;
    expect(150 % batch).toBeGreaterThan(0);
    expect(await tombstoneOf(broken.id)).toMatchObject({
      purged_at: null,
      counts: { organization_logos: 150 - (150 % batch) },
    });
    expect((await rowsOf(broken.id)).organization_members).toBe(before.organization_members);
    expect((await restore(broken)).body.code).toBe('organizations.purge_started');
    expect((await run()).items).toMatchObject([{ id: broken.id, state: 'failed' }]);

    await lift();
    expect((await run({}, second)).items).toMatchObject([{ id: broken.id, state: 'purged' }]);
    await expectGone(broken.id);
    expect((await tombstoneOf(broken.id))?.counts).toEqual(removable(before));
  });

  itFull(
    'by lost connections, again and again, ends with every row counted once',
    async () => {
      const organization = await newFullOrganization('Disconnected', { events: 40_000, logos: 500 });
      await deleteOrganization(organization, '8 days');
      const before = await rowsOf(organization.id);
      let cut = 0;
      for (let round = 0; round < 12; round++) {
        const runs = Promise.allSettled([run({}, app), run({}, second)]);
        await sleep(Math.random() * 30);
        for (let tries = 0, killed = 0; tries < 50 && killed === 0; tries++) {
          killed = await cutTransactions();
          cut += killed;
        }
        await runs;
      }
      expect(cut).toBeGreaterThan(0);
      // Repeated as by the schedule, because the pools may still hold terminated connections.
      for (let tries = 0; tries < 100 && !(await tombstoneOf(organization.id))?.purged_at; tries++) {
        await Promise.allSettled([run({}, app), run({}, second), sleep(50)]);
      }
      await expectGone(organization.id);
      expect((await tombstoneOf(organization.id))?.counts).toEqual(removable(before));
      expect(await count('operator_events', 'subject_id = $1', organization.id)).toBe(1);
    },
    60_000,
  );

  itFull(
    'by a shutdown ends its batch, and the next server goes on',
    async () => {
      const organization = await newFullOrganization('Interrupted', { events: 60_000, logos: 500 });
      await deleteOrganization(organization, '8 days');
      const before = await rowsOf(organization.id);
      const leaving = await app.replica();
      const running = run({}, leaving);
      while (!(await tombstoneOf(organization.id))) await sleep(1);
      const [report] = await Promise.all([running, leaving.close()]);
      expect(report.items).toMatchObject([{ id: organization.id, state: 'left' }]);
      const half = await tombstoneOf(organization.id);
      expect(half?.purged_at).toBeNull();
      expect(sumOf(half?.counts ?? {})).toBe(
        sumOf(removable(before)) - sumOf(removable(await rowsOf(organization.id))),
      );
      await run();
      await expectGone(organization.id);
      expect((await tombstoneOf(organization.id))?.counts).toEqual(removable(before));
    },
    60_000,
  );
});

describe('the purge of a unit', () => {
  it('removes only the unit and informs its organization', async () => {
    const organization = await newFullOrganization('With units');
    const created = await staff.client.post(`${organization.path}/units`, { name: 'Doomed unit' });
    const unitId: string = created.body.id;
    await staff.client.post(`${organization.path}/units/${unitId}/members`, { userId: member.id, role: 'admin' });
    await sql(`insert into unit_settings values ('{}', '{}', 1, now(), $1, $2, 'purge_test')`, organization.id, unitId);
    await sql(
      `insert into unit_variables values ('v', false, 1, now(), $1, $2, 'PURGE_TEST')`,
      organization.id,
      unitId,
    );
    await sql(
      `insert into organization_logos values ('image/png', '\\x89', now(), $1, gen_random_uuid(), $2)`,
      organization.id,
      unitId,
    );
    await sql(
      `insert into artifacts (organization_id, id, unit_id, name, kind, uri)
       values ($1, gen_random_uuid(), $2, 'model', 'model', 's3://models/model')`,
      organization.id,
      unitId,
    );
    await deleteUnit(organization, unitId, '8 days');
    const [before, kept] = [await rowsOfUnit(unitId), await rowsOfUnit(organization.defaultUnitId)];
    expect(Object.entries(before).filter(([, rows]) => rows === 0)).toEqual([]);
    const all = await rowsOf(organization.id);

    const reports = await runOnBoth();

    expect(reports.flatMap(({ items }) => items).filter(({ state }) => state === 'purged')).toMatchObject([
      { kind: 'unit', id: unitId, organizationId: organization.id },
    ]);
    expect(sumOf(await rowsOfUnit(unitId))).toBe(0);
    expect(await rowsOfUnit(organization.defaultUnitId)).toEqual(kept);
    // One more event, and apart from it only the unit's rows less.
    expect(sumOf(await rowsOf(organization.id))).toBe(sumOf(all) - sumOf(before) + 1);
    expect(await tombstoneOf(unitId)).toMatchObject({ kind: 'unit', parent_id: organization.id, counts: before });
    const { body } = await staff.client.get(`${organization.path}/events?type=unit.purged`);
    expect(body.items).toMatchObject([{ subject: { type: 'unit', id: unitId }, before: { counts: before } }]);
    expect((await staff.client.get(`${organization.path}/events/verify`)).body.valid).toBe(true);
    expect((await staff.client.get(organization.path)).body.status).toBe('active');
  });

  it('does not run before its time', async () => {
    const organization = await newFullOrganization('Unit in time');
    const { body } = await staff.client.post(`${organization.path}/units`, { name: 'Young' });
    await deleteUnit(organization, body.id, '6 days 23 hours');
    expect((await run()).items).toEqual([]);
    expect((await staff.client.post(`${organization.path}/units/${body.id}/restore`)).status).toBe(200);
  });

  it('is left to its organization if that is deleted too', async () => {
    const organization = await newFullOrganization('Both deleted');
    await deleteUnit(organization, organization.defaultUnitId, '8 days');
    await deleteOrganization(organization, '1 day');
    expect((await run()).items).toEqual([]);
    await sql(`update organizations set deleted_at = now() - interval '8 days' where id = $1`, organization.id);
    expect((await run()).items).toMatchObject([{ kind: 'organization', id: organization.id, state: 'purged' }]);
    await expectGone(organization.id);
    expect(await tombstoneOf(organization.defaultUnitId)).toBeUndefined();
  });

  it('that was interrupted ends with the purge of the organization at the latest', async () => {
    const organization = await newFullOrganization('Cut unit');
    await deleteUnit(organization, organization.defaultUnitId, '8 days');
    const lift = await refuseDeletion('unit_members', organization.id);
    expect((await run()).items).toMatchObject([{ kind: 'unit', state: 'failed' }]);
    const path = `${organization.path}/units/${organization.defaultUnitId}/restore`;
    expect((await staff.client.post(path)).body.code).toBe('units.purge_started');
    await deleteOrganization(organization, '8 days');
    expect((await run()).items.map(({ kind, state }) => [kind, state])).toEqual([
      ['unit', 'failed'],
      ['organization', 'failed'],
    ]);
    await lift();
    await run();
    await expectGone(organization.id);
    expect((await tombstoneOf(organization.defaultUnitId))?.purged_at).toBeInstanceOf(Date);
  });
});

describe('a purge preview', () => {
  it('lists due deletions with their row counts, and changes nothing', async () => {
    const organization = await newFullOrganization('Previewed', { events: 300 });
    const other = await newFullOrganization('Previewed unit');
    const young = await newFullOrganization('Not yet');
    await deleteOrganization(organization, '8 days');
    await deleteOrganization(young, '6 days');
    await deleteUnit(other, other.defaultUnitId, '8 days');
    const rows = removable(await rowsOf(organization.id));
    const everything = await rowsOfEverything();
    const versions = () =>
      sql(
        'select id, version, purge_started_at from organizations union all select id, version, purge_started_at from units order by id',
      );
    const before = await versions();

    const report = await app.app.get(PurgeService).preview();

    expect(report.dryRun).toBe(true);
    expect(report.items).toMatchObject([
      { kind: 'unit', id: other.defaultUnitId, slug: 'default', organizationId: other.id, state: 'due' },
      {
        kind: 'organization',
        id: organization.id,
        slug: 'previewed',
        operatorSlug: 'demo',
        startedAt: null,
        counts: rows,
      },
    ]);
    const [, due] = report.items;
    expect((due?.purgeAt.getTime() ?? 0) - (due?.deletedAt.getTime() ?? 0)).toBe(7 * 24 * 3_600_000);
    expect(await rowsOfEverything()).toEqual(everything);
    expect(await versions()).toEqual(before);
    expect(await app.app.get(Metrics).text()).toMatch(/^trellis_purge_due 2$/m);
    const done = await run();
    expect(done.items.map(({ id, counts }) => [id, counts])).toEqual(
      report.items.map(({ id, counts }) => [id, counts]),
    );
  });
});
