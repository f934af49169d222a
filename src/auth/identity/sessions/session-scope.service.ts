import { Injectable } from '@nestjs/common';
import {
  effectiveRoles,
  includesRole,
  type OperatorRef,
  type Permission,
  permissionsOf,
  type Role,
} from '../../../common/access/index.js';
import type { Reader } from '../../../database/index.js';
import {
  type RoleAssignment,
  MembershipView,
  organizationErrors,
  OrganizationMemberService,
} from '../../../organizations/index.js';
import { UnitMemberService } from '../../../units/index.js';
import {
  type AccessFacts,
  AccessStore,
  type AccessTokenClaims,
  accessTokenSeconds,
  authErrors,
  effectivePolicy,
  hasOwnProof,
  type FoundOrganization,
  type PolicyContext,
  policyContextOf,
  type SessionFacts,
  violation,
} from '../../access/index.js';

/** Maximum number of organizations in a token or a choice. */
const LISTED_ORGANIZATIONS = 50;
/** Maximum number of unit ids in a token, because servers accept about 16 KiB of headers. */
const LISTED_UNITS = 50;

export interface ScopedOrganization {
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  role: Role;
  /** Keys of the functional and custom roles. */
  roles: string[];
  permissions: readonly Permission[];
}

/** The organization that a token gives access to, and what it contains. */
export interface SessionScope {
  operatorRole: Role | null;
  organization: ScopedOrganization | null;
  session: SessionFacts;
  accessTokenSeconds: number;
}

/** The current scope of a session. */
export type IntrospectedSession = Omit<SessionScope, 'accessTokenSeconds'> & { operator: OperatorRef };

/** Result of a sign-in that names no organization: the only one, none, or a choice. */
export type SignInScope = ({ kind: 'entered' } & SessionScope) | { kind: 'choice'; organizations: MembershipView[] };

interface Person {
  userId: string;
  operatorId: string;
}

const toScopedOrganization = (
  { id, slug, name, externalId }: FoundOrganization,
  role: Role,
  others: RoleAssignment[],
): ScopedOrganization => ({
  id,
  slug,
  name,
  externalId,
  role,
  roles: others.map(({ key }) => key),
  permissions: [
    ...new Set([...permissionsOf('organization', role), ...others.flatMap(({ permissions }) => permissions)]),
  ].sort(),
});

interface ResolvedContext {
  suspended: boolean;
  operatorRole: Role | null;
  organization: ScopedOrganization | null;
  entrance: PolicyContext | null;
}

function resolveContext(facts: AccessFacts | null, userId: string): ResolvedContext {
  const held = {
    platformAdmin: facts?.platformAdmin ?? false,
    operator: facts?.operatorRole ?? null,
    organization: facts?.organizationRole ?? null,
    unit: null,
  };
  const roles = effectiveRoles(held);
  const found = facts?.organization;
  const role = roles.organization;
  const visible = found && role && !found.deletedAt;
  const staff = includesRole(roles.operator, 'manager');
  return {
    operatorRole: roles.operator,
    organization: visible ? toScopedOrganization(found, role, facts.otherRoles) : null,
    suspended: Boolean(visible && found.suspendedAt && role !== 'admin' && !staff),
    entrance: facts && policyContextOf({ ...facts, organization: visible ? found : null }, userId, roles),
  };
}

function assertAllowed({ operatorRole, organization, entrance }: ResolvedContext, session: SessionFacts): SessionScope {
  if (!entrance) throw organizationErrors.not_found();
  const rules = effectivePolicy(entrance);
  const refusal = violation(session, entrance, rules);
  if (refusal) throw refusal;
  // Services that read a token without an organization trust it for the user as such.
  if (!organization && !hasOwnProof(session)) throw authErrors.step_up_required();
  return { operatorRole, organization, session, accessTokenSeconds: accessTokenSeconds(session, rules) };
}

/**
 * Decides which organization a token is for and what it contains. Refuses sessions that do not meet the sign-in policy
 * of the organization or operator.
 */
@Injectable()
export class SessionScopeService {
  constructor(
    private readonly access: AccessStore,
    private readonly members: OrganizationMemberService,
    private readonly unitMembers: UnitMemberService,
  ) {}

  /**
   * Returns the user's only organization, or a choice if there are several. Staff sign in to the operator, without an
   * organization.
   */
  async choose(reader: Reader, person: Person, session: SessionFacts): Promise<SignInScope> {
    const { operatorRole } = await this.resolve(reader, person, null);
    const atOperator = async () => ({ kind: 'entered' as const, ...(await this.renew(reader, person, session, null)) });
    if (includesRole(operatorRole, 'manager')) return atOperator();
    const choices = await this.members.signInChoices(reader, person.userId, LISTED_ORGANIZATIONS + 1);
    const memberships = choices.organizations;
    const open = memberships.filter(({ status, role }) => status === 'active' || role === 'admin');
    const [only] = open;
    if (!only) return atOperator();
    // A membership that automation created must not add requirements to the sign-in.
    if (choices.awaitEntry && memberships.length === 1 && !(await this.admits(reader, person, session, only.id)))
      return atOperator();
    if (memberships.length === 1) return { kind: 'entered', ...(await this.renew(reader, person, session, only.id)) };
    return { kind: 'choice', organizations: memberships.slice(0, LISTED_ORGANIZATIONS) };
  }

  private async admits(
    reader: Reader,
    person: Person,
    session: SessionFacts,
    organizationId: string,
  ): Promise<boolean> {
    const { entrance } = await this.resolve(reader, person, organizationId);
    return entrance !== null && violation(session, entrance) === null;
  }

  /** Returns the scope for the given organization. */
  async enter(reader: Reader, person: Person, session: SessionFacts, organizationId: string): Promise<SessionScope> {
    const at = await this.resolve(reader, person, organizationId);
    if (!at.organization) throw organizationErrors.not_found();
    if (at.suspended) throw organizationErrors.suspended();
    return assertAllowed(at, session);
  }

  /**
   * Returns the scope for a token's previous organization, or without an organization if there was none or the user can
   * no longer enter it.
   */
  async renew(
    reader: Reader,
    person: Person,
    session: SessionFacts,
    organizationId: string | null,
  ): Promise<SessionScope> {
    const at = await this.resolve(reader, person, organizationId);
    const outside = at.suspended || (organizationId !== null && !at.organization);
    return assertAllowed(outside ? await this.resolve(reader, person, null) : at, session);
  }

  /**
   * Returns the current scope of a session, or null if the user can no longer enter it or the organization is suspended
   * or deleted. With `unused`, the idle timeout counts as well.
   */
  async introspect(
    reader: Reader,
    bearer: { sessionId: string; userId: string },
    operatorId: string,
    organizationId: string | null,
    { unused }: { unused: boolean },
  ): Promise<IntrospectedSession | null> {
    const place = { operatorId, organizationId: organizationId ?? undefined };
    const facts = await this.access.ofSession(reader, bearer, place);
    if (!facts?.session || !facts.operator || facts.homeOperatorId !== operatorId) return null;
    const at = resolveContext(facts, bearer.userId);
    if (organizationId !== null && (!at.organization || facts.organization?.suspendedAt)) return null;
    const session = { ...facts.session, ...(!unused && { idleSeconds: 0 }) };
    if (!at.entrance || violation(session, at.entrance)) return null;
    const { operatorRole, organization } = at;
    return { operator: facts.operator, operatorRole, organization, session };
  }

  /** Claims about the operator and, if one was entered, the organization. */
  async claims(
    reader: Reader,
    person: Person,
    entry: Pick<SessionScope, 'operatorRole' | 'organization' | 'session'>,
    withOrganizations: boolean,
  ): Promise<Partial<AccessTokenClaims>> {
    const { operatorRole, organization } = entry;
    return {
      ...(operatorRole && { op_role: operatorRole }),
      ...(organization && (await this.organizationClaims(reader, person, organization))),
      ...(withOrganizations && (await this.membershipClaims(reader, person, entry.session))),
    };
  }

  private async resolve(reader: Reader, { userId, operatorId }: Person, organizationId: string | null) {
    return resolveContext(await this.access.ofUser(reader, userId, operatorId, organizationId), userId);
  }

  private async organizationClaims(reader: Reader, { userId }: Person, organization: ScopedOrganization) {
    return {
      org_id: organization.id,
      org_slug: organization.slug,
      org_external_id: organization.externalId,
      org_role: organization.role,
      org_roles: organization.roles,
      org_permissions: organization.permissions as string[],
      unit_ids: await this.unitMembers.unitIdsOf(reader, organization.id, userId, LISTED_UNITS),
    };
  }

  private async membershipClaims(reader: Reader, { userId }: Person, session: SessionFacts) {
    const all = await this.members.firstOfUser(reader, userId, LISTED_ORGANIZATIONS + 1);
    // What an identity provider vouches for is no reason to list the user's other organizations.
    const memberships = hasOwnProof(session) ? all : all.filter(({ id }) => id === session.ssoOrganizationId);
    return {
      organizations: memberships
        .slice(0, LISTED_ORGANIZATIONS)
        .map(({ id, slug, role, roles }) => ({ id, slug, role, roles })),
      organizations_truncated: memberships.length > LISTED_ORGANIZATIONS,
    };
  }
}
