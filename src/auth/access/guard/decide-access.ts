import {
  type Access,
  type AccessRule,
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
import { policyContextOf, violation } from '../sign-in-policy.js';
import type { AccessFacts, FoundOrganization, FoundUnit, KeyFacts, ResourcePath } from '../access-facts.js';

export interface AccessRequest {
  rule: AccessRule;
  place: ResourcePath;
  /** GET and HEAD. */
  reads: boolean;
  origin: Origin;
}

type Roles = ReturnType<typeof effectiveRoles>;

/**
 * Whether a request may go on, from facts alone: outside one's scope 404, as if it were not there; inside it without the
 * permission 403. Throws operators.not_found, organizations.not_found, .suspended, .pending_deletion, the same of
 * units, auth.forbidden, and what `violation` gives to a session that does not meet the rules of the place.
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
    // An account is role `user` at its operator, whether a row says so or not.
    operator: facts.operatorRole ?? (atHome ? ('user' as const) : null),
    organization: facts.organizationRole,
    unit: facts.unitRole,
  };
  const roles = effectiveRoles(held);
  const holder = holderOf(
    roles.organization,
    facts.otherRoles.flatMap(({ permissions }) => permissions),
  );
  // Who may see all units is in each of them at least what its users are.
  if (!roles.unit && holder.permissions.has('units:listAll')) roles.unit = 'user';
  const inOrganization = place.organizationId !== undefined && rule.level !== 'account';
  if (inOrganization) assertOrganization(request, facts.organization, roles);
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
    operator: facts.operator ?? { id: '', slug: '', name: '' },
    ...(inOrganization && {
      organizationId: facts.organization?.id,
      role: roles.organization,
      permissions: rule.level === 'unit' ? permissions : holder.permissions,
    }),
    ...(inOrganization && place.unitId !== undefined && { unitId: facts.unit?.id, unitRole: roles.unit }),
  };
}

/**
 * The same for an API key. Its scope is its organization and the units it is for; what is about a person, an operator or
 * the platform is not for keys. Throws operators.not_found, organizations.not_found, .suspended, units.not_found,
 * .suspended, .pending_deletion, auth.user_required, auth.forbidden.
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
  const permissions = permissionsAt(rule, false, roles, holder);
  assertPermission(rule, permissions);
  if (rule.personOnly) throw authErrors.user_required();

  const access: OrganizationAccess = {
    actor: { type: 'api_key', userId: null, sessionId: null, apiKeyId: key.id, origin },
    homeOperatorId: facts.homeOperatorId,
    platformAdmin: false,
    held: { platformAdmin: false, operator: null, organization: null, unit: null },
    operatorRole: null,
    operator,
    organizationId: organization.id,
    role: holder.role ?? key.role,
    permissions: rule.level === 'unit' ? permissions : holder.permissions,
    ...(key.unitIds && { onlyUnitIds: key.unitIds }),
  };
  return place.unitId === undefined ? access : ({ ...access, unitId: unit?.id, unitRole: roles.unit } as UnitAccess);
}

/** What was read once is used by many requests. */
const holders = new WeakMap<KeyFacts, Holder>();

function holderBy(facts: KeyFacts): Holder {
  const known = holders.get(facts);
  if (known) return known;
  const extra = facts.otherRoles.flatMap(({ permissions }) => permissions);
  const holder = holderOfKey(facts.key, extra);
  holders.set(facts, holder);
  return holder;
}

const isStaff = (roles: Roles): boolean => includesRole(roles.operator, 'manager');

/** Also to those who may not enter a suspended organization: a workload has to learn that it must stop. */
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

/** A session that was let in when its organization's rules were others, or in another organization. */
function assertRules(facts: AccessFacts, inOrganization: boolean, userId: string, roles: Roles): void {
  if (!facts.session) return;
  const refusal = violation(
    // How long it has lain unused is asked where it is used again: between two refreshes nothing is noted.
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

/** What is held where the rule asks: in an organization and its units also by functional and custom roles. */
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

function assertPermission({ level, permission }: AccessRule, permissions: ReadonlySet<Permission>): void {
  if (level === 'account' || level === 'public') return;
  if (!permission) throw commonErrors.not_found();
  if (!permissions.has(permission as Permission)) throw authErrors.forbidden({ data: { permission } });
}
