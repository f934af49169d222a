import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../common/database/index.js';
import { userStatusSql } from '../../users/index.js';
import type { StoredRules } from '../entry/entry-rules.js';

@Injectable()
export class AuthSettingsStore {
  /** Of `userIds` those who are active admins there: members of the organization, or with null of the operator's staff. */
  async admins(
    reader: Reader,
    operatorId: string,
    organizationId: string | null,
    userIds: readonly string[],
  ): Promise<string[]> {
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

  /** Keeps an operator's rules as they are until `tx` ends, for those of its organizations that are changed meanwhile. */
  async holdOperator(tx: Tx, operatorId: string): Promise<void> {
    await tx.execute('select from operators where id = $1 for share', [operatorId]);
  }

  /** Organizations of an operator that say something themselves, in the order of their ids. */
  rulesBelow(
    reader: Reader,
    operatorId: string,
    { afterId, limit }: { afterId: string; limit: number },
  ): Promise<(StoredRules & { id: string })[]> {
    return reader.rows<StoredRules & { id: string }>(
      `select o.id, s."values", s.locks from organizations o
         join organization_settings s on s.organization_id = o.id and s.kind = 'auth'
       where o.operator_id = $1 and o.deleted_at is null and o.id > $2 order by o.id limit $3`,
      [operatorId, afterId, limit],
    );
  }

  /** What the strictest of somebody's organizations asks for itself; 0 when none does. */
  async longestPasswordOf(reader: Reader, userId: string): Promise<number> {
    const row = await reader.maybe<{ longest: number | null }>(
      `select max((s."values" ->> 'passwordMinLength')::int) as longest
       from organization_members m join organization_settings s on s.organization_id = m.organization_id and s.kind = 'auth'
       where m.user_id = $1`,
      [userId],
    );
    return row?.longest ?? 0;
  }
}
