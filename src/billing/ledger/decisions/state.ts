import type { Micro } from '../../../common/money/index.js';

/**
 * The accounts of an organization. Credits in `available` may be spent. The other accounts record where credits come
 * from and go.
 */
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

/** Milliseconds since 1970, the resolution in which instants are stored. */
export type EpochMs = number;

/** The credits of one grant. `reserved` is the part of `remaining` that holds keep. */
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

/** An amount of one lot. */
export interface LotPart {
  readonly lotId: string;
  readonly amount: Micro;
}

/** Change of a lot by an entry. Both amounts may be negative. */
export interface LotChange {
  readonly lotId: string;
  readonly remaining: Micro;
  readonly reserved: Micro;
}

/** Subject that usage belongs to. */
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
  /** Reserved parts of lots, in burn order. Empty once resolved. */
  parts: LotPart[];
  /** Part that no lot covers, drawn on the overdraft. */
  uncovered: Micro;
  /** The run of the hold. Only commands of that run may use it. */
  readonly runId: string | null;
}

/** A charge or capture that may be refunded, read from its entry. */
export interface Charge extends Subject {
  readonly id: string;
  readonly amount: Micro;
  readonly kind: string;
  /** Instant at which its usage counts. */
  readonly usageAt: EpochMs;
  /** Burned parts of lots, in order. */
  readonly parts: readonly LotPart[];
  /** Part that was never paid and is owed. */
  readonly receivable: Micro;
  refunded: Micro;
}

export const LIMIT_SCOPES = ['organization', 'unit', 'member', 'api_key'] as const;
export type LimitScope = (typeof LIMIT_SCOPES)[number];
/** Broadest first. */
export const LIMIT_WINDOWS = ['lifetime', 'month', 'week', 'day'] as const;
export type LimitWindow = (typeof LIMIT_WINDOWS)[number];

/** One limit that applies, with the usage of its current window. */
export interface Limit {
  readonly scope: LimitScope;
  /** For the scope `organization`, the organization's id. */
  readonly subjectId: string;
  readonly window: LimitWindow;
  readonly amount: Micro;
  used: Micro;
}

export type LifeStatus = 'active' | 'suspended' | 'pending_deletion';

/** Response stored for a key. */
export interface StoredResponse {
  readonly hash: string;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Everything that a decision about one organization needs, read under the lock of its account. */
export interface OrganizationState {
  readonly organizationId: string;
  readonly status: LifeStatus;
  /** Instant of the decision, never before the last entry. */
  readonly now: EpochMs;
  /** The time zone of the windows of limits. */
  readonly timeZone: string;
  /** Instant of the last entry. */
  lastAt: EpochMs;
  seq: bigint;
  readonly balances: Balances;
  readonly overdraftLimit: Micro;
  readonly frozen: boolean;
  /** Values of available below which alerts or automatic top-ups react. */
  readonly thresholds: readonly Micro[];
  /** Part of receivable that claw-backs found no credits for. Spending is blocked until it is settled. */
  owed: Micro;
  /** Open lots, and lots that a refund returns to. */
  readonly lots: Map<string, Lot>;
  /** Holds that commands name, due holds and holds that are not fully covered. */
  readonly holds: Map<string, Hold>;
  readonly charges: Map<string, Charge>;
  /** Status of the units that commands name, by id. */
  readonly units: Map<string, LifeStatus>;
  /** `unit:user` of the memberships that commands require. */
  readonly unitMembers: Set<string>;
  readonly members: Set<string>;
  readonly limits: Limit[];
  readonly keys: Map<string, StoredResponse>;
}
