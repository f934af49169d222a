import { Injectable } from '@nestjs/common';
import {
  type Access,
  type Actor,
  type ApiKeyActor,
  lowestStaffRoleWith,
  operatorApiKeyPermissionsOf,
  type PersonAccess,
} from '../../common/access/index.js';
import { hashSecret } from '../../common/crypto/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { expiryOf } from '../../common/validation/index.js';
import { changesOf, Database, type Reader, type Tx } from '../../database/index.js';
import { EventService } from '../../events/index.js';
import { assertMatches, etagOf } from '../../http/index.js';
import { LimitSettings } from '../../limits/index.js';
import { OperatorService } from '../operator.service.js';
import { apiKeyErrors } from './api-key.errors.js';
import { newApiKey } from './api-key.secret.js';
import {
  type CreatedOperatorApiKeyView,
  type CreateOperatorApiKey,
  type OperatorApiKeyQuery,
  type OperatorApiKeyView,
  type PatchOperatorApiKey,
  toOperatorApiKeyView,
} from './operator-api-key.dto.js';
import type { OperatorApiKeyRow } from './operator-api-key.entity.js';
import { OperatorApiKeyStore } from './operator-api-key.store.js';

/**
 * Manages the keys with which back offices and the command line act for an operator. The admin who made a key answers for it,
 * so it ends when they are blocked, erased or no longer an admin.
 */
@Injectable()
export class OperatorApiKeyService {
  constructor(
    private readonly db: Database,
    private readonly store: OperatorApiKeyStore,
    private readonly operators: OperatorService,
    private readonly events: EventService,
    private readonly limits: LimitSettings,
  ) {}

  async list({ operator }: Access, query: OperatorApiKeyQuery): Promise<Page<OperatorApiKeyView>> {
    const page = await this.store.page(this.db.reader, operator.id, query);
    return { ...page, items: page.items.map(toOperatorApiKeyView) };
  }

  async view(access: Access, id: string): Promise<OperatorApiKeyView> {
    return toOperatorApiKeyView(await this.get(this.db.reader, access, id));
  }

  create(access: PersonAccess, input: CreateOperatorApiKey): Promise<CreatedOperatorApiKeyView> {
    const { operator, actor } = access;
    if (!input.permissions === !input.role) throw permissionsOrRole();
    const expiresAt = expiryOf(input.expiresAt, operator.timeZone);
    const permissions = input.permissions?.toSorted() ?? operatorApiKeyPermissionsOf(input.role ?? 'manager');
    const role = input.role ?? lowestStaffRoleWith(permissions);
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      if ((await this.store.countLive(tx, operator.id)) >= this.limits.count('operator_api_keys'))
        throw apiKeyErrors.limit_reached();
      const { key, hint } = newApiKey('operator');
      const id = newId();
      const { name } = input;
      const shown = { name, role, permissions, expiresAt, hint };
      const stored = { operatorId: operator.id, keyHash: hashSecret(key), createdBy: actor.userId };
      await this.store.insert(tx, { id, ...shown, ...stored });
      await this.events.recordBy(tx, access, 'api_key.created', id, { after: shown });
      return { ...toOperatorApiKeyView(await this.get(tx, access, id)), key };
    });
  }

  /** Renames the key or changes when it expires. What it can do never changes. */
  patch(
    access: PersonAccess,
    id: string,
    input: PatchOperatorApiKey,
    ifMatch: string | undefined,
  ): Promise<OperatorApiKeyView> {
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const key = await this.get(tx, access, id);
      assertMatches(ifMatch, etagOf(key.version));
      if (key.status !== 'active') throw apiKeyErrors.not_active();
      const expiresAt = input.expiresAt === undefined ? undefined : expiryOf(input.expiresAt, access.operator.timeZone);
      const changes = changesOf<OperatorApiKeyRow>(key, { name: input.name, expiresAt });
      if (!changes) return toOperatorApiKeyView(key);
      await this.store.update(tx, id, changes.after);
      await this.events.recordBy(tx, access, 'api_key.updated', id, changes);
      return toOperatorApiKeyView(await this.get(tx, access, id));
    });
  }

  /** Revokes the key at once. A second request changes nothing. */
  revoke(access: PersonAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      await this.enter(tx, access);
      const { name, role, permissions, hint } = await this.get(tx, access, id);
      if (!(await this.store.revoke(tx, id))) return;
      await this.events.recordBy(tx, access, 'api_key.revoked', id, { before: { name, role, permissions, hint } });
    });
  }

  /**
   * Revokes the keys that a user created, at one operator or at all. Call it under the lock that takes the user's rights: that
   * of the operator, or of the user.
   */
  async revokeOf(tx: Tx, actor: Actor, userId: string, operatorId: string | null = null): Promise<void> {
    for (const { id, operatorId: owner, name } of await this.store.revokeOf(tx, userId, operatorId))
      await this.events.record(
        tx,
        { kind: 'operator', id: owner },
        { type: 'api_key.revoked', actor, subject: { type: 'api_key', id }, before: { name } },
      );
  }

  /** Records that a key was used, with an event for the first use of a day and for each change of the address. */
  async noteUse(tx: Tx, actor: ApiKeyActor, operatorId: string): Promise<void> {
    const { apiKeyId: id, name, origin } = actor;
    if (!(await this.store.touch(tx, id, origin.ip))) return;
    await this.events.record(
      tx,
      { kind: 'operator', id: operatorId },
      { type: 'api_key.used', actor, subject: { type: 'api_key', id }, after: { name } },
    );
  }

  /** Locks the operator. The caller is still an admin, and stays one until `tx` ends. */
  private async enter(tx: Tx, { operator, actor }: PersonAccess): Promise<void> {
    await this.operators.lock(tx, operator.id);
    if (!(await this.store.holdAdmin(tx, operator.id, actor.userId))) throw commonErrors.conflict();
  }

  private async get(reader: Reader, { operator }: Access, id: string): Promise<OperatorApiKeyRow> {
    const key = await this.store.find(reader, operator.id, id);
    if (!key) throw apiKeyErrors.not_found();
    return key;
  }
}

const permissionsOrRole = () =>
  commonErrors.validation_failed({ errors: [{ field: 'role', message: 'give either permissions or role' }] });
