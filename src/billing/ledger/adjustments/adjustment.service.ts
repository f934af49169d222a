import { Injectable } from '@nestjs/common';
import type { Actor, OrganizationAccess, PersonAccess } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { EventService } from '../../../events/index.js';
import { billingErrors } from '../billing.errors.js';
import { hashOf } from '../idempotency-key.js';
import { isRefusal, type CommandResult } from '../decisions/command-result.js';
import type { AdjustmentCommand } from '../decisions/command.js';
import { LedgerService } from '../ledger.service.js';
import { type AdjustmentInput, type AdjustmentQuery, type AdjustmentView, toAdjustmentView } from './adjustment.dto.js';
import type { CreditAdjustment } from './adjustment.entity.js';
import { AdjustmentStore } from './adjustment.store.js';

/** Access of operator staff, who are never API keys. */
export type StaffAccess = OrganizationAccess & PersonAccess;

/** Adjusts balances for operator staff. Large adjustments need two people. */
@Injectable()
export class AdjustmentService {
  private readonly limit: bigint;

  constructor(
    config: Config,
    private readonly db: Database,
    private readonly ledger: LedgerService,
    private readonly store: AdjustmentStore,
    private readonly events: EventService,
  ) {
    this.limit = BigInt(config.adjustmentLimit) * 1_000_000n;
  }

  request(access: StaffAccess, key: string, input: AdjustmentInput): Promise<CommandResult> {
    const { organizationId, actor } = access;
    const { reason } = input;
    const amount = toMicro(input.amount);
    const large = (amount < 0n ? -amount : amount) > this.limit;
    const hash = hashOf('adjustment', amount, reason);
    const base = { amount, reason, key, hash, actorId: actor.userId };
    if (!large) {
      const command: AdjustmentCommand = { type: 'adjustment', ...base, approvedBy: null };
      return this.ledger.executeWithEvent(organizationId, command, (body) => adjusted(actor, body, reason));
    }
    return this.db.transaction(async (tx) => {
      const result = await this.ledger.execute(tx, organizationId, { type: 'adjustment_request', ...base });
      if (result.replayed || isRefusal(result)) return result;
      const id = String(result.body.id);
      await this.store.insert(tx, { organizationId, id, amount: String(amount), reason, requestedBy: actor.userId });
      await this.record(tx, actor, organizationId, id, 'credits.adjustment_requested', amount, reason);
      return result;
    });
  }

  approve(access: StaffAccess, id: string, key: string): Promise<CommandResult> {
    const { organizationId, actor } = access;
    return this.db.transaction(async (tx) => {
      const adjustment = await this.lockForDecision(tx, access, id);
      const { amount: text, reason, requestedBy } = adjustment;
      const result = await this.ledger.execute(tx, organizationId, {
        type: 'adjustment',
        amount: BigInt(text),
        reason,
        approvedBy: actor.userId,
        key,
        hash: hashOf('approve', id),
        actorId: requestedBy,
      });
      if (result.replayed) return result;
      // Rolls back the command above.
      if (adjustment.state !== 'pending') throw billingErrors.adjustment_decided();
      if (isRefusal(result)) return result;
      const entryId = String(result.body.id);
      await this.store.decide(tx, organizationId, id, { state: 'done', decidedBy: actor.userId, entryId });
      const stream = { kind: 'organization', id: organizationId } as const;
      await this.events.record(tx, stream, adjusted(actor, result.body, reason));
      return result;
    });
  }

  decline(access: StaffAccess, id: string): Promise<AdjustmentView> {
    const { organizationId, actor } = access;
    return this.db.transaction(async (tx) => {
      const adjustment = await this.lockForDecision(tx, access, id);
      if (adjustment.state !== 'pending') throw billingErrors.adjustment_decided();
      await this.store.decide(tx, organizationId, id, {
        state: 'declined',
        decidedBy: actor.userId,
        entryId: null,
      });
      const { amount, reason } = adjustment;
      await this.record(tx, actor, organizationId, id, 'credits.adjustment_declined', BigInt(amount), reason);
      return toAdjustmentView({ ...adjustment, state: 'declined', decidedBy: actor.userId });
    });
  }

  async list({ organizationId }: StaffAccess, query: AdjustmentQuery): Promise<Page<AdjustmentView>> {
    const page = await this.store.page(this.db.reader, organizationId, query);
    return { ...page, items: page.items.map(toAdjustmentView) };
  }

  setOverdraft({ organizationId, actor }: StaffAccess, overdraftLimit: bigint): Promise<string> {
    return this.db.transaction(async (tx) => {
      const state = await this.ledger.lock(tx, organizationId);
      if (state.balances.available < -overdraftLimit) {
        throw billingErrors.overdraft_in_use({ data: { available: toCredits(state.balances.available) } });
      }
      const [before, after] = [toCredits(state.overdraftLimit), toCredits(overdraftLimit)];
      if (before === after) return after;
      await this.store.setOverdraft(tx, organizationId, overdraftLimit);
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'credits.overdraft_changed',
          actor,
          subject: { type: 'organization', id: organizationId },
          before: { overdraftLimit: before },
          after: { overdraftLimit: after },
        },
      );
      return after;
    });
  }

  private async lockForDecision(tx: Tx, access: StaffAccess, id: string): Promise<CreditAdjustment> {
    // Lock order: the account comes first.
    await this.ledger.lock(tx, access.organizationId);
    const adjustment = await this.store.lock(tx, access.organizationId, id);
    if (!adjustment) throw billingErrors.adjustment_not_found();
    if (adjustment.requestedBy === access.actor.userId) throw billingErrors.second_person_needed();
    return adjustment;
  }

  private record(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    id: string,
    type: 'credits.adjustment_requested' | 'credits.adjustment_declined',
    amount: bigint,
    reason: string,
  ): Promise<void> {
    const after = { amount: toCredits(amount), reason };
    const subject = { type: 'adjustment', id };
    return this.events.record(tx, { kind: 'organization', id: organizationId }, { type, actor, subject, after });
  }
}

const adjusted = (actor: Actor, body: CommandResult['body'], reason: string) => ({
  type: 'credits.adjusted' as const,
  actor,
  subject: { type: 'entry', id: String(body.id) },
  after: { amount: body.amount, reason },
});
