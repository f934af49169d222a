import { Injectable } from '@nestjs/common';
import type { OrganizationAccess } from '../../common/access/index.js';
import { Database } from '../../common/database/index.js';
import { toCredits, toMicro } from '../../common/money/index.js';
import { Events } from '../../events/index.js';
import { hashOf } from '../idempotency-key.js';
import { isRefusal, type Outcome } from '../ledger/answer.js';
import type { GrantCommand } from '../ledger/command.js';
import { Ledger } from '../ledger/ledger.service.js';
import type { GrantInput } from './grant.dto.js';

/** What operator staff do to credits. */
@Injectable()
export class Grants {
  constructor(
    private readonly db: Database,
    private readonly ledger: Ledger,
    private readonly events: Events,
  ) {}

  grant(access: OrganizationAccess, key: string, input: GrantInput): Promise<Outcome> {
    const { organizationId, actor } = access;
    const { category, priority = 0, reason } = input;
    const amount = toMicro(input.amount);
    const expiresAt = input.expiresAt ? Date.parse(input.expiresAt) : null;
    const hash = hashOf('grant', amount, category, priority, expiresAt, reason);
    const command: GrantCommand = {
      type: 'grant',
      amount,
      category,
      priority,
      expiresAt,
      reason,
      key,
      hash,
      actorId: actor.userId,
    };
    return this.db.transaction(async (tx) => {
      const outcome = await this.ledger.carryOut(tx, organizationId, command);
      if (outcome.replayed || isRefusal(outcome)) return outcome;
      await this.events.record(
        tx,
        { kind: 'organization', id: organizationId },
        {
          type: 'credits.granted',
          actor,
          subject: { type: 'entry', id: String(outcome.body.id) },
          after: { amount: toCredits(amount), category, expiresAt: outcome.body.expiresAt, reason },
        },
      );
      return outcome;
    });
  }
}
