import { type Claims, leftOutGroups } from '../claims.js';
import type { CLAIM_WARNINGS } from '../connections/connection-test.dto.js';
import type { ClaimMapping } from '../connections/connection.entity.js';

/** What is missing from the claims of a user although the sign-in works. */
export interface ClaimWarning {
  code: (typeof CLAIM_WARNINGS)[number];
  detail: string;
}

const MAX_NAMED = 10;

/** Returns what an admin should know about the claims of a user. `omitted` names those that were too large to keep. */
export function claimWarningsOf(claims: Claims, mapping: ClaimMapping, omitted: readonly string[]): ClaimWarning[] {
  const warnings: ClaimWarning[] = [];
  if (omitted.length > 0) {
    const named = omitted.slice(0, MAX_NAMED).map((name) => JSON.stringify(name));
    warnings.push({
      code: 'claims_omitted',
      detail: `The attribute mapping used all claims, but conditions of access rules do not see ${named.join(', ')}, because the claims are larger than 16 KB together. Let the provider send fewer.`,
    });
  }
  if (leftOutGroups(claims, mapping))
    warnings.push({
      code: 'groups_left_out',
      detail:
        'The provider left out the groups, because the user is in too many of them. Let it send app roles, or only the groups that are assigned to the application.',
    });
  return warnings;
}
