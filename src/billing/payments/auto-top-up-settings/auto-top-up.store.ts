import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx, isNotDelayed } from '../../../database/index.js';
import { IN_FLIGHT } from '../payment-facts.js';
import { AutoTopUp } from './auto-top-up.entity.js';

/** Micro-credits bought automatically, and micro-credits that are paid but not granted yet. */
export interface PurchaseTotals {
  today: bigint;
  thisMonth: bigint;
  pending: bigint;
  /** When the caps count anew. */
  dayEndsAt: Date;
  monthEndsAt: Date;
}

export interface Delay {
  because: string;
  until: Date;
  toldUntil: Date;
  failures: number;
}

type SavedSettings = Pick<
  AutoTopUp,
  'organizationId' | 'enabled' | 'threshold' | 'amount' | 'target' | 'dailyCap' | 'monthlyCap' | 'method' | 'updatedBy'
>;

@Injectable()
export class AutoTopUpStore {
  find(reader: Reader, organizationId: string, lock = false): Promise<AutoTopUp | null> {
    return reader.maybe<AutoTopUp>(
      `select ${columnsOf(reader, AutoTopUp, 'a')} from auto_top_ups a where a.organization_id = $1
       ${lock ? 'for no key update' : ''}`,
      [organizationId],
    );
  }

  /** Saves the settings and resets declines and delays. */
  async put(tx: Tx, row: SavedSettings) {
    await tx.execute(
      `insert into auto_top_ups as a (organization_id, enabled, threshold, amount, target, daily_cap, monthly_cap, method,
         next_attempt_at, updated_by, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, now())
       on conflict (organization_id) do update set enabled = excluded.enabled, threshold = excluded.threshold,
         amount = excluded.amount, target = excluded.target, daily_cap = excluded.daily_cap,
         monthly_cap = excluded.monthly_cap, method = excluded.method, declines = 0, next_attempt_at = now(),
         stopped_because = null, delayed_because = null, delay_told_until = null, failures = 0, updated_by = excluded.updated_by, updated_at = now(), version = a.version + 1`,
      [
        row.organizationId,
        row.enabled,
        row.threshold,
        row.amount,
        row.target,
        row.dailyCap,
        row.monthlyCap,
        row.method && JSON.stringify(row.method),
        row.updatedBy,
      ],
    );
  }

  async recordOutcome(tx: Tx, organizationId: string, declines: number, stopped: boolean, waitSeconds: number) {
    await tx.execute(
      `update auto_top_ups set declines = $2, enabled = enabled and not $3, next_attempt_at = now() + make_interval(secs => $4),
         stopped_because = case when $3 then 'declined' else stopped_because end,
         delayed_because = case when $2 > 0 then 'declined' end, delay_told_until = null, failures = 0, version = version + 1
       where organization_id = $1`,
      [organizationId, declines, stopped, waitSeconds],
    );
  }

  /** Removes the method and switches automatic top-up off. */
  async clearMethod(tx: Tx, organizationId: string): Promise<void> {
    await tx.execute(
      `update auto_top_ups set stopped_because = case when enabled then 'payment_method_removed' else stopped_because end,
         enabled = false, method = null, version = version + 1
       where organization_id = $1`,
      [organizationId],
    );
  }

  /** Switches automatic top-up off. */
  async stop(tx: Tx, organizationId: string, because: string): Promise<void> {
    await tx.execute(
      `update auto_top_ups set enabled = false, stopped_because = $2, version = version + 1 where organization_id = $1`,
      [organizationId, because],
    );
  }

  /** Delays the next attempt, and remembers until when its reason is told. */
  async delay(tx: Tx, organizationId: string, { because, until, toldUntil, failures }: Delay): Promise<void> {
    await tx.execute(
      `update auto_top_ups set next_attempt_at = $3, delayed_because = $2, delay_told_until = $4, failures = $5
       where organization_id = $1`,
      [organizationId, because, until, toldUntil, failures],
    );
  }

  /** Delays the next attempt without telling why. */
  async postpone(tx: Tx, organizationId: string, seconds: number): Promise<void> {
    await tx.execute(
      'update auto_top_ups set next_attempt_at = now() + make_interval(secs => $2) where organization_id = $1',
      [organizationId, seconds],
    );
  }

  /** Ends a delay, once credits could be bought. */
  async endDelay(tx: Tx, organizationId: string): Promise<void> {
    await tx.execute(
      `update auto_top_ups set delayed_because = null, delay_told_until = null, failures = 0
       where organization_id = $1 and (delayed_because is not null or failures > 0)`,
      [organizationId],
    );
  }

  /** Days and months are those of the operator's time zone. */
  async purchaseTotals(reader: Reader, organizationId: string): Promise<PurchaseTotals> {
    type Sums = Record<'today' | 'thisMonth' | 'pending', string> & Pick<PurchaseTotals, 'dayEndsAt' | 'monthEndsAt'>;
    const row = await reader.one<Sums>(
      `select coalesce(sum(t.credits) filter (where t.auto and t.created_at >= date_trunc('day', now(), p.time_zone)), 0) as today,
         coalesce(sum(t.credits) filter (where t.auto and t.created_at >= date_trunc('month', now(), p.time_zone)), 0)
           as "thisMonth",
         coalesce(sum(t.credits) filter (where t.state in ('processing', 'paid')), 0) as pending,
         (date_trunc('day', now() at time zone p.time_zone) + interval '1 day') at time zone p.time_zone as "dayEndsAt",
         (date_trunc('month', now() at time zone p.time_zone) + interval '1 month') at time zone p.time_zone as "monthEndsAt"
       from organizations o join operators p on p.id = o.operator_id
       left join top_ups t on t.organization_id = o.id and t.state <> 'failed'
         and (t.created_at >= date_trunc('month', now(), p.time_zone) or t.state in ('processing', 'paid'))
       where o.id = $1 group by p.time_zone`,
      [organizationId],
    );
    return {
      ...row,
      today: BigInt(row.today),
      thisMonth: BigInt(row.thisMonth),
      pending: BigInt(row.pending),
    };
  }

  /** Finds organizations below their threshold without an unfinished automatic top-up, without locking. */
  async findDue(reader: Reader, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select a.organization_id as id from auto_top_ups a
       join credit_accounts c on c.organization_id = a.organization_id
       join organizations o on o.id = a.organization_id
       where a.enabled and a.next_attempt_at <= now() and c.available < a.threshold
         and o.deleted_at is null and o.suspended_at is null
         and not exists (select 1 from top_ups t where t.organization_id = a.organization_id and t.auto
           and t.${IN_FLIGHT})
         and ${isNotDelayed('BalanceThresholdJob', 'a.organization_id')}
       order by a.next_attempt_at limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }
}
