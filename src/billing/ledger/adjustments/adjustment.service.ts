import { Injectable } from '@nestjs/common';
import {
  type Actor,
  answerableIdOf,
  callerIdOf,
  type OrganizationAccess,
  type PersonAccess,
} from '../../../common/access/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { endOf, startOf } from '../../../common/validation/index.js';
import { newId } from '../../../common/ids/index.js';
import { Database, type Tx } from '../../../database/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { EventService, type NewEvent } from '../../../events/index.js';
import { billingErrors } from '../billing.errors.js';
import { hashOf } from '../idempotency-key.js';
import { isRefusal, type CommandResult } from '../decisions/command-result.js';
import type { OrganizationState } from '../decisions/state.js';
import { type GrantedLotView, type GrantInput, type GrantQuery, toGrantedLotView } from './grant.dto.js';
import { GrantStore } from './grant.store.js';
import { IssuanceService } from './issuance.service.js';
import { LedgerService } from '../ledger.service.js';
import { approvedCommand, type NewCommand, toRequest } from './adjustment-command.js';
import { adjusted, granted, toScheduledEvent } from './adjustment-event.js';
import {
  type AdjustmentInput,
  type AdjustmentQuery,
  type AdjustmentView,
  type OverdraftInput,
  type OverdraftView,
  toAdjustmentView,
} from './adjustment.dto.js';
import type { CreditAdjustment } from './adjustment.entity.js';
import { AdjustmentStore, type NewAdjustment } from './adjustment.store.js';

/** Access of a second person, who is never an API key. */
export type ApproverAccess = OrganizationAccess & PersonAccess;

/** What a request asks for, beyond the amount. */
type Requested = Pick<CreditAdjustment, 'kind' | 'reason' | 'grantDetails' | 'effectiveAt' | 'overdraftLimit'>;

const NOTHING_ELSE = { grantDetails: null, effectiveAt: null, overdraftLimit: null };

/** Scheduled grants of one organization. */
const MAX_SCHEDULED = 100;

/** Adjusts balances, grants credits and sets overdrafts for operator staff. Large amounts need two people. */
@Injectable()
export class AdjustmentService {
  constructor(
    private readonly db: Database,
    private readonly ledger: LedgerService,
    private readonly store: AdjustmentStore,
    private readonly grants: GrantStore,
    private readonly issuance: IssuanceService,
    private readonly events: EventService,
  ) {}

  request(access: OrganizationAccess, key: string, input: AdjustmentInput): Promise<CommandResult> {
    const { actor } = access;
    const { reason } = input;
    const amount = toMicro(input.amount);
    const hash = hashOf('adjustment', amount, reason);
    const command = {
      type: 'adjustment',
      amount,
      reason,
      key,
      hash,
      actorId: callerIdOf(actor),
      approvedBy: null,
    } as const;
    const requested: Requested = { kind: 'adjustment', reason, ...NOTHING_ELSE };
    return this.executeOrRequest(access, command, requested, (body) => adjusted(actor, body, reason));
  }

  grant(access: OrganizationAccess, key: string, input: GrantInput): Promise<CommandResult> {
    const { actor } = access;
    const { category, priority = 0, reason } = input;
    const amount = toMicro(input.amount);
    const { timeZone } = access.operator;
    const expiresAt = input.expiresAt ? endOf(input.expiresAt, timeZone).getTime() : null;
    const effectiveAt = input.effectiveAt ? startOf(input.effectiveAt, timeZone) : null;
    const command = {
      type: 'grant',
      amount,
      category,
      priority,
      expiresAt,
      reason,
      key,
      hash: hashOf(
        'grant',
        amount,
        category,
        priority,
        expiresAt,
        reason,
        ...(effectiveAt ? [effectiveAt.getTime()] : []),
      ),
      actorId: callerIdOf(actor),
    } as const;
    const grantDetails = {
      category,
      priority,
      expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    };
    const requested: Requested = { ...NOTHING_ELSE, kind: 'grant', reason, grantDetails, effectiveAt };
    return this.executeOrRequest(access, command, requested, (body) => granted(actor, body));
  }

  approve(access: ApproverAccess, id: string, key: string): Promise<CommandResult> {
    const { organizationId, actor } = access;
    return this.db.transaction(async (tx) => {
      const { adjustment, now } = await this.lockForDecision(tx, access, id);
      if (adjustment.kind === 'overdraft') return this.approveOverdraft(tx, access, adjustment);
      const command = approvedCommand(adjustment, actor, key, now);
      const result = await this.ledger.execute(tx, organizationId, command);
      const approved = { ...result, body: isRefusal(result) ? result.body : toApprovedBody(adjustment, result.body) };
      if (result.replayed) return approved;
      // Rolls back the command above.
      if (adjustment.state !== 'pending') throw billingErrors.adjustment_decided();
      if (isRefusal(result)) return result;
      const stream = { kind: 'organization', id: organizationId } as const;
      if (command.type === 'adjustment_request') {
        await this.assertRoomToSchedule(tx, organizationId);
        await this.store.decide(tx, organizationId, id, { state: 'scheduled', decidedBy: actor.userId, entryId: null });
        await this.events.record(tx, stream, toScheduledEvent(actor, id, adjustment));
        return approved;
      }
      const entryId = String(result.body.id);
      await this.store.decide(tx, organizationId, id, { state: 'done', decidedBy: actor.userId, entryId });
      const event =
        adjustment.kind === 'grant' ? granted(actor, result.body) : adjusted(actor, result.body, adjustment.reason);
      await this.events.record(tx, stream, event);
      return approved;
    });
  }

  decline(access: ApproverAccess, id: string): Promise<AdjustmentView> {
    const { organizationId, actor } = access;
    return this.db.transaction(async (tx) => {
      const { adjustment } = await this.lockForDecision(tx, access, id);
      if (adjustment.state !== 'pending') throw billingErrors.adjustment_decided();
      await this.store.decide(tx, organizationId, id, {
        state: 'declined',
        decidedBy: actor.userId,
        entryId: null,
      });
      await this.record(
        tx,
        actor,
        organizationId,
        id,
        'credits.adjustment_declined',
        BigInt(adjustment.amount),
        adjustment,
      );
      return toAdjustmentView({ ...adjustment, state: 'declined', decidedBy: actor.userId });
    });
  }

  async list({ organizationId }: OrganizationAccess, query: AdjustmentQuery): Promise<Page<AdjustmentView>> {
    const page = await this.store.page(this.db.reader, organizationId, query);
    return { ...page, items: page.items.map(toAdjustmentView) };
  }

  async listGrants(organizationId: string, query: GrantQuery): Promise<Page<GrantedLotView>> {
    const page = await this.grants.page(this.db.reader, organizationId, query);
    return { ...page, items: page.items.map(toGrantedLotView) };
  }

  /** Takes back what is left of a lot. */
  voidGrant(access: OrganizationAccess, lotId: string, key: string, reason: string): Promise<CommandResult> {
    const { organizationId, actor } = access;
    const hash = hashOf('grant_void', lotId, reason);
    return this.db.transaction(async (tx) => {
      const command = { type: 'grant_void', lotId, reason, key, hash, actorId: callerIdOf(actor) } as const;
      const result = await this.ledger.execute(tx, organizationId, command);
      if (result.replayed || isRefusal(result)) return result;
      const subject = { type: 'entry', id: String(result.body.id) };
      const after = { amount: result.body.amount, lotId, reason };
      const stream = { kind: 'organization', id: organizationId } as const;
      await this.events.record(tx, stream, { type: 'credits.grant_voided', actor, subject, after });
      return result;
    });
  }

  /** Sets the limit, or returns the request that waits for a second person. */
  setOverdraft(access: OrganizationAccess, input: OverdraftInput): Promise<OverdraftView | AdjustmentView> {
    const { organizationId } = access;
    const overdraftLimit = toMicro(input.overdraftLimit);
    return this.db.transaction(async (tx) => {
      const current = await this.store.overdraftOf(tx, organizationId);
      const raise = overdraftLimit - current;
      // Lock order: the total of the caller comes before the account.
      const permit = raise > 0n ? await this.issuance.check(tx, access, raise) : null;
      const state = await this.ledger.lock(tx, organizationId);
      if (state.overdraftLimit !== current) throw commonErrors.conflict();
      if (permit?.needsApproval) return this.requestOverdraft(tx, access, raise, overdraftLimit, input.reason);
      await this.changeOverdraft(tx, access, state, overdraftLimit);
      if (permit) await this.issuance.record(tx, access, 'overdraft', raise, permit);
      return { overdraftLimit: toCredits(overdraftLimit) };
    });
  }

  /** Executes a command at once, or stores it as a request if it needs a second person or its time has not come. */
  private executeOrRequest(
    access: OrganizationAccess,
    command: NewCommand,
    requested: Requested,
    eventOf: (body: CommandResult['body']) => NewEvent,
  ): Promise<CommandResult> {
    const { organizationId, actor } = access;
    const { amount } = command;
    const of = command.type;
    return this.db.transaction(async (tx) => {
      const permit = await this.issuance.check(tx, access, amount);
      const state = permit.needsApproval ? 'pending' : requested.effectiveAt ? 'scheduled' : null;
      const result = await this.ledger.execute(
        tx,
        organizationId,
        state ? toRequest(command, state, requested.effectiveAt) : command,
      );
      if (result.replayed || isRefusal(result)) return result;
      const stream = { kind: 'organization', id: organizationId } as const;
      if (state) {
        const id = String(result.body.id);
        const row: NewAdjustment = {
          organizationId,
          id,
          state,
          amount: String(amount),
          requestedBy: answerableIdOf(actor),
          ...requested,
        };
        if (state === 'scheduled') {
          await this.assertRoomToSchedule(tx, organizationId);
          await this.events.record(tx, stream, toScheduledEvent(actor, id, row));
        } else {
          await this.record(tx, actor, organizationId, id, 'credits.adjustment_requested', amount, requested);
        }
        await this.store.insert(tx, row);
      } else {
        await this.events.record(tx, stream, eventOf(result.body));
      }
      if (state !== 'pending') await this.issuance.record(tx, access, of, amount, permit);
      return result;
    });
  }

  /** Rejects a further scheduled grant if too many wait. The account is locked. */
  private async assertRoomToSchedule(tx: Tx, organizationId: string): Promise<void> {
    const waiting = await this.store.countScheduled(tx, organizationId);
    if (waiting >= MAX_SCHEDULED) throw billingErrors.scheduled_grant_limit_reached();
  }

  private async approveOverdraft(tx: Tx, access: ApproverAccess, adjustment: CreditAdjustment): Promise<CommandResult> {
    if (adjustment.state !== 'pending') throw billingErrors.adjustment_decided();
    const { organizationId, actor } = access;
    const state = await this.ledger.lock(tx, organizationId);
    await this.changeOverdraft(tx, access, state, BigInt(adjustment.overdraftLimit ?? '0'));
    const decision = { state: 'done', decidedBy: actor.userId, entryId: null } as const;
    await this.store.decide(tx, organizationId, adjustment.id, decision);
    return { status: 201, body: { ...toAdjustmentView({ ...adjustment, ...decision }) }, replayed: false };
  }

  private async requestOverdraft(
    tx: Tx,
    access: OrganizationAccess,
    raise: bigint,
    overdraftLimit: bigint,
    reason = 'Overdraft limit',
  ): Promise<AdjustmentView> {
    const { organizationId, actor } = access;
    const pending = await this.store.findPendingOverdraft(tx, organizationId, overdraftLimit);
    if (pending) return toAdjustmentView(pending);
    const id = newId();
    const requested = {
      kind: 'overdraft',
      reason,
      ...NOTHING_ELSE,
      overdraftLimit: String(overdraftLimit),
    } as const;
    const requestedBy = answerableIdOf(actor);
    const state = 'pending';
    await this.store.insert(tx, { organizationId, id, state, amount: String(raise), requestedBy, ...requested });
    await this.record(tx, actor, organizationId, id, 'credits.adjustment_requested', raise, requested);
    const row = await this.store.lock(tx, organizationId, id);
    if (!row) throw billingErrors.adjustment_not_found();
    return toAdjustmentView(row);
  }

  private async changeOverdraft(
    tx: Tx,
    { organizationId, actor }: OrganizationAccess,
    state: Pick<OrganizationState, 'balances' | 'overdraftLimit'>,
    overdraftLimit: bigint,
  ): Promise<void> {
    if (state.balances.available < -overdraftLimit) {
      throw billingErrors.overdraft_in_use({ data: { available: toCredits(state.balances.available) } });
    }
    if (state.overdraftLimit === overdraftLimit) return;
    await this.store.setOverdraft(tx, organizationId, overdraftLimit);
    await this.events.record(
      tx,
      { kind: 'organization', id: organizationId },
      {
        type: 'credits.overdraft_changed',
        actor,
        subject: { type: 'organization', id: organizationId },
        before: { overdraftLimit: toCredits(state.overdraftLimit) },
        after: { overdraftLimit: toCredits(overdraftLimit) },
      },
    );
  }

  private async lockForDecision(
    tx: Tx,
    access: ApproverAccess,
    id: string,
  ): Promise<{ adjustment: CreditAdjustment; now: number }> {
    // Lock order: the account comes first.
    const { now } = await this.ledger.lock(tx, access.organizationId);
    const adjustment = await this.store.lock(tx, access.organizationId, id);
    if (!adjustment) throw billingErrors.adjustment_not_found();
    if (adjustment.requestedBy === access.actor.userId) throw billingErrors.second_person_needed();
    return { adjustment, now };
  }

  private record(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    id: string,
    type: 'credits.adjustment_requested' | 'credits.adjustment_declined',
    amount: bigint,
    { kind, reason }: Pick<Requested, 'kind' | 'reason'>,
  ): Promise<void> {
    const after = { kind, amount: toCredits(amount), reason };
    const subject = { type: 'adjustment', id };
    return this.events.record(tx, { kind: 'organization', id: organizationId }, { type, actor, subject, after });
  }
}

/** Responds to an approval in one form, whatever was approved. */
const toApprovedBody = (
  { kind, effectiveAt }: CreditAdjustment,
  { id, amount, reason, state = 'done', balance, createdAt }: CommandResult['body'],
) => ({
  id,
  kind,
  amount,
  reason,
  state,
  ...(effectiveAt && { effectiveAt: effectiveAt.toISOString() }),
  balance,
  createdAt,
});
