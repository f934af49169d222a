import { Injectable } from '@nestjs/common';
import {
  callerIdOf,
  type Holder,
  holderOf,
  holderOfKey,
  memberErrors,
  mayGrantPermissions,
  mayGrantRole,
  type OrganizationAccess,
  type Permission,
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

/** What somebody asks to be given to somebody: a cumulative role and others, by id. */
export interface Grant {
  role: Role;
  roleIds: readonly string[];
}

export const toRoleRef = ({ id, key, name }: RoleAssignment): RoleRefView => ({ id, key, name });

/** What functional, custom and template roles mean to whoever holds or grants them. */
@Injectable()
export class RoleResolver {
  constructor(
    private readonly store: RoleStore,
    private readonly organizations: OrganizationService,
  ) {}

  /** The roles of `roleIds` by key; one that is gone by now means nothing. */
  async of(reader: Reader, organizationId: string, roleIds: readonly string[]): Promise<RoleAssignment[]> {
    if (roleIds.length === 0) return [];
    const roles = await this.store.find(reader, organizationId, roleIds);
    return roles.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * What a person or an API key holds right now; nothing for somebody who is blocked, and for a key that has ended.
   * Under the organization's lock it stays so.
   */
  async holder(reader: Reader, organizationId: string, callerId: string): Promise<Holder> {
    const held = await this.store.heldBy(reader, organizationId, callerId);
    if (!held) return this.holderOfKey(reader, organizationId, callerId);
    return holderOf(held.role, await this.permissionsOf(reader, organizationId, held.roleIds));
  }

  private async holderOfKey(reader: Reader, organizationId: string, id: string): Promise<Holder> {
    const key = await this.store.heldByApiKey(reader, organizationId, id);
    if (!key) return holderOf(null);
    return holderOfKey(key, await this.permissionsOf(reader, organizationId, key.roleIds));
  }

  private async permissionsOf(
    reader: Reader,
    organizationId: string,
    roleIds: readonly string[],
  ): Promise<Permission[]> {
    return (await this.of(reader, organizationId, roleIds)).flatMap(({ permissions }) => permissions);
  }

  /**
   * Locks the organization until `tx` ends and reads the caller's permissions again. A caller who has lost one that the
   * guard saw gets a conflict and tries again.
   */
  async enter(tx: Tx, access: OrganizationAccess, ...permissions: Permission[]): Promise<Holder> {
    await this.organizations.lockActive(tx, access.organizationId);
    const holder = await this.holder(tx, access.organizationId, callerIdOf(access.actor));
    if (!mayGrantPermissions(holder, permissions)) throw commonErrors.conflict();
    return holder;
  }

  /** The ids of roles named by id or by key, each once. */
  async idsOf(tx: Tx, organizationId: string, refs: readonly string[]): Promise<string[]> {
    if (refs.length === 0) return [];
    return this.kept(tx, refs, await this.store.find(tx, organizationId, refs));
  }

  /** The same for a rule of an operator, which cannot give what belongs to one organization. */
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

  /** The same check for every door. */
  async assertMayGrant(tx: Tx, organizationId: string, holder: Holder, ...grants: Grant[]): Promise<void> {
    if (!grants.every(({ role }) => mayGrantRole(holder, role))) throw memberErrors.role_above_own();
    const missing = await this.missing(
      tx,
      organizationId,
      holder,
      grants.flatMap(({ roleIds }) => roleIds),
    );
    if (missing.length > 0) throw roleErrors.permission_not_held({ data: { permissions: missing } });
  }

  async mayGrant(tx: Tx, organizationId: string, holder: Holder, { role, roleIds }: Grant): Promise<boolean> {
    return mayGrantRole(holder, role) && (await this.missing(tx, organizationId, holder, roleIds)).length === 0;
  }

  /** What of the roles' permissions the holder does not have himself. */
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
