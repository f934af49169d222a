import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { newId } from '../../common/ids/index.js';
import { ScheduledJob } from '../../common/schedule/index.js';
import { Database } from '../../database/index.js';
import { DELETION, isSubscribed, RESTORATION } from '../model/event-type-pattern.js';
import type { WebhookCursor } from '../model/webhook.entity.js';
import {
  FanOutStore,
  type Horizon,
  type LoggedEvent,
  type NewDelivery,
  type StreamKind,
  type Subscriber,
} from './fan-out.store.js';
import { WebhookDeliveryJob } from './webhook-delivery.job.js';

const EVERY_MS = 500;
const BATCH = 500;
const STREAMS: readonly StreamKind[] = ['organization', 'operator'];
/** While there are no webhooks, the cursor follows in steps, so that an idle server writes nothing. */
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
    const hasSubscribers = await this.store.hasSubscribers(this.db.reader);
    for (const stream of STREAMS) {
      if (!hasSubscribers) await this.follow(stream);
      else while (!this.stopped && (await this.hasNews(stream)) && (await this.readBatch(stream)) === BATCH);
    }
  }

  /** Looks before the cursor is locked, because a lock is written to the log of the database. */
  private async hasNews(stream: StreamKind): Promise<boolean> {
    const { reader } = this.db;
    const cursor = await this.store.cursor(reader, stream);
    const horizon = await this.store.horizon(reader);
    return isAhead(cursor, horizon) || (await this.store.next(reader, cursor, horizon, 1)).length > 0;
  }

  private async follow(stream: StreamKind): Promise<void> {
    const { reader } = this.db;
    const cursor = await this.store.cursor(reader, stream);
    const { xmin } = await this.store.horizon(reader);
    if (BigInt(xmin) - BigInt(cursor.transactionId) <= IDLE_STEP) return;
    await this.db.transaction(
      async (tx) => {
        if ((await this.store.lockCursor(tx, stream)) && !(await this.store.hasSubscribers(tx)))
          await this.store.resetCursor(tx, stream, xmin);
      },
      { keepsAccess: true },
    );
  }

  /** Returns how many events were read. */
  private async readBatch(stream: StreamKind): Promise<number> {
    const read = await this.db.transaction(
      async (tx) => {
        const cursor = await this.store.lockCursor(tx, stream);
        if (!cursor) return { count: 0, added: 0 };
        const horizon = await this.store.horizon(tx);
        if (isAhead(cursor, horizon)) {
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

/** True after a restore: the numbers of transactions began anew. */
const isAhead = ({ transactionId }: WebhookCursor, { xmax }: Horizon): boolean => BigInt(transactionId) > BigInt(xmax);

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
