// `npm run bench:reports`: measures the database time of reports on one organization with a year of charges. Set their
// number with `--charges N` (default 10,000,000), `--members N` and `--units N`. SQL inserts the charges past the ledger,
// because this measures reading and counting, not charging.
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { buildIfStale } from '../scripts/build-if-stale.mjs';

const { values } = parseArgs({
  options: {
    charges: { type: 'string', default: '10000000' },
    members: { type: 'string', default: '200' },
    units: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '7' },
  },
});
const CHARGES = Number(values.charges);
const MEMBERS = Number(values.members);
const UNITS = Number(values.units);
const AT_ONCE = 250_000;

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
  const organizationId = await fill();
  source = await new DataSource(dataSourceOptions({ url: server.url, poolSize: 2 })).initialize();
  const rollups = new UsageRollupStore();
  const db = new Database(source);
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
  await measure(organizationId);
} finally {
  await source?.destroy();
  await sql.end();
  await server.stop();
}

/** Creates an organization with a year of evenly spread charges up to now. */
async function fill() {
  const id = '01a00000-0000-7000-8000-000000000001';
  await sql.query('set session_replication_role = replica');
  await sql.query(
    `insert into organizations (id, operator_id, slug, name) values ($1, gen_random_uuid(), 'bench', 'Bench')`,
    [id],
  );
  for (let from = 1; from <= CHARGES; from += AT_ONCE) {
    const to = Math.min(from + AT_ONCE - 1, CHARGES);
    await sql.query(
      `insert into credit_entries (organization_id, seq, id, type, kind, created_at, amount, available, held, consumed, external, promo, plan,
         expired, adjustment, receivable, usage, usage_at, available_after, held_after, consumed_after, unit_id, member_id, lots)
       select $1::uuid, g, ('01a10000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid, 'charge', (array['gpu', 'cpu', 'storage'])[1 + g % 3], t.at,
         1000, -1000, 0, 1000, 0, 0, 0, 0, 0, 0, 1000, t.at, -1000::bigint * g, 0, 1000::bigint * g,
         ('01a20000-0000-7000-8000-' || lpad(to_hex((g * 7 % $5::bigint) % $6::bigint), 12, '0'))::uuid,
         ('01a30000-0000-7000-8000-' || lpad(to_hex(g * 7 % $5::bigint), 12, '0'))::uuid, '[]'
       from generate_series($2::bigint, $3::bigint) g
       cross join lateral (select now() - interval '365 days' * (1 - g::float8 / $4::float8) as at) t`,
      [id, from, to, CHARGES, MEMBERS, UNITS],
    );
    process.stderr.write(`\r${to} charges`);
  }
  process.stderr.write('\n');
  await sql.query(
    `insert into credit_accounts (organization_id, seq, last_at, available, overdraft_limit, consumed)
     values ($1, $2::bigint, now(), -1000 * $2::bigint, 1000 * $2::bigint, 1000 * $2::bigint)`,
    [id, CHARGES],
  );
  await sql.query('set session_replication_role = origin');
  return id;
}

async function measure(organizationId) {
  const store = new ReportStore();
  const day = 86_400_000;
  const to = new Date(Math.ceil(Date.now() / day) * day);
  const year = { from: new Date(to.getTime() - 366 * day), to };
  const month = { from: new Date(to.getTime() - 30 * day), to };
  const usage = (groupBy, days) => () =>
    store.usage(source.manager, organizationId, days, { groupBy, limit: 1_000_000, filter: {} });
  const reports = {
    'a year by day': usage('day', year),
    'a year by unit': usage('unit', year),
    'a year by member': usage('member', year),
    'a year by kind': usage('kind', year),
    'a month by day': usage('day', month),
    'a statement': () => store.movements(source.manager, organizationId, month),
    'a year of balances': () => store.changes(source.manager, organizationId, year),
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
