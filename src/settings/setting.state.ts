import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type FieldName, inherit, type Locker } from '../common/inheritance/index.js';
import type { SettingChange, SettingKind, SettingLevel, SettingState } from './setting.kind.js';

/** Hashes everything a response contains, including names, because renaming a level above changes the response too. */
function etagOf(kind: string, path: readonly SettingLevel[]): string {
  const facts = path.map(({ id, version, name, slug, supportEmail, supportUrl }) => [
    id,
    version,
    name,
    slug,
    supportEmail,
    supportUrl,
  ]);
  return `"${createHash('sha256')
    .update(JSON.stringify([kind, facts]))
    .digest('base64url')
    .slice(0, 27)}"`;
}

const knownLocks = <V extends object>(kind: SettingKind<V>, locks: readonly string[]): FieldName<V>[] =>
  (Object.keys(kind.fields) as FieldName<V>[]).filter((name) => locks.includes(name));

/** Computes the settings that apply at the end of `path`. */
export function stateOf<V extends object>(kind: SettingKind<V>, path: readonly SettingLevel[]): SettingState<V> {
  const levels = path.map((level) => ({
    ...level,
    values: level.values as Partial<V>,
    ...(kind.implied && { implied: kind.implied(level) }),
  }));
  return {
    ...inherit(kind.fields, levels),
    locks: knownLocks(kind, path.at(-1)?.locks ?? []),
    etag: etagOf(kind.name, path),
    path: path.map(({ level, id, slug, name }) => ({ level, id, slug, name })),
  };
}

/** Rejects `names` with a field that a level above locks. */
export function assertUnlocked<V extends object>(
  kind: SettingKind<V>,
  state: SettingState<V>,
  names: FieldName<V>[],
): void {
  const refused = names.flatMap((name) => {
    const by: Locker | undefined = state.locked[name];
    return by ? [{ name, by }] : [];
  });
  if (refused.length === 0) return;
  throw kind.locked({
    detail: `Locked by a level above: ${refused.map(({ name, by }) => `${name} by the ${by.level} "${by.name}"`).join(', ')}.`,
    data: { locked: Object.fromEntries(refused.map(({ name, by }) => [name, by])) },
    errors: refused.map(({ name, by }) => ({
      field: name,
      message: `${name} is locked by the ${by.level} "${by.name}"`,
    })),
  });
}

export interface PlannedChange {
  values: Record<string, unknown>;
  locks: string[];
  /** The changed fields. Null where a field was or becomes inherited. */
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

/** Computes the change of one level. Returns null if it changes nothing. */
export function planChange<V extends object>(
  kind: SettingKind<V>,
  current: SettingLevel,
  change: Pick<SettingChange<V>, 'set' | 'reset' | 'locks'>,
): PlannedChange | null {
  const values: Record<string, unknown> = { ...current.values, ...change.set };
  for (const name of change.reset ?? []) delete values[name];
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(current.values), ...Object.keys(values)])) {
    if (isDeepStrictEqual(current.values[name], values[name])) continue;
    before[name] = current.values[name] ?? null;
    after[name] = values[name] ?? null;
  }
  const locksBefore = knownLocks(kind, current.locks);
  const locks = change.locks ? knownLocks(kind, change.locks) : locksBefore;
  if (!isDeepStrictEqual(locksBefore, locks)) {
    before.locks = locksBefore;
    after.locks = locks;
  }
  return Object.keys(after).length > 0 ? { values, locks, before, after } : null;
}
