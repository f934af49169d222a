/** Cumulative roles: each one includes those before it. They are the same at every level. */
export const ROLES = ['user', 'manager', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const rank = (role: Role | null | undefined): number => (role ? ROLES.indexOf(role) : -1);

/** Tells whether `role` is `minimum` or includes it. */
export const includesRole = (role: Role | null | undefined, minimum: Role): boolean => rank(role) >= rank(minimum);

/** Returns the highest of several roles, or null. */
export function highestRole(...roles: (Role | null | undefined)[]): Role | null {
  let highest: Role | null = null;
  for (const role of roles) if (role && rank(role) > rank(highest)) highest = role;
  return highest;
}

export interface RolesByLevel {
  platformAdmin: boolean;
  operator: Role | null;
  organization: Role | null;
  unit: Role | null;
}

/** Returns the role that a level passes down: `manager` and `admin`, but not `user`. */
const reachingDown = (role: Role | null): Role | null => (includesRole(role, 'manager') ? role : null);

/** Returns the effective role per level: the highest role held there or on any level above. */
export function effectiveRoles(held: RolesByLevel): {
  operator: Role | null;
  organization: Role | null;
  unit: Role | null;
} {
  const operator = held.platformAdmin ? 'admin' : held.operator;
  const organization = highestRole(held.organization, reachingDown(operator));
  return { operator, organization, unit: highestRole(held.unit, reachingDown(organization)) };
}
