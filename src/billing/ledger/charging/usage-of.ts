import { callerIdOf, type OrganizationAccess } from '../../../common/access/index.js';
import { unitErrors } from '../../../units/index.js';
import { billingErrors } from '../billing.errors.js';
import type { Caller, Usage } from '../decisions/command.js';
import type { UsageRequest } from './usage-request.js';

/** Which holds and charges of others the caller may touch. */
export const callerOf = (access: OrganizationAccess): Caller => ({
  actorId: callerIdOf(access.actor),
  onlyOf: access.permissions.has('charges:createForAll') ? null : callerIdOf(access.actor),
  onlyUnits: access.onlyUnitIds ?? null,
});

/**
 * Whose usage a request is. Managers and API keys may name any unit and member (a key for some units only those); others
 * only units they are members of, which is looked up in the transaction that charges, and themselves. Throws
 * billing.member_not_allowed, billing.unit_required, units.not_found.
 */
export function usageOf(access: OrganizationAccess, request: UsageRequest): Usage {
  const { userId, apiKeyId = null } = access.actor;
  assertUnit(access, request.unitId);
  const free = apiKeyId !== null || access.permissions.has('charges:createForAll');
  if (request.memberId !== null && request.memberId !== userId && !free) throw billingErrors.member_not_allowed();
  // Operator staff are no members: what they charge for nobody in particular is nobody's.
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

/** What is charged to no unit is not charged to one of the key's. */
function assertUnit({ onlyUnitIds }: OrganizationAccess, unitId: string | null): void {
  if (!onlyUnitIds) return;
  if (unitId === null) throw billingErrors.unit_required();
  if (!onlyUnitIds.includes(unitId)) throw unitErrors.not_found();
}
