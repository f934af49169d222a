import type { RunDecision } from '../ledger/index.js';
import type { StopReason } from './run.entity.js';

type UnixMs = number;

const SECOND_MS = 1_000;
/** The interval between two settlements. */
const SETTLE_EVERY_SECONDS = 60;
/** Seconds to hold credits for beyond the charged time, because a settlement may be a minute late. */
const HOLD_AHEAD_SECONDS = 120;
/** A run that was not checked for this long had no server to receive its heartbeats. */
const UNWATCHED_MS = 150_000;

/** The facts about a run and its context that a settlement depends on. */
export interface RunFacts {
  startedAt: UnixMs;
  heartbeatAt: UnixMs;
  deadlineAt: UnixMs;
  timeoutSeconds: number;
  checkedAt: UnixMs;
  settledSeconds: number;
  /** When each condition that ends a run occurred. Null if it has not. */
  deletedAt: UnixMs | null;
  suspendedAt: UnixMs | null;
  accessRemovedAt: UnixMs | null;
}

export interface RunEnd {
  at: UnixMs;
  reason: StopReason;
}

/** What to request from the ledger. */
export interface SettlementPlan {
  now: UnixMs;
  deadlineAt: UnixMs;
  /** Why and when the run ends. Null if it continues. */
  end: RunEnd | null;
  /** Whole seconds to charge in total. */
  due: number;
  /** Seconds to hold credits for. */
  ahead: number;
}

/** The state of a run after a settlement. */
export interface SettledRun {
  seconds: number;
  covered: number;
  holdId: string | null;
  deadlineAt: UnixMs;
  checkedAt: UnixMs;
  nextAt: UnixMs;
  stopped: RunEnd | null;
}

/**
 * Decides how far to charge a run at `now` and what ends it. The earliest condition wins, at the time it occurred, even if
 * it is noticed later. `stop` ends the run now.
 *
 * A run is charged until its last heartbeat plus the timeout. It is lost once no heartbeat arrived for `timeoutSeconds`. If
 * no server was running then, the run gets one more timeout, and a heartbeat in that time confirms the whole gap.
 */
export function planSettlement(run: RunFacts, now: UnixMs, stop = false): SettlementPlan {
  const timeoutMs = run.timeoutSeconds * SECOND_MS;
  const aliveUntil = run.heartbeatAt + timeoutMs;
  const unwatched = now - run.checkedAt > UNWATCHED_MS;
  const deadlineAt = unwatched && run.deadlineAt <= now ? now + timeoutMs : run.deadlineAt;
  const ends: RunEnd[] = [];
  const add = (at: UnixMs | null, reason: StopReason) => {
    if (at !== null && at <= now) ends.push({ at, reason });
  };
  add(run.deletedAt, 'deleted');
  add(run.suspendedAt, 'suspended');
  add(run.accessRemovedAt, 'access_removed');
  if (deadlineAt <= now) add(aliveUntil, 'lost');
  if (stop) add(now, 'stopped');
  const first = ends.reduce<RunEnd | null>((least, end) => (least === null || end.at < least.at ? end : least), null);
  const until = first ? first.at : Math.min(now, aliveUntil);
  const passed = Math.floor((until - run.startedAt) / SECOND_MS);
  const due = Math.max(passed, run.settledSeconds);
  // Seconds that were charged before the end was noticed are not refunded.
  const end = first && { ...first, at: Math.max(first.at, run.startedAt + due * SECOND_MS) };
  return { now, deadlineAt, end, due, ahead: end ? 0 : HOLD_AHEAD_SECONDS };
}

/** Applies the ledger's decision to a run. A run without credits for its next second ends with the last paid one. */
export function applyDecision(run: RunFacts, plan: SettlementPlan, decision: RunDecision): SettledRun {
  const { now, end, due, deadlineAt } = plan;
  const { seconds, covered, holdId, blockedBy } = decision;
  const until = run.startedAt + seconds * SECOND_MS;
  const unpaid = seconds < due || (!end && covered === seconds);
  const stopped = unpaid
    ? { at: until, reason: blockedBy === 'limit' ? ('quota' as const) : ('credits_exhausted' as const) }
    : end;
  const soon = [now + SETTLE_EVERY_SECONDS * SECOND_MS, run.startedAt + covered * SECOND_MS, deadlineAt];
  const nextAt = Math.min(...soon.filter((at) => at > now));
  return { seconds, covered, holdId, deadlineAt, checkedAt: now, nextAt, stopped };
}
