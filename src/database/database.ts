import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError, type QueryRunner } from 'typeorm';
import { preparedSend } from './prepared-statements.js';
import { Reader, type Send, type StatementResult, Tx, Writer } from './reader.js';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const QUERY_CANCELED = '57014';
const ATTEMPTS = 3;

interface PostgresError {
  code?: string;
  constraint?: string;
}

const driverError = (error: unknown): PostgresError | null =>
  error instanceof QueryFailedError ? (error.driverError as PostgresError) : null;

/** Returns the name of the violated unique or foreign key constraint, null for other errors. */
export function brokenConstraint(error: unknown): string | null {
  const failed = driverError(error);
  const broken = failed?.code === UNIQUE_VIOLATION || failed?.code === FOREIGN_KEY_VIOLATION;
  return broken ? (failed.constraint ?? null) : null;
}

/** Tells whether the database cancelled a statement because of the time limit. */
export const tookTooLong = (error: unknown): boolean => driverError(error)?.code === QUERY_CANCELED;

/** Runs a write and converts a violated constraint to the error for its name. */
export async function refusingOn<T>(refusals: Record<string, () => Error>, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const refusal = refusals[brokenConstraint(error) ?? ''];
    throw refusal ? refusal() : error;
  }
}

export interface TransactionOptions {
  /**
   * Set if the transaction changes nothing that access depends on: sessions, users, members, roles, keys, or the state of
   * organizations and units. This only saves reads. Leave it out in doubt.
   */
  keepsAccess?: boolean;
}

/** Matches statements that only read, judging by the first word. */
const READS = /^[\s(]*(?:select|with|values|show|explain)\b/i;

@Injectable()
export class Database {
  private generation = 0;

  /** For reads outside a transaction. */
  readonly reader: Reader;

  /**
   * For the reads before every request. Each connection plans their text once, because planning a query over six tables
   * takes longer than running it.
   */
  readonly frequentReader: Reader;

  /**
   * For writes that must outlive the request that makes them, such as counted sign-in attempts. Every statement commits
   * by itself, so this fits only where one statement is the whole change. Anything else belongs in a transaction.
   */
  readonly autocommit: Writer;

  constructor(private readonly dataSource: DataSource) {
    const { manager } = dataSource;
    const send = pooledSend(dataSource);
    this.reader = new Reader(readOnly(send), manager);
    this.frequentReader = new Reader(readOnly(preparedSend(dataSource)), manager);
    this.autocommit = new Writer(send, manager);
  }

  /**
   * Increases with every transaction of this server that may have changed access, after the commit and before its caller
   * continues. Facts read in an earlier generation may be outdated.
   */
  get accessGeneration(): number {
    return this.generation;
  }

  /**
   * Runs `work` in one READ COMMITTED transaction. After a serialization failure or a deadlock the whole callback runs
   * again, up to three times in total, so `work` must have no effect outside the database.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>, { keepsAccess = false }: TransactionOptions = {}): Promise<T> {
    try {
      return await this.attempts(work);
    } finally {
      // Also after an error: the commit may have succeeded before the connection failed.
      if (!keepsAccess) this.generation++;
    }
  }

  /** Reads one snapshot without a time limit, for checks in the background. Writes go on meanwhile. */
  patientRead<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('set transaction read only; set local statement_timeout = 0');
      return work(new Reader(sendOn(runnerOf(manager)), manager));
    });
  }

  private async runAndCommit<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction('READ COMMITTED');
      const tx = new Tx(sendOn(runner), runner.manager);
      const result = await work(tx);
      const statements: string[] = [];
      for (const prepare of tx.commitWork) statements.push(await prepare());
      await commit(runner, statements);
      return result;
    } catch (error) {
      // The first error says what happened. A connection that cannot roll back is broken and leaves the pool.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }

  private async attempts<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.runAndCommit(work);
      } catch (error) {
        const code = driverError(error)?.code;
        const again = code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
        if (!again || attempt === ATTEMPTS) throw error;
        await sleep(Math.random() * 20 * 2 ** attempt);
      }
    }
  }
}

/**
 * Sends the last statements and the commit in one message, so that what they lock is not locked for a further round trip.
 * A failing statement ends the message before the commit.
 */
async function commit(runner: QueryRunner, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return runner.commitTransaction();
  await runner.query([...statements, 'commit'].join(';\n'));
  // The runner did not see the commit.
  (runner as { isTransactionActive: boolean }).isTransactionActive = false;
}

/** Returns the connection of a transaction. */
function runnerOf({ queryRunner }: EntityManager): QueryRunner {
  if (!queryRunner) throw new Error('a transaction has no connection');
  return queryRunner;
}

const sendOn =
  (runner: QueryRunner): Send =>
  async (text, parameters): Promise<StatementResult> => {
    const { records, affected } = await runner.query(text, parameters, true);
    return { rows: records, count: affected ?? 0 };
  };

/** Takes a connection of the pool for each statement. */
const pooledSend =
  (dataSource: DataSource): Send =>
  async (text, parameters) => {
    const runner = dataSource.createQueryRunner();
    try {
      return await sendOn(runner)(text, parameters);
    } finally {
      await runner.release();
    }
  };

/** Rejects statements that write. The types exclude them already, but a statement is plain text. */
const readOnly =
  (send: Send): Send =>
  (text, parameters) => {
    if (!READS.test(text)) throw new Error(`A Reader only reads; use a transaction for: ${text}`);
    return send(text, parameters);
  };
