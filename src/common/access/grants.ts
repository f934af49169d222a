import { memberErrors } from './member.errors.js';
import { type Permission, permissionsOf } from './permissions.js';
import { includesRole, type Role } from './roles.js';

/** What somebody holds in an organization: his effective role, and every permission of it and of his other roles. */
export interface Holder {
  role: Role | null;
  permissions: ReadonlySet<Permission>;
}

/** A manager's or admin's role reaches down to the units. */
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

/** `extra` is what functional and custom roles add. */
export function holderOf(role: Role | null, extra: readonly Permission[] = []): Holder {
  const own = role ? OF_ROLE[role] : NOTHING;
  return { role, permissions: extra.length > 0 ? new Set([...own, ...extra]) : own };
}

export type ApiKeyKind = 'workload' | 'scim';

/** What an API key was given. */
export interface ApiKeyGrant {
  kind: ApiKeyKind;
  role: Role;
  /** Null: all units. */
  unitIds: readonly string[] | null;
}

const OF_RESTRICTED_KEY: ReadonlySet<Permission> = new Set([...OF_ROLE.user].filter((one) => one !== 'units:create'));
/** What an identity provider needs to bring people in and take them out; it has no role. */
const OF_SCIM_KEY: ReadonlySet<Permission> = new Set<Permission>(['scim:read', 'scim:edit']);
/** What is held in units, and what names a unit itself. */
const IN_UNITS: ReadonlySet<Permission> = new Set([...permissionsOf('unit', 'admin'), 'charges:createForAll']);

/**
 * What an API key holds in its organization. One for all units sees all of them. One that is restricted to some has its
 * role there; outside of them it is a plain user who makes no units.
 */
export function holderOfKey({ kind, role, unitIds }: ApiKeyGrant, extra: readonly Permission[] = []): Holder {
  if (kind === 'scim') return { role: null, permissions: OF_SCIM_KEY };
  if (!unitIds) return holderOf(role, [...extra, 'units:listAll']);
  const inUnits = [...OF_ROLE[role], ...extra].filter((one) => IN_UNITS.has(one));
  return { role: 'user', permissions: new Set([...OF_RESTRICTED_KEY, ...inUnits]) };
}

/** Nobody gives, changes or takes a role above his own. Throws members.role_above_own. */
export function assertMayGrant(own: Role | null, ...roles: Role[]): void {
  if (!roles.every((role) => includesRole(own, role))) throw memberErrors.role_above_own();
}

/** In an organization: with `members:grantManager` up to manager, else up to one's own role. */
export const mayGrantRole = ({ role: own, permissions }: Holder, role: Role): boolean =>
  includesRole(own, role) || (role !== 'admin' && permissions.has('members:grantManager'));

/** Nobody gives or takes a permission he does not hold himself. */
export const mayGrantPermissions = ({ permissions }: Holder, granted: Iterable<Permission>): boolean =>
  [...granted].every((permission) => permissions.has(permission));
