import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { AdjustmentQuery } from './adjustment.dto.js';
import { type AdjustmentState, CreditAdjustment } from './adjustment.entity.js';

export type NewAdjustment = Pick<
  CreditAdjustment,
  'organizationId' | 'id' | 'kind' | 'amount' | 'reason' | 'grantDetails' | 'overdraftLimit' | 'requestedBy'
>;

@Injectable()
export class AdjustmentStore {
  constructor(private readonly pager: Pager) {}

  async insert(tx: Tx, adjustment: NewAdjustment): Promise<void> {
    await tx.execute(
      `insert into credit_adjustments (organization_id, id, kind, amount, reason, grant_details, overdraft_limit, state, requested_by)
       values ($1, $2, $3, $4, $5, $6, $7, 'pending', $8)`,
      [
        adjustment.organizationId,
        adjustment.id,
        adjustment.kind,
        adjustment.amount,
        adjustment.reason,
        adjustment.grantDetails && JSON.stringify(adjustment.grantDetails),
        adjustment.overdraftLimit,
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
