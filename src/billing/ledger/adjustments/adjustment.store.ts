import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../../../database/index.js';
import { type Page, Pager, Where } from '../../../common/pagination/index.js';
import type { AdjustmentQuery } from './adjustment.dto.js';
import { type AdjustmentState, CreditAdjustment } from './adjustment.entity.js';

@Injectable()
export class AdjustmentStore {
  constructor(private readonly pager: Pager) {}

  async insert(
    tx: Tx,
    adjustment: Pick<CreditAdjustment, 'organizationId' | 'id' | 'amount' | 'reason' | 'requestedBy'>,
  ) {
    await tx.execute(
      `insert into credit_adjustments (organization_id, id, amount, reason, state, requested_by)
       values ($1, $2, $3, $4, 'pending', $5)`,
      [adjustment.organizationId, adjustment.id, adjustment.amount, adjustment.reason, adjustment.requestedBy],
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

  async setOverdraft(tx: Tx, organizationId: string, overdraftLimit: bigint): Promise<void> {
    await tx.execute('update credit_accounts set overdraft_limit = $2 where organization_id = $1', [
      organizationId,
      String(overdraftLimit),
    ]);
  }
}
