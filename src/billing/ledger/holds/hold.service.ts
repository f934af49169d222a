import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../../common/access/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { toMicro } from '../../../common/money/index.js';
import { billingErrors } from '../billing.errors.js';
import { callerOf, usageOf } from '../charging/usage-of.js';
import { usageRequest } from '../charging/usage-request.js';
import { hashOf } from '../idempotency-key.js';
import { holdBody } from '../decisions/command-result.js';
import type { CaptureCommand, ExtendCommand, HoldCommand, VoidCommand } from '../decisions/command.js';
import { isAccessibleTo } from '../decisions/spending.js';
import { LedgerService } from '../ledger.service.js';
import { type CaptureInput, DEFAULT_TTL_SECONDS, type ExtendInput, MAX_TTL_SECONDS } from './hold.dto.js';

const SECOND_MS = 1_000;

/** Throws validation_failed. */
function ttlMs(body: unknown): number {
  const seconds = (body as { ttlSeconds?: unknown } | null)?.ttlSeconds ?? DEFAULT_TTL_SECONDS;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_TTL_SECONDS) {
    return seconds * SECOND_MS;
  }
  const message = `ttlSeconds must be a whole number from 1 to ${MAX_TTL_SECONDS}`;
  throw commonErrors.validation_failed({ errors: [{ field: 'ttlSeconds', message }] });
}

/** What is asked about holds, as commands; and one of them as it is. */
@Injectable()
export class HoldService {
  constructor(private readonly ledger: LedgerService) {}

  /** Throws validation_failed, billing.member_not_allowed. */
  holdCommand(access: OrganizationAccess, body: unknown, key: string | null): HoldCommand {
    const request = usageRequest(body, ['ttlSeconds']);
    const usage = usageOf(access, request);
    const { amount } = request;
    const ttl = ttlMs(body);
    const { unitId, memberId, apiKeyId, kind, reference, detail } = usage;
    const asked = [amount, ttl, unitId, memberId, apiKeyId, kind, reference, detail];
    const hash = key === null ? '' : hashOf('hold', ...asked);
    return { type: 'hold', ...usage, amount, ttlMs: ttl, key, hash, actorId: callerOf(access).actorId };
  }

  captureCommand(access: OrganizationAccess, holdId: string, input: CaptureInput, key: string): CaptureCommand {
    const amount = input.amount === undefined ? null : toMicro(input.amount);
    const { policy = 'reject' } = input;
    return {
      type: 'capture',
      holdId,
      amount,
      policy,
      ...callerOf(access),
      key,
      hash: hashOf('capture', holdId, amount, policy),
    };
  }

  voidCommand(access: OrganizationAccess, holdId: string, key: string): VoidCommand {
    return { type: 'void', holdId, ...callerOf(access), key, hash: hashOf('void', holdId) };
  }

  extendCommand(access: OrganizationAccess, holdId: string, input: ExtendInput, key: string | null): ExtendCommand {
    const ttl = (input.ttlSeconds ?? DEFAULT_TTL_SECONDS) * SECOND_MS;
    return { type: 'extend', holdId, ttlMs: ttl, ...callerOf(access), key, hash: hashOf('extend', holdId, ttl) };
  }

  /** Throws billing.hold_not_found. */
  async view(access: OrganizationAccess, holdId: string): Promise<object> {
    const hold = await this.ledger.getHold(access.organizationId, holdId);
    const caller = callerOf(access);
    const seen = access.permissions.has('credits:readAll') ? { ...caller, onlyOf: null } : caller;
    if (!hold || !isAccessibleTo(seen, hold)) throw billingErrors.hold_not_found();
    return holdBody(hold);
  }
}
