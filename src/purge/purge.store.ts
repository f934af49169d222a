import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import { purgeAtSql } from '../organizations/index.js';
import type { OwnedTable, PurgeKind } from './purge.order.js';
import type { RowCounts } from './purge.report.js';

/** An organization or a unit whose time has come. */
export interface Due {
  kind: PurgeKind;
  id: string;
  slug: string;
  /** The organization itself, or the one of the unit. */
  organizationId: string;
  operatorId: string;
  operatorSlug: string;
  deletedAt: Date;
  deletedBy: string | null;
  purgeAt: Date;
  purgeStartedAt: Date | null;
}

/** The state under the lock. */
export interface Claim {
  deletedAt: Date | null;
  purgeStartedAt: Date | null;
  due: boolean;
}

/** Values of a table's key columns, in order. */
export type Key = readonly unknown[];

/** Null: the database's own clock, so that servers whose clocks differ agree. */
type Now = Date | null;

const NOW = 'coalesce($1::timestamptz, now())';

/**
 * The date comes from `deleted_at` and the operator's zone. Seven calendar days are never fewer than six times 24
 * hours, and only the comparison with the bare column can use the index.
 */
const dueSql = (alias: string): string => `${alias}.deleted_at < ${NOW} - interval '6 days'
  and (${alias}.purge_started_at is not null or ${purgeAtSql(alias, 'op')} <= ${NOW})`;

const ORGANIZATIONS = 'organizations r join operators op on op.id = r.operator_id';
const UNITS = 'units r join organizations o on o.id = r.organization_id join operators op on op.id = o.operator_id';

/** A unit of a deleted organization goes with it, or comes back with it; one whose purge has begun is finished. */
const ON_ITS_OWN = 'o.purge_started_at is null and (o.deleted_at is null or r.purge_started_at is not null)';

const columns = (organizationId: string, operatorId: string): string => `r.id, r.slug,
  ${organizationId} as "organizationId", ${operatorId} as "operatorId", op.slug as "operatorSlug",
  r.deleted_at as "deletedAt", r.deleted_by as "deletedBy", ${purgeAtSql('r', 'op')} as "purgeAt",
  r.purge_started_at as "purgeStartedAt"`;

const FIND: Record<PurgeKind, { columns: string; from: string; where: string }> = {
  organization: { columns: columns('r.id', 'r.operator_id'), from: ORGANIZATIONS, where: dueSql('r') },
  unit: {
    columns: columns('r.organization_id', 'o.operator_id'),
    from: UNITS,
    where: `${dueSql('r')} and ${ON_ITS_OWN}`,
  },
};

const CLAIM = `r.deleted_at as "deletedAt", r.purge_started_at as "purgeStartedAt", ${dueSql('r')} as due`;

/** The SQL of the purge: the one place that removes rows of every room. */
@Injectable()
export class PurgeStore {
  /** What is due of one kind, oldest deletion first, without those in `except`. Reads over all organizations, locks nothing. */
  async findDue(reader: Reader, kind: PurgeKind, now: Now, limit: number, except: readonly string[]): Promise<Due[]> {
    const { columns: list, from, where } = FIND[kind];
    const rows = await reader.rows<Omit<Due, 'kind'>>(
      `select ${list} from ${from} where ${where} and r.id <> all ($2::uuid[]) order by r.deleted_at, r.id limit ${limit}`,
      [now, except],
    );
    return rows.map((row) => ({ kind, ...row }));
  }

  async countDue(reader: Reader, kind: PurgeKind): Promise<number> {
    const { from, where } = FIND[kind];
    const row = await reader.one<{ count: number }>(`select count(*)::int from ${from} where ${where}`, [null]);
    return row.count;
  }

  /** Held by every write below an operator through its foreign keys; taken first to keep to the order of locks. */
  async shareOperator(tx: Tx, id: string): Promise<void> {
    await tx.execute('select 1 from operators where id = $1 for key share', [id]);
  }

  /** Null when somebody else holds it or it is gone. */
  lockOrganization(tx: Tx, id: string, now: Now): Promise<Claim | null> {
    return tx.maybe<Claim>(`select ${CLAIM} from ${ORGANIZATIONS} where r.id = $2 for update of r skip locked`, [
      now,
      id,
    ]);
  }

  /** Keeps an organization as it is until `tx` ends. Null when somebody is changing it, or it is gone. */
  shareOrganization(tx: Tx, id: string): Promise<Pick<Claim, 'deletedAt' | 'purgeStartedAt'> | null> {
    return tx.maybe<Pick<Claim, 'deletedAt' | 'purgeStartedAt'>>(
      `select deleted_at as "deletedAt", purge_started_at as "purgeStartedAt" from organizations
       where id = $1 for share skip locked`,
      [id],
    );
  }

  /** Null when somebody else holds it or it is gone. */
  lockUnit(tx: Tx, organizationId: string, id: string, now: Now): Promise<Claim | null> {
    return tx.maybe<Claim>(
      `select ${CLAIM} from ${UNITS} where r.organization_id = $2 and r.id = $3 for update of r skip locked`,
      [now, organizationId, id],
    );
  }

  /** The point of no return. */
  async markStarted(tx: Tx, { kind, id, organizationId }: Due): Promise<void> {
    const set = 'set purge_started_at = now(), version = version + 1';
    if (kind === 'organization') await tx.execute(`update organizations ${set} where id = $1`, [id]);
    else await tx.execute(`update units ${set} where organization_id = $1 and id = $2`, [organizationId, id]);
  }

  async insertTombstone(tx: Tx, due: Due): Promise<void> {
    const parentId = due.kind === 'unit' ? due.organizationId : null;
    await tx.execute(
      `insert into tombstones (id, kind, operator_id, parent_id, deleted_at, deleted_by, purge_started_at, counts)
       values ($1, $2, $3, $4, $5, $6, now(), '{}') on conflict (id) do nothing`,
      [due.id, due.kind, due.operatorId, parentId, due.deletedAt, due.deletedBy],
    );
  }

  /** Adds to what the tombstone says was removed. */
  async addCounts(tx: Tx, id: string, counts: RowCounts): Promise<void> {
    if (Object.keys(counts).length === 0) return;
    await tx.execute(
      `update tombstones t set counts = t.counts || (
         select jsonb_object_agg(key, value::bigint + coalesce((t.counts ->> key)::bigint, 0))
         from jsonb_each_text($2::jsonb))
       where t.id = $1`,
      [id, JSON.stringify(counts)],
    );
  }

  /** The end; gives all that was removed. */
  async closeTombstone(tx: Tx, id: string): Promise<RowCounts> {
    const rows = await tx.rows<{ counts: RowCounts }>(
      'update tombstones set purged_at = now() where id = $1 returning counts',
      [id],
    );
    return rows[0]?.counts ?? {};
  }

  /** Units of an organization whose own purge was cut short. */
  async findStartedUnits(tx: Tx, organizationId: string): Promise<string[]> {
    const rows = await tx.rows<{ id: string }>(
      'select id from units where organization_id = $1 and purge_started_at is not null',
      [organizationId],
    );
    return rows.map((row) => row.id);
  }

  async closeTombstones(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await tx.execute('update tombstones set purged_at = now() where id = any ($1::uuid[]) and purged_at is null', [
      ids,
    ]);
  }

  /**
   * Takes the organization off up to `limit` refresh tokens; gives how many had it. The tokens stay: they belong to
   * people, whose accounts outlive it.
   */
  forgetInTokens(tx: Tx, organizationId: string, limit: number): Promise<number> {
    return tx.execute(
      `update refresh_tokens set organization_id = null where token_hash = any (array(
         select token_hash from refresh_tokens where organization_id = $1 limit ${limit}))`,
      [organizationId],
    );
  }

  /**
   * Removes up to `table.batchRows` rows that come after `after` in the table's key (null: from the first). `last` is
   * the key of the last row removed, null when nothing is left behind it. In ranges of the key, so that no statement
   * walks over the rows that the ones before it removed and no vacuum has taken away yet.
   */
  async removeRows(
    tx: Tx,
    table: OwnedTable,
    due: Due,
    after: Key | null,
  ): Promise<{ rows: number; last: Key | null }> {
    const range = new Range(table, due);
    if (after) range.add('>', after);
    const last = table.key.length > 0 ? await this.findLast(tx, table, range) : null;
    if (last) range.add('<=', last);
    const rows = await tx.execute(`delete from ${table.name} where ${range.sql}`, range.parameters);
    return { rows, last };
  }

  /** How many rows of `table` would go. */
  async countRows(reader: Reader, table: OwnedTable, due: Due): Promise<number> {
    const range = new Range(table, due);
    const row = await reader.one<{ count: string }>(
      `select count(*) from ${table.name} where ${range.sql}`,
      range.parameters,
    );
    return Number(row.count);
  }

  /** The key of the last row of a full batch; null when fewer rows are left. */
  private async findLast(tx: Tx, table: OwnedTable, range: Range): Promise<Key | null> {
    const key = table.key.join(', ');
    const row = await tx.maybe<Record<string, unknown>>(
      `select ${key} from ${table.name} where ${range.sql} order by ${key} offset ${table.batchRows - 1} limit 1`,
      range.parameters,
    );
    return row ? table.key.map((column) => row[column]) : null;
  }
}

/** The rows of one organization or unit in one table, and of those a stretch of its key. */
class Range {
  private readonly conditions: string[] = [];
  readonly parameters: unknown[] = [];

  constructor(
    private readonly table: OwnedTable,
    { kind, id, organizationId }: Due,
  ) {
    this.conditions.push(`${table.organization} = ${this.parameter(organizationId)}`);
    if (kind === 'organization') return;
    // Without a unit's column this would be the whole organization's table.
    if (!table.unit) throw new Error(`nothing in ${table.name} belongs to one unit`);
    this.conditions.push(`${table.unit} = ${this.parameter(id)}`);
  }

  get sql(): string {
    return this.conditions.join(' and ');
  }

  add(operator: '>' | '<=', key: Key): void {
    const values = key.map((value) => this.parameter(value));
    this.conditions.push(`(${this.table.key.join(', ')}) ${operator} (${values.join(', ')})`);
  }

  private parameter(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }
}
