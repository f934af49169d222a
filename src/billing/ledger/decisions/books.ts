import type { Micro } from '../../../common/money/index.js';
import { billingErrors } from '../billing.errors.js';
import { inBurnOrder, inExpiryOrder } from './burn-order.js';
import type { LedgerEntry, EntryNotes, EntryType, Postings } from './entry.js';
import {
  type AccountName,
  type Balances,
  type Category,
  type Charge,
  type Hold,
  type EpochMs,
  type Lot,
  type LotChange,
  type LotPart,
  type OrganizationState,
  type Subject,
} from './state.js';
import { windowStart } from './windows.js';

/** Leaves room below the limit of bigint, so no sum of a batch can overflow. */
const MAX_BALANCE: Micro = 4_000_000_000_000_000_000n;

export const NO_SUBJECT: Subject = { unitId: null, memberId: null, apiKeyId: null };
const SYSTEM_NOTES: EntryNotes = { key: null, actorId: null };

export interface NewEntry {
  type: EntryType;
  amount: Micro;
  postings: Postings;
  notes: EntryNotes;
  subject?: Subject;
  usage?: Micro;
  usageAt?: EpochMs;
  sourceId?: string | null;
  lots?: readonly LotChange[];
}

export interface NewLot {
  id: string;
  amount: Micro;
  category: Category;
  priority: number;
  expiresAt: EpochMs | null;
  source: 'grant' | 'top_up' | 'refund' | 'adjustment';
}

/** Records that an entry brought available below a threshold. */
export interface ThresholdCrossing {
  readonly seq: bigint;
  readonly at: EpochMs;
  readonly threshold: Micro;
  readonly available: Micro;
}

const freeOf = (lot: Lot): Micro => lot.remaining - lot.reserved;
const sumOf = (parts: readonly LotPart[]): Micro => parts.reduce((sum, { amount }) => sum + amount, 0n);

/**
 * Holds one organization's books while a batch is decided: balances, lots and holds, and the rows to write. Pure: it
 * uses no database and no clock.
 *
 * Credits that no lot covers are drawn on the overdraft. While there are some, no lot has free credits. As soon as a lot
 * has, `coverOverdraft` uses them. So `available` is the sum of free credits, or the overdraft in use as a negative number.
 */
export class Books {
  readonly entries: LedgerEntry[] = [];
  readonly newLots = new Set<Lot>();
  readonly changedLots = new Set<Lot>();
  readonly newHolds = new Set<Hold>();
  readonly changedHolds = new Set<Hold>();
  readonly refundedCharges = new Set<Charge>();
  readonly crossings: ThresholdCrossing[] = [];
  owedChanged = false;
  /** Instant of the current decision. */
  at: EpochMs;
  /** Lots with free credits, in burn order. */
  private readonly burnable: Lot[];
  private free: Micro = 0n;

  constructor(
    readonly state: OrganizationState,
    private readonly newId: () => string,
  ) {
    this.at = state.lastAt;
    this.burnable = [...state.lots.values()].filter((lot) => freeOf(lot) > 0n).sort(inBurnOrder);
    for (const lot of this.burnable) this.free += freeOf(lot);
  }

  get balances(): Balances {
    return this.state.balances;
  }

  /** The most that a new charge may take. */
  get spendable(): Micro {
    return this.balances.available + this.state.overdraftLimit;
  }

  nextId(): string {
    return this.newId();
  }

  /** Applies all expiries due until `now`, in order, each dated at its own instant. */
  advance(now: EpochMs): void {
    const due = [...this.state.holds.values()].filter((hold) => hold.state === 'open' && hold.expiresAt <= now);
    due.sort((a, b) => a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1));
    for (const hold of due) {
      this.expireLots(hold.expiresAt);
      this.at = Math.max(this.at, hold.expiresAt);
      this.release(hold, 'expired', 'hold_expiry', SYSTEM_NOTES);
    }
    this.expireLots(now);
    this.at = Math.max(this.at, now);
  }

  /** Rejects an amount that would bring a balance above `MAX_BALANCE`. */
  assertRoomFor(amount: Micro): void {
    const { available, held, consumed, expired } = this.balances;
    if (available + held + consumed + expired + amount > MAX_BALANCE) throw billingErrors.balance_too_large();
  }

  /** Adds an entry and updates the balances. */
  post(entry: NewEntry): LedgerEntry {
    const { balances } = this;
    for (const account in entry.postings) {
      balances[account as AccountName] += entry.postings[account as AccountName] ?? 0n;
    }
    this.state.seq += 1n;
    const { notes, subject = NO_SUBJECT } = entry;
    const written: LedgerEntry = {
      seq: this.state.seq,
      id: this.newId(),
      type: entry.type,
      kind: notes.kind ?? entry.type,
      at: this.at,
      amount: entry.amount,
      postings: entry.postings,
      usage: entry.usage ?? 0n,
      usageAt: entry.usageAt ?? this.at,
      unitId: subject.unitId,
      memberId: subject.memberId,
      apiKeyId: subject.apiKeyId,
      sourceId: entry.sourceId ?? null,
      lots: entry.lots ?? [],
      settled: [],
      available: balances.available,
      held: balances.held,
      consumed: balances.consumed,
      reference: notes.reference ?? null,
      detail: notes.detail ?? null,
      actorId: notes.actorId,
      key: notes.key,
    };
    this.entries.push(written);
    if (this.state.thresholds.length > 0) this.recordCrossings(written);
    this.countUsage(written);
    return written;
  }

  private recordCrossings({ seq, at, available, postings }: LedgerEntry): void {
    const before = available - (postings.available ?? 0n);
    for (const threshold of this.state.thresholds) {
      if (before >= threshold && available < threshold) this.crossings.push({ seq, at, threshold, available });
    }
  }

  addLot(lot: NewLot): Lot {
    const added: Lot = { effectiveAt: this.at, remaining: lot.amount, reserved: 0n, ...lot };
    this.newLots.add(added);
    this.state.lots.set(added.id, added);
    this.addFree(added, lot.amount);
    return added;
  }

  addHold(hold: Hold): void {
    this.newHolds.add(hold);
    this.state.holds.set(hold.id, hold);
  }

  /** Burns up to `amount` of the free credits, in burn order. */
  burn(amount: Micro): LotPart[] {
    return this.take(amount, (lot, part) => (lot.remaining -= part));
  }

  /** Reserves up to `amount` of the free credits, in burn order. */
  reserve(amount: Micro): LotPart[] {
    return this.take(amount, (lot, part) => (lot.reserved += part));
  }

  /** Returns credits that a charge burned to their lot. */
  refill({ lotId, amount }: LotPart): LotChange {
    const lot = this.lot(lotId);
    lot.remaining += amount;
    this.markLotChanged(lot);
    this.addFree(lot, amount);
    return { lotId, remaining: amount, reserved: 0n };
  }

  /**
   * Ends a hold: burns `captured` from its lots and releases the rest. Usage beyond its lots is drawn on the overdraft.
   * Returns the changes to the lots, burned parts in burn order.
   */
  resolveLots(hold: Hold, captured: Micro): LotChange[] {
    let toBurn = captured;
    const changes = hold.parts.map(({ lotId, amount }) => {
      const lot = this.lot(lotId);
      const burned = toBurn < amount ? toBurn : amount;
      toBurn -= burned;
      lot.remaining -= burned;
      lot.reserved -= amount;
      this.markLotChanged(lot);
      this.addFree(lot, amount - burned);
      return { lotId, remaining: -burned, reserved: -amount };
    });
    hold.parts = [];
    hold.uncovered = 0n;
    this.markHoldChanged(hold);
    return changes;
  }

  /** Makes all of a hold available again. */
  release(hold: Hold, state: 'voided' | 'expired', type: EntryType, notes: EntryNotes): LedgerEntry {
    hold.state = state;
    hold.resolvedAt = this.at;
    const lots = this.resolveLots(hold, 0n);
    const entry = this.post({
      type,
      amount: hold.amount,
      postings: { held: -hold.amount, available: hold.amount },
      notes: { kind: hold.kind, reference: hold.reference, ...notes },
      subject: hold,
      usage: -hold.amount,
      usageAt: hold.createdAt,
      sourceId: hold.id,
      lots,
    });
    this.applyFreedCredits(entry);
    return entry;
  }

  /** Runs after lots gained free credits: expires lots that have ended, covers the overdraft, then settles what is owed. */
  applyFreedCredits(entry: LedgerEntry): void {
    this.expireLots(this.at);
    this.coverOverdraft(entry);
    this.settleOwed(entry);
  }

  /** Adds to what is owed, for a claw-back that found no credits. */
  owe(amount: Micro): void {
    if (amount === 0n) return;
    this.state.owed += amount;
    this.owedChanged = true;
  }

  /** Reduces what is owed by up to `amount` and returns by how much. */
  forgive(amount: Micro): Micro {
    const part = this.state.owed < amount ? this.state.owed : amount;
    if (part === 0n) return 0n;
    this.state.owed -= part;
    this.owedChanged = true;
    return part;
  }

  /** Burns up to `amount` of the free credits of one lot. */
  burnOf(lotId: string, amount: Micro): LotPart[] {
    const lot = this.lot(lotId);
    const free = freeOf(lot);
    const part = free < amount ? free : amount;
    if (part <= 0n) return [];
    lot.remaining -= part;
    this.free -= part;
    if (part === free) this.burnable.splice(this.burnable.indexOf(lot), 1);
    this.markLotChanged(lot);
    return [{ lotId, amount: part }];
  }

  markHoldChanged(hold: Hold): void {
    if (!this.newHolds.has(hold)) this.changedHolds.add(hold);
  }

  lot(id: string): Lot {
    const lot = this.state.lots.get(id);
    if (!lot) throw new Error(`lot ${id} was not read`);
    return lot;
  }

  /** Finds a charge or capture that was read or was made in this batch. */
  charge(id: string): Charge | undefined {
    const known = this.state.charges.get(id);
    if (known) return known;
    const entry = this.entries.find((one) => one.id === id && (one.type === 'charge' || one.type === 'capture'));
    if (!entry) return undefined;
    const made = chargeOf(entry);
    this.state.charges.set(id, made);
    return made;
  }

  /** Consumption that no lot covers. */
  get uncoveredConsumption(): Micro {
    return this.free - this.balances.available - sumUncovered(this.uncoveredHolds());
  }

  private uncoveredHolds(): Hold[] {
    return [...this.state.holds.values()].filter((hold) => hold.state === 'open' && hold.uncovered > 0n);
  }

  /** Covers the overdraft with free credits: consumption first, then holds, oldest first. */
  private coverOverdraft(entry: LedgerEntry): void {
    if (this.free === 0n || this.free === this.balances.available) return;
    for (const part of this.burn(this.uncoveredConsumption)) {
      entry.settled.push({ lotId: part.lotId, remaining: -part.amount, reserved: 0n });
    }
    const holds = this.uncoveredHolds().sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    for (const hold of holds) {
      const parts = this.reserve(hold.uncovered);
      if (parts.length === 0) return;
      this.addParts(hold, parts);
      hold.uncovered -= sumOf(parts);
      this.markHoldChanged(hold);
      for (const { lotId, amount } of parts) entry.settled.push({ lotId, remaining: 0n, reserved: amount });
    }
  }

  /** Pays what claw-backs left owed with free credits. */
  private settleOwed({ id }: LedgerEntry): void {
    const amount = this.state.owed < this.free ? this.state.owed : this.free;
    if (amount === 0n) return;
    const parts = this.burn(amount);
    this.state.owed -= amount;
    this.owedChanged = true;
    this.post({
      type: 'settlement',
      amount,
      postings: { available: -amount, receivable: amount },
      notes: SYSTEM_NOTES,
      sourceId: id,
      lots: parts.map((part) => ({ lotId: part.lotId, remaining: -part.amount, reserved: 0n })),
    });
  }

  /** Merges parts into a hold, one per lot and in burn order, because a capture burns them in that order. */
  private addParts(hold: Hold, parts: readonly LotPart[]): void {
    const amounts = new Map<string, Micro>();
    for (const { lotId, amount } of [...hold.parts, ...parts]) {
      amounts.set(lotId, (amounts.get(lotId) ?? 0n) + amount);
    }
    hold.parts = [...amounts].map(([lotId, amount]) => ({ lotId, amount }));
    hold.parts.sort((a, b) => inBurnOrder(this.lot(a.lotId), this.lot(b.lotId)));
  }

  private expireLots(until: EpochMs): void {
    const due = this.burnable.filter((lot) => lot.expiresAt !== null && lot.expiresAt <= until).sort(inExpiryOrder);
    for (const lot of due) {
      const rest = freeOf(lot);
      this.at = Math.max(this.at, lot.expiresAt ?? 0);
      lot.remaining -= rest;
      this.free -= rest;
      this.burnable.splice(this.burnable.indexOf(lot), 1);
      this.markLotChanged(lot);
      this.post({
        type: 'lot_expiry',
        amount: rest,
        postings: { available: -rest, expired: rest },
        notes: SYSTEM_NOTES,
        sourceId: lot.id,
        lots: [{ lotId: lot.id, remaining: -rest, reserved: 0n }],
      });
    }
  }

  private take(amount: Micro, from: (lot: Lot, part: Micro) => void): LotPart[] {
    const parts: LotPart[] = [];
    let missing = amount;
    while (missing > 0n) {
      const [lot] = this.burnable;
      if (!lot) break;
      const free = freeOf(lot);
      const part = free < missing ? free : missing;
      from(lot, part);
      missing -= part;
      this.free -= part;
      if (part === free) this.burnable.shift();
      this.markLotChanged(lot);
      parts.push({ lotId: lot.id, amount: part });
    }
    return parts;
  }

  /** Adds `amount` to the free credits of a lot. */
  private addFree(lot: Lot, amount: Micro): void {
    if (amount === 0n) return;
    this.free += amount;
    if (this.burnable.includes(lot)) return;
    const next = this.burnable.findIndex((other) => inBurnOrder(lot, other) < 0);
    this.burnable.splice(next < 0 ? this.burnable.length : next, 0, lot);
  }

  private markLotChanged(lot: Lot): void {
    if (!this.newLots.has(lot)) this.changedLots.add(lot);
  }

  /** Adds the usage of an entry to the limits whose current window contains it. */
  private countUsage(entry: LedgerEntry): void {
    if (entry.usage === 0n) return;
    const { limits, now, timeZone } = this.state;
    for (const limit of limits) {
      if (!limitApplies(limit.scope, limit.subjectId, entry)) continue;
      const start = windowStart(limit.window, now, timeZone);
      if (windowStart(limit.window, entry.usageAt, timeZone) === start) limit.used += entry.usage;
    }
  }
}

const chargeOf = (entry: LedgerEntry): Charge => ({
  id: entry.id,
  amount: entry.postings.consumed ?? 0n,
  kind: entry.kind,
  usageAt: entry.usageAt,
  parts: entry.lots
    .filter(({ remaining }) => remaining < 0n)
    .map(({ lotId, remaining }) => ({ lotId, amount: -remaining })),
  receivable: -(entry.postings.receivable ?? 0n),
  refunded: 0n,
  unitId: entry.unitId,
  memberId: entry.memberId,
  apiKeyId: entry.apiKeyId,
});

const sumUncovered = (holds: readonly Hold[]): Micro => holds.reduce((sum, { uncovered }) => sum + uncovered, 0n);

const SUBJECT_OF = { unit: 'unitId', member: 'memberId', api_key: 'apiKeyId' } as const;

/** Tells whether a limit counts the usage of a subject. */
export const limitApplies = (
  scope: keyof typeof SUBJECT_OF | 'organization',
  subjectId: string,
  subject: Subject,
): boolean => scope === 'organization' || subject[SUBJECT_OF[scope]] === subjectId;
