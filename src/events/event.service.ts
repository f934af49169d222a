import { Injectable } from '@nestjs/common';
import type { Access, Actor, OrganizationAccess } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { newId } from '../common/ids/index.js';
import type { Page } from '../common/pagination/index.js';
import { chainStart, hashEvent, type Stream } from './event-chain.js';
import type { EventType } from './event-types.js';
import { type ChainView, type EventExportQuery, type EventQuery, type EventView, toEventView } from './event.dto.js';
import { EventStore } from './event.store.js';

export interface NewEvent {
  type: EventType;
  actor: Actor;
  subject: { type: string; id: string };
  /** The changed fields before and after. Never secrets. */
  before?: object | null;
  after?: object | null;
}

const BATCH = 1000;

/** Converts to JSON as the database returns it, with dates as text. */
const plain = (value: object | null | undefined): Record<string, unknown> | null =>
  value ? (JSON.parse(JSON.stringify(value)) as Record<string, unknown>) : null;

/** Writes the audit log in the transaction of each change. Events are chained and never edited. */
@Injectable()
export class EventService {
  constructor(
    private readonly db: Database,
    private readonly store: EventStore,
  ) {}

  /** Writes an event into the stream of an organization or operator. Call it late in `tx`, after the change. */
  async record(tx: Tx, stream: Stream, event: NewEvent): Promise<void> {
    const { seq, previousHash, now } = await this.store.nextLink(tx, stream);
    const content = {
      seq,
      id: newId(),
      occurredAt: now,
      type: event.type,
      actorType: event.actor.type,
      actorId: event.actor.userId ?? event.actor.apiKeyId ?? null,
      subjectType: event.subject.type,
      subjectId: event.subject.id,
      before: plain(event.before),
      after: plain(event.after),
      requestId: event.actor.origin.requestId,
      ip: event.actor.origin.ip,
    };
    await this.store.append(tx, stream, { ...content, hash: hashEvent(previousHash, content) });
  }

  /**
   * Records a change by the caller in the stream of the organization of the request, or else of the operator. The type
   * starts with the kind of the subject.
   */
  recordBy(
    tx: Tx,
    access: Access | OrganizationAccess,
    type: EventType,
    id: string,
    changes: Pick<NewEvent, 'before' | 'after'> = {},
  ): Promise<void> {
    const { actor, operator } = access;
    const stream: Stream =
      'organizationId' in access
        ? { kind: 'organization', id: access.organizationId }
        : { kind: 'operator', id: operator.id };
    const subject = { type: type.slice(0, type.indexOf('.')), id };
    return this.record(tx, stream, { type, actor, subject, ...changes });
  }

  async list(stream: Stream, query: EventQuery): Promise<Page<EventView>> {
    const page = await this.store.page(this.db.reader, stream, query);
    return { ...page, items: page.items.map(toEventView) };
  }

  /** Yields matching events, oldest first, in batches of a thousand as the receiver consumes them. */
  async *export(stream: Stream, query: EventExportQuery): AsyncGenerator<EventView> {
    for (let seq = '0'; ;) {
      const rows = await this.store.after(this.db.reader, stream, seq, BATCH, query);
      for (const row of rows) yield toEventView(row);
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return;
      seq = last.seq;
    }
  }

  /** Recomputes the chain from the first event and compares its end with the stored one. */
  async verify(stream: Stream): Promise<ChainView> {
    const end = await this.store.chainEnd(this.db.reader, stream);
    let hash = chainStart(stream);
    let checked = 0;
    if (end.firstSeq !== null && end.firstSeq < 1) return invalidAfter(checked, hash);
    while (checked < end.seq) {
      // Events written since the end was read are checked next time.
      const rows = await this.store.after(this.db.reader, stream, String(checked), Math.min(BATCH, end.seq - checked));
      for (const row of rows) {
        const computed = hashEvent(hash, row);
        if (row.seq !== String(checked + 1) || row.hash !== computed) return invalidAfter(checked, hash);
        hash = computed;
        checked++;
      }
      if (rows.length === 0) return invalidAfter(checked, hash);
    }
    if (end.lastSeq > end.seq || end.hash !== hash) return invalidAfter(checked, hash);
    return { valid: true, events: checked, firstInvalidSeq: null, head: hash };
  }
}

const invalidAfter = (checked: number, head: string): ChainView => ({
  valid: false,
  events: checked,
  firstInvalidSeq: checked + 1,
  head,
});
