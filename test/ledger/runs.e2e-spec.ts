import type { Command } from '../../src/billing/ledger/decisions/command.js';
import { decide } from '../../src/billing/ledger/decisions/decide.js';
import type { RunDecision } from '../../src/billing/ledger/decisions/decide-run.js';
import { ACCOUNTS, type Balances, type OrganizationState } from '../../src/billing/ledger/decisions/state.js';
import {
  planSettlement,
  type RunFacts,
  type SettledRun,
  applyDecision,
} from '../../src/billing/runs/settlement-plan.js';
import { Random } from './random.js';

/*
 * Random histories of an organization with runs: the product's decisions next to an independent model, second by
 * second. A run that is settled late must end where a run that is always settled would have ended.
 */

const START = Date.UTC(2026, 0, 31, 23, 59, 30);
const UNKEYED = { key: null, hash: '', actorId: null };
const NOBODY = { unitId: null, memberId: null, apiKeyId: null, requiredUnitMember: null, verifyMember: false };
const USAGE = { ...NOBODY, kind: null, reference: null, detail: null };

/** Returns millionths for an hourly rate after a number of seconds, computed with remainders. */
function price(rate: bigint, seconds: number): bigint {
  const all = rate * BigInt(seconds);
  const whole = all / 3600n;
  return whole * 3600n === all ? whole : whole + 1n;
}

interface ModelRun {
  rate: bigint;
  begun: number;
  beat: number;
  timeout: number;
  deadline: number;
  looked: number;
  paid: number;
  kept: bigint;
  suspended: number | null;
  ended: { at: number; why: string } | null;
}

class Model {
  available = 0n;
  readonly runs: ModelRun[] = [];

  /** Second by second: pays what it can for the elapsed seconds, then reserves for the next ones. */
  look(run: ModelRun, now: number, stop: boolean): void {
    if (run.ended) return;
    const silentFrom = run.beat + run.timeout * 1000;
    if (now >= run.deadline && now - run.looked > 150_000) run.deadline = now + run.timeout * 1000;
    const ends: [number, string][] = [];
    if (run.suspended !== null && run.suspended <= now) ends.push([run.suspended, 'suspended']);
    if (now >= run.deadline) ends.push([silentFrom, 'lost']);
    if (stop) ends.push([now, 'stopped']);
    ends.sort(([a], [b]) => a - b);
    const [end] = ends;
    const until = end ? end[0] : Math.min(now, silentFrom);
    let purse = this.available + run.kept;
    let paid = run.paid;
    let out = false;
    while (!out && run.begun + (paid + 1) * 1000 <= until) {
      const next = price(run.rate, paid + 1) - price(run.rate, paid);
      out = next > purse;
      if (out) break;
      purse -= next;
      paid++;
    }
    run.paid = paid;
    run.looked = now;
    let kept = 0n;
    let ahead = 0;
    const wanted = out || end ? 0 : 120;
    while (ahead < wanted) {
      const next = price(run.rate, paid + ahead + 1) - price(run.rate, paid + ahead);
      if (next > purse) break;
      purse -= next;
      kept += next;
      ahead++;
    }
    this.available = purse;
    run.kept = kept;
    if (out || (!end && ahead === 0)) run.ended = { at: run.begun + paid * 1000, why: 'credits_exhausted' };
    else if (end) run.ended = { at: Math.max(end[0], run.begun + paid * 1000), why: end[1] };
  }
}

interface ProductRun {
  id: string;
  rate: bigint;
  facts: RunFacts;
  charged: bigint;
  settled: SettledRun | null;
  holdId: string | null;
}

class Life {
  readonly model = new Model();
  readonly seen = new Set<string>();
  private readonly runs: ProductRun[] = [];
  private readonly state: OrganizationState;
  private now = START;
  private ids = 0;
  private charges = 0n;
  private readonly log: string[] = [];

  constructor(
    private readonly random: Random,
    private readonly planWith: typeof planSettlement = planSettlement,
  ) {
    this.state = {
      organizationId: 'organization',
      status: 'active',
      now: START,
      timeZone: 'UTC',
      lastAt: START,
      seq: 0n,
      balances: Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Balances,
      overdraftLimit: 0n,
      frozen: false,
      owed: 0n,
      thresholds: [],
      lots: new Map(),
      holds: new Map(),
      charges: new Map(),
      units: new Map(),
      unitMembers: new Set(),
      members: new Set(),
      limits: [],
      keys: new Map(),
    };
  }

  live(steps: number): void {
    for (let step = 0; step < steps; step++) {
      const { random } = this;
      this.now += random.chance(0.1) ? random.below(900_000) : random.below(50_000);
      const dice = random.below(100);
      if (dice < 12) this.grant();
      else if (dice < 22) this.start();
      else if (dice < 32) this.charge();
      else if (dice < 50) this.beat();
      else if (dice < 53) this.suspend();
      else this.look(dice > 93);
      this.compare();
    }
  }

  private decide(command: Command): { status: number; body: Record<string, unknown> } {
    const state = Object.assign(this.state, { now: Math.max(this.now, this.state.lastAt) });
    const { results, books } = decide(state, [command], () => `id-${this.ids++}`);
    state.lastAt = books.entries.at(-1)?.at ?? state.lastAt;
    const [outcome] = results;
    if (!outcome) throw new Error('no outcome');
    return outcome;
  }

  private grant(): void {
    const amount = BigInt(1 + this.random.below(3_000_000));
    const grant = { type: 'grant', amount, category: 'promo', priority: 0, expiresAt: null, reason: '' } as const;
    this.decide({ ...grant, ...UNKEYED });
    this.model.available += amount;
    this.log.push(`${this.now} grant ${amount}`);
  }

  private charge(): void {
    const amount = BigInt(1 + this.random.below(600_000));
    const may = amount <= this.model.available;
    this.log.push(`${this.now} charge ${amount}`);
    const { status } = this.decide({ type: 'charge', amount, ...USAGE, ...UNKEYED });
    this.same('a charge', status, may ? 201 : 402);
    if (!may) return;
    this.charges += amount;
    this.model.available -= amount;
  }

  private start(): void {
    const { random, now } = this;
    const rate = BigInt(random.pick([0, 1, 3_599, 700_001, 60_000_000, 3_600_000, 7_777_777]));
    const timeoutSeconds = random.pick([20, 100, 300, 3_600]);
    const id = `run-${this.ids++}`;
    const { status, body } = this.decide({
      type: 'run_start',
      runId: id,
      rate,
      ahead: 120,
      ttlMs: 86_400_000,
      run: {},
      ...USAGE,
      ...UNKEYED,
    });
    const may = price(rate, 1) <= this.model.available;
    this.log.push(`${now} start ${id} ${rate} ${timeoutSeconds}: ${status}`);
    this.same('a start', status, may ? 201 : 402);
    this.seen.add(`start ${status}`);
    if (!may) return;
    const deadline = now + timeoutSeconds * 1000;
    this.runs.push({
      id,
      rate,
      charged: 0n,
      settled: null,
      holdId: body.holdId as string | null,
      facts: {
        startedAt: now,
        heartbeatAt: now,
        deadlineAt: deadline,
        timeoutSeconds,
        checkedAt: now,
        settledSeconds: 0,
        deletedAt: null,
        suspendedAt: null,
        accessRemovedAt: null,
      },
    });
    const run = { rate, begun: now, beat: now, timeout: timeoutSeconds, deadline, looked: now, paid: 0, kept: 0n };
    this.model.runs.push({ ...run, suspended: null, ended: null });
    const last = this.model.runs.at(-1);
    if (last) this.model.look(last, now, false);
  }

  private each(chance: number, work: (run: ProductRun, twin: ModelRun) => void): void {
    this.runs.forEach((run, index) => {
      const twin = this.model.runs[index];
      if (twin && !run.settled?.stopped && this.random.chance(chance)) work(run, twin);
    });
  }

  private beat(): void {
    this.each(0.7, (run, twin) => {
      this.log.push(`${this.now} beat ${run.id}`);
      const deadline = this.now + twin.timeout * 1000;
      Object.assign(run.facts, { heartbeatAt: this.now, deadlineAt: Math.max(run.facts.deadlineAt, deadline) });
      Object.assign(twin, { beat: this.now, deadline: Math.max(twin.deadline, deadline) });
    });
  }

  private suspend(): void {
    this.each(0.3, (run, twin) => {
      this.log.push(`${this.now} suspend ${run.id}`);
      run.facts.suspendedAt ??= this.now;
      twin.suspended ??= this.now;
    });
  }

  private look(stop: boolean): void {
    this.each(0.6, (run, twin) => {
      this.log.push(`${this.now} look at ${run.id}${stop ? ' and stop' : ''}`);
      const { facts, rate, id, holdId } = run;
      const plan = this.planWith(facts, this.now, stop);
      const { body } = this.decide({
        type: 'run_settle',
        runId: id,
        rate,
        holdId,
        settled: facts.settledSeconds,
        due: plan.due,
        ahead: plan.ahead,
        ttlMs: 86_400_000,
        ...USAGE,
        ...UNKEYED,
      });
      const settled = applyDecision(facts, plan, body as unknown as RunDecision);
      run.settled = settled;
      run.holdId = settled.holdId;
      run.charged = price(rate, settled.seconds);
      const { seconds: settledSeconds, checkedAt, deadlineAt } = settled;
      Object.assign(facts, { settledSeconds, checkedAt, deadlineAt: Math.max(facts.deadlineAt, deadlineAt) });
      this.model.look(twin, this.now, stop);
      this.same(`seconds of ${id}`, settled.seconds, twin.paid);
      this.same(
        `end of ${id}`,
        JSON.stringify(settled.stopped),
        JSON.stringify(twin.ended && { at: twin.ended.at, reason: twin.ended.why }),
      );
      if (settled.stopped) {
        this.seen.add(settled.stopped.reason);
        const lived = Math.floor((settled.stopped.at - facts.startedAt) / 1000);
        this.same(`length of ${id}`, settled.seconds, lived);
      } else
        this.same(`is ${id} looked at again`, settled.nextAt > this.now && settled.nextAt <= this.now + 60_000, true);
    });
  }

  private compare(): void {
    const { balances } = this.state;
    const all = (values: bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
    this.same('available', balances.available, this.model.available);
    this.same('held', balances.held, all(this.model.runs.map(({ kept }) => kept)));
    const prices = this.model.runs.map(({ rate, paid }) => price(rate, paid));
    this.same('consumed', balances.consumed, this.charges + all(prices));
  }

  private same(what: string, is: unknown, should: unknown): void {
    if (is === should) return;
    throw new Error(
      `${what} is ${String(is)} and should be ${String(should)}\nafter\n${this.log.slice(-30).join('\n')}`,
    );
  }
}

const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Throws at the first difference, with the seed of that history. */
function liveMany(lives: number, planWith?: typeof planSettlement): Set<string> {
  const seen = new Set<string>();
  for (let number = 0; number < lives; number++) {
    const life = new Life(new Random(seed + number), planWith);
    try {
      life.live(80);
    } catch (error) {
      throw new Error(`LEDGER_SEED=${seed + number}: ${(error as Error).message}`, { cause: error });
    }
    for (const what of life.seen) seen.add(what);
  }
  return seen;
}

describe('runs', () => {
  it('agree with the model, second by second, over random lives', () => {
    const expected = ['credits_exhausted', 'lost', 'start 201', 'start 402', 'stopped', 'suspended'];
    expect([...liveMany(400)].sort()).toEqual(expected);
  });

  it.each<[string, typeof planSettlement]>([
    [
      'a second charged twice',
      (run, ...rest) => ({ ...planSettlement(run, ...rest), due: planSettlement(run, ...rest).due + 1 }),
    ],
    [
      'silence that is not noticed',
      (run, ...rest) => planSettlement({ ...run, deadlineAt: Number.MAX_VALUE }, ...rest),
    ],
    ['suspensions that are forgotten', (run, ...rest) => planSettlement({ ...run, suspendedAt: null }, ...rest)],
    [
      'too little held',
      (run, ...rest) => ({ ...planSettlement(run, ...rest), ahead: planSettlement(run, ...rest).ahead && 119 }),
    ],
  ])('are reported as wrong with %s', (_fault, planWith) => {
    expect(() => liveMany(100, planWith)).toThrow(/LEDGER_SEED/);
  });
});
