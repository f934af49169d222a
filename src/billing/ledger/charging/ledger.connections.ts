import { Injectable, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ConfigError } from '../../../common/config/index.js';
import { lostStatement } from '../../../database/index.js';
import type { Executor, Statement } from '../storage/executor.js';

/** One transaction waits for the disk while the next one is prepared. */
export const MAX_CONCURRENT_TRANSACTIONS = 3;

/** Options of the TypeORM data source. */
interface Settings {
  url: string;
  applicationName: string;
  extra: pg.PoolConfig;
}

const BEGIN = 'begin isolation level read committed';

/**
 * Plans prepared statements once, because planning takes longer than running them. Forces index scans, because a plan made
 * while the tables are small would scan them sequentially forever.
 */
const PLANNING = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };
const planning = (set: 'set' | 'set local'): string =>
  Object.entries(PLANNING)
    .map(([name, value]) => `${set} ${name} = ${value}`)
    .join('; ');

/** One transaction on one connection. Statements run without waiting are sent in one message. */
export interface LedgerTransaction extends Executor {
  /** Rejects when any earlier statement failed. */
  commit(): Promise<void>;
  /** Sends what `work` runs before it first waits as one packet, so the database wakes once. */
  pipelined<T>(work: () => T): T;
}

/** Connections for batches, separate from TypeORM's pool: prepared statements, several per message. */
@Injectable()
export class LedgerConnections implements OnModuleInit {
  private pool: pg.Pool | undefined;
  /** False behind a pooler that gives each transaction another connection. */
  private prepares = true;
  /** Connections with session-level planner settings. Behind a pooler, each transaction sets them instead. */
  private readonly configured = new WeakSet<pg.ClientBase>();
  /** True for Citus, where a transaction must not lock accounts of several organizations. */
  distributed = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Refuses a database that acknowledges commits before they are on disk, because credits could be lost. */
  async onModuleInit(): Promise<void> {
    const { url, extra, applicationName } = this.dataSource.options as Settings;
    // The pool awaits it, although its types do not say so.
    const onConnect: (client: pg.ClientBase) => unknown = (client) => this.configure(client);
    this.pool = new pg.Pool({
      ...extra,
      connectionString: url,
      application_name: applicationName,
      max: MAX_CONCURRENT_TRANSACTIONS,
      pipeline: true,
      onConnect,
    });
    // The pool replaces a broken connection, and statements that run on it reject.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    const { rows } = await this.pool.query<{ setting: string; distributed: boolean }>(
      `select current_setting('synchronous_commit') as setting,
         exists (select 1 from pg_extension where extname = 'citus') as distributed`,
    );
    this.distributed = rows[0]?.distributed ?? false;
    if (rows[0]?.setting === 'off') {
      throw new ConfigError(
        'DATABASE_URL names a database with synchronous_commit = off, which loses credits in a crash. Turn it on',
      );
    }
  }

  async close(): Promise<void> {
    await this.pool?.end();
  }

  /** Runs `work` in a READ COMMITTED transaction. `work` must commit it. Rolls back after an error. */
  async transaction<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    if (!this.pool) throw new Error('connections are not open yet');
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      return await pipelined(client, () => {
        // Not awaited: it is sent with the next statements, which fail if it fails.
        const begun = client.query(this.configured.has(client) ? BEGIN : `${BEGIN}; ${planning('set local')}`);
        begun.catch(() => undefined);
        return work(this.on(client, begun));
      });
    } catch (error) {
      this.noteLostStatement(error);
      broken = await rollBack(client);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /**
   * Sets the planner settings once per connection, unless a pooler is in between. A pooler reports its own process id.
   */
  private async configure(client: pg.ClientBase): Promise<void> {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    if (rows[0]?.pid !== (client as unknown as { processID: number | null }).processID) return;
    await client.query(planning('set'));
    this.configured.add(client);
  }

  private on(client: pg.PoolClient, begun: Promise<unknown>): LedgerTransaction {
    const run = async <Row>({ name, text, values }: Statement): Promise<Row[]> => {
      const { rows } = await client.query<Row & pg.QueryResultRow>(
        this.prepares ? { name, text, values } : { text, values },
      );
      return rows;
    };
    return {
      run,
      pipelined: (work) => pipelined(client, work),
      commit: async () => {
        const [, { command }] = await Promise.all([begun, client.query('commit')]);
        // PostgreSQL answers ROLLBACK to a commit after a failed statement.
        if (command !== 'COMMIT') throw new Error(`the transaction ended with ${command}`);
      },
    };
  }

  private noteLostStatement(error: unknown): void {
    if (lostStatement(error)) this.prepares = false;
  }
}

function pipelined<T>(client: pg.PoolClient, work: () => T): T {
  const { stream } = (client as unknown as { connection: pg.Connection }).connection;
  stream.cork();
  try {
    return work();
  } finally {
    stream.uncork();
  }
}

/** Rolls back. Returns undefined when the connection can be used again. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
