import pg from 'pg';
import { DataSource } from 'typeorm';
import { describeTwins, findAddressTwins } from './addresses.js';
import { createDataSource, dataSourceOptions } from './data-source.js';
import { DatabaseError } from './database-error.js';
import { assertSortable, refreshNameOrder } from './name-order.js';
import { OneFormOfAddresses1796500000032 } from './migrations/0032-one-form-of-addresses.js';

const MIGRATION_LOCK = 7_406_512;

/** Oldest supported major version of PostgreSQL. */
const OLDEST_POSTGRES = 15;

async function assertUsable(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<{ version: string }[]>(
    `select current_setting('server_version_num') as version`,
  );
  const major = Math.floor(Number(row?.version) / 10_000);
  if (major < OLDEST_POSTGRES)
    throw new DatabaseError(
      `DATABASE_URL points to PostgreSQL ${major}, but version ${OLDEST_POSTGRES} or newer is required`,
    );
}

interface Extension {
  installed: boolean;
  available: boolean;
  creatable: boolean;
}

/** Any user who may create objects in a database may create this extension, which PostgreSQL trusts, and many may not. */
async function assertSearchable(dataSource: DataSource): Promise<void> {
  const [found] = await dataSource.query<Extension[]>(
    `select exists (select from pg_extension where extname = 'pg_trgm') as installed,
       exists (select from pg_available_extensions where name = 'pg_trgm') as available,
       has_database_privilege(current_database(), 'create') as creatable`,
  );
  if (!found || found.installed) return;
  if (!found.available)
    throw new DatabaseError(
      'the PostgreSQL of DATABASE_URL lacks the extension pg_trgm: install its contrib modules (postgresql-contrib)',
    );
  if (!found.creatable)
    throw new DatabaseError(
      'the user of DATABASE_URL may not create the extension pg_trgm: run `create extension pg_trgm` in the database as its owner',
    );
}

interface Connecting {
  extra: pg.ClientConfig;
  connectTimeoutMS: number;
}

/** Connects with the server's default settings, because a pooler may reject some of ours. */
async function assertReachable(url: string): Promise<void> {
  const { extra, connectTimeoutMS } = dataSourceOptions({ url, poolSize: 1 }) as Connecting;
  const client = new pg.Client({ ...extra, connectionString: url, connectionTimeoutMillis: connectTimeoutMS });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Migrates the database to the newest schema. Servers that call it at once run one after the other: a separate transaction
 * holds a lock, which also works through a pooler. Passes what an administrator has to settle to `notice`, one line each.
 * Throws DatabaseError.
 */
export async function migrate(url: string, notice: (line: string) => void = () => undefined): Promise<string[]> {
  // No time limit, because migrations and waiting for another server can take long.
  const dataSource = createDataSource({ url, poolSize: 2, statementTimeoutMs: 0 });
  try {
    await assertReachable(url);
    await dataSource.initialize();
  } catch (error) {
    throw new DatabaseError(
      `cannot connect to the database of DATABASE_URL: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  try {
    await assertUsable(dataSource);
    await assertSearchable(dataSource);
    await assertSortable(dataSource);
    return await dataSource.transaction(async (lock) => {
      await lock.query(`set local idle_in_transaction_session_timeout = 0`);
      await lock.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
      const applied = (await dataSource.runMigrations({ transaction: 'all' })).map(({ name }) => name);
      if (applied.includes(OneFormOfAddresses1796500000032.name))
        for (const twins of await findAddressTwins((sql, parameters) => dataSource.query(sql, parameters)))
          notice(`${describeTwins(twins)} (see npm run ops -- addresses)`);
      const rebuilt = await refreshNameOrder(lock);
      if (rebuilt.length > 0)
        notice(`PostgreSQL sorts names by another version of ICU now: rebuilt ${rebuilt.join(', ')}`);
      return applied;
    });
  } finally {
    await dataSource.destroy();
  }
}
