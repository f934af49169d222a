import { Injectable } from '@nestjs/common';
import { callerIdOf, type OrganizationAccess } from '../../../common/access/index.js';
import { Database } from '../../../database/index.js';
import { AppError, commonErrors } from '../../../common/errors/index.js';
import { billingErrors } from '../billing.errors.js';
import { newId } from '../../../common/ids/index.js';
import { organizationErrors } from '../../../organizations/index.js';
import { type CommandResponse, isRefusal, type CommandResult, toErrorResponse } from '../decisions/command-result.js';
import type { ChargeCommand, Command } from '../decisions/command.js';
import { decide } from '../decisions/decide.js';
import { isAccessibleTo } from '../decisions/spending.js';
import { executorFor } from '../storage/executor.js';
import { LedgerStore } from '../storage/ledger.store.js';
import { type ChargeDetailView, toChargeDetailView } from './charge.dto.js';
import { ChargeStore } from './charge.store.js';
import { GroupCommit } from './group-commit.js';
import { checkKey, hashOf } from '../idempotency-key.js';
import { readerOf, usageOf } from './usage-of.js';
import { usageRequest } from './usage-request.js';

const MAX_ITEMS = 1_000;

@Injectable()
export class ChargeService {
  constructor(
    private readonly db: Database,
    private readonly store: LedgerStore,
    private readonly commit: GroupCommit,
    private readonly charges: ChargeStore,
  ) {}

  /** Charges usage once per `key`, or only decides it when `dryRun` is set. */
  charge(access: OrganizationAccess, body: unknown, key: string | null, dryRun: boolean): Promise<CommandResult> {
    if (dryRun) return this.preview(access, this.chargeCommand(access, body, null));
    return this.execute(access, this.chargeCommand(access, body, checkKey(key)));
  }

  /** Returns a charge that the caller may see, as it is now. */
  async view(access: OrganizationAccess, id: string): Promise<ChargeDetailView> {
    const row = await this.charges.find(this.db.reader, access.organizationId, id);
    if (!row || !isAccessibleTo(readerOf(access), row)) throw billingErrors.charge_not_found();
    return toChargeDetailView(row);
  }

  private chargeCommand(
    access: OrganizationAccess,
    body: unknown,
    key: string | null,
    more: readonly string[] = [],
  ): ChargeCommand {
    const request = usageRequest(body, { more, free: true });
    const { amount } = request;
    const { unitId, memberId, apiKeyId, requiredUnitMember, verifyMember, kind, reference, detail } = usageOf(
      access,
      request,
    );
    // Field by field, because copying objects would cost more than the rest of this function.
    return {
      type: 'charge',
      unitId,
      memberId,
      apiKeyId,
      requiredUnitMember,
      verifyMember,
      kind,
      reference,
      detail,
      amount,
      key,
      hash: key === null ? '' : hashOf('charge', amount, unitId, memberId, apiKeyId, kind, reference, detail),
      actorId: callerIdOf(access.actor),
    };
  }

  /** Executes a command in the next batch and returns its result after the commit. */
  async execute(access: OrganizationAccess, command: Command): Promise<CommandResult> {
    const [result] = await this.commit.submit(access.organizationId, [command]);
    if (!result) throw new Error('a command has no result');
    return result;
  }

  /** Charges each item on its own, in order. An invalid or refused item does not affect the others. */
  async executeBatch(access: OrganizationAccess, body: unknown): Promise<Record<string, unknown>[]> {
    const items = itemsOf(body);
    const prepared = items.map((item): ChargeCommand | CommandResponse => {
      try {
        return this.chargeCommand(
          access,
          item,
          checkKey((item as { idempotencyKey?: unknown } | null)?.idempotencyKey),
          ['idempotencyKey'],
        );
      } catch (error) {
        if (error instanceof AppError) return toErrorResponse(error);
        throw error;
      }
    });
    const commands = prepared.filter((one): one is ChargeCommand => 'type' in one);
    const results = commands.length > 0 ? await this.commit.submit(access.organizationId, commands) : [];
    let next = 0;
    return prepared.map((one, index) => {
      const result = 'type' in one ? results[next++] : { ...one, replayed: false };
      if (!result) throw new Error('a command has no result');
      const { idempotencyKey } = (items[index] ?? {}) as { idempotencyKey?: unknown };
      return { ...(typeof idempotencyKey === 'string' && { idempotencyKey }), ...resultOf(result) };
    });
  }

  /** Decides a command without writing anything. */
  async preview(access: OrganizationAccess, command: Command): Promise<CommandResult> {
    const { organizationId } = access;
    const batches = [{ organizationId, commands: [{ ...command, key: null }] }];
    const executor = executorFor(this.db.reader);
    let states = await this.store.read(executor, batches);
    if (!states.has(organizationId)) {
      await this.db.transaction((tx) => this.store.readLocked(executorFor(tx), batches));
      states = await this.store.read(executor, batches);
    }
    const state = states.get(organizationId);
    const result = state && decide(state, batches[0]?.commands ?? [], newId).results[0];
    if (!result) throw organizationErrors.not_found();
    if (isRefusal(result)) return result;
    return { status: 200, body: { ...result.body, dryRun: true }, replayed: false };
  }
}

function itemsOf(body: unknown): unknown[] {
  const refuse = (field: string, message: string) => commonErrors.validation_failed({ errors: [{ field, message }] });
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refuse('', 'the body must be an object');
  const unknownField = Object.keys(body).find((field) => field !== 'items');
  if (unknownField !== undefined) throw refuse(unknownField.slice(0, 200), 'is not a known field');
  const { items } = body as { items?: unknown };
  if (!Array.isArray(items) || items.length === 0 || items.length > MAX_ITEMS)
    throw refuse('items', `items must be a list of 1 to ${MAX_ITEMS}`);
  return items as unknown[];
}

/** Flattens the result of one batch item, like the body of a single charge. */
function resultOf({ status, body, replayed }: CommandResult): Record<string, unknown> {
  const again = replayed && { replayed };
  if (!isRefusal({ status, body })) return { status, ...body, ...again };
  const { code, detail, options } = body as { code: string; detail: string; options: AppError['options'] };
  return { status, ...options.data, code, detail, ...(options.errors && { errors: options.errors }), ...again };
}
