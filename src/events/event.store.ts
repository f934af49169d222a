import { Injectable } from '@nestjs/common';
import { columnsOf, type Reader, type Tx } from '../database/index.js';
import { type List, type Page, Pager, Where } from '../common/pagination/index.js';
import { instantOf } from '../common/validation/index.js';
import { chainStart, type Stream } from './event-chain.js';
import { type EventRow, OperatorEvent, OrganizationEvent } from './event.entity.js';
import type { EventFilter, EventQuery } from './event.dto.js';

export interface ChainEnd {
  /** Null if there are no events. */
  firstSeq: number | null;
  lastSeq: number;
  seq: number;
  hash: string;
}

const TABLES = {
  organization: {
    entity: OrganizationEvent,
    events: 'organization_events',
    chains: 'organization_event_chains',
    owner: 'organization_id',
  },
  operator: { entity: OperatorEvent, events: 'operator_events', chains: 'operator_event_chains', owner: 'operator_id' },
} as const;

@Injectable()
export class EventStore {
  constructor(private readonly pager: Pager) {}

  /**
   * Takes the next number of a stream and locks its end until the transaction ends. Reads the time under the lock, so that
   * it never runs backwards within a stream on one server.
   */
  async nextLink(tx: Tx, stream: Stream): Promise<{ seq: string; previousHash: string; now: Date }> {
    const { chains, owner } = TABLES[stream.kind];
    const row = await tx.one<{ seq: string; previousHash: string; now: Date }>(
      `insert into ${chains} as c (${owner}, seq, hash) values ($1, 1, $2)
       on conflict (${owner}) do update set seq = c.seq + 1
       returning seq, hash as "previousHash", date_trunc('milliseconds', clock_timestamp()) as now`,
      [stream.id, chainStart(stream)],
    );
    return row;
  }

  async append(tx: Tx, stream: Stream, event: EventRow): Promise<void> {
    const { events, chains, owner } = TABLES[stream.kind];
    await tx.execute(
      `with chain as (update ${chains} set hash = $14 where ${owner} = $1)
       insert into ${events} (${owner}, seq, id, occurred_at, type, actor_type, actor_id, subject_type, subject_id,
         before, after, request_id, ip, hash)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        stream.id,
        event.seq,
        event.id,
        event.occurredAt,
        event.type,
        event.actorType,
        event.actorId,
        event.subjectType,
        event.subjectId,
        event.before && JSON.stringify(event.before),
        event.after && JSON.stringify(event.after),
        event.requestId,
        event.ip,
        event.hash,
      ],
    );
  }

  page(reader: Reader, stream: Stream, query: EventQuery): Promise<Page<EventRow>> {
    return this.pager.page<EventRow>(reader, this.list(reader, stream), this.filter(stream, query), query);
  }

  /** Returns up to `limit` events after `seq`, oldest first, for exports and the check of the chain. */
  after(reader: Reader, stream: Stream, seq: string, limit: number, filter: EventFilter = {}): Promise<EventRow[]> {
    const list = this.list(reader, stream);
    const where = this.filter(stream, filter).add('e.seq > ?', seq);
    return reader.rows<EventRow>(
      `select ${list.columns} from ${list.from} ${where.sql} order by e.seq limit ${limit}`,
      where.parameters,
    );
  }

  /** Returns the stored end of the chain and the first and last number, from one snapshot. */
  async chainEnd(reader: Reader, stream: Stream): Promise<ChainEnd> {
    const { events, chains, owner } = TABLES[stream.kind];
    const stored = (column: string) => `(select c.${column} from ${chains} c where c.${owner} = $1)`;
    const row = await reader.maybe<Record<keyof ChainEnd, string | null>>(
      `select min(e.seq) as "firstSeq", max(e.seq) as "lastSeq", ${stored('seq')} as seq, ${stored('hash')} as hash
       from ${events} e where e.${owner} = $1`,
      [stream.id],
    );
    const number = (seq: string | null | undefined) => Number(seq ?? 0);
    return {
      firstSeq: row?.firstSeq ? Number(row.firstSeq) : null,
      lastSeq: number(row?.lastSeq),
      seq: number(row?.seq),
      hash: row?.hash ?? chainStart(stream),
    };
  }

  private list(reader: Reader, stream: Stream): List {
    const { entity, events } = TABLES[stream.kind];
    const seq = { sql: 'e.seq', type: 'bigint' } as const;
    return {
      name: events,
      columns: columnsOf<OrganizationEvent | OperatorEvent>(reader, entity, 'e'),
      from: `${events} e`,
      sorts: { occurredAt: seq },
      defaultSort: '-occurredAt',
      tieBreaker: seq,
    };
  }

  private filter(stream: Stream, query: EventFilter): Where {
    return new Where()
      .add(`e.${TABLES[stream.kind].owner} = ?`, stream.id)
      .when('e.type = ?', query.type)
      .when('e.actor_id = ?', query.actorId)
      .when('e.subject_type = ?', query.subjectType)
      .when('e.subject_id = ?', query.subjectId)
      .when('e.occurred_at >= ?', instantOf('from', query.from))
      .when('e.occurred_at < ?', instantOf('to', query.to));
  }
}
