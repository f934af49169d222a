import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Pool, QueryConfig } from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Database, type Tx } from '../../common/database/index.js';
import { authErrors } from '../auth.errors.js';

/** Tries allowed in a window of seconds. */
interface Limit {
  points: number;
  duration: number;
}

const LIMITS = {
  /** Password tries of one account. */
  login: { points: 10, duration: 15 * 60 },
  /** Tries at the codes of one account. */
  code: { points: 5, duration: 15 * 60 },
  /** Registrations from one network address. */
  register: { points: 60, duration: 60 },
  /** Mails to one mailbox. */
  mail: { points: 10, duration: 60 * 60 },
  /** Redeeming of links and choices from one network address. */
  token: { points: 600, duration: 60 },
} satisfies Record<string, Limit>;

export type AttemptKind = keyof typeof LIMITS;

/** Counters in PostgreSQL: exact whatever the number of servers. */
@Injectable()
export class Attempts {
  private readonly limiters: Record<AttemptKind, RateLimiterPostgres>;

  constructor(
    dataSource: DataSource,
    private readonly db: Database,
  ) {
    const pool = (dataSource.driver as PostgresDriver).master as Pool;
    // Without the statement names the library gives: a pooler between here and the database would lose them.
    const unnamed = { query: ({ text, values }: QueryConfig) => pool.query(text, values) };
    const limiter = (kind: AttemptKind) =>
      new RateLimiterPostgres({
        storeClient: unnamed,
        storeType: 'pool',
        tableName: 'attempts',
        tableCreated: true,
        keyPrefix: kind,
        clearExpiredByTimeout: false,
        ...LIMITS[kind],
      });
    this.limiters = {
      login: limiter('login'),
      code: limiter('code'),
      register: limiter('register'),
      mail: limiter('mail'),
      token: limiter('token'),
    };
  }

  /** Counts one try before it is made. Throws auth.too_many_attempts. */
  async consume(kind: AttemptKind, ...subject: string[]): Promise<void> {
    try {
      await this.limiters[kind].consume(keyOf(subject));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw authErrors.too_many_attempts({ retryAfterSeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)) });
    }
  }

  /** Takes one try back: it was counted and then not made. */
  async giveBack(kind: AttemptKind, ...subject: string[]): Promise<void> {
    const key = this.limiters[kind].getKey(keyOf(subject));
    await this.db.transaction((tx) =>
      tx.query('update attempts set points = points - 1 where key = $1 and points > 0', [key]),
    );
  }

  /** Forgets the tries: whoever made them has shown who he is. */
  async reset(kind: AttemptKind, ...subject: string[]): Promise<void> {
    await this.limiters[kind].delete(keyOf(subject));
  }

  /** Removes at most `limit` counters whose window is over; returns how many. */
  async sweep(tx: Tx, limit: number): Promise<number> {
    const [, removed] = await tx.query<[unknown[], number]>(
      `delete from attempts where key in (select key from attempts where expire < extract(epoch from now()) * 1000 limit $1)`,
      [limit],
    );
    return removed;
  }
}

/** Addresses do not stand in the table as they are, and always fit. */
const keyOf = (subject: string[]): string => createHash('sha256').update(subject.join('\n')).digest('base64url');
