import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../database/index.js';
import type { Claim } from './claim.js';
import { IdempotencyKey } from './idempotency-key.entity.js';

@Injectable()
export class IdempotencyStore {
  /** Claims the key. Returns false if it was claimed before. */
  async claim(tx: Tx, { callerId, key, organizationId }: Claim, requestHash: string): Promise<boolean> {
    const count = await tx.execute(
      `insert into idempotency_keys (caller_id, key, request_hash, organization_id) values ($1, $2, $3, $4) on conflict do nothing`,
      [callerId, key, requestHash, organizationId],
    );
    return count > 0;
  }

  find(reader: Reader, { callerId, key }: Claim): Promise<IdempotencyKey | null> {
    return reader.maybe<IdempotencyKey>(
      `select ${columnsOf(reader, IdempotencyKey, 'k')} from idempotency_keys k where k.caller_id = $1 and k.key = $2`,
      [callerId, key],
    );
  }

  async answer(tx: Tx, { callerId, key }: Claim, status: number, body: string): Promise<void> {
    await tx.execute(`update idempotency_keys set status = $3, body = $4 where caller_id = $1 and key = $2`, [
      callerId,
      key,
      status,
      body,
    ]);
  }

  async release(tx: Tx, { callerId, key }: Claim): Promise<void> {
    await tx.execute(`delete from idempotency_keys where caller_id = $1 and key = $2 and status is null`, [
      callerId,
      key,
    ]);
  }

  /** Removes at most `limit` keys older than `days` and returns how many it removed. */
  sweep(tx: Tx, days: number, limit: number): Promise<number> {
    return tx.execute(
      `delete from idempotency_keys where (caller_id, key) in (
         select caller_id, key from idempotency_keys where created_at < now() - make_interval(days => $1)
         limit $2 for update skip locked)`,
      [days, limit],
    );
  }
}
