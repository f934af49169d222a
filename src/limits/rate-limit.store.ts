import { Injectable } from '@nestjs/common';
import { Database, type Tx, type Writer } from '../database/index.js';

/** One window of a count. */
export interface CountedWindow {
  key: string;
  limit: number;
  seconds: number;
  /** A window that was used up doubles the next one, to a day. */
  grows: boolean;
}

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

  /**
   * Counts one attempt if the window has room. Without `tx` it commits at once, so a request that fails afterwards has still
   * been counted.
   */
  async take({ key, limit, seconds, grows }: CountedWindow, tx?: Tx): Promise<boolean> {
    const writer: Writer = tx ?? this.db.autocommit;
    const counted = await writer.execute(
      `insert into attempts as a (key, points, expire) values ($1, 1, ${NOW} + $3::bigint)
       on conflict (key) do update set
         points = case when a.expire > ${NOW} then a.points + 1 else 1 end,
         exhausted = case when a.expire > ${NOW} then a.exhausted else ${EXHAUSTED_NEXT} end,
         expire = case when a.expire > ${NOW} then a.expire
           else ${NOW} + least($3::bigint * (2 ^ (${EXHAUSTED_NEXT}))::bigint, greatest($3::bigint, ${DAY_MS})) end
       where a.expire <= ${NOW} or a.points < $2`,
      [key, limit, seconds * 1000, grows],
    );
    return counted > 0;
  }

  /** Returns the seconds until a used up window ends, null if it has room. */
  async secondsLeft({ key, limit }: CountedWindow, tx?: Tx): Promise<number | null> {
    const row = await (tx ?? this.db.reader).maybe<{ seconds: number }>(
      `select ceil((expire - ${NOW}) / 1000.0)::int as seconds from attempts where key = $1 and points >= $2 and expire > ${NOW}`,
      [key, limit],
    );
    return row && Math.max(1, row.seconds);
  }

  async windowEnd(tx: Tx, { key, limit }: CountedWindow): Promise<Date | null> {
    const row = await tx.maybe<{ end: string }>(
      `select expire as "end" from attempts where key = $1 and points >= $2 and expire > ${NOW}`,
      [key, limit],
    );
    return row && new Date(Number(row.end));
  }

  async setWindowEnd(tx: Tx, { key }: CountedWindow, end: Date): Promise<void> {
    await tx.execute('update attempts set expire = $2 where key = $1', [key, end.getTime()]);
  }

  /** Takes one attempt back. */
  async giveBack(keys: readonly string[], tx?: Tx): Promise<void> {
    const writer: Writer = tx ?? this.db.autocommit;
    await writer.execute('update attempts set points = points - 1 where key = any ($1) and points > 0', [keys]);
  }

  async remove(keys: readonly string[]): Promise<void> {
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
