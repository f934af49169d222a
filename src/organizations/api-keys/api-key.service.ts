import { Injectable } from '@nestjs/common';
import { LimitSettings } from '../../limits/index.js';
import {
  type ApiKeyKind,
  apiKeyPermissions,
  apiKeyPermissionsOf,
  assertMayGrant,
  callerIdOf,
  DEFAULT_API_KEY_PERMISSIONS,
  type Holder,
  type OrganizationAccess,
  type Permission,
  permissionsOf,
} from '../../common/access/index.js';
import { hashSecret } from '../../common/crypto/index.js';
import { Database, type Reader, type Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { newId } from '../../common/ids/index.js';
import type { Page } from '../../common/pagination/index.js';
import { expiryOf } from '../../common/validation/index.js';
import { EventService } from '../../events/index.js';
import { apiKeyErrors, newApiKey } from '../../operators/index.js';
import { InvitationRevocationService } from '../invitations/invitation-revocation.service.js';
import { roleErrors } from '../roles/role.errors.js';
import { RoleResolver } from '../roles/role-resolver.js';
import { UnitReferenceService } from '../unit-reference.service.js';
import {
  type ApiKeyQuery,
  type ApiKeyView,
  type CreateApiKey,
  type CreatedApiKeyView,
  toApiKeyView,
} from './api-key.dto.js';
import { ApiKeyStore } from './api-key.store.js';
import type { ApiKeyRow } from './api-key.types.js';
import type { CreateScimKey, ScimKeyQuery } from './scim-key.dto.js';

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
    const { name, role = 'user', unitIds = null } = input;
    if (input.permissions && input.role) throw permissionsOrRole();
    const expiresAt = expiryOf(input.expiresAt, access.operator.timeZone);
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:create');
      assertMayGrant(holder.role, role);
      await this.assertUnits(tx, access, holder, unitIds);
      const permissions = input.role
        ? apiKeyPermissionsOf(input.role, [], unitIds !== null)
        : chosen(holder, input.permissions ?? DEFAULT_API_KEY_PERMISSIONS, unitIds !== null);
      const made = await this.insert(tx, access, { kind: 'workload', name, role, permissions, unitIds, expiresAt });
      return { ...toApiKeyView(await this.get(tx, access, made.id)), key: made.key };
    });
  }

  /** Revokes the key at once. A second request changes nothing. */
  revoke(access: OrganizationAccess, id: string): Promise<void> {
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:revoke');
      const key = await this.get(tx, access, id);
      assertMayGrant(holder.role, key.role);
      const ofRole = apiKeyPermissionsOf(key.role, [], false);
      assertHolds(
        holder,
        key.permissions.filter((permission) => !ofRole.includes(permission)),
      );
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
    const ends = expiryOf(expiresAt, access.operator.timeZone);
    return this.db.transaction(async (tx) => {
      const holder = await this.roles.enter(tx, access, 'api-keys:create');
      assertMayGrant(holder.role, 'admin');
      const nothing = { role: 'user' as const, permissions: [], unitIds: null };
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
    given: Pick<ApiKeyRow, 'kind' | 'name' | 'role' | 'permissions' | 'unitIds' | 'expiresAt'>,
  ): Promise<{ id: string; key: string }> {
    const { organizationId } = access;
    if ((await this.store.countLive(tx, organizationId)) >= this.limits.count('api_keys'))
      throw apiKeyErrors.limit_reached();
    const { key, hint } = newApiKey('organization');
    const id = newId();
    const createdBy = callerIdOf(access.actor);
    // A block that came first has revoked the keys of this user. A later one waits and sees this key.
    if (!(await this.store.holdCreator(tx, createdBy))) throw commonErrors.conflict();
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
    const { kind, name, role, permissions, hint } = key;
    const before = kind === 'scim' ? { kind, name, hint } : { name, role, permissions, hint };
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

/** Checks the permissions that a key is to have against those of its creator and of such keys. */
function chosen(holder: Holder, permissions: readonly Permission[], restricted: boolean): Permission[] {
  const unavailable = permissions.filter((permission) => !apiKeyPermissions(restricted).has(permission));
  if (unavailable.length > 0) throw apiKeyErrors.permission_not_available({ data: { permissions: unavailable } });
  assertHolds(holder, permissions);
  return [...new Set(permissions)].sort();
}

/** Permissions of every member of a unit. The creator of a key belongs to its units, or sees all of them. */
const OF_UNIT_USER = permissionsOf('unit', 'user');

function assertHolds(holder: Holder, permissions: readonly Permission[]): void {
  const missing = permissions.filter((one) => !OF_UNIT_USER.has(one) && !holder.permissions.has(one));
  if (missing.length > 0) throw roleErrors.permission_not_held({ data: { permissions: missing } });
}

const permissionsOrRole = () =>
  commonErrors.validation_failed({ errors: [{ field: 'role', message: 'give permissions or role, not both' }] });
