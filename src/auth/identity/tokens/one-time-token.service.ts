import { Injectable } from '@nestjs/common';
import { hashSecret, newSecret } from '../../../common/crypto/index.js';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { authErrors } from '../../access/index.js';
import { OneTimeToken } from './one-time-token.entity.js';

export type Purpose =
  | 'verify_email'
  | 'select_organization'
  | 'reset_password'
  | 'magic_link'
  | 'login_code'
  | 'confirm_email'
  | 'undo'
  | 'sso_state'
  | 'sso_code'
  | 'sso_ticket'
  | 'sso_intent'
  | 'sso_link'
  | 'saml_assertion'
  | 'mfa'
  | 'passkey_sign_in'
  | 'passkey_factor'
  | 'passkey_creation';

/** Tokens that could finish a sign-in that has begun. */
export const SIGN_IN_STEPS: readonly Purpose[] = ['mfa', 'select_organization', 'sso_code'];

/** Tokens of steps that a browser or program takes by itself. Strangers can begin many, so they are not kept. */
const CEREMONIES: readonly Purpose[] = [
  'login_code',
  'sso_state',
  'sso_code',
  'sso_ticket',
  'sso_intent',
  'sso_link',
  'saml_assertion',
  'passkey_sign_in',
  'passkey_factor',
  'passkey_creation',
];

/** Tokens of each such step that a user can have. Another one forgets the oldest. */
const MAX_BEGUN = 100;

export interface NewOneTimeToken {
  purpose: Purpose;
  operatorId: string;
  userId?: string;
  email?: string;
  payload?: Record<string, unknown>;
  ttlSeconds: number;
}

/** What a token was issued with. */
export type IssuedOneTimeToken = Pick<OneTimeToken, 'userId' | 'email' | 'payload' | 'createdAt'>;

const REDEEMABLE = 't.used_at is null and t.expires_at > now()';

/** Issues tokens that can be redeemed once. One conditional update decides between concurrent callers. */
@Injectable()
export class OneTimeTokenService {
  /** Returns the token, which is not stored and cannot be read again. */
  async issue(tx: Tx, { ttlSeconds, ...fields }: NewOneTimeToken): Promise<string> {
    const token = newSecret('trt_');
    await tx.execute(
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
    if (fields.userId && CEREMONIES.includes(fields.purpose))
      await this.forgetOldest(tx, fields.purpose, fields.userId);
    return token;
  }

  /** Skips what others are forgetting at the same moment, so that they do not wait for each other. */
  private async forgetOldest(tx: Tx, purpose: Purpose, userId: string): Promise<void> {
    await tx.execute(
      `delete from one_time_tokens where token_hash in
         (select token_hash from one_time_tokens where user_id = $1 and purpose = $2
          order by created_at desc, token_hash offset $3 for update skip locked)`,
      [userId, purpose, MAX_BEGUN],
    );
  }

  /** Uses a value that another party created. Returns false if it was used before. */
  async spend(tx: Tx, purpose: Purpose, operatorId: string, value: string, ttlSeconds: number): Promise<boolean> {
    const count = await tx.execute(
      `insert into one_time_tokens (token_hash, purpose, operator_id, payload, expires_at, used_at)
       values ($1, $2, $3, '{}', now() + make_interval(secs => $4), now()) on conflict do nothing returning 1`,
      [hashSecret(`${purpose} ${value}`), purpose, operatorId, ttlSeconds],
    );
    return count > 0;
  }

  /** Uses a token, unless `tx` is rolled back. */
  async redeem(tx: Tx, purpose: Purpose, operatorId: string, token: string): Promise<IssuedOneTimeToken> {
    const redeemed = await tx.maybe<IssuedOneTimeToken>(
      `update one_time_tokens t set used_at = now()
       where t.token_hash = $1 and t.purpose = $2 and t.operator_id = $3 and ${REDEEMABLE}
       returning ${columnsOf(tx, OneTimeToken, 't')}`,
      [hashSecret(token), purpose, operatorId],
    );
    if (!redeemed) throw authErrors.invalid_one_time_token();
    return redeemed;
  }

  /** Uses up every token that a user still has for one or several purposes, or those issued from `since` on. */
  async withdraw(
    tx: Tx,
    purposes: Purpose | readonly Purpose[],
    userId: string,
    since: Date | null = null,
  ): Promise<void> {
    await tx.execute(
      `update one_time_tokens t set used_at = now() where t.user_id = $1 and t.purpose = any ($2) and ${REDEEMABLE}
         and ($3::timestamptz is null or t.created_at >= $3)`,
      [userId, [purposes].flat(), since],
    );
  }

  /** Withdraws tokens that were mailed to addresses without an account. */
  async withdrawMailed(tx: Tx, purpose: Purpose, operatorId: string, emails: string[]): Promise<void> {
    await tx.execute(
      `update one_time_tokens t set used_at = now()
       where t.operator_id = $1 and t.email = any ($2) and t.purpose = $3 and ${REDEEMABLE}`,
      [operatorId, emails, purpose],
    );
  }

  /** Returns what `redeem` would return, without using the token. */
  async look(reader: Reader, purpose: Purpose, operatorId: string, token: string): Promise<IssuedOneTimeToken> {
    const found = await reader.maybe<IssuedOneTimeToken>(
      `select ${columnsOf(reader, OneTimeToken, 't')} from one_time_tokens t
       where t.token_hash = $1 and t.purpose = $2 and t.operator_id = $3 and ${REDEEMABLE}`,
      [hashSecret(token), purpose, operatorId],
    );
    if (!found) throw authErrors.invalid_one_time_token();
    return found;
  }

  /** Removes at most `limit` that expired, mailed ones a day later, because a refusal tells whether they were used. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from one_time_tokens where token_hash in
         (select token_hash from one_time_tokens where expires_at < now()
            and (purpose = any ($2) or expires_at < now() - interval '1 day') limit $1)`,
      [limit, CEREMONIES],
    );
  }
}
