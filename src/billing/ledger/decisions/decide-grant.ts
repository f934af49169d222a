import { commonErrors } from '../../../common/errors/index.js';
import { type Micro, toCredits } from '../../../common/money/index.js';
import type { CommandResponse } from './command-result.js';
import type { Books } from './books.js';
import { billingErrors } from '../billing.errors.js';
import type { AdjustmentCommand, AdjustmentRequestCommand, GrantCommand, GrantVoidCommand } from './command.js';
import { burnChanges } from './decide-charge.js';
import type { LedgerEntry, EntryNotes } from './entry.js';
import { assertCovered } from './spending.js';
import type { AccountName, Category } from './state.js';

/** Account that granted credits come from. */
const SOURCE: Record<Category, AccountName> = { plan: 'plan', promo: 'promo', paid: 'external' };

export function grant(books: Books, command: GrantCommand): CommandResponse {
  const { amount, category, priority, expiresAt, reason, lapsed = false, topUpId, key, actorId } = command;
  if (expiresAt !== null && expiresAt <= books.at && !lapsed) {
    throw notInFuture('expiresAt', 'expiresAt must lie in the future');
  }
  books.assertRoomFor(amount);
  const lotId = books.nextId();
  const entry = books.post({
    type: 'grant',
    amount,
    postings: { [SOURCE[category]]: -amount, available: amount },
    notes: { key, actorId, kind: category, detail: { reason } },
    ...(topUpId !== undefined && { sourceId: topUpId }),
    lots: [{ lotId, remaining: amount, reserved: 0n }],
  });
  books.addLot({
    id: lotId,
    amount,
    category,
    priority,
    expiresAt,
    source: topUpId === undefined ? 'grant' : 'top_up',
  });
  books.applyFreedCredits(entry);
  return {
    status: 201,
    body: {
      id: entry.id,
      lotId,
      amount: toCredits(amount),
      category,
      priority,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      reason,
      balance: toCredits(books.balances.available),
      createdAt: new Date(entry.at).toISOString(),
    },
  };
}

/** Takes back the free credits of a lot. What holds keep of it stays theirs. */
export function voidGrant(books: Books, { lotId, reason, key, actorId }: GrantVoidCommand): CommandResponse {
  const lot = books.state.lots.get(lotId);
  if (!lot) throw billingErrors.grant_not_found();
  if (lot.source !== 'grant') throw billingErrors.grant_was_paid();
  const parts = books.burnOf(lotId, lot.remaining);
  const amount = parts.reduce((sum, part) => sum + part.amount, 0n);
  if (amount === 0n) throw billingErrors.grant_is_used();
  const entry = books.post({
    type: 'grant_void',
    amount,
    postings: { available: -amount, [SOURCE[lot.category]]: amount },
    notes: { key, actorId, kind: lot.category, detail: { reason } },
    sourceId: lotId,
    lots: burnChanges(parts),
  });
  return {
    status: 201,
    body: {
      id: entry.id,
      lotId,
      amount: toCredits(amount),
      reason,
      balance: toCredits(books.balances.available),
      createdAt: new Date(entry.at).toISOString(),
    },
  };
}

function deduct(books: Books, amount: Micro, notes: EntryNotes): LedgerEntry {
  assertCovered(books, amount);
  const postings = { available: -amount, adjustment: amount };
  return books.post({ type: 'adjustment', amount, postings, notes, lots: burnChanges(books.burn(amount)) });
}

function addCredits(books: Books, amount: Micro, notes: EntryNotes): LedgerEntry {
  books.assertRoomFor(amount);
  const lotId = books.nextId();
  const entry = books.post({
    type: 'adjustment',
    amount,
    postings: { available: amount, adjustment: -amount },
    notes,
    lots: [{ lotId, remaining: amount, reserved: 0n }],
  });
  books.addLot({ id: lotId, amount, category: 'promo', priority: 0, expiresAt: null, source: 'adjustment' });
  books.applyFreedCredits(entry);
  return entry;
}

export function adjust(books: Books, { amount, reason, approvedBy, key, actorId }: AdjustmentCommand): CommandResponse {
  const notes = { key, actorId, detail: { reason, ...(approvedBy !== null && { approvedBy }) } };
  const entry = amount < 0n ? deduct(books, -amount, notes) : addCredits(books, amount, notes);
  return {
    status: 201,
    body: {
      id: entry.id,
      kind: 'adjustment',
      amount: toCredits(amount),
      reason,
      state: 'done',
      balance: toCredits(books.balances.available),
      createdAt: new Date(entry.at).toISOString(),
    },
  };
}

const notInFuture = (field: string, message: string) =>
  commonErrors.validation_failed({ errors: [{ field, code: 'not_in_future', message }] });

/** Responds to a request that waits for a second person or for its time. Moves nothing. */
export function requestAdjustment(books: Books, command: AdjustmentRequestCommand): CommandResponse {
  const { of, amount, reason, state, id, effectiveAt, expiresAt } = command;
  if (effectiveAt !== null && effectiveAt <= books.at) {
    throw notInFuture('effectiveAt', 'effectiveAt must lie in the future. Omit it to grant at once.');
  }
  if (effectiveAt !== null && expiresAt !== null && expiresAt <= effectiveAt) {
    throw notInFuture('expiresAt', 'expiresAt must be later than effectiveAt');
  }
  return {
    status: state === 'scheduled' && id !== null ? 201 : 202,
    body: {
      id: id ?? books.nextId(),
      kind: of,
      amount: toCredits(amount),
      reason,
      state,
      ...(effectiveAt !== null && { effectiveAt: new Date(effectiveAt).toISOString() }),
      createdAt: new Date(books.at).toISOString(),
    },
  };
}
