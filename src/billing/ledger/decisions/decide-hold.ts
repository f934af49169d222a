import { AppError } from '../../../common/errors/index.js';
import { type Micro, toCredits } from '../../../common/money/index.js';
import { billingErrors } from '../billing.errors.js';
import { type CommandResponse, balanceBody, chargeBody, holdBody } from './command-result.js';
import type { Books } from './books.js';
import type { CaptureCommand, ExtendCommand, HoldCommand, HoldTargetCommand, VoidCommand } from './command.js';
import { burnChanges, consume } from './decide-charge.js';
import type { LedgerEntry, EntryNotes } from './entry.js';
import { assertAffordable, assertMaySpend, isAccessibleTo } from './spending.js';
import type { Hold } from './state.js';

export function hold(books: Books, command: HoldCommand): CommandResponse {
  const { amount } = command;
  assertMaySpend(books, command, amount);
  const made = placeHold(books, command, amount);
  return { status: 201, body: { ...holdBody(made), ...balanceBody(books.state) } };
}

type HoldDetails = Omit<HoldCommand, 'type' | 'amount'>;

/** Places a hold of `amount`. The caller has checked that it is allowed. */
export function placeHold(books: Books, command: HoldDetails, amount: Micro, runId: string | null = null): Hold {
  const { key, actorId, reference, detail, unitId, memberId, apiKeyId } = command;
  const id = books.nextId();
  const kind = command.kind ?? 'hold';
  const parts = books.reserve(amount);
  const entry = books.post({
    type: 'hold',
    amount,
    postings: { available: -amount, held: amount },
    notes: { key, actorId, kind, reference, detail },
    subject: command,
    usage: amount,
    sourceId: id,
    lots: parts.map((part) => ({ lotId: part.lotId, remaining: 0n, reserved: part.amount })),
  });
  const made: Hold = {
    id,
    amount,
    kind,
    reference,
    createdAt: entry.at,
    expiresAt: entry.at + command.ttlMs,
    state: 'open',
    resolvedAt: null,
    captured: 0n,
    parts,
    uncovered: parts.reduce((rest, part) => rest - part.amount, amount),
    unitId,
    memberId,
    apiKeyId,
    runId,
  };
  books.addHold(made);
  return made;
}

function findHold(books: Books, command: HoldTargetCommand): Hold {
  const found = books.state.holds.get(command.holdId);
  if (!found || found.runId !== null || !isAccessibleTo(command, found)) throw billingErrors.hold_not_found();
  return found;
}

const resolvedError = ({ state }: Hold): AppError => billingErrors.hold_resolved({ data: { state } });

function findOpen(books: Books, command: HoldTargetCommand): Hold {
  const found = findHold(books, command);
  if (found.state !== 'open') throw resolvedError(found);
  return found;
}

/**
 * Captures part or all of a hold, or more as `policy` allows. An expired hold is charged like a new charge. If credits are
 * missing, the amount is recorded as receivable, so usage is never lost.
 */
export function capture(books: Books, command: CaptureCommand): CommandResponse {
  const found = findHold(books, command);
  if (found.state !== 'open' && found.state !== 'expired') throw resolvedError(found);
  const amount = command.amount ?? found.amount;
  if (amount > found.amount && command.policy === 'reject') {
    throw billingErrors.capture_exceeds_hold({ data: { held: toCredits(found.amount) } });
  }
  const late = found.state === 'expired';
  const { key, actorId } = command;
  const notes = { key, actorId, kind: found.kind, reference: found.reference };
  const entry = late ? captureLate(books, found, amount, notes) : captureOpen(books, found, amount, command, notes);
  books.markHoldChanged(found);
  return {
    status: 200,
    body: {
      ...holdBody(found),
      ...balanceBody(books.state),
      late,
      receivable: toCredits(-(entry.postings.receivable ?? 0n)),
      charge: chargeBody(books.state, entry),
    },
  };
}

function markCaptured(books: Books, found: Hold, amount: Micro): void {
  found.state = 'captured';
  found.resolvedAt = books.at;
  found.captured = amount < found.amount ? amount : found.amount;
}

export function captureOpen(
  books: Books,
  found: Hold,
  amount: Micro,
  { policy }: Pick<CaptureCommand, 'policy'>,
  notes: EntryNotes,
): LedgerEntry {
  const more = amount - found.amount;
  if (more > 0n) assertAffordable(books, found, more, policy === 'overdraft');
  const { amount: held } = found;
  const lots = books.resolveLots(found, amount < held ? amount : held);
  if (more > 0n) lots.push(...burnChanges(books.burn(more)));
  markCaptured(books, found, amount);
  const entry = books.post({
    type: 'capture',
    amount,
    postings: { held: -held, consumed: amount, available: held - amount },
    notes,
    subject: found,
    usage: amount - held,
    usageAt: found.createdAt,
    sourceId: found.id,
    lots,
  });
  books.applyFreedCredits(entry);
  return entry;
}

function captureLate(books: Books, found: Hold, amount: Micro, notes: EntryNotes): LedgerEntry {
  const about = { type: 'capture' as const, sourceId: found.id };
  markCaptured(books, found, amount);
  try {
    assertAffordable(books, found, amount);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return books.post({
      ...about,
      amount,
      postings: { receivable: -amount, consumed: amount },
      notes,
      subject: found,
      usage: amount,
    });
  }
  return consume(books, amount, found, notes, about);
}

export function voidHold(books: Books, command: VoidCommand): CommandResponse {
  const { key, actorId } = command;
  const found = findOpen(books, command);
  books.release(found, 'voided', 'void', { key, actorId, kind: found.kind, reference: found.reference });
  return { status: 200, body: { ...holdBody(found), ...balanceBody(books.state) } };
}

/** Moves the expiry of a hold later, never earlier. */
export function extend(books: Books, command: ExtendCommand): CommandResponse {
  const found = findOpen(books, command);
  found.expiresAt = Math.max(found.expiresAt, books.at + command.ttlMs);
  books.markHoldChanged(found);
  return { status: 200, body: { ...holdBody(found), ...balanceBody(books.state) } };
}
