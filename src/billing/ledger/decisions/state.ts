import type { Micro } from '../../../common/money/index.js';

/** The accounts of an organization. What is in `available` may be spent; the others say where credits came from or went. */
export const ACCOUNTS = [
  'available',
  'held',
  'consumed',
  'external',
  'promo',
  'plan',
  'expired',
  'adjustment',
  'receivable',
] as const;
export type AccountName = (typeof ACCOUNTS)[number];
export type Balances = Record<AccountName, Micro>;

export const CATEGORIES = ['plan', 'promo', 'paid'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Milliseconds since 1970: the resolution instants are stored with. */
export type EpochMs = number;

/** What one grant left: `reserved` of `remaining` is kept for holds. */
export interface Lot {
  readonly id: string;
  readonly category: Category;
  readonly priority: number;
  readonly effectiveAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly amount: Micro;
  readonly source: string;
  remaining: Micro;
  reserved: Micro;
}

/** So much of one lot. */
export interface LotPart {
  readonly lotId: string;
  readonly amount: Micro;
}

/** What an entry does to a lot; both may be negative. */
export interface LotChange {
  readonly lotId: string;
  readonly remaining: Micro;
  readonly reserved: Micro;
}

/** Whose usage it is. */
export interface Subject {
  readonly unitId: string | null;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
}

export const HOLD_STATES = ['open', 'captured', 'voided', 'expired'] as const;
export type HoldState = (typeof HOLD_STATES)[number];

export interface Hold extends Subject {
  readonly id: string;
  readonly amount: Micro;
  readonly kind: string;
  readonly reference: string | null;
  readonly createdAt: EpochMs;
  expiresAt: EpochMs;
  state: HoldState;
  resolvedAt: EpochMs | null;
  captured: Micro;
  /** What it keeps of which lot, in burn order; empty once it is resolved. */
  parts: LotPart[];
  /** What no lot covers: it stands on the overdraft. */
  uncovered: Micro;
  /** The run it is for: only that run's own commands touch it. */
  readonly runId: string | null;
}

/** A charge or capture that may be refunded, as its entry tells. */
export interface Charge extends Subject {
  readonly id: string;
  readonly amount: Micro;
  readonly kind: string;
  /** The instant its usage counts at. */
  readonly usageAt: EpochMs;
  /** What it burned, in order. */
  readonly parts: readonly LotPart[];
  /** What of it was never paid but is owed. */
  readonly receivable: Micro;
  refunded: Micro;
}

export const LIMIT_SCOPES = ['organization', 'unit', 'member', 'api_key'] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];
/** Broadest first. */
export const LIMIT_WINDOWS = ['lifetime', 'month', 'week', 'day'] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

/** One limit that applies, with what is used of it in the window that runs now. */
export interface Limit {
  readonly scope: LimitScope;
  /** The organization's id for the scope `organization`. */
  readonly subjectId: string;
  readonly window: LimitWindow;
  readonly amount: Micro;
  used: Micro;
}

export type LifeStatus = 'active' | 'suspended' | 'pending_deletion';

/** What was answered to a key. */
export interface StoredResponse {
  readonly hash: string;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** All that a decision about one organization needs, read under its account's lock. */
export interface OrganizationState {
  readonly organizationId: string;
  readonly status: LifeStatus;
  /** The instant of the decision; never before an earlier entry. */
  readonly now: EpochMs;
  /** The last entry's. */
  lastAt: EpochMs;
  seq: bigint;
  readonly balances: Balances;
  readonly overdraftLimit: Micro;
  readonly frozen: boolean;
  /** Balances that somebody wants to be told of when available falls below them. */
  readonly thresholds: readonly Micro[];
  /** What claw-backs found no credits for; until it is settled nothing may be spent. Part of what is receivable. */
  owed: Micro;
  /** The open ones, and those a refund goes back to. */
  readonly lots: Map<string, Lot>;
  /** Those named, those that are due and those not fully covered. */
  readonly holds: Map<string, Hold>;
  readonly charges: Map<string, Charge>;
  /** Units named, by id. */
  readonly units: Map<string, LifeStatus>;
  /** `unit:user` of the memberships asked for. */
  readonly unitMembers: Set<string>;
  readonly members: Set<string>;
  readonly limits: Limit[];
  readonly keys: Map<string, StoredResponse>;
}
