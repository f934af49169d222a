import { isDeepStrictEqual } from 'node:util';

/** The levels of the tree that can say something themselves, top-down. */
export type LevelName = 'operator' | 'organization' | 'unit';

/** A child may replace what it inherits. */
export interface DefaultField<T> {
  kind: 'default';
  default: T;
}

/** A child may only strengthen what it inherits. */
export interface RestrictiveField<T> {
  kind: 'restrictive';
  default: T;
  /** The stricter of two values, or what satisfies both. Must be idempotent, commutative and associative. */
  stronger(a: T, b: T): T;
}

export type Field<T> = DefaultField<T> | RestrictiveField<T>;

/** Every field of one kind of settings. `V` is flat: fields in groups have dotted names. */
export type Fields<V extends object> = { readonly [K in keyof V]: Field<V[K]> };

export type FieldName<V extends object> = keyof V & string;

/** One level of a path and what is stored there. */
export interface Level<V extends object> {
  level: LevelName;
  id: string;
  name: string;
  /** Only the fields this level sets. */
  values: Partial<V>;
  /** Fields that no level below may change. Unknown names are ignored. */
  locks: readonly string[];
  /** What the level gives in place of the system default while nobody on the path sets the field: its own name, … */
  implied?: Partial<V>;
}

/** Where a value came from; id and name are null for the system default. */
export type Source = Locker | { level: 'system'; id: null; name: null };

export interface Locker {
  level: LevelName;
  id: string;
  name: string;
}

export interface Inherited<V extends object> {
  /** Effective at the last level. */
  values: V;
  sources: Record<FieldName<V>, Source>;
  /** What the last level itself sets, whether or not it takes effect. */
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

/** Walks down until a level locks the field: what is effective there holds for everybody below. */
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
      // The top level has nothing above it but the product, whose defaults it may replace either way.
      const next = field.kind === 'restrictive' && depth > 0 ? strengthened(field, value, own as V[K]) : (own as V[K]);
      if (depth === 0 || field.kind === 'default' || next !== value) source = locker(level);
      value = next;
      set = true;
    } else if (!set && field.kind === 'default' && implied !== undefined) {
      value = implied;
      source = locker(level);
    }
    if (level.locks.includes(name)) return { value, source, lockedAt: depth };
  }
  return { value, source, lockedAt: null };
}

/**
 * What holds at the last of `levels` (top-down), field by field: the highest lock, else the own value, else the nearest
 * ancestor's, else the system default. A lock holds what is effective at the level that locks, inherited or not; a value
 * of a lower level stays stored and takes effect again when the lock goes.
 *
 * A restrictive field combines instead: the top level chooses freely, each level below can only strengthen what is
 * effective above it, and its source is the last level that did.
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
