import { AppError } from '../../../common/errors/index.js';
import { billingErrors } from '../billing.errors.js';
import { type CommandResponse, type CommandResult, toErrorResponse } from './command-result.js';
import { Books } from './books.js';
import type { Command } from './command.js';
import { adjust, grant, requestAdjustment, voidGrant } from './decide-grant.js';
import { capture, extend, hold, voidHold } from './decide-hold.js';
import { reverse } from './decide-reversal.js';
import { charge, refund } from './decide-charge.js';
import { settleRun, startRun } from './decide-run.js';
import type { OrganizationState, StoredResponse } from './state.js';
import { findStored, storedKey } from './stored-key.js';

export interface NewKey extends StoredResponse {
  readonly key: string;
  /** Number of the entry, for an accepted key. */
  readonly seq: bigint | null;
  /** True when the response can be derived from the entry and is not stored. */
  readonly answerDerived: boolean;
}

export interface Decision {
  readonly books: Books;
  /** One per command, in order. */
  readonly results: readonly CommandResult[];
  readonly keys: readonly NewKey[];
}

const COMMAND_HANDLERS: {
  [Type in Command['type']]: (books: Books, command: Extract<Command, { type: Type }>) => CommandResponse;
} = {
  charge,
  refund,
  hold,
  capture,
  void: voidHold,
  extend,
  grant,
  grant_void: voidGrant,
  reversal: reverse,
  adjustment: adjust,
  adjustment_request: requestAdjustment,
  run_start: startRun,
  run_settle: settleRun,
  sweep: () => ({ status: 200, body: {} }),
};

/** Executes one command. A refused command changes nothing, because handlers check before they post. */
function attempt(books: Books, command: Command): CommandResponse {
  try {
    const execute = COMMAND_HANDLERS[command.type] as (books: Books, command: Command) => CommandResponse;
    return execute(books, command);
  } catch (error) {
    if (error instanceof AppError) return toErrorResponse(error);
    throw error;
  }
}

const KEY_MISMATCH = toErrorResponse(billingErrors.idempotency_mismatch());

/** Releases the open holds of a deleted organization. */
function releaseHolds(books: Books): void {
  for (const held of books.state.holds.values()) {
    if (held.state === 'open') books.release(held, 'voided', 'void', { key: null, actorId: null });
  }
}

/** Finds the number of the entry written for a key, among the entries after the first `before`. */
function seqOf({ entries }: Books, key: string, before: number): bigint | null {
  for (let index = before; index < entries.length; index++) {
    const entry = entries[index];
    if (entry?.key === key) return entry.seq;
  }
  return null;
}

/**
 * Decides the commands of one organization in order, each on the state that the previous ones left. All credits move here:
 * single calls, batches, previews and expiries. Pure: the same state, commands and ids give the same decision. Mutates
 * `state`.
 */
export function decide(state: OrganizationState, commands: readonly Command[], newId: () => string): Decision {
  const books = new Books(state, newId);
  books.advance(state.now);
  if (state.status === 'pending_deletion') releaseHolds(books);
  const known = state.keys;
  const keys: NewKey[] = [];
  const results = commands.map((command): CommandResult => {
    const { key, hash } = command;
    const stored = findStored(known, command);
    if (stored) {
      const { status, body } = stored.hash === hash ? stored : KEY_MISMATCH;
      return { status, body, replayed: stored.hash === hash };
    }
    const before = books.entries.length;
    const { status, body } = attempt(books, command);
    if (key !== null) {
      const seq = seqOf(books, key, before);
      const answerDerived = command.type === 'charge' && seq !== null;
      const newKey = { key: storedKey({ ...command, key }), hash, status, body, seq, answerDerived };
      known.set(newKey.key, newKey);
      keys.push(newKey);
    }
    return { status, body, replayed: false };
  });
  return { books, results, keys };
}
