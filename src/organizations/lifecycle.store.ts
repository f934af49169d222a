import { type EntityTarget } from 'typeorm';
import { columnsOf, type Reader, refusingOn, type Tx } from '../database/index.js';
import { isId } from '../common/ids/index.js';
import { containing, type Where } from '../common/pagination/index.js';
import type { LifecycleRow } from './lifecycle.dto.js';
import type { LifecycleStore } from './lifecycle.service.js';
import { purgeAtSql } from './lifecycle.status.js';

export interface LifecycleTable<Row> {
  entity: EntityTarget<Row & object>;
  /** `organizations` or `units`. */
  name: string;
  /** Its primary key, in order. */
  key: readonly string[];
  /** FROM clause with the row as `r` and its operator as `op`. */
  from: string;
  /** Errors for violated constraints, by name. */
  refusals: Record<string, () => Error>;
}

/** Searches by a part of the name, slug or externalId, or by the complete id. Trigram indexes serve this expression. */
export function addSearch(where: Where, alias: string, q: string | undefined): void {
  if (q === undefined) return;
  const text = `(${alias}.name || ' ' || ${alias}.slug || ' ' || coalesce(${alias}.external_id, '')) ilike ?`;
  if (isId(q)) where.add(`(${text} or ${alias}.id = ?)`, containing(q), q);
  else where.add(text, containing(q));
}

/** Holds the SQL that organizations and units share. */
export abstract class LifecycleTableStore<Row extends LifecycleRow> implements LifecycleStore<Row> {
  protected constructor(protected readonly table: LifecycleTable<Row>) {}

  find(reader: Reader, key: string[]): Promise<Row | null> {
    return reader.maybe<Row>(`select ${this.columns(reader)} from ${this.table.from} where ${this.matches('r')}`, key);
  }

  lock(tx: Tx, key: string[]): Promise<Row | null> {
    return tx.maybe<Row>(
      `select ${this.columns(tx)} from ${this.table.from} where ${this.matches('r')} for no key update of r`,
      key,
    );
  }

  /** `changes` holds editable columns only. */
  async update(tx: Tx, key: string[], changes: Partial<Row>): Promise<void> {
    const metadata = tx.metadataOf(this.table.entity);
    const names = Object.keys(changes).map(
      (property) => metadata.findColumnWithPropertyName(property)?.databaseName ?? property,
    );
    const sets = names.map((name, index) => `${name} = $${key.length + index + 1}`).join(', ');
    await refusingOn(this.table.refusals, () =>
      tx.execute(`update ${this.table.name} r set ${sets}, version = version + 1 where ${this.matches('r')}`, [
        ...key,
        ...Object.values(changes),
      ]),
    );
  }

  setSuspended(tx: Tx, key: string[], suspended: boolean): Promise<void> {
    return this.set(tx, key, `suspended_at = ${suspended ? 'now()' : 'null'}`);
  }

  setDeleted(tx: Tx, key: string[], deletedBy: string | null): Promise<void> {
    return this.set(tx, key, `deleted_at = now(), deleted_by = $${key.length + 1}`, deletedBy);
  }

  setRestored(tx: Tx, key: string[]): Promise<void> {
    return this.set(tx, key, 'deleted_at = null, deleted_by = null');
  }

  protected columns(reader: Reader): string {
    return `${columnsOf(reader, this.table.entity, 'r')}, ${purgeAtSql('r', 'op')} as "purgeAt"`;
  }

  private async set(tx: Tx, key: string[], assignment: string, ...values: unknown[]): Promise<void> {
    await tx.execute(
      `update ${this.table.name} r set ${assignment}, version = version + 1 where ${this.matches('r')}`,
      [...key, ...values],
    );
  }

  private matches(alias: string): string {
    return this.table.key.map((column, index) => `${alias}.${column} = $${index + 1}`).join(' and ');
  }
}
