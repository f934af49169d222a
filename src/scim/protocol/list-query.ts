import { refused } from './scim.errors.js';
import { type Filter, filterOf } from './filter.js';
import { type Projection, projectionOf } from './projection.js';
import { type RawQuery, textIn } from './raw-query.js';
import type { ResourceType } from './attributes.js';

export const MAX_COUNT = 200;
const DEFAULT_COUNT = 100;

/** The order of a list (RFC 7644, 3.4.2.3). */
export interface Sort {
  path: string;
  descending: boolean;
}

export interface ListQuery {
  filter: Filter | null;
  /** Null for the order of the ids. */
  sort: Sort | null;
  /** From 1. */
  startIndex: number;
  count: number;
  projection: Projection;
}

function integerIn(query: RawQuery, name: string, otherwise: number): number {
  const text = textIn(query, name);
  if (text === undefined) return otherwise;
  if (!/^-?\d{1,15}$/.test(text)) throw refused.value(`${name} must be a whole number.`);
  return Number(text);
}

function sortIn(query: RawQuery): Sort | null {
  const order = textIn(query, 'sortOrder')?.toLowerCase() ?? 'ascending';
  if (order !== 'ascending' && order !== 'descending')
    throw refused.value('sortOrder must be ascending or descending.');
  const path = textIn(query, 'sortBy');
  return path === undefined ? null : { path, descending: order === 'descending' };
}

/** Parses a list query. Numbers out of range are clamped (RFC 7644, 3.4.2). */
export function listQueryOf(type: ResourceType, query: RawQuery): ListQuery {
  const filter = textIn(query, 'filter');
  return {
    filter: filter === undefined ? null : filterOf(filter),
    sort: sortIn(query),
    startIndex: Math.min(Math.max(1, integerIn(query, 'startIndex', 1)), Number.MAX_SAFE_INTEGER),
    count: Math.min(Math.max(0, integerIn(query, 'count', DEFAULT_COUNT)), MAX_COUNT),
    projection: projectionOf(type, query),
  };
}
