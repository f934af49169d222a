import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../../common/access/index.js';
import { toCredits, toMicro } from '../../../common/money/index.js';
import { hashOf } from '../idempotency-key.js';
import type { CommandResult } from '../decisions/command-result.js';
import type { GrantCommand } from '../decisions/command.js';
import { LedgerService } from '../ledger.service.js';
import type { GrantInput } from './grant.dto.js';

@Injectable()
export class GrantService {
  constructor(private readonly ledger: LedgerService) {}

  grant(access: OrganizationAccess, key: string, input: GrantInput): Promise<CommandResult> {
    const { actor } = access;
    const { category, priority = 0, reason } = input;
    const amount = toMicro(input.amount);
    const expiresAt = input.expiresAt ? Date.parse(input.expiresAt) : null;
    const command: GrantCommand = {
      type: 'grant',
      amount,
      category,
      priority,
      expiresAt,
      reason,
      key,
      hash: hashOf('grant', amount, category, priority, expiresAt, reason),
      actorId: actor.userId,
    };
    return this.ledger.executeWithEvent(access.organizationId, command, (body) => ({
      type: 'credits.granted',
      actor,
      subject: { type: 'entry', id: String(body.id) },
      after: { amount: toCredits(amount), category, expiresAt: body.expiresAt, reason },
    }));
  }
}
