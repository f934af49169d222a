import { setTimeout as sleep } from 'node:timers/promises';
import { RunJob } from '../src/billing/runs/run.job.js';
import type { Answer, Client } from './support/client.js';
import { creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let clusterId: string;
let count = 0;

const PRESETS = [
  { key: 'minute', creditsPerHour: '60', resources: { gpus: 1 } },
  { key: 'odd', creditsPerHour: '0.700001' },
  { key: 'free', creditsPerHour: '0' },
];

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
  clusterId = (await staff.client.post('/admin/clusters', { name: 'GPU 1', presets: PRESETS })).body.id;
});
afterAll(() => app.close());

const runsOf = ({ id }: Organization): string => `/organizations/${id}/runs`;
const there = (client: Client): Client => client.at(`${second.origin}/t/demo/api/v1`);

async function fresh(credits?: string, admin?: Person): Promise<Organization> {
  const one = await newOrganization(staff, `Running ${count++}`, admin);
  expect((await staff.client.put(`/admin/clusters/${clusterId}/organizations/${one.id}`)).status).toBe(200);
  if (credits) await grant(staff, one, credits);
  return one;
}

const start = (
  one: Organization,
  input: object = {},
  { client = staff.client, key = newKey() }: { client?: Client; key?: string } = {},
): Promise<Answer> =>
  client.post(runsOf(one), { clusterId, preset: 'minute', unitId: one.defaultUnitId, ...input }, keyed(key));

async function started(one: Organization, input: object = {}, by: { client?: Client } = {}) {
  const { status, body } = await start(one, input, by);
  expect([status, body.code]).toEqual([201, undefined]);
  return body;
}

const look = async (one: Organization, { id }: { id: string }) => (await staff.client.get(`${runsOf(one)}/${id}`)).body;
const beat = (one: Organization, { id }: { id: string }, client = staff.client): Promise<Answer> =>
  client.post(`${runsOf(one)}/${id}/heartbeat`);
const stop = (one: Organization, { id }: { id: string }, client = staff.client): Promise<Answer> =>
  client.post(`${runsOf(one)}/${id}/stop`);
const balances = async (one: Organization) => (await staff.client.get(creditsOf(one))).body;

/** Moves everything that happened to the run into the past, as if that much more time had passed. */
async function passTime({ id }: { id: string }, seconds: number, watched = false): Promise<void> {
  const columns = ['started_at', 'heartbeat_at', 'deadline_at', 'next_at', ...(watched ? [] : ['checked_at'])];
  const sets = columns.map((column) => `${column} = ${column} - $2 * interval '1 second'`);
  await app.sql.query(`update runs set ${sets.join(', ')} where id = $1 and stopped_at is null`, [id, seconds]);
}

/** Runs every scheduled job of both servers, several times at once. */
const settleEverywhere = () => runEverywhere([app, second], RunJob, 3);

/** Returns the micro-credits that the entries charge a run. */
async function chargedBy({ id }: { id: string }): Promise<bigint> {
  const { rows } = await app.sql.query<{ sum: string }>(
    `select coalesce(sum(consumed), 0)::text as sum from credit_entries where reference = $1`,
    [id],
  );
  return BigInt(rows[0]?.sum ?? 0);
}

/** Computes price × seconds independently, in decimals of the hourly price. */
function priceOf(creditsPerHour: string, seconds: number): bigint {
  const [whole = '0', fraction = ''] = creditsPerHour.split('.');
  const perHour = BigInt(whole + fraction.padEnd(6, '0'));
  const all = perHour * BigInt(seconds);
  return all % 3600n === 0n ? all / 3600n : all / 3600n + 1n;
}

const micro = (credits: string): bigint => priceOf(credits, 3600);

/** Verifies the ledger, and that the run was charged once for each second. */
async function expectExact(one: Organization, run: { id: string }): Promise<void> {
  const { creditsPerHour, seconds, charged, startedAt, stoppedAt } = await look(one, run);
  expect(micro(charged)).toBe(priceOf(creditsPerHour, seconds));
  expect(await chargedBy(run)).toBe(priceOf(creditsPerHour, seconds));
  if (stoppedAt !== null) expect(seconds).toBe(Math.floor((Date.parse(stoppedAt) - Date.parse(startedAt)) / 1000));
  await expectProven(staff, one);
}

describe('clusters', () => {
  it('can be registered, changed and archived by operator staff', async () => {
    const input = {
      name: `Edge ${count++}`,
      location: 'eu-central',
      endpoint: 'https://edge.example.com:6443',
      presets: [{ key: 'small', creditsPerHour: '1.50', resources: { cpus: 2 } }],
    };
    const { status, body: cluster } = await staff.client.post('/admin/clusters', input);
    expect([status, cluster]).toMatchObject([201, { ...input, presets: [{ key: 'small', creditsPerHour: '1.5' }] }]);
    const path = `/admin/clusters/${cluster.id}`;
    const taken = await staff.client.post('/admin/clusters', { name: 'Other', slug: cluster.slug });
    expect([taken.status, taken.body.code]).toEqual([409, 'clusters.slug_taken']);
    const large = { key: 'large', creditsPerHour: '6', resources: { cpus: 8 } };
    expect((await staff.client.post(`${path}/presets`, large)).body).toMatchObject(large);
    expect((await staff.client.post(`${path}/presets`, large)).body.code).toBe('clusters.preset_taken');
    expect((await staff.client.patch(`${path}/presets/large`, { creditsPerHour: '5' })).body).toEqual({
      ...large,
      name: null,
      creditsPerHour: '5',
    });
    expect((await staff.client.patch(`${path}/presets/none`, { name: 'x' })).body.code).toBe(
      'clusters.preset_not_found',
    );
    expect((await staff.client.delete(`${path}/presets/small`)).status).toBe(204);
    expect((await staff.client.get(`${path}/presets`)).body.items.map(({ key }: { key: string }) => key)).toEqual([
      'large',
    ]);
    const twice = await staff.client.patch(path, { presets: [large, large] });
    expect([twice.status, twice.body.code]).toEqual([400, 'validation_failed']);
    for (const wrong of [
      { endpoint: 'javascript:alert(1)' },
      { presets: [{ key: 'A B', creditsPerHour: '1' }] },
      { presets: [[]] },
    ])
      expect((await staff.client.patch(path, wrong)).status).toBe(400);
    const read = await staff.client.get(path);
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    expect((await staff.client.patch(path, { description: 'Near' }, { headers })).body.description).toBe('Near');
    expect((await staff.client.patch(path, { description: 'Far' }, { headers })).status).toBe(412);
    expect((await staff.client.delete(path)).status).toBe(204);
    expect((await staff.client.patch(path, { name: 'Gone' })).body.code).toBe('clusters.archived');
    expect((await staff.client.get(`/admin/clusters?q=${encodeURIComponent(input.name)}`)).body.items).toEqual([]);
    expect((await staff.client.get('/admin/clusters?archived=true')).body.items).toMatchObject([{ id: cluster.id }]);
  });

  it('are visible to members from the moment an organization or a member is added until it is removed', async () => {
    const [one, other] = [await fresh(), await fresh()];
    const member = await newMember(app, staff, one, 'user', `cluster-user-${count++}`);
    const listed = async (person: Person) => (await person.client.get('/account/clusters')).body.items;
    expect(await listed(member)).toMatchObject([
      { id: clusterId, presets: [{ key: 'minute' }, { key: 'odd' }, { key: 'free' }], organizations: [{ id: one.id }] },
    ]);
    await staff.client.post(`${other.path}/members`, { userId: member.id, role: 'user' });
    expect((await listed(member))[0].organizations).toHaveLength(2);
    expect((await member.client.get(`/organizations/${one.id}/clusters`)).body.items).toMatchObject([
      { id: clusterId },
    ]);
    const organizations = `/admin/clusters/${clusterId}/organizations`;
    expect((await staff.client.get(`${organizations}?count=true`)).body.total).toBeGreaterThan(1);
    expect((await staff.client.delete(`${organizations}/${one.id}`)).status).toBe(204);
    expect((await staff.client.delete(`${organizations}/${one.id}`)).body.code).toBe('clusters.not_found');
    expect((await listed(member))[0].organizations).toMatchObject([{ id: other.id }]);
    await staff.client.post(`${other.path}/suspend`);
    expect(await listed(member)).toEqual([]);
    expect((await staff.client.put(`${organizations}/${one.id}`)).status).toBe(200);
    expect((await staff.client.put(`${organizations}/${one.id}`)).status).toBe(200);
    expect(await listed(member)).toHaveLength(1);
    expect((await member.client.put(`${organizations}/${one.id}`)).status).toBe(403);
  });
});

describe('a run', () => {
  it('holds the cost of its next seconds, runs, is stopped, and is charged by the second', async () => {
    const one = await fresh('100');
    const run = await started(one, { name: 'Training', metadata: { epochs: 3 } });
    expect(run).toMatchObject({
      state: 'running',
      clusterId,
      preset: 'minute',
      unitId: one.defaultUnitId,
      name: 'Training',
      metadata: { epochs: 3 },
      creditsPerHour: '60',
      seconds: 0,
      charged: '0',
      stoppedAt: null,
      stopReason: null,
    });
    expect(Date.parse(run.coveredUntil) - Date.parse(run.startedAt)).toBe(120_000);
    expect(await look(one, run)).toEqual(run);
    expect(await balances(one)).toMatchObject({ available: '98', held: '2' });
    const alive = await beat(one, run);
    expect([alive.status, alive.body]).toMatchObject([200, { stop: false, reason: null, state: 'running' }]);
    await passTime(run, 90);
    await settleEverywhere();
    const settled = await look(one, run);
    expect(settled.seconds).toBeGreaterThanOrEqual(90);
    expect(settled.seconds).toBeLessThan(95);
    await passTime(run, 20);
    const { status, body } = await stop(one, run);
    expect([status, body]).toMatchObject([200, { state: 'stopped', stopReason: 'stopped', holdId: null }]);
    expect(body.seconds).toBeGreaterThanOrEqual(110);
    expect(await balances(one)).toMatchObject({ held: '0' });
    expect((await beat(one, run)).body).toMatchObject({ stop: true, reason: 'stopped', nextHeartbeatBefore: null });
    expect((await stop(one, run)).body).toEqual(body);
    await expectExact(one, run);
    const { body: events } = await staff.client.get(`${one.path}/events?subjectId=${run.id}`);
    expect(events.items.map(({ type }: { type: string }) => type)).toEqual(['run.stopped', 'run.started']);
    expect(events.items[0].after).toMatchObject({ reason: 'stopped', seconds: body.seconds, charged: body.charged });
    expect((await staff.client.get(`${one.path}/impact`)).body.openRuns).toBe(0);
  });

  it('is charged for its seconds, rounded up once, however often it is settled', async () => {
    const one = await fresh('10');
    const run = await started(one, { preset: 'odd' });
    for (let round = 0; round < 12; round++) {
      await passTime(run, 60 + round);
      await beat(one, run);
      await settleEverywhere();
    }
    await stop(one, run);
    const { seconds } = await look(one, run);
    expect(seconds).toBeGreaterThanOrEqual(12 * 60 + 66);
    await expectExact(one, run);
  });

  it('that is free holds and charges nothing', async () => {
    const one = await fresh();
    const run = await started(one, { preset: 'free' });
    await passTime(run, 200);
    await settleEverywhere();
    expect(await look(one, run)).toMatchObject({ state: 'running', charged: '0', holdId: null });
    expect((await stop(one, run)).body).toMatchObject({ stopReason: 'stopped', charged: '0' });
  });

  it('starts once per idempotency key, and its refusals are stored, too', async () => {
    const one = await fresh('10');
    const key = newKey();
    const clients = [staff.client, there(staff.client)];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => start(one, {}, { key, client: clients[index % 2]! })),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect((await staff.client.get(`${runsOf(one)}?count=true`)).body.total).toBe(1);
    const other = await start(one, { name: 'Other' }, { key });
    expect([other.status, other.body.code]).toEqual([422, 'billing.idempotency_mismatch']);
    const poor = await fresh();
    const refusedKey = newKey();
    const refused = await start(poor, {}, { key: refusedKey });
    expect([refused.status, refused.body.code]).toEqual([402, 'billing.insufficient_credits']);
    await grant(staff, poor, '10');
    expect((await start(poor, {}, { key: refusedKey })).status).toBe(402);
    const keyless = await staff.client.post(runsOf(one), { clusterId, preset: 'minute', unitId: one.defaultUnitId });
    expect([keyless.status, keyless.body.code]).toEqual([400, 'billing.idempotency_key_required']);
  });

  it('can be previewed without side effects', async () => {
    const one = await fresh('10');
    const body = { clusterId, preset: 'minute', unitId: one.defaultUnitId };
    const preview = await staff.client.post(`${runsOf(one)}?dryRun=true`, body);
    expect([preview.status, preview.body]).toMatchObject([200, { dryRun: true, creditsPerHour: '60' }]);
    expect((await staff.client.get(runsOf(one))).body.items).toEqual([]);
    expect(await balances(one)).toMatchObject({ available: '10', held: '0' });
    const refused = await staff.client.post(`${runsOf(await fresh())}?dryRun=true`, body);
    expect(refused.status).toBe(404);
  });

  it.each<[string, object, number, string]>([
    ['a cluster that is none', { clusterId: 'none' }, 400, 'validation_failed'],
    ['a cluster of nobody', { clusterId: '0198f0c0-0000-7000-8000-000000000000' }, 404, 'clusters.not_found'],
    ['a preset of nobody', { preset: 'none' }, 404, 'clusters.preset_not_found'],
    ['no preset', { preset: '' }, 400, 'validation_failed'],
    ['no unit', { unitId: undefined }, 400, 'validation_failed'],
    ['a unit of nobody', { unitId: '0198f0c0-0000-7000-8000-000000000000' }, 404, 'units.not_found'],
    ['a member of nothing', { memberId: '0198f0c0-0000-7000-8000-000000000000' }, 404, 'members.not_found'],
    ['metadata that is text', { metadata: 'text' }, 400, 'validation_failed'],
    ['metadata with a zero', { metadata: { a: '\u0000' } }, 400, 'validation_failed'],
    ['too much metadata', { metadata: { a: 'x'.repeat(5000) } }, 400, 'validation_failed'],
    ['a short timeout', { heartbeatTimeoutSeconds: 9 }, 400, 'validation_failed'],
    ['a long timeout', { heartbeatTimeoutSeconds: 1e9 }, 400, 'validation_failed'],
    ['a price of its own', { creditsPerHour: '0' }, 400, 'validation_failed'],
  ])('is refused with %s', async (_what, input, status, code) => {
    const one = await fresh('10');
    const answer = await start(one, input);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('can be seen and stopped by its owner, by managers and by API keys in their units', async () => {
    const one = await fresh('100');
    const [owner, other] = [
      await newMember(app, staff, one, 'user', `runner-${count++}`),
      await newMember(app, staff, one, 'user', `other-runner-${count++}`),
    ];
    const manager = await newMember(app, staff, one, 'manager', `run-manager-${count++}`);
    const outsider = await newPerson(app, `run-outsider-${count++}`);
    const denied = await start(one, {}, { client: owner.client });
    expect([denied.status, denied.body.code]).toEqual([404, 'units.not_found']);
    await staff.client.post(`${one.path}/units/${one.defaultUnitId}/members`, { userId: owner.id, role: 'user' });
    const run = await started(one, {}, { client: owner.client });
    expect(run.memberId).toBe(owner.id);
    const path = `${runsOf(one)}/${run.id}`;
    for (const action of ['', '/heartbeat', '/stop']) {
      const method = action === '' ? 'GET' : 'POST';
      expect((await other.client.request(method, path + action)).body.code).toBe('runs.not_found');
      expect((await outsider.client.request(method, path + action)).status).toBe(404);
    }
    expect((await other.client.get(runsOf(one))).body.items).toEqual([]);
    expect((await manager.client.get(runsOf(one))).body.items).toHaveLength(1);
    const unit = (await staff.client.post(`${one.path}/units`, { name: 'Elsewhere' })).body.id;
    const keyFor = async (input: object): Promise<Client> => {
      const { body } = await staff.client.post(`${one.path}/api-keys`, { name: 'Workload', role: 'user', ...input });
      return app.client().as(body.key);
    };
    const [everywhere, elsewhere] = [await keyFor({}), await keyFor({ unitIds: [unit] })];
    expect((await everywhere.post(`${path}/heartbeat`)).body).toMatchObject({ stop: false });
    expect((await elsewhere.post(`${path}/heartbeat`)).status).toBe(404);
    expect((await start(one, {}, { client: elsewhere })).body.code).toBe('units.not_found');
    const own = await started(one, { unitId: unit }, { client: elsewhere });
    expect(own).toMatchObject({ memberId: null, unitId: unit });
    expect((await elsewhere.get(runsOf(one))).body.items.map(({ id }: { id: string }) => id)).toEqual([own.id]);
    expect((await manager.client.post(`${path}/stop`)).body.stopReason).toBe('stopped');
    expect((await elsewhere.post(`${runsOf(one)}/${own.id}/stop`)).body.stopReason).toBe('stopped');
  });

  it('reserves its hold for itself', async () => {
    const one = await fresh('10');
    const run = await started(one);
    const hold = `${creditsOf(one)}/holds/${run.holdId}`;
    for (const action of ['void', 'capture', 'extend'])
      expect((await staff.client.post(`${hold}/${action}`, {}, keyed())).body.code).toBe('billing.hold_not_found');
    await stop(one, run);
    await expectExact(one, run);
  });
});

describe('a run ends', () => {
  it('with the last second that is paid when no credits are left for the next', async () => {
    const one = await fresh('3.5');
    const run = await started(one);
    for (let round = 0; round < 6; round++) {
      await passTime(run, 50);
      await settleEverywhere();
    }
    const ended = await look(one, run);
    expect(ended).toMatchObject({ state: 'stopped', stopReason: 'credits_exhausted', seconds: 210, charged: '3.5' });
    expect(Date.parse(ended.stoppedAt) - Date.parse(ended.startedAt)).toBe(210_000);
    expect(await balances(one)).toMatchObject({ available: '0', held: '0' });
    expect((await beat(one, run)).body).toMatchObject({ stop: true, reason: 'credits_exhausted' });
    await expectExact(one, run);
  });

  it('as the next heartbeat reports at once, unless credits arrive in time', async () => {
    const one = await fresh('1');
    const run = await started(one);
    await passTime(run, 59);
    await grant(staff, one, '1');
    await passTime(run, 30);
    expect((await beat(one, run)).body).toMatchObject({ stop: false });
    await passTime(run, 60);
    const last = await beat(one, run);
    expect(last.body).toMatchObject({ stop: true, reason: 'credits_exhausted', seconds: 120, charged: '2' });
    await expectExact(one, run);
  });

  it('exactly when it reaches a limit on credits', async () => {
    const one = await fresh('100');
    await staff.client.put(`/organizations/${one.id}/limits/unit/${one.defaultUnitId}`, {
      limits: [{ window: 'lifetime', amount: '1.5' }],
    });
    const run = await started(one);
    await passTime(run, 70);
    await settleEverywhere();
    await passTime(run, 70);
    await settleEverywhere();
    expect(await look(one, run)).toMatchObject({ stopReason: 'quota', seconds: 90, charged: '1.5' });
    const again = await start(one);
    expect([again.status, again.body.code]).toEqual([402, 'billing.limit_exceeded']);
    await expectExact(one, run);
  });

  it.each<[string, string, (one: Organization) => Promise<unknown>]>([
    ['suspended', 'its organization', (one) => staff.client.post(`${one.path}/suspend`)],
    ['suspended', 'its unit', (one) => staff.client.post(`${one.path}/units/${one.defaultUnitId}/suspend`)],
    [
      'suspended',
      'the credits',
      (one) => app.sql.query('update credit_accounts set frozen_at = now() where organization_id = $1', [one.id]),
    ],
    [
      'deleted',
      'its organization',
      (one) => staff.client.delete(`${one.path}?confirmName=${encodeURIComponent(one.name)}`),
    ],
    ['deleted', 'its unit', (one) => staff.client.delete(`${one.path}/units/${one.defaultUnitId}?confirmName=Default`)],
    [
      'access_removed',
      'the access',
      (one) => staff.client.delete(`/admin/clusters/${clusterId}/organizations/${one.id}`),
    ],
  ])('with reason %s: %s', async (reason, _what, end) => {
    const one = await fresh('100');
    const run = await started(one);
    await passTime(run, 30);
    await end(one);
    await settleEverywhere();
    const { rows } = await app.sql.query(
      'select stop_reason, settled_seconds, charged, hold_id from runs where id = $1',
      [run.id],
    );
    expect(rows[0]).toMatchObject({ stop_reason: reason, hold_id: null });
    expect(rows[0].settled_seconds).toBeGreaterThanOrEqual(30);
    expect(rows[0].settled_seconds).toBeLessThan(40);
    expect(await chargedBy(run)).toBe(BigInt(rows[0].charged));
    const { rows: accounts } = await app.sql.query('select held from credit_accounts where organization_id = $1', [
      one.id,
    ]);
    expect(accounts[0].held).toBe('0');
    const before = await chargedBy(run);
    await settleEverywhere();
    expect(await chargedBy(run)).toBe(before);
    const { rows: events } = await app.sql.query(
      `select after from organization_events where organization_id = $1 and type = 'run.stopped'`,
      [one.id],
    );
    expect(events.map(({ after }) => after.reason)).toEqual([reason]);
  });

  it('when its organization is suspended, and its workload is told so', async () => {
    const one = await fresh('100');
    const member = await newPerson(app, 'suspended-runner');
    await staff.client.post(`${one.path}/members`, { userId: member.id, role: 'user' });
    await staff.client.post(`${one.path}/units/${one.defaultUnitId}/members`, { userId: member.id, role: 'user' });
    const made = await staff.client.post(`${one.path}/api-keys`, { name: 'Workload', role: 'user' });
    const key = app.client().as(made.body.key);
    const wanted = { clusterId, preset: 'minute', unitId: one.defaultUnitId };
    const [byKey, own] = await Promise.all(
      [key, member.client].map(async (client) => (await client.post(runsOf(one), wanted, keyed())).body),
    );
    expect((await beat(one, byKey, key)).body).toMatchObject({ stop: false });
    await staff.client.post(`${one.path}/suspend`);
    for (const [run, client] of [
      [byKey, key],
      [own, member.client],
    ]) {
      const { status, body } = await beat(one, run, client);
      expect([status, body]).toMatchObject([200, { stop: true, reason: 'suspended' }]);
      expect((await client.post(`${runsOf(one)}/${run.id}/stop`)).body).toMatchObject({ stopReason: 'suspended' });
      // All other routes are closed.
      expect((await client.get(`${runsOf(one)}/${run.id}`)).body.code).toBe('organizations.suspended');
      expect((await client.post(runsOf(one), wanted, keyed())).body.code).toBe('organizations.suspended');
    }
  });

  it('at the instant of its cause, however late it is detected', async () => {
    const one = await fresh('100');
    const run = await started(one, { heartbeatTimeoutSeconds: 86_400 });
    await passTime(run, 1000);
    await app.sql.query(`update units set suspended_at = now() - interval '400 seconds' where organization_id = $1`, [
      one.id,
    ]);
    expect((await beat(one, run)).body).toMatchObject({ stop: true, reason: 'suspended' });
    const { seconds } = await look(one, run);
    expect(seconds).toBeGreaterThanOrEqual(600);
    expect(seconds).toBeLessThan(610);
    await expectExact(one, run);
  });

  it('when its cluster is archived', async () => {
    const { body: cluster } = await staff.client.post('/admin/clusters', {
      name: `Short ${count++}`,
      presets: PRESETS,
    });
    const one = await fresh('10');
    await staff.client.put(`/admin/clusters/${cluster.id}/organizations/${one.id}`);
    const run = await started(one, { clusterId: cluster.id });
    await staff.client.delete(`/admin/clusters/${cluster.id}`);
    expect((await beat(one, run)).body).toMatchObject({ stop: true, reason: 'access_removed' });
    expect((await start(one, { clusterId: cluster.id })).body.code).toBe('clusters.not_found');
    await expectExact(one, run);
  });

  it('without heartbeats, and is charged until the timeout after the last one', async () => {
    const one = await fresh('100');
    const run = await started(one, { heartbeatTimeoutSeconds: 100 });
    await passTime(run, 50, true);
    expect((await beat(one, run)).body.stop).toBe(false);
    const heard = (await look(one, run)).lastHeartbeatAt;
    await passTime(run, 140, true);
    await settleEverywhere();
    const lost = await look(one, run);
    expect(lost).toMatchObject({ state: 'stopped', stopReason: 'lost' });
    expect(Date.parse(lost.stoppedAt) - Date.parse(heard)).toBe(100_000 - 140_000);
    expect(lost.seconds).toBeGreaterThanOrEqual(150);
    expect(lost.seconds).toBeLessThan(160);
    await expectExact(one, run);
  });
});

describe('quotas', () => {
  it('limit concurrent runs per organization, unit, member and key, even under concurrent requests', async () => {
    const one = await fresh('100');
    const limits = `/organizations/${one.id}/limits`;
    const set = await staff.client.put(limits, { limits: [], runningRuns: 3, memberRunningRuns: 1 });
    expect(set.body).toMatchObject({ runningRuns: 3, memberRunningRuns: 1 });
    const member = await newMember(app, staff, one, 'manager', `quota-${count++}`);
    const first = await started(one, {}, { client: member.client });
    const refused = await start(one, {}, { client: member.client });
    expect([refused.status, refused.body.code, refused.body.blockedBy]).toEqual([409, 'runs.quota_exceeded', 'member']);
    await staff.client.put(`${limits}/member/${member.id}`, { limits: [], runningRuns: 50 });
    const clients = [member.client, there(member.client)];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => start(one, {}, { client: clients[index % 2]! })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.find(({ status }) => status !== 201)?.body).toMatchObject({
      code: 'runs.quota_exceeded',
      limit: { scope: 'organization', running: 3 },
    });
    await stop(one, first);
    await staff.client.put(`${limits}/unit/${one.defaultUnitId}`, { limits: [], runningRuns: 2 });
    expect((await start(one)).body.blockedBy).toBe('unit');
    expect((await staff.client.put(limits, { limits: [] })).body.runningRuns).toBe(3);
    expect((await staff.client.put(limits, { limits: [], runningRuns: null })).body.runningRuns).toBeNull();
    expect((await staff.client.get(`${limits}/unit/${one.defaultUnitId}`)).body.runningRuns).toBe(2);
  });
});

describe('when servers fail or clocks change', () => {
  it('each second is charged once, with two servers settling, reporting heartbeats and stopping at once', async () => {
    const one = await fresh('1000');
    const runs = [];
    for (let index = 0; index < 6; index++) runs.push(await started(one, { preset: index % 2 ? 'odd' : 'minute' }));
    for (let round = 0; round < 4; round++) {
      for (const run of runs) await passTime(run, 45 + round);
      await Promise.all([
        settleEverywhere(),
        ...runs.flatMap((run) => [beat(one, run), beat(one, run, there(staff.client))]),
      ]);
    }
    await Promise.all([
      settleEverywhere(),
      ...runs.flatMap((run) => [stop(one, run), stop(one, run, there(staff.client)), stop(one, run)]),
    ]);
    for (const run of runs) await expectExact(one, run);
    const { rows } = await app.sql.query(
      `select count(*)::int from organization_events where organization_id = $1 and type = 'run.stopped'`,
      [one.id],
    );
    expect(rows[0].count).toBe(6);
  });

  it('a run without a running server is charged completely at the next heartbeat', async () => {
    const one = await fresh('1000');
    const [alive, dead] = [await started(one), await started(one)];
    for (const run of [alive, dead]) await passTime(run, 7200);
    await settleEverywhere();
    expect(await look(one, alive)).toMatchObject({ state: 'running', seconds: 300 });
    expect((await beat(one, alive)).body.stop).toBe(false);
    const stopped = (await stop(one, alive)).body;
    expect(stopped.seconds).toBeGreaterThanOrEqual(7200);
    await passTime(dead, 301, true);
    await settleEverywhere();
    expect(await look(one, dead)).toMatchObject({ stopReason: 'lost', seconds: 300, charged: '5' });
    for (const run of [alive, dead]) await expectExact(one, run);
  });

  it('a run whose hold has expired is charged from the remaining credits, up to the last paid second', async () => {
    const one = await fresh('10');
    const run = await started(one, { heartbeatTimeoutSeconds: 86_400 });
    await app.sql.query(`update credit_holds set expires_at = created_at where organization_id = $1`, [one.id]);
    await staff.client.post(`${creditsOf(one)}/charges`, { amount: '4' }, keyed());
    await passTime(run, 3600);
    await settleEverywhere();
    expect(await look(one, run)).toMatchObject({ stopReason: 'credits_exhausted', seconds: 360, charged: '6' });
    expect(await balances(one)).toMatchObject({ available: '0', held: '0' });
    await expectExact(one, run);
  });

  it('a clock that goes back neither refunds nor charges twice', async () => {
    const one = await fresh('100');
    const run = await started(one);
    await passTime(run, 100);
    await settleEverywhere();
    const before = await look(one, run);
    await passTime(run, -90);
    await settleEverywhere();
    expect((await stop(one, run)).body).toMatchObject({ seconds: before.seconds, charged: before.charged });
    await expectExact(one, run);
  });

  it('connections cut halfway lose and duplicate nothing', async () => {
    const one = await fresh('1000');
    const runs = [];
    for (let index = 0; index < 4; index++)
      runs.push(await started(one, { preset: index % 2 ? 'odd' : 'minute', heartbeatTimeoutSeconds: 86_400 }));
    const cutting = new AbortController();
    const cutter = (async () => {
      while (!cutting.signal.aborted) {
        await app.sql.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
             and application_name = 'trellis' and xact_start is not null and random() < 0.5`,
        );
        await sleep(5);
      }
    })();
    for (let round = 0; round < 8; round++) {
      for (const run of runs) await passTime(run, 61);
      await Promise.allSettled([settleEverywhere(), ...runs.map((run) => beat(one, run))]);
    }
    cutting.abort();
    await cutter;
    // The next user of a cut connection finds out.
    let inARow = 0;
    for (let tries = 0; tries < 30 && inARow < 3; tries++) {
      inARow = await settleEverywhere().then(
        () => inARow + 1,
        () => 0,
      );
    }
    expect(inARow).toBe(3);
    for (const run of runs) {
      expect((await look(one, run)).seconds).toBeGreaterThanOrEqual(8 * 61);
      await expectExact(one, run);
    }
    await Promise.all(runs.map((run) => stop(one, run)));
    for (const run of runs) await expectExact(one, run);
  });
});
