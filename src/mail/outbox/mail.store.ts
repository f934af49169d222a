import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { Mail } from './mail.entity.js';

export interface DueMail {
  id: string;
  content: string;
  attempts: number;
}

@Injectable()
export class MailStore {
  /** `dueAt`: when it may be sent, which counts as its creation. Now if undefined. */
  async insert(tx: Tx, mail: Pick<Mail, 'id' | 'operatorId' | 'content'>, dueAt?: Date): Promise<void> {
    await tx.execute(
      `insert into mails (id, operator_id, content, next_attempt_at, created_at)
       values ($1, $2, $3, coalesce($4, now()), coalesce($4, now()))`,
      [mail.id, mail.operatorId, mail.content, dueAt ?? null],
    );
  }

  /** Locks a mail that no server has begun to send. */
  lockUnsent(tx: Tx, id: string): Promise<DueMail | null> {
    return tx.maybe<DueMail>(
      'select id, content, attempts from mails where id = $1 and attempts = 0 for update skip locked',
      [id],
    );
  }

  /** Leases one due mail: no other server takes it for `leaseSeconds`, even if this one dies. */
  async take(tx: Tx, leaseSeconds: number): Promise<DueMail | null> {
    const rows = await tx.rows<DueMail>(
      `update mails set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $1)
       where id = (select id from mails where next_attempt_at <= now() order by next_attempt_at for update skip locked limit 1)
       returning id, content, attempts`,
      [leaseSeconds],
    );
    return rows[0] ?? null;
  }

  async backlog(reader: Reader): Promise<{ waiting: number; oldestSeconds: number }> {
    const row = await reader.maybe<{ waiting: number; oldestSeconds: number }>(
      `select count(*)::int as waiting, coalesce(extract(epoch from now() - min(created_at)), 0)::float as "oldestSeconds"
       from mails where created_at <= now()`,
    );
    return row ?? { waiting: 0, oldestSeconds: 0 };
  }

  /** Locks the waiting mails of an operator. */
  waiting(tx: Tx, operatorId: string): Promise<{ id: string; content: string }[]> {
    return tx.rows('select id, content from mails where operator_id = $1 order by id for update', [operatorId]);
  }

  async replace(tx: Tx, id: string, content: string): Promise<void> {
    await tx.execute('update mails set content = $2 where id = $1', [id, content]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.delete(Mail, { id });
  }

  async postpone(tx: Tx, id: string, seconds: number, error: string): Promise<void> {
    await tx.execute(
      `update mails set next_attempt_at = now() + make_interval(secs => $2), last_error = $3 where id = $1`,
      [id, seconds, error],
    );
  }
}
