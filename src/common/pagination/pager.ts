import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretBox } from '../crypto/index.js';
import type { Reader } from '../database/index.js';
import { commonErrors } from '../errors/index.js';
import { DEFAULT_LIMIT, type Page, type PageQuery } from './page.dto.js';

/** One column a list can be sorted by: its SQL and the type its value is compared as. */
export interface SortColumn {
  sql: string;
  type: 'text' | 'timestamptz' | 'bigint' | 'uuid';
  /** Read along the table of the list's `walk`, whose own column this is; the SQL of its tie breaker there. */
  walkedBy?: string;
}

/**
 * Another table, in whose order a long list can be read that has no such order itself: the table's next rows are looked
 * at first, and only when too few of them are in the list is it sorted as a whole, as a short list is (decision 0012).
 */
export interface Walk {
  table: string;
  alias: string;
  /** Which rows of the table can be in the list at all: `u.operator_id = ?`. */
  condition: string;
  value: string;
  /** The list as it is counted: one that is no longer than a walk is sorted. */
  rows: { from: string; where: Where };
  /** The list's `from`, with `walked` in the place of the table and its alias. */
  from: (walked: string) => string;
}

/** How many rows a walk looks at, and how many a list has that is sorted at once: some milliseconds either way. */
const WALKED_ROWS = 2_000;

export interface List {
  /** Stable name: a cursor of one list is refused by another. */
  name: string;
  columns: string;
  from: string;
  /** What `total` counts, where that is less than reading the list: it must come to the same number. */
  counted?: { from: string; where: Where } | undefined;
  /** Sort name → column; `-name` is the same downwards. The first is the default unless `defaultSort` is given. */
  sorts: Record<string, SortColumn>;
  defaultSort?: string;
  walk?: Walk;
  /** Unique within the list, so that the order is total. */
  tieBreaker: SortColumn;
}

/** Collects conditions with their parameters: `where.add('o.slug = ?', slug)`. */
export class Where {
  readonly conditions: string[];
  readonly parameters: unknown[];

  constructor(like?: Where) {
    this.conditions = [...(like?.conditions ?? [])];
    this.parameters = [...(like?.parameters ?? [])];
  }

  /** Each `?` becomes the next positional parameter. */
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

  /** As `add`, skipped when the value is not given. */
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
  /** With the filters, and where the page begins. */
  where: Where;
  select: string;
  order: string;
  /** One row more than the page has, to see whether another follows. */
  limit: number;
  after?: { condition: string; values: [string, string] };
}

type Positioned<Row> = Row & { _sort: string; _tie: string };

/** `%` and `_` in what a person typed are letters; the result is for `ilike`. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Keyset pages: every page costs the same, and rows inserted meanwhile neither repeat nor hide others. */
@Injectable()
export class Pager {
  constructor(private readonly secrets: SecretBox) {}

  /** Throws invalid_cursor. */
  async page<Row extends object>(
    reader: Reader,
    list: List,
    where: Where,
    query: PageQuery & { sort?: string },
  ): Promise<Page<Row>> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const sort = query.sort ?? list.defaultSort ?? Object.keys(list.sorts)[0] ?? '';
    const down = sort.startsWith('-');
    const column = list.sorts[sort.replace(/^-/, '')];
    if (!column) throw new Error(`list ${list.name} has no sort ${sort}`);
    const context = this.contextOf(list, where, sort);
    const total = query.count ? await this.count(reader, list.counted ?? { from: list.from, where }) : undefined;

    const direction = down ? 'desc' : 'asc';
    const tie = column.walkedBy ?? list.tieBreaker.sql;
    const reading: Reading = {
      where,
      select: `${list.columns}, (${column.sql})::text as "_sort", (${tie})::text as "_tie"`,
      order: `order by ${column.sql} ${direction}, ${tie} ${direction}`,
      limit: limit + 1,
    };
    if (query.cursor) {
      const types = `(?::${column.type}, ?::${list.tieBreaker.type})`;
      const after = `(${column.sql}, ${tie}) ${down ? '<' : '>'} ${types}`;
      reading.after = { condition: after, values: this.open(query.cursor, context) };
      where.add(after, ...reading.after.values);
    }
    const walk = column.walkedBy === undefined ? undefined : list.walk;
    const rows: Positioned<Row>[] =
      (walk && (await this.walk<Row>(reader, walk, reading))) ?? (await this.read<Row>(reader, list.from, reading));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const items = rows.slice(0, limit).map(({ _sort, _tie, ...row }) => row as unknown as Row);
    return {
      items,
      nextCursor: last ? this.seal([last._sort, last._tie], context) : null,
      limit,
      ...(total !== undefined && { total }),
    };
  }

  private read<Row>(
    reader: Reader,
    from: string,
    { select, where, order, limit }: Reading,
  ): Promise<Positioned<Row>[]> {
    return reader.rows(`select ${select} from ${from} ${where.sql} ${order} limit ${limit}`, where.parameters);
  }

  /** The rows of a page, null when they are better sorted: few, or too thinly strewn over the table. */
  private async walk<Row>(reader: Reader, walk: Walk, reading: Reading): Promise<Positioned<Row>[] | null> {
    const { table, alias, condition, value } = walk;
    if ((await this.countUpTo(reader, WALKED_ROWS, walk.rows)) < WALKED_ROWS) return null;
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
    const left = await this.countUpTo(reader, WALKED_ROWS, { from: `${table} ${alias}`, where: ahead(new Where()) });
    return left < WALKED_ROWS ? rows : null;
  }

  private async count(reader: Reader, { from, where }: { from: string; where: Where }): Promise<number> {
    const row = await reader.one<{ total: string }>(
      `select count(*) as total from ${from} ${where.sql}`,
      where.parameters,
    );
    return Number(row.total);
  }

  private async countUpTo(
    reader: Reader,
    limit: number,
    { from, where }: { from: string; where: Where },
  ): Promise<number> {
    const row = await reader.one<{ rows: number }>(
      `select count(*)::int as rows from (select 1 from ${from} ${where.sql} limit ${limit}) r`,
      where.parameters,
    );
    return row.rows;
  }

  /** What a cursor is bound to: the list, its filters and its sort, but not the page size. */
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
