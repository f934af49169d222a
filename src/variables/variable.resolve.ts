import type { LevelName, Locker } from '../common/inheritance/index.js';

/** One level of a path with its stored variables. */
export interface VariableLevel {
  level: LevelName;
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  variables: StoredValue[];
}

/** A stored value. Encrypted if `secret`. */
export interface StoredValue {
  key: string;
  value: string;
  secret: boolean;
}

/** The effective value of a key and the level it comes from. */
export interface Resolved {
  /** Encrypted if `secret`. */
  value: string;
  secret: boolean;
  /** Derived from the level itself, not set by a user. */
  builtIn: boolean;
  source: Locker;
}

const PREFIX: Record<LevelName, string> = { operator: 'OPERATOR', organization: 'ORG', unit: 'UNIT' };

/** Returns the built-in variables of a level. Omits an `externalId` that is not set, because an empty value would look set. */
function builtIns({ level, id, slug, name, externalId }: VariableLevel): [key: string, value: string][] {
  const ofAll: Record<string, string | null> = { SLUG: slug, NAME: name };
  const ofTenants: Record<string, string | null> = level === 'operator' ? {} : { ID: id, EXTERNAL_ID: externalId };
  return Object.entries({ ...ofAll, ...ofTenants }).flatMap(([fact, value]) =>
    value === null ? [] : [[`${PREFIX[level]}_${fact}`, value] as [string, string]],
  );
}

/** Resolves the variables at the last of `levels` (top-down), sorted by key. The nearest level that sets a key wins. */
export function resolve(levels: readonly VariableLevel[]): Map<string, Resolved> {
  const resolved = new Map<string, Resolved>();
  for (const level of levels) {
    const source: Locker = { level: level.level, id: level.id, name: level.name };
    for (const { key, value, secret } of level.variables) {
      resolved.set(key, { value, secret, builtIn: false, source });
    }
    for (const [key, value] of builtIns(level)) resolved.set(key, { value, secret: false, builtIn: true, source });
  }
  return new Map([...resolved].sort(([a], [b]) => (a < b ? -1 : 1)));
}
