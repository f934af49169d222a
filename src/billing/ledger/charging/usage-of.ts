import { callerIdOf, type OrganizationAccess } from '../../../common/access/index.js';
import { unitErrors } from '../../../units/index.js';
import { billingErrors } from '../billing.errors.js';
import type { Caller, Usage } from '../decisions/command.js';
import type { UsageRequest } from './usage-request.js';

/** Returns which charges and holds the caller may use. */
export const callerOf = (access: OrganizationAccess): Caller => ({
  actorId: callerIdOf(access.actor),
  onlyOf: access.permissions.has('charges:createForAll') ? null : callerIdOf(access.actor),
  onlyUnits: access.onlyUnitIds ?? null,
});

/** Returns which charges and holds the caller may see. A caller who charges for others does not see theirs by that alone. */
export const readerOf = (access: OrganizationAccess): Caller => ({
  ...callerOf(access),
  onlyOf: access.permissions.has('credits:readAll') ? null : callerIdOf(access.actor),
});

/**
 * Determines the subject of a request. Managers and API keys may name any unit and member, but a restricted key only its
 * units. Other callers may name themselves and units they are members of, which the charging transaction verifies.
 */
export function usageOf(access: OrganizationAccess, request: UsageRequest): Usage {
  const { userId, apiKeyId = null } = access.actor;
  assertUnit(access, request.unitId);
  const free = apiKeyId !== null || access.permissions.has('charges:createForAll');
  if (request.memberId !== null && request.memberId !== userId && !free) throw billingErrors.member_not_allowed();
  // Operator staff are not members: a charge without memberId gets no member.
  const own = access.held.organization ? userId : null;
  return {
    unitId: request.unitId,
    memberId: request.memberId ?? own,
    apiKeyId,
    requiredUnitMember: free ? null : userId,
    verifyMember: request.memberId !== null,
    kind: request.kind,
    reference: request.reference,
    detail: request.detail,
  };
}

/** Restricts a key to its units. Such a key must name a unit. */
function assertUnit({ onlyUnitIds }: OrganizationAccess, unitId: string | null): void {
  if (!onlyUnitIds) return;
  if (unitId === null) throw billingErrors.unit_required();
  if (!onlyUnitIds.includes(unitId)) throw unitErrors.not_found();
}
