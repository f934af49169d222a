import { memberErrors } from './member.errors.js';
import {
  API_KEY_PERMISSIONS,
  LEVELS,
  OPERATOR_API_KEY_PERMISSIONS,
  type Permission,
  permissionsOf,
} from './permissions.js';
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

/** Kinds of keys of an organization. */
export type ApiKeyKind = 'workload' | 'scim';

/** Roles that an API key of an operator can act with: those of its staff. */
export const STAFF_ROLES = ['manager', 'admin'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** What an API key was given. */
export interface ApiKeyGrant {
  kind: ApiKeyKind | 'operator';
  role: Role;
  permissions: readonly Permission[];
  /** Null for all units. */
  unitIds: readonly string[] | null;
}

/** Permissions for provisioning. A SCIM key has no role. */
const OF_SCIM_KEY: ReadonlySet<Permission> = new Set<Permission>(['scim:read', 'scim:edit']);
const OF_ANY_KEY: ReadonlySet<Permission> = new Set(API_KEY_PERMISSIONS);
/** Permissions of a key that is restricted to units: those of a user, and all that count in its units only. */
const OF_RESTRICTED_KEY: ReadonlySet<Permission> = new Set(
  [...OF_ROLE.user, ...permissionsOf('unit', 'admin'), 'charges:createForAll' as const].filter(
    (one) => one !== 'units:create' && OF_ANY_KEY.has(one),
  ),
);

/** Returns the permissions that a key can have, for all units or restricted to some. */
export const apiKeyPermissions = (restricted: boolean): ReadonlySet<Permission> =>
  restricted ? OF_RESTRICTED_KEY : OF_ANY_KEY;

/** Returns the permissions of a key that is made with a role and `extra`: at most theirs, without what keys never have. */
export function apiKeyPermissionsOf(role: Role, extra: readonly Permission[], restricted: boolean): Permission[] {
  const all: Permission[] = [...OF_ROLE[role], ...permissionsOf('unit', role), ...extra];
  // A key for all units sees all units.
  if (!restricted) all.push('units:listAll');
  return [...new Set(all)].filter((permission) => apiKeyPermissions(restricted).has(permission)).sort();
}

const OF_ANY_OPERATOR_KEY: ReadonlySet<Permission> = new Set(OPERATOR_API_KEY_PERMISSIONS);

/** Returns all that a member of staff can do, in the operator and in its organizations and units. */
const ofStaff = (role: StaffRole): ReadonlySet<Permission> =>
  new Set(LEVELS.filter((level) => level !== 'platform').flatMap((level) => [...permissionsOf(level, role)]));

/** Returns the permissions of an operator's key that is made with a role: those of the role, without what keys never have. */
export const operatorApiKeyPermissionsOf = (role: StaffRole): Permission[] =>
  [...ofStaff(role)].filter((permission) => OF_ANY_OPERATOR_KEY.has(permission)).sort();

/** Returns the lowest role with all of these permissions. */
export const lowestStaffRoleWith = (permissions: readonly Permission[]): StaffRole =>
  permissions.every((permission) => ofStaff('manager').has(permission)) ? 'manager' : 'admin';

/** Returns what an API key holds in an organization. */
export function holderOfKey({ kind, role, permissions, unitIds }: ApiKeyGrant): Holder {
  if (kind === 'operator')
    return { role, permissions: new Set(permissions.filter((one) => OF_ANY_OPERATOR_KEY.has(one))) };
  if (kind === 'scim') return { role: null, permissions: OF_SCIM_KEY };
  const allowed = apiKeyPermissions(unitIds !== null);
  return { role: unitIds ? 'user' : role, permissions: new Set(permissions.filter((one) => allowed.has(one))) };
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
