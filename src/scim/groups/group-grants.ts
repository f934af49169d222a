import { Injectable } from '@nestjs/common';
import type { MappedRole } from '../../auth/index.js';
import { highestRole, type OrganizationAccess, type Role } from '../../common/access/index.js';
import type { Tx } from '../../common/database/index.js';
import { HeldRoles, OrganizationMembers } from '../../organizations/index.js';
import { UnitMembers } from '../../units/index.js';
import { ScimSettingsStore } from '../settings/scim-settings.store.js';
import type { Granted } from '../users/scim-user.entity.js';
import { ScimUserStore } from '../users/scim-user.store.js';
import { type GrantRow, ScimGroupStore } from './scim-group.store.js';

interface Given {
  role: Role | null;
  roleIds: string[];
  unitIds: string[];
}

const given = (matching: MappedRole[]): Given => ({
  role: highestRole(...matching.map(({ role }) => role)),
  roleIds: [...new Set(matching.flatMap(({ roleIds }) => roleIds))],
  unitIds: [...new Set(matching.flatMap(({ unitIds }) => unitIds))],
});

const isNothing = ({ role, roleIds, unitIds }: Given): boolean => !role && roleIds.length === 0 && unitIds.length === 0;

/** Brings what people have in line with the groups they are in. What they were given otherwise stays theirs. */
@Injectable()
export class GroupGrants {
  constructor(
    private readonly settings: ScimSettingsStore,
    private readonly groups: ScimGroupStore,
    private readonly users: ScimUserStore,
    private readonly members: OrganizationMembers,
    private readonly units: UnitMembers,
    private readonly roles: HeldRoles,
  ) {}

  /** Under the organization's lock. Who is no member for now gets it when he is one again. Throws members.last_admin. */
  async apply(tx: Tx, access: OrganizationAccess, userIds: string[]): Promise<void> {
    if (userIds.length === 0) return;
    const { organizationId } = access;
    const mapped = (await this.settings.find(tx, organizationId))?.groups ?? [];
    // First those who gain: the admin of one group can hand over to that of another in one request.
    const rows = (await this.groups.grantsOf(tx, organizationId, userIds)).map((row) => {
      const wanted = given(mapped.filter(({ value }) => row.groupNames.includes(value.toLowerCase())));
      return { row, wanted };
    });
    const loses = ({ row, wanted }: (typeof rows)[number]) =>
      row.granted?.role === 'admin' && wanted.role !== 'admin' ? 1 : 0;
    for (const { row, wanted } of rows.sort((one, other) => loses(one) - loses(other))) {
      if (!row.granted && isNothing(wanted)) continue;
      await this.applyTo(tx, access, row, wanted);
    }
  }

  private async applyTo(
    tx: Tx,
    access: OrganizationAccess,
    { userId, granted }: GrantRow,
    wanted: Given,
  ): Promise<void> {
    const { organizationId, actor } = access;
    const member = await this.members.find(tx, organizationId, userId);
    if (!member) return;
    const before: Granted = granted ?? { base: member.role, role: null, roleIds: [], unitIds: [] };
    // Somebody has changed it meanwhile: that is what he has without groups from now on.
    const untouched = member.role === highestRole(before.base, before.role);
    const base = untouched ? before.base : member.role;
    const known = (await this.roles.of(tx, organizationId, wanted.roleIds)).map(({ id }) => id);
    const own = member.roleIds.filter((id) => !before.roleIds.includes(id));
    const added = known.filter((id) => !own.includes(id));
    const held = { role: highestRole(base, wanted.role) ?? base, roleIds: [...own, ...added].sort() };
    await this.members.setHeld(tx, access, member, held, { by: 'scim_groups' });
    const stays = before.unitIds.filter((id) => wanted.unitIds.includes(id));
    const joins = await this.units.missing(tx, organizationId, wanted.unitIds, userId);
    await this.units.join(tx, actor, organizationId, joins, userId);
    const leaves = before.unitIds.filter((id) => !wanted.unitIds.includes(id));
    await this.units.leave(tx, actor, organizationId, leaves, userId);
    const after: Granted = {
      base,
      role: wanted.role,
      roleIds: added,
      unitIds: [...new Set([...stays, ...joins])].sort(),
    };
    if (JSON.stringify(after) !== JSON.stringify(granted))
      await this.users.setGranted(tx, organizationId, userId, after);
  }
}
