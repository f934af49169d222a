import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { userStatusSql } from '../../users/index.js';
import type { StoredAuthSettings } from './auth-settings.checks.js';

@Injectable()
export class AuthSettingsStore {
  /** Returns those of `userIds` who are active admins of the organization, or of the operator's staff. */
  async admins(
    reader: Reader,
    { operatorId, organizationId }: { operatorId: string; organizationId?: string | undefined },
    userIds: readonly string[],
  ): Promise<string[]> {
    if (userIds.length === 0) return [];
    const from = organizationId
      ? { members: 'organization_members', key: 'organization_id', id: organizationId }
      : { members: 'operator_members', key: 'operator_id', id: operatorId };
    const rows = await reader.rows<{ id: string }>(
      `select u.id from ${from.members} m join users u on u.id = m.user_id
       where m.${from.key} = $1 and m.role = 'admin' and u.id = any ($2::uuid[]) and ${userStatusSql('u')} = 'active'`,
      [from.id, userIds],
    );
    return rows.map(({ id }) => id);
  }

  /** Locks the operator's settings against changes until `tx` ends, while settings of one of its organizations change. */
  async holdOperator(tx: Tx, operatorId: string): Promise<void> {
    await tx.execute('select from operators where id = $1 for share', [operatorId]);
  }

  /** Lists the operator's organizations with settings of their own, sorted by id. */
  settingsBelow(
    reader: Reader,
    operatorId: string,
    { afterId, limit }: { afterId: string; limit: number },
  ): Promise<(StoredAuthSettings & { id: string })[]> {
    return reader.rows<StoredAuthSettings & { id: string }>(
      `select o.id, s."values", s.locks from organizations o
         join organization_settings s on s.organization_id = o.id and s.kind = 'auth'
       where o.operator_id = $1 and o.deleted_at is null and o.id > $2 order by o.id limit $3`,
      [operatorId, afterId, limit],
    );
  }

  /** Returns the longest minimum length that one of the organizations that a user has entered sets, or 0. */
  async longestPasswordOf(reader: Reader, userId: string): Promise<number> {
    const row = await reader.maybe<{ longest: number | null }>(
      `select max((s."values" ->> 'passwordMinLength')::int) as longest
       from organization_members m join organization_settings s on s.organization_id = m.organization_id and s.kind = 'auth'
       where m.user_id = $1 and not m.awaits_entry`,
      [userId],
    );
    return row?.longest ?? 0;
  }
}
