import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { extractText, getDocumentProxy } from 'unpdf';
import { VerificationService } from '../src/billing/ledger/verification/verification.service.js';
import { WRONG_DAYS } from '../src/billing/ledger/usage/usage-rollup.store.js';
import { UsageRollupJob } from '../src/billing/ledger/usage/usage-rollup.job.js';
import { toCredits, toMicro } from '../src/common/money/index.js';
import { charge, creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { type Person, newPerson, signInAdmin } from './support/people.js';
import { eventLoopHeld } from './support/event-loop.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

const DAY_MS = 86_400_000;

let app: TestApp;
let replica: TestServer;
let staff: Person;
let admin: Person;
let user: Person;
let organizations = 0;

const fresh = async (credits = '1000'): Promise<Organization> => {
  const one = await newOrganization(staff, `Reports ${organizations++}`);
  for (const [person, role] of [
    [admin, 'admin'],
    [user, 'user'],
  ] as const)
    await staff.client.post(`${one.path}/members`, { userId: person.id, role });
  await grant(staff, one, credits);
  return one;
};

const of = ({ id }: Organization, path: string) => `/organizations/${id}/${path}`;
const usage = async (person: Person, one: Organization, query = '') =>
  (await person.client.get(of(one, `usage${query}`))).body;
const day = (offset = 0) => new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);

/** Backdates entries by a number of days. The order of entries must stay the order of their times. */
async function moveBack(one: Organization, upTo: string, days: number): Promise<void> {
  const client = await app.sql.connect();
  try {
    await client.query(`set session_replication_role = replica`);
    await client.query(
      `update credit_entries set created_at = created_at - make_interval(days => $3), usage_at = usage_at - make_interval(days => $3)
       where organization_id = $1 and seq <= $2`,
      [one.id, upTo, days],
    );
  } finally {
    await client.query(`set session_replication_role = origin`);
    client.release();
  }
  await app.app.get(UsageRollupJob).rebuild(one.id);
}

const lastSeq = async (one: Organization): Promise<string> =>
  (await app.sql.query('select seq from credit_accounts where organization_id = $1', [one.id])).rows[0].seq;

const counted = async (one: Organization): Promise<string> =>
  (await app.sql.query('select seq from credit_rollups where organization_id = $1', [one.id])).rows[0]?.seq ?? '0';

/** Sums up the listed entries independently. */
async function byHand(one: Organization, keyOf: (entry: any) => string | null): Promise<Map<string | null, bigint>> {
  const sums = new Map<string | null, bigint>();
  for (let cursor: string | null = ''; cursor !== null;) {
    const path: string = `${creditsOf(one)}/entries?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { body }: { body: any } = await staff.client.get(path);
    for (const entry of body.items) {
      const consumed = entry.postings.find(({ account }: any) => account === 'consumed')?.amount;
      if (consumed) sums.set(keyOf(entry), (sums.get(keyOf(entry)) ?? 0n) + toMicro(consumed));
    }
    cursor = body.nextCursor ?? null;
  }
  return sums;
}

const netOf = (body: any) => new Map(body.items.map(({ key, net }: any) => [key, toMicro(net)]));

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'reports-admin');
  user = await newPerson(app, 'reports-user');
});
afterAll(() => app.close());

it('a time without an offset is refused wherever a time is accepted, and a day is documented there', async () => {
  const one = await fresh();
  const document = JSON.parse(readFileSync('openapi.json', 'utf8'));
  const schemaOf = (schema: any) =>
    schema?.$ref ? document.components.schemas[schema.$ref.split('/').pop() as string] : schema;
  const isTime = (schema: any) => schema?.format === 'date-time' || schema?.pattern?.startsWith('^\\d{4}-');
  const inputs: [method: string, path: string, query: string[], body: string[]][] = [];
  for (const [path, methods] of Object.entries<any>(document.paths))
    for (const [method, { parameters = [], requestBody }] of Object.entries<any>(methods)) {
      const query = parameters.filter((parameter: any) => parameter.in === 'query' && isTime(parameter.schema));
      const body = schemaOf(requestBody?.content?.['application/json']?.schema)?.properties ?? {};
      const fields = Object.keys(body).filter((name) => isTime(body[name]));
      for (const schema of [...query.map((parameter: any) => parameter.schema), ...fields.map((name) => body[name])])
        expect([path, new RegExp(schema.pattern).test('2026-01-31'), schema.format]).toEqual([path, true, undefined]);
      if (query.length + fields.length > 0) inputs.push([method, path, query.map(({ name }: any) => name), fields]);
    }
  expect(inputs.length).toBeGreaterThan(10);
  for (const [method, path, query, body] of inputs) {
    const address = app.origin + path.replace('{operator}', 'demo').replace('{orgId}', one.id);
    const bad = '2027-01-01T00:00:00';
    const answer = await staff.client.request(
      method.toUpperCase(),
      query.length > 0 ? `${address}?${new URLSearchParams(query.map((name) => [name, bad]))}` : address,
      {
        headers: { 'idempotency-key': newKey(), ...(body.length > 0 && { 'content-type': 'application/json' }) },
        ...(body.length > 0 && { body: JSON.stringify(Object.fromEntries(body.map((name) => [name, bad]))) }),
      },
    );
    const found = answer.body.errors?.filter((error: any) => error.params?.format === 'date-time') ?? [];
    expect([method, path, answer.status, found.map((error: any) => error.field).sort()]).toEqual([
      method,
      path,
      400,
      [...query, ...body].sort(),
    ]);
  }
});

describe('reported usage', () => {
  let one: Organization;
  let unit: { id: string };

  beforeAll(async () => {
    one = await fresh();
    unit = (await admin.client.post(`${one.path}/units`, { name: 'Lab' })).body;
    await charge(admin, one, { amount: '1', kind: 'a' });
    await moveBack(one, await lastSeq(one), 2);
    await charge(admin, one, { amount: '2.5', kind: 'b', unitId: unit.id });
    const charged = await charge(user, one, { amount: '4', kind: 'a' });
    await moveBack(one, await lastSeq(one), 1);
    await app.app.get(UsageRollupJob).run();
    // Not rolled up yet: it is added on request.
    await admin.client.post(
      `${creditsOf(one)}/charges/${charged.body.id}/refunds`,
      { amount: '1.5', reason: 'too much' },
      keyed(),
    );
    await charge(admin, one, { amount: '8', kind: 'c', unitId: unit.id, memberId: user.id });
  });

  it('is grouped by day, including days without any', async () => {
    const body = await usage(admin, one, `?from=${day(-4)}`);
    expect(body).toMatchObject({
      groupBy: 'day',
      from: `${day(-4)}T00:00:00.000Z`,
      to: `${day(1)}T00:00:00.000Z`,
      total: { charged: '15.5', refunded: '1.5', net: '14', charges: 4 },
    });
    expect(body.items.map(({ key, net }: any) => [key, net])).toEqual([
      [day(-4), '0'],
      [day(-3), '1'],
      [day(-2), '0'],
      [day(-1), '6.5'],
      [day(), '6.5'],
    ]);
  });

  it('is grouped by unit, member and kind, the largest first, with their names', async () => {
    const units = await usage(admin, one, '?groupBy=unit');
    expect(units.items).toEqual([
      {
        key: unit.id,
        name: 'Lab',
        charged: '10.5',
        refunded: '0',
        net: '10.5',
        charges: 2,
        artifacts: 0,
        artifactBytes: 0,
      },
      { key: null, name: null, charged: '5', refunded: '1.5', net: '3.5', charges: 2 },
    ]);
    const members = await usage(admin, one, '?groupBy=member&limit=1');
    expect(members.items).toEqual([
      { key: user.id, name: 'reports-user', charged: '12', refunded: '1.5', net: '10.5', charges: 2 },
    ]);
    expect(members.total).toEqual({ charged: '15.5', refunded: '1.5', net: '14', charges: 4 });
    const kinds = await usage(admin, one, '?groupBy=kind');
    expect(kinds.items.map(({ key, net }: any) => [key, net])).toEqual([
      ['c', '8'],
      ['a', '3.5'],
      ['b', '2.5'],
    ]);
  });

  it('is grouped by cluster: the charges of its runs, and the refunds', async () => {
    const ran = await fresh();
    const presets = [{ key: 'gpu', creditsPerHour: '3600' }];
    const cluster = (await staff.client.post('/admin/clusters', { name: 'Reported', presets })).body;
    await staff.client.put(`/admin/clusters/${cluster.id}/organizations/${ran.id}`);
    const order = { clusterId: cluster.id, preset: 'gpu', unitId: ran.defaultUnitId };
    const { status, body: run } = await admin.client.post(of(ran, 'runs'), order, keyed());
    expect(status).toBe(201);
    await sleep(1100);
    expect((await admin.client.post(of(ran, `runs/${run.id}/stop`))).status).toBe(200);
    await charge(admin, ran, { amount: '0.5' });
    const { charged } = (await admin.client.get(of(ran, `runs/${run.id}`))).body;
    const capture = (await staff.client.get(`${creditsOf(ran)}/entries?kind=run`)).body.items.find(
      ({ postings }: any) => postings.some(({ account }: any) => account === 'consumed'),
    );
    await admin.client.post(`${creditsOf(ran)}/charges/${capture.id}/refunds`, { amount: '0.25' }, keyed());
    const lines = [
      { key: cluster.id, name: 'Reported', charged, refunded: '0.25', charges: 1 },
      { key: null, name: null, charged: '0.5', refunded: '0', charges: 1 },
    ];
    expect((await usage(admin, ran, '?groupBy=cluster')).items).toMatchObject(lines);
    await app.app.get(UsageRollupJob).rebuild(ran.id);
    expect((await usage(admin, ran, '?groupBy=cluster')).items).toMatchObject(lines);
    expect((await usage(admin, ran, `?groupBy=kind&clusterId=${cluster.id}`)).items).toMatchObject([{ key: 'run' }]);
  });

  it('can be filtered', async () => {
    const query = `?groupBy=kind&unitId=${unit.id}&memberId=${user.id}&from=${day()}`;
    expect((await usage(admin, one, query)).items.map(({ key, net }: any) => [key, net])).toEqual([['c', '8']]);
    expect((await usage(admin, one, '?kind=nothing')).total).toEqual({
      charged: '0',
      refunded: '0',
      net: '0',
      charges: 0,
    });
    expect((await usage(admin, one, `?groupBy=kind&to=${day(-1)}T00:00:00Z`)).total.net).toBe('1');
  });

  it("is limited to a user's own usage, and to an API key's own charges", async () => {
    expect((await usage(user, one, '?groupBy=member')).items).toEqual([
      expect.objectContaining({ key: user.id, net: '10.5' }),
    ]);
    expect((await usage(user, one, `?groupBy=member&memberId=${admin.id}`)).items).toEqual([]);
    const made = await admin.client.post(`${one.path}/api-keys`, { name: 'worker', role: 'user' });
    const client = app.client().as(made.body.secret ?? made.body.key);
    await client.post(`${creditsOf(one)}/charges`, { amount: '0.25', kind: 'by-key' }, keyed());
    const own = await client.get(of(one, 'usage?groupBy=kind'));
    expect(own.body.items.map(({ key, net }: any) => [key, net])).toEqual([['by-key', '0.25']]);
    const stranger = await newPerson(app, 'reports-stranger');
    expect((await stranger.client.get(of(one, 'usage'))).status).toBe(404);
    for (const path of ['usage/forecast', 'credits/history', 'statements/2026-01', 'credits/entries/export'])
      expect((await user.client.get(of(one, path))).body.code).toBe('auth.forbidden');
  });

  it.each([
    ['?groupBy=week', 'groupBy'],
    ['?from=yesterday', 'from'],
    ['?from=2026-02-02&to=2026-02-01', 'to'],
    ['?from=2020-01-01&to=2026-01-01', 'to'],
    ['?unitId=7', 'unitId'],
    ['?limit=0', 'limit'],
    ['?limit=1001', 'limit'],
    ['?grouping=day', 'grouping'],
  ])('refuses %s', async (query, field) => {
    const { status, body } = await admin.client.get(of(one, `usage${query}`));
    expect([status, body.code, body.errors[0].field]).toEqual([400, 'validation_failed', field]);
  });
});

describe('the usage rollup', () => {
  it('always agrees with the entries while two servers charge and roll up', async () => {
    const one = await fresh('5000');
    const other = app.app.get(UsageRollupJob);
    const third = replica.app.get(UsageRollupJob);
    const kinds = ['x', 'y', 'z'];
    const counting = new AbortController();
    const counters = [other, third].map(async (rollup) => {
      while (!counting.signal.aborted) await rollup.run();
    });
    const clients = [admin.client, admin.client.at(replica.origin + new URL(admin.client.base).pathname)];
    await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const body = { amount: `${1 + (index % 7)}.${index % 10}`, kind: kinds[index % 3], memberId: user.id };
        const made = await clients[index % 2]?.post(`${creditsOf(one)}/charges`, body, keyed());
        expect(made?.status).toBe(201);
        if (index % 5 === 0)
          await admin.client.post(`${creditsOf(one)}/charges/${made?.body.id}/refunds`, { amount: '0.5' }, keyed());
        if (index % 40 === 0) expect(netOf(await usage(admin, one, '?groupBy=kind')).size).toBeGreaterThan(0);
      }),
    );
    expect(netOf(await usage(admin, one, '?groupBy=kind'))).toEqual(await byHand(one, ({ kind }) => kind));
    counting.abort();
    await Promise.all(counters);
    await other.run();
    expect(await counted(one)).toBe(await lastSeq(one));
    expect(netOf(await usage(admin, one, '?groupBy=kind'))).toEqual(await byHand(one, ({ kind }) => kind));
    expect(netOf(await usage(admin, one, '?groupBy=member'))).toEqual(await byHand(one, ({ memberId }) => memberId));
    await expectProven(staff, one);
  });

  it('is checked against the entries and can be rebuilt', async () => {
    const one = await fresh();
    await charge(admin, one, { amount: '3', kind: 'x' });
    const rollup = app.app.get(UsageRollupJob);
    await rollup.run();
    await app.sql.query(
      `update credit_days set consumed = consumed + 1 where organization_id = $1 and type = 'charge'`,
      [one.id],
    );
    expect((await staff.client.get(`${creditsOf(one)}/proof`)).body.valid).toBe(false);
    expect((await app.app.get(VerificationService).verify(one.id)).difference).toMatch(/^\d+ days of reports/);
    await rollup.rebuild(one.id);
    await expectProven(staff, one);
    expect((await app.app.get(VerificationService).verify(one.id)).difference).toBeNull();
    expect((await usage(admin, one)).total.net).toBe('3');
  });

  it('skips an organization once its purge has begun', async () => {
    const one = await fresh();
    await app.sql.query('update organizations set deleted_at = now(), purge_started_at = now() where id = $1', [
      one.id,
    ]);
    await app.app.get(UsageRollupJob).run();
    expect(await counted(one)).toBe('0');
    await app.sql.query('update organizations set deleted_at = null, purge_started_at = null where id = $1', [one.id]);
  });
});

describe('the usage forecast', () => {
  it('has no end date without usage', async () => {
    const one = await fresh('10');
    const { body } = await admin.client.get(of(one, 'usage/forecast'));
    expect(body).toMatchObject({
      available: '10',
      perDay: '0',
      emptyAt: null,
      monthToDate: '0',
      monthForecast: '0',
    });
  });

  it('uses the average of the last seven days to predict when the balance is used up', async () => {
    const one = await fresh('100');
    await charge(admin, one, { amount: '30' });
    await moveBack(one, await lastSeq(one), 3);
    await charge(admin, one, { amount: '30' });
    const { body } = await admin.client.get(of(one, 'usage/forecast'));
    // Sixty in seven days, which the balance shows, too.
    expect(body.perDay).toBe('8.571428');
    const days = (Date.parse(body.emptyAt) - Date.parse(body.asOf)) / DAY_MS;
    expect(Math.abs(days - 40 / (60 / 7))).toBeLessThan(0.05);
    const { projection } = (await admin.client.get(creditsOf(one))).body;
    expect(projection.creditsPerDay).toBe(body.perDay);
    expect(Math.abs(Date.parse(projection.emptyAt) - Date.parse(body.emptyAt))).toBeLessThan(10_000);
    expect(Number(body.monthForecast)).toBeGreaterThanOrEqual(Number(body.monthToDate));
  });
});

describe('a statement', () => {
  const month = new Date().toISOString().slice(0, 7);
  let one: Organization;

  beforeAll(async () => {
    one = await fresh('200');
    await charge(admin, one, { amount: '50', kind: 'gpu' });
    // Well before this month.
    await moveBack(one, await lastSeq(one), 40);
    const charged = await charge(admin, one, { amount: '20', kind: 'gpu', reference: '=1+1' });
    await charge(admin, one, { amount: '5', kind: 'cpu' });
    await admin.client.post(`${creditsOf(one)}/charges/${charged.body.id}/refunds`, { amount: '4' }, keyed());
    await admin.client.post(`${creditsOf(one)}/holds`, { amount: '10', kind: 'job' }, keyed());
    await app.app.get(UsageRollupJob).run();
    await charge(admin, one, { amount: '0.5', kind: 'cpu' });
  });

  const adds = (lines: any[], account: string) => lines.reduce((sum, line) => sum + toMicro(line[account]), 0n);

  it('adds up from the opening to the closing balance, which is the current balance', async () => {
    const { body } = await admin.client.get(of(one, `statements/${month}`));
    expect(body).toMatchObject({
      month,
      complete: false,
      opening: { available: '150', held: '0' },
      closing: { available: '118.5', held: '10' },
      charged: '25.5',
      refunded: '4',
    });
    expect(body.lines).toEqual([
      { type: 'charge', kind: 'cpu', entries: 2, available: '-5.5', held: '0' },
      { type: 'charge', kind: 'gpu', entries: 1, available: '-20', held: '0' },
      { type: 'hold', kind: null, entries: 1, available: '-10', held: '10' },
      { type: 'refund', kind: 'gpu', entries: 1, available: '4', held: '0' },
    ]);
    for (const account of ['available', 'held'])
      expect(toCredits(toMicro(body.opening[account]) + adds(body.lines, account))).toBe(body.closing[account]);
    expect(body.days.map(({ type, kind }: { type: string; kind: string }) => [type, kind])).toEqual([
      ['charge', 'cpu'],
      ['charge', 'gpu'],
      ['hold', 'job'],
      ['refund', 'gpu'],
    ]);
    for (const account of ['available', 'held']) expect(adds(body.days, account)).toBe(adds(body.lines, account));
    const { body: balance } = await admin.client.get(`${creditsOf(one)}/balance`);
    expect(body.closing).toEqual({ available: balance.available, held: balance.held });
  });

  it('for earlier months is complete, even for a month without entries', async () => {
    const { body } = await admin.client.get(of(one, 'statements/2020-02'));
    expect(body).toMatchObject({
      complete: true,
      lines: [],
      opening: { available: '0', held: '0' },
      closing: { available: '0', held: '0' },
    });
  });

  it('as CSV has every entry, adds up, and contains no formulas', async () => {
    const path = of(one, `statements/${month}?format=csv`);
    const download = await fetch(`${app.origin}/t/demo/api/v1${path}`, {
      headers: { authorization: `Bearer ${admin.accessToken}` },
    });
    expect([...new Uint8Array(await download.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const answer = await admin.client.get(path);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="statement-${month}.csv"`);
    const [head = '', ...lines] = String(answer.body).trim().split('\n');
    const names = head.split(',');
    const rows = lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
    expect(rows.map(({ type }) => type)).toEqual([
      'opening',
      'charge',
      'charge',
      'refund',
      'hold',
      'charge',
      'closing',
    ]);
    let available = toMicro(rows[0]?.balance ?? '');
    for (const row of rows.slice(1, -1)) {
      available += toMicro(row.available ?? '');
      expect(toCredits(available)).toBe(row.balance);
    }
    expect(rows.at(-1)).toMatchObject({ balance: '118.5', heldAfter: '10' });
    expect(rows[1]?.reference).toBe(`'=1+1`);
  });

  it('as PDF has the same figures, with who sells and who buys', async () => {
    await staff.client.put('/admin/operator/seller', { legalName: 'Demo Operations GmbH', taxId: 'DE123456789' });
    await admin.client.put(of(one, 'billing-details'), { legalName: 'Buyer AG', address: 'Main Street 1\nBerlin' });
    const answer = await fetch(`${app.origin}/t/demo/api/v1${of(one, `statements/${month}?format=pdf`)}`, {
      headers: { authorization: `Bearer ${admin.accessToken}` },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
    const pdf = await getDocumentProxy(new Uint8Array(await answer.arrayBuffer()));
    const { text } = await extractText(pdf, { mergePages: true });
    for (const part of [
      'Demo Operations GmbH',
      'Tax ID DE123456789',
      'Buyer AG',
      'Main Street 1',
      one.name,
      `Statement ${month}`,
      'Opening balance',
      '150',
      'Charges: gpu',
      '-20',
      'Closing balance',
      '118.5',
      'not over yet',
    ])
      expect(text).toContain(part);
  });

  it.each(['2026-13', '2026-1', '1999-12', '2026-01-01', 'latest'])('refuses the month %s', async (text) => {
    const { status, body } = await admin.client.get(of(one, `statements/${text}`));
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });

  it('refuses an unknown format', async () => {
    expect((await admin.client.get(of(one, `statements/${month}?format=xls`))).body.code).toBe('validation_failed');
  });
});

describe('the daily balance', () => {
  it('continues over days without entries, and ends with the current balance', async () => {
    const one = await fresh('50');
    await moveBack(one, await lastSeq(one), 3);
    await charge(admin, one, { amount: '1' });
    await moveBack(one, await lastSeq(one), 1);
    await admin.client.post(`${creditsOf(one)}/holds`, { amount: '2' }, keyed());
    const { body } = await admin.client.get(of(one, `credits/history?from=${day(-5)}`));
    expect(body.items).toEqual([
      { day: day(-5), available: '0', held: '0' },
      { day: day(-4), available: '50', held: '0' },
      { day: day(-3), available: '50', held: '0' },
      { day: day(-2), available: '50', held: '0' },
      { day: day(-1), available: '49', held: '0' },
      { day: day(), available: '47', held: '2' },
    ]);
    const later = (await admin.client.get(of(one, `credits/history?from=${day(-1)}`))).body.items;
    expect(later).toEqual(body.items.slice(-2));
  });
});

describe('an entry export', () => {
  let one: Organization;
  const path = (query = '') => of(one, `credits/entries/export${query}`);

  beforeAll(async () => {
    one = await fresh('5000');
    for (let batch = 0; batch < 2; batch++) {
      const items = Array.from({ length: 700 }, (_, index) => ({
        idempotencyKey: `export-${batch}-${index}`,
        amount: '0.1',
      }));
      const { status } = await admin.client.post(`${creditsOf(one)}/charges/batch`, { items });
      if (status !== 200) throw new Error(`charging gave ${status}`);
    }
  });

  it('contains all entries in order, across several read batches', async () => {
    const answer = await admin.client.get(path('?format=ndjson'));
    const rows = String(answer.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const seqs = Array.from({ length: 1401 }, (_, index) => String(index + 1));
    expect(rows.map(({ seq }) => seq)).toEqual(seqs);
    const [head, ...lines] = String((await admin.client.get(path())).body)
      .trim()
      .split('\n');
    expect([head?.replace('\ufeff', '').split(',')[0], lines.map((line) => line.split(',')[0])]).toEqual(['seq', seqs]);
    const none = await admin.client.get(path(`?to=${day(-1)}`));
    expect(String(none.body).trim().split('\n')).toHaveLength(1);
  });

  it('leaves the event loop to others, however many are read at once', async () => {
    const exports = () => Promise.all(Array.from({ length: 4 }, () => admin.client.get(path())));
    expect(await eventLoopHeld(exports, 1.5)).toBeLessThanOrEqual(1.5);
  });

  it('is refused while four of an organization are under way, which others do not notice', async () => {
    const other = await fresh('1');
    const open = async (query = '') => {
      const headers = { authorization: `Bearer ${admin.accessToken}` };
      const ended = new AbortController();
      const { status } = await fetch(`${app.origin}/t/demo/api/v1${path(query)}`, { headers, signal: ended.signal });
      return { status, end: () => ended.abort() };
    };
    // Nobody reads them, and they do not fit into the buffers of the connections.
    const client = await app.sql.connect();
    await client.query('set session_replication_role = replica');
    await client.query(`update credit_entries set reference = repeat('x', 20000) where organization_id = $1`, [one.id]);
    await client.query('set session_replication_role = origin');
    client.release();
    const readers = await Promise.all(['', '?format=ndjson', '', '?format=ndjson'].map(open));
    expect(readers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const refused of [
      path(),
      of(one, `statements/${day().slice(0, 7)}?format=csv`),
      `${one.path}/events/export`,
    ]) {
      const { status, body, headers } = await admin.client.get(refused);
      expect([status, body.code, headers.has('retry-after')]).toEqual([429, 'rate_limited', true]);
    }
    expect((await admin.client.get(of(other, 'credits/entries/export'))).status).toBe(200);
    readers[0]?.end();
    let freed = 0;
    for (const deadline = Date.now() + 10_000; freed !== 200 && Date.now() < deadline; await sleep(20))
      freed = (await admin.client.get(of(one, `statements/2020-01?format=csv`))).status;
    expect(freed).toBe(200);
    for (const { end } of readers) end();
  });
});

describe('a statement of many kinds', () => {
  it('has lines of its own for those that moved most, and adds up', async () => {
    const one = await fresh('5000');
    const items = Array.from({ length: 150 }, (_, index) => ({
      idempotencyKey: `kind-${index}`,
      amount: index < 90 ? '2' : '0.5',
      kind: `kind-${index}`,
    }));
    expect((await admin.client.post(`${creditsOf(one)}/charges/batch`, { items })).status).toBe(200);
    const { body } = await admin.client.get(of(one, `statements/${day().slice(0, 7)}`));
    const charges = body.lines.filter(({ type }: any) => type === 'charge');
    expect(charges).toHaveLength(100);
    expect(charges.filter(({ kind }: any) => kind === null)).toMatchObject([{ entries: 51, available: '-25.5' }]);
    expect(body.days.length).toBe(body.lines.length);
    const sum = body.days.reduce((all: bigint, { available }: any) => all + toMicro(available), 0n);
    expect([toCredits(sum), body.closing.available, body.charged]).toEqual(['4790', '4790', '210']);
  });
});

describe("the operator's time zone", () => {
  const setZone = async (timeZone: string) => {
    const { name, defaultUnitName } = (await staff.client.get('/admin/operator')).body;
    expect((await staff.client.put('/admin/operator', { name, defaultUnitName, timeZone })).status).toBe(200);
  };

  afterAll(() => setZone('UTC'));

  it('divides usage, balances and statements into days and months, even before the rollup follows', async () => {
    const one = await fresh('1000');
    // One charge an hour, from 23:30 on October 24 to 00:30 on October 26 in Berlin: one, 25 and one.
    for (let hour = 0; hour < 27; hour++) await charge(admin, one, { amount: '1' });
    const client = await app.sql.connect();
    await client.query(`set session_replication_role = replica`);
    await client.query(
      `update credit_entries set created_at = timestamptz '2026-10-24T21:30:00Z' + make_interval(hours => seq::int - 2),
         usage_at = timestamptz '2026-10-24T21:30:00Z' + make_interval(hours => seq::int - 2) where organization_id = $1`,
      [one.id],
    );
    await client.query(`set session_replication_role = origin`);
    client.release();
    await app.app.get(UsageRollupJob).rebuild(one.id);
    const perDay = async () => {
      const { items, timeZone } = await usage(admin, one, '?from=2026-10-24&to=2026-10-26');
      return [timeZone, ...items.map(({ key, net }: any) => `${key}: ${net}`)];
    };
    const inUtc = ['UTC', '2026-10-24: 3', '2026-10-25: 24', '2026-10-26: 0'];
    const inBerlin = ['Europe/Berlin', '2026-10-24: 1', '2026-10-25: 25', '2026-10-26: 1'];
    expect(await perDay()).toEqual(inUtc);
    await setZone('Europe/Berlin');
    expect(await perDay()).toEqual(inBerlin);
    await app.app.get(UsageRollupJob).run();
    expect(await counted(one)).toBe(await lastSeq(one));
    expect(await perDay()).toEqual(inBerlin);
    expect((await app.sql.query(WRONG_DAYS, [one.id])).rows).toEqual([{ count: '0' }]);
    const history = await admin.client.get(of(one, 'credits/history?from=2026-10-24&to=2026-10-25'));
    expect(history.body.items.map(({ available }: any) => available)).toEqual(['999', '974']);
    await setZone('Pacific/Kiritimati');
    const statement = (await admin.client.get(of(one, 'statements/2026-10'))).body;
    expect(statement).toMatchObject({
      timeZone: 'Pacific/Kiritimati',
      from: '2026-09-30T10:00:00.000Z',
      to: '2026-10-31T10:00:00.000Z',
      charged: '27',
    });
    const csv = String((await admin.client.get(of(one, 'statements/2026-10?format=csv'))).body)
      .trim()
      .split('\n');
    expect([csv[0]?.endsWith(',day,timeZone'), csv.at(-1)?.endsWith(',2026-10-31,Pacific/Kiritimati')]).toEqual([
      true,
      true,
    ]);
  });
});
