import { Injectable } from '@nestjs/common';
import { type OrganizationAccess, systemActor } from '../../../common/access/index.js';
import { toCredits } from '../../../common/money/index.js';
import { Database } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { billingErrors } from '../billing.errors.js';
import { isRefusal, toAppError } from '../decisions/command-result.js';
import { LedgerService } from '../ledger.service.js';
import { type AdjustmentView, toAdjustmentView } from './adjustment.dto.js';
import type { CreditAdjustment } from './adjustment.entity.js';
import { toLot } from './adjustment-command.js';
import { granted } from './adjustment-event.js';
import { AdjustmentStore } from './adjustment.store.js';

/** Grants credits whose time has come, and cancels grants before. */
@Injectable()
export class ScheduledGrantService {
  constructor(
    private readonly db: Database,
    private readonly store: AdjustmentStore,
    private readonly ledger: LedgerService,
    private readonly events: EventService,
  ) {}

  findDue(limit: number): Promise<Pick<CreditAdjustment, 'organizationId' | 'id'>[]> {
    return this.store.findDue(this.db.reader, limit);
  }

  /** Grants the credits, dated when they were due. Does nothing if another server did or the grant was cancelled. */
  execute({ organizationId, id }: Pick<CreditAdjustment, 'organizationId' | 'id'>): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.store.lockAccount(tx, organizationId);
      const row = await this.store.lock(tx, organizationId, id);
      if (row?.state !== 'scheduled' || !row.grantDetails || !row.effectiveAt) return;
      const { amount, reason, requestedBy: actorId, grantDetails, effectiveAt } = row;
      const result = await this.ledger.executeDue(tx, organizationId, effectiveAt, {
        type: 'grant',
        amount: BigInt(amount),
        reason,
        actorId,
        ...toLot(grantDetails),
        // Credits that could only be granted after their expiry expire at once.
        lapsed: true,
        key: null,
        hash: '',
      });
      if (isRefusal(result)) throw toAppError(result);
      await this.store.endWait(tx, row, 'done', String(result.body.id));
      const stream = { kind: 'organization', id: organizationId } as const;
      await this.events.record(tx, stream, granted(systemActor('scheduled-grant'), result.body));
    });
  }

  cancel({ organizationId, actor }: OrganizationAccess, id: string): Promise<AdjustmentView> {
    return this.db.transaction(async (tx) => {
      await this.store.lockAccount(tx, organizationId);
      const row = await this.store.lock(tx, organizationId, id);
      if (!row) throw billingErrors.adjustment_not_found();
      if (!(await this.store.endWait(tx, row, 'cancelled', null))) throw billingErrors.grant_not_scheduled();
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'credits.grant_cancelled',
          actor,
          subject: { type: 'adjustment', id },
          after: { amount: toCredits(BigInt(row.amount)), effectiveAt: row.effectiveAt?.toISOString() },
        },
      );
      return toAdjustmentView({ ...row, state: 'cancelled' });
    });
  }
}
