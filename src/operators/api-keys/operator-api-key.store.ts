import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../database/index.js';
import { containing, type List, type Page, Pager, Where } from '../../common/pagination/index.js';
import { apiKeyStatusSql, liveApiKeySql } from './api-key.status.js';
import type { OperatorApiKeyQuery } from './operator-api-key.dto.js';
import { OperatorApiKey, type OperatorApiKeyRow } from './operator-api-key.entity.js';

export type NewOperatorApiKey = Omit<
  OperatorApiKey,
  'createdAt' | 'revokedAt' | 'lastUsedAt' | 'lastUsedIp' | 'version'
>;

const FROM = 'operator_api_keys k left join users u on u.id = k.created_by';

const columns = (reader: Reader): string =>
  `${columnsOf(reader, OperatorApiKey, 'k')}, ${apiKeyStatusSql('k')} as status, u.name as "makerName"`;

@Injectable()
export class OperatorApiKeyStore {
  constructor(private readonly pager: Pager) {}

  /** Tells whether a user is an admin of the operator, and keeps them from being blocked or erased until `tx` ends. */
  async holdAdmin(tx: Tx, operatorId: string, userId: string): Promise<boolean> {
    const row = await tx.maybe<{ isAdmin: boolean }>(
      `select u.platform_admin or exists (select from operator_members m
         where m.operator_id = $1 and m.user_id = u.id and m.role = 'admin') as "isAdmin"
       from users u where u.id = $2 and u.blocked_at is null for share`,
      [operatorId, userId],
    );
    return row?.isAdmin ?? false;
  }

  async insert(tx: Tx, key: NewOperatorApiKey): Promise<void> {
    await tx.insert(OperatorApiKey, key);
  }

  async update(tx: Tx, id: string, changes: { name?: string; expiresAt?: Date | null }): Promise<void> {
    await tx.update(OperatorApiKey, { id }, { ...changes, version: () => 'version + 1' });
  }

  find(reader: Reader, operatorId: string, id: string): Promise<OperatorApiKeyRow | null> {
    return reader.maybe<OperatorApiKeyRow>(
      `select ${columns(reader)} from ${FROM} where k.operator_id = $1 and k.id = $2`,
      [operatorId, id],
    );
  }

  /** Returns false if the key was revoked before. */
  async revoke(tx: Tx, id: string): Promise<boolean> {
    const revoked = await tx.execute(
      `update operator_api_keys set revoked_at = now(), version = version + 1 where id = $1 and revoked_at is null`,
      [id],
    );
    return revoked === 1;
  }

  /** Revokes the usable keys that a user created, at one operator or at all. */
  revokeOf(tx: Tx, userId: string, operatorId: string | null): Promise<OperatorApiKey[]> {
    return tx.rows<OperatorApiKey>(
      `with revoked as (
         update operator_api_keys k set revoked_at = now(), version = version + 1
         where k.created_by = $1 and k.operator_id = coalesce($2, k.operator_id) and ${liveApiKeySql('k')} returning k.*)
       select ${columnsOf(tx, OperatorApiKey, 'r')} from revoked r order by r.operator_id, r.id`,
      [userId, operatorId],
    );
  }

  /**
   * Records a use, at most once a minute. Returns whether it is the first of its day (UTC) or comes from another address than
   * the last one.
   */
  async touch(tx: Tx, id: string, ip: string | null): Promise<boolean> {
    const row = await tx.maybe<{ isNews: boolean }>(
      `with last as (select last_used_at as at, last_used_ip as ip from operator_api_keys where id = $1 for update)
       update operator_api_keys k set last_used_at = now(), last_used_ip = $2 from last
       where k.id = $1 and (last.at is null or last.at < now() - interval '1 minute')
       returning (last.at is null or (last.at at time zone 'utc')::date <> (now() at time zone 'utc')::date
         or last.ip is distinct from $2) as "isNews"`,
      [id, ip],
    );
    return row?.isNews ?? false;
  }

  async countLive(tx: Tx, operatorId: string): Promise<number> {
    const { total } = await tx.one<{ total: number }>(
      `select count(*)::int as total from operator_api_keys k where k.operator_id = $1 and ${liveApiKeySql('k')}`,
      [operatorId],
    );
    return total;
  }

  page(reader: Reader, operatorId: string, query: OperatorApiKeyQuery): Promise<Page<OperatorApiKeyRow>> {
    const list: List = {
      name: 'operator_api_keys',
      columns: columns(reader),
      from: FROM,
      sorts: {
        createdAt: { sql: 'k.created_at', type: 'timestamptz' },
        name: { sql: 'k.name', type: 'name' },
      },
      defaultSort: '-createdAt',
      tieBreaker: { sql: 'k.id', type: 'uuid' },
    };
    const where = new Where()
      .add('k.operator_id = ?', operatorId)
      .when("(k.name || ' ' || k.hint) ilike ?", query.q && containing(query.q))
      .when('k.created_by = ?', query.createdBy)
      .when(`${apiKeyStatusSql('k')} = ?`, query.status);
    return this.pager.page<OperatorApiKeyRow>(reader, list, where, query);
  }
}
