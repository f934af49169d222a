import { type Filter as Parsed, parse } from 'scim2-parse-filter';
import { mailboxOf } from '../../common/validation/index.js';
import { refused } from './scim.errors.js';

export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'lt' | 'ge' | 'le';
export type Literal = string | number | boolean | null;

export type Filter =
  | { op: 'and'; filters: Filter[] }
  | { op: 'or'; filters: Filter[] }
  | { op: 'not'; filter: Filter }
  | { op: 'pr'; path: string }
  | { op: Comparison; path: string; value: Literal }
  /** `within` must hold for a single value of the list. */
  | { op: '[]'; path: string; within: Filter };

const MAX_LENGTH = 2_000;

/** Rewrites literals for the parser, which knows lowercase keywords and, of all escapes, only the quote. */
const prepared = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/gi, (found) =>
    found.startsWith('"') ? `"${(JSON.parse(found) as string).replaceAll('"', '\\"')}"` : found.toLowerCase(),
  );

/** Joins the two conditions that the parser makes of `emails[type eq "work"].value eq "x"`, which concern one address. */
function joined(filters: Filter[]): Filter[] {
  return filters.reduce<Filter[]>((done, next) => {
    const before = done.at(-1);
    const prefix = before?.op === '[]' ? `${before.path.toLowerCase()}.` : null;
    if (before?.op !== '[]' || !prefix || !('path' in next) || !next.path.toLowerCase().startsWith(prefix))
      return [...done, next];
    const inner = { ...next, path: next.path.slice(prefix.length) };
    return [...done.slice(0, -1), { ...before, within: { op: 'and', filters: [before.within, inner] } }];
  }, []);
}

function converted(filter: Parsed): Filter {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const filters = filter.filters.map(converted);
      const kept = filter.op === 'and' ? joined(filters) : filters;
      return kept.length === 1 && kept[0] ? kept[0] : { op: filter.op, filters: kept };
    }
    case 'not':
      return { op: 'not', filter: converted(filter.filter) };
    case '[]':
      return { op: '[]', path: filter.attrPath, within: converted(filter.valFilter) };
    case 'pr':
      return { op: 'pr', path: filter.attrPath };
    default: {
      const { op, attrPath: path, compValue: value } = filter;
      if (typeof value === 'string' && (value.includes('\0') || /\p{Cs}/u.test(value))) throw refused.filter();
      return { op, path, value };
    }
  }
}

/** Parses a filter. */
export function filterOf(text: string): Filter {
  if (text.length > MAX_LENGTH) throw refused.filter(`The filter must be at most ${MAX_LENGTH} characters long.`);
  let parsed: Parsed;
  try {
    parsed = parse(prepared(text));
  } catch {
    throw refused.filter();
  }
  return converted(parsed);
}

/** Returns the form in which a text is compared: in lower case unless case matters, and an address as it is stored. */
const plain = (value: unknown, caseExact: boolean): unknown =>
  typeof value === 'string' && !caseExact ? (mailboxOf(value) ?? value.toLowerCase()) : value;

function compares(op: Comparison, actual: unknown, wanted: Literal): boolean {
  if (op === 'eq') return actual === wanted || (wanted === null && actual === undefined);
  if (op === 'ne') return !compares('eq', actual, wanted);
  if (typeof actual !== 'string' || typeof wanted !== 'string') return false;
  const holds: Record<Exclude<Comparison, 'eq' | 'ne'>, boolean> = {
    co: actual.includes(wanted),
    sw: actual.startsWith(wanted),
    ew: actual.endsWith(wanted),
    gt: actual > wanted,
    ge: actual >= wanted,
    lt: actual < wanted,
    le: actual <= wanted,
  };
  return holds[op];
}

/** Tells whether a value filter holds for one value of a list. `caseExact` names the parts whose case matters. */
export function holdsFor(
  filter: Filter,
  item: Record<string, unknown>,
  caseExact: (name: string) => boolean = () => false,
): boolean {
  if (filter.op === 'and') return filter.filters.every((one) => holdsFor(one, item, caseExact));
  if (filter.op === 'or') return filter.filters.some((one) => holdsFor(one, item, caseExact));
  if (filter.op === 'not') return !holdsFor(filter.filter, item, caseExact);
  if (filter.op === '[]') throw refused.path();
  const name = Object.keys(item).find((one) => one.toLowerCase() === filter.path.toLowerCase());
  const actual = name === undefined ? undefined : item[name];
  if (filter.op === 'pr') return actual !== undefined && actual !== '';
  const exact = caseExact(filter.path);
  // Some clients write `primary eq "true"`.
  const wanted =
    typeof actual === 'boolean' && typeof filter.value === 'string'
      ? filter.value.toLowerCase() === 'true'
      : filter.value;
  return compares(filter.op, plain(actual, exact), plain(wanted, exact) as Literal);
}
