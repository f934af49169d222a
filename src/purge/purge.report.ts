import type { PurgeKind } from './purge.order.js';

/** Rows by table. Tables without rows are left out. */
export type RowCounts = Record<string, number>;

/**
 * `due`: not started. `purged`: removed completely. `left`: restored in time, locked by another server, or interrupted by a
 * shutdown. `failed`: see the log. Later runs retry `left` and `failed`.
 */
export type PurgeState = 'due' | 'purged' | 'left' | 'failed';

export interface PurgeItem {
  kind: PurgeKind;
  id: string;
  slug: string;
  /** For a unit, the id of its organization. */
  organizationId: string;
  operatorSlug: string;
  deletedAt: Date;
  /** When it became due: seven calendar days after the deletion, in the operator's time zone. */
  purgeAt: Date;
  /** When the removal started, also in an earlier run. Null if it has not started. */
  startedAt: Date | null;
  state: PurgeState;
  /** Rows removed by this run. In a preview, the existing rows. */
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
