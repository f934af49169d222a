import { isRefusal, type CommandResult } from '../../src/billing/ledger/decisions/command-result.js';
import type { Command, Usage } from '../../src/billing/ledger/decisions/command.js';
import { decide } from '../../src/billing/ledger/decisions/decide.js';
import type { LedgerEntry } from '../../src/billing/ledger/decisions/entry.js';
import {
  type LotPart,
  ACCOUNTS,
  type Balances,
  type Limit,
  type OrganizationState,
} from '../../src/billing/ledger/decisions/state.js';
import { windowStart } from '../../src/billing/ledger/decisions/windows.js';
import { Model, type ModelLimit, type Verdict } from './model.js';
import type { Random } from './random.js';

const START = Date.UTC(2026, 0, 30, 22);
const HOUR = 3_600_000;
const UNITS = ['unit-1', 'unit-2'];
const MEMBERS = ['member-1', 'member-2', 'member-3'];
const ORGANIZATION = 'organization';

const VERDICT_OF: Record<string, Verdict> = {
  'billing.frozen': 'frozen',
  'billing.insufficient_credits': 'insufficient',
  'billing.limit_exceeded': 'limit',
  'billing.hold_not_found': 'not_found',
  'billing.charge_not_found': 'not_found',
  'billing.hold_resolved': 'resolved',
  'billing.capture_exceeds_hold': 'exceeds',
  'billing.refund_exceeds_charge': 'refund_exceeds',
  validation_failed: 'past',
};

const verdictOf = (outcome: CommandResult): Verdict =>
  isRefusal(outcome) ? (VERDICT_OF[String(outcome.body.code)] ?? (String(outcome.body.code) as Verdict)) : 'ok';

/** A command with what it says to the model; the names of what it makes are only known once it is decided. */
interface Step {
  command: Command;
  model: (model: Model, outcome: CommandResult) => Verdict;
  text: string;
}

interface Bought {
  /** What is left to claw back. */
  granted: bigint;
  clawed: bigint;
  frozen: bigint;
  taken: LotPart[];
  busy: boolean;
}

/** One organization's life: the same random commands to the product's decision and to the model. */
export class History {
  readonly model: Model;
  readonly state: OrganizationState;
  readonly entries: LedgerEntry[] = [];
  operations = 0;
  /** Which kinds of commands came to which end. */
  readonly seen = new Set<string>();
  private readonly limits: ModelLimit[];
  private readonly holds: string[] = ['no-such-hold'];
  private readonly charges: string[] = ['no-such-charge'];
  /** Lots that were bought, with what is left to claw back and what is frozen; those of this batch only once. */
  private readonly bought = new Map<string, Bought>();
  private readonly log: string[] = [];
  private ids = 0;
  private now = START;

  constructor(
    private readonly random: Random,
    private readonly decideWith: typeof decide = decide,
  ) {
    const overdraft = random.chance(0.4) ? BigInt(random.below(200)) : 0n;
    this.limits = random.chance(0.5) ? this.someLimits() : [];
    this.model = new Model(overdraft, this.limits);
    this.model.now = START;
    this.state = {
      organizationId: ORGANIZATION,
      status: 'active',
      now: START,
      timeZone: 'UTC',
      lastAt: START,
      seq: 0n,
      balances: Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Balances,
      overdraftLimit: overdraft,
      frozen: false,
      owed: 0n,
      thresholds: [],
      lots: new Map(),
      holds: new Map(),
      charges: new Map(),
      units: new Map(UNITS.map((unit) => [unit, 'active'])),
      unitMembers: new Set(),
      members: new Set(MEMBERS),
      limits: [],
      keys: new Map(),
    };
  }

  /** Throws at the first difference, with all that led to it. */
  live(batches: number): void {
    for (let batch = 0; batch < batches; batch++) {
      this.now += this.random.chance(0.3) ? this.random.below(12 * HOUR) : this.random.below(60_000);
      this.batch(1 + this.random.below(12));
    }
  }

  private batch(size: number): void {
    const { model } = this;
    // Time may stand still or, with another server's clock, be behind: then it is the last entry's.
    const state = Object.assign(this.state, { now: Math.max(this.now, this.state.lastAt), limits: this.counted() });
    this.now = state.now;
    const steps = Array.from({ length: size }, () => this.step());
    const { books, results } = this.decideWith(
      state,
      steps.map(({ command }) => command),
      () => `id-${String(++this.ids).padStart(7, '0')}`,
    );
    this.entries.push(...books.entries);
    // The next decision reads them from the entries.
    for (const { id } of books.entries) books.charge(id);
    state.lastAt = books.entries.at(-1)?.at ?? state.lastAt;
    model.pass(state.now);
    steps.forEach((step, index) => {
      const outcome = results[index];
      if (!outcome) throw new Error('no outcome');
      this.operations++;
      this.seen.add(`${step.command.type} ${verdictOf(outcome)}`);
      this.log.push(step.text);
      const [is, should] = [verdictOf(outcome), step.model(model, outcome)];
      if (is !== should) this.fail(`was ${is} and should be ${should}`);
      const { balance } = outcome.body as { balance?: string };
      if (balance !== undefined) this.same('balance', toMicro(balance), model.available);
      this.learn(step.command, outcome);
    });
    this.compare();
  }

  /** The books against the model, and against themselves (ledger.md 2). */
  private compare(): void {
    const { state, model } = this;
    const { balances } = state;
    this.same('available', balances.available, model.available);
    this.same('held', balances.held, model.held);
    this.same('consumed', balances.consumed, model.consumed);
    this.same('expired', balances.expired, model.expired);
    this.same('receivable', -balances.receivable, model.receivable);
    this.same('owed', state.owed, model.owed);
    this.same('lots', state.lots.size, model.lots.size);
    let remaining = 0n;
    for (const lot of state.lots.values()) {
      const other = model.lots.get(lot.id);
      this.same(`left of ${lot.id}`, lot.remaining, other?.left);
      this.same(
        `kept of ${lot.id}`,
        lot.reserved,
        [...(other?.kept.values() ?? [])].reduce((sum, part) => sum + part, 0n),
      );
      remaining += lot.remaining;
    }
    for (const hold of state.holds.values())
      this.same(`state of ${hold.id}`, hold.state, model.holds.get(hold.id)?.state);
    if (balances.available < -state.overdraftLimit || balances.held < 0n) this.fail('I2');
    if (balances.available >= 0n) this.same('I4', remaining, balances.available + balances.held);
  }

  /** I1 and I3, and what lots are by their entries: once, at the end. */
  audit(): void {
    const sums = Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Balances;
    const lots = new Map<string, [bigint, bigint]>();
    let at = 0;
    for (const [index, entry] of this.entries.entries()) {
      let zero = 0n;
      for (const account of ACCOUNTS) {
        zero += entry.postings[account] ?? 0n;
        sums[account] += entry.postings[account] ?? 0n;
      }
      if (zero !== 0n) this.fail(`I1 ${entry.type}`);
      if (entry.amount <= 0n) this.fail(`I7 ${entry.type}`);
      this.same('number', entry.seq, BigInt(index + 1));
      this.same('available after', entry.available, sums.available);
      if (entry.at < at) this.fail('time runs backwards');
      at = entry.at;
      for (const { lotId, remaining, reserved } of [...entry.lots, ...entry.settled]) {
        const [left, kept] = lots.get(lotId) ?? [0n, 0n];
        lots.set(lotId, [left + remaining, kept + reserved]);
      }
    }
    for (const account of ACCOUNTS) this.same(`I3 ${account}`, this.state.balances[account], sums[account]);
    for (const lot of this.state.lots.values()) {
      this.same(`entries of ${lot.id}`, `${lot.remaining} ${lot.reserved}`, (lots.get(lot.id) ?? []).join(' '));
    }
  }

  private same(what: string, is: unknown, should: unknown): void {
    if (is !== should) this.fail(`${what} is ${String(is)} and should be ${String(should)}`);
  }

  private fail(message: string): never {
    throw new Error(`${message}\nafter\n${this.log.slice(-40).join('\n')}`);
  }

  /** As the database has them: what the entries sum up to in the windows that run. */
  private counted(): Limit[] {
    return this.limits.map(({ scope, of, window, most }) => {
      const start = windowStart(window, Math.max(this.now, this.state.lastAt), 'UTC');
      let used = 0n;
      for (const entry of this.entries) {
        if (entry.usageAt < start) continue;
        const whose = { organization: ORGANIZATION, unit: entry.unitId, member: entry.memberId }[scope];
        if (whose === of) used += entry.usage;
      }
      return { scope, subjectId: of, window, amount: most, used };
    });
  }

  private someLimits(): ModelLimit[] {
    const { random } = this;
    return Array.from({ length: 1 + random.below(3) }, () => {
      const scope = random.pick(['organization', 'unit', 'member'] as const);
      const of = { organization: ORGANIZATION, unit: random.pick(UNITS), member: random.pick(MEMBERS) }[scope];
      return {
        scope,
        of,
        window: random.pick(['day', 'week', 'month', 'lifetime'] as const),
        most: this.amount(2_000),
      };
    });
  }

  private amount(below = 120): bigint {
    return BigInt(1 + this.random.below(below));
  }

  private learn(command: Command, outcome: CommandResult): void {
    if (isRefusal(outcome)) return;
    if (command.type === 'grant' && command.topUpId !== undefined) {
      this.bought.set(String(outcome.body.lotId), {
        granted: command.amount,
        clawed: 0n,
        frozen: 0n,
        taken: [],
        busy: false,
      });
    }
    if (command.type === 'reversal') {
      const lot = this.bought.get(command.lotId);
      if (!lot) throw new Error('no such lot');
      lot.busy = false;
      lot.granted += command.giveBack - command.clawBack;
      lot.clawed += command.clawBack - command.giveBack;
      lot.taken = (outcome.body.taken as [string, string][]).map(([lotId, amount]) => ({
        lotId,
        amount: BigInt(amount),
      }));
      lot.frozen += BigInt(String(outcome.body.frozen)) - command.thaw;
    }
    const { id, charge } = outcome.body as { id: string; charge?: { id: string } };
    if (command.type === 'hold') this.holds.push(id);
    if (command.type === 'charge') this.charges.push(id);
    if (charge) this.charges.push(charge.id);
  }

  private step(): Step {
    const { random } = this;
    const dice = random.below(100);
    if (dice < 14) return this.grant();
    if (dice < 20) return this.reversal() ?? this.grant();
    if (dice < 44) return this.charge();
    if (dice < 60) return this.hold();
    if (dice < 76) return this.capture();
    if (dice < 82) return this.void();
    if (dice < 86) return this.extend();
    if (dice < 94) return this.refund();
    return this.adjust();
  }

  private usage(): Usage {
    return {
      unitId: this.random.chance(0.5) ? this.random.pick(UNITS) : null,
      memberId: this.random.chance(0.7) ? this.random.pick(MEMBERS) : null,
      apiKeyId: null,
      requiredUnitMember: null,
      verifyMember: false,
      kind: null,
      reference: null,
      detail: null,
    };
  }

  private grant(): Step {
    const { random } = this;
    const amount = this.amount(400);
    const priority = random.below(3);
    const category = random.pick(['paid', 'promo', 'plan'] as const);
    // What is bought never ends.
    const topUpId = category === 'paid' && random.chance(0.7) ? 'top-up' : null;
    const expiresAt = topUpId === null && random.chance(0.6) ? this.now - HOUR + random.below(30 * HOUR) : null;
    return {
      command: {
        type: 'grant',
        amount,
        category,
        priority,
        expiresAt,
        reason: 'test',
        ...(topUpId && { topUpId }),
        ...UNKEYED,
      },
      model: (model, { body }) =>
        model.grant(String(body.lotId), amount, priority, category === 'paid', expiresAt ?? Number.POSITIVE_INFINITY),
      text: `${this.now} grant ${amount} ${category} priority ${priority} until ${expiresAt}`,
    };
  }

  /** Null when nothing was bought yet. */
  private reversal(): Step | null {
    const { random } = this;
    const free = [...this.bought].filter(([, { busy, granted }]) => !busy && granted > 0n);
    if (free.length === 0) return null;
    const [lotId, lot] = random.pick(free.slice(-5));
    lot.busy = true;
    const most = (limit: bigint): bigint => BigInt(random.below(Number(limit) + 1));
    const giveBack = random.chance(0.4) ? most(lot.clawed) : 0n;
    const thaw = giveBack > 0n || random.chance(0.7) ? lot.frozen : 0n;
    const clawBack = giveBack === 0n && random.chance(0.5) ? most(lot.granted - (lot.frozen - thaw)) : 0n;
    const freeze = random.chance(0.6) ? most(lot.granted - clawBack - (lot.frozen - thaw)) : 0n;
    return {
      command: {
        type: 'reversal',
        topUpId: 'top-up',
        lotId,
        thaw,
        clawBack,
        giveBack,
        freeze,
        taken: lot.taken,
        ...UNKEYED,
      },
      model: (model, { body }) => {
        // Lots are made in order, so the first that the model does not know is the one of this step.
        const newLot = () => [...this.state.lots.keys()].find((id) => !model.lots.has(id)) ?? '';
        const frozen = model.reverse(lotId, thaw, giveBack, clawBack, freeze, newLot);
        this.same('frozen', String(body.frozen), String(frozen));
        return 'ok';
      },
      text: `${this.now} reverse ${lotId}: thaw ${thaw}, give back ${giveBack}, claw back ${clawBack}, freeze ${freeze}`,
    };
  }

  private charge(): Step {
    const amount = this.amount();
    const usage = this.usage();
    return {
      command: { type: 'charge', amount, ...usage, ...UNKEYED },
      model: (model, { body }) => model.charge(String(body.id), amount, usage.unitId, usage.memberId),
      text: `${this.now} charge ${amount} ${usage.unitId} ${usage.memberId}`,
    };
  }

  private hold(): Step {
    const amount = this.amount();
    const ttlMs = 1000 * (1 + this.random.below(36_000));
    const usage = this.usage();
    return {
      command: { type: 'hold', amount, ttlMs, ...usage, ...UNKEYED },
      model: (model, { body }) => model.hold(String(body.id), amount, ttlMs, usage.unitId, usage.memberId),
      text: `${this.now} hold ${amount} for ${ttlMs} ${usage.unitId} ${usage.memberId}`,
    };
  }

  /** Mostly of the last few, which may still be open. */
  private someHold(): string {
    return this.random.pick(this.random.chance(0.9) ? this.holds.slice(-6) : this.holds);
  }

  private capture(): Step {
    const holdId = this.someHold();
    const amount = this.random.chance(0.3) ? null : this.amount();
    const policy = this.random.pick(['reject', 'available', 'overdraft'] as const);
    return {
      command: { type: 'capture', holdId, amount, policy, ...UNKEYED },
      model: (model, { body }) =>
        model.capture(holdId, String((body.charge as { id?: string } | undefined)?.id), amount, policy),
      text: `${this.now} capture ${holdId} ${amount} ${policy}`,
    };
  }

  private void(): Step {
    const holdId = this.someHold();
    const command = { type: 'void' as const, holdId, ...UNKEYED };
    return { command, model: (model) => model.void(holdId), text: `${this.now} void ${holdId}` };
  }

  private extend(): Step {
    const holdId = this.someHold();
    const ttlMs = 1000 * (1 + this.random.below(36_000));
    const command = { type: 'extend' as const, holdId, ttlMs, ...UNKEYED };
    return { command, model: (model) => model.extend(holdId, ttlMs), text: `${this.now} extend ${holdId} ${ttlMs}` };
  }

  private refund(): Step {
    const chargeId = this.random.pick(this.random.chance(0.8) ? this.charges.slice(-8) : this.charges);
    const amount = this.random.chance(0.3) ? null : this.amount(60);
    return {
      command: { type: 'refund', chargeId, amount, reason: null, ...UNKEYED },
      model: (model, outcome) => model.refund(chargeId, amount, this.newestLot(outcome)),
      text: `${this.now} refund ${chargeId} ${amount}`,
    };
  }

  private adjust(): Step {
    const amount = this.random.chance(0.5) ? this.amount() : -this.amount();
    return {
      command: { type: 'adjustment', amount, reason: 'test', approvedBy: null, ...UNKEYED },
      model: (model, outcome) => model.adjust(amount, this.newestLot(outcome)),
      text: `${this.now} adjust ${amount}`,
    };
  }

  /** The lot an entry made beside giving back to others: the one the model does not know. */
  private newestLot({ body }: CommandResult): string {
    const entry = this.entries.find(({ id }) => id === body.id);
    return entry?.lots.find(({ lotId }) => !this.model.lots.has(lotId))?.lotId ?? 'none';
  }
}

const UNKEYED = { key: null, hash: '', actorId: null, onlyOf: null, onlyUnits: null };

const toMicro = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return text.startsWith('-') ? -size : size;
};
