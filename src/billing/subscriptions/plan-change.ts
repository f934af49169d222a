import { addMonths, periodEnd, proRata } from './period.js';

type Instant = number;

const DAY_MS = 86_400_000;

export const SUBSCRIPTION_STATUSES = ['trialing', 'active', 'past_due', 'cancelled'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** What of a plan a subscription counts with. */
export interface PlanTerms {
  readonly id: string;
  /** Micro-credits. */
  readonly credits: bigint;
  readonly trialDays: number;
}

/** A subscription as it stands; see the entity. */
export interface Standing {
  planId: string;
  nextPlanId: string | null;
  anchorAt: Instant;
  periodStart: Instant;
  periodEnd: Instant;
  trialEndsAt: Instant | null;
  cancelAtPeriodEnd: boolean;
  pastDueAt: Instant | null;
  cancelledAt: Instant | null;
  credits: bigint;
  entitled: bigint;
  granted: bigint;
}

/** Credits for a period, which end with it. */
export interface PeriodGrant {
  readonly planId: string;
  readonly amount: bigint;
  readonly start: Instant;
  readonly end: Instant;
}

type Status = Pick<Standing, 'pastDueAt' | 'cancelledAt' | 'trialEndsAt' | 'periodEnd'>;

export function statusOf({ cancelledAt, pastDueAt, trialEndsAt, periodEnd: end }: Status): SubscriptionStatus {
  if (cancelledAt !== null) return 'cancelled';
  if (pastDueAt !== null) return 'past_due';
  return trialEndsAt === end ? 'trialing' : 'active';
}

/**
 * One subscription while it is changed, and what has to be written for that: periods that began and credits to grant.
 * Pure: it knows no database and no clock.
 *
 * A period comes to `entitled` credits: what its plans have for the parts of it that they are there for. A change in the
 * middle adds (new plan − old plan) × rest ÷ length, rounded down; the period is granted what it comes to less what it was
 * granted before, and nothing is taken back. So going down and up again within a period yields nothing.
 */
export class Changing {
  readonly begun: PeriodGrant[] = [];
  readonly grants: PeriodGrant[] = [];

  private constructor(readonly now: Standing) {}

  static of(standing: Standing): Changing {
    return new Changing({ ...standing });
  }

  /** The first one; with a trial where the plan has one. */
  static start(plan: PlanTerms, at: Instant): Changing {
    const trialEndsAt = plan.trialDays > 0 ? at + plan.trialDays * DAY_MS : null;
    const changing = new Changing({
      planId: plan.id,
      nextPlanId: null,
      anchorAt: trialEndsAt ?? at,
      periodStart: at,
      periodEnd: trialEndsAt ?? addMonths(at, 1),
      trialEndsAt,
      cancelAtPeriodEnd: false,
      pastDueAt: null,
      cancelledAt: null,
      credits: plan.credits,
      entitled: plan.credits,
      granted: 0n,
    });
    changing.begin();
    return changing;
  }

  get status(): SubscriptionStatus {
    return statusOf(this.now);
  }

  /** Lets every period begin that has until `at`, each on its own, however long nobody looked. */
  advance(at: Instant, planOf: (id: string) => PlanTerms): void {
    const { now } = this;
    while (now.cancelledAt === null && now.periodEnd <= at) {
      if (now.cancelAtPeriodEnd) {
        now.cancelledAt = now.periodEnd;
        return;
      }
      const plan = planOf(now.nextPlanId ?? now.planId);
      const start = now.periodEnd;
      Object.assign(now, { planId: plan.id, nextPlanId: null, periodStart: start });
      now.periodEnd = periodEnd(now.anchorAt, start);
      Object.assign(now, { credits: plan.credits, entitled: plan.credits, granted: 0n });
      this.begin();
    }
  }

  /** Another plan from now on, or the same again after it was cancelled. */
  choose(plan: PlanTerms, at: Instant): void {
    const { now } = this;
    if (now.cancelledAt !== null && now.periodEnd <= at) return this.restart(plan, at);
    now.entitled += proRata(plan.credits - now.credits, { start: now.periodStart, end: now.periodEnd }, at);
    Object.assign(now, { planId: plan.id, credits: plan.credits, nextPlanId: null });
    Object.assign(now, { cancelAtPeriodEnd: false, cancelledAt: null });
    this.grantRest();
  }

  /** Another plan when the period ends. */
  chooseNext(plan: PlanTerms): void {
    this.now.nextPlanId = plan.id === this.now.planId ? null : plan.id;
    this.now.cancelAtPeriodEnd = false;
  }

  /** At once: what was granted is kept until the period ends. */
  cancel(at: Instant): void {
    const { now } = this;
    now.entitled += proRata(-now.credits, { start: now.periodStart, end: now.periodEnd }, at);
    Object.assign(now, { credits: 0n, nextPlanId: null, cancelAtPeriodEnd: false, cancelledAt: at });
  }

  cancelAtPeriodEnd(cancel: boolean): void {
    this.now.cancelAtPeriodEnd = cancel;
    if (cancel) this.now.nextPlanId = null;
  }

  /** Paid: what was kept back of this period is granted. */
  setPaid(paid: boolean, at: Instant): void {
    const { now } = this;
    if (paid) now.pastDueAt = null;
    else now.pastDueAt ??= at;
    if (now.cancelledAt === null) this.grantRest();
  }

  private restart(plan: PlanTerms, at: Instant): void {
    const { now } = this;
    Object.assign(now, { planId: plan.id, nextPlanId: null, cancelAtPeriodEnd: false, cancelledAt: null });
    Object.assign(now, { anchorAt: at, periodStart: at, periodEnd: addMonths(at, 1) });
    Object.assign(now, { credits: plan.credits, entitled: plan.credits, granted: 0n });
    this.begin();
  }

  private begin(): void {
    const { planId, credits, periodStart: start, periodEnd: end } = this.now;
    this.begun.push({ planId, amount: credits, start, end });
    this.grantRest();
  }

  private grantRest(): void {
    const { now } = this;
    const amount = now.entitled - now.granted;
    if (now.pastDueAt !== null || amount <= 0n) return;
    now.granted += amount;
    this.grants.push({ planId: now.planId, amount, start: now.periodStart, end: now.periodEnd });
  }
}
