import { commonErrors } from '../common/errors/index.js';
import { variableErrors } from './variable.errors.js';

/** The format of a key: upper case, digits and `_`, at most 63 characters. */
export const KEY_SOURCE = '[A-Z][A-Z0-9_]{0,62}';

const KEY = new RegExp(`^${KEY_SOURCE}$`);

/** Whole prefixes are reserved, so that built-in keys of later releases cannot collide with existing variables. */
const RESERVED = /^(?:ORG|UNIT|OPERATOR|TRELLIS)_/;

/** Tells whether a key begins like those of built-in variables. */
export const isReservedKey = (key: string): boolean => RESERVED.test(key);

/** Rejects invalid and reserved keys. */
export function assertSettable(key: string): void {
  if (!KEY.test(key)) {
    const message = 'key must have 1 to 63 of A-Z, 0-9 and "_", and start with a letter';
    throw commonErrors.validation_failed({ errors: [{ field: 'key', message }] });
  }
  if (isReservedKey(key)) throw variableErrors.reserved_key();
}
