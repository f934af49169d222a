import type { CommandResult } from '../../src/billing/ledger/decisions/command-result.js';
import type { Command } from '../../src/billing/ledger/decisions/command.js';
import { decide } from '../../src/billing/ledger/decisions/decide.js';
import { ACCOUNTS, type Balances, type OrganizationState } from '../../src/billing/ledger/decisions/state.js';
import {
  booksOf,
  isDoubtful,
  mergeAnswer,
  mergeFacts,
  NO_REFUNDS,
  type PaymentFacts,
  reversalTo,
  stateOf,
} from '../../src/billing/payments/payment-facts.js';
import { parseStripeEvent, readDispute, readPaymentIntent } from '../../src/billing/payments/providers/stripe-event.js';
import type { Random } from './random.js';

type Json = Record<string, unknown>;
const UNKEYED = { key: null, hash: '', actorId: null };

interface StripeRefund {
  id: string;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  created: number;
}

interface StripeDispute {
  id: string;
  amount: number;
  status: 'needs_response' | 'won' | 'lost';
  changed: number;
}

/** A payment as Stripe knows it, and the events it sends about it. */
class StripePayment {
  readonly refunds: StripeRefund[] = [];
  readonly disputes: StripeDispute[] = [];
  private made = 0;
  private failedAt = 0;
  private refundedAt = 0;

  constructor(
    readonly id: string,
    readonly amount: number,
    readonly currency: string,
  ) {}

  private event(type: string, created: number, object: Json): Json {
    return { id: `evt_${this.id}_${++this.made}`, type, created, data: { object: { ...object } } };
  }

  get refunded(): number {
    return this.refunds.reduce(
      (sum, { amount, status }) => sum + (['failed', 'canceled'].includes(status) ? 0 : amount),
      0,
    );
  }

  charge(): Json {
    return {
      id: `ch_${this.id}`,
      object: 'charge',
      payment_intent: this.id,
      amount: this.amount,
      amount_refunded: this.refunded,
      currency: this.currency,
    };
  }

  private refundObject(refund: StripeRefund, more: Json = {}): Json {
    return {
      ...refund,
      object: 'refund',
      payment_intent: this.id,
      currency: this.currency,
      charge: `ch_${this.id}`,
      ...more,
    };
  }

  disputeObject(dispute: StripeDispute): Json {
    const { id, amount, status } = dispute;
    return { id, amount, status, object: 'dispute', payment_intent: this.id, currency: this.currency };
  }

  /** Does something at `now` and returns the events about it. */
  act(random: Random, now: number): Json[] {
    const dice = random.below(100);
    const left = this.amount - this.refunded;
    // Within one second, nothing but the provider can tell a new refund from one that failed.
    const fallible = this.refunds.filter(
      ({ status, created }) => status !== 'failed' && status !== 'canceled' && this.refundedAt < now && created < now,
    );
    if (dice < 35 && left > 0 && this.failedAt < now) {
      const amount = random.chance(0.4) ? left : 1 + random.below(left);
      const status = random.pick(['pending', 'succeeded'] as const);
      const refund = { id: `re_${this.id}_${this.refunds.length}`, amount, status, created: now };
      this.refunds.push(refund);
      this.refundedAt = now;
      const events = [this.event('charge.refunded', now, this.charge())];
      if (random.chance(0.7)) events.push(this.event('refund.created', now, this.refundObject(refund)));
      return events;
    }
    if (dice < 60 && fallible.length > 0) {
      const refund = random.pick(fallible);
      this.failedAt = now;
      refund.status = random.pick(['failed', 'canceled'] as const);
      const more = random.pick([{}, { charge: this.charge() }, { amount_refunded: this.refunded }]);
      const types = refund.status === 'failed' ? ['refund.failed', 'refund.updated'] : ['refund.updated'];
      const object = this.refundObject(refund, more);
      return [random.pick(types), ...(random.chance(0.5) ? ['charge.refund.updated'] : [])].map((type) =>
        this.event(type, now, object),
      );
    }
    const settled = this.disputes.filter(({ changed }) => changed < now);
    if (dice < 75 && this.disputes.length < 2) {
      const amount = random.chance(0.5) ? this.amount : 1 + random.below(this.amount);
      const dispute = {
        id: `dp_${this.id}_${this.disputes.length}`,
        amount,
        status: 'needs_response' as const,
        changed: now,
      };
      this.disputes.push(dispute);
      return ['created', 'funds_withdrawn'].map((type) =>
        this.event(`charge.dispute.${type}`, now, this.disputeObject(dispute)),
      );
    }
    if (settled.length === 0) return [];
    const dispute = random.pick(settled);
    dispute.changed = now;
    dispute.status =
      dispute.status === 'won' ? 'lost' : dispute.status === 'lost' || random.chance(0.5) ? 'won' : 'lost';
    const other = dispute.status === 'won' ? 'funds_reinstated' : 'updated';
    return ['closed', ...(random.chance(0.5) ? [other] : [])].map((type) =>
      this.event(`charge.dispute.${type}`, now, this.disputeObject(dispute)),
    );
  }

  /** What Stripe answers when it is asked. */
  answer(now: number) {
    const at = now - 0.5;
    const { facts } = readPaymentIntent(
      { id: this.id, status: 'succeeded', latest_charge: { ...this.charge(), refunds: { data: this.refunds } } },
      at,
    );
    const disputes = Object.assign(
      {},
      ...this.disputes.map((dispute) => readDispute(this.disputeObject(dispute), at).facts.disputes),
    ) as NonNullable<PaymentFacts['disputes']>;
    return { refunds: facts.refunds ?? {}, disputes };
  }

  /** What is gone of `credits` for good, and at most withheld, by what is true at Stripe. */
  share(credits: bigint): { gone: bigint; withheld: bigint } {
    const whole = BigInt(this.amount);
    const sum = (status: string) =>
      this.disputes.reduce((total, one) => total + (one.status === status ? BigInt(one.amount) : 0n), 0n);
    const part = (amount: bigint) => ((amount < whole ? amount : whole) * credits) / whole;
    const lost = BigInt(this.refunded) + sum('lost');
    return { gone: part(lost), withheld: part(lost + sum('needs_response')) - part(lost) };
  }
}

interface TopUp {
  payment: StripePayment;
  credits: bigint;
  price: { minor: number; currency: string };
  lotId: string;
  facts: PaymentFacts;
  clawedBack: bigint;
  frozen: bigint;
  taken: { lotId: string; amount: bigint }[];
  pending: Json[];
}

/** One organization with payments whose events arrive in any order, repeatedly or never, and that spends in between. */
export class PaymentHistory {
  private readonly state: OrganizationState;
  private readonly topUps: TopUp[] = [];
  private readonly log: string[] = [];
  private granted = 0n;
  private spent = 0n;
  private ids = 0;
  private now = 1_800_000_000;

  constructor(private readonly random: Random) {
    this.state = {
      organizationId: 'organization',
      timeZone: 'UTC',
      status: 'active',
      now: 0,
      lastAt: 0,
      seq: 0n,
      balances: Object.fromEntries(ACCOUNTS.map((account) => [account, 0n])) as Balances,
      overdraftLimit: 0n,
      frozen: false,
      thresholds: [],
      owed: 0n,
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

  private execute(command: Command): CommandResult {
    Object.assign(this.state, { now: this.now * 1000 });
    const { results } = decide(this.state, [command], () => `id-${++this.ids}`);
    const [result] = results;
    if (!result) throw new Error('nothing was decided');
    return result;
  }

  private buy(): void {
    const { random } = this;
    const credits = BigInt(1 + random.below(1_000)) * 100_000n;
    const price = { minor: 1 + random.below(20_000), currency: 'USD' };
    // A payer can pay in another currency, of which the numbers say nothing about the price.
    const foreign = random.chance(0.3);
    const amount = foreign ? 1 + random.below(3_000_000) : price.minor;
    const payment = new StripePayment(`pi_${this.topUps.length}`, amount, foreign ? 'jpy' : 'usd');
    const { body } = this.execute({
      type: 'grant',
      amount: credits,
      category: 'paid',
      priority: 0,
      expiresAt: null,
      reason: 'top-up',
      topUpId: payment.id,
      ...UNKEYED,
    });
    this.granted += credits;
    const facts = { paid: true, processing: false, refunds: NO_REFUNDS, disputes: {}, failure: null, over: false };
    this.topUps.push({
      payment,
      credits,
      price,
      lotId: String(body.lotId),
      facts,
      clawedBack: 0n,
      frozen: 0n,
      taken: [],
      pending: [],
    });
  }

  private give(): void {
    const amount = BigInt(1 + this.random.below(500)) * 100_000n;
    this.execute({
      type: 'grant',
      amount,
      category: 'promo',
      priority: 0,
      expiresAt: null,
      reason: 'gift',
      ...UNKEYED,
    });
    this.granted += amount;
  }

  private spend(): void {
    const { available } = this.state.balances;
    const amount = this.random.chance(0.3) ? available : BigInt(1 + this.random.below(600)) * 100_000n;
    if (amount <= 0n) return;
    const nothing = { unitId: null, memberId: null, apiKeyId: null, requiredUnitMember: null, verifyMember: false };
    const usage = { ...nothing, kind: null, reference: null, detail: null };
    const { status } = this.execute({ type: 'charge', amount, ...usage, ...UNKEYED });
    if (status === 201) this.spent += amount;
  }

  private apply(topUp: TopUp, facts: PaymentFacts): void {
    topUp.facts = facts;
    const reversal = reversalTo(booksOf(facts, topUp.credits, topUp.price), topUp);
    if (reversal === null) return;
    const { lotId, taken, payment } = topUp;
    const { body } = this.execute({ type: 'reversal', topUpId: payment.id, lotId, taken, ...reversal, ...UNKEYED });
    topUp.clawedBack += reversal.clawBack - reversal.giveBack;
    topUp.frozen += BigInt(String(body.frozen)) - reversal.thaw;
    topUp.taken = (body.taken as [string, string][]).map(([id, amount]) => ({ lotId: id, amount: BigInt(amount) }));
  }

  private deliver(topUp: TopUp, event: Json): void {
    const notice = parseStripeEvent(event);
    if (!notice) throw new Error(`${String(event.type)} is not read`);
    this.log.push(`${this.now}: delivered ${JSON.stringify(event)}`);
    const { facts, price } = topUp;
    const merged = mergeFacts(facts, notice.facts);
    const isUnclear = booksOf(merged, 1n, price).unclear;
    const asked = isUnclear || (this.random.chance(0.5) && isDoubtful(facts, notice.facts, price));
    this.apply(topUp, asked ? mergeAnswer(merged, topUp.payment.answer(this.now)) : merged);
  }

  private compareDaily(topUp: TopUp): void {
    this.log.push(`${this.now}: asked ${topUp.payment.id}`);
    this.apply(topUp, mergeAnswer(topUp.facts, topUp.payment.answer(this.now)));
  }

  live(): void {
    const { random } = this;
    for (let count = 1 + random.below(2); count > 0; count--) this.buy();
    for (let step = 4 + random.below(24); step > 0; step--) {
      this.now += random.below(3);
      const topUp = random.pick(this.topUps);
      const dice = random.below(100);
      if (dice < 35) {
        for (const event of topUp.payment.act(random, this.now)) {
          topUp.pending.push(event);
          if (random.chance(0.2)) topUp.pending.push({ ...event, id: `${String(event.id)}_again` });
        }
      } else if (dice < 75) this.deliverOne(topUp);
      else if (dice < 90) this.spend();
      else if (dice < 95) this.give();
      else this.compareDaily(topUp);
    }
    this.now += random.below(2) * 86_400;
    const lossy = random.chance(0.3);
    for (const topUp of this.topUps) {
      while (topUp.pending.length > 0) {
        if (lossy && random.chance(0.4)) topUp.pending.pop();
        this.deliverOne(topUp);
      }
      if (lossy) this.compareDaily(topUp);
    }
    this.verify();
  }

  /** Most events arrive in order, some earlier or later, and some once more much later. */
  private deliverOne(topUp: TopUp): void {
    const { pending } = topUp;
    const place = this.random.chance(0.5) ? 0 : this.random.below(pending.length);
    const [event] = pending.splice(place, 1);
    if (event) this.deliver(topUp, event);
  }

  private verify(): void {
    const { balances, owed } = this.state;
    let expected = this.granted - this.spent;
    for (const topUp of this.topUps) {
      const { gone, withheld } = topUp.payment.share(topUp.credits);
      this.same(`what is gone of ${topUp.payment.id}`, topUp.clawedBack, gone);
      if (topUp.frozen > withheld)
        this.fail(`${topUp.frozen} of ${topUp.payment.id} is frozen, not ${withheld} at most`);
      expected -= gone + topUp.frozen;
      const { facts, price } = topUp;
      const state = stateOf(facts, { granted: true, open: true, price });
      if (gone === 0n && withheld === 0n && topUp.payment.refunded === 0)
        this.same('state', ['granted', 'won', 'lost'].includes(state), true);
    }
    this.same('available', balances.available, expected > 0n ? expected : 0n);
    this.same('owed', owed, expected > 0n ? 0n : -expected);
    this.same('receivable', balances.receivable, -owed);
    let remaining = 0n;
    for (const lot of this.state.lots.values()) {
      if (lot.remaining < 0n || lot.remaining > lot.amount)
        this.fail(`lot ${lot.id} has ${lot.remaining} of ${lot.amount}`);
      remaining += lot.remaining;
    }
    this.same('lots', remaining, balances.available);
    this.same(
      'zero',
      ACCOUNTS.reduce((sum, account) => sum + balances[account], 0n),
      0n,
    );
  }

  private same(what: string, is: unknown, should: unknown): void {
    if (is !== should) this.fail(`${what} is ${String(is)} and should be ${String(should)}`);
  }

  private fail(message: string): never {
    throw new Error(`${message}\nafter\n${this.log.join('\n')}`);
  }
}
