import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx, isNotDelayed } from '../../database/index.js';
import type { PeriodGrant, SubscriptionState } from './subscription-change.js';
import { Subscription } from './subscription.entity.js';

const date = (at: number | null): Date | null => (at === null ? null : new Date(at));

const valuesOf = (state: SubscriptionState): unknown[] => [
  state.planId,
  state.nextPlanId,
  date(state.anchorAt),
  date(state.periodStart),
  date(state.periodEnd),
  date(state.trialEndsAt),
  state.cancelAtPeriodEnd,
  date(state.pastDueAt),
  date(state.cancelledAt),
  String(state.credits),
  String(state.entitled),
  String(state.granted),
];

export const toSubscriptionState = (row: Subscription): SubscriptionState => ({
  planId: row.planId,
  nextPlanId: row.nextPlanId,
  anchorAt: row.anchorAt.getTime(),
  periodStart: row.periodStart.getTime(),
  periodEnd: row.periodEnd.getTime(),
  trialEndsAt: row.trialEndsAt?.getTime() ?? null,
  cancelAtPeriodEnd: row.cancelAtPeriodEnd,
  pastDueAt: row.pastDueAt?.getTime() ?? null,
  cancelledAt: row.cancelledAt?.getTime() ?? null,
  credits: BigInt(row.credits),
  entitled: BigInt(row.entitled),
  granted: BigInt(row.granted),
});

/** What periods are counted by. */
export interface Clock {
  now: number;
  timeZone: string;
}

@Injectable()
export class SubscriptionStore {
  async insert(tx: Tx, organizationId: string, state: SubscriptionState): Promise<void> {
    await tx.execute(
      `insert into subscriptions (organization_id, plan_id, next_plan_id, anchor_at, period_start, period_end,
         trial_ends_at, cancel_at_period_end, past_due_at, cancelled_at, credits, entitled, granted)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [organizationId, ...valuesOf(state)],
    );
  }

  async update(tx: Tx, organizationId: string, state: SubscriptionState): Promise<void> {
    await tx.execute(
      `update subscriptions set plan_id = $2, next_plan_id = $3, anchor_at = $4, period_start = $5, period_end = $6,
         trial_ends_at = $7, cancel_at_period_end = $8, past_due_at = $9, cancelled_at = $10, credits = $11,
         entitled = $12, granted = $13, version = version + 1
       where organization_id = $1`,
      [organizationId, ...valuesOf(state)],
    );
  }

  /** Fails on the primary key if the period has already started. */
  async insertPeriod(tx: Tx, organizationId: string, { planId, start, end }: PeriodGrant): Promise<void> {
    await tx.execute(
      `insert into subscription_periods (organization_id, period_start, period_end, plan_id) values ($1, $2, $3, $4)`,
      [organizationId, date(start), date(end), planId],
    );
  }

  find(reader: Reader, organizationId: string): Promise<Subscription | null> {
    return reader.maybe<Subscription>(
      `select ${columnsOf(reader, Subscription, 's')} from subscriptions s where s.organization_id = $1`,
      [organizationId],
    );
  }

  async lock(tx: Tx, organizationId: string): Promise<Subscription | null> {
    await tx.execute('select 1 from subscriptions where organization_id = $1 for update', [organizationId]);
    return this.find(tx, organizationId);
  }

  /** Finds organizations whose period has ended, without locking. */
  async findDue(reader: Reader, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select s.organization_id as id from subscriptions s join organizations o on o.id = s.organization_id
       where s.cancelled_at is null and s.period_end <= now() and o.deleted_at is null
         and ${isNotDelayed('SubscriptionJob', 's.organization_id')} order by s.period_end limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async isDue(reader: Reader, organizationId: string): Promise<boolean> {
    const rows = await reader.rows<unknown>(
      'select 1 from subscriptions where organization_id = $1 and cancelled_at is null and period_end <= now()',
      [organizationId],
    );
    return rows.length > 0;
  }

  /** Returns the time of the database, and the time zone of the operator. */
  async clock(reader: Reader, organizationId: string): Promise<Clock> {
    const row = await reader.one<{ now: Date; timeZone: string }>(
      `select date_trunc('milliseconds', clock_timestamp()) as now, p.time_zone as "timeZone"
       from organizations o join operators p on p.id = o.operator_id where o.id = $1`,
      [organizationId],
    );
    return { now: row.now.getTime(), timeZone: row.timeZone };
  }
}
