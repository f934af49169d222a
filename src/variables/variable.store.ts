import { Injectable } from '@nestjs/common';
import type { EntityTarget } from 'typeorm';
import type { CiphertextLocation } from '../common/crypto/index.js';
import type { LevelName } from '../common/inheritance/index.js';
import { columnsOf, type Reader, type Tx } from '../database/index.js';
import { containing, type List, type Page, Pager, type PageQuery, Where } from '../common/pagination/index.js';
import type { Place } from '../settings/index.js';
import { OperatorVariable, OrganizationVariable, UnitVariable } from './variable.entity.js';
import type { StoredValue, VariableLevel } from './variable.resolve.js';

type Variable = OperatorVariable | OrganizationVariable | UnitVariable;

/** A row without the columns of its owner. The value of a secret is encrypted. */
export type VariableRow = Pick<Variable, 'key' | 'value' | 'secret' | 'version' | 'updatedAt'>;

/** The table and owner of the variables of one level. */
interface Scope {
  entity: EntityTarget<Variable>;
  table: string;
  /** The columns before `key` in the primary key, and their values. */
  columns: string[];
  ids: string[];
}

function scopeOf({ operatorId, organizationId, unitId }: Place): Scope {
  if (organizationId === undefined)
    return { entity: OperatorVariable, table: 'operator_variables', columns: ['operator_id'], ids: [operatorId] };
  if (unitId === undefined) {
    const columns = ['organization_id'];
    return { entity: OrganizationVariable, table: 'organization_variables', columns, ids: [organizationId] };
  }
  const columns = ['organization_id', 'unit_id'];
  return { entity: UnitVariable, table: 'unit_variables', columns, ids: [organizationId, unitId] };
}

export const levelOf = ({ organizationId, unitId }: Place): LevelName =>
  organizationId === undefined ? 'operator' : unitId === undefined ? 'organization' : 'unit';

/** Where the value of a variable is stored that one level of a path sets. */
export function valueOf(
  { operatorId, organizationId, unitId }: Place,
  level: LevelName,
  key: string,
): CiphertextLocation {
  const place = {
    operator: { operatorId },
    organization: { operatorId, organizationId },
    unit: { operatorId, organizationId, unitId },
  }[level];
  const { table, ids } = scopeOf(place);
  return { table, column: 'value', row: [...ids, key] };
}

/** Builds a condition on these columns. */
const matches = (columns: readonly string[]): string =>
  columns.map((column, index) => `v.${column} = $${index + 1}`).join(' and ');

const LEVELS = ['operator', 'organization', 'unit'];

/** Selects one level of a path with its variables in one JSON column, so that its names are not repeated for each. */
const levelSql = (level: string, from: string, externalId: string, owner: string, condition: string): string =>
  `select '${level}' as level, t.id, t.slug, t.name, ${externalId} as "externalId", (
     select coalesce(json_agg(json_build_object('key', v.key, 'value', v.value, 'secret', v.secret)), '[]')
     from ${level}_variables v where ${owner}) as variables
   from ${from} t where ${condition}`;

const PATH = [
  levelSql('operator', 'operators', 'null', 'v.operator_id = $1', 't.id = $1'),
  levelSql(
    'organization',
    'organizations',
    't.external_id',
    'v.organization_id = $2',
    't.id = $2 and t.operator_id = $1',
  ),
  levelSql(
    'unit',
    'units',
    't.external_id',
    'v.organization_id = $2 and v.unit_id = $3',
    't.organization_id = $2 and t.id = $3',
  ),
];

@Injectable()
export class VariableStore {
  constructor(private readonly pager: Pager) {}

  /** Returns the levels of a path, top-down, with one indexed query. Null if one of them does not exist. */
  async path(reader: Reader, { operatorId, organizationId, unitId }: Place): Promise<VariableLevel[] | null> {
    const ids = [operatorId, organizationId, unitId].filter((id) => id !== undefined);
    const rows = await reader.rows<VariableLevel>(PATH.slice(0, ids.length).join(' union all '), ids);
    if (rows.length < ids.length) return null;
    return rows.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  }

  find(reader: Reader, place: Place, key: string): Promise<VariableRow | null> {
    const { entity, table, columns, ids } = scopeOf(place);
    return reader.maybe<VariableRow>(
      `select ${columnsOf(reader, entity, 'v')} from ${table} v where ${matches([...columns, 'key'])}`,
      [...ids, key],
    );
  }

  async count(reader: Reader, place: Place): Promise<number> {
    const { table, columns, ids } = scopeOf(place);
    const sql = `select count(*)::int as count from ${table} v where ${matches(columns)}`;
    const row = await reader.one<{ count: number }>(sql, ids);
    return row.count;
  }

  /** Creates or replaces a variable and raises its version. */
  async write(tx: Tx, place: Place, { key, value, secret }: StoredValue): Promise<VariableRow> {
    const { entity, table, columns, ids } = scopeOf(place);
    const parameters = [...ids, key, value, secret];
    const positions = parameters.map((_, index) => `$${index + 1}`).join(', ');
    const owner = columns.join(', ');
    // The entity tag contains this time. `now()` would be the start of the transaction, which may have waited for the lock.
    return tx.one<VariableRow>(
      `insert into ${table} as v (${owner}, key, value, secret, updated_at) values (${positions}, clock_timestamp())
       on conflict (${owner}, key) do update
       set value = excluded.value, secret = excluded.secret, version = v.version + 1, updated_at = excluded.updated_at
       returning ${columnsOf(tx, entity, 'v')}`,
      parameters,
    );
  }

  async remove(tx: Tx, place: Place, key: string): Promise<void> {
    const { table, columns, ids } = scopeOf(place);
    await tx.execute(`delete from ${table} v where ${matches([...columns, 'key'])}`, [...ids, key]);
  }

  page(reader: Reader, place: Place, query: PageQuery & { q?: string; sort?: string }): Promise<Page<VariableRow>> {
    const { entity, table, columns, ids } = scopeOf(place);
    const key = { sql: 'v.key', type: 'text' } as const;
    const list: List = {
      name: table,
      columns: columnsOf(reader, entity, 'v'),
      from: `${table} v`,
      sorts: { key },
      tieBreaker: key,
    };
    const where = new Where();
    for (const [index, column] of columns.entries()) where.add(`v.${column} = ?`, ids[index]);
    return this.pager.page(reader, list, where.when('v.key ilike ?', query.q && containing(query.q)), query);
  }
}
