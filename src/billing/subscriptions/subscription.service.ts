import { Injectable } from '@nestjs/common';
import { type Actor, includesRole, type OrganizationAccess, systemActor } from '../../common/access/index.js';
import { changesOf, Database, type Tx } from '../../database/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { toCredits } from '../../common/money/index.js';
import { EventService, type EventType } from '../../events/index.js';
import { OrganizationService, SeatService } from '../../organizations/index.js';
import { type Plan, planErrors, PlanService } from '../../plans/index.js';
import { UnitService } from '../../units/index.js';
import { isRefusal, LedgerService, toAppError } from '../ledger/index.js';
import { SubscriptionChange, type PlanTerms, type SubscriptionState, statusOf } from './subscription-change.js';
import {
  type ChoosePlan,
  type Effective,
  type SubscriptionLimitsView,
  type SetLimits,
  type SubscriptionView,
  toSubscriptionView,
} from './subscription.dto.js';
import type { Subscription } from './subscription.entity.js';
import { subscriptionErrors } from './subscription.errors.js';
import { type Clock, SubscriptionStore, toSubscriptionState } from './subscription.store.js';

const termsOf = ({ id, monthlyCredits, trialDays }: Plan): PlanTerms => ({
  id,
  credits: BigInt(monthlyCredits),
  trialDays,
});

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const toEventPayload = (state: SubscriptionState) => ({
  planId: state.planId,
  nextPlanId: state.nextPlanId,
  status: statusOf(state),
  periodStart: time(state.periodStart),
  periodEnd: time(state.periodEnd),
  cancelAtPeriodEnd: state.cancelAtPeriodEnd,
});

/** What a change works on. `row` and `subscription` are null until the organization has a subscription. */
interface ChangeContext extends Clock {
  tx: Tx;
  row: Subscription | null;
  subscription: SubscriptionChange | null;
}

/**
 * Manages the plan of an organization and grants the credits of each period. Every change holds the locks on the
 * organization and its subscription and grants credits in the same transaction, so a period starts and is granted once.
 */
@Injectable()
export class SubscriptionService {
  constructor(
    private readonly db: Database,
    private readonly store: SubscriptionStore,
    private readonly plans: PlanService,
    private readonly organizations: OrganizationService,
    private readonly seats: SeatService,
    private readonly units: UnitService,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
  ) {}

  /** Starts the operator's default plan, if there is one, for a new organization. */
  async startDefault(tx: Tx, actor: Actor, operatorId: string, organizationId: string): Promise<void> {
    const plan = await this.plans.findDefault(tx, operatorId);
    if (!plan) return;
    const { now, timeZone } = await this.store.clock(tx, organizationId);
    const subscription = SubscriptionChange.start(termsOf(plan), now, timeZone);
    await this.write(tx, actor, organizationId, null, subscription, 'subscription.started');
  }

  async view(organizationId: string): Promise<SubscriptionView> {
    if (await this.store.isDue(this.db.reader, organizationId)) await this.renew(organizationId);
    const row = await this.store.find(this.db.reader, organizationId);
    if (!row) throw subscriptionErrors.not_found();
    const { reader } = this.db;
    const plan = await this.plans.getById(reader, row.planId);
    const nextPlan = row.nextPlanId === null ? null : await this.plans.getById(reader, row.nextPlanId);
    const seats = await this.seats.usage(reader, organizationId);
    const units = await this.units.usage(reader, organizationId);
    const { timeZone } = await this.store.clock(reader, organizationId);
    return toSubscriptionView(row, plan, nextPlan, { seats, units, timeZone });
  }

  /**
   * Starts a subscription, changes its plan immediately or at the end of the period, or undoes a scheduled change or
   * cancellation.
   */
  async choose(
    access: OrganizationAccess,
    { planId, effective = 'now' }: ChoosePlan,
    ifMatch: string | undefined,
  ): Promise<SubscriptionView> {
    await this.change(access, ifMatch, async (context) => {
      const { tx, now, timeZone, subscription } = context;
      const plan = await this.plans.get(tx, access.operator.id, planId);
      const kept = subscription?.now.planId === plan.id && subscription.status !== 'cancelled';
      if (!kept) this.assertSelectable(access, plan);
      if (!subscription) context.subscription = SubscriptionChange.start(termsOf(plan), now, timeZone);
      else if (effective === 'period_end' && subscription.status !== 'cancelled')
        subscription.chooseNext(termsOf(plan));
      else if (kept) subscription.chooseNext(termsOf(plan));
      else subscription.choose(termsOf(plan), now);
      return subscription ? 'subscription.changed' : 'subscription.started';
    });
    return this.view(access.organizationId);
  }

  async cancel(access: OrganizationAccess, effective: Effective = 'period_end'): Promise<SubscriptionView> {
    await this.changeActive(access, (subscription, now) => {
      if (effective === 'now') subscription.cancel(now);
      else subscription.cancelAtPeriodEnd(true);
      return effective === 'now' ? 'subscription.cancelled' : 'subscription.changed';
    });
    return this.view(access.organizationId);
  }

  /** Undoes a cancellation at the end of the period. */
  async resume(access: OrganizationAccess): Promise<SubscriptionView> {
    await this.changeActive(access, (subscription) => {
      subscription.cancelAtPeriodEnd(false);
      return 'subscription.changed';
    });
    return this.view(access.organizationId);
  }

  async setPaid(access: OrganizationAccess, paid: boolean): Promise<SubscriptionView> {
    await this.changeActive(access, (subscription, now) => {
      subscription.setPaid(paid, now);
      return 'subscription.changed';
    });
    return this.view(access.organizationId);
  }

  async limits(organizationId: string): Promise<SubscriptionLimitsView> {
    const { reader } = this.db;
    const { seatLimit, unitLimit } = await this.organizations.limits(reader, organizationId);
    const seats = await this.seats.usage(reader, organizationId);
    return { seatLimit, unitLimit, seats, units: await this.units.usage(reader, organizationId) };
  }

  /** Overrides the limits of the plan. A limit that is not given stays as it is. */
  async setLimits(access: OrganizationAccess, input: SetLimits): Promise<SubscriptionLimitsView> {
    const { organizationId, actor } = access;
    await this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, organizationId);
        const before = await this.organizations.limits(tx, organizationId);
        const changes = changesOf(before, { seatLimit: input.seatLimit, unitLimit: input.unitLimit });
        if (!changes) return;
        await this.organizations.setLimits(tx, organizationId, { ...before, ...changes.after });
        const subject = { type: 'subscription', id: organizationId };
        const stream = { kind: 'organization', id: organizationId } as const;
        await this.events.record(tx, stream, { type: 'subscription.limits_changed', actor, subject, ...changes });
      },
      { keepsAccess: true },
    );
    return this.limits(organizationId);
  }

  /** Starts the periods that are due. Periods of a deleted organization wait until it is restored. */
  async renew(organizationId: string): Promise<void> {
    await this.db.transaction(
      async (tx) => {
        const organization = await this.organizations.lock(tx, organizationId);
        if (organization.deletedAt) return;
        const row = await this.store.lock(tx, organizationId);
        if (row) await this.advance(tx, row, await this.store.clock(tx, organizationId));
      },
      { keepsAccess: true },
    );
  }

  findDue(limit: number): Promise<string[]> {
    return this.store.findDue(this.db.reader, limit);
  }

  private changeActive(
    access: OrganizationAccess,
    apply: (subscription: SubscriptionChange, now: number) => EventType,
  ) {
    return this.change(access, undefined, ({ subscription, now }) => {
      if (!subscription) throw subscriptionErrors.not_found();
      if (subscription.status === 'cancelled') throw subscriptionErrors.cancelled();
      return Promise.resolve(apply(subscription, now));
    });
  }

  private change(
    access: OrganizationAccess,
    ifMatch: string | undefined,
    apply: (context: ChangeContext) => Promise<EventType>,
  ): Promise<void> {
    const { organizationId, actor } = access;
    return this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, organizationId);
        const clock = await this.store.clock(tx, organizationId);
        let row = await this.store.lock(tx, organizationId);
        if (row) assertMatches(ifMatch, etagOf(row.version));
        if (row) row = await this.advance(tx, row, clock);
        const context: ChangeContext = {
          tx,
          row,
          subscription: row && SubscriptionChange.of(toSubscriptionState(row), clock.timeZone),
          ...clock,
        };
        const type = await apply(context);
        if (context.subscription) await this.write(tx, actor, organizationId, row, context.subscription, type);
      },
      { keepsAccess: true },
    );
  }

  /** Starts due periods and records that as an action of the system. */
  private async advance(tx: Tx, row: Subscription, { now, timeZone }: Clock): Promise<Subscription> {
    if (row.cancelledAt || row.periodEnd.getTime() > now) return row;
    const terms = new Map<string, PlanTerms>();
    for (const id of [row.planId, row.nextPlanId]) {
      if (id !== null) terms.set(id, termsOf(await this.plans.getById(tx, id)));
    }
    const subscription = SubscriptionChange.of(toSubscriptionState(row), timeZone);
    subscription.advance(now, (id) => {
      const found = terms.get(id);
      if (!found) throw new Error(`plan ${id} was not read`);
      return found;
    });
    const type = subscription.status === 'cancelled' ? 'subscription.cancelled' : 'subscription.renewed';
    await this.write(tx, systemActor('subscriptions'), row.organizationId, row, subscription, type);
    return (await this.store.find(tx, row.organizationId)) ?? row;
  }

  private async write(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    row: Subscription | null,
    { now, startedPeriods, grants }: SubscriptionChange,
    type: EventType,
  ): Promise<void> {
    const before = row && toSubscriptionState(row);
    if (before && isSame(before, now)) return;
    if (before) await this.store.update(tx, organizationId, now);
    else await this.store.insert(tx, organizationId, now);
    for (const period of startedPeriods) await this.store.insertPeriod(tx, organizationId, period);
    if (now.planId !== before?.planId) await this.organizations.setPlan(tx, organizationId, now.planId);
    for (const { amount, start, end } of grants) {
      const outcome = await this.ledger.execute(tx, organizationId, {
        type: 'grant',
        amount,
        category: 'plan',
        priority: 0,
        expiresAt: end,
        lapsed: true,
        reason: `Plan credits, ${time(start)} to ${time(end)}`,
        key: null,
        hash: '',
        actorId: actor.userId,
      });
      if (isRefusal(outcome)) throw toAppError(outcome);
    }
    const credits = grants.reduce((sum, { amount }) => sum + amount, 0n);
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type,
        actor,
        subject: { type: 'subscription', id: organizationId },
        ...(before && { before: toEventPayload(before) }),
        after: { ...toEventPayload(now), creditsGranted: toCredits(credits) },
      },
    );
  }

  private assertSelectable(access: OrganizationAccess, plan: Plan): void {
    if (plan.archivedAt) throw planErrors.archived();
    const staff = includesRole(access.operatorRole, 'manager');
    if (!staff && !plan.selfService) throw subscriptionErrors.plan_not_selectable();
  }
}

const isSame = (one: SubscriptionState, other: SubscriptionState): boolean =>
  (Object.keys(one) as (keyof SubscriptionState)[]).every((field) => one[field] === other[field]);
