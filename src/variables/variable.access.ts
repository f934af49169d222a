import { type Access, permissionsOf, type UnitAccess } from '../common/access/index.js';
import type { LevelName } from '../common/inheritance/index.js';
import type { Place } from '../settings/index.js';

export type VariableAccess = Access & Partial<UnitAccess>;

/** The deepest level that the path of the request names. */
export const placeOf = ({ operator, organizationId, unitId }: VariableAccess): Place => ({
  operatorId: operator.id,
  organizationId,
  unitId,
});

/**
 * The levels whose secrets the caller may read. Asked for each level by itself: a secret is seen at every level below the
 * one that sets it, and any member may make a unit and is its admin then.
 */
export function readableSecrets(access: VariableAccess): ReadonlySet<LevelName> {
  const levels = new Set<LevelName>();
  if (permissionsOf('operator', access.operatorRole).has('operator-variables:readSecrets')) levels.add('operator');
  if (access.permissions?.has('variables:readSecrets')) levels.add('organization');
  if (access.permissions?.has('unit-variables:readSecrets')) levels.add('unit');
  return levels;
}
