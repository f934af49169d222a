import { Injectable } from '@nestjs/common';
import type { ApiKeyKind } from '../../common/access/index.js';
import { columnsOf, type Reader, type Tx } from '../../database/index.js';
import { containing, type List, type Page, Pager, Where } from '../../common/pagination/index.js';
import { apiKeyStatusSql, liveApiKeySql } from '../../operators/index.js';
import type { ApiKeyQuery } from './api-key.dto.js';
import { ApiKey } from './api-key.entity.js';
import type { ApiKeyRow } from './api-key.types.js';

export type NewApiKey = Omit<ApiKey, 'createdAt' | 'revokedAt' | 'lastUsedAt'>;

const STATUS = apiKeyStatusSql('k');
const FROM = 'organization_api_keys k left join users u on u.id = k.created_by';

const columns = (reader: Reader): string =>
  `${columnsOf(reader, ApiKey, 'k')}, ${STATUS} as status, u.name as "makerName"`;

@Injectable()
export class ApiKeyStore {
  constructor(private readonly pager: Pager) {}

  /** Tells whether a user may still create keys. Keeps them from being blocked or erased until `tx` ends. */
  async holdCreator(tx: Tx, userId: string): Promise<boolean> {
    return Boolean(await tx.maybe('select 1 from users where id = $1 and blocked_at is null for share', [userId]));
  }

  async insert(tx: Tx, key: NewApiKey): Promise<void> {
    await tx.execute(
      `insert into organization_api_keys
         (organization_id, id, kind, name, hint, key_hash, role, permissions, unit_ids, created_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        key.organizationId,
        key.id,
        key.kind,
        key.name,
        key.hint,
        key.keyHash,
        key.role,
        key.permissions,
        key.unitIds,
        key.createdBy,
        key.expiresAt,
      ],
    );
  }

  /** Finds a key of any kind, or only of `kind`. */
  find(reader: Reader, organizationId: string, id: string, kind?: ApiKeyKind): Promise<ApiKeyRow | null> {
    return reader.maybe<ApiKeyRow>(
      `select ${columns(reader)} from ${FROM} where k.organization_id = $1 and k.id = $2 and k.kind = coalesce($3, k.kind)`,
      [organizationId, id, kind ?? null],
    );
  }

  /** Returns false if the key was revoked before. */
  async revoke(tx: Tx, organizationId: string, id: string): Promise<boolean> {
    const revoked = await tx.execute(
      `update organization_api_keys set revoked_at = now() where organization_id = $1 and id = $2 and revoked_at is null`,
      [organizationId, id],
    );
    return revoked === 1;
  }

  /** Writes at most once a minute, however many servers see the key. */
  async touch(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute(
      `update organization_api_keys set last_used_at = now() where organization_id = $1 and id = $2
         and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      [organizationId, id],
    );
  }

  async countLive(tx: Tx, organizationId: string): Promise<number> {
    const row = await tx.one<{ total: number }>(
      `select count(*)::int as total from organization_api_keys k where k.organization_id = $1 and ${liveApiKeySql('k')}`,
      [organizationId],
    );
    return row.total;
  }

  /** Returns the usable keys that a user created. */
  async liveIdsBy(reader: Reader, organizationId: string, userId: string): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select k.id from organization_api_keys k
       where k.organization_id = $1 and k.created_by = $2 and ${liveApiKeySql('k')} order by k.id`,
      [organizationId, userId],
    );
    return rows.map(({ id }) => id);
  }

  page(
    reader: Reader,
    organizationId: string,
    kind: ApiKeyKind,
    query: Partial<ApiKeyQuery>,
  ): Promise<Page<ApiKeyRow>> {
    const list: List = {
      name: 'organization_api_keys',
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
      .add('k.organization_id = ?', organizationId)
      .add('k.kind = ?', kind)
      .when("(k.name || ' ' || k.hint) ilike ?", query.q && containing(query.q))
      .when('k.role = ?', query.role)
      .when('k.created_by = ?', query.createdBy)
      .when(`${STATUS} = ?`, query.status);
    return this.pager.page<ApiKeyRow>(reader, list, where, query);
  }
}
