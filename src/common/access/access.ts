import type { Permission } from './permissions.js';
import type { RolesByLevel, Role } from './roles.js';

/** Origin of a request, stored with every event it causes. */
export interface Origin {
  requestId: string;
  ip: string | null;
}

export const ACTOR_TYPES = ['user', 'api_key', 'system'] as const;
export type ActorType = (typeof ACTOR_TYPES)[number];

/** The originator of an action. `system` stands for scheduled jobs, the first start and server-side commands. */
export interface Actor {
  type: ActorType;
  /** Null for API keys and the system. */
  userId: string | null;
  sessionId: string | null;
  apiKeyId?: string;
  origin: Origin;
}

export type PersonActor = Actor & { type: 'user'; userId: string; sessionId: string };
export type ApiKeyActor = Actor & {
  type: 'api_key';
  userId: null;
  sessionId: null;
  apiKeyId: string;
  name: string;
  /** The admin who made the key and answers for it. Set for keys of an operator. */
  madeBy?: string;
};

export interface OperatorRef {
  id: string;
  slug: string;
  name: string;
  /** The zone of the operator's days, weeks and months. */
  timeZone: string;
}

/** Facts that the guard established about an authenticated request. Services trust them. */
export interface Access {
  actor: PersonActor | ApiKeyActor;
  /** Operator of the caller's account. `operator` is the one in the path. */
  homeOperatorId: string;
  platformAdmin: boolean;
  held: RolesByLevel;
  /** Effective role at the operator in the path. */
  operatorRole: Role | null;
  /** Permissions at the operator in the path. */
  operatorPermissions: ReadonlySet<Permission>;
  operator: OperatorRef;
  /** Set where the session may only see this organization, because nothing but its identity provider vouches for the user. */
  onlyOrganizationId?: string;
}

/** Access on routes that refuse API keys. */
export interface PersonAccess extends Access {
  actor: PersonActor;
}

export interface OrganizationAccess extends Access {
  organizationId: string;
  /** Effective role in the organization. */
  role: Role;
  /** Permissions of the effective, functional and custom roles, and at a unit also those held there. */
  permissions: ReadonlySet<Permission>;
  /** Set for an API key that is restricted to these units. */
  onlyUnitIds?: readonly string[];
}

export interface UnitAccess extends OrganizationAccess {
  unitId: string;
  /** Effective role in the unit. */
  unitRole: Role;
}

/** Returns the id of the user or API key. */
export const callerIdOf = ({ userId, apiKeyId }: PersonActor | ApiKeyActor): string => userId ?? apiKeyId ?? '';

/** Returns the id of the user who answers for what the caller does: the caller, or the admin who made the operator's API key. */
export const answerableIdOf = (actor: PersonActor | ApiKeyActor): string =>
  ('madeBy' in actor && actor.madeBy) || callerIdOf(actor);

export const systemActor = (requestId = 'system'): Actor => ({
  type: 'system',
  userId: null,
  sessionId: null,
  origin: { requestId, ip: null },
});
