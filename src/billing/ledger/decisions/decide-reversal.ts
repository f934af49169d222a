import type { Micro } from '../../../common/money/index.js';
import type { CommandResponse } from './command-result.js';
import type { Books } from './books.js';
import type { ReversalCommand } from './command.js';
import { burnChanges } from './decide-charge.js';
import type { LedgerEntry, EntryNotes } from './entry.js';
import type { LotChange, LotPart } from './state.js';

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

/** Removes credits from any lots, in burn order. What is missing becomes owed. Adds what it removed to `taken`. */
function clawBack(
  books: Books,
  { topUpId, clawBack: amount }: ReversalCommand,
  notes: EntryNotes,
  taken: LotPart[],
): LedgerEntry {
  const parts = books.burn(amount);
  const burned = sumOf(parts);
  taken.push(...parts);
  books.owe(amount - burned);
  return books.post({
    type: 'claw_back',
    amount,
    postings: { external: amount, available: -burned, receivable: burned - amount },
    notes,
    sourceId: topUpId,
    lots: burnChanges(parts),
  });
}

/**
 * Gives back what claw-backs removed: first what is still owed, then to the lots they took it from, last taken first. What
 * other lots have settled in the meantime becomes a new lot, because those lots can no longer be told apart.
 */
function giveBack(
  books: Books,
  { topUpId, giveBack: amount }: ReversalCommand,
  notes: EntryNotes,
  taken: LotPart[],
): LedgerEntry {
  const forgiven = books.forgive(amount);
  let rest = amount - forgiven;
  const lots: LotChange[] = [];
  while (rest > 0n) {
    const last = taken.pop();
    if (!last) break;
    const part = last.amount < rest ? last.amount : rest;
    lots.push(books.refill({ lotId: last.lotId, amount: part }));
    rest -= part;
    if (part < last.amount) taken.push({ lotId: last.lotId, amount: last.amount - part });
  }
  if (rest > 0n) {
    const id = books.nextId();
    books.addLot({ id, amount: rest, category: 'paid', priority: 0, expiresAt: null, source: 'refund' });
    lots.push({ lotId: id, remaining: rest, reserved: 0n });
  }
  return books.post({
    type: 'claw_back_release',
    amount,
    postings: { external: -amount, available: amount - forgiven, receivable: forgiven },
    notes,
    sourceId: topUpId,
    lots,
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
 * Applies refunds and disputes of a payment: thaws, gives back, claws back, then freezes. This fixed order gives the same
 * result in whatever order the events arrive. Credits that are thawed and taken again cover no debt in between. Never
 * refused, because the money is gone whether there are credits or not.
 */
export function reverse(books: Books, command: ReversalCommand): CommandResponse {
  const notes: EntryNotes = { key: command.key, actorId: command.actorId };
  const taken = [...command.taken];
  let last: LedgerEntry | null = null;
  if (command.thaw > 0n) last = thaw(books, command, notes);
  if (command.giveBack > 0n) last = giveBack(books, command, notes, taken);
  if (command.clawBack > 0n) last = clawBack(books, command, notes, taken);
  const frozen = command.freeze > 0n ? freeze(books, command, notes) : 0n;
  if (last) books.applyFreedCredits(last);
  return {
    status: 200,
    body: { frozen: String(frozen), taken: taken.map(({ lotId, amount }) => [lotId, String(amount)]) },
  };
}
