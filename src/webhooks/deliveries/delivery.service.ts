import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess } from '../../common/access/index.js';
import type { Page } from '../../common/pagination/index.js';
import { startOf } from '../../common/validation/index.js';
import { Database } from '../../database/index.js';
import { RateLimitService } from '../../limits/index.js';
import { DeliveryPayloadService } from './delivery-payload.service.js';
import { WebhookService } from '../endpoints/webhook.service.js';
import { webhookErrors } from '../model/webhook.errors.js';
import { ownerOf } from '../model/webhook.owner.js';
import { type DeliveryDetailView, type DeliveryQuery, type DeliveryView, toDeliveryView } from './delivery.dto.js';
import { DeliveryStore } from './delivery.store.js';

/** Shows deliveries, sends them again, and sends tests. */
@Injectable()
export class DeliveryService {
  constructor(
    private readonly db: Database,
    private readonly store: DeliveryStore,
    private readonly webhooks: WebhookService,
    private readonly payloads: DeliveryPayloadService,
    private readonly rateLimits: RateLimitService,
  ) {}

  async list(
    access: Access | OrganizationAccess,
    webhookId: string,
    { since, ...query }: DeliveryQuery,
  ): Promise<Page<DeliveryView>> {
    const owner = ownerOf(access);
    await this.webhooks.get(this.db.reader, owner, webhookId);
    const from = since === undefined ? undefined : startOf(since, access.operator.timeZone);
    const page = await this.store.page(this.db.reader, owner, webhookId, { ...query, since: from });
    return { ...page, items: page.items.map(toDeliveryView) };
  }

  async view(access: Access | OrganizationAccess, webhookId: string, deliveryId: string): Promise<DeliveryDetailView> {
    const owner = ownerOf(access);
    const row = await this.store.find(this.db.reader, owner, webhookId, deliveryId);
    if (!row) throw webhookErrors.delivery_not_found();
    const [payload] = await this.payloads.of(this.db.reader, access.operator.id, [row]);
    return {
      ...toDeliveryView(row),
      request: payload ? { body: payload.body } : null,
      response: row.response,
    };
  }

  /** Sends an event of the type `webhook.test`. */
  async test(access: Access | OrganizationAccess, webhookId: string): Promise<DeliveryView> {
    const owner = ownerOf(access);
    await this.rateLimits.consume('webhook_tests', owner.id);
    const id = await this.db.transaction(async (tx) => {
      if (!(await this.webhooks.lock(tx, owner, webhookId)).active) throw webhookErrors.inactive();
      return this.store.insertTest(tx, owner, webhookId);
    });
    return this.shown(access, webhookId, id);
  }

  async replay(access: Access | OrganizationAccess, webhookId: string, deliveryId: string): Promise<DeliveryView> {
    const owner = ownerOf(access);
    await this.rateLimits.consume('webhook_replays', owner.id);
    await this.db.transaction(async (tx) => {
      if (!(await this.webhooks.lock(tx, owner, webhookId)).active) throw webhookErrors.inactive();
      if ((await this.store.replay(tx, owner, webhookId, { deliveryId })) === 0)
        throw webhookErrors.delivery_not_found();
    });
    return this.shown(access, webhookId, deliveryId);
  }

  async replaySince(access: Access | OrganizationAccess, webhookId: string, since: string): Promise<number> {
    const owner = ownerOf(access);
    const from = startOf(since, access.operator.timeZone);
    await this.rateLimits.consume('webhook_mass_replays', owner.id);
    return this.db.transaction(async (tx) => {
      if (!(await this.webhooks.lock(tx, owner, webhookId)).active) throw webhookErrors.inactive();
      return this.store.replay(tx, owner, webhookId, { since: from });
    });
  }

  private async shown(access: Access | OrganizationAccess, webhookId: string, id: string): Promise<DeliveryView> {
    const row = await this.store.find(this.db.reader, ownerOf(access), webhookId, id);
    if (!row) throw webhookErrors.delivery_not_found();
    return toDeliveryView(row);
  }
}
