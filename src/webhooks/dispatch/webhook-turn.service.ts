import { Injectable } from '@nestjs/common';
import { systemActor } from '../../common/access/index.js';
import { Database, type Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { MailOutbox } from '../../mail/index.js';
import { OrganizationNoticeService } from '../../organizations/index.js';
import { VariableService } from '../../variables/index.js';
import { DeliveryPayloadService } from '../deliveries/delivery-payload.service.js';
import type { DeliveryRow } from '../deliveries/delivery.dto.js';
import type { DisabledReason } from '../model/webhook.entity.js';
import { type Attempt, DispatchStore, type LeasedWebhook } from './dispatch.store.js';
import { nextAttemptAfter } from './schedule.js';
import { WebhookMetrics } from './webhook.metrics.js';
import { type SendResult, usesVariables, type Variables, WebhookSender } from './webhook.sender.js';

const BATCH = 100;
/** At once to one endpoint that works. Others get one at a time. */
const LANES = 4;
/** The longest a server sends to one endpoint before it takes another. Deliveries in progress end after it. */
const TURN_MS = 20_000;
const MAX_FAILURES = 3;
const GONE = 410;
const DISABLED_AFTER_MS = 5 * 24 * 60 * 60_000;
const NO_VARIABLES: Variables = new Map();

/** One turn of an endpoint: sends what is due, in order for each subject, and writes down how it went. */
@Injectable()
export class WebhookTurnService {
  constructor(
    private readonly db: Database,
    private readonly store: DispatchStore,
    private readonly payloads: DeliveryPayloadService,
    private readonly sender: WebhookSender,
    private readonly variables: VariableService,
    private readonly events: EventService,
    private readonly notices: OrganizationNoticeService,
    private readonly mails: MailOutbox,
    private readonly metrics: WebhookMetrics,
  ) {}

  async take(webhook: LeasedWebhook, isStopped: () => boolean): Promise<void> {
    const due = await this.store.due(this.db.reader, webhook, BATCH);
    const payloads = await this.payloads.of(this.db.reader, webhook.operatorId, due);
    const purged = due.filter((_, index) => !payloads[index]).map(({ id }) => id);
    if (purged.length > 0) await this.write((tx) => this.store.drop(tx, webhook, purged));
    const waiting = due.flatMap((delivery, index) => {
      const body = payloads[index]?.body;
      return body === undefined ? [] : [{ delivery, body }];
    });
    const turn = new Turn(waiting, isStopped);
    if (waiting.length > 0) {
      // Once for all deliveries of the turn.
      const opened = this.sender.open(webhook);
      const variables = usesVariables(opened) ? await this.variablesOf(webhook) : NO_VARIABLES;
      const send = ({ delivery, body }: Waiting) => this.sender.send(opened, delivery, body, variables);
      const lanes = Array.from({ length: webhook.healthy ? LANES : 1 }, () => this.lane(webhook, turn, send));
      await Promise.all(lanes);
    }
    await this.end(webhook, turn);
  }

  private async lane(
    webhook: LeasedWebhook,
    turn: Turn,
    send: (waiting: Waiting) => Promise<SendResult>,
  ): Promise<void> {
    for (let next = turn.next(); next; next = turn.next()) {
      const attempt = attemptOf(next.delivery, await send(next));
      await this.write((tx) => this.store.record(tx, webhook, [attempt]));
      this.metrics.attempted(attempt.state === 'pending' ? 'retried' : attempt.state);
      turn.ended(attempt, webhook.healthy ? MAX_FAILURES : 1);
    }
  }

  /** Ends the lease, and switches off an endpoint that is gone or failed for days. */
  private async end(webhook: LeasedWebhook, { last }: Turn): Promise<void> {
    const at = last?.at ?? new Date();
    await this.write(async (tx) => {
      const current = await this.store.lock(tx, webhook);
      if (!current) return;
      // What the address before answered says nothing about another one that was set meanwhile.
      const succeeded = last && current.url === webhook.url ? last.state === 'delivered' : null;
      const disabled = succeeded === false && current.active ? disabledBy(last, current.failingSince) : null;
      await this.store.release(tx, webhook, { succeeded, at, disabled });
      if (!disabled) return;
      const { owner, id, operatorId, organizationName } = webhook;
      await this.events.record(tx, owner, {
        type: 'webhook.disabled',
        actor: systemActor(),
        subject: { type: 'webhook', id },
        after: { active: false, disabledReason: disabled },
      });
      const organizationId = owner.kind === 'organization' ? owner.id : undefined;
      const addresses = organizationId
        ? await this.notices.adminAddresses(tx, organizationId)
        : await this.store.operatorAdmins(tx, operatorId);
      const data = { organizationName, host: new URL(webhook.url).host, reason: disabled };
      for (const address of addresses)
        await this.mails.enqueue(tx, {
          operatorId,
          organizationId,
          to: { address },
          template: 'webhook_disabled',
          data,
        });
    });
  }

  /** Leaves out secrets of the operator for organizations, whose admins cannot read them but choose where they go. */
  private async variablesOf({ owner, operatorId }: LeasedWebhook): Promise<Variables> {
    if (owner.kind === 'operator') return this.variables.effective(this.db.reader, { operatorId });
    const all = await this.variables.effective(this.db.reader, { operatorId, organizationId: owner.id });
    return new Map([...all].filter(([, { secret, source }]) => !secret || source.level === 'organization'));
  }

  private write(work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.db.transaction(work, { keepsAccess: true });
  }
}

interface Waiting {
  delivery: DeliveryRow;
  body: string;
}

/** What is left to send in a turn. */
class Turn {
  private readonly busy = new Set<string>();
  private readonly failed = new Set<string>();
  private readonly endsAt = Date.now() + TURN_MS;
  private failures = 0;
  private stopped = false;
  last: Attempt | null = null;

  constructor(
    private readonly waiting: Waiting[],
    private readonly isStopped: () => boolean,
  ) {}

  /** Returns the next delivery whose subject no other lane is busy with. */
  next(): Waiting | null {
    if (this.stopped || this.isStopped() || Date.now() > this.endsAt) return null;
    const index = this.waiting.findIndex(({ delivery: { subjectId } }) => !this.busy.has(subjectId));
    const [next] = index < 0 ? [] : this.waiting.splice(index, 1);
    if (!next) return null;
    const { subjectId } = next.delivery;
    if (this.failed.has(subjectId)) return this.next();
    this.busy.add(subjectId);
    return next;
  }

  ended(attempt: Attempt, maxFailures: number): void {
    this.last = attempt;
    this.busy.delete(attempt.subjectId);
    this.failures = attempt.state === 'delivered' ? 0 : this.failures + 1;
    if (attempt.state === 'pending') this.failed.add(attempt.subjectId);
    if (attempt.status === GONE || this.failures >= maxFailures) this.stopped = true;
  }
}

function attemptOf({ id, subjectId, attempts }: DeliveryRow, result: SendResult): Attempt {
  const at = new Date();
  const delivered = result.status !== null && result.status >= 200 && result.status < 300;
  const nextAttemptAt = delivered ? null : nextAttemptAfter(attempts + 1, at);
  const state = delivered ? 'delivered' : nextAttemptAt ? 'pending' : 'failed';
  return { deliveryId: id, subjectId, at, state, nextAttemptAt, ...result };
}

function disabledBy(last: Attempt | null, failingSince: Date | null): DisabledReason | null {
  if (last?.status === GONE) return 'gone';
  return failingSince && Date.now() - failingSince.getTime() > DISABLED_AFTER_MS ? 'failing' : null;
}
