import pg from 'pg';
import { DataSource } from 'typeorm';
import { createDataSource, dataSourceOptions } from './data-source.js';
import { DatabaseError } from './database-error.js';

const MIGRATION_LOCK = 7_406_512;

/** Oldest and newest major version of PostgreSQL this runs on. */
const OLDEST_POSTGRES = 15;

async function assertUsable(dataSource: DataSource): Promise<void> {
  const [row] = await dataSource.query<{ version: string }[]>(
    `select current_setting('server_version_num') as version`,
  );
  const major = Math.floor(Number(row?.version) / 10_000);
  if (major < OLDEST_POSTGRES)
    throw new DatabaseError(`DATABASE_URL leads to PostgreSQL ${major}; ${OLDEST_POSTGRES} or newer is needed`);
}

interface Connecting {
  extra: pg.ClientConfig;
  connectTimeoutMS: number;
}

/** Connects with the server's own settings and disconnects: a pooler may refuse some of them. */
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
 * Brings the database to the newest schema. Any number of servers may call it at once: one lock, held by a transaction
 * of its own so that it also works through a pooler, lets them in one after the other. Throws DatabaseError.
 */
export async function migrate(url: string): Promise<string[]> {
  // A migration, and the wait for another server's, takes as long as it takes.
  const dataSource = createDataSource({ url, poolSize: 2, statementTimeoutMs: 0 });
  try {
    await assertReachable(url);
    await dataSource.initialize();
  } catch (error) {
    throw new DatabaseError(
      `the database of DATABASE_URL cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  try {
    await assertUsable(dataSource);
    return await dataSource.transaction(async (lock) => {
      await lock.query(`set local idle_in_transaction_session_timeout = 0`);
      await lock.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
      const applied = await dataSource.runMigrations({ transaction: 'all' });
      return applied.map(({ name }) => name);
    });
  } finally {
    await dataSource.destroy();
  }
}
