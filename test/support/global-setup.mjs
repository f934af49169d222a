// One real PostgreSQL for the whole run, and in it one migrated database that every test file clones.
import pg from 'pg';
import { buildIfStale } from '../../scripts/build-if-stale.mjs';

export const TEMPLATE = 'trellis_template';

export default async () => {
  await buildIfStale();
  const { startEmbeddedServer } = await import('../../dist/database/embedded/server.js');
  const { migrate } = await import('../../dist/database/migrate.js');
  const server = await startEmbeddedServer({ durable: false });
  globalThis.__postgres = server;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const url = new URL(server.url);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
  process.env.TEST_SERVER_URL = server.url;
};
