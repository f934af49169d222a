import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../../database/index.js';

@Injectable()
export class MfaStore {
  /** Returns the encrypted secret and the time of its confirmation. */
  findTotp(reader: Reader, userId: string): Promise<{ secret: string; confirmedAt: Date | null } | null> {
    return reader.maybe<{ secret: string; confirmedAt: Date | null }>(
      'select secret, confirmed_at as "confirmedAt" from totp_factors where user_id = $1',
      [userId],
    );
  }

  /** Returns false if a confirmed app exists. Replaces one that was never confirmed. */
  async beginTotp(tx: Tx, userId: string, secret: string): Promise<boolean> {
    const count = await tx.execute(
      `insert into totp_factors as t (user_id, secret) values ($1, $2)
       on conflict (user_id) do update set secret = excluded.secret, last_step = 0 where t.confirmed_at is null
       returning 1`,
      [userId, secret],
    );
    return count > 0;
  }

  /** Confirms the app. Of concurrent callers, one succeeds. */
  async confirmTotp(tx: Tx, userId: string, secret: string, step: number): Promise<boolean> {
    const changed = await tx.execute(
      `update totp_factors set confirmed_at = now(), last_step = $3
       where user_id = $1 and secret = $2 and confirmed_at is null`,
      [userId, secret, step],
    );
    return changed > 0;
  }

  /** Uses the code of a time step and makes older codes unusable. Of concurrent callers, one succeeds. */
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

  /** Removes the app, whether or not it is confirmed. */
  async removeAnyTotp(tx: Tx, userId: string): Promise<void> {
    await tx.execute('delete from totp_factors where user_id = $1', [userId]);
  }

  /** Replaces all recovery codes. */
  async replaceCodes(tx: Tx, userId: string, hashes: readonly string[]): Promise<void> {
    await this.removeCodes(tx, userId);
    await tx.execute('insert into recovery_codes (user_id, code_hash) select $1, unnest($2::text[])', [userId, hashes]);
  }

  async removeCodes(tx: Tx, userId: string): Promise<void> {
    await tx.execute('delete from recovery_codes where user_id = $1', [userId]);
  }

  /** Uses a recovery code. Of concurrent callers, one succeeds. */
  async useCode(tx: Tx, userId: string, hash: string): Promise<boolean> {
    const changed = await tx.execute(
      'update recovery_codes set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null',
      [userId, hash],
    );
    return changed > 0;
  }
}
