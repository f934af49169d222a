import { commonErrors } from '../../../common/errors/index.js';

/** Reads `?dryRun=true` by hand, because it runs before every charge. */
export function isDryRun(text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw commonErrors.validation_failed({ errors: [{ field: 'dryRun', message: 'dryRun must be true or false' }] });
}
