import { Injectable } from '@nestjs/common';
import { LimitSettings } from '../../limits/index.js';
import {
  type ApiKeyKind,
  assertMayGrant,
  callerIdOf,
  type Holder,
  type OrganizationAccess,
} from '../../common/access/index.js';
import { hashSecret, newSecret } from '../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { instantOf } from '../../common/validation/index.js';
import { EventService } from '../../events/index.js';
import { InvitationRevocationService } from '../invitations/invitation-revocation.service.js';
import { RoleResolver } from '../roles/role-resolver.js';
import { UnitReferenceService } from '../unit-reference.service.js';
import {
  type ApiKeyQuery,
  type ApiKeyView,
  type CreateApiKey,
  type CreatedApiKeyView,
  toApiKeyView,
} from './api-key.dto.js';
import { apiKeyErrors } from './api-key.errors.js';
import { ApiKeyStore } from './api-key.store.js';
import type { ApiKeyRow } from './api-key.types.js';
import type { CreateScimKey, ScimKeyQuery } from './scim-key.dto.js';

const PREFIX = 'trl_';
const HINT_CHARACTERS = 8;
/** Permissions that reach all units. */
const IN_ALL_UNITS = ['units:listAll', 'charges:createForAll'] as const;

/** Manages the keys with which workloads and identity providers act for an organization. Keys outlive their creator. */
@Injectable()
export class ApiKeyService {
  constructor(
    private readonly db: Database,
    private readonly store: ApiKeyStore,
    private readonly roles: RoleResolver,
    private readonly units: UnitReferenceService,
    private readonly invitations: InvitationRevocationService,
    private readonly events: EventService,
    private readonly limits: LimitSettings,
  ) {}

  async list(access: OrganizationAccess, query: ApiKeyQuery): Promise<Page<ApiKeyView>> {
    const page = await this.store.page(this.db.reader, access.organizationId, 'workload', query);
    return { ...page, items: page.items.map(toApiKeyView) };
  }

  async view(access: OrganizationAccess, id: string): Promise<ApiKeyView> {
    return toApiKeyView(await this.get(this.db.reader, access, id));
  }

  /** Creates a key. It can do at most what its creator can. */
  create(access: OrganizationAccess, input: CreateApiKey): Promise<CreatedApiKeyView> {
    const { organizationId } = access;
    const { name, role, unitIds = null } = input;
    const expiresAt = futureOf(input.expiresAt ?? undefined);
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:create');
      const roleIds = await this.roles.idsOf(tx, organizationId, input.roleIds ?? []);
      assertMayGrant(holder.role, role);
      await this.roles.assertMayGrant(tx, organizationId, holder, { role, roleIds });
      await this.assertUnits(tx, access, holder, unitIds);
      const made = await this.insert(tx, access, { kind: 'workload', name, role, roleIds, unitIds, expiresAt });
      return { ...toApiKeyView(await this.get(tx, access, made.id)), key: made.key };
    });
  }

  /** Revokes the key at once. A second request changes nothing. */
  revoke(access: OrganizationAccess, id: string): Promise<void> {
    const { organizationId } = access;
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:revoke');
      const key = await this.get(tx, access, id);
      assertMayGrant(holder.role, key.role);
      await this.roles.assertMayGrant(tx, organizationId, holder, key);
      await this.end(tx, access, key);
    });
  }

  async listScim(access: OrganizationAccess, query: ScimKeyQuery): Promise<Page<ApiKeyRow>> {
    return this.store.page(this.db.reader, access.organizationId, 'scim', query);
  }

  getScim(access: OrganizationAccess, id: string): Promise<ApiKeyRow> {
    return this.get(this.db.reader, access, id, 'scim');
  }

  /** Creates a SCIM key. Only admins can, because its holder decides who is a member. */
  createScim(access: OrganizationAccess, { name, expiresAt }: CreateScimKey): Promise<{ row: ApiKeyRow; key: string }> {
    const ends = futureOf(expiresAt ?? undefined);
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:create');
      assertMayGrant(holder.role, 'admin');
      const nothing = { role: 'user' as const, roleIds: [], unitIds: null };
      const { id, key } = await this.insert(tx, access, { kind: 'scim', name, ...nothing, expiresAt: ends });
      return { row: await this.get(tx, access, id, 'scim'), key };
    });
  }

  /** As `revoke`. */
  revokeScim(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:revoke');
      assertMayGrant(holder.role, 'admin');
      await this.end(tx, access, await this.get(tx, access, id, 'scim'));
    });
  }

  private async insert(
    tx: Tx,
    access: OrganizationAccess,
    given: Pick<ApiKeyRow, 'kind' | 'name' | 'role' | 'roleIds' | 'unitIds' | 'expiresAt'>,
  ): Promise<{ id: string; key: string }> {
    const { organizationId } = access;
    if ((await this.store.countLive(tx, organizationId)) >= this.limits.count('api_keys'))
      throw apiKeyErrors.limit_reached();
    const key = newSecret(PREFIX);
    const id = newId();
    const hint = key.slice(0, HINT_CHARACTERS);
    const createdBy = callerIdOf(access.actor);
    await this.store.insert(tx, { organizationId, id, hint, keyHash: hashSecret(key), createdBy, ...given });
    const { kind, name, expiresAt, ...rest } = given;
    const after = kind === 'scim' ? { kind, name, expiresAt, hint } : { name, ...rest, expiresAt, hint };
    await this.events.recordBy(tx, access, 'api_key.created', id, { after });
    return { id, key };
  }

  private async end(tx: Tx, access: OrganizationAccess, key: ApiKeyRow): Promise<void> {
    const { actor, organizationId } = access;
    const { id } = key;
    if (!(await this.store.revoke(tx, organizationId, id))) return;
    const { kind, name, role, hint } = key;
    const before = kind === 'scim' ? { kind, name, hint } : { name, role, hint };
    await this.events.recordBy(tx, access, 'api_key.revoked', id, { before });
    await this.invitations.revokeLost(tx, actor, organizationId, id);
  }

  /** Requires callers without access to all units to list units of their own. */
  private async assertUnits(
    tx: Tx,
    { organizationId, actor }: OrganizationAccess,
    holder: Holder,
    unitIds: string[] | null,
  ): Promise<void> {
    const reachesAll = IN_ALL_UNITS.every((permission) => holder.permissions.has(permission));
    if (!unitIds && !reachesAll) throw apiKeyErrors.units_required();
    await this.units.assertKnown(tx, organizationId, unitIds ?? [], reachesAll ? null : actor.userId);
  }

  private async get(
    reader: Reader,
    access: OrganizationAccess,
    id: string,
    kind: ApiKeyKind = 'workload',
  ): Promise<ApiKeyRow> {
    const key = await this.store.find(reader, access.organizationId, id, kind);
    if (!key) throw apiKeyErrors.not_found();
    return key;
  }
}

function futureOf(text: string | undefined): Date | null {
  const instant = instantOf('expiresAt', text);
  if (instant && instant.getTime() <= Date.now()) {
    throw commonErrors.validation_failed({
      errors: [{ field: 'expiresAt', message: 'expiresAt must be in the future' }],
    });
  }
  return instant ?? null;
}
