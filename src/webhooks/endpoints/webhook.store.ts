import { Injectable } from '@nestjs/common';
import type { Reader, Tx } from '../../database/index.js';
import { type Page, Pager, Where } from '../../common/pagination/index.js';
import type { DisabledReason } from '../model/webhook.entity.js';
import { TABLES, type WebhookOwner } from '../model/webhook.owner.js';
import type { WebhookQuery } from './webhook.dto.js';

export interface WebhookRow {
  id: string;
  url: string;
  description: string | null;
  eventTypes: string[];
  headers: string;
  secret: string;
  previousSecret: string | null;
  previousSecretUntil: Date | null;
  active: boolean;
  disabledReason: DisabledReason | null;
  failingSince: Date | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

/** What users edit. `headers` is encrypted. */
export type WebhookSettings = Pick<WebhookRow, 'url' | 'description' | 'eventTypes' | 'headers' | 'active'>;

export const WEBHOOK_COLUMNS = `w.id, w.url, w.description, w.event_types as "eventTypes", w.headers, w.secret,
  w.previous_secret as "previousSecret", w.previous_secret_until as "previousSecretUntil", w.active,
  w.disabled_reason as "disabledReason", w.failing_since as "failingSince", w.created_at as "createdAt",
  w.updated_at as "updatedAt", w.version`;

@Injectable()
export class WebhookStore {
  constructor(private readonly pager: Pager) {}

  page(reader: Reader, { kind, id }: WebhookOwner, query: WebhookQuery): Promise<Page<WebhookRow>> {
    const { webhooks, owner } = TABLES[kind];
    return this.pager.page<WebhookRow>(
      reader,
      {
        name: webhooks,
        columns: WEBHOOK_COLUMNS,
        from: `${webhooks} w`,
        sorts: { createdAt: { sql: 'w.created_at', type: 'timestamptz' } },
        defaultSort: '-createdAt',
        tieBreaker: { sql: 'w.id', type: 'uuid' },
      },
      new Where().add(`w.${owner} = ?`, id),
      query,
    );
  }

  find(reader: Reader, { kind, id: ownerId }: WebhookOwner, id: string): Promise<WebhookRow | null> {
    const { webhooks, owner } = TABLES[kind];
    return reader.maybe<WebhookRow>(
      `select ${WEBHOOK_COLUMNS} from ${webhooks} w where w.${owner} = $1 and w.id = $2`,
      [ownerId, id],
    );
  }

  lock(tx: Tx, { kind, id: ownerId }: WebhookOwner, id: string): Promise<WebhookRow | null> {
    const { webhooks, owner } = TABLES[kind];
    return tx.maybe<WebhookRow>(
      `select ${WEBHOOK_COLUMNS} from ${webhooks} w where w.${owner} = $1 and w.id = $2 for update`,
      [ownerId, id],
    );
  }

  async count(reader: Reader, { kind, id }: WebhookOwner): Promise<number> {
    const { webhooks, owner } = TABLES[kind];
    const row = await reader.one<{ count: number }>(
      `select count(*)::int as count from ${webhooks} where ${owner} = $1`,
      [id],
    );
    return row.count;
  }

  async insert(
    tx: Tx,
    { kind, id: ownerId }: WebhookOwner,
    id: string,
    { url, description, eventTypes, headers, active }: WebhookSettings,
    secret: string,
  ): Promise<void> {
    const { webhooks, owner } = TABLES[kind];
    await tx.execute(
      `insert into ${webhooks} (${owner}, id, url, description, event_types, headers, active, secret, updated_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now())`,
      [ownerId, id, url, description, eventTypes, headers, active, secret],
    );
  }

  /** Switching an endpoint on again forgets why it was off, and sends what waits. */
  async update(
    tx: Tx,
    { kind, id: ownerId }: WebhookOwner,
    id: string,
    { url, description, eventTypes, headers, active }: WebhookSettings,
  ): Promise<void> {
    const { webhooks, deliveries, owner } = TABLES[kind];
    await tx.execute(
      `update ${webhooks} w set url = $3, description = $4, event_types = $5, headers = $6, active = $7,
         disabled_reason = case when $7 then null else w.disabled_reason end,
         failing_since = case when $7 and not w.active or $3 <> w.url then null else w.failing_since end,
         healthy = w.healthy and $3 = w.url,
         due_at = (select min(d.next_attempt_at) from ${deliveries} d
           where d.${owner} = $1 and d.webhook_id = $2 and d.state = 'pending'),
         updated_at = now(), version = w.version + 1
       where w.${owner} = $1 and w.id = $2`,
      [ownerId, id, url, description, eventTypes, headers, active],
    );
  }

  async rotate(
    tx: Tx,
    { kind, id: ownerId }: WebhookOwner,
    id: string,
    { secret, previousSecret, until }: { secret: string; previousSecret: string; until: Date },
  ): Promise<void> {
    const { webhooks, owner } = TABLES[kind];
    await tx.execute(
      `update ${webhooks} set secret = $3, previous_secret = $4, previous_secret_until = $5, updated_at = now(),
         version = version + 1
       where ${owner} = $1 and id = $2`,
      [ownerId, id, secret, previousSecret, until],
    );
  }

  async remove(tx: Tx, { kind, id: ownerId }: WebhookOwner, id: string): Promise<void> {
    const { webhooks, deliveries, owner } = TABLES[kind];
    await tx.execute(`delete from ${deliveries} where ${owner} = $1 and webhook_id = $2`, [ownerId, id]);
    await tx.execute(`delete from ${webhooks} where ${owner} = $1 and id = $2`, [ownerId, id]);
  }
}
