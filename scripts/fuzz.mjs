// `npm run fuzz -- --requests 100000 --seed N`: sends generated requests over loopback to a server with a temporary
// database. Fails on any response with status 500 or above, any error that is not a problem document, and any response
// slower than a second.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { fuzz } from '../test/fuzz/fuzz.mjs';
import { buildIfStale } from './build-if-stale.mjs';

const ADMIN = { email: 'admin@demo.example', password: 'the very first password' };
const START_MS = 60_000;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string' },
    only: { type: 'string' },
    concurrency: { type: 'string', default: '8' },
    'slow-ms': { type: 'string', default: '1000' },
  },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const say = (line) => console.error(line);

await buildIfStale({ say });
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');

const folder = await mkdtemp(path.join(os.tmpdir(), 'trellis-fuzz-'));
const database = await startEmbeddedServer({ durable: false });
const sql = new pg.Pool({ connectionString: database.url, max: 2 });
// Stopping the database ends its connections.
sql.on('error', () => undefined);
let server = null;
try {
  server = await startServer();
  say(`seed ${seed}, ${values.requests} requests`);
  await run();
} finally {
  await server?.stop();
  await sql.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

async function run() {
  const memoryBefore = await server.memory();
  const begun = performance.now();
  const report = await fuzz({
    origin: server.origin,
    admin: ADMIN,
    query: (text, parameters) => sql.query(text, parameters),
    requests: Number(values.requests),
    seed,
    ...(values.only !== undefined && { only: Number(values.only) }),
    concurrency: Number(values.concurrency),
    slowMs: Number(values['slow-ms']),
    say,
  });
  const seconds = (performance.now() - begun) / 1000;
  const afterwards = await server.check();
  console.log(report.table());
  console.log(
    `\n${report.count} requests in ${Math.round(seconds)} s (seed ${seed}); memory ${memoryBefore} → ${await server.memory()} MiB`,
  );
  if (report.undocumented.size > 0) console.log(`\nUndocumented statuses:\n${report.faultText(report.undocumented)}`);
  const errors = (await server.log()).split('\n').filter((line) => /"level":"?(?:50|60|error|fatal)/.test(line));
  if (errors.length > 0)
    console.log(`\nThe server logged ${errors.length} errors. The first ones:\n${errors.slice(0, 10).join('\n')}`);
  if (afterwards.length > 0) console.log(`\nAfter the run: ${afterwards.join('; ')}`);
  console.log(report.failed ? `\nFaults:\n${report.faultText()}` : '\nNo faults.');
  if (report.failed || afterwards.length > 0) process.exitCode = 1;
}

async function startServer() {
  const port = await freePort();
  const logFile = path.join(folder, 'server.log');
  const child = spawn(process.execPath, [path.resolve(import.meta.dirname, '../dist/main.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      DATA_DIR: folder,
      SECRET_KEY: 'a key for the fuzzer, long enough to be one',
      BOOTSTRAP_ADMIN_EMAIL: ADMIN.email,
      BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
      RATE_LIMIT: '1000000',
      LIMIT_FAILED_SIGN_INS: '1000000/1m',
      LIMIT_WRONG_SECRETS: '1000000/1m',
      LIMIT_MAIL_REQUESTS: '1000000/1m',
      LOG_LEVEL: 'warn',
      PURGE_CRON: '0 0 1 1 *',
    },
  });
  // Do not leave the server behind when this process is terminated.
  process.once('exit', () => child.kill('SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const origin = `http://127.0.0.1:${port}`;
  let died = null;
  child.once('exit', (code, signal) => {
    died = signal ?? code;
  });
  for (const begun = Date.now(); ; await sleep(100)) {
    const ready = await fetch(`${origin}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    if (died === null && Date.now() - begun < START_MS) continue;
    child.kill('SIGKILL');
    throw new Error(`the server did not start:\n${await readFile(logFile, 'utf8')}`);
  }
  return {
    origin,
    log: () => readFile(logFile, 'utf8'),
    /** Resident memory in MiB, or 0 where /proc is not available. */
    memory: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    },
    check: () => checkAfterwards(origin, () => died),
    stop: async () => {
      if (died !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Returns a description of each problem that the run left behind. */
async function checkAfterwards(origin, died) {
  if (died() !== null) return [`the server ended (${died()})`];
  const faults = [];
  const ready = await fetch(`${origin}/readyz`);
  if (!ready.ok) faults.push(`/readyz returns ${ready.status}`);
  const { rows } = await sql.query(
    `select count(*)::int as open from pg_stat_activity
     where datname = current_database() and application_name = 'trellis' and state like 'idle in transaction%'`,
  );
  if (rows[0].open > 0) faults.push(`${rows[0].open} transactions were left open`);
  // Locks are taken in one fixed order, so there must be no deadlocks. Each costs its victims a second.
  const locks = await sql.query('select deadlocks::int from pg_stat_database where datname = current_database()');
  if (locks.rows[0].deadlocks > 0) faults.push(`${locks.rows[0].deadlocks} deadlocks`);
  return faults;
}

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
