import { memberErrors } from './member.errors.js';
import { includesRole, type Role } from './roles.js';

/** Nobody gives, changes or takes a role above his own. Throws members.role_above_own. */
export function assertMayGrant(own: Role | null, ...roles: Role[]): void {
  if (!roles.every((role) => includesRole(own, role))) throw memberErrors.role_above_own();
}
