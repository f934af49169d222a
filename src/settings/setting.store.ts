import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import type { NamedPlace, Place, SettingLevel } from './setting.kind.js';

const LEVELS = ['operator', 'organization', 'unit'];

/** Selects the stored settings of kind `$1` at one level, with the names for the response. */
const levelSql = (level: string, from: string, condition: string, contact = 'null, null'): string =>
  `select '${level}' as level, t.id, t.slug, t.name, ${contact}, coalesce(s."values", '{}') as "values",
     coalesce(s.locks, '{}') as locks, coalesce(s.version, 0) as version
   from ${from} and s.kind = $1 where ${condition}`;

const OPERATOR = 'operators t left join operator_settings s on s.operator_id = t.id';
const ORGANIZATION = 'organizations t left join organization_settings s on s.organization_id = t.id';
const UNIT = 'units t left join unit_settings s on s.organization_id = t.organization_id and s.unit_id = t.id';
const CONTACT = 't.support_email as "supportEmail", t.support_url as "supportUrl"';

const BY_ID = [
  levelSql('operator', OPERATOR, 't.id = $2', CONTACT),
  levelSql('organization', ORGANIZATION, 't.id = $3 and t.operator_id = $2'),
  levelSql('unit', UNIT, 't.organization_id = $3 and t.id = $4'),
];

const OPERATOR_ID = '(select id from operators where slug = $2)';
const ORGANIZATION_ID = `(select id from organizations where operator_id = ${OPERATOR_ID} and slug = $3)`;
const BY_SLUG = [
  levelSql('operator', OPERATOR, 't.slug = $2', CONTACT),
  levelSql('organization', ORGANIZATION, `t.operator_id = ${OPERATOR_ID} and t.slug = $3 and t.deleted_at is null`),
  levelSql('unit', UNIT, `t.organization_id = ${ORGANIZATION_ID} and t.slug = $4 and t.deleted_at is null`),
];

interface Row {
  table: string;
  columns: string[];
  ids: string[];
}

function rowOf({ operatorId, organizationId, unitId }: Place): Row {
  if (organizationId === undefined) return { table: 'operator_settings', columns: ['operator_id'], ids: [operatorId] };
  if (unitId === undefined)
    return { table: 'organization_settings', columns: ['organization_id'], ids: [organizationId] };
  return { table: 'unit_settings', columns: ['organization_id', 'unit_id'], ids: [organizationId, unitId] };
}

@Injectable()
export class SettingStore {
  /** Returns the levels of a path, top-down, with one indexed query. Null if one of them does not exist. */
  path(reader: Reader, kind: string, { operatorId, organizationId, unitId }: Place): Promise<SettingLevel[] | null> {
    return this.read(reader, BY_ID, kind, [operatorId, organizationId, unitId]);
  }

  /** Returns the levels of a path by slugs. Does not find levels that are pending deletion. */
  pathBySlug(
    reader: Reader,
    kind: string,
    { operator, organization, unit }: NamedPlace,
  ): Promise<SettingLevel[] | null> {
    return this.read(reader, BY_SLUG, kind, [operator, organization, unit]);
  }

  /** Locks the row of the place until `tx` ends, and creates it if needed, so that changes run one after the other. */
  async lock(tx: Tx, kind: string, place: Place): Promise<void> {
    const { table, columns, ids } = rowOf(place);
    const positions = [...ids, kind].map((_, i) => `$${i + 1}`).join(', ');
    await tx.execute(
      `insert into ${table} as s (${columns.join(', ')}, kind, "values", locks, version, updated_at)
       values (${positions}, '{}', '{}', 0, now())
       on conflict (${columns.join(', ')}, kind) do update set version = s.version`,
      [...ids, kind],
    );
  }

  /** Replaces the settings of the place and raises the version. The row must be locked. */
  async write(tx: Tx, kind: string, place: Place, values: object, locks: readonly string[]): Promise<void> {
    const { table, columns, ids } = rowOf(place);
    const condition = [...columns, 'kind'].map((column, i) => `${column} = $${i + 3}`).join(' and ');
    await tx.execute(
      `update ${table} set "values" = $1, locks = $2, version = version + 1, updated_at = now() where ${condition}`,
      [JSON.stringify(values), locks, ...ids, kind],
    );
  }

  private async read(
    reader: Reader,
    levels: string[],
    kind: string,
    names: (string | undefined)[],
  ): Promise<SettingLevel[] | null> {
    const given = names.filter((name) => name !== undefined);
    const rows = await reader.rows<SettingLevel>(levels.slice(0, given.length).join(' union all '), [kind, ...given]);
    if (rows.length < given.length) return null;
    return rows.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  }
}
