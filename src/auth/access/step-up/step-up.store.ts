import { Injectable } from '@nestjs/common';
import type { Reader } from '../../../database/index.js';
import type { Factor } from '../proof.js';
import type { EnrolledFactors } from './enrolled-factors.js';

/** Reads what decides whether a session must confirm the user's identity again. */
@Injectable()
export class StepUpStore {
  async enrolled(reader: Reader, userId: string): Promise<EnrolledFactors> {
    const row = await reader.one<{ totp: boolean; passkey: boolean; recoveryCodes: string }>(
      `select exists (select from totp_factors where user_id = $1 and confirmed_at is not null) as totp,
         exists (select from passkeys where user_id = $1) as passkey,
         (select count(*) from recovery_codes where user_id = $1 and used_at is null) as "recoveryCodes"`,
      [userId],
    );
    return {
      totp: row.totp,
      passkey: row.passkey,
      recoveryCodes: Number(row.recoveryCodes),
    };
  }

  /** Returns the age of the session's last proof and the factors proved so far. */
  lastProof(reader: Reader, id: string): Promise<{ ageSeconds: number; factors: Factor[] } | null> {
    return reader.maybe<{ ageSeconds: number; factors: Factor[] }>(
      'select extract(epoch from now() - proved_at)::float8 as "ageSeconds", factors from sessions where id = $1',
      [id],
    );
  }

  async hasPassword(reader: Reader, userId: string): Promise<boolean> {
    return (await reader.maybe('select 1 from passwords where user_id = $1', [userId])) !== null;
  }
}
