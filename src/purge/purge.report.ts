import type { PurgeKind } from './purge.order.js';

/** Rows by table; tables without any are left out. */
export type RowCounts = Record<string, number>;

/**
 * `due`: nothing done yet. `purged`: gone. `left`: restored just in time, in the hands of another server, or cut short
 * by a shutdown; a later run looks again. `failed`: see the log; a later run tries again.
 */
export type PurgeState = 'due' | 'purged' | 'left' | 'failed';

export interface PurgeItem {
  kind: PurgeKind;
  id: string;
  slug: string;
  /** The organization itself, or the one of the unit. */
  organizationId: string;
  operatorSlug: string;
  deletedAt: Date;
  /** From when on it was due: seven calendar days later in the operator's time zone. */
  purgeAt: Date;
  /** Null until a purge, maybe one that was cut short, has begun. */
  startedAt: Date | null;
  state: PurgeState;
  /** Rows this run removed; in a preview the rows there are. */
  counts: RowCounts;
}

export interface PurgeReport {
  dryRun: boolean;
  seconds: number;
  items: PurgeItem[];
}

export function addCounts(total: RowCounts, more: RowCounts): void {
  for (const [table, rows] of Object.entries(more)) total[table] = (total[table] ?? 0) + rows;
}

export const sumOf = (counts: RowCounts): number => Object.values(counts).reduce((sum, rows) => sum + rows, 0);
