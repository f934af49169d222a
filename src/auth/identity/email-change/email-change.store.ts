import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { EmailChange } from './email-change.entity.js';

export type Side = 'current' | 'new';

const OPEN = 'c.expires_at > now()';

@Injectable()
export class EmailChangeStore {
  /** Replaces the pending change and its confirmations. */
  async replace(
    tx: Tx,
    change: Pick<EmailChange, 'userId' | 'id' | 'newEmail' | 'sessionId'>,
    ttlSeconds: number,
  ): Promise<void> {
    await tx.execute(
      `insert into email_changes (user_id, id, new_email, session_id, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5))
       on conflict (user_id) do update set id = excluded.id, new_email = excluded.new_email,
         session_id = excluded.session_id, current_confirmed_at = null, new_confirmed_at = null,
         expires_at = excluded.expires_at, created_at = now()`,
      [change.userId, change.id, change.newEmail, change.sessionId, ttlSeconds],
    );
  }

  find(reader: Reader, userId: string): Promise<EmailChange | null> {
    return reader.maybe<EmailChange>(
      `select ${columnsOf(reader, EmailChange, 'c')} from email_changes c where c.user_id = $1 and ${OPEN}`,
      [userId],
    );
  }

  /** Returns the change with this side confirmed, or null if it no longer exists. */
  confirm(tx: Tx, userId: string, id: string, side: Side): Promise<EmailChange | null> {
    return tx.maybe<EmailChange>(
      `update email_changes c set ${side}_confirmed_at = now() where c.user_id = $1 and c.id = $2 and ${OPEN}
       returning ${columnsOf(tx, EmailChange, 'c')}`,
      [userId, id],
    );
  }

  /** Returns false if no change was pending. */
  async remove(tx: Tx, userId: string): Promise<boolean> {
    const rows = await tx.rows<{ open: boolean }>(
      `delete from email_changes c where c.user_id = $1 returning ${OPEN} as open`,
      [userId],
    );
    return rows[0]?.open ?? false;
  }

  /** Removes at most `limit` expired changes and returns how many. */
  sweep(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from email_changes where user_id in
         (select user_id from email_changes where expires_at < now() limit $1) and expires_at < now()`,
      [limit],
    );
  }
}
