import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '../../../database/index.js';
import { authErrors } from '../../access/index.js';

/** Tries allowed in a window of seconds. */
interface Limit {
  points: number;
  duration: number;
  /** Each window that was used up doubles the next one, to a day. */
  grows?: boolean;
}

const LIMITS = {
  /** Password tries of one account. */
  login: { points: 10, duration: 15 * 60, grows: true },
  /** Tries at the codes of one account. */
  code: { points: 5, duration: 15 * 60, grows: true },
  /** Registrations from one network address. */
  register: { points: 60, duration: 60 },
  /** Mails to one mailbox. */
  mail: { points: 10, duration: 60 * 60 },
  /** Redeeming of links and choices from one network address. */
  token: { points: 600, duration: 60 },
} satisfies Record<string, Limit>;

export type AttemptKind = keyof typeof LIMITS;

/** The longest window; and how long after one it is remembered that it was used up. */
const DAY_MS = 24 * 60 * 60 * 1000;
/** More doublings than that lead beyond a day in any case. */
const MOST_DOUBLINGS = 16;

/** The clock of the database: servers need not agree about the time. */
const NOW = '(extract(epoch from now()) * 1000)::bigint';
/** SQL for `exhausted` of the window that follows the one in `a`. */
const EXHAUSTED_NEXT = `case when not $4 or a.expire <= ${NOW} - ${DAY_MS} then 0
  when a.points >= $2 then least(a.exhausted + 1, ${MOST_DOUBLINGS}) else a.exhausted end`;

/** Counters in PostgreSQL: exact whatever the number of servers. */
@Injectable()
export class RateLimitStore {
  constructor(private readonly db: Database) {}

  /** Counts one try before it is made. Throws auth.too_many_attempts. */
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
      // It ended, or was forgotten, in between.
    }
  }

  /** Takes one try back: it was counted and then not made. */
  async refundAttempt(kind: AttemptKind, ...subject: string[]): Promise<void> {
    await this.db.autocommit.execute('update attempts set points = points - 1 where key = $1 and points > 0', [
      keyOf(kind, subject),
    ]);
  }

  /** Forgets the tries and how often they were used up: whoever made them has shown who he is. */
  async reset(kind: AttemptKind, ...subjects: string[][]): Promise<void> {
    const keys = subjects.map((subject) => keyOf(kind, subject));
    await this.db.autocommit.execute('delete from attempts where key = any ($1)', [keys]);
  }

  /** Removes at most `limit` counters that say nothing any more; returns how many. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from attempts where key in (select key from attempts where expire < ${NOW} - ${DAY_MS} limit $1)`,
      [limit],
    );
  }
}

/** Addresses do not stand in the table as they are, and always fit. */
const keyOf = (kind: AttemptKind, subject: string[]): string =>
  `${kind}:${createHash('sha256').update(subject.join('\n')).digest('base64url')}`;
