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

export type StopReason = 'declined' | 'payment_method_removed' | 'payment_refunded' | 'payment_disputed';
export type DelayReason =
  'declined' | 'daily_cap' | 'monthly_cap' | 'amount_too_large' | 'amount_too_small' | 'payment_method_not_accepted';

/** Applies what happens to payments to automatic top-up: waits longer after each decline, stops, and tells admins why. */
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
    if (stops) {
      await this.announceStop(tx, organizationId, systemActor(), { declines, stoppedBecause: 'declined' });
    } else if (auto.enabled) {
      const until = new Date(Date.now() + (BACK_OFF_SECONDS[declines - 1] ?? 0) * 1000);
      await this.announceDelay(tx, organizationId, 'declined', until, declines === 1);
    }
  }

  /** Stops automatic top-up when money of any top-up went back, because it would buy again what was just taken. */
  async onPaidBack(tx: Tx, organizationId: string, because: 'payment_refunded' | 'payment_disputed'): Promise<void> {
    // Lock order: the account comes first.
    await this.ledger.lock(tx, organizationId);
    const auto = await this.store.find(tx, organizationId, true);
    if (!auto?.enabled) return;
    await this.store.stop(tx, organizationId, because);
    await this.announceStop(tx, organizationId, systemActor(), { stoppedBecause: because });
  }

  /** Records why the next attempt waits, and mails it to admins and billing admins. */
  async announceDelay(tx: Tx, organizationId: string, because: DelayReason, until: Date, mails = true): Promise<void> {
    const subject = { type: 'organization', id: organizationId };
    const stream = { kind: 'organization', id: organizationId } as const;
    const after = { delayedBecause: because, nextAttemptAt: until.toISOString() };
    await this.events.record(tx, stream, { type: 'auto_top_up.delayed', actor: systemActor(), subject, after });
    if (!mails) return;
    const news = { reason: because, nextAttemptAt: after.nextAttemptAt };
    await this.notices.credits(tx, organizationId, { template: 'auto_top_up_delayed', ...news });
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
    after: { declines?: number; stoppedBecause: StopReason },
  ): Promise<void> {
    await this.alerts.refreshThresholds(tx, organizationId);
    const subject = { type: 'organization', id: organizationId };
    const stream = { kind: 'organization', id: organizationId } as const;
    await this.events.record(tx, stream, { type: 'auto_top_up.stopped', actor, subject, after });
    const reason = after.stoppedBecause;
    await this.notices.credits(tx, organizationId, { template: 'auto_top_up_stopped', reason });
  }
}
