import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import { AppModule } from '../../src/app.module.js';
import { createApp } from '../../src/http/app.setup.js';
import { readConfig } from '../../src/common/config/index.js';
import { newId } from '../../src/common/ids/index.js';
import { BootstrapService } from '../../src/provisioning/index.js';
import { Client } from './client.js';

const TEMPLATE = 'trellis_template';

export const ADMIN = { email: 'admin@demo.example', password: 'the very first password' };
/** Links in mails and the issuer of tokens: not where the test listens, which must not matter. */
export const BASE_URL = 'https://trellis.test';

/** All tests come from one network, and most are not about its budgets. */
export const LOOSE_LIMITS = {
  LIMIT_FAILED_SIGN_INS: '100000/1m',
  LIMIT_WRONG_SECRETS: '100000/1m',
  LIMIT_CONDITION_TRIALS: '100000/1m',
  LIMIT_INVITATIONS_OF_NEW_ORGANIZATION: '100000/1m',
  LIMIT_INVITATIONS: '100000/1m',
  LIMIT_MEMBER_NOTICES: '100000/1m',
  LIMIT_MAIL_REQUESTS: '100000/1m',
  LIMIT_MAIL_REQUESTS_PER_MAILBOX: '10/1h',
  LIMIT_MAIL_REQUESTS_BY_OWNER: '10/1h',
};

export interface TestServer {
  app: NestFastifyApplication;
  /** `http://127.0.0.1:…` */
  origin: string;
  close(): Promise<void>;
}

export interface TestApp extends TestServer {
  /** For reading and preparing rows that no route exposes. */
  sql: pg.Pool;
  databaseUrl: string;
  mailDir: string;
  /** Another server on the same database, which it may reach by another URL. */
  replica(env?: Record<string, string>, databaseUrl?: string): Promise<TestServer>;
  /** Returns a client of `/t/demo/api/v1`, or of another operator. */
  client(operator?: string): Client;
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.TEST_SERVER_URL });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * Drops a database. PostgreSQL waits for connections that are about to end, so that none of them is ended by force, which
 * its client would report as an error of the test.
 */
export async function dropDatabase(name: string): Promise<void> {
  await onServer(`drop database ${name}`).catch(() => onServer(`drop database ${name} with (force)`));
}

async function listen(databaseUrl: string, env: Record<string, string>): Promise<TestServer> {
  const config = readConfig({
    BASE_URL,
    LOG_LEVEL: 'silent',
    NODE_ENV: 'test',
    SECRET_KEY: 'a key for tests, long enough to be one',
    RATE_LIMIT: '100000',
    ...LOOSE_LIMITS,
    // Tests grant freely. The two-person rule has tests of its own.
    ADJUSTMENT_LIMIT: '1000000',
    PAYMENTS: env.STRIPE_SECRET_KEY ? '' : 'sandbox',
    // Tests sign in hundreds of times, and the cost of a hash is not what they test.
    ARGON2_MEMORY_KIB: '1024',
    ARGON2_PASSES: '1',
    PURGE_CRON: '0 0 1 1 *',
    BOOTSTRAP_ADMIN_EMAIL: ADMIN.email,
    BOOTSTRAP_ADMIN_PASSWORD: ADMIN.password,
    ...env,
  });
  const app = await createApp(AppModule.with({ url: databaseUrl, poolSize: 12 }), config);
  await app.get(BootstrapService).run();
  await app.listen({ port: env.PORT ? config.port : 0, host: '127.0.0.1' });
  return { app, origin: await app.getUrl(), close: () => app.close() };
}

/**
 * Starts the whole application on a database of its own: a real server, spoken to over HTTP. With `restore` the
 * database is empty, and `restore` fills it.
 */
export async function startTestApp(
  env: Record<string, string> = {},
  restore?: (url: string) => Promise<void>,
): Promise<TestApp> {
  const name = `t_${newId().replaceAll('-', '')}`;
  await onServer(`create database ${name} template ${restore ? 'template0' : TEMPLATE} strategy file_copy`);
  const url = new URL(process.env.TEST_SERVER_URL ?? '');
  url.pathname = `/${name}`;
  await restore?.(url.href);
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'trellis-test-'));
  const mailDir = path.join(dataDir, 'mail');
  const settings = { DATA_DIR: dataDir, MAIL_DIR: mailDir, ...env };
  const server = await listen(url.href, settings);
  // Without parallel workers, which would take ten times as long to start as fingerprint() takes to read.
  const options = '-c max_parallel_workers_per_gather=0';
  const sql = new pg.Pool({ connectionString: url.href, max: 4, options });
  const replicas: TestServer[] = [];
  return {
    ...server,
    sql,
    databaseUrl: url.href,
    mailDir,
    client: (operator = 'demo') => new Client(`${server.origin}/t/${operator}/api/v1`),
    replica: async (more = {}, databaseUrl = url.href) => {
      const replica = await listen(databaseUrl, { ...settings, ...more });
      replicas.push(replica);
      return replica;
    },
    close: async () => {
      for (const replica of replicas) await replica.close();
      await server.close();
      await sql.end();
      await dropDatabase(name);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
