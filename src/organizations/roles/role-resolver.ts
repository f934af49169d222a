import { Injectable } from '@nestjs/common';
import {
  type ApiKeyActor,
  callerIdOf,
  type Holder,
  holderOf,
  holderOfKey,
  memberErrors,
  mayGrantPermissions,
  mayGrantRole,
  mayRevokeRole,
  type OrganizationAccess,
  type Permission,
  type PersonActor,
  type Role,
} from '../../common/access/index.js';
import type { Reader, Tx } from '../../database/index.js';
import { commonErrors } from '../../common/errors/index.js';
import { OrganizationService } from '../organization.service.js';
import { isBuiltIn } from './role.definitions.js';
import type { RoleRefView } from './role.dto.js';
import { roleErrors, unknownRoles } from './role.errors.js';
import { type RoleRow, RoleStore } from './role.store.js';

export type RoleAssignment = Pick<RoleRow, 'id' | 'key' | 'name' | 'permissions'>;

/** Roles to grant: a cumulative role and others by id. */
export interface Grant {
  role: Role;
  roleIds: readonly string[];
}

export const toRoleRef = ({ id, key, name }: RoleAssignment): RoleRefView => ({ id, key, name });

/** Resolves functional, custom and template roles and checks who may grant them. */
@Injectable()
export class RoleResolver {
  constructor(
    private readonly store: RoleStore,
    private readonly organizations: OrganizationService,
  ) {}

  /** Returns the roles of `roleIds`, sorted by key. Ignores roles that no longer exist. */
  async of(reader: Reader, organizationId: string, roleIds: readonly string[]): Promise<RoleAssignment[]> {
    if (roleIds.length === 0) return [];
    const roles = await this.store.find(reader, organizationId, roleIds);
    return roles.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * Returns what a user or API key currently holds. Blocked users and expired or revoked keys hold nothing. Under the
   * organization's lock the result stays valid.
   */
  async holder(reader: Reader, organizationId: string, callerId: string): Promise<Holder> {
    const held = await this.store.heldBy(reader, organizationId, callerId);
    if (!held) return this.holderOfKey(reader, organizationId, callerId);
    return holderOf(held.role, await this.permissionsOf(reader, organizationId, held.roleIds));
  }

  private async holderOfKey(reader: Reader, organizationId: string, id: string): Promise<Holder> {
    const key = await this.store.heldByApiKey(reader, organizationId, id);
    if (!key) return holderOf(null);
    return holderOfKey(key);
  }

  private async permissionsOf(
    reader: Reader,
    organizationId: string,
    roleIds: readonly string[],
  ): Promise<Permission[]> {
    return (await this.of(reader, organizationId, roleIds)).flatMap(({ permissions }) => permissions);
  }

  /**
   * Locks the organization until `tx` ends and reads the caller's permissions again. Responds with `conflict` if the
   * caller lost one of `permissions` since the guard checked them.
   */
  async enter(tx: Tx, access: OrganizationAccess, ...permissions: Permission[]): Promise<Holder> {
    await this.organizations.lockActive(tx, access.organizationId);
    const holder = await this.holder(tx, access.organizationId, callerIdOf(access.actor));
    if (!mayGrantPermissions(holder, permissions)) throw commonErrors.conflict();
    return holder;
  }

  /** Returns the ids of roles that are given by id or key. */
  async idsOf(tx: Tx, organizationId: string, refs: readonly string[]): Promise<string[]> {
    if (refs.length === 0) return [];
    return this.kept(tx, refs, await this.store.find(tx, organizationId, refs));
  }

  /** Does the same for a rule of an operator, which cannot grant custom roles of an organization. */
  async publishedIdsOf(tx: Tx, operatorId: string, refs: readonly string[]): Promise<string[]> {
    if (refs.length === 0) return [];
    return this.kept(tx, refs, await this.store.findPublished(tx, operatorId, refs));
  }

  private async kept(tx: Tx, refs: readonly string[], roles: RoleRow[]): Promise<string[]> {
    if (refs.some(isBuiltIn)) throw roleErrors.not_assignable();
    const unknown = refs.filter((ref) => !roles.some(({ id, key }) => id === ref || key === ref));
    if (unknown.length > 0) throw unknownRoles(unknown);
    const templates = roles.filter(({ kind }) => kind === 'template').map(({ id }) => id);
    const kept = templates.length > 0 ? await this.store.keepTemplates(tx, templates) : [];
    if (kept.length < templates.length) throw unknownRoles(templates.filter((id) => !kept.includes(id)));
    return roles.map(({ id }) => id).sort();
  }

  /** Rejects grants above the caller's own role or permissions. */
  async assertMayGrant(tx: Tx, organizationId: string, holder: Holder, ...grants: Grant[]): Promise<void> {
    if (!grants.every(({ role }) => mayGrantRole(holder, role))) throw memberErrors.role_above_own();
    await this.assertHolds(tx, organizationId, holder, grants);
  }

  /** Checks a caller who takes roles away, or leaves them as they are. */
  async assertMayRevoke(tx: Tx, organizationId: string, holder: Holder, ...grants: Grant[]): Promise<void> {
    if (!grants.every(({ role }) => mayRevokeRole(holder, role))) throw memberErrors.role_above_own();
    await this.assertHolds(tx, organizationId, holder, grants);
  }

  private async assertHolds(tx: Tx, organizationId: string, holder: Holder, grants: Grant[]): Promise<void> {
    const missing = await this.missing(
      tx,
      organizationId,
      holder,
      grants.flatMap(({ roleIds }) => roleIds),
    );
    if (missing.length > 0) throw roleErrors.permission_not_held({ data: { permissions: missing } });
  }

  /** Returns the caller's id if they can only give access to units they belong to. Null if they see all units. */
  unitsOfOnly({ permissions }: Holder, actor: PersonActor | ApiKeyActor): string | null {
    return permissions.has('units:listAll') ? null : callerIdOf(actor);
  }

  async mayGrant(tx: Tx, organizationId: string, holder: Holder, { role, roleIds }: Grant): Promise<boolean> {
    return mayGrantRole(holder, role) && (await this.missing(tx, organizationId, holder, roleIds)).length === 0;
  }

  /** Returns the roles' permissions that the holder lacks. */
  private async missing(
    tx: Tx,
    organizationId: string,
    holder: Holder,
    roleIds: readonly string[],
  ): Promise<Permission[]> {
    const roles = await this.of(tx, organizationId, roleIds);
    const permissions = new Set(roles.flatMap((role) => role.permissions));
    return [...permissions].filter((permission) => !mayGrantPermissions(holder, [permission])).sort();
  }
}
