import { Injectable } from '@nestjs/common';
import type { Role } from '../../../common/access/index.js';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { type Page, Pager, type PageQuery, Where } from '../../../common/pagination/index.js';
import { SESSION_IDLE_MINUTES, SESSION_MAX_MINUTES, type SignInMethod } from '../../../settings/index.js';
import { type Factor, type Proof, SESSION_FACTS, type SessionFacts } from '../../access/index.js';
import type { StoredAuthSettings } from '../../../settings/index.js';
import { type RefreshToken, Session } from './session.entity.js';

/** The longest lifetime and the longest idle time of a session. */
const MAX_SECONDS = SESSION_MAX_MINUTES.max * 60;
const IDLE_SECONDS = SESSION_IDLE_MINUTES.max * 60;

/** SQL for sessions that can still be used. After the idle time, no refresh token is left. */
const LIVE = `s.ended_at is null and s.expires_at > now() and s.last_used_at > now() - make_interval(secs => ${IDLE_SECONDS})`;

export interface ConsumedToken extends SessionFacts {
  sessionId: string;
  organizationId: string | null;
  audience: string | null;
  userId: string;
  operatorId: string;
}

export interface LiveToken extends Pick<ConsumedToken, 'sessionId' | 'organizationId' | 'audience' | 'userId'> {
  issuedAt: number;
  expiresAt: number;
}

export interface EnteredSession extends SessionFacts {
  id: string;
  userId: string;
  email: string;
  platformAdmin: boolean;
  operatorRole: Role | null;
  organizationId: string | null;
  organizationRole: Role | null;
  operatorValues: StoredAuthSettings['values'] | null;
  operatorLocks: string[] | null;
  organizationValues: StoredAuthSettings['values'] | null;
  organizationLocks: string[] | null;
}

@Injectable()
export class SessionStore {
  constructor(private readonly pager: Pager) {}

  async insert(
    tx: Tx,
    session: Pick<Session, 'id' | 'operatorId' | 'userId' | 'ip' | 'userAgent'> & Proof,
  ): Promise<void> {
    const { id, operatorId, userId, ip, userAgent, method, factors, ssoOrganizationId } = session;
    await tx.execute(
      `insert into sessions (id, operator_id, user_id, ip, user_agent, method, factors, sso_organization_id, sso_proved_at,
         proved_at, last_used_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, case when $9::timestamptz is not null then least($9::timestamptz, now()) end, now(), now(), now() + make_interval(secs => $10))`,
      [
        id,
        operatorId,
        userId,
        ip,
        userAgent,
        method,
        factors,
        ssoOrganizationId,
        session.ssoAuthenticatedAt ?? null,
        MAX_SECONDS,
      ],
    );
  }

  async insertRefreshToken(
    tx: Tx,
    {
      tokenHash,
      sessionId,
      organizationId,
      audience,
    }: Pick<RefreshToken, 'tokenHash' | 'sessionId' | 'organizationId' | 'audience'>,
  ): Promise<void> {
    await tx.execute(
      `insert into refresh_tokens (token_hash, session_id, organization_id, audience, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5))`,
      [tokenHash, sessionId, organizationId, audience, IDLE_SECONDS],
    );
  }

  /** Finds a refresh token that can still be used. Times are in seconds since 1970. */
  findLiveToken(reader: Reader, operatorId: string, tokenHash: string): Promise<LiveToken | null> {
    return reader.maybe<LiveToken>(
      `select r.session_id as "sessionId", r.organization_id as "organizationId", r.audience, s.user_id as "userId",
         extract(epoch from r.created_at)::bigint::float8 as "issuedAt",
         floor(extract(epoch from least(r.expires_at, s.expires_at)))::float8 as "expiresAt"
       from refresh_tokens r join sessions s on s.id = r.session_id
       where r.token_hash = $1 and r.used_at is null and r.expires_at > now() and s.operator_id = $2`,
      [tokenHash, operatorId],
    );
  }

  /** Uses a refresh token. Of concurrent callers, one gets a row. */
  async consume(tx: Tx, operatorId: string, tokenHash: string): Promise<ConsumedToken | null> {
    const rows = await tx.rows<ConsumedToken>(
      `update refresh_tokens r set used_at = now() from sessions s
       where r.token_hash = $1 and r.used_at is null and r.expires_at > now()
         and s.id = r.session_id and s.operator_id = $2 and s.ended_at is null and s.expires_at > now()
       returning r.session_id as "sessionId", r.organization_id as "organizationId", r.audience,
         s.user_id as "userId", s.operator_id as "operatorId", ${SESSION_FACTS}`,
      [tokenHash, operatorId],
    );
    return rows[0] ?? null;
  }

  /** Finds the unused successor of a refresh token that was used within the last `seconds`. */
  findSuccessor(
    tx: Tx,
    operatorId: string,
    { predecessorHash, successorHash, seconds }: { predecessorHash: string; successorHash: string; seconds: number },
  ): Promise<ConsumedToken | null> {
    return tx.maybe<ConsumedToken>(
      `select r.session_id as "sessionId", r.organization_id as "organizationId", r.audience,
         s.user_id as "userId", s.operator_id as "operatorId", ${SESSION_FACTS}
       from refresh_tokens p join refresh_tokens r on r.session_id = p.session_id join sessions s on s.id = r.session_id
       where p.token_hash = $1 and p.used_at > now() - make_interval(secs => $4)
         and r.token_hash = $2 and r.used_at is null and r.expires_at > now()
         and s.operator_id = $3 and s.ended_at is null and s.expires_at > now()`,
      [predecessorHash, successorHash, operatorId, seconds],
    );
  }

  async touch(tx: Tx, id: string): Promise<void> {
    await tx.execute('update sessions set last_used_at = now() where id = $1', [id]);
  }

  /** Records that the user confirmed their identity. `factor` counts for the session from now on. */
  async prove(tx: Tx, id: string, factor: Factor | null): Promise<void> {
    await tx.execute(
      `update sessions set proved_at = now(),
         factors = case when $2::text is null or $2 = any (factors) then factors else factors || $2::text end where id = $1`,
      [id, factor],
    );
  }

  /** Tells whether a session has not ended, and keeps it so until `tx` ends. */
  async keepOpen(tx: Tx, id: string): Promise<boolean> {
    return (await tx.maybe('select 1 from sessions where id = $1 and ended_at is null for share', [id])) !== null;
  }

  /** Records the method that counts from now on where the identity provider that opened the session has no say. */
  async proveMethod(tx: Tx, id: string, method: SignInMethod): Promise<void> {
    await tx.execute('update sessions set own_method = $2 where id = $1', [id, method]);
  }

  /** Finds the session of a refresh token, either of any or only of a used one. */
  findOfToken(
    reader: Reader,
    operatorId: string,
    tokenHash: string,
    which: 'any' | 'used' = 'any',
  ): Promise<Session | null> {
    return reader.maybe<Session>(
      `select ${columnsOf(reader, Session, 's')} from refresh_tokens r join sessions s on s.id = r.session_id
       where r.token_hash = $1 and s.operator_id = $2 ${which === 'used' ? 'and r.used_at is not null' : ''}`,
      [tokenHash, operatorId],
    );
  }

  find(reader: Reader, id: string): Promise<Session | null> {
    return reader.findOneBy(Session, { id });
  }

  /** Finds a live session with its facts, of which the idle time does not count. */
  findLive(tx: Tx, operatorId: string, id: string): Promise<(SessionFacts & { userId: string }) | null> {
    return tx.maybe(
      `select s.user_id as "userId", ${SESSION_FACTS}, 0 as "idleSeconds" from sessions s
       where s.id = $1 and s.operator_id = $2 and ${LIVE} for share`,
      [id, operatorId],
    );
  }

  /** Gives a session the proof of the one that let its program in, as old as it is. */
  async inheritProof(tx: Tx, id: string, fromId: string): Promise<void> {
    await tx.execute(
      `update sessions s set own_method = f.own_method, proved_at = f.proved_at, sso_proved_at = f.sso_proved_at,
         signed_in_at = f.signed_in_at, granted_by_id = f.id
       from sessions f where s.id = $1 and f.id = $2`,
      [id, fromId],
    );
  }

  /** Returns false if the session had already ended. */
  async end(tx: Tx, id: string, reason: string): Promise<boolean> {
    const ended = await tx.execute(
      `update sessions set ended_at = now(), end_reason = $2 where id = $1 and ended_at is null`,
      [id, reason],
    );
    return ended > 0;
  }

  /** Ends all sessions except `exceptId` and returns their ids. */
  async endAll(tx: Tx, userId: string, reason: string, exceptId: string | null = null): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      `update sessions set ended_at = now(), end_reason = $2
       where user_id = $1 and ended_at is null and expires_at > now() and id is distinct from $3::uuid returning id`,
      [userId, reason, exceptId],
    );
    return rows.map(({ id }) => id);
  }

  /** Lists the live sessions beyond the newest `limit`, of which `newestId` is one. */
  async beyond(reader: Reader, userId: string, limit: number, newestId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select s.id from sessions s where s.user_id = $1 and s.id <> $3 and ${LIVE}
       order by s.created_at desc, s.id desc offset $2 - 1`,
      [userId, limit, newestId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Lists the live sessions opened from `since` on, the one named, and all that let each other in with it: a program's
   * session is as old as its grant, and outlives the session that granted it.
   */
  async openedSince(reader: Reader, userId: string, since: Date, sessionId: string | null): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `with recursive related as (
         select s.id, s.granted_by_id from sessions s where s.user_id = $1 and s.id = $3::uuid
         union select s.id, s.granted_by_id from sessions s join related r on s.granted_by_id = r.id or s.id = r.granted_by_id
         where s.user_id = $1)
       select id from sessions where user_id = $1 and ended_at is null and expires_at > now()
         and (created_at >= $2 or id in (select id from related)) order by id`,
      [userId, since, sessionId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Lists sessions in an organization, or with null anywhere in the operator, with their role and sign-in policy, in
   * the order of their ids after `afterId`.
   */
  entered(
    reader: Reader,
    operatorId: string,
    organizationId: string | null,
    { afterId, limit }: { afterId: string; limit: number },
  ): Promise<EnteredSession[]> {
    return reader.rows<EnteredSession>(
      `select s.id, ${SESSION_FACTS}, s.user_id as "userId", u.email, u.platform_admin as "platformAdmin", om.role as "operatorRole",
         r.organization_id as "organizationId", m.role as "organizationRole", os."values" as "operatorValues", os.locks as "operatorLocks",
         gs."values" as "organizationValues", gs.locks as "organizationLocks"
       from sessions s join refresh_tokens r on r.session_id = s.id and r.used_at is null and r.expires_at > now()
         join users u on u.id = s.user_id
         left join operator_members om on om.operator_id = s.operator_id and om.user_id = s.user_id
         left join organization_members m on m.organization_id = r.organization_id and m.user_id = s.user_id
         left join operator_settings os on os.operator_id = s.operator_id and os.kind = 'auth'
         left join organization_settings gs on gs.organization_id = r.organization_id and gs.kind = 'auth'
       where s.operator_id = $1 and s.id > $2 and ${LIVE} ${organizationId ? 'and r.organization_id = $4' : ''}
       order by s.id limit $3`,
      [operatorId, afterId, limit, ...(organizationId ? [organizationId] : [])],
    );
  }

  /** Lists a user's sessions in an organization and those opened through its identity provider. */
  async standingIn(reader: Reader, organizationId: string, userId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select s.id from sessions s where s.user_id = $2 and ${LIVE}
         and (s.sso_organization_id = $1 or exists (select 1 from refresh_tokens r
           where r.session_id = s.id and r.organization_id = $1 and r.used_at is null and r.expires_at > now()))
       order by s.id`,
      [organizationId, userId],
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

  async countLive(reader: Reader, userId: string): Promise<number> {
    const row = await reader.one<{ total: number }>(
      `select count(*)::int as total from sessions s where s.user_id = $1 and ${LIVE}`,
      [userId],
    );
    return row.total;
  }

  /** Counts live sessions of an organization's members. */
  async countOfMembers(reader: Reader, organizationId: string): Promise<number> {
    const row = await reader.one<{ total: string }>(
      `select count(*) as total from organization_members m join sessions s on s.user_id = m.user_id
       where m.organization_id = $1 and ${LIVE}`,
      [organizationId],
    );
    return Number(row.total);
  }

  /**
   * Removes at most `limit` sessions that ended or expired more than `days` ago, with their tokens, and returns how
   * many.
   */
  sweep(tx: Tx, days: number, limit: number): Promise<number> {
    return tx.execute(
      `delete from sessions where id in (select id from sessions
         where expires_at < now() - make_interval(days => $1) or ended_at < now() - make_interval(days => $1) limit $2)`,
      [days, limit],
    );
  }

  /** Removes at most `limit` expired refresh tokens and returns how many. */
  sweepTokens(tx: Tx, limit: number): Promise<number> {
    return tx.execute(
      `delete from refresh_tokens where token_hash in (select token_hash from refresh_tokens where expires_at < now() limit $1)`,
      [limit],
    );
  }
}
