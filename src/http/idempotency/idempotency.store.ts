import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../common/database/index.js';
import type { Claim } from './claim.js';
import { IdempotencyKey } from './idempotency-key.entity.js';

@Injectable()
export class IdempotencyStore {
  /** True for the one who brings a key first. */
  async claim(tx: Tx, { callerId, key }: Claim, requestHash: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>(
      `insert into idempotency_keys (caller_id, key, request_hash) values ($1, $2, $3) on conflict do nothing returning key`,
      [callerId, key, requestHash],
    );
    return rows.length > 0;
  }

  async find(reader: Reader, { callerId, key }: Claim): Promise<IdempotencyKey | null> {
    const [row] = await reader.query<IdempotencyKey[]>(
      `select ${columnsOf(reader, IdempotencyKey, 'k')} from idempotency_keys k where k.caller_id = $1 and k.key = $2`,
      [callerId, key],
    );
    return row ?? null;
  }

  async answer(tx: Tx, { callerId, key }: Claim, status: number, body: string): Promise<void> {
    await tx.query(`update idempotency_keys set status = $3, body = $4 where caller_id = $1 and key = $2`, [
      callerId,
      key,
      status,
      body,
    ]);
  }

  async release(tx: Tx, { callerId, key }: Claim): Promise<void> {
    await tx.query(`delete from idempotency_keys where caller_id = $1 and key = $2 and status is null`, [
      callerId,
      key,
    ]);
  }

  async sweep(tx: Tx, days: number): Promise<void> {
    await tx.query(`delete from idempotency_keys where created_at < now() - make_interval(days => $1)`, [days]);
  }
}
