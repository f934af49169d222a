import { Injectable } from '@nestjs/common';
import type { Access, Actor, OrganizationAccess } from '../common/access/index.js';
import { Database, type Tx } from '../database/index.js';
import { isId, newId } from '../common/ids/index.js';
import { chainStart, hashEvent, type Stream } from './event-chain.js';
import type { EventType } from './event-types.js';
import { type EventExportQuery, type EventPage, type EventQuery, type EventView, toEventView } from './event.dto.js';
import type { EventRow } from './event.entity.js';
import type { EventReader } from './event-reader.js';
import { EventSigner } from './event-signer.js';
import { EventStore, type LockedEnd } from './event.store.js';

export interface NewEvent {
  type: EventType;
  actor: Actor;
  subject: { type: string; id: string };
  /** The changed fields before and after. Never secrets. */
  before?: object | null;
  after?: object | null;
}

const BATCH = 1000;
const FIRST_SEQ = '1';

/** Returns the ids of the users, keys and resources that an event mentions. */
const mentionedIds = ({ actorId, subjectId, before, after }: EventRow): unknown[] => [
  actorId,
  subjectId,
  before?.userId,
  after?.userId,
];

/** An event that waits for the commit. Its number and time are known then. */
interface RecordedEvent {
  stream: Stream;
  content: Omit<EventRow, 'seq' | 'occurredAt' | 'hash' | 'signature'>;
}

/** Converts to JSON as the database returns it, with dates as text. */
const plain = (value: object | null | undefined): Record<string, unknown> | null =>
  value ? (JSON.parse(JSON.stringify(value)) as Record<string, unknown>) : null;

const toContent = ({ type, actor, subject, before, after }: NewEvent): RecordedEvent['content'] => ({
  id: newId(),
  type,
  actorType: actor.type,
  actorId: actor.userId ?? actor.apiKeyId ?? null,
  subjectType: subject.type,
  subjectId: subject.id,
  before: plain(before),
  after: plain(after),
  requestId: actor.origin.requestId,
  ip: actor.origin.ip,
});

/** Writes the audit log in the transaction of each change. Events are chained and never edited. */
@Injectable()
export class EventService {
  private readonly recorded = new WeakMap<Tx, RecordedEvent[]>();

  constructor(
    private readonly db: Database,
    private readonly store: EventStore,
    private readonly signer: EventSigner,
  ) {}

  /**
   * Records an event in the stream of an organization or operator. It is written with the commit of `tx`, so the end of the
   * stream is locked for one round trip, however long the transaction takes.
   */
  record(tx: Tx, stream: Stream, event: NewEvent): Promise<void> {
    let recorded = this.recorded.get(tx);
    if (!recorded) {
      const events: RecordedEvent[] = [];
      this.recorded.set(tx, events);
      tx.commitWork.push(() => this.appendAll(tx, events));
      recorded = events;
    }
    recorded.push({ stream, content: toContent(event) });
    return Promise.resolve();
  }

  /** Locks the ends of the streams and returns the statements that append all events of the transaction. */
  private async appendAll(tx: Tx, recorded: readonly RecordedEvent[]): Promise<string> {
    const streams = new Map(recorded.map(({ stream }) => [chainStart(stream), stream]));
    const starts = [...streams.values()].map((stream) => ({
      stream,
      startSignature: this.signer.signStart(stream, FIRST_SEQ),
    }));
    const ends = await this.store.lockEnds(tx, starts);
    return ends
      .map((end) => {
        const events = recorded.filter(({ stream }) => stream.kind === end.kind && stream.id === end.id);
        return this.store.appending(end, this.chained(end, events));
      })
      .join(';\n');
  }

  private chained({ kind, id, seq, hash, now }: LockedEnd, recorded: readonly RecordedEvent[]): EventRow[] {
    let previousHash = hash;
    return recorded.map(({ content }, index) => {
      const event = { ...content, seq: String(BigInt(seq) + BigInt(index) + 1n), occurredAt: now };
      previousHash = hashEvent(previousHash, event);
      return { ...event, hash: previousHash, signature: this.signer.sign({ kind, id }, event.seq, previousHash) };
    });
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

  async list(stream: Stream, query: EventQuery, viewer: EventReader): Promise<EventPage> {
    const page = await this.store.page(this.db.reader, stream, query);
    const answer = { ...page, items: page.items.map(toEventView) };
    if (!query.names) return answer;
    const ids = page.items.flatMap(mentionedIds).filter(isId);
    return { ...answer, names: await this.store.names(this.db.reader, stream, [...new Set(ids)], viewer) };
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
}
