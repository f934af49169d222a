import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, refusingOn, type Tx } from '../database/index.js';
import { containing, type List, type Page, Pager, type PageQuery, Where } from '../common/pagination/index.js';
import { Operator } from './operator.entity.js';
import { operatorErrors } from './operator.errors.js';

export type OperatorChanges = Partial<
  Pick<
    Operator,
    | 'name'
    | 'timeZone'
    | 'supportEmail'
    | 'supportUrl'
    | 'defaultUnitName'
    | 'selfServiceOrganizationLimit'
    | 'organizationsSetExternalId'
  >
>;

@Injectable()
export class OperatorStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, operator: Operator): Promise<void> {
    await refusingOn({ operators_slug_key: () => operatorErrors.slug_taken() }, () => tx.insert(Operator, operator));
  }

  find(reader: Reader, id: string): Promise<Operator | null> {
    return reader.findOneBy(Operator, { id });
  }

  findBySlug(reader: Reader, slug: string): Promise<Operator | null> {
    return reader.findOneBy(Operator, { slug });
  }

  async onlySlug(reader: Reader): Promise<string | null> {
    const rows = await reader.rows<{ slug: string }>('select slug from operators limit 2');
    return rows.length === 1 ? (rows[0]?.slug ?? null) : null;
  }

  async any(reader: Reader): Promise<boolean> {
    return reader.existsBy(Operator, {});
  }

  /** Locks the row until `tx` ends. Rows that refer to it can still be inserted. */
  lock(tx: Tx, id: string): Promise<Operator | null> {
    return tx.findOne(Operator, { where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  async update(tx: Tx, id: string, changes: OperatorChanges): Promise<void> {
    await tx.update(Operator, { id }, { ...changes, version: () => 'version + 1' });
  }

  /** Tells whether PostgreSQL knows this time zone. */
  async knowsTimeZone(reader: Reader, name: string): Promise<boolean> {
    const rows = await reader.rows<unknown>('select 1 from pg_timezone_names where name = $1', [name]);
    return rows.length > 0;
  }

  page(reader: Reader, query: PageQuery & { q?: string; sort?: string }): Promise<Page<Operator>> {
    const list: List = {
      name: 'operators',
      columns: columnsOf(reader, Operator, 'o'),
      from: 'operators o',
      sorts: {
        name: { sql: 'o.name', type: 'name' },
        slug: { sql: 'o.slug', type: 'text' },
        createdAt: { sql: 'o.created_at', type: 'timestamptz' },
      },
      tieBreaker: { sql: 'o.id', type: 'uuid' },
    };
    const where = new Where().when("o.name || ' ' || o.slug ilike ?", query.q && containing(query.q));
    return this.pager.page<Operator>(reader, list, where, query);
  }
}
