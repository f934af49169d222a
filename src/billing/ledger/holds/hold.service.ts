import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../../common/access/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { Database } from '../../../database/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { toMicro } from '../../../common/money/index.js';
import { billingErrors } from '../billing.errors.js';
import { callerOf, readerOf, usageOf } from '../charging/usage-of.js';
import { usageRequest } from '../charging/usage-request.js';
import { ChargeService } from '../charging/charge.service.js';
import { checkKey, hashOf } from '../idempotency-key.js';
import { type CommandResult, holdBody } from '../decisions/command-result.js';
import type { HoldCommand } from '../decisions/command.js';
import { isAccessibleTo } from '../decisions/spending.js';
import { LedgerService } from '../ledger.service.js';
import {
  type CaptureInput,
  DEFAULT_TTL_SECONDS,
  type ExtendInput,
  type HoldQuery,
  type HoldView,
  MAX_TTL_SECONDS,
  toHoldView,
} from './hold.dto.js';
import { HoldStore } from './hold.store.js';

const SECOND_MS = 1_000;

function ttlMs(body: unknown): number {
  const seconds = (body as { ttlSeconds?: unknown } | null)?.ttlSeconds ?? DEFAULT_TTL_SECONDS;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_TTL_SECONDS) {
    return seconds * SECOND_MS;
  }
  const message = `ttlSeconds must be a whole number from 1 to ${MAX_TTL_SECONDS}`;
  throw commonErrors.validation_failed({ errors: [{ field: 'ttlSeconds', message }] });
}

@Injectable()
export class HoldService {
  constructor(
    private readonly db: Database,
    private readonly store: HoldStore,
    private readonly ledger: LedgerService,
    private readonly charges: ChargeService,
  ) {}

  /** Places a hold once per `key`, or only decides it when `dryRun` is set. */
  create(access: OrganizationAccess, body: unknown, key: string | null, dryRun: boolean): Promise<CommandResult> {
    if (dryRun) return this.charges.preview(access, holdCommand(access, body, null));
    return this.charges.execute(access, holdCommand(access, body, checkKey(key)));
  }

  capture(access: OrganizationAccess, holdId: string, input: CaptureInput, key: string): Promise<CommandResult> {
    const amount = input.amount === undefined ? null : toMicro(input.amount);
    const { policy = 'reject' } = input;
    const hash = hashOf('capture', holdId, amount, policy);
    return this.charges.execute(access, { type: 'capture', holdId, amount, policy, ...callerOf(access), key, hash });
  }

  void(access: OrganizationAccess, holdId: string, key: string): Promise<CommandResult> {
    const hash = hashOf('void', holdId);
    return this.charges.execute(access, { type: 'void', holdId, ...callerOf(access), key, hash });
  }

  extend(access: OrganizationAccess, holdId: string, input: ExtendInput, key: string | null): Promise<CommandResult> {
    const ttl = (input.ttlSeconds ?? DEFAULT_TTL_SECONDS) * SECOND_MS;
    const hash = hashOf('extend', holdId, ttl);
    return this.charges.execute(access, { type: 'extend', holdId, ttlMs: ttl, ...callerOf(access), key, hash });
  }

  async list(access: OrganizationAccess, query: HoldQuery): Promise<Page<HoldView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, query, readerOf(access));
    return { ...page, items: page.items.map(toHoldView) };
  }

  async view(access: OrganizationAccess, holdId: string): Promise<object> {
    const hold = await this.ledger.getHold(access.organizationId, holdId);
    // A hold that the caller may capture can be read, too.
    const visible = [callerOf(access), readerOf(access)].some((caller) => hold && isAccessibleTo(caller, hold));
    if (!hold || !visible) throw billingErrors.hold_not_found();
    return holdBody(hold);
  }
}

function holdCommand(access: OrganizationAccess, body: unknown, key: string | null): HoldCommand {
  const request = usageRequest(body, { more: ['ttlSeconds'] });
  const usage = usageOf(access, request);
  const { amount } = request;
  const ttl = ttlMs(body);
  const { unitId, memberId, apiKeyId, kind, reference, detail } = usage;
  const hash = key === null ? '' : hashOf('hold', amount, ttl, unitId, memberId, apiKeyId, kind, reference, detail);
  return { type: 'hold', ...usage, amount, ttlMs: ttl, key, hash, actorId: callerOf(access).actorId };
}
