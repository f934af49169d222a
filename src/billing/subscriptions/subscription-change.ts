import { addDaysOnClock, addMonths, periodEnd, proRata } from './period.js';

type UnixMs = number;

export const SUBSCRIPTION_STATUSES = ['trialing', 'active', 'past_due', 'cancelled'] as const;
export type SubscriptionStatus = (typeof SUBSCRIPTION_STATUSES)[number];

/** The properties of a plan that a subscription depends on. */
export interface PlanTerms {
  readonly id: string;
  /** Micro-credits. */
  readonly credits: bigint;
  readonly trialDays: number;
}

/** The state of a subscription. The entity describes each field. */
export interface SubscriptionState {
  planId: string;
  nextPlanId: string | null;
  anchorAt: UnixMs;
  periodStart: UnixMs;
  periodEnd: UnixMs;
  trialEndsAt: UnixMs | null;
  cancelAtPeriodEnd: boolean;
  pastDueAt: UnixMs | null;
  cancelledAt: UnixMs | null;
  credits: bigint;
  entitled: bigint;
  granted: bigint;
}

/** Credits for a period, which expire at its end. */
export interface PeriodGrant {
  readonly planId: string;
  readonly amount: bigint;
  readonly start: UnixMs;
  readonly end: UnixMs;
}

type Status = Pick<SubscriptionState, 'pastDueAt' | 'cancelledAt' | 'trialEndsAt' | 'periodEnd'>;

export function statusOf({ cancelledAt, pastDueAt, trialEndsAt, periodEnd: end }: Status): SubscriptionStatus {
  if (cancelledAt !== null) return 'cancelled';
  if (pastDueAt !== null) return 'past_due';
  return trialEndsAt === end ? 'trialing' : 'active';
}

/**
 * Changes one subscription and collects what to write: periods that started and credits to grant. It is pure, without a
 * database or a clock.
 *
 * `entitled` is the sum of each plan's credits, pro rata for the time it applied. A change within a period adds (new plan −
 * old plan) × rest ÷ length, rounded down. The period is granted the part of `entitled` that was not granted before, and
 * nothing is taken back. Switching down and up again within a period therefore gains no credits.
 */
export class SubscriptionChange {
  readonly startedPeriods: PeriodGrant[] = [];
  readonly grants: PeriodGrant[] = [];

  private constructor(
    readonly now: SubscriptionState,
    private readonly timeZone: string,
  ) {}

  static of(state: SubscriptionState, timeZone: string): SubscriptionChange {
    return new SubscriptionChange({ ...state }, timeZone);
  }

  /** Starts the first period, with a trial if the plan has one. */
  static start(plan: PlanTerms, at: UnixMs, timeZone: string): SubscriptionChange {
    const trialEndsAt = plan.trialDays > 0 ? addDaysOnClock(at, plan.trialDays, timeZone) : null;
    const state: SubscriptionState = {
      planId: plan.id,
      nextPlanId: null,
      anchorAt: trialEndsAt ?? at,
      periodStart: at,
      periodEnd: trialEndsAt ?? addMonths(at, 1, timeZone),
      trialEndsAt,
      cancelAtPeriodEnd: false,
      pastDueAt: null,
      cancelledAt: null,
      credits: plan.credits,
      entitled: plan.credits,
      granted: 0n,
    };
    const subscription = new SubscriptionChange(state, timeZone);
    subscription.begin();
    return subscription;
  }

  get status(): SubscriptionStatus {
    return statusOf(this.now);
  }

  /** Starts every period that has begun by `at`, one after the other, even if the last check was long ago. */
  advance(at: UnixMs, planOf: (id: string) => PlanTerms): void {
    const { now } = this;
    while (now.cancelledAt === null && now.periodEnd <= at) {
      if (now.cancelAtPeriodEnd) {
        Object.assign(now, { cancelledAt: now.periodEnd, nextPlanId: null });
        return;
      }
      const plan = planOf(now.nextPlanId ?? now.planId);
      const start = now.periodEnd;
      Object.assign(now, { planId: plan.id, nextPlanId: null, periodStart: start });
      now.periodEnd = periodEnd(now.anchorAt, start, this.timeZone);
      Object.assign(now, { credits: plan.credits, entitled: plan.credits, granted: 0n });
      this.begin();
    }
  }

  /** Changes the plan immediately, or resumes a cancelled subscription. */
  choose(plan: PlanTerms, at: UnixMs): void {
    const { now } = this;
    if (now.cancelledAt !== null && now.periodEnd <= at) return this.restart(plan, at);
    now.entitled += proRata(plan.credits - now.credits, { start: now.periodStart, end: now.periodEnd }, at);
    Object.assign(now, { planId: plan.id, credits: plan.credits, nextPlanId: null });
    Object.assign(now, { cancelAtPeriodEnd: false, cancelledAt: null });
    this.grantRest();
  }

  /** Changes the plan at the end of the period. */
  chooseNext(plan: PlanTerms): void {
    this.now.nextPlanId = plan.id === this.now.planId ? null : plan.id;
    this.now.cancelAtPeriodEnd = false;
  }

  /** Cancels immediately. Granted credits remain until the period ends. */
  cancel(at: UnixMs): void {
    const { now } = this;
    now.entitled += proRata(-now.credits, { start: now.periodStart, end: now.periodEnd }, at);
    Object.assign(now, { credits: 0n, nextPlanId: null, cancelAtPeriodEnd: false, cancelledAt: at });
  }

  /** Keeps a scheduled change of the plan, which takes effect if the cancellation is undone. */
  cancelAtPeriodEnd(cancel: boolean): void {
    this.now.cancelAtPeriodEnd = cancel;
  }

  /** Marks the subscription as paid or past due. When it is paid, grants the withheld credits of this period. */
  setPaid(paid: boolean, at: UnixMs): void {
    const { now } = this;
    if (paid) now.pastDueAt = null;
    else now.pastDueAt ??= at;
    if (now.cancelledAt === null) this.grantRest();
  }

  private restart(plan: PlanTerms, at: UnixMs): void {
    const { now } = this;
    Object.assign(now, { planId: plan.id, nextPlanId: null, cancelAtPeriodEnd: false, cancelledAt: null });
    Object.assign(now, { anchorAt: at, periodStart: at, periodEnd: addMonths(at, 1, this.timeZone) });
    Object.assign(now, { credits: plan.credits, entitled: plan.credits, granted: 0n });
    this.begin();
  }

  private begin(): void {
    const { planId, credits, periodStart: start, periodEnd: end } = this.now;
    this.startedPeriods.push({ planId, amount: credits, start, end });
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
