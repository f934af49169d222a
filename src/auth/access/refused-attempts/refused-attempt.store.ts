import { Injectable } from '@nestjs/common';
import { isNotDelayed, type Reader, type Tx } from '../../../database/index.js';
import type { RefusedAttempts, RefusedAttemptKind } from './refused-attempt.entity.js';

@Injectable()
export class RefusedAttemptStore {
  async count(tx: Tx, operatorId: string, kind: RefusedAttemptKind, subjectId: string): Promise<void> {
    await tx.execute(
      `insert into refused_attempts as r (operator_id, kind, subject_id) values ($1, $2, $3)
       on conflict (operator_id, kind, subject_id) do update set attempts = r.attempts + 1`,
      [operatorId, kind, subjectId],
    );
  }

  /** Finds operators with counts whose window has ended. */
  async findEnded(reader: Reader, windowSeconds: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select distinct operator_id as id from refused_attempts r
       where created_at <= now() - make_interval(secs => $1) and ${isNotDelayed('RefusedAttemptJob', 'r.operator_id')}`,
      [windowSeconds],
    );
    return rows.map(({ id }) => id);
  }

  /** Removes and returns up to `limit` counts of an operator whose window has ended. */
  takeEnded(tx: Tx, operatorId: string, windowSeconds: number, limit: number): Promise<RefusedAttempts[]> {
    return tx.rows<RefusedAttempts>(
      `with ended as (
         select operator_id, kind, subject_id from refused_attempts
         where operator_id = $3 and created_at <= now() - make_interval(secs => $1) order by 1, 2, 3 limit $2 for update skip locked),
       gone as (
         delete from refused_attempts r using ended e
         where (r.operator_id, r.kind, r.subject_id) = (e.operator_id, e.kind, e.subject_id) returning r.*)
       select operator_id as "operatorId", kind, subject_id as "subjectId", attempts, created_at as "createdAt" from gone
       order by 1, 2, 3`,
      [windowSeconds, limit, operatorId],
    );
  }

  /** Finds a revoked or expired API key by its hash. */
  findRefusedKey(reader: Reader, keyHash: string): Promise<{ id: string; operatorId: string } | null> {
    return reader.maybe(
      `select k.id, o.operator_id as "operatorId" from organization_api_keys k join organizations o on o.id = k.organization_id
       where k.key_hash = $1
       union all select k.id, k.operator_id from operator_api_keys k where k.key_hash = $1`,
      [keyHash],
    );
  }
}
