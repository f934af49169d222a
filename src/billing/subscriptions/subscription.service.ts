import { Injectable } from '@nestjs/common';
import { type Actor, includesRole, type OrganizationAccess, systemActor } from '../../common/access/index.js';
import { changesOf, Database, type Tx } from '../../common/database/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { toCredits } from '../../common/money/index.js';
import { Events, type EventType } from '../../events/index.js';
import { Organizations, Seats } from '../../organizations/index.js';
import { type Plan, planErrors, Plans } from '../../plans/index.js';
import { Units } from '../../units/index.js';
import { isRefusal, LedgerService, toAppError } from '../ledger/index.js';
import { Changing, type PlanTerms, type Standing, statusOf } from './plan-change.js';
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
import { SubscriptionStore, toStanding } from './subscription.store.js';

const termsOf = ({ id, monthlyCredits, trialDays }: Plan): PlanTerms => ({
  id,
  credits: BigInt(monthlyCredits),
  trialDays,
});

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** What events tell of a subscription. */
const told = (standing: Standing) => ({
  planId: standing.planId,
  nextPlanId: standing.nextPlanId,
  status: statusOf(standing),
  periodStart: time(standing.periodStart),
  periodEnd: time(standing.periodEnd),
  cancelAtPeriodEnd: standing.cancelAtPeriodEnd,
});

/** A change within a transaction; without a subscription `before` is null and `changing` set by whoever starts one. */
interface Change {
  tx: Tx;
  row: Subscription | null;
  changing: Changing | null;
  now: number;
}

/**
 * Which plan an organization has, and the credits that each of its periods brings. Everything happens under the locks of
 * the organization and then its subscription, the credits with it in one transaction: a period begins once, whoever looks
 * first, and is granted once.
 */
@Injectable()
export class Subscriptions {
  constructor(
    private readonly db: Database,
    private readonly store: SubscriptionStore,
    private readonly plans: Plans,
    private readonly organizations: Organizations,
    private readonly seats: Seats,
    private readonly units: Units,
    private readonly ledger: LedgerService,
    private readonly events: Events,
  ) {}

  /** What a new organization begins with, where its operator has a plan for that. */
  async startDefault(tx: Tx, actor: Actor, operatorId: string, organizationId: string): Promise<void> {
    const plan = await this.plans.findDefault(tx, operatorId);
    if (!plan) return;
    const changing = Changing.start(termsOf(plan), await this.store.now(tx));
    await this.write(tx, actor, organizationId, null, changing, 'subscription.started');
  }

  /** Throws subscriptions.not_found. */
  async view(organizationId: string): Promise<SubscriptionView> {
    if (await this.store.isDue(this.db.reader, organizationId)) await this.renew(organizationId);
    const row = await this.store.find(this.db.reader, organizationId);
    if (!row) throw subscriptionErrors.not_found();
    const { reader } = this.db;
    const plan = await this.plans.getById(reader, row.planId);
    const nextPlan = row.nextPlanId === null ? null : await this.plans.getById(reader, row.nextPlanId);
    const seats = await this.seats.usage(reader, organizationId);
    const units = await this.units.usage(reader, organizationId);
    return toSubscriptionView(row, plan, nextPlan, { seats, units });
  }

  /**
   * Begins a subscription, changes its plan now or at the end of the period, or takes a cancellation back. Throws
   * plans.not_found, plans.archived, subscriptions.plan_not_selectable, precondition_failed, organizations.pending_deletion.
   */
  async choose(
    access: OrganizationAccess,
    { planId, effective = 'now' }: ChoosePlan,
    ifMatch: string | undefined,
  ): Promise<SubscriptionView> {
    await this.change(access, ifMatch, async (change) => {
      const { tx, now, changing } = change;
      const plan = await this.plans.get(tx, access.operator.id, planId);
      const kept = changing?.now.planId === plan.id && changing.status !== 'cancelled';
      if (!kept) this.assertSelectable(access, plan);
      if (!changing) change.changing = Changing.start(termsOf(plan), now);
      else if (effective === 'period_end' && changing.status !== 'cancelled') changing.chooseNext(termsOf(plan));
      else if (kept) changing.chooseNext(termsOf(plan));
      else changing.choose(termsOf(plan), now);
      return changing ? 'subscription.changed' : 'subscription.started';
    });
    return this.view(access.organizationId);
  }

  /** Throws subscriptions.not_found, subscriptions.cancelled, organizations.pending_deletion. */
  async cancel(access: OrganizationAccess, effective: Effective = 'period_end'): Promise<SubscriptionView> {
    await this.changeRunning(access, (changing, now) => {
      if (effective === 'now') changing.cancel(now);
      else changing.cancelAtPeriodEnd(true);
      return effective === 'now' ? 'subscription.cancelled' : 'subscription.changed';
    });
    return this.view(access.organizationId);
  }

  /** Takes back that it ends with the period. Throws as `cancel`. */
  async resume(access: OrganizationAccess): Promise<SubscriptionView> {
    await this.changeRunning(access, (changing) => {
      changing.cancelAtPeriodEnd(false);
      return 'subscription.changed';
    });
    return this.view(access.organizationId);
  }

  /** Throws as `cancel`. */
  async setPaid(access: OrganizationAccess, paid: boolean): Promise<SubscriptionView> {
    await this.changeRunning(access, (changing, now) => {
      changing.setPaid(paid, now);
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

  /** Limits of its own; one that is not given stays. Throws organizations.pending_deletion. */
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

  /** Lets the periods begin that are due. Those of something deleted wait until it is restored. */
  async renew(organizationId: string): Promise<void> {
    await this.db.transaction(
      async (tx) => {
        const organization = await this.organizations.lock(tx, organizationId);
        if (organization.deletedAt) return;
        const row = await this.store.lock(tx, organizationId);
        if (row) await this.advance(tx, row, await this.store.now(tx));
      },
      { keepsAccess: true },
    );
  }

  findDue(limit: number): Promise<string[]> {
    return this.store.findDue(this.db.reader, limit);
  }

  private changeRunning(access: OrganizationAccess, how: (changing: Changing, now: number) => EventType) {
    return this.change(access, undefined, ({ changing, now }) => {
      if (!changing) throw subscriptionErrors.not_found();
      if (changing.status === 'cancelled') throw subscriptionErrors.cancelled();
      return Promise.resolve(how(changing, now));
    });
  }

  private change(
    access: OrganizationAccess,
    ifMatch: string | undefined,
    how: (change: Change) => Promise<EventType>,
  ): Promise<void> {
    const { organizationId, actor } = access;
    return this.db.transaction(
      async (tx) => {
        await this.organizations.lockActive(tx, organizationId);
        const now = await this.store.now(tx);
        let row = await this.store.lock(tx, organizationId);
        if (row) assertMatches(ifMatch, etagOf(row.version));
        if (row) row = await this.advance(tx, row, now);
        const change: Change = { tx, row, changing: row && Changing.of(toStanding(row)), now };
        const type = await how(change);
        if (change.changing) await this.write(tx, actor, organizationId, row, change.changing, type);
      },
      { keepsAccess: true },
    );
  }

  /** Lets periods begin, and writes that down on its own: it is nobody's doing. */
  private async advance(tx: Tx, row: Subscription, now: number): Promise<Subscription> {
    if (row.cancelledAt || row.periodEnd.getTime() > now) return row;
    const terms = new Map<string, PlanTerms>();
    for (const id of [row.planId, row.nextPlanId]) {
      if (id !== null) terms.set(id, termsOf(await this.plans.getById(tx, id)));
    }
    const changing = Changing.of(toStanding(row));
    changing.advance(now, (id) => {
      const found = terms.get(id);
      if (!found) throw new Error(`plan ${id} was not read`);
      return found;
    });
    const type = changing.status === 'cancelled' ? 'subscription.cancelled' : 'subscription.renewed';
    await this.write(tx, systemActor('subscriptions'), row.organizationId, row, changing, type);
    return (await this.store.find(tx, row.organizationId)) ?? row;
  }

  private async write(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    row: Subscription | null,
    { now, begun, grants }: Changing,
    type: EventType,
  ): Promise<void> {
    const before = row && toStanding(row);
    if (before && isSame(before, now)) return;
    if (before) await this.store.update(tx, organizationId, now);
    else await this.store.insert(tx, organizationId, now);
    for (const period of begun) await this.store.insertPeriod(tx, organizationId, period);
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
        ...(before && { before: told(before) }),
        after: { ...told(now), creditsGranted: toCredits(credits) },
      },
    );
  }

  private assertSelectable(access: OrganizationAccess, plan: Plan): void {
    if (plan.archivedAt) throw planErrors.archived();
    const staff = includesRole(access.operatorRole, 'manager');
    if (!staff && !plan.selfService) throw subscriptionErrors.plan_not_selectable();
  }
}

const isSame = (one: Standing, other: Standing): boolean =>
  (Object.keys(one) as (keyof Standing)[]).every((field) => one[field] === other[field]);
