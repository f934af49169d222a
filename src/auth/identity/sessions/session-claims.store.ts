import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { SessionClaims } from './session-claims.entity.js';

/** Which sessions of a connection: those of one user, or of one session of the provider, if given. */
export interface OpenedThrough {
  organizationId: string;
  connectionId: string;
  userId?: string | undefined;
  providerSession?: string | undefined;
}

@Injectable()
export class SessionClaimsStore {
  async insert(
    tx: Tx,
    { sessionId, organizationId, connectionId, claims, providerSession }: SessionClaims,
  ): Promise<void> {
    await tx.execute(
      `insert into session_claims (session_id, organization_id, connection_id, claims, provider_session)
       values ($1, $2, $3, $4, $5)`,
      [sessionId, organizationId, connectionId, JSON.stringify(claims), providerSession],
    );
  }

  /** Returns null for a session that was not opened by single sign-on. */
  find(reader: Reader, sessionId: string): Promise<SessionClaims | null> {
    return reader.maybe<SessionClaims>(
      `select ${columnsOf(reader, SessionClaims, 'c')} from session_claims c where c.session_id = $1`,
      [sessionId],
    );
  }

  /** Lists live sessions that were opened through a connection. */
  async sessionsOf(
    tx: Tx,
    { organizationId, connectionId, userId, providerSession }: OpenedThrough,
  ): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      `select c.session_id as id from session_claims c join sessions s on s.id = c.session_id
       where c.organization_id = $1 and c.connection_id = $2 and s.ended_at is null and s.expires_at > now()
         and ($3::uuid is null or s.user_id = $3) and ($4::text is null or c.provider_session = $4)
       order by 1`,
      [organizationId, connectionId, userId ?? null, providerSession ?? null],
    );
    return rows.map(({ id }) => id);
  }
}
