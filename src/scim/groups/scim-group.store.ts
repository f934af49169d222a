import { Injectable } from '@nestjs/common';
import { type Reader, refusingOn, type Tx } from '../../database/index.js';
import type { Filter } from '../protocol/filter.js';
import { type Filterable, filterSql, orderSql, Parameters } from '../protocol/filter-sql.js';
import type { Sort } from '../protocol/list-query.js';
import { refused } from '../protocol/scim.errors.js';

export interface ScimGroupMemberRow {
  value: string;
  display: string;
}

export interface ScimGroupRow {
  id: string;
  displayName: string;
  externalId: string | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
  /** Empty when read without members. */
  members: ScimGroupMemberRow[];
}

export type ScimGroupContent = Pick<ScimGroupRow, 'displayName' | 'externalId'>;

const COLUMNS = `g.id, g.display_name as "displayName", g.external_id as "externalId", g.created_at as "createdAt",
  g.updated_at as "updatedAt", g.version`;
const MEMBERS = `coalesce((select jsonb_agg(jsonb_build_object('value', u.id, 'display', coalesce(s.attributes->>'displayName', u.name)) order by u.id)
    from scim_group_members gm join users u on u.id = gm.user_id
    left join scim_users s on s.organization_id = $1 and s.user_id = gm.user_id
    where gm.organization_id = $1 and gm.group_id = g.id), '[]') as members`;

const FILTERABLE: Filterable = {
  columns: {
    id: { sql: 'g.id::text', type: 'text', caseExact: true },
    displayname: { sql: 'g.display_name', type: 'text' },
    externalid: { sql: 'g.external_id', type: 'text', caseExact: true },
    'meta.created': { sql: 'g.created_at', type: 'instant' },
    'meta.lastmodified': { sql: 'g.updated_at', type: 'instant' },
  },
  lists: {
    members: {
      rows: '(select m.user_id::text as id from scim_group_members m where m.organization_id = $1 and m.group_id = g.id) e',
      parts: { value: { sql: 'e.id', type: 'text', caseExact: true } },
    },
  },
};

const columns = (withMembers: boolean): string => `${COLUMNS}, ${withMembers ? MEMBERS : `'[]'::jsonb as members`}`;

@Injectable()
export class ScimGroupStore {
  find(reader: Reader, organizationId: string, id: string, withMembers = true): Promise<ScimGroupRow | null> {
    return reader.maybe<ScimGroupRow>(
      `select ${columns(withMembers)} from scim_groups g where g.organization_id = $1 and g.id = $2`,
      [organizationId, id],
    );
  }

  async list(
    reader: Reader,
    organizationId: string,
    query: { filter: Filter | null; sort: Sort | null; startIndex: number; count: number; withMembers: boolean },
  ): Promise<{ total: number; rows: ScimGroupRow[] }> {
    const parameters = new Parameters(organizationId);
    const order = orderSql(query.sort, FILTERABLE, 'g.id');
    const where = query.filter ? `and ${filterSql(query.filter, FILTERABLE, parameters)}` : '';
    const from = `from scim_groups g where g.organization_id = $1 ${where}`;
    const counted = await reader.one<{ total: number }>(`select count(*)::int as total ${from}`, parameters.values);
    const total = counted.total;
    if (query.count === 0 || query.startIndex > total) return { total, rows: [] };
    const page = `limit ${parameters.add(query.count)} offset ${parameters.add(query.startIndex - 1)}`;
    const rows = await reader.rows<ScimGroupRow>(
      `select ${columns(query.withMembers)} ${from} order by ${order} ${page}`,
      parameters.values,
    );
    return { total, rows };
  }

  async count(tx: Tx, organizationId: string): Promise<number> {
    const row = await tx.one<{ total: number }>(
      'select count(*)::int as total from scim_groups where organization_id = $1',
      [organizationId],
    );
    return row.total;
  }

  async put(tx: Tx, organizationId: string, id: string, { displayName, externalId }: ScimGroupContent): Promise<void> {
    await refusingOn({ scim_groups_display_name_key: () => refused.displayName() }, () =>
      tx.execute(
        `insert into scim_groups (organization_id, id, display_name, display_name_key, external_id, updated_at)
         values ($1, $2, $3, $4, $5, now())
         on conflict (organization_id, id) do update set display_name = excluded.display_name,
           display_name_key = excluded.display_name_key, external_id = excluded.external_id, updated_at = now(),
           version = scim_groups.version + 1`,
        [organizationId, id, displayName, displayName.toLowerCase(), externalId],
      ),
    );
  }

  async remove(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute('delete from scim_groups where organization_id = $1 and id = $2', [organizationId, id]);
  }

  /** Returns those of `userIds` that are not SCIM users of the organization. */
  async findNonMemberIds(tx: Tx, organizationId: string, userIds: string[]): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      `select wanted.id from unnest($2::uuid[]) as wanted(id)
       where not exists (select 1 from organization_members m where m.organization_id = $1 and m.user_id = wanted.id)
         and not exists (select 1 from scim_users s where s.organization_id = $1 and s.user_id = wanted.id)`,
      [organizationId, userIds],
    );
    return rows.map(({ id }) => id);
  }

  async addMembers(tx: Tx, organizationId: string, groupId: string, userIds: string[]): Promise<void> {
    // Grants of groups are stored in scim_users, where members whom the provider has not described have no row yet.
    await tx.execute(
      `insert into scim_users (organization_id, user_id, user_name, user_name_key, attributes, updated_at)
       select $1, u.id, u.email, u.email, '{}', now() from users u where u.id = any ($2::uuid[]) on conflict do nothing`,
      [organizationId, userIds],
    );
    await tx.execute(
      `insert into scim_group_members (organization_id, group_id, user_id) select $1, $2, id from unnest($3::uuid[]) as added(id)
       on conflict do nothing`,
      [organizationId, groupId, userIds],
    );
  }

  async removeMembers(tx: Tx, organizationId: string, groupId: string, userIds: string[]): Promise<void> {
    await tx.execute(
      'delete from scim_group_members where organization_id = $1 and group_id = $2 and user_id = any ($3::uuid[])',
      [organizationId, groupId, userIds],
    );
  }
}
