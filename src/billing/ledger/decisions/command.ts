import type { Micro } from '../../../common/money/index.js';
import type { Category, EpochMs, LotPart } from './state.js';

/** Fields of every command. */
interface BaseCommand {
  /** The Idempotency-Key, or null where none is required. */
  readonly key: string | null;
  /** Hash of the whole request, because a key cannot be used again for another request. */
  readonly hash: string;
  readonly actorId: string | null;
}

/** Subject of a charge or hold, and the checks that depend on it. */
export interface Usage {
  readonly unitId: string | null;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
  /** User who must be a member of the unit, or null for no check. */
  readonly requiredUnitMember: string | null;
  /** True when the request named the member, who must then exist. */
  readonly verifyMember: boolean;
  readonly kind: string | null;
  readonly reference: string | null;
  readonly detail: Record<string, unknown> | null;
}

export const CAPTURE_POLICIES = ['reject', 'available', 'overdraft'] as const;
export type CapturePolicy = (typeof CAPTURE_POLICIES)[number];

export interface ChargeCommand extends BaseCommand, Usage {
  readonly type: 'charge';
  readonly amount: Micro;
}

export interface HoldCommand extends BaseCommand, Usage {
  readonly type: 'hold';
  readonly amount: Micro;
  readonly ttlMs: number;
}

/** The caller, and which charges and holds they may use. */
export interface Caller {
  readonly actorId: string | null;
  /** User or key that the charge or hold must belong to, or null for any. */
  readonly onlyOf: string | null;
  /** Units that the charge or hold must be in, or null for any. */
  readonly onlyUnits: readonly string[] | null;
}

export interface HoldTargetCommand extends BaseCommand, Caller {
  readonly holdId: string;
}

export interface CaptureCommand extends HoldTargetCommand {
  readonly type: 'capture';
  /** Null for the whole hold. */
  readonly amount: Micro | null;
  readonly policy: CapturePolicy;
}

export interface VoidCommand extends HoldTargetCommand {
  readonly type: 'void';
}

export interface ExtendCommand extends HoldTargetCommand {
  readonly type: 'extend';
  readonly ttlMs: number;
}

export interface RefundCommand extends BaseCommand, Caller {
  readonly type: 'refund';
  readonly chargeId: string;
  /** Null for all that is left. */
  readonly amount: Micro | null;
  readonly reason: string | null;
}

export interface GrantCommand extends BaseCommand {
  readonly type: 'grant';
  readonly amount: Micro;
  readonly category: Category;
  readonly priority: number;
  readonly expiresAt: EpochMs | null;
  readonly reason: string;
  /** Whether `expiresAt` may lie in the past. The lot then expires at once. */
  readonly lapsed?: boolean;
  /** The top-up that paid for it. */
  readonly topUpId?: string;
}

/** Takes back what is left of a lot that was granted by mistake. */
export interface GrantVoidCommand extends BaseCommand {
  readonly type: 'grant_void';
  readonly lotId: string;
  readonly reason: string;
}

/** Applies a refund or dispute of a payment to the credits it bought. */
export interface ReversalCommand extends BaseCommand {
  readonly type: 'reversal';
  readonly topUpId: string;
  /** The lot that the payment bought. */
  readonly lotId: string;
  /** Returned to the lot after a dispute had frozen it. */
  readonly thaw: Micro;
  /** Removed because money was paid back. */
  readonly clawBack: Micro;
  /** Given back because the money was not paid back after all. */
  readonly giveBack: Micro;
  /** What earlier claw-backs of this payment took from lots, oldest first. Credits are given back to these lots. */
  readonly taken: readonly LotPart[];
  /** Frozen by a dispute, at most what the lot still has. */
  readonly freeze: Micro;
}

export interface AdjustmentCommand extends BaseCommand {
  readonly type: 'adjustment';
  /** Negative to remove credits. */
  readonly amount: Micro;
  readonly reason: string;
  readonly approvedBy: string | null;
}

/** Stores a key with its response and moves nothing, because a second person decides or the time has not come. */
export interface AdjustmentRequestCommand extends BaseCommand {
  readonly type: 'adjustment_request';
  /** What is requested. Shares its keys with requests of the same kind that need no approval. */
  readonly of: 'adjustment' | 'grant';
  readonly amount: Micro;
  readonly reason: string;
  readonly state: 'pending' | 'scheduled';
  /** The request that was approved. Null for a new one. */
  readonly id: string | null;
  /** When the credits of a new request are granted. Null for at once. */
  readonly effectiveAt: EpochMs | null;
  readonly expiresAt: EpochMs | null;
}

/** Fields of the commands of a run. */
interface RunBaseCommand extends BaseCommand, Usage {
  readonly runId: string;
  /** Credits per hour. */
  readonly rate: Micro;
  /** Seconds to hold credits for, beyond the charged ones. */
  readonly ahead: number;
  readonly ttlMs: number;
}

export interface RunStartCommand extends RunBaseCommand {
  readonly type: 'run_start';
  /** Fields of the response that are not decided here. */
  readonly run: Record<string, unknown>;
}

/** Charges the seconds since the last settlement from the hold, and holds the next ones. */
export interface RunSettleCommand extends RunBaseCommand {
  readonly type: 'run_settle';
  readonly holdId: string | null;
  /** Seconds charged so far. */
  readonly settled: number;
  /** Seconds elapsed so far. */
  readonly due: number;
}

/** Only applies due expiries, and releases the holds of a deleted organization. */
export interface SweepCommand extends BaseCommand {
  readonly type: 'sweep';
}

export type Command =
  | ChargeCommand
  | HoldCommand
  | CaptureCommand
  | VoidCommand
  | ExtendCommand
  | RefundCommand
  | GrantCommand
  | GrantVoidCommand
  | ReversalCommand
  | AdjustmentCommand
  | AdjustmentRequestCommand
  | RunStartCommand
  | RunSettleCommand
  | SweepCommand;
