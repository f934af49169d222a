import { commonErrors } from '../common/errors/index.js';
import { variableErrors } from './variable.errors.js';

/** What a key looks like, wherever it stands: upper case, digits and `_`, at most 63. */
export const KEY_SOURCE = '[A-Z][A-Z0-9_]{0,62}';

const KEY = new RegExp(`^${KEY_SOURCE}$`);

/** Whole prefixes, so that a built-in key of a later release never meets one that somebody has set. */
const RESERVED = /^(?:ORG|UNIT|OPERATOR|TRELLIS)_/;

/** Throws validation_failed for what is no key, variables.reserved_key for what only the system sets. */
export function assertSettable(key: string): void {
  if (!KEY.test(key)) {
    const message = 'key must have 1 to 63 of A-Z, 0-9 and "_", the first a letter';
    throw commonErrors.validation_failed({ errors: [{ field: 'key', message }] });
  }
  if (RESERVED.test(key)) throw variableErrors.reserved_key();
}
