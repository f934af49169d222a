import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import type { WebhookCursor } from '../model/webhook.entity.js';
import { TABLES, type WebhookOwner } from '../model/webhook.owner.js';

export type StreamKind = WebhookCursor['stream'];

/** A transaction of the log that has ended, with one of its events. */
export interface LoggedEvent {
  transactionId: string;
  ownerId: string;
  seq: string;
  id: string;
  type: string;
  subjectId: string;
  occurredAt: Date;
  operatorId: string;
  /** Set if the organization is deleted and awaits its purge. */
  deletedAt: Date | null;
}

/** An active endpoint of one of the owners. */
export interface Subscriber {
  kind: WebhookOwner['kind'];
  ownerId: string;
  id: string;
  eventTypes: string[];
  createdAt: Date;
}

export interface NewDelivery {
  id: string;
  ownerId: string;
  webhookId: string;
  eventId: string;
  eventOrganizationId: string | null;
  type: string;
  subjectId: string;
}

/** Transactions before `xmin` have ended. */
export interface Horizon {
  xmin: string;
  xmax: string;
}

const FIRST_OWNER = '00000000-0000-0000-0000-000000000000';

const CURSOR = `select stream, transaction_id as "transactionId", owner_id as "ownerId", seq, since from webhook_cursors
  where stream = $1`;

const LOGS = {
  organization: `organization_events e join organizations o on o.id = e.organization_id`,
  operator: `operator_events e`,
} as const;

/** Reads the logs in the order in which their transactions began, up to the first one that has not ended. */
@Injectable()
export class FanOutStore {
  cursor(reader: Reader, stream: StreamKind): Promise<WebhookCursor> {
    return reader.one<WebhookCursor>(CURSOR, [stream]);
  }

  /** Null while another server reads this log. */
  lockCursor(tx: Tx, stream: StreamKind): Promise<WebhookCursor | null> {
    return tx.maybe<WebhookCursor>(`${CURSOR} for update skip locked`, [stream]);
  }

  horizon(reader: Reader): Promise<Horizon> {
    return reader.one<Horizon>(
      `select pg_snapshot_xmin(s)::text as xmin, pg_snapshot_xmax(s)::text as xmax from pg_current_snapshot() s`,
    );
  }

  async moveCursor(
    tx: Tx,
    stream: StreamKind,
    { transactionId, ownerId, seq }: Pick<LoggedEvent, 'transactionId' | 'ownerId' | 'seq'>,
  ): Promise<void> {
    await tx.execute('update webhook_cursors set transaction_id = $2, owner_id = $3, seq = $4 where stream = $1', [
      stream,
      transactionId,
      ownerId,
      seq,
    ]);
  }

  /** Begins anew at the present, as after a restore, where the numbers of transactions are lower than those in the log. */
  async resetCursor(tx: Tx, stream: StreamKind, transactionId: string): Promise<void> {
    await tx.execute(
      `update webhook_cursors set transaction_id = $2, owner_id = '${FIRST_OWNER}', seq = 0, since = now() where stream = $1`,
      [stream, transactionId],
    );
  }

  async hasSubscribers(reader: Reader): Promise<boolean> {
    const { found } = await reader.one<{ found: boolean }>(
      `select exists (select from organization_webhooks where active) or exists (select from operator_webhooks where active) as found`,
    );
    return found;
  }

  /** Returns the next events, which all belong to ended transactions. */
  next(reader: Reader, cursor: WebhookCursor, horizon: Horizon, limit: number): Promise<LoggedEvent[]> {
    const isOperator = cursor.stream === 'operator';
    const owner = isOperator ? 'e.operator_id' : 'e.organization_id';
    return reader.rows<LoggedEvent>(
      `select e.transaction_id as "transactionId", ${owner} as "ownerId", e.seq, e.id, e.type, e.subject_id as "subjectId",
         e.occurred_at as "occurredAt", ${isOperator ? 'e.operator_id' : 'o.operator_id'} as "operatorId",
         ${isOperator ? 'null::timestamptz' : 'o.deleted_at'} as "deletedAt"
       from ${LOGS[cursor.stream]}
       where (e.transaction_id, ${owner}, e.seq) > ($1::bigint, $2::uuid, $3::bigint) and e.transaction_id < $4::bigint
         and e.occurred_at >= $5
       order by e.transaction_id, ${owner}, e.seq limit ${limit}`,
      [cursor.transactionId, cursor.ownerId, cursor.seq, horizon.xmin, cursor.since],
    );
  }

  subscribers(
    reader: Reader,
    organizationIds: readonly string[],
    operatorIds: readonly string[],
  ): Promise<Subscriber[]> {
    return reader.rows<Subscriber>(
      `select 'organization' as kind, w.organization_id as "ownerId", w.id, w.event_types as "eventTypes",
         w.created_at as "createdAt"
       from organization_webhooks w where w.organization_id = any ($1::uuid[]) and w.active
       union all
       select 'operator', w.operator_id, w.id, w.event_types, w.created_at
       from operator_webhooks w where w.operator_id = any ($2::uuid[]) and w.active`,
      [organizationIds, operatorIds],
    );
  }

  /**
   * Adds deliveries in order, and wakes their endpoints. One that follows an earlier one about the same subject is not due
   * before it.
   */
  async add(tx: Tx, kind: WebhookOwner['kind'], added: readonly NewDelivery[]): Promise<void> {
    if (added.length === 0) return;
    const { webhooks, deliveries, owner } = TABLES[kind];
    const webhookIds = [...new Set(added.map(({ webhookId }) => webhookId))];
    const ownerIds = [...new Set(added.map(({ ownerId }) => ownerId))];
    // Locks in one order, because both logs may wake the same endpoints. Endpoints that are deleted meanwhile are left out.
    await tx.rows(
      `select id from ${webhooks} where ${owner} = any ($1::uuid[]) and id = any ($2::uuid[]) order by id for no key update`,
      [ownerIds, webhookIds],
    );
    const ofOperator = kind === 'operator';
    await tx.execute(
      `insert into ${deliveries} (${owner}, id, webhook_id, event_id, type, subject_id, next_attempt_at
         ${ofOperator ? ', event_organization_id' : ''})
       select n.owner_id, n.id, n.webhook_id, n.event_id, n.type, n.subject_id,
         greatest(now(), (select max(p.next_attempt_at) from ${deliveries} p where p.${owner} = n.owner_id
           and p.webhook_id = n.webhook_id and p.subject_id = n.subject_id and p.state = 'pending'))
         ${ofOperator ? ', n.event_organization_id' : ''}
       from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[]) with ordinality
         as n (owner_id, id, webhook_id, event_id, type, subject_id, event_organization_id, place)
       join ${webhooks} w on w.${owner} = n.owner_id and w.id = n.webhook_id
       order by n.place on conflict do nothing`,
      [
        added.map(({ ownerId }) => ownerId),
        added.map(({ id }) => id),
        added.map(({ webhookId }) => webhookId),
        added.map(({ eventId }) => eventId),
        added.map(({ type }) => type),
        added.map(({ subjectId }) => subjectId),
        added.map(({ eventOrganizationId }) => eventOrganizationId),
      ],
    );
    await tx.execute(
      `update ${webhooks} set due_at = least(due_at, now()) where ${owner} = any ($1::uuid[]) and id = any ($2::uuid[])`,
      [ownerIds, webhookIds],
    );
  }

  /** Wakes the webhooks of restored organizations for what waited meanwhile. */
  async wakeAll(tx: Tx, organizationIds: readonly string[]): Promise<void> {
    await tx.rows(
      `select id from organization_webhooks where organization_id = any ($1::uuid[]) order by id for no key update`,
      [organizationIds],
    );
    await tx.execute(
      `update organization_webhooks w set due_at = (select min(d.next_attempt_at) from organization_webhook_deliveries d
         where d.organization_id = w.organization_id and d.webhook_id = w.id and d.state = 'pending')
       where w.organization_id = any ($1::uuid[])`,
      [organizationIds],
    );
  }
}
