import { Injectable } from '@nestjs/common';
import { answerableIdOf, type OrganizationAccess } from '../../../common/access/index.js';
import { Config } from '../../../common/config/index.js';
import { toCredits } from '../../../common/money/index.js';
import type { Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { MailOutbox } from '../../../mail/index.js';
import type { AdjustmentKind } from './adjustment.entity.js';
import { IssuanceStore } from './issuance.store.js';

export interface IssuancePermit {
  /** The request waits for another person. */
  needsApproval: boolean;
  /** The request is above the limit, and no second person can approve it. */
  alone: boolean;
  /** What the caller created today before this request. */
  issuedToday: bigint;
}

/**
 * Decides when staff need a second person to create or remove credits: above ADJUSTMENT_LIMIT in one request, or in all
 * requests of one person and day that create credits, by whatever route and in whichever organization.
 */
@Injectable()
export class IssuanceService {
  private readonly limit: bigint;

  constructor(
    config: Config,
    private readonly store: IssuanceStore,
    private readonly events: EventService,
    private readonly mails: MailOutbox,
  ) {
    this.limit = BigInt(config.adjustmentLimit) * 1_000_000n;
  }

  /** Locks the total of the caller, or of the admin who made the caller's API key, until `tx` ends. Call it before the account is locked. */
  async check(tx: Tx, { operator, actor }: OrganizationAccess, amount: bigint): Promise<IssuancePermit> {
    const issuedToday = await this.store.lockTotal(tx, operator, answerableIdOf(actor));
    const created = amount > 0n ? issuedToday + amount : -amount;
    if (created <= this.limit) return { needsApproval: false, alone: false, issuedToday };
    const needsApproval = (await this.store.countApprovers(tx, operator.id)) >= 2;
    return { needsApproval, alone: !needsApproval, issuedToday };
  }

  /** Counts what was done without a second person, and tells the admins of the operator if there is none. */
  async record(
    tx: Tx,
    access: OrganizationAccess,
    kind: AdjustmentKind,
    amount: bigint,
    { alone, issuedToday }: IssuancePermit,
  ): Promise<void> {
    const { operator, organizationId, actor } = access;
    if (amount > 0n) await this.store.add(tx, operator, answerableIdOf(actor), amount);
    if (!alone) return;
    const total = toCredits(issuedToday + (amount > 0n ? amount : 0n));
    await this.events.record(
      tx,
      { kind: 'operator', id: operator.id },
      {
        type: 'credits.issued_alone',
        actor,
        subject: { type: 'organization', id: organizationId },
        after: { kind, amount: toCredits(amount), issuedToday: total },
      },
    );
    for (const { address, organizationName } of await this.store.addressees(tx, operator.id, organizationId)) {
      const data = { organizationName, amount: toCredits(amount), total };
      await this.mails.enqueue(tx, {
        operatorId: operator.id,
        to: { address },
        template: 'credits_issued_alone',
        data,
      });
    }
  }
}
