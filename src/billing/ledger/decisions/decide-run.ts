import type { Micro } from '../../../common/money/index.js';
import type { CommandResponse } from './command-result.js';
import type { Books } from './books.js';
import type { RunSettleCommand, RunStartCommand } from './command.js';
import { consume } from './decide-charge.js';
import { captureOpen, placeHold } from './decide-hold.js';
import type { EntryNotes } from './entry.js';
import { assertMaySpend, maxAffordable } from './spending.js';

export const RUN_KIND = 'run';

const SECONDS = 3_600n;

/** Returns the cost of the first `seconds` of a run, rounded up once. */
export const costOf = (rate: Micro, seconds: number): Micro => (rate * BigInt(seconds) + SECONDS - 1n) / SECONDS;

/** Returns the most seconds, up to `wanted`, that cost no more than `cost`. */
const secondsFor = (rate: Micro, cost: Micro, wanted: number): number => {
  if (costOf(rate, wanted) <= cost) return wanted;
  return Number((cost * SECONDS) / rate);
};

/** Decision about a run, in plain JSON like every response. */
export interface RunDecision {
  at: number;
  /** Seconds charged so far. */
  seconds: number;
  /** Last second that is charged or held for. */
  covered: number;
  holdId: string | null;
  /** What prevented more, or null when all that was asked for is covered. */
  blockedBy: 'balance' | 'limit' | null;
}

type RunCommand = RunStartCommand | RunSettleCommand;

const notesOf = (command: RunCommand, from: number, to: number): EntryNotes => ({
  key: command.key,
  actorId: command.actorId,
  kind: RUN_KIND,
  reference: command.reference,
  detail: { ...command.detail, fromSecond: from, toSecond: to },
});

/** Holds credits for the seconds after `from`, up to `ahead` and as far as credits last. */
function holdAhead(books: Books, command: RunCommand, from: number): RunDecision {
  const { rate, ahead, runId } = command;
  const done = costOf(rate, from);
  const { most, blockedBy } = maxAffordable(books, command);
  const covered = secondsFor(rate, done + most, from + ahead);
  const amount = costOf(rate, covered) - done;
  const { reference, detail = null } = notesOf(command, from, covered);
  const held =
    amount > 0n
      ? placeHold(books, { ...command, kind: RUN_KIND, reference: reference ?? null, detail }, amount, runId)
      : null;
  return {
    at: books.at,
    seconds: from,
    covered,
    holdId: held?.id ?? null,
    blockedBy: covered < from + ahead ? blockedBy : null,
  };
}

/** Starts a run if at least one second of it can be paid. */
export function startRun(books: Books, command: RunStartCommand): CommandResponse {
  assertMaySpend(books, command, costOf(command.rate, 1));
  const { at, covered, holdId } = holdAhead(books, command, 0);
  const startedAt = new Date(at).toISOString();
  const coveredUntil = new Date(at + covered * 1000).toISOString();
  return {
    status: 201,
    body: { ...command.run, startedAt, lastHeartbeatAt: startedAt, seconds: 0, charged: '0', coveredUntil, holdId },
  };
}

/**
 * Charges the elapsed seconds once each: the cost so far minus the cost settled before. Uses the hold first, then available
 * credits for as many whole seconds as they last. Then holds the next seconds. The caller decides whether the run may go on.
 */
export function settleRun(books: Books, command: RunSettleCommand): CommandResponse {
  const { rate, settled, due } = command;
  const found = command.holdId === null ? undefined : books.state.holds.get(command.holdId);
  const open = found?.state === 'open' ? found : null;
  const { most, blockedBy } = maxAffordable(books, command);
  const before = costOf(rate, settled);
  const seconds = Math.max(settled, secondsFor(rate, before + (open?.amount ?? 0n) + most, due));
  const amount = costOf(rate, seconds) - before;
  const notes = notesOf(command, settled, seconds);
  if (open && amount > 0n) {
    captureOpen(books, open, amount, { policy: 'overdraft' }, notes);
    books.markHoldChanged(open);
  } else if (open) books.release(open, 'voided', 'void', notes);
  else if (amount > 0n) consume(books, amount, command, notes, { type: 'charge', sourceId: command.runId });
  const decision: RunDecision =
    seconds < due
      ? { at: books.at, seconds, covered: seconds, holdId: null, blockedBy }
      : holdAhead(books, command, seconds);
  return { status: 200, body: { ...decision } };
}
