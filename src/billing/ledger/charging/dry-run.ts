import { commonErrors } from '../../../common/errors/index.js';

/** `?dryRun=true`. Read by hand, since it stands in front of every charge. Throws validation_failed. */
export function isDryRun(text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw commonErrors.validation_failed({ errors: [{ field: 'dryRun', message: 'dryRun must be true or false' }] });
}
