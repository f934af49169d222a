import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { type Page, Pager, type PageQuery, Where } from '../../common/pagination/index.js';
import { newId } from '../../common/ids/index.js';
import { TABLES, type WebhookOwner } from '../model/webhook.owner.js';
import type { DeliveryRow } from './delivery.dto.js';

/** The type of a delivery without an event. */
export const TEST_TYPE = 'webhook.test';

export const deliveryColumns = (kind: WebhookOwner['kind']): string =>
  `d.id, d.webhook_id as "webhookId", d.event_id as "eventId",
   ${kind === 'organization' ? 'd.organization_id' : 'd.event_organization_id'} as "eventOrganizationId", d.type,
   d.subject_id as "subjectId", d.state, d.attempts, d.next_attempt_at as "nextAttemptAt", d.attempted_at as "attemptedAt",
   d.status, d.error, d.response, d.duration_ms as "durationMs", d.created_at as "createdAt"`;

@Injectable()
export class DeliveryStore {
  constructor(private readonly pager: Pager) {}

  page(
    reader: Reader,
    { kind, id }: WebhookOwner,
    webhookId: string,
    query: PageQuery & { status?: string; type?: string; since?: Date | undefined },
  ): Promise<Page<DeliveryRow>> {
    const { deliveries, owner } = TABLES[kind];
    return this.pager.page<DeliveryRow>(
      reader,
      {
        name: deliveries,
        columns: deliveryColumns(kind),
        from: `${deliveries} d`,
        sorts: { createdAt: { sql: 'd.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'd.id', type: 'uuid' },
      },
      new Where()
        .add(`d.${owner} = ? and d.webhook_id = ?`, id, webhookId)
        .when('d.state = ?', query.status)
        .when('d.type = ?', query.type)
        .when('d.created_at >= ?', query.since),
      query,
    );
  }

  find(reader: Reader, { kind, id }: WebhookOwner, webhookId: string, deliveryId: string): Promise<DeliveryRow | null> {
    const { deliveries, owner } = TABLES[kind];
    return reader.maybe<DeliveryRow>(
      `select ${deliveryColumns(kind)} from ${deliveries} d where d.${owner} = $1 and d.webhook_id = $2 and d.id = $3`,
      [id, webhookId, deliveryId],
    );
  }

  /** Adds a delivery without an event. Returns its id. */
  async insertTest(tx: Tx, { kind, id }: WebhookOwner, webhookId: string): Promise<string> {
    const { deliveries, owner } = TABLES[kind];
    const deliveryId = newId();
    await tx.execute(
      `insert into ${deliveries} (${owner}, id, webhook_id, type, subject_id, next_attempt_at)
       values ($1, $2, $3, '${TEST_TYPE}', $4, now())`,
      [id, deliveryId, webhookId, deliveryId],
    );
    await this.wake(tx, { kind, id }, webhookId);
    return deliveryId;
  }

  /** Sends one delivery again, or all since a time. Returns how many. */
  async replay(
    tx: Tx,
    { kind, id }: WebhookOwner,
    webhookId: string,
    which: { deliveryId: string } | { since: Date },
  ): Promise<number> {
    const { deliveries, owner } = TABLES[kind];
    const [condition, value] =
      'deliveryId' in which ? ['d.id = $3', which.deliveryId] : ['d.created_at >= $3', which.since];
    const count = await tx.execute(
      `update ${deliveries} d set state = 'pending', attempts = 0, next_attempt_at = now()
       where d.${owner} = $1 and d.webhook_id = $2 and ${condition}`,
      [id, webhookId, value],
    );
    if (count > 0) await this.wake(tx, { kind, id }, webhookId);
    return count;
  }

  /** Deletes up to `limit` deliveries that are older. Returns how many. */
  async deleteOld(tx: Tx, kind: WebhookOwner['kind'], before: Date, limit: number): Promise<number> {
    const { deliveries, owner } = TABLES[kind];
    return tx.execute(
      `delete from ${deliveries} d using (select ${owner} as owner, id from ${deliveries} where created_at < $1 and state <> 'pending'
         order by created_at limit $2) old
       where d.${owner} = old.owner and d.id = old.id`,
      [before, limit],
    );
  }

  private async wake(tx: Tx, { kind, id }: WebhookOwner, webhookId: string): Promise<void> {
    const { webhooks, owner } = TABLES[kind];
    await tx.execute(`update ${webhooks} set due_at = least(due_at, now()) where ${owner} = $1 and id = $2`, [
      id,
      webhookId,
    ]);
  }
}
