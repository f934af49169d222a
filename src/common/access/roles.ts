/** Cumulative: each role includes the ones before it. The same three at every level of the tree. */
export const ROLES = ['user', 'manager', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const rank = (role: Role | null | undefined): number => (role ? ROLES.indexOf(role) : -1);

/** True when `role` is `minimum` or includes it. */
export const includesRole = (role: Role | null | undefined, minimum: Role): boolean => rank(role) >= rank(minimum);

/** The highest of several roles, null when there is none. */
export function highestRole(...roles: (Role | null | undefined)[]): Role | null {
  let highest: Role | null = null;
  for (const role of roles) if (role && rank(role) > rank(highest)) highest = role;
  return highest;
}

export interface HeldRoles {
  platformAdmin: boolean;
  operator: Role | null;
  organization: Role | null;
  unit: Role | null;
}

/** Role `user` gives nothing on the level below it; `manager` and `admin` reach all the way down. */
const reachingDown = (role: Role | null): Role | null => (includesRole(role, 'manager') ? role : null);

/** The role somebody has at each level: the highest held there or anywhere above (domain: roles). */
export function effectiveRoles(held: HeldRoles): {
  operator: Role | null;
  organization: Role | null;
  unit: Role | null;
} {
  const operator = held.platformAdmin ? 'admin' : held.operator;
  const organization = highestRole(held.organization, reachingDown(operator));
  return { operator, organization, unit: highestRole(held.unit, reachingDown(organization)) };
}
