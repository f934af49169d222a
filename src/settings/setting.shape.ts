/** Converts `{'dark.textColor': …}` to `{dark: {textColor: …}}`. Omits empty groups. */
export function nested(flat: object): Record<string, unknown> {
  const top: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flat)) {
    const [group = name, field] = name.split('.');
    if (field === undefined) top[name] = value;
    else top[group] = { ...(top[group] as object | undefined), [field]: value };
  }
  return top;
}

/** Returns undefined if the field is missing. Null makes it inherited again, also by `dark: null` for the whole group. */
function given(patch: object, name: string): unknown {
  const [group = name, field] = name.split('.');
  const value = (patch as Record<string, unknown>)[group];
  return field !== undefined && value ? (value as Record<string, unknown>)[field] : value;
}

/** Splits a validated request body into fields to set and fields to inherit again. */
export function changeOf<F extends string>(
  fields: readonly F[],
  patch: object,
): { set: Partial<Record<F, unknown>>; reset: F[] } {
  const set: Partial<Record<F, unknown>> = {};
  const reset: F[] = [];
  for (const name of fields) {
    const value = given(patch, name);
    if (value === null) reset.push(name);
    else if (value !== undefined) set[name] = value;
  }
  return { set, reset };
}
