import { ACCOUNTS, type AccountName, type Balances } from '../decisions/state.js';

type Text = string;

/** An entry as stored. */
export interface EntryLine extends Record<AccountName, Text> {
  seq: Text;
  id: Text;
  type: Text;
  amount: Text;
  availableAfter: Text;
  heldAfter: Text;
  consumedAfter: Text;
  createdAt: Date;
  sourceId: Text | null;
  lots: [Text, Text, Text][];
  settled: [Text, Text, Text][] | null;
}

export interface StoredBooks {
  account: Record<AccountName, Text> & { seq: Text; overdraftLimit: Text; owed: Text };
  lots: { id: Text; remaining: Text; reserved: Text }[];
  holds: { id: Text; amount: Text; state: Text; captured: Text }[];
  refunds: { chargeId: Text; charged: Text; refunded: Text }[];
  /** Entry numbers of accepted keys, sorted. */
  keys: Text[];
}

/** Types of entries that change the owed amount. */
const OWING = ['claw_back', 'claw_back_release', 'settlement'];

interface CountedCharge {
  amount: bigint;
  refunded: bigint;
}

/** The first difference between stored and recomputed values. */
export class Discrepancy extends Error {}

function assertSame(what: string, is: bigint | string, should: bigint | string): void {
  if (is !== should) throw new Discrepancy(`${what} is ${is} and should be ${should}`);
}

/**
 * Recomputes the ledger of an organization from its entries alone, in micro-credits, and reports the first discrepancy.
 * Pure, and independent of the sums in the database.
 */
export class Recount {
  private readonly balances = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Balances;
  private readonly lots = new Map<string, { remaining: bigint; reserved: bigint }>();
  private readonly held = new Map<string, bigint>();
  private readonly charges = new Map<string, CountedCharge>();
  private owed = 0n;
  private seq = 0n;
  private at = 0;

  get entries(): number {
    return Number(this.seq);
  }

  /** Adds the next entry. Throws a `Discrepancy`. */
  add(line: EntryLine): void {
    this.seq += 1n;
    const name = `entry ${line.seq} (${line.type})`;
    assertSame(`the number after ${this.seq - 1n}`, line.seq, String(this.seq));
    const least = line.type === 'charge' ? 0n : 1n;
    if (BigInt(line.amount) < least) throw new Discrepancy(`${name} moves ${line.amount}`);
    let sum = 0n;
    for (const account of ACCOUNTS) {
      const change = BigInt(line[account]);
      sum += change;
      this.balances[account] += change;
    }
    assertSame(`the sum of ${name}`, sum, 0n);
    assertSame(`available after ${name}`, BigInt(line.availableAfter), this.balances.available);
    assertSame(`held after ${name}`, BigInt(line.heldAfter), this.balances.held);
    assertSame(`consumed after ${name}`, BigInt(line.consumedAfter), this.balances.consumed);
    if (line.createdAt.getTime() < this.at) throw new Discrepancy(`${name} is dated before the previous entry`);
    this.at = line.createdAt.getTime();
    if (OWING.includes(line.type)) this.owed -= BigInt(line.receivable);
    this.changeLots(name, line);
    this.changeHold(name, line);
    this.changeCharge(name, line);
  }

  private changeLots(name: string, { lots, settled }: EntryLine): void {
    for (const [id, remaining, reserved] of [...lots, ...(settled ?? [])]) {
      const lot = this.lots.get(id) ?? { remaining: 0n, reserved: 0n };
      lot.remaining += BigInt(remaining);
      lot.reserved += BigInt(reserved);
      this.lots.set(id, lot);
    }
    for (const [id] of lots) {
      const lot = this.lots.get(id);
      if (lot && (lot.reserved < 0n || lot.reserved > lot.remaining)) {
        throw new Discrepancy(`lot ${id} has ${lot.reserved} reserved of ${lot.remaining} after ${name}`);
      }
    }
  }

  private changeHold(name: string, line: EntryLine): void {
    const change = BigInt(line.held);
    if (change === 0n) return;
    const id = line.sourceId ?? '';
    if (change > 0n) {
      if (this.held.has(id)) throw new Discrepancy(`${name} holds ${id} again`);
      this.held.set(id, change);
      return;
    }
    assertSame(`the amount that ${name} releases of hold ${id}`, -change, this.held.get(id) ?? 0n);
    this.held.set(id, 0n);
  }

  private changeCharge(name: string, line: EntryLine): void {
    const consumed = BigInt(line.consumed);
    if (consumed > 0n) this.charges.set(line.id, { amount: consumed, refunded: 0n });
    if (consumed >= 0n) return;
    const charge = this.charges.get(line.sourceId ?? '');
    if (!charge) throw new Discrepancy(`${name} refunds an unknown charge: ${line.sourceId}`);
    charge.refunded -= consumed;
    if (charge.refunded > charge.amount) throw new Discrepancy(`${name} refunds more than charge ${line.sourceId}`);
  }

  /** Compares the result with the stored rows. Throws a `Discrepancy`. */
  compare({ account, lots, holds, refunds, keys }: StoredBooks): void {
    assertSame('the last number', BigInt(account.seq), this.seq);
    for (const name of ACCOUNTS) assertSame(`the balance of ${name}`, BigInt(account[name]), this.balances[name]);
    assertSame('the owed amount', BigInt(account.owed), this.owed);
    if (this.balances.held < 0n) throw new Discrepancy('the held balance is negative');
    if (this.balances.available < -BigInt(account.overdraftLimit))
      throw new Discrepancy(`available is ${this.balances.available}, below the overdraft limit`);
    this.compareLots(lots);
    this.compareHolds(holds);
    for (const { chargeId, charged, refunded } of refunds) {
      assertSame(`the amount of charge ${chargeId}`, BigInt(charged), this.charges.get(chargeId)?.amount ?? 0n);
      assertSame(
        `the refunded amount of charge ${chargeId}`,
        BigInt(refunded),
        this.charges.get(chargeId)?.refunded ?? 0n,
      );
    }
    const known = new Set(refunds.map(({ chargeId }) => chargeId));
    for (const [id, { refunded }] of this.charges) {
      if (refunded > 0n && !known.has(id))
        throw new Discrepancy(`no record of the refund of ${refunded} for charge ${id}`);
    }
    keys.forEach((seq, index) => {
      if (seq === keys[index - 1]) throw new Discrepancy(`two keys refer to entry ${seq}`);
      if (BigInt(seq) > this.seq) throw new Discrepancy(`a key refers to the unknown entry ${seq}`);
    });
  }

  private compareLots(lots: StoredBooks['lots']): void {
    let remaining = 0n;
    for (const lot of lots) {
      const counted = this.lots.get(lot.id) ?? { remaining: 0n, reserved: 0n };
      assertSame(`the remaining amount of lot ${lot.id}`, BigInt(lot.remaining), counted.remaining);
      assertSame(`the reserved amount of lot ${lot.id}`, BigInt(lot.reserved), counted.reserved);
      remaining += counted.remaining;
    }
    assertSame('the number of lots', String(lots.length), String(this.lots.size));
    const { available, held } = this.balances;
    if (available >= 0n) assertSame('the remaining amount of all lots', remaining, available + held);
  }

  private compareHolds(holds: StoredBooks['holds']): void {
    for (const { id, amount, state, captured } of holds) {
      assertSame(`the amount of hold ${id}`, state === 'open' ? BigInt(amount) : 0n, this.held.get(id) ?? 0n);
      if (BigInt(captured) > BigInt(amount)) throw new Discrepancy(`more of hold ${id} was captured than held`);
    }
    const known = new Set(holds.map(({ id }) => id));
    for (const [id] of this.held) if (!known.has(id)) throw new Discrepancy(`hold ${id} does not exist`);
  }
}
