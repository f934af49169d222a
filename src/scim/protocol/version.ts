import { commonErrors } from '../../common/errors/index.js';

/** Checks `If-Match` as `assertMatches` does, but for the weak versions that SCIM uses (RFC 7644, 3.14). */
export function assertVersion(ifMatch: string | undefined, version: string): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const withoutWeakness = (tag: string) => tag.trim().replace(/^W\//, '');
  if (!ifMatch.split(',').map(withoutWeakness).includes(withoutWeakness(version)))
    throw commonErrors.precondition_failed();
}
