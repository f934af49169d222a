import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { type DeliveryRow } from '../deliveries/delivery.dto.js';
import { deliveryColumns } from '../deliveries/delivery.store.js';
import { WEBHOOK_COLUMNS, type WebhookRow } from '../endpoints/webhook.store.js';
import { DELETION } from '../model/event-type-pattern.js';
import type { DeliveryState, DisabledReason } from '../model/webhook.entity.js';
import { TABLES, type WebhookOwner } from '../model/webhook.owner.js';

/** An endpoint that this server sends to until the lease ends. */
export interface LeasedWebhook extends WebhookRow {
  owner: WebhookOwner;
  operatorId: string;
  healthy: boolean;
  leasedUntil: Date;
  /** Null for webhooks of an operator. */
  organizationName: string | null;
  /** Set if the organization is deleted. */
  deletedAt: Date | null;
}

/** The outcome of one attempt. */
export interface Attempt {
  deliveryId: string;
  subjectId: string;
  at: Date;
  state: DeliveryState;
  nextAttemptAt: Date | null;
  status: number | null;
  error: string | null;
  response: string | null;
  durationMs: number;
}

const FROM = {
  organization: 'join organizations o on o.id = w.organization_id',
  operator: '',
} as const;

/** What a deleted organization may still get. It is read anew, because the organization may be restored during a turn. */
const MAY_SEND = {
  organization: `and (d.type = '${DELETION}'
    or exists (select from organizations o where o.id = $1 and o.deleted_at is null))`,
  operator: '',
} as const;

@Injectable()
export class DispatchStore {
  /** Takes up to `limit` endpoints with something to send. Busy owners are left out. */
  async lease(
    tx: Tx,
    kind: WebhookOwner['kind'],
    { healthy, limit, seconds }: { healthy: boolean; limit: number; seconds: number },
  ): Promise<LeasedWebhook[]> {
    const { webhooks, owner } = TABLES[kind];
    const rows = await tx.rows<Omit<LeasedWebhook, 'owner'> & { ownerId: string }>(
      `with taken as (
         update ${webhooks} w set leased_until = date_trunc('milliseconds', clock_timestamp()) + $3 * interval '1 second'
         from (select ${owner} as owner_id, id from ${webhooks} where active and healthy = $1 and due_at <= now()
             and (leased_until is null or leased_until < now())
           order by due_at limit $2 for update skip locked) due
         where w.${owner} = due.owner_id and w.id = due.id returning w.*)
       select ${WEBHOOK_COLUMNS}, w.${owner} as "ownerId", w.healthy, w.leased_until as "leasedUntil",
         ${kind === 'organization' ? 'o.operator_id' : 'w.operator_id'} as "operatorId",
         ${kind === 'organization' ? 'o.name' : 'null'} as "organizationName",
         ${kind === 'organization' ? 'o.deleted_at' : 'null::timestamptz'} as "deletedAt"
       from taken w ${FROM[kind]}`,
      [healthy, limit, seconds],
    );
    return rows.map(({ ownerId, ...row }) => ({ ...row, owner: { kind, id: ownerId } }));
  }

  /** Returns what is due, in the order in which it must be sent. A deleted organization gets nothing but its deletion. */
  due(
    reader: Reader,
    { owner: { kind, id: ownerId }, id, deletedAt }: LeasedWebhook,
    limit: number,
  ): Promise<DeliveryRow[]> {
    const { deliveries, owner } = TABLES[kind];
    return reader.rows<DeliveryRow>(
      `select ${deliveryColumns(kind)} from ${deliveries} d
       where d.${owner} = $1 and d.webhook_id = $2 and d.state = 'pending' and d.next_attempt_at <= now()
         ${deletedAt ? `and d.type = '${DELETION}'` : ''}
       order by d.next_attempt_at, d.position limit ${limit}`,
      [ownerId, id],
    );
  }

  /** Writes the outcomes of attempts. Later deliveries about the subject of a failed one wait for it. */
  async record(
    tx: Tx,
    { owner: { kind, id: ownerId }, id }: LeasedWebhook,
    attempts: readonly Attempt[],
  ): Promise<void> {
    const { webhooks, deliveries, owner } = TABLES[kind];
    // A later delivery about the same subject that is added meanwhile must see when this one is tried again.
    if (attempts.some(({ nextAttemptAt }) => nextAttemptAt !== null))
      await tx.rows(`select 1 from ${webhooks} where ${owner} = $1 and id = $2 for no key update`, [ownerId, id]);
    await tx.execute(
      `update ${deliveries} d set attempts = d.attempts + 1, attempted_at = a.at, state = a.state,
         next_attempt_at = a.next_attempt_at, status = a.status, error = a.error, response = a.response,
         duration_ms = a.duration_ms
       from unnest($3::uuid[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::int[], $8::text[], $9::text[], $10::int[])
         as a (id, at, state, next_attempt_at, status, error, response, duration_ms)
       where d.${owner} = $1 and d.webhook_id = $2 and d.id = a.id and d.state = 'pending'`,
      [
        ownerId,
        id,
        attempts.map(({ deliveryId }) => deliveryId),
        attempts.map(({ at }) => at),
        attempts.map(({ state }) => state),
        attempts.map(({ nextAttemptAt }) => nextAttemptAt),
        attempts.map(({ status }) => status),
        attempts.map(({ error }) => error),
        attempts.map(({ response }) => response),
        attempts.map(({ durationMs }) => durationMs),
      ],
    );
    for (const { subjectId, nextAttemptAt } of attempts)
      if (nextAttemptAt)
        await tx.execute(
          `update ${deliveries} set next_attempt_at = $4
           where ${owner} = $1 and webhook_id = $2 and subject_id = $3 and state = 'pending' and next_attempt_at < $4`,
          [ownerId, id, subjectId, nextAttemptAt],
        );
  }

  /** Fails what cannot be sent any more, because its event was purged. */
  async drop(tx: Tx, { owner: { kind, id: ownerId } }: LeasedWebhook, deliveryIds: readonly string[]): Promise<void> {
    const { deliveries, owner } = TABLES[kind];
    await tx.execute(
      `update ${deliveries} set state = 'failed', next_attempt_at = null, error = 'event_purged'
       where ${owner} = $1 and id = any ($2::uuid[]) and state = 'pending'`,
      [ownerId, deliveryIds],
    );
  }

  /** Locks the endpoint, so that deliveries which are added meanwhile are seen afterwards. Null if it is deleted. */
  lock(
    tx: Tx,
    { owner: { kind, id: ownerId }, id }: LeasedWebhook,
  ): Promise<{ failingSince: Date | null; active: boolean; url: string } | null> {
    const { webhooks, owner } = TABLES[kind];
    return tx.maybe(
      `select failing_since as "failingSince", active, url from ${webhooks} where ${owner} = $1 and id = $2 for no key update`,
      [ownerId, id],
    );
  }

  /**
   * Ends the lease. `succeeded` is whether the last attempt did, null without one. What is still due is due from now on: an
   * endpoint with a long queue comes after those that waited meanwhile, or it would always be the first.
   */
  async release(
    tx: Tx,
    { owner: { kind, id: ownerId }, id, leasedUntil }: LeasedWebhook,
    { succeeded, at, disabled }: { succeeded: boolean | null; at: Date; disabled: DisabledReason | null },
  ): Promise<void> {
    const { webhooks, deliveries, owner } = TABLES[kind];
    await tx.execute(
      `update ${webhooks} w set
         healthy = coalesce($4, w.healthy),
         failing_since = case $4 when true then null when false then coalesce(w.failing_since, $5) else w.failing_since end,
         active = w.active and $6::text is null, disabled_reason = coalesce($6, w.disabled_reason),
         leased_until = case when w.leased_until = $3 then null else w.leased_until end,
         due_at = (select greatest(d.next_attempt_at, clock_timestamp()) from ${deliveries} d
           where d.${owner} = $1 and d.webhook_id = $2 and d.state = 'pending' ${MAY_SEND[kind]}
           order by d.next_attempt_at limit 1)
       where w.${owner} = $1 and w.id = $2`,
      [ownerId, id, leasedUntil, succeeded, at, disabled],
    );
  }

  /** Returns the addresses of those who may mend a webhook of the operator. */
  async operatorAdmins(reader: Reader, operatorId: string): Promise<string[]> {
    const rows = await reader.rows<{ email: string }>(
      `select u.email from operator_members m join users u on u.id = m.user_id
       where m.operator_id = $1 and m.role = 'admin' and u.email_verified_at is not null and u.blocked_at is null
         and u.erased_at is null
       order by u.email limit 100`,
      [operatorId],
    );
    return rows.map(({ email }) => email);
  }

  backlog(reader: Reader): Promise<{ queued: number; oldestSeconds: number }> {
    const of = (kind: WebhookOwner['kind']) => {
      const { webhooks, deliveries, owner } = TABLES[kind];
      return `select count(*)::int as queued, min(d.created_at) filter (where w.healthy) as oldest from ${webhooks} w
        join ${deliveries} d on d.${owner} = w.${owner} and d.webhook_id = w.id and d.state = 'pending'
        where w.active and w.due_at is not null`;
    };
    return reader.one<{ queued: number; oldestSeconds: number }>(
      `select coalesce(sum(queued), 0)::int as queued,
         coalesce(extract(epoch from now() - min(oldest)), 0)::float8 as "oldestSeconds"
       from (${of('organization')} union all ${of('operator')}) b`,
    );
  }
}
