import { Injectable } from '@nestjs/common';
import { columnsOf, isNotDelayed, type Reader, type Tx } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { AdjustmentQuery } from './adjustment.dto.js';
import { type AdjustmentState, CreditAdjustment } from './adjustment.entity.js';

export type NewAdjustment = Pick<
  CreditAdjustment,
  | 'organizationId'
  | 'id'
  | 'kind'
  | 'amount'
  | 'reason'
  | 'grantDetails'
  | 'effectiveAt'
  | 'overdraftLimit'
  | 'state'
  | 'requestedBy'
>;

@Injectable()
export class AdjustmentStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, adjustment: NewAdjustment): Promise<void> {
    await tx.execute(
      `insert into credit_adjustments (organization_id, id, kind, amount, reason, grant_details, effective_at, overdraft_limit, state,
         requested_by, decided_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $9 = 'pending' then null else now() end)`,
      [
        adjustment.organizationId,
        adjustment.id,
        adjustment.kind,
        adjustment.amount,
        adjustment.reason,
        adjustment.grantDetails && JSON.stringify(adjustment.grantDetails),
        adjustment.effectiveAt,
        adjustment.overdraftLimit,
        adjustment.state,
        adjustment.requestedBy,
      ],
    );
  }

  /** Finds a pending request for the same overdraft. The caller holds the lock on the account. */
  findPendingOverdraft(tx: Tx, organizationId: string, overdraftLimit: bigint): Promise<CreditAdjustment | null> {
    return tx.maybe<CreditAdjustment>(
      `select ${columnsOf(tx, CreditAdjustment, 'a')} from credit_adjustments a
       where a.organization_id = $1 and a.kind = 'overdraft' and a.state = 'pending' and a.overdraft_limit = $2
       order by a.created_at limit 1`,
      [organizationId, String(overdraftLimit)],
    );
  }

  lock(tx: Tx, organizationId: string, id: string): Promise<CreditAdjustment | null> {
    return tx.maybe<CreditAdjustment>(
      `select ${columnsOf(tx, CreditAdjustment, 'a')} from credit_adjustments a
       where a.organization_id = $1 and a.id = $2 for no key update`,
      [organizationId, id],
    );
  }

  async decide(
    tx: Tx,
    organizationId: string,
    id: string,
    decision: { state: AdjustmentState; decidedBy: string; entryId: string | null },
  ): Promise<void> {
    await tx.execute(
      `update credit_adjustments set state = $3, decided_by = $4, decided_at = now(), entry_id = $5
       where organization_id = $1 and id = $2 and state = 'pending'`,
      [organizationId, id, decision.state, decision.decidedBy, decision.entryId],
    );
  }

  /** Ends the wait of a scheduled grant. Returns false if it no longer waits. */
  async endWait(
    tx: Tx,
    { organizationId, id }: Pick<CreditAdjustment, 'organizationId' | 'id'>,
    state: 'done' | 'cancelled',
    entryId: string | null,
  ): Promise<boolean> {
    const ended = await tx.execute(
      `update credit_adjustments set state = $3, entry_id = $4
       where organization_id = $1 and id = $2 and state = 'scheduled'`,
      [organizationId, id, state, entryId],
    );
    return ended > 0;
  }

  /** Finds scheduled grants whose time has come, those due first before the others. Those of deleted organizations wait. */
  findDue(reader: Reader, limit: number): Promise<Pick<CreditAdjustment, 'organizationId' | 'id'>[]> {
    return reader.rows(
      `select a.organization_id as "organizationId", a.id from credit_adjustments a
       join organizations o on o.id = a.organization_id
       where a.state = 'scheduled' and a.effective_at <= now() and o.deleted_at is null
         and ${isNotDelayed('ScheduledGrantJob', 'a.id')} order by a.effective_at, a.id limit $1`,
      [limit],
    );
  }

  /** Locks the account without applying what is due, so that a scheduled grant comes before later expiries. */
  async lockAccount(tx: Tx, organizationId: string): Promise<void> {
    await tx.execute('select 1 from credit_accounts where organization_id = $1 for no key update', [organizationId]);
  }

  /** Returns the grants whose time has not come, in the order in which they are made. */
  findScheduled(reader: Reader, organizationId: string): Promise<CreditAdjustment[]> {
    return reader.rows<CreditAdjustment>(
      `select ${columnsOf(reader, CreditAdjustment, 'a')} from credit_adjustments a
       where a.organization_id = $1 and a.state = 'scheduled' order by a.effective_at, a.id`,
      [organizationId],
    );
  }

  async countScheduled(tx: Tx, organizationId: string): Promise<number> {
    const { count } = await tx.one<{ count: number }>(
      `select count(*)::int as count from credit_adjustments where organization_id = $1 and state = 'scheduled'`,
      [organizationId],
    );
    return count;
  }

  page(reader: Reader, organizationId: string, query: AdjustmentQuery): Promise<Page<CreditAdjustment>> {
    const where = new Where().add('a.organization_id = ?', organizationId).when('a.state = ?', query.state);
    return this.pager.page<CreditAdjustment>(
      reader,
      {
        name: 'credit-adjustments',
        columns: columnsOf(reader, CreditAdjustment, 'a'),
        from: 'credit_adjustments a',
        sorts: { createdAt: { sql: 'a.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'a.id', type: 'uuid' },
      },
      where,
      query,
    );
  }

  /** Returns the overdraft limit, which is 0 before the first use of credits. */
  async overdraftOf(reader: Reader, organizationId: string): Promise<bigint> {
    const row = await reader.maybe<{ limit: string }>(
      'select overdraft_limit as limit from credit_accounts where organization_id = $1',
      [organizationId],
    );
    return BigInt(row?.limit ?? '0');
  }

  async setOverdraft(tx: Tx, organizationId: string, overdraftLimit: bigint): Promise<void> {
    await tx.execute('update credit_accounts set overdraft_limit = $2 where organization_id = $1', [
      organizationId,
      String(overdraftLimit),
    ]);
  }
}
