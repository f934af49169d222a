import type { Statement } from './executor.js';

type Value = string | number | bigint | boolean | null;

/** A column of a table that a batch writes to. */
export interface Column<Row> {
  name: string;
  type: string;
  of: (row: Row, organizationId: string) => Value;
}

const QUOTE: Record<string, (value: string) => string> = {
  // JSON contains no control characters, so quoting it once more gives valid array text, faster than replacing.
  jsonb: (value) => JSON.stringify(value),
  text: (value) => `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`,
};

/** Writes an array in PostgreSQL syntax. Numbers, ids and instants, which are most values, need no quotes. */
function arrayText(type: string, values: readonly Value[]): string {
  const quote = QUOTE[type];
  let text = '{';
  for (const value of values) {
    if (text.length > 1) text += ',';
    text += value === null ? 'NULL' : quote ? quote(String(value)) : String(value);
  }
  return `${text}}`;
}

/** Defines columns and adds the organization's id. */
export const columns = <T>(types: Record<string, [type: string, of: (row: T) => Value]>): Column<T>[] => [
  ...Object.entries(types).map(([name, [type, of]]) => ({ name, type, of })),
  { name: 'organization_id', type: 'uuid', of: (_, organizationId) => organizationId },
];

/** Selects some columns and the organization's id. */
export const only = <T>(all: Column<T>[], ...names: string[]): Column<T>[] =>
  all.filter(({ name }) => name === 'organization_id' || names.includes(name));

interface AnyPart {
  name: string;
  columns: readonly { name: string; type: string }[];
  /** `rows` is the SQL of the parameters, a set `v`. */
  sql: (rows: string, names: string) => string;
}

/** One table that a statement writes to. */
export interface Part<T> extends AnyPart {
  columns: Column<T>[];
}

export const insert = <T>(table: string, all: Column<T>[], conflict = ''): Part<T> => ({
  name: table,
  columns: all,
  sql: (rows, names) => `insert into ${table} (${names}) select ${names} from ${rows} ${conflict}`,
});

export const update = <T>(table: string, set: string, keys: string[], all: Column<T>[]): Part<T> => ({
  name: `${table}_changed`,
  columns: all,
  sql: (rows) =>
    `update ${table} t set ${set} from ${rows}
     where ${['organization_id', ...keys].map((key) => `t.${key} = v.${key}`).join(' and ')}`,
});

/** Builds a short statement name with two letters per part, because PostgreSQL allows 63 characters. */
const nameOf = (parts: readonly string[]): string =>
  `write_${parts.map((part) => part.replace(/credit_(\w)\w*?(_changed)?$/, (_, first: string, changed) => `${first}${changed ? 'c' : 'n'}`)).join('')}`;

/** Statement texts by name. There are few, and building one takes longer than sending it. */
const texts = new Map<string, string>();

/** Turns parameters into rows: per column an array, or one value that all rows share (see `valuesOf`). */
function rowsText(all: AnyPart['columns'], before: number): string {
  const arrays = all.map(({ type }, index) => `$${before + 2 * index + 1}::${type}[]`);
  const names = all.map(({ name }) => name);
  const shared = all.map(
    ({ name, type }, index) => `coalesce(${name}, $${before + 2 * index + 2}::${type}) as ${name}`,
  );
  return `(select ${shared.join(', ')} from unnest(${arrays.join(', ')}) as u (${names.join(', ')})) as v`;
}

function textOf(parts: readonly AnyPart[]): string {
  let parameters = 0;
  const sql = parts.map((part) => {
    const rows = rowsText(part.columns, parameters);
    parameters += 2 * part.columns.length;
    return part.sql(rows, part.columns.map(({ name }) => name).join(', '));
  });
  const before = sql.slice(0, -1).map((one, index) => `p${index} as (${one})`);
  return [before.length > 0 ? `with ${before.join(',\n')}` : '', sql.at(-1)].join('\n');
}

/**
 * Returns the parameters of a column. A value that all rows share is sent once, because parsing arrays costs the database
 * more than anything else in the statement. The first column is always an array, which gives the number of rows.
 */
function valuesOf<T>(
  { type, of }: Column<T>,
  rows: readonly T[],
  owners: readonly string[],
  first: boolean,
): [Value, Value] {
  const values = rows.map((row, index) => of(row, owners[index] ?? ''));
  const shared = values[0] ?? null;
  return !first && values.every((value) => value === shared) ? [null, shared] : [arrayText(type, values), null];
}

/** Writes rows of several tables in one statement, in the order of `put` calls. */
export class BulkStatement {
  private readonly parts: AnyPart[] = [];
  private readonly values: Value[] = [];

  /** `owners` are the organizations of the rows. */
  put<T>(part: Part<T>, rows: readonly T[], owners: readonly string[]): void {
    if (rows.length === 0) return;
    this.parts.push(part);
    part.columns.forEach((column, index) => this.values.push(...valuesOf(column, rows, owners, index === 0)));
  }

  /** Null when there is nothing to write. */
  get statement(): Statement | null {
    if (this.parts.length === 0) return null;
    const name = nameOf(this.parts.map((part) => part.name));
    const text = texts.get(name) ?? textOf(this.parts);
    texts.set(name, text);
    return { name, values: this.values, text };
  }
}
