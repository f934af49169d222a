import { Injectable } from '@nestjs/common';
import type { Access, OrganizationAccess } from '../../common/access/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import { Outgoing } from '../../common/outgoing/index.js';
import type { Page } from '../../common/pagination/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { LimitSettings } from '../../limits/index.js';
import { OperatorService } from '../../operators/index.js';
import { OrganizationService } from '../../organizations/index.js';
import { headersFault, isReservedHeader } from '../model/header-rules.js';
import { unknownPatterns } from '../model/event-type-pattern.js';
import { webhookErrors } from '../model/webhook.errors.js';
import { ownerOf, type WebhookOwner } from '../model/webhook.owner.js';
import { WebhookSecrets } from '../model/webhook.secrets.js';
import type {
  CreatedWebhookView,
  CreateWebhook,
  PatchWebhook,
  RotatedSecretView,
  WebhookQuery,
  WebhookView,
} from './webhook.dto.js';
import { type WebhookRow, type WebhookSettings, WebhookStore } from './webhook.store.js';

/** How long deliveries are signed with the secret before, too. */
const OVERLAP_MS = 24 * 60 * 60_000;

/** Manages the endpoints of an organization or of an operator. */
@Injectable()
export class WebhookService {
  constructor(
    private readonly db: Database,
    private readonly store: WebhookStore,
    private readonly secrets: WebhookSecrets,
    private readonly operators: OperatorService,
    private readonly organizations: OrganizationService,
    private readonly events: EventService,
    private readonly limits: LimitSettings,
    private readonly outgoing: Outgoing,
  ) {}

  async list(access: Access | OrganizationAccess, query: WebhookQuery): Promise<Page<WebhookView>> {
    const owner = ownerOf(access);
    const page = await this.store.page(this.db.reader, owner, query);
    return { ...page, items: page.items.map((row) => this.viewOf(owner, row)) };
  }

  async view(access: Access | OrganizationAccess, id: string): Promise<WebhookView> {
    const owner = ownerOf(access);
    return this.viewOf(owner, await this.get(this.db.reader, owner, id));
  }

  create(access: Access | OrganizationAccess, input: CreateWebhook): Promise<CreatedWebhookView> {
    const { url, description, eventTypes, headers = {}, active = true } = input;
    this.assertAllowed({ url, eventTypes, headers });
    const owner = ownerOf(access);
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, owner);
      if ((await this.store.count(tx, owner)) >= this.limits.count('webhooks')) throw webhookErrors.limit_reached();
      const id = newId();
      const secret = this.secrets.newSecret();
      const settings = {
        url,
        description: description || null,
        eventTypes: [...eventTypes].sort(),
        headers: this.secrets.seal(owner, id, 'headers', JSON.stringify(headers)),
        active,
      };
      await this.store.insert(tx, owner, id, settings, this.secrets.seal(owner, id, 'secret', secret));
      const row = await this.get(tx, owner, id);
      await this.events.recordBy(tx, access, 'webhook.created', id, { after: this.shown(owner, id, row) });
      return { ...this.viewOf(owner, row), secret };
    });
  }

  patch(
    access: Access | OrganizationAccess,
    id: string,
    input: PatchWebhook,
    ifMatch: string | undefined,
  ): Promise<WebhookView> {
    this.assertAllowed(input);
    const owner = ownerOf(access);
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, owner);
      const row = await this.lock(tx, owner, id);
      assertMatches(ifMatch, etagOf(row.version));
      const settings: WebhookSettings = {
        url: input.url ?? row.url,
        description: input.description === undefined ? row.description : input.description || null,
        eventTypes: input.eventTypes ? [...input.eventTypes].sort() : row.eventTypes,
        headers: input.headers ? this.secrets.seal(owner, id, 'headers', JSON.stringify(input.headers)) : row.headers,
        active: input.active ?? row.active,
      };
      const before = this.shown(owner, id, row);
      const after = this.shown(owner, id, settings);
      const sameHeaders =
        JSON.stringify(this.secrets.headersOf(owner, id, row.headers)) ===
        JSON.stringify(this.secrets.headersOf(owner, id, settings.headers));
      if (sameHeaders && JSON.stringify(before) === JSON.stringify(after)) return this.viewOf(owner, row);
      await this.store.update(tx, owner, id, settings);
      await this.events.recordBy(tx, access, 'webhook.updated', id, { before, after });
      return this.viewOf(owner, await this.get(tx, owner, id));
    });
  }

  delete(access: Access | OrganizationAccess, id: string): Promise<void> {
    const owner = ownerOf(access);
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, owner);
      const row = await this.lock(tx, owner, id);
      await this.store.remove(tx, owner, id);
      await this.events.recordBy(tx, access, 'webhook.deleted', id, { before: this.shown(owner, id, row) });
    });
  }

  /** Makes a new secret. For a day, deliveries are signed with the one before, too. */
  rotateSecret(access: Access | OrganizationAccess, id: string): Promise<RotatedSecretView> {
    const owner = ownerOf(access);
    return this.db.transaction(async (tx) => {
      await this.lockOwner(tx, owner);
      const row = await this.lock(tx, owner, id);
      const secret = this.secrets.newSecret();
      const until = new Date(Date.now() + OVERLAP_MS);
      const previous = this.secrets.open(owner, id, 'secret', row.secret);
      await this.store.rotate(tx, owner, id, {
        secret: this.secrets.seal(owner, id, 'secret', secret),
        previousSecret: this.secrets.seal(owner, id, 'previous_secret', previous),
        until,
      });
      await this.events.recordBy(tx, access, 'webhook.secret_rotated', id, { after: { previousSecretUntil: until } });
      return { secret, previousSecretUntil: until.toISOString() };
    });
  }

  async get(reader: Reader, owner: WebhookOwner, id: string): Promise<WebhookRow> {
    const row = await this.store.find(reader, owner, id);
    if (!row) throw webhookErrors.not_found();
    return row;
  }

  /** Locks a webhook, which comes before its deliveries in the order of locks. */
  async lock(tx: Tx, owner: WebhookOwner, id: string): Promise<WebhookRow> {
    const row = await this.store.lock(tx, owner, id);
    if (!row) throw webhookErrors.not_found();
    return row;
  }

  /** Keeps what the webhook belongs to, so that webhooks can be counted and are not made while it is deleted. */
  private async lockOwner(tx: Tx, { kind, id }: WebhookOwner): Promise<void> {
    if (kind === 'operator') await this.operators.lock(tx, id);
    else await this.organizations.lockActive(tx, id);
  }

  private assertAllowed({ url, eventTypes = [], headers }: PatchWebhook): void {
    const reason = url === undefined ? null : this.outgoing.objectionTo(new URL(url));
    if (reason) throw webhookErrors.url_not_allowed();
    const [unknown] = unknownPatterns(eventTypes);
    if (unknown !== undefined) throw webhookErrors.unknown_event_type();
    const fault = headers === undefined ? null : headersFault(headers);
    if (fault) throw commonErrors.validation_failed({ errors: [{ field: 'headers', message: `headers ${fault}` }] });
    if (Object.keys(headers ?? {}).some(isReservedHeader)) throw webhookErrors.header_not_allowed();
  }

  /** Returns what events show: the names of the headers, and not their values. */
  private shown(owner: WebhookOwner, id: string, { url, description, eventTypes, headers, active }: WebhookSettings) {
    const names = Object.keys(this.secrets.headersOf(owner, id, headers)).sort();
    return { url: withoutSecrets(url), description, eventTypes, headers: names, active };
  }

  private viewOf(owner: WebhookOwner, row: WebhookRow): WebhookView {
    const rotating = row.previousSecretUntil && row.previousSecretUntil > new Date();
    return {
      id: row.id,
      url: row.url,
      description: row.description,
      eventTypes: row.eventTypes,
      headers: this.secrets.headersOf(owner, row.id, row.headers),
      active: row.active,
      disabledReason: row.disabledReason,
      failingSince: row.failingSince?.toISOString() ?? null,
      previousSecretUntil: rotating ? (row.previousSecretUntil?.toISOString() ?? null) : null,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
      etag: etagOf(row.version),
    };
  }
}

/** Receivers often put a token in the query of their address. */
const withoutSecrets = (url: string): string => url.replace(/\?.*$/, '?…');
