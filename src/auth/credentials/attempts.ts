import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { authErrors } from '../auth.errors.js';

/** Tries allowed in a window of seconds. */
interface Limit {
  points: number;
  duration: number;
}

const LIMITS = {
  /** Password tries of one account. */
  login: { points: 10, duration: 15 * 60 },
  /** Registrations from one network address. */
  register: { points: 60, duration: 60 },
  /** Mails to one mailbox. */
  mail: { points: 10, duration: 60 * 60 },
  /** Redeeming of links and codes, and refreshing, from one network address. */
  token: { points: 600, duration: 60 },
} satisfies Record<string, Limit>;

export type AttemptKind = keyof typeof LIMITS;

/** Counters in PostgreSQL: exact whatever the number of servers. */
@Injectable()
export class Attempts {
  private readonly limiters: Record<AttemptKind, RateLimiterPostgres>;

  constructor(dataSource: DataSource) {
    const pool: unknown = (dataSource.driver as PostgresDriver).master;
    const limiter = (kind: AttemptKind) =>
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'attempts',
        tableCreated: true,
        keyPrefix: kind,
        clearExpiredByTimeout: false,
        ...LIMITS[kind],
      });
    this.limiters = { login: limiter('login'), register: limiter('register'), mail: limiter('mail'), token: limiter('token') };
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

  /** Forgets the tries: the right password was given. */
  async reset(kind: AttemptKind, ...subject: string[]): Promise<void> {
    await this.limiters[kind].delete(keyOf(subject));
  }
}

/** Addresses do not stand in the table as they are, and always fit. */
const keyOf = (subject: string[]): string => createHash('sha256').update(subject.join('\n')).digest('base64url');
