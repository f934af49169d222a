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
  'grant_void',
  'dispute',
  'dispute_release',
  'claw_back',
  'claw_back_release',
  'settlement',
] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

export type Postings = Partial<Record<AccountName, Micro>>;

/** Fields of an entry that do not move credits. */
export interface EntryNotes {
  readonly key: string | null;
  readonly actorId: string | null;
  readonly kind?: string;
  readonly reference?: string | null;
  /** Free-form: price, quantity, reason, metadata. */
  readonly detail?: Record<string, unknown> | null;
}

/** One transaction of the ledger. Its postings sum to zero, and it never changes. */
export interface LedgerEntry extends Subject {
  readonly seq: bigint;
  readonly id: string;
  readonly type: EntryType;
  readonly kind: string;
  readonly at: EpochMs;
  /** Always positive. */
  readonly amount: Micro;
  readonly postings: Postings;
  /** Usage that limits count, and the instant it counts at. */
  readonly usage: Micro;
  readonly usageAt: EpochMs;
  /** The related hold, charge, lot or top-up. */
  readonly sourceId: string | null;
  readonly lots: readonly LotChange[];
  /** Lot changes that covered the overdraft, see `Books.coverOverdraft`. */
  readonly settled: LotChange[];
  /** Balances after the entry. */
  readonly available: Micro;
  readonly held: Micro;
  readonly consumed: Micro;
  readonly reference: string | null;
  readonly detail: Record<string, unknown> | null;
  readonly actorId: string | null;
  readonly key: string | null;
}
