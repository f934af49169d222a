import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../../database/index.js';
import { liveApiKeySql } from '../../operators/index.js';
import { userStatusSql } from '../../users/index.js';
import { containing, type List, type Page, Pager, Where } from '../../common/pagination/index.js';
import { searchedAddress } from '../../common/validation/index.js';
import { roleKeysSql } from '../roles/role.store.js';
import type { InvitationQuery } from './invitation.dto.js';
import { Invitation } from './invitation.entity.js';
import { invitationErrors } from './invitation.errors.js';
import type { InvitationRow, InvitationStatus } from './invitation.types.js';

export type NewInvitation = Pick<
  Invitation,
  | 'organizationId'
  | 'id'
  | 'email'
  | 'role'
  | 'roleIds'
  | 'unitIds'
  | 'message'
  | 'ttlSeconds'
  | 'tokenHash'
  | 'invitedBy'
>;

export type PendingInvitation = Pick<Invitation, 'id' | 'email' | 'role' | 'roleIds'>;

/** Whether an address can be invited: its membership, open invitation and recent mails. */
export interface InvitationEligibility {
  pendingId: string | null;
  pendingExpired: boolean | null;
  member: boolean;
  /** Invitations mailed to it in the last hour, by all organizations of the operator. */
  mails: number;
  /** Seconds until the oldest of them is an hour old. */
  freeIn: number | null;
}

const STATUS = `case when i.state = 'pending' and i.expires_at <= now() then 'expired' else i.state end`;
/** Builds the status as a condition that PostgreSQL can estimate and serve by an index. */
const statusIs = (status: InvitationStatus): string =>
  ({
    pending: `i.state = 'pending' and i.expires_at > now()`,
    expired: `i.state = 'pending' and i.expires_at <= now()`,
    accepted: `i.state = 'accepted'`,
    declined: `i.state = 'declined'`,
    revoked: `i.state = 'revoked'`,
  })[status];
const FROM = `organization_invitations i left join users u on u.id = i.invited_by
  left join organization_api_keys k on k.organization_id = i.organization_id and k.id = i.invited_by
  left join operator_api_keys ok on ok.id = i.invited_by`;
const AN_HOUR_AGO = `now() - interval '1 hour'`;

const columns = (reader: Reader): string =>
  `${columnsOf(reader, Invitation, 'i')}, ${STATUS} as status, coalesce(u.name, k.name, ok.name) as "inviterName", coalesce(k.id, ok.id) is not null as "byApiKey", ${roleKeysSql('i')} as "roleKeys"`;

@Injectable()
export class InvitationStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, row: NewInvitation): Promise<void> {
    await refusingOn({ organization_invitations_pending_key: () => invitationErrors.already_pending() }, () =>
      tx.execute(
        `insert into organization_invitations
           (organization_id, id, email, role, role_ids, unit_ids, message, state, ttl_seconds, expires_at, token_hash, invited_by, mailed_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8::integer, now() + make_interval(secs => $8::integer), $9, $10, array[now()])`,
        [
          row.organizationId,
          row.id,
          row.email,
          row.role,
          row.roleIds,
          row.unitIds,
          row.message,
          row.ttlSeconds,
          row.tokenHash,
          row.invitedBy,
        ],
      ),
    );
  }

  find(reader: Reader, organizationId: string, id: string): Promise<InvitationRow | null> {
    return reader.maybe<InvitationRow>(
      `select ${columns(reader)} from ${FROM} where i.organization_id = $1 and i.id = $2`,
      [organizationId, id],
    );
  }

  /** Finds the pending invitation of an address. */
  findPendingFor(reader: Reader, organizationId: string, email: string): Promise<InvitationRow | null> {
    return reader.maybe<InvitationRow>(
      `select ${columns(reader)} from ${FROM} where i.organization_id = $1 and i.email = $2 and ${statusIs('pending')}`,
      [organizationId, email],
    );
  }

  findByToken(reader: Reader, operatorId: string, tokenHash: string): Promise<InvitationRow | null> {
    return reader.maybe<InvitationRow>(
      `select ${columns(reader)} from ${FROM} join organizations o on o.id = i.organization_id
       where i.token_hash = $1 and o.operator_id = $2`,
      [tokenHash, operatorId],
    );
  }

  /** Serializes mails to an address across organizations, so that they are counted exactly. */
  async lockRecipients(tx: Tx, operatorId: string, emails: string[]): Promise<void> {
    await tx.execute(
      `select pg_advisory_xact_lock(hashtextextended('invitations:' || $1 || ':' || e.email, 0))
       from (select distinct email from unnest($2::text[]) email order by email) e`,
      [operatorId, emails],
    );
  }

  async eligibilityOf(
    tx: Tx,
    operatorId: string,
    organizationId: string,
    email: string,
  ): Promise<InvitationEligibility> {
    const row = await tx.one<InvitationEligibility>(
      `select p.id as "pendingId", p.expires_at <= now() as "pendingExpired",
         exists (select 1 from users u join organization_members m on m.organization_id = $2 and m.user_id = u.id
           where u.operator_id = $1 and u.email = $3) as member,
         sent.mails, sent."freeIn"
       from (select count(*)::int as mails,
           extract(epoch from min(mail.at) - (${AN_HOUR_AGO}))::float8 as "freeIn"
         from organization_invitations i join organizations o on o.id = i.organization_id
         cross join unnest(i.mailed_at) as mail(at)
         where i.email = $3 and o.operator_id = $1 and mail.at > ${AN_HOUR_AGO}) sent
       left join organization_invitations p on p.organization_id = $2 and p.email = $3 and p.state = 'pending'`,
      [operatorId, organizationId, email],
    );
    return row;
  }

  /** Tells whether the user is staff, or an API key of the operator, and the organization has no admin who can sign in. Until then staff govern it. */
  async governedByStaff(reader: Reader, organizationId: string, callerId: string): Promise<boolean> {
    const rows = await reader.rows<unknown>(
      `select 1 from organizations o
       left join users u on u.id = $2 and u.blocked_at is null
       left join operator_members om on om.operator_id = o.operator_id and om.user_id = u.id
       left join operator_api_keys k on k.operator_id = o.operator_id and k.id = $2 and ${liveApiKeySql('k')}
       where o.id = $1 and (u.platform_admin or om.role in ('manager', 'admin') or k.id is not null) and not exists
         (select 1 from organization_members m join users a on a.id = m.user_id
          where m.organization_id = $1 and m.role = 'admin' and ${userStatusSql('a')} = 'active')`,
      [organizationId, callerId],
    );
    return rows.length > 0;
  }

  /** Sets a new token and date, if the invitation is pending. */
  async renew(
    tx: Tx,
    {
      organizationId,
      id,
      tokenHash,
      invitedBy,
    }: Pick<NewInvitation, 'organizationId' | 'id' | 'tokenHash' | 'invitedBy'>,
  ): Promise<void> {
    await tx.execute(
      `update organization_invitations i set token_hash = $3, invited_by = $4, version = version + 1,
         expires_at = now() + make_interval(secs => ttl_seconds),
         mailed_at = array(select mail.at from unnest(i.mailed_at) as mail(at) where mail.at > ${AN_HOUR_AGO}) || now()
       where i.organization_id = $1 and i.id = $2 and i.state = 'pending'`,
      [organizationId, id, tokenHash, invitedBy],
    );
  }

  /** Leaves the state `pending`. Returns false if it was left before. */
  async settle(
    tx: Tx,
    organizationId: string,
    id: string,
    state: 'accepted' | 'declined' | 'revoked',
    acceptedBy: string | null = null,
  ): Promise<boolean> {
    const settled = await tx.execute(
      `update organization_invitations set state = $3, accepted_by = $4, decided_at = now(), version = version + 1
       where organization_id = $1 and id = $2 and state = 'pending'`,
      [organizationId, id, state, acceptedBy],
    );
    return settled === 1;
  }

  /** Returns the pending and expired invitations that a caller sent. */
  pendingOf(tx: Tx, organizationId: string, invitedBy: string): Promise<PendingInvitation[]> {
    return tx.rows<PendingInvitation>(
      `select id, email, role, role_ids as "roleIds" from organization_invitations
       where organization_id = $1 and invited_by = $2 and state = 'pending' order by id`,
      [organizationId, invitedBy],
    );
  }

  page(reader: Reader, organizationId: string, query: InvitationQuery): Promise<Page<InvitationRow>> {
    const list: List = {
      name: 'organization_invitations',
      columns: columns(reader),
      from: FROM,
      sorts: {
        createdAt: { sql: 'i.created_at', type: 'timestamptz' },
        email: { sql: 'i.email', type: 'text' },
        expiresAt: { sql: 'i.expires_at', type: 'timestamptz' },
      },
      defaultSort: '-createdAt',
      tieBreaker: { sql: 'i.id', type: 'uuid' },
    };
    const where = new Where()
      .add('i.organization_id = ?', organizationId)
      .when('i.email ilike ?', query.q && containing(searchedAddress(query.q)));
    if (query.status) where.add(statusIs(query.status));
    return this.pager.page<InvitationRow>(reader, list, where, query);
  }
}
