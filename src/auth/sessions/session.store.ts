import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../common/database/index.js';
import { type Page, Pager, type PageQuery, Where } from '../../common/pagination/index.js';
import { Session } from './session.entity.js';

/** The longest a sign-in lasts, and the longest it may lie unused. */
const MAX_SECONDS = 30 * 24 * 3600;
const IDLE_SECONDS = 7 * 24 * 3600;

/** SQL for sessions that can still be used: after so long without a refresh no refresh token is left. */
const LIVE = `s.ended_at is null and s.expires_at > now() and s.last_used_at > now() - make_interval(secs => ${IDLE_SECONDS})`;

export interface ConsumedToken {
  sessionId: string;
  organizationId: string | null;
  userId: string;
  operatorId: string;
}

@Injectable()
export class SessionStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, session: Pick<Session, 'id' | 'operatorId' | 'userId' | 'ip' | 'userAgent'>): Promise<void> {
    await tx.query(
      `insert into sessions (id, operator_id, user_id, ip, user_agent, last_used_at, expires_at)
       values ($1, $2, $3, $4, $5, now(), now() + make_interval(secs => $6))`,
      [session.id, session.operatorId, session.userId, session.ip, session.userAgent, MAX_SECONDS],
    );
  }

  async insertRefreshToken(tx: Tx, tokenHash: string, sessionId: string, organizationId: string | null): Promise<void> {
    await tx.query(
      `insert into refresh_tokens (token_hash, session_id, organization_id, expires_at) values ($1, $2, $3, now() + make_interval(secs => $4))`,
      [tokenHash, sessionId, organizationId, IDLE_SECONDS],
    );
  }

  /** Uses a refresh token up: of many at once one gets a row. */
  async consume(tx: Tx, operatorId: string, tokenHash: string): Promise<ConsumedToken | null> {
    const [rows] = await tx.query<[ConsumedToken[], number]>(
      `update refresh_tokens r set used_at = now() from sessions s
       where r.token_hash = $1 and r.used_at is null and r.expires_at > now()
         and s.id = r.session_id and s.operator_id = $2 and s.ended_at is null and s.expires_at > now()
       returning r.session_id as "sessionId", r.organization_id as "organizationId", s.user_id as "userId", s.operator_id as "operatorId"`,
      [tokenHash, operatorId],
    );
    return rows[0] ?? null;
  }

  async touch(tx: Tx, id: string): Promise<void> {
    await tx.query('update sessions set last_used_at = now() where id = $1', [id]);
  }

  /** The session of a refresh token, of any or of one that was used already. */
  async findOfToken(
    reader: Reader,
    operatorId: string,
    tokenHash: string,
    which: 'any' | 'used' = 'any',
  ): Promise<Session | null> {
    const [row] = await reader.query<Session[]>(
      `select ${columnsOf(reader, Session, 's')} from refresh_tokens r join sessions s on s.id = r.session_id
       where r.token_hash = $1 and s.operator_id = $2 ${which === 'used' ? 'and r.used_at is not null' : ''}`,
      [tokenHash, operatorId],
    );
    return row ?? null;
  }

  find(reader: Reader, id: string): Promise<Session | null> {
    return reader.findOneBy(Session, { id });
  }

  /** False when it had ended before. */
  async end(tx: Tx, id: string, reason: string): Promise<boolean> {
    const [, ended] = await tx.query<[unknown[], number]>(
      `update sessions set ended_at = now(), end_reason = $2 where id = $1 and ended_at is null`,
      [id, reason],
    );
    return ended > 0;
  }

  /** Ids of the sessions that were ended: all but `exceptId`. */
  async endAll(tx: Tx, userId: string, reason: string, exceptId: string | null = null): Promise<string[]> {
    const [rows] = await tx.query<[{ id: string }[], number]>(
      `update sessions set ended_at = now(), end_reason = $2
       where user_id = $1 and ended_at is null and expires_at > now() and id is distinct from $3::uuid returning id`,
      [userId, reason, exceptId],
    );
    return rows.map(({ id }) => id);
  }

  pageLive(reader: Reader, userId: string, query: PageQuery): Promise<Page<Session>> {
    return this.pager.page<Session>(
      reader,
      {
        name: 'sessions',
        columns: columnsOf(reader, Session, 's'),
        from: 'sessions s',
        sorts: { createdAt: { sql: 's.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 's.id', type: 'uuid' },
      },
      new Where().add('s.user_id = ?', userId).add(LIVE),
      query,
    );
  }

  /** Live sessions of an organization's members. */
  async countOfMembers(reader: Reader, organizationId: string): Promise<number> {
    const [row] = await reader.query<{ total: string }[]>(
      `select count(*) as total from organization_members m join sessions s on s.user_id = m.user_id
       where m.organization_id = $1 and ${LIVE}`,
      [organizationId],
    );
    return Number(row?.total ?? 0);
  }

  /** Removes at most `limit` sessions that ended or expired more than `days` ago, with their tokens; returns how many. */
  async sweep(tx: Tx, days: number, limit: number): Promise<number> {
    const [, removed] = await tx.query<[unknown[], number]>(
      `delete from sessions where id in (select id from sessions
         where expires_at < now() - make_interval(days => $1) or ended_at < now() - make_interval(days => $1) limit $2)`,
      [days, limit],
    );
    return removed;
  }

  /** Removes at most `limit` refresh tokens that have expired; returns how many. */
  async sweepTokens(tx: Tx, limit: number): Promise<number> {
    const [, removed] = await tx.query<[unknown[], number]>(
      `delete from refresh_tokens where token_hash in (select token_hash from refresh_tokens where expires_at < now() limit $1)`,
      [limit],
    );
    return removed;
  }
}
