import { inNameOrder } from '../../common/pagination/index.js';
import { refused } from './scim.errors.js';
import type { Sort } from './list-query.js';
import type { Comparison, Filter, Literal } from './filter.js';

/** SQL for an attribute that can be filtered and sorted by. It is null when the attribute has no value. */
export interface Column {
  sql: string;
  type: 'text' | 'boolean' | 'instant';
  caseExact?: true;
  /** How `eq` and `ne` compare instead: `sql` is one of the forms of the value. */
  equality?: { sql: string; formsOf: (value: string) => string[] };
}

/** SQL for the rows of a list with the alias `e`, and for the parts of one row. */
export interface ListColumn {
  rows: string;
  parts: Record<string, Column>;
}

export interface Filterable {
  /** Columns by path in lower case. */
  columns: Record<string, Column>;
  lists: Record<string, ListColumn>;
}

/** Collects the parameters of a statement. */
export class Parameters {
  readonly values: unknown[];

  constructor(...values: unknown[]) {
    this.values = values;
  }

  /** Adds a parameter and returns its placeholder, such as `$3`. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/i;

const OPERATOR: Partial<Record<Comparison, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' };

function textSql(column: Column, op: Comparison, value: Literal, parameters: Parameters): string {
  if (typeof value !== 'string') throw refused.filter();
  if (column.equality && (op === 'eq' || op === 'ne')) {
    const { sql, formsOf } = column.equality;
    const isOneOf = `coalesce(${sql} = any (${parameters.add(formsOf(value))}::text[]), false)`;
    return op === 'eq' ? isOneOf : `not ${isOneOf}`;
  }
  const plain = (sql: string) => (column.caseExact ? sql : `lower(${sql})`);
  const left = plain(column.sql);
  const right = plain(`${parameters.add(value)}::text`);
  if (op === 'eq') return `${left} = ${right}`;
  if (op === 'ne') return `${left} is distinct from ${right}`;
  if (op === 'co') return `position(${right} in ${left}) > 0`;
  if (op === 'sw') return `starts_with(${left}, ${right})`;
  if (op === 'ew') return `right(${left}, length(${right})) = ${right}`;
  return `${left} collate "C" ${OPERATOR[op]} ${right}`;
}

function instantSql({ sql }: Column, op: Comparison, value: Literal, parameters: Parameters): string {
  const time = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : NaN;
  const operator = op === 'eq' ? '=' : op === 'ne' ? '<>' : OPERATOR[op];
  if (Number.isNaN(time) || !operator) throw refused.filter();
  return `${sql} ${operator} ${parameters.add(new Date(time).toISOString())}::timestamptz`;
}

function booleanSql({ sql }: Column, op: Comparison, value: Literal, parameters: Parameters): string {
  // Some clients write `active eq "true"`.
  const word = typeof value === 'string' ? value.toLowerCase() : String(value);
  if ((op !== 'eq' && op !== 'ne') || (word !== 'true' && word !== 'false')) throw refused.filter();
  return `${sql} ${op === 'eq' ? '=' : '<>'} ${parameters.add(word === 'true')}::boolean`;
}

function comparisonSql(column: Column, op: Comparison, value: Literal, parameters: Parameters): string {
  if (value === null) {
    if (op !== 'eq' && op !== 'ne') throw refused.filter();
    return `${column.sql} is ${op === 'eq' ? '' : 'not '}null`;
  }
  const sqlOf = { text: textSql, boolean: booleanSql, instant: instantSql }[column.type];
  return sqlOf(column, op, value, parameters);
}

const unknown = (path: string) => refused.filter(`${path.slice(0, 200)} cannot be filtered by.`);

/** Builds the condition on one row of a list. */
function partSql(filter: Filter, { parts }: ListColumn, parameters: Parameters): string {
  const part = (path: string): Column => {
    const column = Object.hasOwn(parts, path.toLowerCase()) ? parts[path.toLowerCase()] : undefined;
    if (!column) throw unknown(path);
    return column;
  };
  return logicSql(filter, (one) => {
    if (one.op === '[]') throw refused.filter();
    const column = part(one.path);
    return one.op === 'pr' ? `${column.sql} is not null` : comparisonSql(column, one.op, one.value, parameters);
  });
}

type Leaf = Exclude<Filter, { op: 'and' | 'or' | 'not' }>;

function logicSql(filter: Filter, leafSql: (leaf: Leaf) => string): string {
  // A condition on a missing value is false, not null, so that its negation holds.
  if (filter.op === 'not') return `not (${logicSql(filter.filter, leafSql)})`;
  if (filter.op === 'and' || filter.op === 'or')
    return `(${filter.filters.map((one) => logicSql(one, leafSql)).join(` ${filter.op} `)})`;
  return `coalesce(${leafSql(filter)}, false)`;
}

/** Removes the URN of the core schema, which clients may write before the name of an attribute. */
const keyOf = (path: string): string =>
  path.toLowerCase().replace(/^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/, '');

const columnOf = (key: string, { columns }: Filterable): Column | undefined =>
  Object.hasOwn(columns, key) ? columns[key] : undefined;

/**
 * Translates an order into SQL, with `id` as the tie breaker. Resources without the attribute are last, or first if the order is
 * descending (RFC 7644, 3.4.2.3). Refuses attributes that cannot be sorted by.
 */
export function orderSql(sort: Sort | null, filterable: Filterable, id: string): string {
  if (!sort) return id;
  const column = columnOf(keyOf(sort.path), filterable);
  if (!column) throw refused.value(`${sort.path.slice(0, 200)} cannot be sorted by.`);
  const value = column.type === 'text' && !column.caseExact ? inNameOrder(`lower(${column.sql})`) : column.sql;
  return `${value} ${sort.descending ? 'desc nulls first' : 'asc nulls last'}, ${id}`;
}

/** Translates a filter into an SQL condition. Refuses attributes that cannot be filtered by. */
export function filterSql(filter: Filter, filterable: Filterable, parameters: Parameters): string {
  const { lists } = filterable;
  return logicSql(filter, (leaf) => {
    const path = keyOf(leaf.path);
    const column = columnOf(path, filterable);
    if (column && leaf.op === 'pr') return `nullif(${column.sql}::text, '') is not null`;
    if (column && leaf.op !== '[]' && leaf.op !== 'pr') return comparisonSql(column, leaf.op, leaf.value, parameters);
    const [name = '', sub = 'value', ...more] = path.split('.');
    const list = Object.hasOwn(lists, name) && more.length === 0 ? lists[name] : undefined;
    if (!list) throw unknown(leaf.path);
    const within: Filter = leaf.op === '[]' ? leaf.within : { ...leaf, path: sub };
    return `exists (select 1 from ${list.rows} where ${partSql(within, list, parameters)})`;
  });
}

/** Finds an equality on one of `paths` that the filter requires, so that an index can narrow the rows first. */
export function equalityIn(filter: Filter, paths: readonly string[]): { path: string; value: string } | null {
  if (filter.op === 'and') {
    for (const one of filter.filters) {
      const found = equalityIn(one, paths);
      if (found) return found;
    }
    return null;
  }
  if (filter.op !== 'eq' || typeof filter.value !== 'string') return null;
  const path = filter.path.toLowerCase();
  return paths.includes(path) ? { path, value: filter.value } : null;
}
