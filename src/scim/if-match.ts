import { commonErrors } from '../common/errors/index.js';

/** As `assertMatches`, for versions that are weak (RFC 7644, 3.14). Throws precondition_failed. */
export function assertVersion(ifMatch: string | undefined, version: string): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const plain = (tag: string) => tag.trim().replace(/^W\//, '');
  if (!ifMatch.split(',').map(plain).includes(plain(version))) throw commonErrors.precondition_failed();
}
