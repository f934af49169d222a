import { refused } from './scim.errors.js';

export type RawQuery = Record<string, unknown>;

/** Returns the value of a query parameter, undefined when it is missing or blank. */
export function textIn(query: RawQuery, name: string): string | undefined {
  const value = query[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw refused.value(`Give ${name} only once.`);
  return value.trim() === '' ? undefined : value;
}
