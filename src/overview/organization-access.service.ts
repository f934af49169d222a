import { Injectable } from '@nestjs/common';
import {
  highestRole,
  includesRole,
  type OrganizationAccess,
  type Permission,
  permissionsOf,
  type Role,
} from '../common/access/index.js';
import { Database } from '../database/index.js';
import { RoleResolver, toRoleRef } from '../organizations/index.js';
import type { AccessPath, OrganizationAccessView } from './organization-access.dto.js';
import { OrganizationAccessStore, type OwnMembership } from './organization-access.store.js';

const OF_ORGANIZATION = permissionsOf('organization', 'admin');
const OF_UNIT = permissionsOf('unit', 'admin');
const NO_MEMBERSHIP: OwnMembership = { roleIds: [], units: [] };

/** Tells callers what they may do in an organization, so that clients offer nothing else. */
@Injectable()
export class OrganizationAccessService {
  constructor(
    private readonly db: Database,
    private readonly store: OrganizationAccessStore,
    private readonly roles: RoleResolver,
  ) {}

  async of(access: OrganizationAccess): Promise<OrganizationAccessView> {
    const { reader } = this.db;
    const { actor, organizationId, role } = access;
    const own = actor.userId ? await this.store.ofUser(reader, organizationId, actor.userId) : NO_MEMBERSHIP;
    const roles = await this.roles.of(reader, organizationId, own.roleIds);
    return {
      role,
      roles: roles.map(toRoleRef),
      via: pathOf(access),
      permissions: only(OF_ORGANIZATION, access.permissions),
      allUnits: inAllUnits(access),
      units: inOwnUnits(access, own),
    };
  }
}

const pathOf = ({ actor, held, role }: OrganizationAccess): AccessPath => {
  if (actor.type === 'api_key') return 'api_key';
  return held.organization === role ? 'member' : 'staff';
};

const only = (known: ReadonlySet<Permission>, ...held: Iterable<Permission>[]): Permission[] =>
  [...new Set(held.flatMap((permissions) => [...permissions]))].filter((permission) => known.has(permission)).sort();

/** Returns the role that the role in the organization passes down to its units. */
const passedDown = (role: Role): Role | null => (includesRole(role, 'manager') ? role : null);

function inAllUnits({ actor, onlyUnitIds, permissions, role }: OrganizationAccess): Permission[] {
  if (onlyUnitIds) return [];
  // A key that is not restricted acts in all units, with the permissions that it lists.
  if (actor.type === 'api_key') return only(OF_UNIT, permissions);
  if (!permissions.has('units:listAll')) return [];
  return only(OF_UNIT, permissions, permissionsOf('unit', passedDown(role) ?? 'user'));
}

function inOwnUnits({ onlyUnitIds, permissions, role }: OrganizationAccess, { units }: OwnMembership) {
  const byKey = onlyUnitIds?.map((id) => [id, only(OF_UNIT, permissions)] as const);
  const byMembership = units.map(
    (unit) =>
      [unit.id, only(OF_UNIT, permissions, permissionsOf('unit', highestRole(unit.role, passedDown(role))))] as const,
  );
  return Object.fromEntries(byKey ?? byMembership);
}
