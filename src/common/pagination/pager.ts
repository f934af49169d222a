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
}

export interface List {
  /** Stable name: a cursor of one list is refused by another. */
  name: string;
  columns: string;
  from: string;
  /** Sort name → column; `-name` is the same downwards. The first is the default unless `defaultSort` is given. */
  sorts: Record<string, SortColumn>;
  defaultSort?: string;
  /** Unique within the list, so that the order is total. */
  tieBreaker: SortColumn;
}

/** Collects conditions with their parameters: `where.add('o.slug = ?', slug)`. */
export class Where {
  readonly conditions: string[] = [];
  readonly parameters: unknown[] = [];

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
    const total = query.count ? await this.count(reader, list, where) : undefined;

    if (query.cursor) {
      const [value, tie] = this.open(query.cursor, context);
      const { tieBreaker } = list;
      where.add(
        `(${column.sql}, ${tieBreaker.sql}) ${down ? '<' : '>'} (?::${column.type}, ?::${tieBreaker.type})`,
        value,
        tie,
      );
    }
    const direction = down ? 'desc' : 'asc';
    const rows = await reader.query<(Row & { _sort: string; _tie: string })[]>(
      `select ${list.columns}, (${column.sql})::text as "_sort", (${list.tieBreaker.sql})::text as "_tie" from ${list.from} ${where.sql}
       order by ${column.sql} ${direction}, ${list.tieBreaker.sql} ${direction} limit ${limit + 1}`,
      where.parameters,
    );
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const items = rows.slice(0, limit).map(({ _sort, _tie, ...row }) => row as unknown as Row);
    return {
      items,
      nextCursor: last ? this.seal([last._sort, last._tie], context) : null,
      limit,
      ...(total !== undefined && { total }),
    };
  }

  private async count(reader: Reader, list: List, where: Where): Promise<number> {
    const [row] = await reader.query<{ total: string }[]>(
      `select count(*) as total from ${list.from} ${where.sql}`,
      where.parameters,
    );
    return Number(row?.total ?? 0);
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
