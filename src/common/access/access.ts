import type { Permission } from './permissions.js';
import type { HeldRoles, Role } from './roles.js';

/** Where a request came from: kept on every event it causes. */
export interface Origin {
  requestId: string;
  ip: string | null;
}

export const ACTOR_TYPES = ['user', 'api_key', 'system'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/** Who does something. `system` is the scheduler, the first start and the server-side commands. */
export interface Actor {
  type: ActorType;
  /** Null for an API key, which is no person, and for the system. */
  userId: string | null;
  sessionId: string | null;
  apiKeyId?: string;
  origin: Origin;
}

export type PersonActor = Actor & { type: 'user'; userId: string; sessionId: string };
export type ApiKeyActor = Actor & { type: 'api_key'; userId: null; sessionId: null; apiKeyId: string };

export interface OperatorRef {
  id: string;
  slug: string;
  name: string;
}

/** What the guard found out about one authenticated request; services take it as their first fact. */
export interface Access {
  actor: PersonActor | ApiKeyActor;
  /** The operator whose account this is; `operator` is the one the path names. */
  homeOperatorId: string;
  platformAdmin: boolean;
  held: HeldRoles;
  /** Effective role at the operator the path names. */
  operatorRole: Role | null;
  operator: OperatorRef;
}

/** On routes of an account, an operator or the platform: API keys are refused there. */
export interface PersonAccess extends Access {
  actor: PersonActor;
}

export interface OrganizationAccess extends Access {
  organizationId: string;
  /** Effective role in the organization. */
  role: Role;
  /** Of the effective role and of the functional and custom roles; at a unit those held there as well. */
  permissions: ReadonlySet<Permission>;
  /** The caller is an API key that may act in these units alone. */
  onlyUnitIds?: readonly string[];
}

export interface UnitAccess extends OrganizationAccess {
  unitId: string;
  /** Effective role in the unit. */
  unitRole: Role;
}

/** The id of the person or of the API key. */
export const callerIdOf = ({ userId, apiKeyId }: PersonActor | ApiKeyActor): string => userId ?? apiKeyId ?? '';

export const systemActor = (requestId = 'system'): Actor => ({
  type: 'system',
  userId: null,
  sessionId: null,
  origin: { requestId, ip: null },
});
