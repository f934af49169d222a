import { Injectable } from '@nestjs/common';
import type { MappedRole } from '../../auth/sso/index.js';
import { highestRole, type OrganizationAccess, type Role } from '../../common/access/index.js';
import type { Tx } from '../../database/index.js';
import { RoleResolver, OrganizationMemberService } from '../../organizations/index.js';
import { UnitMemberService } from '../../units/index.js';
import { type GroupGrant, type GroupGrantRow, GroupGrantStore } from './group-grant.store.js';
import { ScimSettingsStore } from './scim-settings.store.js';

interface Entitlement {
  role: Role | null;
  roleIds: string[];
  unitIds: string[];
}

const entitlementOf = (matching: MappedRole[]): Entitlement => ({
  role: highestRole(...matching.map(({ role }) => role)),
  roleIds: [...new Set(matching.flatMap(({ roleIds }) => roleIds))],
  unitIds: [...new Set(matching.flatMap(({ unitIds }) => unitIds))],
});

const isEmpty = ({ role, roleIds, unitIds }: Entitlement): boolean =>
  !role && roleIds.length === 0 && unitIds.length === 0;

/** Brings the roles and units of members in line with their groups. Grants from elsewhere stay. */
@Injectable()
export class GroupGrantService {
  constructor(
    private readonly settings: ScimSettingsStore,
    private readonly store: GroupGrantStore,
    private readonly members: OrganizationMemberService,
    private readonly units: UnitMemberService,
    private readonly roles: RoleResolver,
  ) {}

  /** Runs under the organization's lock. A deactivated user gets their grants when they are reactivated. */
  async apply(tx: Tx, access: OrganizationAccess, userIds: string[]): Promise<void> {
    if (userIds.length === 0) return;
    const { organizationId } = access;
    const mapped = (await this.settings.find(tx, organizationId))?.groups ?? [];
    const rows = (await this.store.list(tx, organizationId, userIds)).map((row) => ({
      row,
      wanted: entitlementOf(mapped.filter(({ value }) => row.groupNames.includes(value.toLowerCase()))),
    }));
    // Users who gain come first, so that one request can hand the last admin role to another group.
    const losesAdmin = ({ row, wanted }: (typeof rows)[number]) =>
      row.granted?.role === 'admin' && wanted.role !== 'admin' ? 1 : 0;
    for (const { row, wanted } of rows.sort((one, other) => losesAdmin(one) - losesAdmin(other))) {
      if (!row.granted && isEmpty(wanted)) continue;
      await this.applyTo(tx, access, row, wanted);
    }
  }

  /** Applies grants to every member of the groups with these names. */
  async applyToGroupsNamed(tx: Tx, access: OrganizationAccess, displayNames: string[]): Promise<void> {
    await this.apply(tx, access, await this.store.memberIdsOfGroupsNamed(tx, access.organizationId, displayNames));
  }

  private async applyTo(
    tx: Tx,
    access: OrganizationAccess,
    { userId, granted }: GroupGrantRow,
    wanted: Entitlement,
  ): Promise<void> {
    const { organizationId, actor } = access;
    const member = await this.members.find(tx, organizationId, userId);
    if (!member) return;
    const before: GroupGrant = granted ?? { base: member.role, role: null, roleIds: [], unitIds: [] };
    // If the role was changed by other means since, that role is the user's own from now on.
    const untouched = member.role === highestRole(before.base, before.role);
    const base = untouched ? before.base : member.role;
    const known = (await this.roles.of(tx, organizationId, wanted.roleIds)).map(({ id }) => id);
    const own = member.roleIds.filter((id) => !before.roleIds.includes(id));
    const added = known.filter((id) => !own.includes(id));
    const held = { role: highestRole(base, wanted.role) ?? base, roleIds: [...own, ...added].sort() };
    await this.members.replaceRoles(tx, access, member, held, { by: 'scim_groups' });
    const stays = before.unitIds.filter((id) => wanted.unitIds.includes(id));
    const joins = await this.units.missing(tx, organizationId, wanted.unitIds, userId);
    await this.units.join(tx, actor, organizationId, joins, userId);
    const leaves = before.unitIds.filter((id) => !wanted.unitIds.includes(id));
    await this.units.leave(tx, actor, organizationId, leaves, userId);
    const after: GroupGrant = {
      base,
      role: wanted.role,
      roleIds: added,
      unitIds: [...new Set([...stays, ...joins])].sort(),
    };
    if (JSON.stringify(after) !== JSON.stringify(granted)) await this.store.put(tx, organizationId, userId, after);
  }
}
