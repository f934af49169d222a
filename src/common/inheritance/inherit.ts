import { isDeepStrictEqual } from 'node:util';

/** Levels that can set values, top-down. */
export type LevelName = 'operator' | 'organization' | 'unit';

/** Field whose inherited value a level may replace. */
export interface DefaultField<T> {
  kind: 'default';
  default: T;
}

/** Field whose inherited value a level may only strengthen. */
export interface RestrictiveField<T> {
  kind: 'restrictive';
  default: T;
  /** Returns the stricter value, or one that satisfies both. Must be idempotent, commutative and associative. */
  stronger(a: T, b: T): T;
}

export type Field<T> = DefaultField<T> | RestrictiveField<T>;

/** Fields of one kind of settings. `V` is flat: grouped fields have dotted names. */
export type Fields<V extends object> = { readonly [K in keyof V]: Field<V[K]> };

export type FieldName<V extends object> = keyof V & string;

/** One level of a path with its stored values. */
export interface Level<V extends object> {
  level: LevelName;
  id: string;
  name: string;
  /** Values of the fields that this level sets. */
  values: Partial<V>;
  /** Fields that no level below may change. Unknown names are ignored. */
  locks: readonly string[];
  /** Replaces the system default while no level sets the field, for example by the name of the level. */
  implied?: Partial<V>;
}

/**
 * Level that a value comes from. Id and name are null for the system default. `derived` says that the level does not set the
 * value: it follows from something else there, such as its name.
 */
export type Source = (Locker & { derived?: true }) | { level: 'system'; id: null; name: null };

export interface Locker {
  level: LevelName;
  id: string;
  name: string;
}

export interface Inherited<V extends object> {
  /** Effective values at the last level. */
  values: V;
  sources: Record<FieldName<V>, Source>;
  /** Values that the last level sets, whether or not they take effect. */
  local: Partial<V>;
  /** Fields that an ancestor of the last level locks. */
  locked: Partial<Record<FieldName<V>, Locker>>;
}

const SYSTEM: Source = { level: 'system', id: null, name: null };

interface Resolved<T> {
  value: T;
  source: Source;
  lockedAt: number | null;
}

const locker = ({ level, id, name }: Locker): Locker => ({ level, id, name });

function strengthened<T>(field: RestrictiveField<T>, inherited: T, own: T): T {
  const value = field.stronger(inherited, own);
  return isDeepStrictEqual(value, inherited) ? inherited : value;
}

/** Walks down until a level locks the field. The effective value there applies to all levels below. */
function resolve<V extends object, K extends FieldName<V>>(
  field: Field<V[K]>,
  name: K,
  levels: readonly Level<V>[],
): Resolved<V[K]> {
  let value = field.default;
  let source = SYSTEM;
  let set = false;
  for (const [depth, level] of levels.entries()) {
    const own = level.values[name];
    const implied = level.implied?.[name];
    if (own !== undefined) {
      // The top level may replace the system default, even by a weaker value.
      const next = field.kind === 'restrictive' && depth > 0 ? strengthened(field, value, own as V[K]) : (own as V[K]);
      if (depth === 0 || field.kind === 'default' || next !== value) source = locker(level);
      value = next;
      set = true;
    } else if (!set && field.kind === 'default' && implied !== undefined) {
      value = implied;
      source = { ...locker(level), derived: true };
    }
    if (level.locks.includes(name)) return { value, source, lockedAt: depth };
  }
  return { value, source, lockedAt: null };
}

/**
 * Resolves each field at the last of `levels` (top-down): the value at the highest lock, else the own value, else the nearest
 * ancestor's, else the system default. A lock fixes the value that is effective at the locking level. Values of lower levels
 * stay stored and take effect again when the lock is removed.
 *
 * A restrictive field is combined instead: the top level chooses freely, and each level below can only strengthen the value
 * above it. Its source is the last level that did.
 */
export function inherit<V extends object>(fields: Fields<V>, levels: readonly Level<V>[]): Inherited<V> {
  const last = levels.length - 1;
  const inherited = { values: {}, sources: {}, local: {}, locked: {} } as Inherited<V>;
  for (const name of Object.keys(fields) as FieldName<V>[]) {
    const { value, source, lockedAt } = resolve(fields[name], name, levels);
    inherited.values[name] = value;
    inherited.sources[name] = source;
    const own = levels[last]?.values[name];
    if (own !== undefined) inherited.local[name] = own;
    const above = lockedAt !== null && lockedAt < last ? levels[lockedAt] : undefined;
    if (above) inherited.locked[name] = locker(above);
  }
  return inherited;
}
