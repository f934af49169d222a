import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';

@Injectable()
export class MfaStore {
  /** The encrypted secret, and since when it counts. */
  findTotp(reader: Reader, userId: string): Promise<{ secret: string; confirmedAt: Date | null } | null> {
    return reader.maybe<{ secret: string; confirmedAt: Date | null }>(
      'select secret, confirmed_at as "confirmedAt" from totp_factors where user_id = $1',
      [userId],
    );
  }

  /** False when there is one that counts already; one that was never confirmed is replaced. */
  async beginTotp(tx: Tx, userId: string, secret: string): Promise<boolean> {
    const count = await tx.execute(
      `insert into totp_factors as t (user_id, secret) values ($1, $2)
       on conflict (user_id) do update set secret = excluded.secret, last_step = 0 where t.confirmed_at is null
       returning 1`,
      [userId, secret],
    );
    return count > 0;
  }

  /** Of many at once one confirms. */
  async confirmTotp(tx: Tx, userId: string, secret: string, step: number): Promise<boolean> {
    const changed = await tx.execute(
      `update totp_factors set confirmed_at = now(), last_step = $3
       where user_id = $1 and secret = $2 and confirmed_at is null`,
      [userId, secret, step],
    );
    return changed > 0;
  }

  /** Uses the code of a step up, and with it those before: of many at once one gets it. */
  async useStep(tx: Tx, userId: string, step: number): Promise<boolean> {
    const changed = await tx.execute(
      'update totp_factors set last_step = $2 where user_id = $1 and confirmed_at is not null and last_step < $2',
      [userId, step],
    );
    return changed > 0;
  }

  async removeTotp(tx: Tx, userId: string): Promise<boolean> {
    const removed = await tx.execute('delete from totp_factors where user_id = $1 and confirmed_at is not null', [
      userId,
    ]);
    return removed > 0;
  }

  /** Also one that waits for its first code. */
  async removeAnyTotp(tx: Tx, userId: string): Promise<void> {
    await tx.execute('delete from totp_factors where user_id = $1', [userId]);
  }

  /** In place of all that were there. */
  async replaceCodes(tx: Tx, userId: string, hashes: readonly string[]): Promise<void> {
    await this.removeCodes(tx, userId);
    await tx.execute('insert into recovery_codes (user_id, code_hash) select $1, unnest($2::text[])', [userId, hashes]);
  }

  async removeCodes(tx: Tx, userId: string): Promise<void> {
    await tx.execute('delete from recovery_codes where user_id = $1', [userId]);
  }

  /** Of many at once one gets it. */
  async useCode(tx: Tx, userId: string, hash: string): Promise<boolean> {
    const changed = await tx.execute(
      'update recovery_codes set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null',
      [userId, hash],
    );
    return changed > 0;
  }
}
