/** Removes undefined fields. */
export const definedOnly = <T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/**
 * Returns the fields of `wanted` that differ from `current`, before and after, to write and to record them. Returns null if
 * nothing differs, so that saving without a change has no effect. Undefined fields are skipped.
 */
export function changesOf<T extends object>(
  current: T,
  wanted: Partial<T>,
): { before: Partial<T>; after: Partial<T> } | null {
  const before: Partial<T> = {};
  const after: Partial<T> = {};
  for (const field of Object.keys(wanted) as (keyof T)[]) {
    if (wanted[field] === undefined || wanted[field] === current[field]) continue;
    before[field] = current[field];
    after[field] = wanted[field];
  }
  return Object.keys(after).length > 0 ? { before, after } : null;
}
