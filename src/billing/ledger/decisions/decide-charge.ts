import { type Micro, toCredits } from '../../../common/money/index.js';
import { billingErrors } from '../billing.errors.js';
import { type CommandResponse, chargeBody } from './command-result.js';
import type { Books } from './books.js';
import type { ChargeCommand, RefundCommand } from './command.js';
import type { LedgerEntry, EntryNotes } from './entry.js';
import { assertMaySpend, isAccessibleTo } from './spending.js';
import type { Charge, LotChange, LotPart, Subject } from './state.js';

export const burnChanges = (parts: readonly LotPart[]): LotChange[] =>
  parts.map(({ lotId, amount }) => ({ lotId, remaining: -amount, reserved: 0n }));

/** Posts a consumption of `amount`. The caller has checked that it is allowed. */
export function consume(
  books: Books,
  amount: Micro,
  subject: Subject,
  notes: EntryNotes,
  { type, sourceId = null }: { type: 'charge' | 'capture'; sourceId?: string | null } = { type: 'charge' },
): LedgerEntry {
  return books.post({
    type,
    amount,
    postings: { available: -amount, consumed: amount },
    notes,
    subject,
    usage: amount,
    sourceId,
    lots: burnChanges(books.burn(amount)),
  });
}

export function charge(books: Books, command: ChargeCommand): CommandResponse {
  assertMaySpend(books, command, command.amount);
  const { key, actorId, reference, detail } = command;
  const kind = command.kind ?? 'charge';
  const entry = consume(books, command.amount, command, { key, actorId, kind, reference, detail });
  return { status: 201, body: chargeBody(books.state, entry) };
}

interface RefundParts {
  receivable: Micro;
  uncovered: Micro;
  lots: LotPart[];
}

/** Splits a refund: first what was never paid, then what no lot covered, then the lots, last burned first. */
function refundParts(charged: Charge, amount: Micro): RefundParts {
  const covered = charged.parts.reduce((sum, part) => sum + part.amount, 0n);
  let skip = charged.refunded;
  let left = amount;
  const next = (whole: Micro): Micro => {
    const skipped = skip < whole ? skip : whole;
    skip -= skipped;
    const part = whole - skipped < left ? whole - skipped : left;
    left -= part;
    return part;
  };
  const receivable = next(charged.receivable);
  const uncovered = next(charged.amount - charged.receivable - covered);
  const lots = charged.parts
    .toReversed()
    .map(({ lotId, amount: whole }) => ({ lotId, amount: next(whole) }))
    .filter((part) => part.amount > 0n);
  return { receivable, uncovered, lots };
}

export function refund(books: Books, command: RefundCommand): CommandResponse {
  const { key, actorId, chargeId, amount, reason } = command;
  const charged = books.charge(chargeId);
  if (!charged || !isAccessibleTo(command, charged)) throw billingErrors.charge_not_found();
  const left = charged.amount - charged.refunded;
  const wanted = amount ?? left;
  if (wanted > left || wanted === 0n)
    throw billingErrors.refund_exceeds_charge({ data: { refundable: toCredits(left) } });
  const parts = refundParts(charged, wanted);
  const debt = books.uncoveredConsumption;
  charged.refunded += wanted;
  books.refundedCharges.add(charged);
  const lots = parts.lots.map((part) => books.refill(part));
  // The overdraft of this charge has been covered since, by lots that can no longer be told apart.
  const paidOff = parts.uncovered > debt ? parts.uncovered - debt : 0n;
  if (paidOff > 0n) {
    const lotId = books.nextId();
    books.addLot({ id: lotId, amount: paidOff, category: 'paid', priority: 0, expiresAt: null, source: 'refund' });
    lots.push({ lotId, remaining: paidOff, reserved: 0n });
  }
  const entry = books.post({
    type: 'refund',
    amount: wanted,
    postings: { consumed: -wanted, available: wanted - parts.receivable, receivable: parts.receivable },
    notes: { key, actorId, kind: charged.kind, ...(reason !== null && { detail: { reason } }) },
    subject: charged,
    usage: -wanted,
    usageAt: charged.usageAt,
    sourceId: charged.id,
    lots,
  });
  books.applyFreedCredits(entry);
  return {
    status: 201,
    body: {
      id: entry.id,
      chargeId,
      amount: toCredits(wanted),
      refunded: toCredits(charged.refunded),
      balance: toCredits(books.balances.available),
      allocations: lots.map(({ lotId, remaining }) => ({ lotId, amount: toCredits(remaining) })),
      createdAt: new Date(entry.at).toISOString(),
    },
  };
}
