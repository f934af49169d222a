import { Injectable } from '@nestjs/common';
import { type Actor, systemActor } from '../../../common/access/index.js';
import type { Tx } from '../../../database/index.js';
import { EventService } from '../../../events/index.js';
import { OrganizationNoticeService } from '../../../organizations/index.js';
import { AlertStore, LedgerService } from '../../ledger/index.js';
import { AutoTopUpStore } from './auto-top-up.store.js';

const MAX_DECLINES = 3;
/** The waits after the first and the second decline. */
const BACK_OFF_SECONDS = [600, 3_600];

/** Applies the outcome of a payment to automatic top-up: waits longer after each decline and stops after the third. */
@Injectable()
export class AutoTopUpOutcomeService {
  constructor(
    private readonly store: AutoTopUpStore,
    private readonly alerts: AlertStore,
    private readonly ledger: LedgerService,
    private readonly notices: OrganizationNoticeService,
    private readonly events: EventService,
  ) {}

  async onPaid(tx: Tx, organizationId: string): Promise<void> {
    const auto = await this.store.find(tx, organizationId, true);
    if (auto && auto.declines > 0) await this.store.recordOutcome(tx, organizationId, 0, false, 0);
  }

  async onDeclined(tx: Tx, organizationId: string): Promise<void> {
    // Lock order: the account comes first.
    await this.ledger.lock(tx, organizationId);
    const auto = await this.store.find(tx, organizationId, true);
    if (!auto) return;
    const declines = Math.min(auto.declines + 1, MAX_DECLINES);
    const stops = declines === MAX_DECLINES && auto.enabled;
    await this.store.recordOutcome(tx, organizationId, declines, stops, BACK_OFF_SECONDS[declines - 1] ?? 0);
    if (!stops) return;
    await this.announceStop(tx, organizationId, systemActor(), { declines, stoppedBecause: 'declined' });
  }

  /** Stops automatic top-up if it used the removed method. The caller holds the lock on the account. */
  async onMethodRemoved(tx: Tx, organizationId: string, methodId: string, actor: Actor): Promise<void> {
    const auto = await this.store.find(tx, organizationId, true);
    if (auto?.method?.id !== methodId) return;
    await this.store.clearMethod(tx, organizationId);
    if (auto.enabled) await this.announceStop(tx, organizationId, actor, { stoppedBecause: 'payment_method_removed' });
  }

  private async announceStop(
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
