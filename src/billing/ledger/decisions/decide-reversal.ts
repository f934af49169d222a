import type { Micro } from '../../../common/money/index.js';
import type { CommandResponse } from './command-result.js';
import type { Books } from './books.js';
import type { ReversalCommand } from './command.js';
import { burnChanges } from './decide-charge.js';
import type { LedgerEntry, EntryNotes } from './entry.js';
import type { LotPart } from './state.js';

const sumOf = (parts: readonly LotPart[]): Micro => parts.reduce((sum, { amount }) => sum + amount, 0n);

/** Returns credits that a dispute had frozen to their lot. */
function thaw(books: Books, { topUpId, lotId, thaw: amount }: ReversalCommand, notes: EntryNotes): LedgerEntry {
  return books.post({
    type: 'dispute_release',
    amount,
    postings: { external: -amount, available: amount },
    notes,
    sourceId: topUpId,
    lots: [books.refill({ lotId, amount })],
  });
}

/** Removes credits from any lots, in burn order. What is missing becomes owed. */
function clawBack(books: Books, { topUpId, clawBack: amount }: ReversalCommand, notes: EntryNotes): LedgerEntry {
  const parts = books.burn(amount);
  const taken = sumOf(parts);
  books.owe(amount - taken);
  return books.post({
    type: 'claw_back',
    amount,
    postings: { external: amount, available: -taken, receivable: taken - amount },
    notes,
    sourceId: topUpId,
    lots: burnChanges(parts),
  });
}

/** Freezes credits of the purchased lot only, at most what it still has. */
function freeze(books: Books, { topUpId, lotId, freeze: wanted }: ReversalCommand, notes: EntryNotes): Micro {
  const parts = books.burnOf(lotId, wanted);
  const amount = sumOf(parts);
  if (amount === 0n) return 0n;
  books.post({
    type: 'dispute',
    amount,
    postings: { external: amount, available: -amount },
    notes,
    sourceId: topUpId,
    lots: burnChanges(parts),
  });
  return amount;
}

/**
 * Applies refunds and disputes of a payment: thaws, then claws back, then freezes. This fixed order gives the same result in
 * whatever order the events arrive. Credits that are thawed and taken again cover no debt in between. Never refused, because
 * the money is gone whether there are credits or not.
 */
export function reverse(books: Books, command: ReversalCommand): CommandResponse {
  const notes: EntryNotes = { key: command.key, actorId: command.actorId };
  let last: LedgerEntry | null = null;
  if (command.thaw > 0n) last = thaw(books, command, notes);
  if (command.clawBack > 0n) last = clawBack(books, command, notes);
  const frozen = command.freeze > 0n ? freeze(books, command, notes) : 0n;
  if (last) books.applyFreedCredits(last);
  return { status: 200, body: { frozen: String(frozen) } };
}
