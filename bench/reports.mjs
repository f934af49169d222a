// `npm run bench:reports`: measures the database time of reports on one organization with a year of charges. Set their
// number with `--charges N` (default 10,000,000), `--members N` and `--units N`. Before that, it counts a burst of charges into
// a new organization (`--burst N`, default 100,000) that the statistics of the database know nothing of, and compares it with
// the same burst once they do. SQL inserts the charges past the ledger, because this measures reading and counting, not charging.
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { buildIfStale } from '../scripts/build-if-stale.mjs';

const { values } = parseArgs({
  options: {
    charges: { type: 'string', default: '10000000' },
    burst: { type: 'string', default: '100000' },
    members: { type: 'string', default: '200' },
    units: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '7' },
  },
});
const CHARGES = Number(values.charges);
const BURST = Number(values.burst);
const MEMBERS = Number(values.members);
const UNITS = Number(values.units);
const AT_ONCE = 250_000;
const OPERATOR = '01a00000-0000-7000-8000-000000000000';

await buildIfStale();
const { startEmbeddedServer } = await import('../dist/database/embedded/server.js');
const { migrate } = await import('../dist/database/migrate.js');
const { dataSourceOptions } = await import('../dist/database/data-source.js');
const { Database } = await import('../dist/database/index.js');
const { UsageRollupStore } = await import('../dist/billing/ledger/usage/usage-rollup.store.js');
const { UsageRollupJob } = await import('../dist/billing/ledger/usage/usage-rollup.job.js');
const { ReportStore } = await import('../dist/billing/reports/report.store.js');

const server = await startEmbeddedServer({});
const sql = new pg.Client(server.url);
sql.on('error', () => undefined);
let source;
try {
  await migrate(server.url);
  await sql.connect();
  source = await new DataSource(dataSourceOptions({ url: server.url, poolSize: 2 })).initialize();
  const rollups = new UsageRollupStore();
  const db = new Database(source);
  await addOperator();
  await measureBurst(db, rollups);
  const organizationId = await fill(2, CHARGES, '365 days');
  const begun = performance.now();
  await new UsageRollupJob(db, rollups).run();
  const seconds = (performance.now() - begun) / 1000;
  await sql.query('vacuum (analyze) credit_days, credit_entries');
  const { rows } = await sql.query('select count(*)::int as days from credit_days');
  console.log(
    `${CHARGES} charges of ${MEMBERS} members in ${UNITS} units counted in ${seconds.toFixed(1)} s (${Math.round(CHARGES / seconds)}/s) into ${rows[0].days} rows`,
  );
  const wrong = await db.patientRead((reader) => rollups.countWrongDays(reader, organizationId));
  if (wrong > 0) throw new Error(`${wrong} days do not match the entries`);
  await measure(db, organizationId);
} finally {
  await source?.destroy();
  await sql.end();
  await server.stop();
}

async function addOperator() {
  await sql.query(
    `insert into operators (id, slug, name, time_zone, default_unit_name, self_service_organization_limit)
     values ($1, 'bench', 'Bench', 'UTC', 'Default', 0)`,
    [OPERATOR],
  );
}

/** Counts a burst into a new organization, first with statistics from before it, then with current ones. */
async function measureBurst(db, rollups) {
  // The database then expects hardly any entries of an organization that it has not seen.
  await fill(3, 20_000, '30 days');
  await new UsageRollupJob(db, rollups).run();
  await sql.query('analyze credit_entries');
  await sql.query('alter table credit_entries set (autovacuum_enabled = false)');
  const id = await fill(1, BURST, '6 seconds');
  const job = new UsageRollupJob(db, rollups);
  const count = async () => {
    const begun = performance.now();
    await job.run();
    return (performance.now() - begun) / 1000;
  };
  const unknown = await count();
  await sql.query('analyze credit_entries');
  await db.transaction((tx) => rollups.reset(tx, id));
  const known = await count();
  await sql.query('alter table credit_entries reset (autovacuum_enabled)');
  console.log(
    `a burst of ${BURST} charges counted in ${unknown.toFixed(1)} s, ${(unknown / known).toFixed(1)} times as long as with current statistics`,
  );
}

/** Creates an organization with evenly spread charges up to now. */
async function fill(number, charges, duration) {
  const id = `01a00000-0000-7000-8000-00000000000${number}`;
  await sql.query('set session_replication_role = replica');
  await sql.query('insert into organizations (id, operator_id, slug, name) values ($1, $2, $3, $3)', [
    id,
    OPERATOR,
    `bench-${number}`,
  ]);
  for (let from = 1; from <= charges; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE - 1, charges);
    await sql.query(
      `insert into credit_entries (organization_id, seq, id, type, kind, created_at, amount, available, held, consumed, external, promo, plan,
         expired, adjustment, receivable, usage, usage_at, available_after, held_after, consumed_after, unit_id, member_id, lots)
       select $1::uuid, g, ('01a10000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, 'charge', (array['gpu', 'cpu', 'storage'])[1 + g % 3], t.at,
         1000, -1000, 0, 1000, 0, 0, 0, 0, 0, 0, 1000, t.at, -1000::bigint * g, 0, 1000::bigint * g,
         ('01a20000-0000-7000-8000-' || lpad(to_hex((g * 7 % $5::bigint) % $6::bigint), 12, '0'))::uuid,
         ('01a30000-0000-7000-8000-' || lpad(to_hex(g * 7 % $5::bigint), 12, '0'))::uuid, '[]'
       from generate_series($2::bigint, $3::bigint) g
       cross join lateral (select now() - $7::interval * (1 - g::float8 / $4::float8) as at) t`,
      [id, from, to, charges, MEMBERS, UNITS, duration],
    );
    process.stderr.write(`\r${to} charges`);
  }
  process.stderr.write('\n');
  await sql.query(
    `insert into credit_accounts (organization_id, seq, last_at, available, overdraft_limit, consumed)
     values ($1, $2::bigint, now(), -1000 * $2::bigint, 1000 * $2::bigint, 1000 * $2::bigint)`,
    [id, charges],
  );
  await sql.query('set session_replication_role = origin');
  return id;
}

async function measure(db, organizationId) {
  const store = new ReportStore();
  const dayText = (daysAgo) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const year = { from: dayText(365), to: dayText(-1), timeZone: 'UTC' };
  const month = { from: dayText(29), to: dayText(-1), timeZone: 'UTC' };
  const usage = (groupBy, days) => () =>
    store.usage(db.reader, organizationId, days, { groupBy, limit: 1_000_000, filter: {} });
  const reports = {
    'a year by day': usage('day', year),
    'a year by unit': usage('unit', year),
    'a year by member': usage('member', year),
    'a year by kind': usage('kind', year),
    'a month by day': usage('day', month),
    'a statement': () => store.movements(db.reader, organizationId, month),
    'a year of balances': () => store.changes(db.reader, organizationId, year),
  };
  const table = [];
  for (const [report, run] of Object.entries(reports)) {
    const times = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const begun = performance.now();
      await run();
      times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    table.push({
      report,
      'median ms': times[Math.floor(times.length / 2)].toFixed(1),
      'worst ms': times.at(-1).toFixed(1),
    });
  }
  console.table(table);
}
