import type { OrganizationAccess } from '../../common/access/index.js';
import { billingErrors } from '../billing.errors.js';
import type { Usage } from '../ledger/command.js';
import type { UsageRequest } from './usage-request.js';

/**
 * Whose usage a request is. Managers may name any unit and member; others only units they are members of, which is looked
 * up in the transaction that charges, and themselves. Throws billing.member_not_allowed.
 */
export function usageOf(access: OrganizationAccess, request: UsageRequest): Usage {
  const { userId } = access.actor;
  const manages = access.permissions.has('charges:createForAll');
  if (request.memberId !== null && request.memberId !== userId && !manages) throw billingErrors.member_not_allowed();
  // Operator staff are no members: what they charge for nobody in particular is nobody's.
  const own = access.held.organization ? userId : null;
  return {
    unitId: request.unitId,
    memberId: request.memberId ?? own,
    apiKeyId: null,
    unitMember: manages ? null : userId,
    memberNamed: request.memberId !== null,
    kind: request.kind,
    reference: request.reference,
    detail: request.detail,
  };
}
