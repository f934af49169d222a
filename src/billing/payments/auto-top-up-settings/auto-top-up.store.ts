import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { IN_FLIGHT } from '../payment-facts.js';
import { AutoTopUp } from './auto-top-up.entity.js';

/** Micro-credits bought automatically, and micro-credits that are paid but not granted yet. */
export interface PurchaseTotals {
  today: bigint;
  thisMonth: bigint;
  pending: bigint;
}

@Injectable()
export class AutoTopUpStore {
  find(reader: Reader, organizationId: string, lock = false): Promise<AutoTopUp | null> {
    return reader.maybe<AutoTopUp>(
      `select ${columnsOf(reader, AutoTopUp, 'a')} from auto_top_ups a where a.organization_id = $1
       ${lock ? 'for no key update' : ''}`,
      [organizationId],
    );
  }

  /** Saves the settings and resets the declines. */
  async put(tx: Tx, row: Omit<AutoTopUp, 'declines' | 'nextAttemptAt' | 'stoppedBecause' | 'updatedAt' | 'version'>) {
    await tx.execute(
      `insert into auto_top_ups as a (organization_id, enabled, threshold, amount, target, daily_cap, monthly_cap, method,
         next_attempt_at, updated_by, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, now())
       on conflict (organization_id) do update set enabled = excluded.enabled, threshold = excluded.threshold,
         amount = excluded.amount, target = excluded.target, daily_cap = excluded.daily_cap,
         monthly_cap = excluded.monthly_cap, method = excluded.method, declines = 0, next_attempt_at = now(),
         stopped_because = null, updated_by = excluded.updated_by, updated_at = now(), version = a.version + 1`,
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
         stopped_because = case when $3 then 'declined' else stopped_because end, version = version + 1
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

  /** Delays the next attempt. */
  async postpone(tx: Tx, organizationId: string, seconds: number): Promise<void> {
    await tx.execute(
      `update auto_top_ups set next_attempt_at = now() + make_interval(secs => $2) where organization_id = $1`,
      [organizationId, seconds],
    );
  }

  async purchaseTotals(reader: Reader, organizationId: string): Promise<PurchaseTotals> {
    const row = await reader.maybe<Record<keyof PurchaseTotals, string>>(
      `select coalesce(sum(t.credits) filter (where t.auto and t.created_at >= date_trunc('day', now(), 'UTC')), 0) as today,
         coalesce(sum(t.credits) filter (where t.auto and t.created_at >= date_trunc('month', now(), 'UTC')), 0) as "thisMonth",
         coalesce(sum(t.credits) filter (where t.state in ('processing', 'paid')), 0) as pending
       from top_ups t where t.organization_id = $1 and t.state <> 'failed'
         and (t.created_at >= date_trunc('month', now(), 'UTC') or t.state in ('processing', 'paid'))`,
      [organizationId],
    );
    return {
      today: BigInt(row?.today ?? 0),
      thisMonth: BigInt(row?.thisMonth ?? 0),
      pending: BigInt(row?.pending ?? 0),
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
       order by a.next_attempt_at limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }
}
