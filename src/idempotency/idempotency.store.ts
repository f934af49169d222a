import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../common/database/index.js';
import { IdempotencyKey } from './idempotency-key.entity.js';

@Injectable()
export class IdempotencyStore {
  /** True for the one who brings a key first. */
  async claim(tx: Tx, userId: string, key: string, requestHash: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into idempotency_keys (user_id, key, request_hash) values ($1, $2, $3) on conflict do nothing returning key`,
      [userId, key, requestHash],
    );
    return rows.length > 0;
  }

  async find(reader: Reader, userId: string, key: string): Promise<IdempotencyKey | null> {
    const [row] = await reader.query<IdempotencyKey[]>(
      `select ${columnsOf(reader, IdempotencyKey, 'k')} from idempotency_keys k where k.user_id = $1 and k.key = $2`,
      [userId, key],
    );
    return row ?? null;
  }

  async answer(tx: Tx, userId: string, key: string, status: number, body: string): Promise<void> {
    await tx.query(`update idempotency_keys set status = $3, body = $4 where user_id = $1 and key = $2`, [
      userId,
      key,
      status,
      body,
    ]);
  }

  async release(tx: Tx, userId: string, key: string): Promise<void> {
    await tx.query(`delete from idempotency_keys where user_id = $1 and key = $2 and status is null`, [userId, key]);
  }

  async sweep(tx: Tx, days: number): Promise<void> {
    await tx.query(`delete from idempotency_keys where created_at < now() - make_interval(days => $1)`, [days]);
  }
}
