import { Injectable } from '@nestjs/common';
import {
  type ApiKeyKind,
  ASSIGNABLE_PERMISSIONS,
  effectiveRoles,
  FUNCTIONAL_ROLES,
  type RolesByLevel,
  type Permission,
  type Role,
} from '../../common/access/index.js';
import { type Reader, refusingOn, type Tx } from '../../database/index.js';
import { isId } from '../../common/ids/index.js';
import { containing, type List, type Page, Pager, Where } from '../../common/pagination/index.js';
import { liveApiKeySql } from '../../operators/index.js';
import { isFunctional, permissionsOfProductRole, PRODUCT_ROLES, type RoleKind } from './role.definitions.js';
import type { RoleQuery } from './role.dto.js';
import type { CustomRole } from './role.entity.js';
import { roleErrors } from './role.errors.js';

export interface RoleRow {
  id: string;
  key: string;
  name: string;
  description: string | null;
  kind: RoleKind;
  permissions: Permission[];
  updatedAt: Date | null;
  version: number;
}

export interface HeldByApiKey {
  kind: ApiKeyKind | 'operator';
  role: Role;
  permissions: Permission[];
  unitIds: string[] | null;
}

export type NewRole = Pick<CustomRole, 'organizationId' | 'id' | 'key' | 'name' | 'description'> & {
  permissions: readonly Permission[];
};

const ASSIGNABLE = new Set<string>(ASSIGNABLE_PERMISSIONS);

/** Fills in roles of the product, and drops stored permissions that no longer exist. */
const complete = (row: RoleRow): RoleRow => ({
  ...row,
  permissions:
    row.kind === 'built_in' || row.kind === 'functional'
      ? [...permissionsOfProductRole(row.key)]
      : row.permissions.filter((permission) => ASSIGNABLE.has(permission)),
});

const functionalOf = (refs: readonly string[]): RoleRow[] =>
  PRODUCT_ROLES.filter(({ key }) => isFunctional(key) && refs.includes(key)).map((role) =>
    complete({ ...role, id: role.key, permissions: [], updatedAt: null, version: 1 }),
  );

const quoted = (text: string): string => `'${text.replace(/'/g, "''")}'`;
const PRODUCT_VALUES = PRODUCT_ROLES.map(
  ({ key, name, description, kind }, index) =>
    `('${index}', ${quoted(key)}, ${quoted(name)}, ${quoted(description)}, '${kind}')`,
).join(', ');

const COLUMNS = `r.id, r.key, r.name, r.description, r.kind, r.permissions, r.updated_at as "updatedAt", r.version`;

/** All roles of an organization, from every source. `position` orders the kinds. */
const ALL_ROLES = `(
  select o.id as organization_id, p.position, p.key as id, p.key, p.name, p.description, p.kind, '{}'::text[] as permissions,
    null::timestamptz as updated_at, 1 as version
  from organizations o cross join (values ${PRODUCT_VALUES}) as p(position, key, name, description, kind)
  union all
  select o.id, 't', t.id::text, t.key, t.name, t.description, 'template', t.permissions, t.updated_at, t.version
  from organizations o join operator_role_templates t on t.operator_id = o.operator_id
  union all
  select c.organization_id, 'u', c.id::text, c.key, c.name, c.description, 'custom', c.permissions, c.updated_at, c.version
  from organization_roles c
) r`;

/** Builds the sorted keys of the roles in `role_ids` of a row with the alias `of`. */
export const roleKeysSql = (of: string): string => `case when ${of}.role_ids = '{}' then '{}'::text[] else array(
  select held.key from (
    select ref as key from unnest(${of}.role_ids) ref where ref in (${FUNCTIONAL_ROLES.map((key) => `'${key}'`).join(', ')})
    union all select c.key from organization_roles c
      where c.organization_id = ${of}.organization_id and c.id::text = any(${of}.role_ids)
    union all select t.key from operator_role_templates t join organizations owner on owner.operator_id = t.operator_id
      where owner.id = ${of}.organization_id and t.id::text = any(${of}.role_ids)
  ) held order by 1) end`;

const LIST: List = {
  name: 'organization_roles',
  columns: COLUMNS,
  from: ALL_ROLES,
  sorts: {
    kind: { sql: '(r.position || r.name)', type: 'name' },
    name: { sql: 'r.name', type: 'name' },
    key: { sql: 'r.key', type: 'text' },
  },
  tieBreaker: { sql: 'r.id', type: 'text' },
};

const NAME_TAKEN = { organization_roles_name_key: () => roleErrors.name_taken() };

@Injectable()
export class RoleStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, role: NewRole): Promise<void> {
    await refusingOn({ organization_roles_key_key: () => roleErrors.key_taken(), ...NAME_TAKEN }, () =>
      tx.execute(
        `insert into organization_roles (organization_id, id, key, name, name_key, description, permissions, updated_at)
         values ($1, $2, $3, $4, lower($4), $5, $6, now())`,
        [role.organizationId, role.id, role.key, role.name, role.description, role.permissions],
      ),
    );
  }

  async update(tx: Tx, { organizationId, id, name, description, permissions }: Omit<NewRole, 'key'>): Promise<void> {
    await refusingOn(NAME_TAKEN, () =>
      tx.execute(
        `update organization_roles set name = $3, name_key = lower($3), description = $4, permissions = $5, updated_at = now(),
           version = version + 1
         where organization_id = $1 and id = $2`,
        [organizationId, id, name, description, permissions],
      ),
    );
  }

  async remove(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute('delete from organization_roles where organization_id = $1 and id = $2', [organizationId, id]);
  }

  async countCustom(tx: Tx, organizationId: string): Promise<number> {
    const row = await tx.one<{ total: number }>(
      'select count(*)::int as total from organization_roles where organization_id = $1',
      [organizationId],
    );
    return row.total;
  }

  /** Finds functional, custom and template roles by id or key, in no order. */
  async find(reader: Reader, organizationId: string, refs: readonly string[]): Promise<RoleRow[]> {
    const functional = functionalOf(refs);
    const stored = refs.filter((ref) => !isFunctional(ref));
    if (stored.length === 0) return functional;
    const rows = await reader.rows<RoleRow>(
      `select ${COLUMNS} from (
         select c.id::text, c.key, c.name, c.description, 'custom' as kind, c.permissions, c.updated_at, c.version
         from organization_roles c where c.organization_id = $1 and (c.id = any($2::uuid[]) or c.key = any($3::text[]))
         union all
         select t.id::text, t.key, t.name, t.description, 'template', t.permissions, t.updated_at, t.version
         from operator_role_templates t join organizations o on o.operator_id = t.operator_id
         where o.id = $1 and (t.id = any($2::uuid[]) or t.key = any($3::text[]))) r`,
      [organizationId, stored.filter(isId), stored.filter((ref) => !isId(ref))],
    );
    return [...functional, ...rows.map(complete)];
  }

  /** Does the same for an operator, without the custom roles of organizations. */
  async findPublished(reader: Reader, operatorId: string, refs: readonly string[]): Promise<RoleRow[]> {
    const rows = await reader.rows<RoleRow>(
      `select t.id::text, t.key, t.name, t.description, 'template' as kind, t.permissions, t.updated_at as "updatedAt", t.version
       from operator_role_templates t where t.operator_id = $1 and (t.id = any($2::uuid[]) or t.key = any($3::text[]))`,
      [operatorId, refs.filter(isId), refs.filter((ref) => !isId(ref))],
    );
    return [...functionalOf(refs), ...rows.map(complete)];
  }

  /** Keeps these templates from being withdrawn until `tx` ends. */
  async keepTemplates(tx: Tx, ids: string[]): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      'select id from operator_role_templates where id = any($1::uuid[]) order by id for key share',
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  async page(reader: Reader, organizationId: string, query: RoleQuery): Promise<Page<RoleRow>> {
    const where = new Where()
      .add('r.organization_id = ?', organizationId)
      .when("(r.name || ' ' || r.key) ilike ?", query.q && containing(query.q))
      .when('r.kind = ?', query.kind);
    const page = await this.pager.page<RoleRow>(reader, LIST, where, query);
    return { ...page, items: page.items.map(complete) };
  }

  /** Returns the effective role of a user and the ids of their other roles. Null for blocked users. */
  async heldBy(
    reader: Reader,
    organizationId: string,
    userId: string,
  ): Promise<{ role: Role | null; roleIds: string[] } | null> {
    const held = await reader.maybe<Omit<RolesByLevel, 'unit'> & { roleIds: string[] | null }>(
      `select u.platform_admin as "platformAdmin", om.role as operator, m.role as organization, m.role_ids as "roleIds"
       from organizations o join users u on u.id = $2
       left join operator_members om on om.operator_id = o.operator_id and om.user_id = u.id
       left join organization_members m on m.organization_id = $1 and m.user_id = u.id
       where o.id = $1 and u.blocked_at is null`,
      [organizationId, userId],
    );
    return held ? { role: effectiveRoles({ ...held, unit: null }).organization, roleIds: held.roleIds ?? [] } : null;
  }

  /** Returns what a usable API key of the organization or its operator holds, null for any other. */
  heldByApiKey(reader: Reader, organizationId: string, id: string): Promise<HeldByApiKey | null> {
    return reader.maybe<HeldByApiKey>(
      `select k.kind, k.role, k.permissions, k.unit_ids as "unitIds" from organization_api_keys k
       where k.organization_id = $1 and k.id = $2 and ${liveApiKeySql('k')}
       union all
       select 'operator', k.role, k.permissions, null from operator_api_keys k
       join organizations o on o.id = $1 and o.operator_id = k.operator_id
       where k.id = $2 and ${liveApiKeySql('k')}`,
      [organizationId, id],
    );
  }
}
