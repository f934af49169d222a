import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { newId } from '../../common/ids/index.js';
import { ScheduledJob } from '../../common/schedule/index.js';
import { Database } from '../../database/index.js';
import { isSubscribed } from '../model/event-type-pattern.js';
import { FanOutStore, type LoggedEvent, type NewDelivery, type StreamKind, type Subscriber } from './fan-out.store.js';
import { WebhookDeliveryJob } from './webhook-delivery.job.js';

const EVERY_MS = 500;
const BATCH = 500;
const STREAMS: readonly StreamKind[] = ['organization', 'operator'];
/** The only event that a deleted organization still gets. */
const DELETION = 'organization.deletion_scheduled';
const RESTORATION = 'organization.restored';
/** While nobody listens, the cursor follows in steps, so that an idle server writes nothing. */
const IDLE_STEP = 10_000n;

/**
 * Reads the logs of events by a cursor and adds a delivery for each endpoint that listens. Those who write events pay nothing
 * for it. The cursor moves in the transaction that adds the deliveries, so each event is added once on any number of servers.
 */
@Injectable()
export class WebhookFanOutJob extends ScheduledJob {
  constructor(
    private readonly db: Database,
    private readonly store: FanOutStore,
    private readonly deliveries: WebhookDeliveryJob,
  ) {
    super();
  }

  @Interval(EVERY_MS)
  override tick(): Promise<void> {
    return super.tick();
  }

  async run(): Promise<void> {
    for (const stream of STREAMS) while (!this.stopped && (await this.readBatch(stream)) === BATCH);
  }

  /** Returns how many events were read. */
  private async readBatch(stream: StreamKind): Promise<number> {
    const read = await this.db.transaction(
      async (tx) => {
        const cursor = await this.store.lockCursor(tx, stream);
        if (!cursor) return { count: 0, added: 0 };
        const horizon = await this.store.horizon(tx);
        if (BigInt(cursor.transactionId) > BigInt(horizon.xmax)) {
          await this.store.resetCursor(tx, stream, horizon.xmin);
          return { count: 0, added: 0 };
        }
        if (!(await this.store.hasSubscribers(tx))) {
          if (BigInt(horizon.xmin) - BigInt(cursor.transactionId) > IDLE_STEP)
            await this.store.resetCursor(tx, stream, horizon.xmin);
          return { count: 0, added: 0 };
        }
        const events = await this.store.next(tx, cursor, horizon, BATCH);
        const last = events.at(-1);
        if (!last) return { count: 0, added: 0 };
        const subscribers = await this.store.subscribers(
          tx,
          stream === 'organization' ? unique(events.map(({ ownerId }) => ownerId)) : [],
          unique(events.map(({ operatorId }) => operatorId)),
        );
        const ofOrganizations = deliveriesOf(stream, events, subscribers, 'organization');
        const ofOperators = deliveriesOf(stream, events, subscribers, 'operator');
        await this.store.add(tx, 'organization', ofOrganizations);
        await this.store.add(tx, 'operator', ofOperators);
        const restored = events.filter(({ type }) => type === RESTORATION).map(({ ownerId }) => ownerId);
        if (restored.length > 0) await this.store.wakeAll(tx, restored);
        await this.store.moveCursor(tx, stream, last);
        return { count: events.length, added: ofOrganizations.length + ofOperators.length };
      },
      { keepsAccess: true },
    );
    if (read.added > 0) this.deliveries.wake();
    return read.count;
  }
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];

/** Endpoints get what happened since they exist. */
function deliveriesOf(
  stream: StreamKind,
  events: readonly LoggedEvent[],
  subscribers: readonly Subscriber[],
  kind: Subscriber['kind'],
): NewDelivery[] {
  const byOwner = new Map<string, Subscriber[]>();
  for (const one of subscribers)
    if (one.kind === kind) byOwner.set(one.ownerId, [...(byOwner.get(one.ownerId) ?? []), one]);
  return events.flatMap((event) => {
    // What happened before waits: it is sent if the organization is restored.
    const isAfterDeletion = event.deletedAt !== null && event.occurredAt > event.deletedAt;
    if (kind === 'organization' && isAfterDeletion && event.type !== DELETION) return [];
    const listening = byOwner.get(kind === 'organization' ? event.ownerId : event.operatorId) ?? [];
    return listening
      .filter(
        ({ id, eventTypes, createdAt }) =>
          event.occurredAt >= createdAt &&
          isSubscribed(eventTypes, event.type) &&
          // The first thing a receiver hears is not of itself.
          !(event.type === 'webhook.created' && event.subjectId === id),
      )
      .map(({ id, ownerId }) => ({
        id: newId(),
        ownerId,
        webhookId: id,
        eventId: event.id,
        eventOrganizationId: stream === 'organization' ? event.ownerId : null,
        type: event.type,
        subjectId: event.subjectId,
      }));
  });
}
