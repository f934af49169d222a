import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../database/index.js';
import { purgeAtSql } from '../organizations/index.js';
import type { OwnedTable, PurgeKind } from './purge.order.js';
import type { RowCounts } from './purge.report.js';

/** An organization or unit that is due for the purge. */
export interface Due {
  kind: PurgeKind;
  id: string;
  slug: string;
  /** For a unit, the id of its organization. */
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

/** Null for the database's clock, so that servers with different clocks agree. */
type Now = Date | null;

const NOW = 'coalesce($1::timestamptz, now())';

/**
 * Derives the due date from `deleted_at` and the operator's time zone. The comparison with six days is always true for due
 * rows, and only a comparison with the bare column can use the index.
 */
const dueSql = (alias: string): string => `${alias}.deleted_at < ${NOW} - interval '6 days'
  and (${alias}.purge_started_at is not null or ${purgeAtSql(alias, 'op')} <= ${NOW})`;

const ORGANIZATIONS = 'organizations r join operators op on op.id = r.operator_id';
const UNITS = 'units r join organizations o on o.id = r.organization_id join operators op on op.id = o.operator_id';

/** A unit of a deleted organization is purged with it. A unit whose purge has started is finished first. */
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

/** Contains the SQL of the purge, the only code that removes rows of all modules. */
@Injectable()
export class PurgeStore {
  /** Lists due items of one kind, oldest deletion first, without those in `except`. Reads all organizations, locks nothing. */
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

  /** Takes the lock that all writes below an operator hold through foreign keys, first to keep the order of locks. */
  async shareOperator(tx: Tx, id: string): Promise<void> {
    await tx.execute('select 1 from operators where id = $1 for key share', [id]);
  }

  /** Returns null if another transaction holds the lock or the row is gone. */
  lockOrganization(tx: Tx, id: string, now: Now): Promise<Claim | null> {
    return tx.maybe<Claim>(`select ${CLAIM} from ${ORGANIZATIONS} where r.id = $2 for update of r skip locked`, [
      now,
      id,
    ]);
  }

  /** Locks an organization against changes until `tx` ends. Returns null if it is being changed or gone. */
  shareOrganization(tx: Tx, id: string): Promise<Pick<Claim, 'deletedAt' | 'purgeStartedAt'> | null> {
    return tx.maybe<Pick<Claim, 'deletedAt' | 'purgeStartedAt'>>(
      `select deleted_at as "deletedAt", purge_started_at as "purgeStartedAt" from organizations
       where id = $1 for share skip locked`,
      [id],
    );
  }

  /** Returns null if another transaction holds the lock or the row is gone. */
  lockUnit(tx: Tx, organizationId: string, id: string, now: Now): Promise<Claim | null> {
    return tx.maybe<Claim>(
      `select ${CLAIM} from ${UNITS} where r.organization_id = $2 and r.id = $3 for update of r skip locked`,
      [now, organizationId, id],
    );
  }

  /** Marks the start, after which a restore is refused. */
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

  /** Adds to the counts in the tombstone. */
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

  /** Closes the tombstone and returns all counts. */
  async closeTombstone(tx: Tx, id: string): Promise<RowCounts> {
    const rows = await tx.rows<{ counts: RowCounts }>(
      'update tombstones set purged_at = now() where id = $1 returning counts',
      [id],
    );
    return rows[0]?.counts ?? {};
  }

  /** Returns the units of an organization whose own purge was interrupted. */
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
   * Removes the organization from up to `limit` refresh tokens and returns how many were changed. The tokens belong to
   * users, whose accounts stay.
   */
  forgetInTokens(tx: Tx, organizationId: string, limit: number): Promise<number> {
    return tx.execute(
      `update refresh_tokens set organization_id = null where token_hash = any (array(
         select token_hash from refresh_tokens where organization_id = $1 limit ${limit}))`,
      [organizationId],
    );
  }

  /** Removes up to `limit` stored responses of the organization and returns how many. */
  removeResponses(tx: Tx, organizationId: string, limit: number): Promise<number> {
    return tx.execute(
      `delete from idempotency_keys where (caller_id, key) in (
         select caller_id, key from idempotency_keys where organization_id = $1 limit ${limit})`,
      [organizationId],
    );
  }

  /**
   * Removes up to `table.batchRows` rows after the key `after` (null for the first). `last` is the key of the last removed
   * row, null if none are left. Ranges of the key keep statements from scanning rows that earlier ones have removed and
   * no vacuum has cleaned up yet.
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

  /** Counts the rows of `table` that would be removed. */
  async countRows(reader: Reader, table: OwnedTable, due: Due): Promise<number> {
    const range = new Range(table, due);
    const row = await reader.one<{ count: string }>(
      `select count(*) from ${table.name} where ${range.sql}`,
      range.parameters,
    );
    return Number(row.count);
  }

  /** Returns the key of the last row of a full batch, null if fewer rows are left. */
  private async findLast(tx: Tx, table: OwnedTable, range: Range): Promise<Key | null> {
    const key = table.key.join(', ');
    const row = await tx.maybe<Record<string, unknown>>(
      `select ${key} from ${table.name} where ${range.sql} order by ${key} offset ${table.batchRows - 1} limit 1`,
      range.parameters,
    );
    return row ? table.key.map((column) => row[column]) : null;
  }
}

/** Builds the condition for the rows of an organization or unit in one table, and for a range of their keys. */
class Range {
  private readonly conditions: string[] = [];
  readonly parameters: unknown[] = [];

  constructor(
    private readonly table: OwnedTable,
    { kind, id, organizationId }: Due,
  ) {
    this.conditions.push(`${table.organization} = ${this.parameter(organizationId)}`);
    if (kind === 'organization') return;
    // Without a unit column this would match all rows of the organization.
    if (!table.unit) throw new Error(`rows of ${table.name} do not belong to units`);
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
