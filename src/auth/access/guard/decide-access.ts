import {
  type Access,
  type AccessRule,
  type ApiKeyActor,
  effectiveRoles,
  includesRole,
  type Holder,
  holderOf,
  holderOfKey,
  type OrganizationAccess,
  type Origin,
  type Permission,
  permissionsOf,
  type UnitAccess,
} from '../../../common/access/index.js';
import { commonErrors } from '../../../common/errors/index.js';
import { operatorErrors } from '../../../operators/index.js';
import { organizationErrors } from '../../../organizations/index.js';
import { unitErrors } from '../../../units/index.js';
import { authErrors } from '../auth.errors.js';
import { hasOwnProof } from '../proof.js';
import { policyContextOf, violation } from '../sign-in-policy.js';
import type { AccessFacts, FoundOrganization, FoundUnit, KeyFacts, ResourcePath } from '../access-facts.js';

export interface AccessRequest {
  rule: AccessRule;
  place: ResourcePath;
  reads: boolean;
  origin: Origin;
}

type Roles = ReturnType<typeof effectiveRoles>;

/**
 * Decides whether a request may continue, from facts alone. Resources outside the caller's scope answer 404, as if they
 * did not exist. Inside it, a missing permission answers 403.
 */
export function decideAccess(
  request: AccessRequest,
  { userId, sessionId }: { userId: string; sessionId: string },
  facts: AccessFacts,
): Access {
  const { rule, place } = request;
  const atHome = facts.operator !== null && facts.operator.id === facts.homeOperatorId;
  if (rule.level === 'account' && !atHome) throw operatorErrors.not_found();
  const named = place.operatorSlug !== undefined || place.operatorId !== undefined;
  if (named && (!facts.operator || (!atHome && !facts.platformAdmin))) throw operatorErrors.not_found();

  const held = {
    platformAdmin: facts.platformAdmin,
    // Every account has at least the role `user` at its operator, even without a row.
    operator: facts.operatorRole ?? (atHome ? ('user' as const) : null),
    organization: facts.organizationRole,
    unit: facts.unitRole,
  };
  const roles = effectiveRoles(held);
  const holder = holderOf(
    roles.organization,
    facts.otherRoles.flatMap(({ permissions }) => permissions),
  );
  // A member who may see all units has at least the role `user` in each.
  if (!roles.unit && holder.permissions.has('units:listAll')) roles.unit = 'user';
  const inOrganization = place.organizationId !== undefined && rule.level !== 'account';
  if (inOrganization) assertOrganization(request, facts.organization, roles);
  const onlyOrganizationId = providerScope(rule, facts);
  if (rule.level !== 'account') assertRules(facts, inOrganization, userId, roles);
  if (inOrganization && place.unitId !== undefined) assertUnit(request, facts.unit, roles);
  const permissions = permissionsAt(rule, facts.platformAdmin, roles, holder);
  assertPermission(rule, permissions);

  return {
    actor: { type: 'user', userId, sessionId, origin: request.origin },
    homeOperatorId: facts.homeOperatorId,
    platformAdmin: facts.platformAdmin,
    held: { ...held, operator: facts.operatorRole },
    operatorRole: roles.operator,
    operatorPermissions: permissionsOf('operator', roles.operator),
    operator: facts.operator ?? { id: '', slug: '', name: '', timeZone: 'UTC' },
    ...(onlyOrganizationId !== null && { onlyOrganizationId }),
    ...(inOrganization && {
      organizationId: facts.organization?.id,
      role: roles.organization,
      permissions: rule.level === 'unit' ? permissions : holder.permissions,
    }),
    ...(inOrganization && place.unitId !== undefined && { unitId: facts.unit?.id, unitRole: roles.unit }),
  };
}

/**
 * Decides the same for an API key. Its scope is its organization and its units. Keys cannot call routes about users,
 * operators or the platform.
 */
export function decideKeyAccess(request: AccessRequest, facts: KeyFacts): Access {
  const { rule, place, origin } = request;
  const { key, operator, organization, unit } = facts;
  const named = place.operatorSlug !== undefined || place.operatorId !== undefined;
  if (named && operator?.id !== facts.homeOperatorId) throw operatorErrors.not_found();
  if (rule.level === 'account') throw authErrors.user_required();
  if (place.organizationId !== undefined && !organization) throw organizationErrors.not_found();
  if (organization?.suspendedAt && !staysOpen(rule)) throw organizationErrors.suspended();
  if (!operator || !organization || (rule.level !== 'organization' && rule.level !== 'unit'))
    throw authErrors.user_required();

  const holder = holderBy(facts);
  const reached = unit !== null && (key.unitIds?.includes(unit.id) ?? true);
  const roles = { operator: null, organization: holder.role, unit: reached && holder.role ? key.role : null };
  if (place.unitId !== undefined) assertUnit(request, unit, roles);
  const { permissions } = holder;
  assertPermission(rule, permissions);
  if (rule.personOnly) throw authErrors.user_required();

  const access: OrganizationAccess = {
    actor: keyActorOf(facts, origin),
    homeOperatorId: facts.homeOperatorId,
    platformAdmin: false,
    held: NOTHING_HELD,
    operatorRole: null,
    operatorPermissions: NO_PERMISSIONS,
    operator,
    organizationId: organization.id,
    role: holder.role ?? key.role,
    permissions,
    ...(key.unitIds && { onlyUnitIds: key.unitIds }),
  };
  return place.unitId === undefined ? access : ({ ...access, unitId: unit?.id, unitRole: roles.unit } as UnitAccess);
}

/**
 * Decides for an API key of an operator. It acts like a member of staff with the key's role, as far as its own permissions go.
 * Routes about an account or the platform are for people.
 */
export function decideOperatorKeyAccess(request: AccessRequest, facts: KeyFacts): Access {
  const { rule, place } = request;
  const { key, operator, organization, unit } = facts;
  const named = place.operatorSlug !== undefined || place.operatorId !== undefined;
  if (named && operator?.id !== facts.homeOperatorId) throw operatorErrors.not_found();
  if (!operator || rule.level === 'account' || rule.level === 'platform') throw authErrors.user_required();
  const roles = { operator: key.role, organization: key.role, unit: key.role };
  if (place.organizationId !== undefined) assertOrganization(request, organization, roles);
  if (place.unitId !== undefined) assertUnit(request, unit, roles);
  const { permissions } = holderBy(facts);
  assertPermission(rule, permissions);
  if (rule.personOnly) throw authErrors.user_required();
  return {
    actor: keyActorOf(facts, request.origin),
    homeOperatorId: facts.homeOperatorId,
    platformAdmin: false,
    held: NOTHING_HELD,
    operatorRole: key.role,
    operatorPermissions: permissions,
    operator,
    ...(organization && { organizationId: organization.id, role: key.role, permissions }),
    ...(unit && { unitId: unit.id, unitRole: key.role }),
  };
}

/** Returns the API key as the originator of what it does. */
export const keyActorOf = ({ key, madeBy }: KeyFacts, origin: Origin): ApiKeyActor => ({
  type: 'api_key',
  userId: null,
  sessionId: null,
  apiKeyId: key.id,
  name: key.name,
  ...(madeBy && { madeBy }),
  origin,
});

const NOTHING_HELD = { platformAdmin: false, operator: null, organization: null, unit: null };
const NO_PERMISSIONS: ReadonlySet<Permission> = new Set();

/** Shares one holder between requests that use the same cached facts. */
const holders = new WeakMap<KeyFacts, Holder>();

function holderBy(facts: KeyFacts): Holder {
  const known = holders.get(facts) ?? holderOfKey(facts.key);
  holders.set(facts, known);
  return known;
}

/**
 * Returns the organization that a request outside of organizations is limited to, null for no limit. A session that only
 * an identity provider vouches for acts in the provider's organization. Elsewhere it may call what says so in
 * `withoutOwnProof`: everything else needs a proof to this server first. Inside organizations, the sign-in policy decides.
 */
function providerScope({ level, withoutOwnProof }: AccessRule, { session }: AccessFacts): string | null {
  if (level === 'organization' || level === 'unit' || !session || hasOwnProof(session)) return null;
  if (!withoutOwnProof) throw authErrors.step_up_required();
  return withoutOwnProof === 'ownOrganization' ? session.ssoOrganizationId : null;
}

const isStaff = (roles: Roles): boolean => includesRole(roles.operator, 'manager');

/** Allows reading the state of a suspended organization, because workloads must learn that they have to stop. */
const staysOpen = ({ level, whileSuspended }: AccessRule): boolean =>
  level === 'organization' && whileSuspended === true;

function assertOrganization({ rule, reads }: AccessRequest, found: FoundOrganization | null, roles: Roles): void {
  if (!found || !roles.organization) throw organizationErrors.not_found();
  if (found.deletedAt) {
    if (!isStaff(roles)) throw organizationErrors.not_found();
    if (!rule.whileDeleted) throw organizationErrors.pending_deletion();
  }
  if (found.suspendedAt && !isStaff(roles) && !staysOpen(rule) && !(roles.organization === 'admin' && reads))
    throw organizationErrors.suspended();
}

/** Checks the session against the sign-in policy, which may have changed or belong to another organization. */
function assertRules(facts: AccessFacts, inOrganization: boolean, userId: string, roles: Roles): void {
  if (!facts.session) return;
  const refusal = violation(
    // The idle timeout is checked on refresh only, because use between two refreshes is not recorded.
    { ...facts.session, idleSeconds: 0 },
    policyContextOf({ ...facts, organization: inOrganization ? facts.organization : null }, userId, roles),
  );
  if (refusal) throw refusal;
}

function assertUnit({ rule, reads }: AccessRequest, found: FoundUnit | null, roles: Roles): void {
  if (!found || !roles.unit) throw unitErrors.not_found();
  const governs = roles.unit === 'admin' || isStaff(roles);
  if (found.deletedAt) {
    if (!governs) throw unitErrors.not_found();
    if (!rule.whileDeleted) throw unitErrors.pending_deletion();
  }
  if (found.suspendedAt && !isStaff(roles) && !(governs && (reads || rule.whileSuspended)))
    throw unitErrors.suspended();
}

/**
 * Returns the permissions at the level of the rule. In an organization and its units, functional and custom roles count
 * too.
 */
function permissionsAt(
  { level }: AccessRule,
  platformAdmin: boolean,
  roles: Roles,
  holder: Holder,
): ReadonlySet<Permission> {
  if (level === 'platform') return permissionsOf(level, platformAdmin ? 'admin' : null);
  if (level === 'operator') return permissionsOf(level, roles.operator);
  if (level === 'unit') return new Set([...holder.permissions, ...permissionsOf(level, roles.unit)]);
  return holder.permissions;
}

function assertPermission({ level, permission, anyRole }: AccessRule, permissions: ReadonlySet<Permission>): void {
  if (level === 'account' || level === 'public' || (level === 'organization' && anyRole)) return;
  if (!permission) throw commonErrors.not_found();
  if (!permissions.has(permission as Permission)) throw authErrors.forbidden({ data: { permission } });
}
