import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../crypto/index.js';
import { commonErrors } from '../errors/index.js';
import { DEFAULT_LIMIT, type Page, type PageQuery } from './page.dto.js';

/** Runs queries. It is the part of the database's `Reader` that the pager needs. */
export interface QueryRunner {
  rows<Row>(text: string, parameters: unknown[]): Promise<Row[]>;
  one<Row>(text: string, parameters: unknown[]): Promise<Row>;
}

/** The collation of names. Cursors are bound to it, because they do not fit another order. */
const NAME_ORDER = 'people';

/** Sorts names as a dictionary does, and the numbers in them by size. A migration creates this collation. */
export const inNameOrder = (sql: string): string => `${sql} collate ${NAME_ORDER}`;

/** A column that a list can be sorted by. Its values are compared as `type`. Names that people chose are of the type `name`. */
export interface SortColumn {
  sql: string;
  type: 'text' | 'name' | 'timestamptz' | 'bigint' | 'uuid';
  /** Set when the column belongs to the table of the list's `walk`. SQL of the tie breaker in that table. */
  walkedBy?: string;
}

interface Counted {
  from: string;
  where: Where;
}

/**
 * Scan strategy for sorting by a column of another table: reads that table in order and keeps rows that are in the list.
 * Falls back to a full sort for short lists, or when too few rows match (decision 0012).
 */
export interface Walk {
  table: string;
  alias: string;
  /** Condition for rows of the table that can be in the list, such as `u.operator_id = ?`. */
  condition: string;
  value: string;
  /** Rows of the list, to count them. A list no longer than a walk is sorted. */
  rows: Counted;
  /** Builds the `from` of the list with `walked` in place of the table. */
  from: (walked: string) => string;
}

/** Most rows that a walk reads or a full sort handles. Both take some milliseconds. */
const WALKED_ROWS = 2_000;

export interface List {
  /** Stable name. Cursors are bound to it. */
  name: string;
  columns: string;
  from: string;
  /** Cheaper query for `total`. It must give the same number as the list. */
  counted?: Counted | undefined;
  /** Columns by sort name; `-name` sorts descending. The first is the default unless `defaultSort` is set. */
  sorts: Record<string, SortColumn>;
  defaultSort?: string;
  walk?: Walk;
  /** Unique within the list, so the order is total. */
  tieBreaker: SortColumn;
}

/** Collects conditions and their parameters: `where.add('o.slug = ?', slug)`. */
export class Where {
  readonly conditions: string[];
  readonly parameters: unknown[];

  constructor(like?: Where) {
    this.conditions = [...(like?.conditions ?? [])];
    this.parameters = [...(like?.parameters ?? [])];
  }

  /** Adds a condition. Each `?` becomes the next positional parameter. */
  add(condition: string, ...values: unknown[]): this {
    let next = 0;
    this.conditions.push(
      condition.replace(/\?/g, () => {
        this.parameters.push(values[next++]);
        return `$${this.parameters.length}`;
      }),
    );
    return this;
  }

  /** Adds a condition unless the value is undefined. */
  when(condition: string, value: unknown): this {
    return value === undefined
      ? this
      : this.add(condition, ...Array.from({ length: condition.split('?').length - 1 }, () => value));
  }

  get sql(): string {
    return this.conditions.length ? `where ${this.conditions.join(' and ')}` : '';
  }
}

interface Reading {
  /** Filters and the start of the page. */
  where: Where;
  select: string;
  order: string;
  /** One more than the page size, to detect a next page. */
  limit: number;
  after?: { condition: string; values: [string, string] };
}

type Positioned<Row> = Row & { _sort: string; _tie: string };

/** Builds an `ilike` pattern in which `%` and `_` of the text match literally. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Reads keyset pages: every page costs the same, and rows inserted meanwhile never repeat or hide others. */
@Injectable()
export class Pager {
  constructor(private readonly secrets: SecretBox) {}

  async page<Row extends object>(
    reader: QueryRunner,
    list: List,
    where: Where,
    query: PageQuery & { sort?: string },
  ): Promise<Page<Row>> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const sort = query.sort ?? list.defaultSort ?? Object.keys(list.sorts)[0] ?? '';
    const down = sort.startsWith('-');
    const column = list.sorts[sort.replace(/^-/, '')];
    if (!column) throw new Error(`list ${list.name} has no sort ${sort}`);
    const context = this.contextOf(list, where, column.type === 'name' ? `${sort}|${NAME_ORDER}` : sort);
    const counted = list.counted ?? { from: list.from, where: new Where(where) };

    const direction = down ? 'desc' : 'asc';
    const tie = column.walkedBy ?? list.tieBreaker.sql;
    const [sorted, type] = column.type === 'name' ? [inNameOrder(column.sql), 'text'] : [column.sql, column.type];
    const reading: Reading = {
      where,
      select: `${list.columns}, (${column.sql})::text as "_sort", (${tie})::text as "_tie"`,
      order: `order by ${sorted} ${direction}, ${tie} ${direction}`,
      limit: limit + 1,
    };
    if (query.cursor) {
      const types = `(?::${type}, ?::${list.tieBreaker.type})`;
      const after = `(${sorted}, ${tie}) ${down ? '<' : '>'} ${types}`;
      reading.after = { condition: after, values: this.open(query.cursor, context) };
      where.add(after, ...reading.after.values);
    }
    const walk = column.walkedBy === undefined ? undefined : list.walk;
    const rows: Positioned<Row>[] =
      (walk && (await this.walk<Row>(reader, walk, reading))) ?? (await this.read<Row>(reader, list.from, reading));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    // A list that ends on its first page is counted already. Most are, and so is every search that finds little.
    const isWhole = !last && !query.cursor;
    const count = async () => (isWhole ? rows.length : this.count(reader, counted, query.countLimit));
    const total = query.count ? await count() : undefined;
    const items = rows.slice(0, limit).map(({ _sort, _tie, ...row }) => row as unknown as Row);
    return {
      items,
      nextCursor: last ? this.seal([last._sort, last._tie], context) : null,
      limit,
      ...(total !== undefined && { total: Math.min(total, query.countLimit ?? total) }),
    };
  }

  private read<Row>(
    reader: QueryRunner,
    from: string,
    { select, where, order, limit }: Reading,
  ): Promise<Positioned<Row>[]> {
    return reader.rows(`select ${select} from ${from} ${where.sql} ${order} limit ${limit}`, where.parameters);
  }

  /** Reads a page by a walk. Returns null when sorting is better: the list is short or its rows are sparse. */
  private async walk<Row>(reader: QueryRunner, walk: Walk, reading: Reading): Promise<Positioned<Row>[] | null> {
    const { table, alias, condition, value } = walk;
    if ((await this.count(reader, walk.rows, WALKED_ROWS)) < WALKED_ROWS) return null;
    const where = new Where(reading.where);
    const before = where.conditions.length;
    const ahead = (on: Where): Where => {
      on.add(condition, value);
      return reading.after ? on.add(reading.after.condition, ...reading.after.values) : on;
    };
    const inWalk = ahead(where).conditions.splice(before).join(' and ');
    const walked = `(select * from ${table} ${alias} where ${inWalk} ${reading.order} limit ${WALKED_ROWS}) ${alias}`;
    const rows = await this.read<Row>(reader, walk.from(walked), { ...reading, where });
    if (rows.length === reading.limit) return rows;
    const left = await this.count(reader, { from: `${table} ${alias}`, where: ahead(new Where()) }, WALKED_ROWS);
    return left < WALKED_ROWS ? rows : null;
  }

  /** Counts rows, no further than `upTo`. */
  private async count(reader: QueryRunner, { from, where }: Counted, upTo?: number): Promise<number> {
    const rows = upTo === undefined ? `${from} ${where.sql}` : `(select from ${from} ${where.sql} limit ${upTo}) r`;
    const row = await reader.one<{ total: string }>(`select count(*) as total from ${rows}`, where.parameters);
    return Number(row.total);
  }

  /** Returns what a cursor is bound to: list, filters and sort, but not the page size. */
  private contextOf(list: List, where: Where, sort: string): string {
    const filters = JSON.stringify([where.conditions, where.parameters]);
    return `${list.name}|${sort}|${createHash('sha256').update(filters).digest('base64url')}`;
  }

  private seal(position: [string, string], context: string): string {
    const text = Buffer.from(JSON.stringify(position)).toString('base64url');
    return `${text}.${this.secrets.sign('cursor', `${context}|${text}`)}`;
  }

  private open(cursor: string, context: string): [string, string] {
    const [text = '', signature = ''] = cursor.split('.');
    if (!this.secrets.verify('cursor', `${context}|${text}`, signature)) throw commonErrors.invalid_cursor();
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [string, string];
  }
}
