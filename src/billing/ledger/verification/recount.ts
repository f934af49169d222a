import { ACCOUNTS, type AccountName, type Balances } from '../decisions/state.js';

type Text = string;

/** As stored. */
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

export interface Stored {
  account: Record<AccountName, Text> & { seq: Text; overdraftLimit: Text; owed: Text };
  lots: { id: Text; remaining: Text; reserved: Text }[];
  holds: { id: Text; amount: Text; state: Text; captured: Text }[];
  refunds: { chargeId: Text; charged: Text; refunded: Text }[];
  /** Entry numbers of accepted keys, in order. */
  keys: Text[];
}

interface Counted {
  amount: bigint;
  refunded: bigint;
}

/** The first thing that is not as it must be. */
export class Difference extends Error {}

function same(what: string, is: bigint | string, should: bigint | string): void {
  if (is !== should) throw new Difference(`${what} is ${is} and should be ${should}`);
}

/**
 * Recomputes an organization's books from its entries alone, one after the other, in whole micro-credits, and names the
 * first difference. Pure; the database's own sums are not asked.
 */
export class Recount {
  private readonly balances = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Balances;
  private readonly lots = new Map<string, { remaining: bigint; reserved: bigint }>();
  private readonly held = new Map<string, bigint>();
  private readonly charges = new Map<string, Counted>();
  private owed = 0n;
  private seq = 0n;
  private at = 0;

  get entries(): number {
    return Number(this.seq);
  }

  /** Throws Difference. */
  add(line: EntryLine): void {
    this.seq += 1n;
    const name = `entry ${line.seq} (${line.type})`;
    same(`the number after ${this.seq - 1n}`, line.seq, String(this.seq));
    if (BigInt(line.amount) <= 0n) throw new Difference(`${name} moves ${line.amount}`);
    let sum = 0n;
    for (const account of ACCOUNTS) {
      const change = BigInt(line[account]);
      sum += change;
      this.balances[account] += change;
    }
    same(`the sum of ${name}`, sum, 0n);
    same(`available after ${name}`, BigInt(line.availableAfter), this.balances.available);
    same(`held after ${name}`, BigInt(line.heldAfter), this.balances.held);
    same(`consumed after ${name}`, BigInt(line.consumedAfter), this.balances.consumed);
    if (line.createdAt.getTime() < this.at) throw new Difference(`${name} is before the entry before it`);
    this.at = line.createdAt.getTime();
    if (line.type === 'claw_back' || line.type === 'settlement') this.owed -= BigInt(line.receivable);
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
        throw new Difference(`lot ${id} has ${lot.reserved} reserved of ${lot.remaining} after ${name}`);
      }
    }
  }

  private changeHold(name: string, line: EntryLine): void {
    const change = BigInt(line.held);
    if (change === 0n) return;
    const id = line.sourceId ?? '';
    if (change > 0n) {
      if (this.held.has(id)) throw new Difference(`${name} holds ${id} again`);
      this.held.set(id, change);
      return;
    }
    same(`what ${name} lets go of hold ${id}`, -change, this.held.get(id) ?? 0n);
    this.held.set(id, 0n);
  }

  private changeCharge(name: string, line: EntryLine): void {
    const consumed = BigInt(line.consumed);
    if (consumed > 0n) this.charges.set(line.id, { amount: consumed, refunded: 0n });
    if (consumed >= 0n) return;
    const charge = this.charges.get(line.sourceId ?? '');
    if (!charge) throw new Difference(`${name} gives back a charge that is not there: ${line.sourceId}`);
    charge.refunded -= consumed;
    if (charge.refunded > charge.amount) throw new Difference(`${name} gives back more than ${line.sourceId} was`);
  }

  /** Throws Difference. */
  compare({ account, lots, holds, refunds, keys }: Stored): void {
    same('the last number', BigInt(account.seq), this.seq);
    for (const name of ACCOUNTS) same(`the balance of ${name}`, BigInt(account[name]), this.balances[name]);
    same('what is owed', BigInt(account.owed), this.owed);
    if (this.balances.held < 0n) throw new Difference('less than nothing is held');
    if (this.balances.available < -BigInt(account.overdraftLimit))
      throw new Difference(`available is ${this.balances.available}, below the overdraft limit`);
    this.compareLots(lots);
    this.compareHolds(holds);
    for (const { chargeId, charged, refunded } of refunds) {
      same(`what charge ${chargeId} was`, BigInt(charged), this.charges.get(chargeId)?.amount ?? 0n);
      same(`what of charge ${chargeId} was given back`, BigInt(refunded), this.charges.get(chargeId)?.refunded ?? 0n);
    }
    const known = new Set(refunds.map(({ chargeId }) => chargeId));
    for (const [id, { refunded }] of this.charges) {
      if (refunded > 0n && !known.has(id))
        throw new Difference(`nothing says that ${refunded} of charge ${id} was given back`);
    }
    keys.forEach((seq, index) => {
      if (seq === keys[index - 1]) throw new Difference(`two keys stand for entry ${seq}`);
      if (BigInt(seq) > this.seq) throw new Difference(`a key stands for entry ${seq}, which is not there`);
    });
  }

  private compareLots(lots: Stored['lots']): void {
    let remaining = 0n;
    for (const lot of lots) {
      const counted = this.lots.get(lot.id) ?? { remaining: 0n, reserved: 0n };
      same(`what remains of lot ${lot.id}`, BigInt(lot.remaining), counted.remaining);
      same(`what is reserved of lot ${lot.id}`, BigInt(lot.reserved), counted.reserved);
      remaining += counted.remaining;
    }
    same('the number of lots', String(lots.length), String(this.lots.size));
    const { available, held } = this.balances;
    if (available >= 0n) same('what remains of all lots', remaining, available + held);
  }

  private compareHolds(holds: Stored['holds']): void {
    for (const { id, amount, state, captured } of holds) {
      same(`what hold ${id} keeps`, state === 'open' ? BigInt(amount) : 0n, this.held.get(id) ?? 0n);
      if (BigInt(captured) > BigInt(amount)) throw new Difference(`more of hold ${id} was captured than held`);
    }
    const known = new Set(holds.map(({ id }) => id));
    for (const [id] of this.held) if (!known.has(id)) throw new Difference(`there is no hold ${id}`);
  }
}
