import { type Access, permissionsOf, type UnitAccess } from '../common/access/index.js';
import type { LevelName } from '../common/inheritance/index.js';
import type { Place } from '../settings/index.js';

export type VariableAccess = Access & Partial<UnitAccess>;

/** Returns the deepest level that the path of the request names. */
export const placeOf = ({ operator, organizationId, unitId }: VariableAccess): Place => ({
  operatorId: operator.id,
  organizationId,
  unitId,
});

/**
 * Returns the levels whose secrets the caller can read. Each level is checked by itself, because secrets are inherited by
 * all levels below, and any member can create a unit and become its admin.
 */
export function readableSecrets(access: VariableAccess): ReadonlySet<LevelName> {
  const levels = new Set<LevelName>();
  if (permissionsOf('operator', access.operatorRole).has('operator-variables:readSecrets')) levels.add('operator');
  if (access.permissions?.has('variables:readSecrets')) levels.add('organization');
  if (access.permissions?.has('unit-variables:readSecrets')) levels.add('unit');
  return levels;
}
