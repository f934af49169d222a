import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import { inNameOrder } from '../common/pagination/index.js';
import type { User } from '../users/index.js';

const ACTIVE_ADMIN = `x.role = 'admin' and u.blocked_at is null and u.email_verified_at is not null`;

/** Rows that belong to a user, by the column with the user's id, before the rows that they refer to. */
const OWNED: readonly (readonly [table: string, column: string])[] = [
  ['passwords', 'user_id'],
  ['totp_factors', 'user_id'],
  ['recovery_codes', 'user_id'],
  ['passkeys', 'user_id'],
  ['email_changes', 'user_id'],
  ['device_logins', 'user_id'],
  ['known_devices', 'user_id'],
  ['one_time_tokens', 'user_id'],
  ['sso_identities', 'user_id'],
  ['scim_group_members', 'user_id'],
  ['scim_users', 'user_id'],
  ['former_members', 'user_id'],
  ['unit_members', 'user_id'],
  ['organization_members', 'user_id'],
  ['operator_members', 'user_id'],
  ['idempotency_keys', 'caller_id'],
];

/** Reads and removes rows of a user in the tables of all modules. */
@Injectable()
export class PersonStore {
  /** Revokes the keys that a user created, in all organizations. */
  revokeApiKeys(tx: Tx, userId: string): Promise<{ id: string; organizationId: string; name: string }[]> {
    return tx.rows(
      `with revoked as (
         update organization_api_keys set revoked_at = now()
         where created_by = $1 and revoked_at is null and (expires_at is null or expires_at > now())
         returning id, organization_id, name)
       select id, organization_id as "organizationId", name from revoked order by organization_id, id`,
      [userId],
    );
  }

  /** Locks the organizations of a user and returns their ids. */
  async lockOrganizations(tx: Tx, userId: string): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      `select o.id from organizations o
       where o.id in (select organization_id from organization_members where user_id = $1) order by o.id for no key update`,
      [userId],
    );
    return rows.map(({ id }) => id);
  }

  /** Lists the organizations that have no other admin who can sign in. */
  lastAdminOf(tx: Tx, userId: string): Promise<{ id: string; name: string }[]> {
    return tx.rows(
      `select o.id, o.name from organizations o join organization_members m on m.organization_id = o.id
       where m.user_id = $1 and m.role = 'admin' and not exists (
         select from organization_members x join users u on u.id = x.user_id
         where x.organization_id = o.id and x.user_id <> $1 and ${ACTIVE_ADMIN}) order by ${inNameOrder('o.name')}, o.id`,
      [userId],
    );
  }

  /** Tells whether the operator, or the platform, would be left without an admin who can sign in. */
  async isLastStaffAdmin(tx: Tx, { id, operatorId }: User): Promise<boolean> {
    const row = await tx.maybe(
      `select 1 from users me
       where me.id = $1 and (
         (exists (select from operator_members m where m.operator_id = $2 and m.user_id = $1 and m.role = 'admin')
           and not exists (select from operator_members x join users u on u.id = x.user_id
             where x.operator_id = $2 and x.user_id <> $1 and ${ACTIVE_ADMIN}))
         or (me.platform_admin and not exists (
           select from users u where u.platform_admin and u.id <> $1 and u.blocked_at is null)))`,
      [id, operatorId],
    );
    return row !== null;
  }

  async removeData(tx: Tx, { id, operatorId, email }: User): Promise<void> {
    await tx.execute('delete from session_claims where session_id in (select id from sessions where user_id = $1)', [
      id,
    ]);
    await tx.execute('delete from sessions where user_id = $1', [id]);
    for (const [table, column] of OWNED) await tx.execute(`delete from ${table} where ${column} = $1`, [id]);
    await tx.execute('delete from one_time_tokens where operator_id = $1 and email = $2', [operatorId, email]);
    await tx.execute(
      `delete from organization_invitations i using organizations o
       where o.id = i.organization_id and o.operator_id = $1 and i.email = $2`,
      [operatorId, email],
    );
  }

  /** Reads everything about a user, one list per kind of data. */
  async export(reader: Reader, { id, operatorId, email }: User, eventLimit: number): Promise<Record<string, unknown>> {
    const lists: Record<string, readonly [sql: string, parameters: unknown[]]> = {
      organizations: [
        `select o.id, o.name, m.role, m.role_ids as "roleIds", m.joined_at as "joinedAt"
         from organization_members m join organizations o on o.id = m.organization_id where m.user_id = $1 order by ${inNameOrder('o.name')}, o.id`,
        [id],
      ],
      units: [
        `select n.id, n.name, m.organization_id as "organizationId", m.role from unit_members m
         join units n on n.organization_id = m.organization_id and n.id = m.unit_id where m.user_id = $1 order by ${inNameOrder('n.name')}, n.id`,
        [id],
      ],
      operatorRoles: [`select role, joined_at as "joinedAt" from operator_members where user_id = $1`, [id]],
      invitations: [
        `select i.organization_id as "organizationId", i.role, i.state, i.message, i.created_at as "createdAt"
         from organization_invitations i join organizations o on o.id = i.organization_id
         where o.operator_id = $1 and i.email = $2 order by i.created_at`,
        [operatorId, email],
      ],
      sessions: [
        `select id, ip, user_agent as "userAgent", method, factors, created_at as "createdAt", last_used_at as "lastUsedAt",
           ended_at as "endedAt", end_reason as "endReason" from sessions where user_id = $1 order by created_at`,
        [id],
      ],
      sessionClaims: [
        `select c.organization_id as "organizationId", c.claims from session_claims c join sessions s on s.id = c.session_id
         where s.user_id = $1`,
        [id],
      ],
      knownDevices: [`select to_jsonb(d) - 'user_id' as device from known_devices d where user_id = $1`, [id]],
      passkeys: [
        `select id, name, created_at as "createdAt", last_used_at as "lastUsedAt" from passkeys where user_id = $1`,
        [id],
      ],
      authenticatorApps: [
        `select confirmed_at as "addedAt" from totp_factors where user_id = $1 and confirmed_at is not null`,
        [id],
      ],
      linkedIdentities: [
        `select organization_id as "organizationId", subject, created_at as "createdAt", last_used_at as "lastUsedAt"
         from sso_identities where user_id = $1`,
        [id],
      ],
      emailChanges: [
        `select new_email as "newEmail", created_at as "createdAt" from email_changes where user_id = $1`,
        [id],
      ],
      directoryEntries: [`select to_jsonb(u) - 'user_id' as entry from scim_users u where user_id = $1`, [id]],
      createdApiKeys: [
        `select id, organization_id as "organizationId", name, created_at as "createdAt", revoked_at as "revokedAt"
         from organization_api_keys where created_by = $1 order by created_at`,
        [id],
      ],
      createdOperatorApiKeys: [
        `select id, operator_id as "operatorId", name, created_at as "createdAt", revoked_at as "revokedAt"
         from operator_api_keys where created_by = $1 order by created_at`,
        [id],
      ],
      events: [
        `select type, occurred_at as "occurredAt", actor_id as "actorId", subject_type as "subjectType",
           subject_id as "subjectId", before, after, ip from operator_events
         where operator_id = $1 and (actor_id = $2 or subject_id = $2::text) order by seq desc limit $3`,
        [operatorId, id, eventLimit],
      ],
      organizationEvents: [
        `select e.organization_id as "organizationId", e.type, e.occurred_at as "occurredAt", e.actor_id as "actorId",
           e.subject_type as "subjectType", e.subject_id as "subjectId", e.before, e.after, e.ip
         from organization_members m join organization_events e on e.organization_id = m.organization_id
         where m.user_id = $1 and (e.actor_id = $1 or e.subject_id = $1::text) order by e.occurred_at desc limit $2`,
        [id, eventLimit],
      ],
    };
    const exported: Record<string, unknown> = {};
    for (const [name, [sql, parameters]] of Object.entries(lists)) exported[name] = await reader.rows(sql, parameters);
    return exported;
  }
}
