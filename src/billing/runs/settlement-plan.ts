import type { RunDecision } from '../ledger/index.js';
import type { StopReason } from './run.entity.js';

type Instant = number;

const SECOND_MS = 1_000;
/** Between two settlements. */
const SETTLE_EVERY_SECONDS = 60;
/** Held beyond what is charged: a settlement may come a minute late. */
const AHEAD_SECONDS = 120;
/** Nobody has looked for so long: no server was there to hear heartbeats. */
const UNWATCHED_MS = 150_000;

/** What it takes to decide about a run, as it is stored and as things around it stand. */
export interface RunFacts {
  startedAt: Instant;
  heartbeatAt: Instant;
  deadlineAt: Instant;
  timeoutSeconds: number;
  checkedAt: Instant;
  settledSeconds: number;
  /** When each thing that ends a run came about; null: it has not. */
  deletedAt: Instant | null;
  suspendedAt: Instant | null;
  accessRemovedAt: Instant | null;
}

export interface End {
  at: Instant;
  reason: StopReason;
}

/** What is to be asked of the ledger. */
export interface Plan {
  now: Instant;
  deadlineAt: Instant;
  /** Why it does not go on; null when it does. */
  end: End | null;
  /** Whole seconds that have passed, as far as they are charged. */
  due: number;
  /** Seconds to hold credits for. */
  ahead: number;
}

/** What a run is after it was settled. */
export interface Settled {
  seconds: number;
  covered: number;
  holdId: string | null;
  deadlineAt: Instant;
  checkedAt: Instant;
  nextAt: Instant;
  stopped: End | null;
}

/**
 * How far a run is to be charged at `now`, and what ends it: whatever came first, at the instant it came, however late
 * somebody looks. `stop`: somebody asks it to.
 *
 * It is charged up to a timeout beyond its last sign of life. Unheard of for longer it is lost; but where nobody has looked
 * for minutes no server was there to hear it, and it gets another timeout to be heard: then all of the time was its own.
 */
export function planOf(run: RunFacts, now: Instant, stop = false): Plan {
  const timeoutMs = run.timeoutSeconds * SECOND_MS;
  const heardUntil = run.heartbeatAt + timeoutMs;
  const unwatched = now - run.checkedAt > UNWATCHED_MS;
  const deadlineAt = unwatched && run.deadlineAt <= now ? now + timeoutMs : run.deadlineAt;
  const ends: End[] = [];
  const add = (at: Instant | null, reason: StopReason) => {
    if (at !== null && at <= now) ends.push({ at, reason });
  };
  add(run.deletedAt, 'deleted');
  add(run.suspendedAt, 'suspended');
  add(run.accessRemovedAt, 'access_removed');
  if (deadlineAt <= now) add(heardUntil, 'lost');
  if (stop) add(now, 'stopped');
  const first = ends.reduce<End | null>((least, end) => (least === null || end.at < least.at ? end : least), null);
  const until = first ? first.at : Math.min(now, heardUntil);
  const passed = Math.floor((until - run.startedAt) / SECOND_MS);
  const due = Math.max(passed, run.settledSeconds);
  // What was charged before somebody learned of the end is not given back.
  const end = first && { ...first, at: Math.max(first.at, run.startedAt + due * SECOND_MS) };
  return { now, deadlineAt, end, due, ahead: end ? 0 : AHEAD_SECONDS };
}

/** What has become of the run. One whose next second nobody pays ends with the last that is paid. */
export function settledOf(run: RunFacts, plan: Plan, decision: RunDecision): Settled {
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
