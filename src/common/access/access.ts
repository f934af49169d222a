import type { Permission } from './permissions.js';
import type { HeldRoles, Role } from './roles.js';

/** Where a request came from: kept on every event it causes. */
export interface Origin {
  requestId: string;
  ip: string | null;
}

/** Who does something. `system` is the scheduler, the first start and the server-side commands. */
export interface Actor {
  type: 'user' | 'system';
  userId: string | null;
  sessionId: string | null;
  origin: Origin;
}

export interface OperatorRef {
  id: string;
  slug: string;
  name: string;
}

/** What the guard found out about one authenticated request; services take it as their first fact. */
export interface Access {
  actor: Actor & { type: 'user'; userId: string; sessionId: string };
  /** The operator whose account this is; `operator` is the one the path names. */
  homeOperatorId: string;
  platformAdmin: boolean;
  held: HeldRoles;
  /** Effective role at the operator the path names. */
  operatorRole: Role | null;
  operator: OperatorRef;
}

export interface OrganizationAccess extends Access {
  organizationId: string;
  /** Effective role in the organization. */
  role: Role;
  /** Of the effective role and of the functional and custom roles; at a unit those held there as well. */
  permissions: ReadonlySet<Permission>;
}

export interface UnitAccess extends OrganizationAccess {
  unitId: string;
  /** Effective role in the unit. */
  unitRole: Role;
}

export const systemActor = (requestId = 'system'): Actor => ({
  type: 'system',
  userId: null,
  sessionId: null,
  origin: { requestId, ip: null },
});
