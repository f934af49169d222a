// `npm run bench`: compares charges over HTTP with one transaction per charge on the same server, and with pgbench
// running that transaction as one call of an SQL function. All use one PostgreSQL, in alternating rounds, and the credits
// are counted after every round. Use `--rounds N --seconds N` for longer runs.
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Body, Controller, Module, Param, Post } from '@nestjs/common';
import pg from 'pg';
import { buildIfStale } from '../scripts/build-if-stale.mjs';
import { findPgbench, pgbench, SCHEMA } from './credits/pgbench.mjs';

const PASSWORD = 'a password for the bench';
const SPREAD = 1_000;
const CONNECTIONS = [8, 64, 512];
const BATCH = 500;
const AMOUNT = '0.001';
const MICRO = 1_000n;
const GRANT = '1000000';
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string', default: '' },
  },
});
const ROUNDS = Number(values.rounds);
const SECONDS = Number(values.seconds);
const wants = (name) => values.only === '' || values.only.split(',').includes(name);

await buildIfStale();
const { AppModule } = await import('../dist/app.module.js');
const { createApp } = await import('../dist/http/app.setup.js');
const { Requires } = await import('../dist/common/access/index.js');
const { Unlimited } = await import('../dist/http/index.js');
const { OwnIdempotency } = await import('../dist/http/idempotency/index.js');
const { readConfig } = await import('../dist/common/config/index.js');
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');
const { migrate } = await import('../dist/database/migrate.js');
const { BootstrapService } = await import('../dist/provisioning/index.js');

/** The alternative to group commit: one transaction per charge, on the pool size that serves it best. */
const singles = { pool: null };
class SingleController {
  async charge({ amount }, orgId) {
    const micro = String(Math.round(Number(amount) * 1e6));
    const client = await singles.pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query({
        name: 'take',
        text: 'update bench.balances set available = available - $2 where organization_id = $1 and available >= $2 returning available',
        values: [orgId, micro],
      });
      if (rows.length === 0) throw new Error('not enough');
      const entry = await client.query({
        name: 'enter',
        text: 'insert into bench.entries (organization_id, amount) values ($1, -$2::bigint) returning id',
        values: [orgId, micro],
      });
      await client.query('commit');
      return { id: entry.rows[0].id, amount, balance: rows[0].available };
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }
}
Controller('t/:operator/api/v1/organizations/:orgId/bench/charges')(SingleController);
const descriptor = Object.getOwnPropertyDescriptor(SingleController.prototype, 'charge');
Body()(SingleController.prototype, 'charge', 0);
Param('orgId')(SingleController.prototype, 'charge', 1);
Reflect.defineMetadata('design:paramtypes', [Object, String], SingleController.prototype, 'charge');
for (const decorate of [
  Post(),
  Requires('organization', 'charges:create', { cached: true }),
  Unlimited(),
  OwnIdempotency(),
])
  decorate(SingleController.prototype, 'charge', descriptor);

class BenchModule {}

const folder = mkdtempSync(path.join(os.tmpdir(), 'trellis-bench-'));
const server = await startEmbeddedServer({});
const sql = new pg.Pool({ connectionString: server.url, max: 2 });
singles.pool = new pg.Pool({ connectionString: server.url, max: 16 });
for (const pool of [sql, singles.pool]) pool.on('error', () => undefined);
const loader = fork(new URL('./credits/load.mjs', import.meta.url));
const neighbour = fork(new URL('./credits/load.mjs', import.meta.url));
let app;
try {
  await migrate(server.url);
  const config = readConfig({
    DATA_DIR: folder,
    LOG_LEVEL: 'silent',
    RATE_LIMIT: '1000000',
    BOOTSTRAP_ADMIN_PASSWORD: PASSWORD,
  });
  Module({ imports: [AppModule.with({ url: server.url, poolSize: 10 })], controllers: [SingleController] })(
    BenchModule,
  );
  app = await createApp(BenchModule, config);
  await app.get(BootstrapService).run();
  await app.listen({ port: 0, host: '127.0.0.1' });
  await run(await app.getUrl());
} finally {
  loader.kill();
  neighbour.kill();
  await app?.close();
  await sql.end();
  await singles.pool.end();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run(origin) {
  const port = Number(new URL(origin).port);
  const api = `${origin}/t/demo/api/v1`;
  const json = { 'content-type': 'application/json' };
  const { accessToken: token } = await post(`${api}/auth/login`, json, {
    email: 'admin@demo.example',
    password: PASSWORD,
  });
  const headers = { ...json, authorization: `Bearer ${token}` };
  console.error(`creating ${SPREAD} organizations`);
  const ids = await organizations(api, headers);
  const [hot] = ids;
  const small = ids[1];
  await sql.query(SCHEMA);
  await sql.query('insert into bench.balances select id, 1000000000000 from unnest($1::uuid[]) id', [ids]);
  await sql.query('alter table bench.balances set (fillfactor = 50)');
  const single = (id) => `/t/demo/api/v1/organizations/${id}/bench/charges`;
  const charge = (id) => `/t/demo/api/v1/organizations/${id}/credits/charges`;
  const order = {
    port,
    token,
    seconds: SECONDS,
    warmUpSeconds: 1,
    keyed: true,
    body: JSON.stringify({ amount: AMOUNT, kind: 'bench' }),
  };
  const program = findPgbench();
  if (!program) console.log('pgbench is not installed, so the comparison with it is skipped');

  const cases = [];
  for (const connections of CONNECTIONS) {
    if (wants('hot')) {
      cases.push({
        name: 'hot',
        connections,
        measure: () => counted(ids, () => load({ ...order, connections, targets: [charge(hot)] })),
      });
      cases.push({
        name: 'hot, one transaction per charge',
        connections,
        measure: () => countedSingle(() => load({ ...order, connections, targets: [single(hot)] })),
      });
      // PostgreSQL accepts a hundred connections. 512 clients would need a pooler.
      if (program && connections <= 64)
        cases.push({
          name: 'hot, pgbench',
          connections,
          measure: () => pgbench(program, server.url, `select bench.charge('${hot}', 1000);`, connections, SECONDS),
        });
    }
    if (wants('spread'))
      cases.push({
        name: `spread over ${SPREAD}`,
        connections,
        measure: () => counted(ids, () => load({ ...order, connections, targets: ids.map(charge) })),
      });
  }
  if (wants('batch')) {
    const items = Array.from({ length: BATCH }, () => ({ idempotencyKey: '{key}', amount: AMOUNT, kind: 'bench' }));
    const body = JSON.stringify({ items });
    const bulk = `insert into bench.bulk (organization_id, id, amount, key)
      select '${hot}', gen_random_uuid(), 1000, gen_random_uuid()::text from unnest(array(select generate_series(1, ${BATCH})));`;
    cases.push({
      name: `batches of ${BATCH}, charges`,
      connections: 8,
      measure: () =>
        counted(
          ids,
          () => load({ ...order, connections: 8, body, keyed: false, targets: [`${charge(hot)}/batch`] }),
          BATCH,
        ),
      rows: BATCH,
    });
    if (program)
      cases.push({
        name: `insert of ${BATCH} rows by pgbench, rows`,
        connections: 8,
        measure: () => pgbench(program, server.url, bulk, 8, SECONDS),
        rows: BATCH,
      });
  }
  const results = new Map(cases.map((one) => [`${one.name} @${one.connections}`, { ...one, runs: [] }]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [name, one] of results) {
      const measured = await one.measure();
      one.runs.push(measured);
      console.error(`round ${round}: ${name}: ${Math.round(measured.perSecond * (one.rows ?? 1))}/s`);
    }
  }
  const table = [...results].map(([, one]) => ({
    what: one.name,
    connections: one.connections,
    'per second': Math.round(median(one.runs.map(({ perSecond }) => perSecond)) * (one.rows ?? 1)),
    'p50 ms': fixed(median(one.runs.map(({ p50, average }) => p50 ?? average))),
    'p99 ms': fixed(median(one.runs.map(({ p99 }) => p99))),
    'load process':
      one.runs[0].cpuShare === undefined
        ? ''
        : `${Math.round(median(one.runs.map(({ cpuShare }) => cpuShare)) * 100)} %`,
  }));
  console.table(table);
  const rate = (what, connections) =>
    table.find((row) => row.what === what && row.connections === connections)?.['per second'];
  const ratio = (name, a, b, goal) => {
    if (a && b) console.log(`${name.padEnd(70)} ${(a / b).toFixed(2).padStart(7)}   goal ${goal}`);
  };
  const best = Math.max(...CONNECTIONS.map((connections) => rate('hot', connections) ?? 0));
  ratio(
    'hot / one transaction per charge, 64 connections',
    rate('hot', 64),
    rate('hot, one transaction per charge', 64),
    '>= 8',
  );
  ratio('hot / pgbench, 64 connections', rate('hot', 64), rate('hot, pgbench', 64), '> 1');
  ratio('hot at 512 / hot at its best', rate('hot', 512), best, '>= 0.95');
  ratio('hot / spread, 64 connections', rate('hot', 64), rate(`spread over ${SPREAD}`, 64), '>= 0.9');
  ratio('spread / hot, 64 connections', rate(`spread over ${SPREAD}`, 64), rate('hot', 64), '>= 0.9');
  ratio(
    'batches / bare insert by pgbench',
    rate(`batches of ${BATCH}, charges`, 8),
    rate(`insert of ${BATCH} rows by pgbench, rows`, 8),
    '>= 0.5',
  );
  if (wants('fair')) await fair(order, charge(small), charge(hot), ids);
  console.log(
    `${ROUNDS} alternating rounds of ${SECONDS} s, medians; the server, PostgreSQL and the load share ${os.cpus().length} cores. The credits were correct after every round.`,
  );
}

/** Compares a small organization alone with the same next to one that sends more than the server can handle. */
async function fair(order, small, hot, ids) {
  const alone = [];
  const beside = [];
  for (let round = 0; round < ROUNDS; round++) {
    const quiet = await counted(ids, () => load({ ...order, connections: 2, targets: [small] }));
    alone.push(quiet.p99);
    await counted(ids, async () => {
      const crowd = ask(neighbour, { ...order, connections: 1024, seconds: SECONDS + 1, targets: [hot] });
      const measured = await load({ ...order, connections: 2, targets: [small] });
      beside.push(measured.p99);
      const others = await crowd;
      const statuses = { ...measured.statuses };
      for (const [status, number] of Object.entries(others.statuses))
        statuses[status] = (statuses[status] ?? 0) + number;
      return { ...measured, statuses };
    });
  }
  const [a, b] = [median(alone), median(beside)];
  console.log(
    `small organization, p99: alone ${fixed(a)} ms, next to a hot one on 1,024 connections ${fixed(b)} ms, ratio ${(b / a).toFixed(2)}   goal <= 2`,
  );
}

async function organizations(api, headers) {
  const ids = [];
  const work = Array.from({ length: SPREAD }, (_, index) => index).values();
  const worker = async () => {
    for (const index of work) {
      const { id } = await post(`${api}/admin/organizations`, headers, { name: `Bench ${index}` });
      const key = { 'idempotency-key': `grant-${index}` };
      const grant = { amount: GRANT, category: 'paid', reason: 'bench' };
      await post(`${api}/organizations/${id}/credits/grants`, { ...headers, ...key }, grant);
      ids.push(id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return ids;
}

/** Runs a round and compares the responses with the credits gone from the accounts. */
async function counted(ids, work, perAnswer = 1) {
  const before = await available(ids);
  const result = await work();
  const charged = BigInt((result.statuses[201] ?? 0) + (result.statuses[200] ?? 0)) * BigInt(perAnswer) * MICRO;
  const gone = before - (await available(ids));
  if (gone !== charged)
    throw new Error(`according to the responses ${charged} micro-credits were charged, but ${gone} are gone`);
  const other = Object.keys(result.statuses).filter((status) => !['200', '201', '503'].includes(status));
  if (other.length > 0) throw new Error(`unexpected responses: ${JSON.stringify(result.statuses)}`);
  return result;
}

async function available(ids) {
  const { rows } = await sql.query(
    'select sum(available)::text as total from credit_accounts where organization_id = any($1::uuid[])',
    [ids],
  );
  return BigInt(rows[0].total ?? 0);
}

async function countedSingle(work) {
  const total = async () =>
    BigInt((await sql.query('select sum(available)::text as total from bench.balances')).rows[0].total);
  const before = await total();
  const result = await work();
  if (Object.keys(result.statuses).some((status) => status !== '201')) throw new Error(JSON.stringify(result.statuses));
  const gone = before - (await total());
  if (gone !== BigInt(result.statuses[201] ?? 0) * MICRO)
    throw new Error(`one transaction per charge: ${gone} micro-credits are gone`);
  return result;
}

function load(order) {
  return ask(loader, order);
}

function ask(child, order) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send(order);
  });
}

async function post(url, headers, body) {
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} returned ${answer.status} ${await answer.text()}`);
  return answer.json();
}

function median(numbers) {
  const sorted = numbers.filter((number) => number !== undefined && number !== null).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function fixed(number) {
  return number === undefined || number === null ? '' : number.toFixed(1);
}
