import { Injectable } from '@nestjs/common';
import { type Actor, systemActor } from '../../../common/access/index.js';
import type { Tx } from '../../../common/database/index.js';
import { Events } from '../../../events/index.js';
import { OrganizationNotices } from '../../../organizations/index.js';
import { AlertStore, LedgerService } from '../../ledger/index.js';
import { AutoTopUpStore } from './auto-top-up.store.js';

const MAX_DECLINES = 3;
/** After the first decline, and after the second. */
const BACK_OFF_SECONDS = [600, 3_600];

/** What the end of a payment means for buying more: waiting longer after each decline, and none after the third. */
@Injectable()
export class AutoTopUpOutcome {
  constructor(
    private readonly store: AutoTopUpStore,
    private readonly alerts: AlertStore,
    private readonly ledger: LedgerService,
    private readonly notices: OrganizationNotices,
    private readonly events: Events,
  ) {}

  async paid(tx: Tx, organizationId: string): Promise<void> {
    const auto = await this.store.find(tx, organizationId, true);
    if (auto && auto.declines > 0) await this.store.settled(tx, organizationId, 0, false, 0);
  }

  async declined(tx: Tx, organizationId: string): Promise<void> {
    // The account first: the order of locks.
    await this.ledger.lock(tx, organizationId);
    const auto = await this.store.find(tx, organizationId, true);
    if (!auto) return;
    const declines = Math.min(auto.declines + 1, MAX_DECLINES);
    const stops = declines === MAX_DECLINES && auto.enabled;
    await this.store.settled(tx, organizationId, declines, stops, BACK_OFF_SECONDS[declines - 1] ?? 0);
    if (!stops) return;
    await this.tellStopped(tx, organizationId, systemActor(), { declines, stoppedBecause: 'declined' });
  }

  /** A method of payment is gone: if it paid for this, nothing does any more. The account is locked. */
  async methodRemoved(tx: Tx, organizationId: string, methodId: string, actor: Actor): Promise<void> {
    const auto = await this.store.find(tx, organizationId, true);
    if (auto?.method?.id !== methodId) return;
    await this.store.methodRemoved(tx, organizationId);
    if (auto.enabled) await this.tellStopped(tx, organizationId, actor, { stoppedBecause: 'payment_method_removed' });
  }

  private async tellStopped(
    tx: Tx,
    organizationId: string,
    actor: Actor,
    after: { declines?: number; stoppedBecause: string },
  ): Promise<void> {
    await this.alerts.refreshThresholds(tx, organizationId);
    const subject = { type: 'organization', id: organizationId };
    const stream = { kind: 'organization', id: organizationId } as const;
    await this.events.record(tx, stream, { type: 'auto_top_up.stopped', actor, subject, after });
    const declines = after.declines ?? null;
    await this.notices.credits(tx, organizationId, { template: 'auto_top_up_stopped', declines });
  }
}
