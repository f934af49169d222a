import type { Micro } from '../../../common/money/index.js';
import type { AccountName, EpochMs, LotChange, Subject } from './state.js';

export const ENTRY_TYPES = [
  'grant',
  'charge',
  'hold',
  'capture',
  'void',
  'hold_expiry',
  'refund',
  'lot_expiry',
  'adjustment',
  'dispute',
  'dispute_release',
  'claw_back',
  'settlement',
] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

export type Postings = Partial<Record<AccountName, Micro>>;

/** What a command adds to its entry beside the money. */
export interface EntryNotes {
  readonly key: string | null;
  readonly actorId: string | null;
  readonly kind?: string;
  readonly reference?: string | null;
  /** Free: price, quantity, reason, metadata. */
  readonly detail?: Record<string, unknown> | null;
}

/** One transaction: its postings sum to zero. Written once, never changed. */
export interface LedgerEntry extends Subject {
  readonly seq: bigint;
  readonly id: string;
  readonly type: EntryType;
  readonly kind: string;
  readonly at: EpochMs;
  /** What moved, always positive. */
  readonly amount: Micro;
  readonly postings: Postings;
  /** What it adds to the usage that limits count, and when it counts. */
  readonly usage: Micro;
  readonly usageAt: EpochMs;
  /** The hold, charge, lot or top-up it is about. */
  readonly sourceId: string | null;
  readonly lots: readonly LotChange[];
  /** Debt that these credits covered at once: see `Books.settle`. */
  readonly settled: LotChange[];
  /** Balances right after it. */
  readonly available: Micro;
  readonly held: Micro;
  readonly consumed: Micro;
  readonly reference: string | null;
  readonly detail: Record<string, unknown> | null;
  readonly actorId: string | null;
  readonly key: string | null;
}
