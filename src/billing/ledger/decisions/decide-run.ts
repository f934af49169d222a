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

/** What a run has cost after some seconds: rounded once, up, over all of them. */
export const costOf = (rate: Micro, seconds: number): Micro => (rate * BigInt(seconds) + SECONDS - 1n) / SECONDS;

/** How many seconds a run can have when it may cost so much: the most of which `costOf` is no more. */
const secondsFor = (rate: Micro, cost: Micro, wanted: number): number => {
  if (costOf(rate, wanted) <= cost) return wanted;
  return Number((cost * SECONDS) / rate);
};

/** What of a run has been decided; plain, as `Answer` is. */
export interface RunDecision {
  /** The instant of the decision. */
  at: number;
  /** Seconds charged, of those that were due. */
  seconds: number;
  /** Up to this second it is charged or held for. */
  covered: number;
  holdId: string | null;
  /** Why there is not more; null when there is all that was asked for. */
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

/** Holds what the seconds after `from` cost, as many of them as there are credits for, up to `ahead`. */
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

/** It begins when one second of it can be paid. Throws what `assertMaySpend` throws. */
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
 * Charges the seconds that have passed, each once: the difference between what the run costs by now and what it had cost.
 * Out of its hold first; what is missing out of what is available, second by second, as far as it goes. Then the next
 * seconds are held. Whether it may go on is not asked here. Throws nothing.
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
