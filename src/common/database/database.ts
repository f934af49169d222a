import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { preparing } from './prepared-statements.js';

declare const inTransaction: unique symbol;

/** What a read needs: the pool or a transaction. */
export type Reader = EntityManager;

/** A running transaction. Only `Database.transaction` makes one, so a write outside of it does not compile. */
export type Tx = EntityManager & { readonly [inTransaction]: true };

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

/** The name of the unique or foreign key constraint that `error` broke, null when it is another error. */
export function brokenConstraint(error: unknown): string | null {
  const failed = driverError(error);
  const broken = failed?.code === UNIQUE_VIOLATION || failed?.code === FOREIGN_KEY_VIOLATION;
  return broken ? (failed.constraint ?? null) : null;
}

/** The database gave a statement up since it took too long. */
export const tookTooLong = (error: unknown): boolean => driverError(error)?.code === QUERY_CANCELED;

/** Runs a write and turns a broken constraint, by its name, into the error that stands for it. */
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
   * Nothing in it changes what anybody may do: no session, person, member, role, key, state of an organization or unit.
   * In doubt leave it out: it only spares readings.
   */
  keepsAccess?: boolean;
}

@Injectable()
export class Database {
  private generation = 0;
  private readonly prepared: Reader;

  constructor(private readonly dataSource: DataSource) {
    this.prepared = Object.assign(Object.create(dataSource.manager) as Reader, preparing(dataSource));
  }

  /** For reads outside a transaction. */
  get reader(): Reader {
    return this.dataSource.manager;
  }

  /**
   * For reads that stand before every request: each connection plans their text once. Planning a query over six tables
   * takes longer than running it.
   */
  get frequentReader(): Reader {
    return this.prepared;
  }

  /**
   * Rises with every transaction of this server that may have changed what somebody may do: after its commit, and before
   * whoever asked for it learns of it. What was read earlier in another generation may be outdated.
   */
  get accessGeneration(): number {
    return this.generation;
  }

  /**
   * Runs `work` in one READ COMMITTED transaction. Only serialization failures and deadlocks are tried again, the whole
   * callback, at most 3 times: so `work` must have no effect outside the database.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>, { keepsAccess = false }: TransactionOptions = {}): Promise<T> {
    try {
      return await this.attempts(work);
    } finally {
      // Also after an error: it may have come on the way back from the commit.
      if (!keepsAccess) this.generation++;
    }
  }

  /** Reads of one moment, however long they take: for checks that nobody waits for. Writes go on meanwhile. */
  patientRead<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('set transaction read only; set local statement_timeout = 0');
      return work(manager);
    });
  }

  private async attempts<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction('READ COMMITTED', (manager) => work(manager as Tx));
      } catch (error) {
        const code = driverError(error)?.code;
        const again = code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
        if (!again || attempt === ATTEMPTS) throw error;
        await sleep(Math.random() * 20 * 2 ** attempt);
      }
    }
  }
}
