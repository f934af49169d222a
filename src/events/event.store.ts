import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { columnsOf, type Reader, type Tx } from '../database/index.js';
import { type List, type Page, Pager, Where } from '../common/pagination/index.js';
import { chainStart, type Stream } from './event-chain.js';
import { type EventRow, OperatorEvent, OrganizationEvent } from './event.entity.js';
import type { EventFilter, EventQuery } from './event.dto.js';
import { type EventReader, userNameFor } from './event-reader.js';

export interface ChainEnd {
  /** Null if there are no events. */
  firstSeq: number | null;
  lastSeq: number;
  seq: number;
  hash: string;
  /** Null if the stream was never signed, or its end is missing. */
  signedFrom: string | null;
  startSignature: string | null;
  anchoredSeq: string | null;
  anchoredHash: string | null;
  anchorSignature: string | null;
}

/** The end of a stream and what its end is created with. */
export interface ChainStart {
  stream: Stream;
  startSignature: string;
}

export interface LockedEnd {
  kind: Stream['kind'];
  id: string;
  seq: string;
  hash: string;
  now: Date;
}

/** The end of a stream and its last anchor. */
export interface StreamEnd {
  id: string;
  seq: string;
  hash: string;
  anchoredSeq: string | null;
  anchoredHash: string | null;
}

/** The order in which ends are locked. */
const KINDS = ['operator', 'organization'] as const;

const literal = (value: string | null): string => (value === null ? 'null' : pg.escapeLiteral(value));

const valuesOf = (event: EventRow): (string | null)[] => [
  event.seq,
  event.id,
  event.occurredAt.toISOString(),
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
  event.signature,
];

const OPERATOR_KEY_NAME = '(select k.name from operator_api_keys k where k.id = e.actor_id)';

const TABLES = {
  organization: {
    entity: OrganizationEvent,
    events: 'organization_events',
    chains: 'organization_event_chains',
    owner: 'organization_id',
    keyName: `case when e.actor_type = 'api_key' then coalesce(
      (select k.name from organization_api_keys k where k.organization_id = e.organization_id and k.id = e.actor_id),
      ${OPERATOR_KEY_NAME}) end`,
  },
  operator: {
    entity: OperatorEvent,
    events: 'operator_events',
    chains: 'operator_event_chains',
    owner: 'operator_id',
    keyName: OPERATOR_KEY_NAME,
  },
} as const;

/** What events of a stream mention beside users. */
const NAMED = {
  organization: `select id, name from organization_api_keys where organization_id = $2 and id = any ($1::uuid[])
    union all select id, name from units where organization_id = $2 and id = any ($1::uuid[])
    union all select id, name from organizations where id = $2`,
  operator: 'select id, name from organizations where operator_id = $2 and id = any ($1::uuid[])',
} as const;

@Injectable()
export class EventStore {
  constructor(private readonly pager: Pager) {}

  /**
   * Locks the ends of streams until the transaction ends, and creates those that do not exist. Takes the locks of all streams
   * in one order, operators first. The time is read under the lock, so it never runs backwards within a stream.
   */
  async lockEnds(tx: Tx, starts: readonly ChainStart[]): Promise<LockedEnd[]> {
    const parameters: unknown[] = [];
    const parts = KINDS.filter((kind) => starts.some(({ stream }) => stream.kind === kind)).map((kind) => {
      const { chains, owner } = TABLES[kind];
      const ofKind = starts.filter(({ stream }) => stream.kind === kind);
      parameters.push(
        ofKind.map(({ stream }) => stream.id),
        ofKind.map(({ stream }) => chainStart(stream)),
        ofKind.map(({ startSignature }) => startSignature),
      );
      const [ids, hashes, signatures] = [2, 1, 0].map((back) => `$${parameters.length - back}`);
      return {
        kind,
        locked: `${kind}_ends as (
          insert into ${chains} as c (${owner}, seq, hash, signed_from, start_signature)
          select n.id, 0, n.hash, 1, n.signature
          from unnest(${ids}::uuid[], ${hashes}::text[], ${signatures}::text[]) as n (id, hash, signature) order by n.id
          on conflict (${owner}) do update set seq = c.seq returning c.${owner} as id, c.seq, c.hash)`,
      };
    });
    return tx.rows<LockedEnd>(
      `with ${parts.map(({ locked }) => locked).join(', ')}
       ${parts.map(({ kind }) => `select '${kind}' as kind, id, seq, hash, date_trunc('milliseconds', clock_timestamp()) as now from ${kind}_ends`).join(' union all ')}`,
      parameters,
    );
  }

  /** Returns the statements that append events to a locked stream, with all values in their text. */
  appending(stream: Stream, events: readonly EventRow[]): string {
    const { events: table, chains, owner } = TABLES[stream.kind];
    const end = events.at(-1);
    if (!end) return '';
    const rows = events.map((event) => `(${[stream.id, ...valuesOf(event)].map(literal).join(', ')})`);
    return `insert into ${table} (${owner}, seq, id, occurred_at, type, actor_type, actor_id, subject_type, subject_id, before,
        after, request_id, ip, hash, signature) values ${rows.join(', ')};
      update ${chains} set seq = ${literal(end.seq)}, hash = ${literal(end.hash)} where ${owner} = ${literal(stream.id)}`;
  }

  page(reader: Reader, stream: Stream, query: EventQuery): Promise<Page<EventRow>> {
    return this.pager.page<EventRow>(
      reader,
      this.list(reader, stream),
      this.filter(stream, query).when('e.id = ?', query.id),
      query,
    );
  }

  /** Returns the names of users, API keys, units and organizations, by id. */
  async names(
    reader: Reader,
    stream: Stream,
    ids: readonly string[],
    viewer: EventReader,
  ): Promise<Record<string, string>> {
    const userName = stream.kind === 'organization' ? userNameFor(viewer, 'u', '$2') : 'u.name';
    const rows = await reader.rows<{ id: string; name: string }>(
      `select u.id, ${userName} as name from users u
         where u.id = any ($1::uuid[]) and (u.operator_id = $3 or u.platform_admin)
       union all select id, name from operator_api_keys where operator_id = $3 and id = any ($1::uuid[])
       union all ${NAMED[stream.kind]}`,
      [ids, stream.id, viewer.operator.id],
    );
    return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
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
      `select min(e.seq) as "firstSeq", max(e.seq) as "lastSeq", ${stored('seq')} as seq, ${stored('hash')} as hash,
         ${stored('signed_from')} as "signedFrom", ${stored('start_signature')} as "startSignature",
         ${stored('anchored_seq')} as "anchoredSeq", ${stored('anchored_hash')} as "anchoredHash",
         ${stored('anchor_signature')} as "anchorSignature"
       from ${events} e where e.${owner} = $1`,
      [stream.id],
    );
    const number = (seq: string | null | undefined) => Number(seq ?? 0);
    return {
      firstSeq: row?.firstSeq ? Number(row.firstSeq) : null,
      lastSeq: number(row?.lastSeq),
      seq: number(row?.seq),
      hash: row?.hash ?? chainStart(stream),
      signedFrom: row?.signedFrom ?? null,
      startSignature: row?.startSignature ?? null,
      anchoredSeq: row?.anchoredSeq ?? null,
      anchoredHash: row?.anchoredHash ?? null,
      anchorSignature: row?.anchorSignature ?? null,
    };
  }

  /** Returns the streams whose ends are not signed yet. Only databases of development versions have any. */
  unsigned(tx: Tx, kind: Stream['kind']): Promise<Pick<StreamEnd, 'id' | 'seq'>[]> {
    const { chains, owner } = TABLES[kind];
    return tx.rows<Pick<StreamEnd, 'id' | 'seq'>>(
      `select ${owner} as id, seq from ${chains} where start_signature is null for no key update`,
    );
  }

  async setStart(tx: Tx, stream: Stream, signedFrom: string, startSignature: string): Promise<void> {
    const { chains, owner } = TABLES[stream.kind];
    await tx.execute(`update ${chains} set signed_from = $2, start_signature = $3 where ${owner} = $1`, [
      stream.id,
      signedFrom,
      startSignature,
    ]);
  }

  /** Returns up to `limit` streams with events that were not anchored yet, or whose end is before their anchor. */
  notAnchored(reader: Reader, kind: Stream['kind'], after: string | null, limit: number): Promise<StreamEnd[]> {
    const { chains, owner } = TABLES[kind];
    return reader.rows<StreamEnd>(
      `select ${owner} as id, seq, hash, anchored_seq as "anchoredSeq", anchored_hash as "anchoredHash" from ${chains}
       where anchored_seq is distinct from seq and ($1::uuid is null or ${owner} > $1) order by ${owner} limit $2`,
      [after, limit],
    );
  }

  /** Stores an anchor unless a later one exists. Returns false if it exists, or if the stream is gone. */
  async anchor(tx: Tx, stream: Stream, end: StreamEnd, signature: string): Promise<boolean> {
    const { chains, owner } = TABLES[stream.kind];
    const count = await tx.execute(
      `update ${chains} set anchored_seq = $2, anchored_hash = $3, anchor_signature = $4, anchored_at = now()
       where ${owner} = $1 and (anchored_seq is null or anchored_seq < $2)`,
      [stream.id, end.seq, end.hash, signature],
    );
    return count > 0;
  }

  async allIds(reader: Reader, kind: Stream['kind']): Promise<string[]> {
    const table = kind === 'operator' ? 'operators' : 'organizations';
    const rows = await reader.rows<{ id: string }>(`select id from ${table} order by id`);
    return rows.map(({ id }) => id);
  }

  /** Returns the hash of one event, or null if it does not exist. */
  async hashAt(reader: Reader, stream: Stream, seq: string): Promise<string | null> {
    const { events, owner } = TABLES[stream.kind];
    const row = await reader.maybe<{ hash: string }>(`select hash from ${events} where ${owner} = $1 and seq = $2`, [
      stream.id,
      seq,
    ]);
    return row?.hash ?? null;
  }

  private list(reader: Reader, stream: Stream): List {
    const { entity, events, keyName } = TABLES[stream.kind];
    const seq = { sql: 'e.seq', type: 'bigint' } as const;
    return {
      name: events,
      columns: `${columnsOf<OrganizationEvent | OperatorEvent>(reader, entity, 'e')}, ${keyName} as "keyName"`,
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
      .when('e.occurred_at >= ?', query.from && new Date(query.from))
      .when('e.occurred_at < ?', query.to && new Date(query.to));
  }
}
