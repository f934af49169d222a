import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx, isNotDelayed } from '../../../database/index.js';
import { CreditAlert, CreditCrossing } from './alert.entity.js';

type NewAlert = Pick<CreditAlert, 'organizationId' | 'id' | 'kind' | 'threshold' | 'enabled' | 'createdBy'>;

@Injectable()
export class AlertStore {
  list(reader: Reader, organizationId: string): Promise<CreditAlert[]> {
    return reader.rows<CreditAlert>(
      `select ${columnsOf(reader, CreditAlert, 'a')} from credit_alerts a where a.organization_id = $1 order by a.id`,
      [organizationId],
    );
  }

  lock(tx: Tx, organizationId: string, id: string): Promise<CreditAlert | null> {
    return tx.maybe<CreditAlert>(
      `select ${columnsOf(tx, CreditAlert, 'a')} from credit_alerts a
       where a.organization_id = $1 and a.id = $2 for no key update`,
      [organizationId, id],
    );
  }

  async insert(tx: Tx, row: NewAlert): Promise<void> {
    await tx.execute(
      `insert into credit_alerts (organization_id, id, kind, threshold, enabled, created_by) values ($1, $2, $3, $4, $5, $6)`,
      [row.organizationId, row.id, row.kind, row.threshold, row.enabled, row.createdBy],
    );
  }

  async update(tx: Tx, { organizationId, id, threshold, enabled }: CreditAlert): Promise<void> {
    await tx.execute(
      `update credit_alerts set threshold = $3, enabled = $4, firing = false, version = version + 1
       where organization_id = $1 and id = $2`,
      [organizationId, id, threshold, enabled],
    );
  }

  async remove(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute('delete from credit_alerts where organization_id = $1 and id = $2', [organizationId, id]);
  }

  /** Updates the thresholds on the account, which charges check. The caller holds the account's lock. */
  async refreshThresholds(tx: Tx, organizationId: string): Promise<void> {
    await tx.execute(
      `update credit_accounts set lines = (
         select array_agg(distinct l.line) from (
           select threshold as line from credit_alerts where organization_id = $1 and kind = 'balance' and enabled
           union select threshold from auto_top_ups where organization_id = $1 and enabled) l)
       where organization_id = $1`,
      [organizationId],
    );
  }

  /** Finds organizations with unreported crossings. Locks nothing. */
  async findCrossed(reader: Reader, limit: number): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select distinct c.organization_id as id from credit_crossings c join organizations o on o.id = c.organization_id
       where o.deleted_at is null and ${isNotDelayed('BalanceThresholdJob', 'c.organization_id')} limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Deletes crossings and returns them. The caller reports them. */
  async takeCrossings(tx: Tx, organizationId: string): Promise<CreditCrossing[]> {
    const rows = await tx.rows<CreditCrossing>(
      `delete from credit_crossings c where c.organization_id = $1 returning ${columnsOf(tx, CreditCrossing, 'c')}`,
      [organizationId],
    );
    return rows.sort((a, b) => Number(BigInt(a.seq) - BigInt(b.seq)));
  }

  async markFired(tx: Tx, organizationId: string, id: string): Promise<void> {
    await tx.execute('update credit_alerts set last_fired_at = now() where organization_id = $1 and id = $2', [
      organizationId,
      id,
    ]);
  }

  /** Finds organizations with alerts of time-based kinds. */
  async findTimeBased(reader: Reader): Promise<string[]> {
    const rows = await reader.rows<{ id: string }>(
      `select distinct a.organization_id as id from credit_alerts a join organizations o on o.id = a.organization_id
       where a.enabled and a.kind <> 'balance' and o.deleted_at is null
         and ${isNotDelayed('TimeBasedAlertJob', 'a.organization_id')}`,
    );
    return rows.map(({ id }) => id);
  }

  /** Returns true if this call changed it. */
  async setFiring(tx: Tx, organizationId: string, id: string, firing: boolean): Promise<boolean> {
    const count = await tx.execute(
      `update credit_alerts set firing = $3, last_fired_at = case when $3 then now() else last_fired_at end
       where organization_id = $1 and id = $2 and firing <> $3 and enabled returning id`,
      [organizationId, id, firing],
    );
    return count > 0;
  }

  /** Returns since when no credits have been available, or null if some are or never were. */
  async emptySince(reader: Reader, organizationId: string): Promise<Date | null> {
    const row = await reader.maybe<{ since: Date | null }>(
      `select (select min(e.created_at) from credit_entries e where e.organization_id = a.organization_id
           and e.seq > coalesce((select max(p.seq) from credit_entries p
             where p.organization_id = a.organization_id and p.available_after > 0), 0)) as since
       from credit_accounts a where a.organization_id = $1 and a.available <= 0`,
      [organizationId],
    );
    return row?.since ?? null;
  }
}
