import { Injectable, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ConfigError } from '../../../common/config/index.js';
import { lostStatement } from '../../../common/database/index.js';
import type { Executor, Statement } from '../storage/executor.js';

/** Transactions at the same time: one waits for the disk while the next is worked on. */
export const MAX_CONCURRENT_TRANSACTIONS = 3;

/** Of the data source, whose database this is about. */
interface Settings {
  url: string;
  applicationName: string;
  extra: pg.PoolConfig;
}

const BEGIN = 'begin isolation level read committed';

/**
 * The plans of prepared statements are made once, since planning takes longer than running them: what they look up is always
 * found by an index, also when the tables were still so small at that moment that reading them whole seemed best.
 */
const PLANNING = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' };
const planning = (set: 'set' | 'set local'): string =>
  Object.entries(PLANNING)
    .map(([name, value]) => `${set} ${name} = ${value}`)
    .join('; ');

/** One transaction on one connection; what is run without waiting leaves in one message. */
export interface LedgerTransaction extends Executor {
  /** Throws when anything before it failed. */
  commit(): Promise<void>;
  /** What `work` runs before it first waits leaves as one packet: the database is woken once. */
  pipelined<T>(work: () => T): T;
}

/** The few connections that batches are written on, beside TypeORM's: prepared statements, many in one message. */
@Injectable()
export class LedgerConnections implements OnModuleInit {
  private pool: pg.Pool | undefined;
  /** Off behind a pooler that gives each transaction another connection. */
  private prepares = true;
  /** Connections that were told how to plan when they were made. Others may be another's next time, and are told each time. */
  private readonly configured = new WeakSet<pg.ClientBase>();
  /** Organizations lie on several servers, where no transaction locks accounts of more than one. */
  distributed = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Throws ConfigError where a commit is answered before it is on disk: credits could be lost after the fact. */
  async onModuleInit(): Promise<void> {
    const { url, extra, applicationName } = this.dataSource.options as Settings;
    // It is awaited, which the types of the pool do not say.
    const onConnect: (client: pg.ClientBase) => unknown = (client) => this.configure(client);
    this.pool = new pg.Pool({
      ...extra,
      connectionString: url,
      application_name: applicationName,
      max: MAX_CONCURRENT_TRANSACTIONS,
      pipeline: true,
      onConnect,
    });
    // One that breaks is replaced by the next use; what was running on it is told so by itself.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
    const { rows } = await this.pool.query<{ setting: string; distributed: boolean }>(
      `select current_setting('synchronous_commit') as setting,
         exists (select 1 from pg_extension where extname = 'citus') as distributed`,
    );
    this.distributed = rows[0]?.distributed ?? false;
    if (rows[0]?.setting === 'off') {
      throw new ConfigError(
        'DATABASE_URL leads to a database with synchronous_commit = off, which loses credits in a crash',
      );
    }
  }

  async close(): Promise<void> {
    await this.pool?.end();
  }

  /** Runs `work` in a READ COMMITTED transaction, which `work` commits. After an error nothing of it stays. */
  async transaction<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    if (!this.pool) throw new Error('connections are not open yet');
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      return await pipelined(client, () => {
        // Not awaited: it leaves with what follows, which fails if it fails.
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

  /** A pooler has process numbers of its own for its clients. */
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
        // The answer to a commit after an error that nobody waited for.
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

/** Undefined when the connection can be used again. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
