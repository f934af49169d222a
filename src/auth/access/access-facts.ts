import type { ApiKeyGrant, OperatorRef, Role } from '../../common/access/index.js';
import type { RoleAssignment } from '../../organizations/index.js';
import type { StoredAuthSettings } from '../../settings/index.js';
import type { SessionFacts } from './proof.js';

export interface FoundOrganization {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  suspendedAt: Date | null;
  deletedAt: Date | null;
}

export interface FoundUnit {
  id: string;
  suspendedAt: Date | null;
  deletedAt: Date | null;
}

/** Holds what the database currently says about a user and the resources in the path. */
export interface AccessFacts {
  platformAdmin: boolean;
  homeOperatorId: string;
  operator: OperatorRef | null;
  operatorRole: Role | null;
  organization: FoundOrganization | null;
  organizationRole: Role | null;
  /** Functional and custom roles in the organization. */
  otherRoles: RoleAssignment[];
  unit: FoundUnit | null;
  unitRole: Role | null;
  email: string;
  /** The sign-in settings that the user's own operator and the organization store. */
  operatorRules: StoredAuthSettings | null;
  organizationRules: StoredAuthSettings | null;
  /** Null when no session was asked for. */
  session: SessionFacts | null;
  /** Time until the session expires. Null when no session was asked for. */
  endsInMs: number | null;
}

/** Holds what the database says about an API key. */
export interface KeyFacts {
  key: ApiKeyGrant & { id: string; name: string; unitIds: string[] | null };
  /** The organization that the key belongs to. Null if it belongs to an operator. */
  ownOrganizationId: string | null;
  /** The admin who made the operator's key. Null for keys of organizations. */
  madeBy: string | null;
  homeOperatorId: string;
  operator: OperatorRef | null;
  /** The organization in the path, if the key can reach it. */
  organization: FoundOrganization | null;
  unit: FoundUnit | null;
  /** Time until the key expires. Null if it never does. */
  endsInMs: number | null;
}

/** The resources in the path. The operator is given by slug or by id. */
export interface ResourcePath {
  operatorSlug?: string | undefined;
  operatorId?: string | undefined;
  organizationId?: string | undefined;
  unitId?: string | undefined;
}
