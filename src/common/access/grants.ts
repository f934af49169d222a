import { memberErrors } from './member.errors.js';
import { type Permission, permissionsOf } from './permissions.js';
import { includesRole, type Role } from './roles.js';

/** Effective role of a caller in an organization, and all permissions of their roles. */
export interface Holder {
  role: Role | null;
  permissions: ReadonlySet<Permission>;
}

/** Collects the permissions of a role. Managers and admins also have them in the units. */
const ofRole = (role: Role): ReadonlySet<Permission> => {
  const inUnits = includesRole(role, 'manager') ? permissionsOf('unit', role) : [];
  return new Set([...permissionsOf('organization', role), ...inUnits]);
};
const OF_ROLE: Record<Role, ReadonlySet<Permission>> = {
  user: ofRole('user'),
  manager: ofRole('manager'),
  admin: ofRole('admin'),
};
const NOTHING: ReadonlySet<Permission> = new Set();

/** Combines a role with the permissions `extra` of functional and custom roles. */
export function holderOf(role: Role | null, extra: readonly Permission[] = []): Holder {
  const own = role ? OF_ROLE[role] : NOTHING;
  return { role, permissions: extra.length > 0 ? new Set([...own, ...extra]) : own };
}

export type ApiKeyKind = 'workload' | 'scim';

/** Role and scope of an API key. */
export interface ApiKeyGrant {
  kind: ApiKeyKind;
  role: Role;
  /** Null for all units. */
  unitIds: readonly string[] | null;
}

const OF_RESTRICTED_KEY: ReadonlySet<Permission> = new Set([...OF_ROLE.user].filter((one) => one !== 'units:create'));
/** Permissions for provisioning. A SCIM key has no role. */
const OF_SCIM_KEY: ReadonlySet<Permission> = new Set<Permission>(['scim:read', 'scim:edit']);
/** Permissions that a restricted key keeps in its units. */
const IN_UNITS: ReadonlySet<Permission> = new Set([...permissionsOf('unit', 'admin'), 'charges:createForAll']);

/**
 * Returns what an API key holds in its organization. A key for all units sees all units. A restricted key has its role in
 * its units. Elsewhere it has the permissions of a user, except creating units.
 */
export function holderOfKey({ kind, role, unitIds }: ApiKeyGrant, extra: readonly Permission[] = []): Holder {
  if (kind === 'scim') return { role: null, permissions: OF_SCIM_KEY };
  if (!unitIds) return holderOf(role, [...extra, 'units:listAll']);
  const inUnits = [...OF_ROLE[role], ...extra].filter((one) => IN_UNITS.has(one));
  return { role: 'user', permissions: new Set([...OF_RESTRICTED_KEY, ...inUnits]) };
}

/** Rejects granting, changing or removing a role above the caller's own. */
export function assertMayGrant(own: Role | null, ...roles: Role[]): void {
  if (!roles.every((role) => includesRole(own, role))) throw memberErrors.role_above_own();
}

/**
 * Tells whether the caller may grant a role: up to their own, or one whose permissions they all hold. More would let them raise
 * a second account of their own past their role.
 */
export const mayGrantRole = (holder: Holder, role: Role): boolean =>
  includesRole(holder.role, role) || (role !== 'admin' && mayGrantPermissions(holder, OF_ROLE[role]));

/** Tells whether the caller may lower or remove who holds a role: up to their own, or to manager with `members:grantManager`. */
export const mayRevokeRole = ({ role: own, permissions }: Holder, role: Role): boolean =>
  includesRole(own, role) || (role !== 'admin' && permissions.has('members:grantManager'));

/** Tells whether the caller holds all permissions that they want to grant or revoke. */
export const mayGrantPermissions = ({ permissions }: Holder, granted: Iterable<Permission>): boolean =>
  [...granted].every((permission) => permissions.has(permission));
