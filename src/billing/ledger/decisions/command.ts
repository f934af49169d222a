import type { Micro } from '../../../common/money/index.js';
import type { Category, EpochMs } from './state.js';

/** What every command that moves credits comes with. */
interface BaseCommand {
  /** The Idempotency-Key; null where none is needed. */
  readonly key: string | null;
  /** Over all that the caller asked for: the same key may not ask for something else. */
  readonly hash: string;
  readonly actorId: string | null;
}

/** Whose usage a charge or a hold is, and what must be true of that. */
export interface Usage {
  readonly unitId: string | null;
  readonly memberId: string | null;
  readonly apiKeyId: string | null;
  /** Set when this person must be a member of the unit. */
  readonly requiredUnitMember: string | null;
  /** The member was named and is looked up. */
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

/** Who asks, and what of it is his. */
export interface Caller {
  readonly actorId: string | null;
  /** Set when it must be this person's or key's. */
  readonly onlyOf: string | null;
  /** Set when it must be in one of these units. */
  readonly onlyUnits: readonly string[] | null;
}

export interface HoldTargetCommand extends BaseCommand, Caller {
  readonly holdId: string;
}

export interface CaptureCommand extends HoldTargetCommand {
  readonly type: 'capture';
  /** Null: all of it. */
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
  /** Null: what is left of it. */
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
  /** It may have ended already, and does at once then. */
  readonly lapsed?: boolean;
  /** The top-up that paid for it. */
  readonly topUpId?: string;
}

/** What a payment that was taken back, or is disputed, does to the credits it bought. */
export interface ReversalCommand extends BaseCommand {
  readonly type: 'reversal';
  readonly topUpId: string;
  /** The lot they became. */
  readonly lotId: string;
  /** Goes back into the lot: a dispute kept it out so far. */
  readonly thaw: Micro;
  /** Gone for good from now on. */
  readonly clawBack: Micro;
  /** Kept out of the lot from now on, as far as the lot has it. */
  readonly freeze: Micro;
}

export interface AdjustmentCommand extends BaseCommand {
  readonly type: 'adjustment';
  /** Below zero: taken away. */
  readonly amount: Micro;
  readonly reason: string;
  readonly approvedBy: string | null;
}

/** Only keeps a key with its answer: a second person decides. */
export interface AdjustmentRequestCommand extends BaseCommand {
  readonly type: 'adjustment_request';
  readonly amount: Micro;
  readonly reason: string;
}

/** What a run is charged by, and how far it has got. */
interface RunBaseCommand extends BaseCommand, Usage {
  readonly runId: string;
  /** For an hour. */
  readonly rate: Micro;
  /** Seconds to hold credits for beyond those that are charged. */
  readonly ahead: number;
  readonly ttlMs: number;
}

export interface RunStartCommand extends RunBaseCommand {
  readonly type: 'run_start';
  /** What the answer says beside what is decided. */
  readonly run: Record<string, unknown>;
}

/** The seconds since the last time are charged out of the hold, and the next ones held. */
export interface RunSettleCommand extends RunBaseCommand {
  readonly type: 'run_settle';
  readonly holdId: string | null;
  /** Seconds charged before. */
  readonly settled: number;
  /** Seconds that have passed. */
  readonly due: number;
}

/** Only lets happen what time brings about: expiries, and the end of holds of something deleted. */
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
  | ReversalCommand
  | AdjustmentCommand
  | AdjustmentRequestCommand
  | RunStartCommand
  | RunSettleCommand
  | SweepCommand;
