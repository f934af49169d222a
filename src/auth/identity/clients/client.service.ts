import { Injectable } from '@nestjs/common';
import type { Access } from '../../../common/access/index.js';
import { hashSecret, newSecret } from '../../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../../database/index.js';
import { assertMatches, etagOf } from '../../../http/index.js';
import { isId, newId, slugFrom } from '../../../common/ids/index.js';
import type { Page } from '../../../common/pagination/index.js';
import { EventService } from '../../../events/index.js';
import { OperatorService } from '../../../operators/index.js';
import { AUDIENCE } from '../../access/index.js';
import {
  type ClientQuery,
  type ClientSecretView,
  type ClientView,
  type CreateClient,
  GRACE_SECONDS,
  type PatchClient,
  toClientView,
} from './client.dto.js';
import { clientErrors } from './client.errors.js';
import type { ClientRow } from './client.entity.js';
import { ClientStore } from './client.store.js';

const PREFIX = 'trc_';
const MAX_CLIENTS = 100;

/** Manages the services of an operator that tokens can be issued for. */
@Injectable()
export class ClientService {
  constructor(
    private readonly db: Database,
    private readonly store: ClientStore,
    private readonly operators: OperatorService,
    private readonly events: EventService,
  ) {}

  async list({ operator }: Access, query: ClientQuery): Promise<Page<ClientView>> {
    const page = await this.store.page(this.db.reader, operator.id, query);
    return { ...page, items: page.items.map(toClientView) };
  }

  async view({ operator }: Access, id: string): Promise<ClientView> {
    const client = await this.store.find(this.db.reader, operator.id, id);
    if (!client) throw clientErrors.not_found();
    return toClientView(client);
  }

  create(access: Access, input: CreateClient): Promise<ClientSecretView> {
    const operatorId = access.operator.id;
    return this.db.transaction(async (tx) => {
      await this.operators.lock(tx, operatorId);
      if ((await this.store.count(tx, operatorId)) >= MAX_CLIENTS) throw clientErrors.limit_reached();
      if (input.audience === AUDIENCE) throw clientErrors.audience_taken();
      const { name } = input;
      const id = newId();
      const audience = input.audience ?? (await this.freeAudience(tx, operatorId, name));
      const secret = newSecret(PREFIX);
      await this.store.insert(tx, { id, operatorId, name, audience, secretHash: hashSecret(secret) });
      await this.events.recordBy(tx, access, 'client.created', id, { after: { name, audience } });
      return { ...toClientView(await this.lock(tx, access, id)), secret };
    });
  }

  patch(access: Access, id: string, input: PatchClient, ifMatch: string | undefined): Promise<ClientView> {
    return this.db.transaction(async (tx) => {
      const client = await this.lock(tx, access, id);
      assertMatches(ifMatch, etagOf(client.version));
      const { name = client.name } = input;
      if (name === client.name) return toClientView(client);
      await this.store.rename(tx, id, name);
      await this.events.recordBy(tx, access, 'client.updated', id, { before: { name: client.name }, after: { name } });
      return toClientView(await this.lock(tx, access, id));
    });
  }

  /** Creates a new secret. The previous one stays valid for a while, older ones do not. */
  rotate(access: Access, id: string, graceSeconds = GRACE_SECONDS): Promise<ClientSecretView> {
    return this.db.transaction(async (tx) => {
      await this.lock(tx, access, id);
      const secret = newSecret(PREFIX);
      await this.store.setSecret(tx, id, hashSecret(secret), graceSeconds);
      await this.events.recordBy(tx, access, 'client.secret_rotated', id, { after: { graceSeconds } });
      return { ...toClientView(await this.lock(tx, access, id)), secret };
    });
  }

  /** Removes a client. No more tokens are issued for it, and it can no longer introspect tokens. */
  delete(access: Access, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const { name, audience } = await this.lock(tx, access, id);
      await this.store.remove(tx, id);
      await this.events.recordBy(tx, access, 'client.deleted', id, { before: { name, audience } });
    });
  }

  /** Returns null if the client does not exist or the secret is wrong. */
  async authenticate(reader: Reader, operatorId: string, id: string, secret: string): Promise<ClientRow | null> {
    return isId(id) ? this.store.findBySecret(reader, operatorId, id, hashSecret(secret)) : null;
  }

  private async lock(tx: Tx, { operator }: Access, id: string): Promise<ClientRow> {
    const client = await this.store.lock(tx, operator.id, id);
    if (!client) throw clientErrors.not_found();
    return client;
  }

  private async freeAudience(tx: Tx, operatorId: string, name: string): Promise<string> {
    const audience = slugFrom(name, 'client');
    return (await this.store.hasAudience(tx, operatorId, audience)) ? `${audience}-${newId().slice(-8)}` : audience;
  }
}
