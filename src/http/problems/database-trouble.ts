import { driverErrorOf, isLostConnection } from '../../database/index.js';

/**
 * Kinds of database failures. `unavailable`: not reachable, or it gave up. `invalid`: it rejected a value that validation
 * should have rejected. `conflict`: another request was first.
 */
export type DatabaseTrouble = 'unavailable' | 'invalid' | 'conflict';

/** SQLSTATE classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TROUBLE_OF_SQLSTATE: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  // Connection failures, insufficient resources, shutdowns, statement and lock time-outs, I/O errors.
  [/^(?:08|53|58|57P|57014|55P03|25P03)/, 'unavailable'],
  // A write on a standby while the primary is being replaced.
  [/^25006/, 'unavailable'],
  [/^22/, 'invalid'],
  [/^40/, 'conflict'],
  // A constraint that the store does not convert to an error of its own.
  [/^23(?:503|505|P01)/, 'conflict'],
];

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  const cause = driverErrorOf(error);
  if (!(cause instanceof Error)) return null;
  const code = textOf((cause as NodeJS.ErrnoException).code);
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const found = TROUBLE_OF_SQLSTATE.find(([pattern]) => pattern.test(code));
    if (found) return found[1];
  }
  return isLostConnection(cause) ? 'unavailable' : null;
}
