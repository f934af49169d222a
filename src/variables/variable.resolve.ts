import type { LevelName, Locker } from '../common/inheritance/index.js';

/** One level of a path and what is stored there. */
export interface VariableLevel {
  level: LevelName;
  id: string;
  slug: string;
  name: string;
  externalId: string | null;
  variables: StoredValue[];
}

/** As stored: the value of a secret is encrypted. */
export interface StoredValue {
  key: string;
  value: string;
  secret: boolean;
}

/** What holds for one key, and which level says so. */
export interface Resolved {
  /** Encrypted when `secret`. */
  value: string;
  secret: boolean;
  /** Made from the level itself, and set by nobody. */
  builtIn: boolean;
  source: Locker;
}

const PREFIX: Record<LevelName, string> = { operator: 'OPERATOR', organization: 'ORG', unit: 'UNIT' };

/** What no level has is left out, an `externalId` that is not set too: empty would look as if it were. */
function builtIns({ level, id, slug, name, externalId }: VariableLevel): [key: string, value: string][] {
  const ofAll: Record<string, string | null> = { SLUG: slug, NAME: name };
  const ofTenants: Record<string, string | null> = level === 'operator' ? {} : { ID: id, EXTERNAL_ID: externalId };
  return Object.entries({ ...ofAll, ...ofTenants }).flatMap(([fact, value]) =>
    value === null ? [] : [[`${PREFIX[level]}_${fact}`, value] as [string, string]],
  );
}

/** What holds at the last of `levels` (top-down), sorted by key: of several levels that set a key the nearest wins. */
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
