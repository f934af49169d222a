import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../../database/index.js';
import { authErrors } from '../../access/index.js';

/** Attempts allowed in a window of seconds. */
interface Limit {
  points: number;
  duration: number;
  /** Whether each used-up window doubles the next one, up to a day. */
  grows?: boolean;
}

const LIMITS = {
  /** Password attempts per account. */
  login: { points: 10, duration: 15 * 60, grows: true },
  /** Second-factor code attempts per account. */
  code: { points: 5, duration: 15 * 60, grows: true },
  /** Registrations per network address. */
  register: { points: 60, duration: 60 },
  /** Mails per mailbox. */
  mail: { points: 10, duration: 60 * 60 },
  /** Redeemed links and choices per network address. */
  token: { points: 600, duration: 60 },
} satisfies Record<string, Limit>;

export type AttemptKind = keyof typeof LIMITS;

/** The longest window. A used-up window is remembered for as long. */
const DAY_MS = 24 * 60 * 60 * 1000;
/** More doublings would exceed a day anyway. */
const MOST_DOUBLINGS = 16;

/** Uses the database clock, so that servers need not agree on the time. */
const NOW = '(extract(epoch from now()) * 1000)::bigint';
/** SQL for `exhausted` of the window that follows the one in `a`. */
const EXHAUSTED_NEXT = `case when not $4 or a.expire <= ${NOW} - ${DAY_MS} then 0
  when a.points >= $2 then least(a.exhausted + 1, ${MOST_DOUBLINGS}) else a.exhausted end`;

/** Counts attempts in PostgreSQL, so that limits are exact for any number of servers. */
@Injectable()
export class RateLimitStore {
  constructor(private readonly db: Database) {}

  /** Counts one attempt before it is made, and refuses it once the limit is reached. */
  async consume(kind: AttemptKind, ...subject: string[]): Promise<void> {
    const { points, duration, grows = false }: Limit = LIMITS[kind];
    const key = keyOf(kind, subject);
    for (;;) {
      // One statement that commits at once, so a request that fails afterwards has still been counted.
      const counted = await this.db.autocommit.execute(
        `insert into attempts as a (key, points, expire) values ($1, 1, ${NOW} + $3::bigint)
         on conflict (key) do update set
           points = case when a.expire > ${NOW} then a.points + 1 else 1 end,
           exhausted = case when a.expire > ${NOW} then a.exhausted else ${EXHAUSTED_NEXT} end,
           expire = case when a.expire > ${NOW} then a.expire
             else ${NOW} + least($3::bigint * (2 ^ (${EXHAUSTED_NEXT}))::bigint, greatest($3::bigint, ${DAY_MS})) end
         where a.expire <= ${NOW} or a.points < $2`,
        [key, points, duration * 1000, grows],
      );
      if (counted > 0) return;
      const window = await this.db.reader.maybe<{ seconds: number }>(
        `select ceil((expire - ${NOW}) / 1000.0)::int as seconds from attempts where key = $1 and points >= $2 and expire > ${NOW}`,
        [key, points],
      );
      if (window) throw authErrors.too_many_attempts({ retryAfterSeconds: Math.max(1, window.seconds) });
      // The window ended or was reset in between.
    }
  }

  /** Takes back one attempt that was counted but not made. */
  async refundAttempt(kind: AttemptKind, ...subject: string[]): Promise<void> {
    await this.db.autocommit.execute('update attempts set points = points - 1 where key = $1 and points > 0', [
      keyOf(kind, subject),
    ]);
  }

  /** Resets the attempts and the history of used-up windows, after the user has proved their identity. */
  async reset(kind: AttemptKind, ...subjects: string[][]): Promise<void> {
    const keys = subjects.map((subject) => keyOf(kind, subject));
    await this.db.autocommit.execute('delete from attempts where key = any ($1)', [keys]);
  }

  /** Removes at most `limit` outdated counters and returns how many. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from attempts where key in (select key from attempts where expire < ${NOW} - ${DAY_MS} limit $1)`,
      [limit],
    );
  }
}

/** Hashes addresses, so that they are not stored as they are and always fit. */
const keyOf = (kind: AttemptKind, subject: string[]): string =>
  `${kind}:${createHash('sha256').update(subject.join('\n')).digest('base64url')}`;
