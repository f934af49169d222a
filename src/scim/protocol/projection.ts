import { refused } from './scim.errors.js';
import { type ResourceType, targetOf } from './attributes.js';
import { isObject } from './document.js';
import { type RawQuery, textIn } from './raw-query.js';

/** The attributes that a response contains. */
export interface Projection {
  only: string[] | null;
  without: string[];
}

const ALWAYS = ['schemas', 'id'];
const MAX_NAMES = 200;

/** Resolves a name to the path of keys in a resource. Returns null for unknown names. */
function keysOf(type: ResourceType, name: string): string[] | null {
  const target = targetOf(type, name);
  if (!target) return null;
  const { extension, attribute, sub } = target;
  return [extension?.id, attribute?.name, sub?.name].filter((key) => key !== undefined);
}

const namesIn = (query: RawQuery, name: string): string[] | null => {
  const names = textIn(query, name)
    ?.split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (names && names.length > MAX_NAMES) throw refused.value(`${name} must have at most ${MAX_NAMES} names.`);
  return names?.length ? names : null;
};

/** Parses `attributes` and `excludedAttributes`. If both are given, the first one counts. */
export function projectionOf(type: ResourceType, query: RawQuery): Projection {
  const paths = (names: string[]) =>
    names.map((name) => keysOf(type, name)?.join('\n')).filter((path) => path !== undefined);
  const only = namesIn(query, 'attributes');
  if (only) return { only: paths(only), without: [] };
  return { only: null, without: paths(namesIn(query, 'excludedAttributes') ?? []) };
}

/** Tells whether a response contains the attribute, so that others need not be read. */
export const includes = ({ only, without }: Projection, name: string): boolean =>
  only ? only.some((path) => path === name || path.startsWith(`${name}\n`)) : !without.includes(name);

const picked = (value: unknown, path: string[]): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(value)) return value.map((one) => picked(one, path));
  return isObject(value) && key in value ? { [key]: picked(value[key], rest) } : undefined;
};

const dropped = (value: unknown, [key, ...rest]: string[]): unknown => {
  if (key === undefined) return undefined;
  if (Array.isArray(value)) return value.map((one) => dropped(one, [key, ...rest]));
  if (!isObject(value) || !(key in value)) return value;
  const { [key]: inner, ...others } = value;
  const left = rest.length > 0 ? dropped(inner, rest) : undefined;
  return left === undefined ? others : { ...others, [key]: left };
};

function united(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other))
    return one.map((item, index) => united(item, (other as unknown[])[index]));
  if (!isObject(one) || !isObject(other)) return other ?? one;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(keys.map((key) => [key, united(one[key], other[key])]));
}

export function projected(resource: Record<string, unknown>, { only, without }: Projection): Record<string, unknown> {
  const always = Object.fromEntries(ALWAYS.filter((key) => key in resource).map((key) => [key, resource[key]]));
  if (only) {
    const parts = only.map((path) => picked(resource, path.split('\n')));
    return { ...always, ...(parts.reduce(united, {}) as Record<string, unknown>) };
  }
  const rest = without.reduce<unknown>((left, path) => dropped(left, path.split('\n')), resource);
  return { ...(rest as Record<string, unknown>), ...always };
}
