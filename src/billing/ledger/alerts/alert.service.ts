import { Injectable } from '@nestjs/common';
import { type Actor, callerIdOf, type OrganizationAccess, systemActor } from '../../../common/access/index.js';
import { changesOf, Database, type Tx } from '../../../database/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { newId } from '../../../common/ids/index.js';
import { toCredits } from '../../../common/money/index.js';
import { EventService, type EventType } from '../../../events/index.js';
import { OrganizationNoticeService } from '../../../organizations/index.js';
import { CreditService } from '../balances/credit.service.js';
import { applyDueExpiries, LedgerService } from '../ledger.service.js';
import { billingErrors } from '../billing.errors.js';
import {
  type AlertView,
  type CreateAlert,
  levelFields,
  type PatchAlert,
  reasonOf,
  thresholdOf,
  toAlertView,
} from './alert.dto.js';
import type { CreditAlert } from './alert.entity.js';
import { AlertStore } from './alert.store.js';

const MAX_ALERTS = 50;
const HOUR_MS = 3_600_000;

const toEventPayload = (row: Pick<CreditAlert, 'kind' | 'threshold' | 'enabled'>) => ({
  kind: row.kind,
  ...levelFields(row),
  enabled: row.enabled,
});

const isBelow = ({ kind, threshold, enabled }: CreditAlert, available: bigint): boolean =>
  kind === 'balance' && enabled && available < BigInt(threshold);

/** Manages credit alerts and sends them. */
@Injectable()
export class AlertService {
  constructor(
    private readonly db: Database,
    private readonly store: AlertStore,
    private readonly ledger: LedgerService,
    private readonly credits: CreditService,
    private readonly notices: OrganizationNoticeService,
    private readonly events: EventService,
  ) {}

  async list({ organizationId }: OrganizationAccess): Promise<{ items: AlertView[] }> {
    const rows = await this.store.list(this.db.reader, organizationId);
    return { items: rows.map(toAlertView) };
  }

  async view({ organizationId }: OrganizationAccess, id: string): Promise<AlertView> {
    const row = (await this.store.list(this.db.reader, organizationId)).find((one) => one.id === id);
    if (!row) throw billingErrors.alert_not_found();
    return toAlertView(row);
  }

  create(access: OrganizationAccess, input: CreateAlert): Promise<AlertView> {
    const { organizationId, actor } = access;
    const { kind = 'balance', enabled = true } = input;
    const threshold = thresholdOf(kind, input, true) ?? '';
    return this.change(access, async (tx, available) => {
      if ((await this.store.list(tx, organizationId)).length >= MAX_ALERTS) throw billingErrors.alert_limit_reached();
      const id = newId();
      const row = { organizationId, id, kind, threshold, enabled, createdBy: callerIdOf(actor) };
      await this.store.insert(tx, row);
      await this.record(tx, actor, organizationId, 'credit_alert.created', id, { after: toEventPayload(row) });
      await this.fireIfBelow(tx, await this.lock(tx, organizationId, id), available);
      return toAlertView(await this.lock(tx, organizationId, id));
    });
  }

  patch(access: OrganizationAccess, id: string, input: PatchAlert, ifMatch: string | undefined): Promise<AlertView> {
    const { organizationId, actor } = access;
    return this.change(access, async (tx, available) => {
      const row = await this.lock(tx, organizationId, id);
      assertMatches(ifMatch, etagOf(row.version));
      const threshold = thresholdOf(row.kind, input, false) ?? row.threshold;
      const after: CreditAlert = { ...row, threshold, enabled: input.enabled ?? row.enabled };
      const changes = changesOf(toEventPayload(row), toEventPayload(after));
      if (!changes) return toAlertView(row);
      await this.store.update(tx, after);
      await this.record(tx, actor, organizationId, 'credit_alert.updated', id, changes);
      if (!isBelow(row, available)) await this.fireIfBelow(tx, after, available);
      return toAlertView(await this.lock(tx, organizationId, id));
    });
  }

  delete(access: OrganizationAccess, id: string): Promise<void> {
    const { organizationId, actor } = access;
    return this.change(access, async (tx) => {
      const row = await this.lock(tx, organizationId, id);
      await this.store.remove(tx, organizationId, id);
      await this.record(tx, actor, organizationId, 'credit_alert.deleted', id, { before: toEventPayload(row) });
    });
  }

  /** Sends alerts for crossed thresholds, once each. */
  async notifyCrossings(organizationId: string): Promise<void> {
    const emptyAt = (await this.credits.view(organizationId)).projection.emptyAt;
    await this.db.transaction(
      async (tx) => {
        const crossings = await this.store.takeCrossings(tx, organizationId);
        const alerts = await this.store.list(tx, organizationId);
        for (const { line: threshold, available } of crossings) {
          for (const alert of alerts) {
            if (alert.kind !== 'balance' || !alert.enabled || alert.threshold !== threshold) continue;
            await this.store.markFired(tx, organizationId, alert.id);
            await this.fire(tx, alert, toCredits(BigInt(available)), emptyAt);
          }
        }
      },
      { keepsAccess: true },
    );
  }

  /** Sends alerts of time-based kinds whose condition began. */
  async checkTimeBased(organizationId: string, now: number): Promise<void> {
    const alerts = (await this.store.list(this.db.reader, organizationId)).filter(({ kind }) => kind !== 'balance');
    const { available, projection } = await this.credits.view(organizationId);
    const emptySince = await this.store.emptySince(this.db.reader, organizationId);
    for (const alert of alerts) {
      const threshold = Number(alert.threshold);
      const { emptyAt } = projection;
      const firing =
        alert.kind === 'timeToZero'
          ? emptyAt !== null && Date.parse(emptyAt) - now < threshold * HOUR_MS
          : emptySince !== null && now - emptySince.getTime() >= threshold * 24 * HOUR_MS;
      if (firing === alert.firing || !alert.enabled) continue;
      await this.db.transaction(
        async (tx) => {
          const changed = await this.store.setFiring(tx, organizationId, alert.id, firing);
          if (changed && firing) await this.fire(tx, alert, available, emptyAt);
        },
        { keepsAccess: true },
      );
    }
  }

  /** Sends an alert that is set up while the balance is already below its threshold, because no crossing will follow. */
  private async fireIfBelow(tx: Tx, alert: CreditAlert, available: bigint): Promise<void> {
    if (!isBelow(alert, available)) return;
    await this.store.markFired(tx, alert.organizationId, alert.id);
    await this.fire(tx, alert, toCredits(available), null, { alreadyBelow: true });
  }

  private async fire(
    tx: Tx,
    alert: CreditAlert,
    available: string,
    emptyAt: string | null,
    details: object = {},
  ): Promise<void> {
    const { organizationId, id } = alert;
    const after = { ...toEventPayload(alert), available, emptyAt, ...details };
    await this.record(tx, systemActor(), organizationId, 'credit_alert.fired', id, { after });
    await this.notices.credits(tx, organizationId, {
      template: 'credits_low',
      reason: reasonOf(alert),
      available,
      emptyAt,
    });
  }

  /** Changes alerts under the account's lock, so its thresholds match them. */
  private change<T>(
    { organizationId }: OrganizationAccess,
    work: (tx: Tx, available: bigint) => Promise<T>,
  ): Promise<T> {
    return this.db.transaction(
      async (tx) => {
        const state = await this.ledger.lock(tx, organizationId);
        applyDueExpiries(state);
        const result = await work(tx, state.balances.available);
        await this.store.refreshThresholds(tx, organizationId);
        return result;
      },
      { keepsAccess: true },
    );
  }

  private async lock(tx: Tx, organizationId: string, id: string): Promise<CreditAlert> {
    const row = await this.store.lock(tx, organizationId, id);
    if (!row) throw billingErrors.alert_not_found();
    return row;
  }

  private record(
    tx: Tx,
    actor: Actor,
    organizationId: string,
    type: EventType,
    id: string,
    changes: { before?: object; after?: object },
  ): Promise<void> {
    const subject = { type: 'credit_alert', id };
    return this.events.record(tx, { kind: 'organization', id: organizationId }, { type, actor, subject, ...changes });
  }
}
