// Starts one real PostgreSQL for a whole run, with one migrated database that every test file clones.
import pg from 'pg';

const TEMPLATE = 'trellis_template';

/** Needs an up-to-date dist/. */
export async function startTestDatabase() {
  const { startEmbeddedServer } = await import('../../dist/database/embedded/server.js');
  const { migrate } = await import('../../dist/database/migrate.js');
  const server = await startEmbeddedServer({ durable: false, maxConnections: 400 });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const url = new URL(server.url);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
  return server;
}
