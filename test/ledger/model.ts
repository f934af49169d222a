/*
 * What credits do, written once more from the design alone and for nothing but being plainly right: it shares no code with
 * the product, keeps explicit debts where the product derives them, and sums up whole histories where the product counts.
 */

export interface ModelLot {
  name: string;
  priority: number;
  paid: boolean;
  born: number;
  order: number;
  ends: number;
  left: bigint;
  /** Kept for a hold, by its name. */
  kept: Map<string, bigint>;
}

interface ModelHold {
  name: string;
  amount: bigint;
  born: number;
  order: number;
  ends: number;
  state: 'open' | 'captured' | 'voided' | 'expired';
  owes: bigint;
  unit: string | null;
  member: string | null;
}

interface ModelCharge {
  amount: bigint;
  refunded: bigint;
  /** Lots it used up, in order. */
  used: [lot: string, amount: bigint][];
  owed: bigint;
  never: bigint;
  at: number;
  unit: string | null;
  member: string | null;
}

export interface ModelLimit {
  scope: 'organization' | 'unit' | 'member';
  of: string;
  window: 'day' | 'week' | 'month' | 'lifetime';
  most: bigint;
}

interface Use {
  at: number;
  amount: bigint;
  unit: string | null;
  member: string | null;
}

export type Verdict =
  'ok' | 'frozen' | 'insufficient' | 'limit' | 'not_found' | 'resolved' | 'exceeds' | 'refund_exceeds' | 'past';

const DAY = 86_400_000;

/** Begin of the window `at` lies in; written with days counted from 1970-01-01, a Thursday. */
function begin(window: ModelLimit['window'], at: number): number {
  const day = Math.floor(at / DAY);
  if (window === 'lifetime') return Number.NEGATIVE_INFINITY;
  if (window === 'day') return day * DAY;
  if (window === 'week') return (day - ((day + 3) % 7)) * DAY;
  return Date.parse(`${new Date(at).toISOString().slice(0, 7)}-01T00:00:00Z`);
}

const sum = (values: Iterable<bigint>): bigint => {
  let total = 0n;
  for (const value of values) total += value;
  return total;
};

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export class Model {
  available = 0n;
  held = 0n;
  consumed = 0n;
  expired = 0n;
  receivable = 0n;
  /** Clawed back when nothing was there to take; part of what is receivable. */
  owed = 0n;
  /** Consumed on the overdraft and not paid off yet. */
  debt = 0n;
  now = 0;
  readonly lots = new Map<string, ModelLot>();
  readonly holds = new Map<string, ModelHold>();
  readonly charges = new Map<string, ModelCharge>();
  readonly uses: Use[] = [];
  /** What claw-backs took from lots, by the purchased lot. */
  private readonly taken = new Map<string, [string, bigint][]>();
  private order = 0;

  constructor(
    readonly overdraft: bigint,
    readonly limits: readonly ModelLimit[],
  ) {}

  private free(lot: ModelLot): bigint {
    return lot.left - sum(lot.kept.values());
  }

  private spendingOrder(which = (lot: ModelLot): boolean => this.free(lot) > 0n): ModelLot[] {
    return [...this.lots.values()]
      .filter(which)
      .sort(
        (a, b) =>
          a.priority - b.priority ||
          (a.ends === b.ends ? 0 : a.ends - b.ends) ||
          Number(a.paid) - Number(b.paid) ||
          a.born - b.born ||
          a.order - b.order,
      );
  }

  /** Minute by minute would be simplest; this walks from one instant at which something ends to the next. */
  pass(until: number): void {
    for (;;) {
      const ends = [
        ...[...this.lots.values()].filter((lot) => this.free(lot) > 0n).map((lot) => lot.ends),
        ...[...this.holds.values()].filter((hold) => hold.state === 'open').map((hold) => hold.ends),
      ].filter((end) => end <= until);
      if (ends.length === 0) break;
      const instant = Math.min(...ends);
      this.now = Math.max(this.now, instant);
      this.loseEnded(instant);
      const ended = [...this.holds.values()]
        .filter((hold) => hold.state === 'open' && hold.ends === instant)
        .sort((a, b) => a.order - b.order);
      for (const hold of ended) this.letGo(hold, 'expired');
    }
    this.now = Math.max(this.now, until);
  }

  private loseEnded(instant: number): void {
    for (const lot of this.lots.values()) {
      const rest = this.free(lot);
      if (lot.ends > instant || rest <= 0n) continue;
      lot.left -= rest;
      this.available -= rest;
      this.expired += rest;
    }
  }

  private letGo(hold: ModelHold, state: 'voided' | 'expired'): void {
    hold.state = state;
    for (const lot of this.lots.values()) lot.kept.delete(hold.name);
    hold.owes = 0n;
    this.held -= hold.amount;
    this.available += hold.amount;
    this.uses.push({ at: hold.born, amount: -hold.amount, unit: hold.unit, member: hold.member });
    this.afterRelease();
  }

  /** What became free on ended lots is lost, the rest pays debts: what was used first, then holds by age. */
  private afterRelease(): void {
    this.loseEnded(this.now);
    for (const lot of this.spendingOrder()) {
      const paid = least(this.debt, this.free(lot));
      lot.left -= paid;
      this.debt -= paid;
    }
    const owing = [...this.holds.values()].filter((hold) => hold.state === 'open' && hold.owes > 0n);
    for (const hold of owing.sort((a, b) => a.born - b.born || a.order - b.order)) this.keep(hold, hold.owes);
    for (const lot of this.spendingOrder()) {
      const part = least(this.owed, this.free(lot));
      lot.left -= part;
      this.owed -= part;
      this.receivable -= part;
      this.available -= part;
    }
  }

  private keep(hold: ModelHold, amount: bigint): void {
    let missing = amount;
    for (const lot of this.spendingOrder()) {
      const part = least(missing, this.free(lot));
      if (part === 0n) break;
      lot.kept.set(hold.name, (lot.kept.get(hold.name) ?? 0n) + part);
      missing -= part;
    }
    hold.owes = missing;
  }

  private use(amount: bigint): ModelCharge['used'] {
    const used: ModelCharge['used'] = [];
    let missing = amount;
    for (const lot of this.spendingOrder()) {
      const part = least(missing, this.free(lot));
      if (part === 0n) break;
      lot.left -= part;
      used.push([lot.name, part]);
      missing -= part;
    }
    this.debt += missing;
    return used;
  }

  private mayUse(amount: bigint, of: { unit: string | null; member: string | null }, overdraft = true): Verdict {
    if (amount > this.available + (overdraft ? this.overdraft : 0n)) return 'insufficient';
    for (const limit of this.limits) {
      if (limit.scope === 'unit' && limit.of !== of.unit) continue;
      if (limit.scope === 'member' && limit.of !== of.member) continue;
      const start = begin(limit.window, this.now);
      const counted = this.uses.filter(
        (use) =>
          use.at >= start &&
          (limit.scope === 'organization' || (limit.scope === 'unit' ? use.unit : use.member) === limit.of),
      );
      if (sum(counted.map((use) => use.amount)) + amount > limit.most) return 'limit';
    }
    return 'ok';
  }

  grant(name: string, amount: bigint, priority: number, paid: boolean, ends: number): Verdict {
    if (ends <= this.now) return 'past';
    this.available += amount;
    this.addLot(name, amount, priority, paid, ends);
    this.afterRelease();
    return 'ok';
  }

  private addLot(name: string, amount: bigint, priority: number, paid: boolean, ends: number): void {
    const lot = { name, priority, paid, born: this.now, order: this.order++, ends, left: amount, kept: new Map() };
    this.lots.set(name, lot);
  }

  /** A payment was taken back or is disputed; what was frozen before comes back first, then what a failed refund took. */
  reverse(
    name: string,
    thawed: bigint,
    returned: bigint,
    clawed: bigint,
    wanted: bigint,
    newLot: () => string,
  ): bigint {
    const own = this.lots.get(name);
    if (!own) throw new Error(`no lot ${name}`);
    own.left += thawed;
    this.available += thawed;
    const forgiven = least(returned, this.owed);
    this.owed -= forgiven;
    this.receivable -= forgiven;
    this.available += returned - forgiven;
    const taken = this.taken.get(name) ?? [];
    this.taken.set(name, taken);
    for (let rest = returned - forgiven; rest > 0n;) {
      const [from, most] = taken.pop() ?? [null, rest];
      const part = least(rest, most);
      const lot = from === null ? null : this.lots.get(from);
      if (lot) lot.left += part;
      else this.addLot(newLot(), part, 0, true, Number.POSITIVE_INFINITY);
      if (from !== null && part < most) taken.push([from, most - part]);
      rest -= part;
    }
    let missing = clawed;
    for (const lot of this.spendingOrder()) {
      const part = least(missing, this.free(lot));
      lot.left -= part;
      this.available -= part;
      missing -= part;
      if (part > 0n) taken.push([lot.name, part]);
    }
    this.owed += missing;
    this.receivable += missing;
    const frozen = least(wanted, this.free(own));
    own.left -= frozen;
    this.available -= frozen;
    if (thawed + returned + clawed > 0n) this.afterRelease();
    return frozen;
  }

  charge(name: string, amount: bigint, unit: string | null, member: string | null): Verdict {
    return this.owed > 0n ? 'frozen' : this.spend(name, amount, unit, member);
  }

  private spend(name: string, amount: bigint, unit: string | null, member: string | null): Verdict {
    const verdict = this.mayUse(amount, { unit, member });
    if (verdict !== 'ok') return verdict;
    this.available -= amount;
    this.consumed += amount;
    const used = this.use(amount);
    this.remember(name, amount, used, 0n, this.now, unit, member);
    this.uses.push({ at: this.now, amount, unit, member });
    return 'ok';
  }

  private remember(
    name: string,
    amount: bigint,
    used: ModelCharge['used'],
    never: bigint,
    at: number,
    unit: string | null,
    member: string | null,
  ): void {
    const owed = amount - never - sum(used.map(([, part]) => part));
    this.charges.set(name, { amount, refunded: 0n, used, owed, never, at, unit, member });
  }

  hold(name: string, amount: bigint, ttl: number, unit: string | null, member: string | null): Verdict {
    if (this.owed > 0n) return 'frozen';
    const verdict = this.mayUse(amount, { unit, member });
    if (verdict !== 'ok') return verdict;
    this.available -= amount;
    this.held += amount;
    const born = this.now;
    const hold: ModelHold = {
      name,
      amount,
      born,
      order: this.order++,
      ends: born + ttl,
      state: 'open',
      owes: 0n,
      unit,
      member,
    };
    this.keep(hold, amount);
    this.holds.set(name, hold);
    this.uses.push({ at: born, amount, unit, member });
    return 'ok';
  }

  capture(name: string, as: string, wanted: bigint | null, policy: 'reject' | 'available' | 'overdraft'): Verdict {
    const hold = this.holds.get(name);
    if (!hold) return 'not_found';
    if (hold.state === 'captured' || hold.state === 'voided') return 'resolved';
    const amount = wanted ?? hold.amount;
    if (amount > hold.amount && policy === 'reject') return 'exceeds';
    const { unit, member } = hold;
    if (hold.state === 'expired') {
      hold.state = 'captured';
      if (this.spend(as, amount, unit, member) === 'ok') return 'ok';
      this.consumed += amount;
      this.receivable += amount;
      this.remember(as, amount, [], amount, this.now, unit, member);
      this.uses.push({ at: this.now, amount, unit, member });
      return 'ok';
    }
    if (amount > hold.amount) {
      const verdict = this.mayUse(amount - hold.amount, { unit, member }, policy === 'overdraft');
      if (verdict !== 'ok') return verdict;
    }
    hold.state = 'captured';
    const used: ModelCharge['used'] = [];
    let missing = least(amount, hold.amount);
    for (const lot of this.spendingOrder(({ kept }) => kept.has(hold.name))) {
      const kept = lot.kept.get(hold.name) ?? 0n;
      const part = least(kept, missing);
      lot.kept.delete(hold.name);
      lot.left -= part;
      missing -= part;
      if (part > 0n) used.push([lot.name, part]);
    }
    this.debt += missing;
    if (amount > hold.amount) used.push(...this.use(amount - hold.amount));
    hold.owes = 0n;
    this.held -= hold.amount;
    this.consumed += amount;
    this.available += hold.amount - amount;
    this.remember(as, amount, used, 0n, hold.born, unit, member);
    this.uses.push({ at: hold.born, amount: amount - hold.amount, unit, member });
    this.afterRelease();
    return 'ok';
  }

  void(name: string): Verdict {
    const hold = this.holds.get(name);
    if (!hold) return 'not_found';
    if (hold.state !== 'open') return 'resolved';
    this.letGo(hold, 'voided');
    return 'ok';
  }

  extend(name: string, ttl: number): Verdict {
    const hold = this.holds.get(name);
    if (!hold) return 'not_found';
    if (hold.state !== 'open') return 'resolved';
    hold.ends = Math.max(hold.ends, this.now + ttl);
    return 'ok';
  }

  refund(name: string, wanted: bigint | null, newLot: string): Verdict {
    const charge = this.charges.get(name);
    if (!charge) return 'not_found';
    const amount = wanted ?? charge.amount - charge.refunded;
    if (amount === 0n || charge.refunded + amount > charge.amount) return 'refund_exceeds';
    // Credit by credit from the end of what it took: what was never paid, what was owed, its lots backwards.
    const backwards: [to: string, amount: bigint][] = [
      ['never', charge.never],
      ['owed', charge.owed],
      ...charge.used.toReversed(),
    ];
    let skip = charge.refunded;
    let left = amount;
    for (const [to, whole] of backwards) {
      const skipped = least(skip, whole);
      skip -= skipped;
      const part = least(whole - skipped, left);
      left -= part;
      if (part === 0n) continue;
      if (to === 'never') this.receivable -= part;
      else this.available += part;
      if (to === 'owed') {
        const paid = least(part, this.debt);
        this.debt -= paid;
        if (part > paid) this.addLot(newLot, part - paid, 0, true, Number.POSITIVE_INFINITY);
      }
      const lot = this.lots.get(to);
      if (lot) lot.left += part;
    }
    charge.refunded += amount;
    this.consumed -= amount;
    this.uses.push({ at: charge.at, amount: -amount, unit: charge.unit, member: charge.member });
    this.afterRelease();
    return 'ok';
  }

  adjust(amount: bigint, newLot: string): Verdict {
    if (amount < 0n) {
      if (-amount > this.available + this.overdraft) return 'insufficient';
      this.use(-amount);
      this.available += amount;
      return 'ok';
    }
    this.available += amount;
    this.addLot(newLot, amount, 0, false, Number.POSITIVE_INFINITY);
    this.afterRelease();
    return 'ok';
  }
}
