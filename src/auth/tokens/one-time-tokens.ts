import { Injectable } from '@nestjs/common';
import { hashSecret, newSecret } from '../../common/crypto/index.js';
import type { Reader, Tx } from '../../common/database/index.js';
import { authErrors } from '../auth.errors.js';
import { OneTimeToken } from './one-time-token.entity.js';

export type Purpose = 'verify_email' | 'select_organization';

export interface NewOneTimeToken {
  purpose: Purpose;
  operatorId: string;
  userId?: string;
  email?: string;
  payload?: Record<string, unknown>;
  ttlSeconds: number;
}

/** Values that can be redeemed once. Which of many redeemers wins is decided by one conditional update. */
@Injectable()
export class OneTimeTokens {
  /** Returns the token: it is not stored and cannot be read again. */
  async issue(tx: Tx, { ttlSeconds, ...fields }: NewOneTimeToken): Promise<string> {
    const token = newSecret('trt_');
    await tx.query(
      `insert into one_time_tokens (token_hash, purpose, operator_id, user_id, email, payload, expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
      [
        hashSecret(token),
        fields.purpose,
        fields.operatorId,
        fields.userId ?? null,
        fields.email ?? null,
        JSON.stringify(fields.payload ?? {}),
        ttlSeconds,
      ],
    );
    return token;
  }

  /** Uses a token up, unless `tx` is rolled back. Throws auth.invalid_one_time_token. */
  async redeem(tx: Tx, purpose: Purpose, operatorId: string, token: string): Promise<OneTimeToken> {
    const hash = hashSecret(token);
    const result = await tx
      .createQueryBuilder()
      .update(OneTimeToken)
      .set({ usedAt: () => 'now()' })
      .where('tokenHash = :hash and purpose = :purpose and operatorId = :operatorId', { hash, purpose, operatorId })
      .andWhere('usedAt is null and expiresAt > now()')
      .execute();
    if (result.affected !== 1) throw authErrors.invalid_one_time_token();
    return tx.findOneByOrFail(OneTimeToken, { tokenHash: hash });
  }

  /** The newest token for an address that can still be redeemed. */
  findPending(reader: Reader, purpose: Purpose, operatorId: string, email: string): Promise<OneTimeToken | null> {
    return reader
      .createQueryBuilder(OneTimeToken, 'token')
      .where('token.operatorId = :operatorId and token.email = :email and token.purpose = :purpose', { operatorId, email, purpose })
      .andWhere('token.usedAt is null and token.expiresAt > now()')
      .orderBy('token.createdAt', 'DESC')
      .limit(1)
      .getOne();
  }

  /** Removes what expired more than a day ago. */
  async sweep(tx: Tx): Promise<void> {
    await tx.query(`delete from one_time_tokens where expires_at < now() - interval '1 day'`);
  }
}
