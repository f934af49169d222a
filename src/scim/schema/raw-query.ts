import { refused } from '../scim.errors.js';

export type RawQuery = Record<string, unknown>;

/** Throws scim.invalid_value. */
export function textIn(query: RawQuery, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw refused.value(`${name} is to be given once.`);
  return value;
}
