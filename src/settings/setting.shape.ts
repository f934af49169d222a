/** `{'dark.textColor': …}` → `{dark: {textColor: …}}`; no group where it would be empty. */
export function nested(flat: object): Record<string, unknown> {
  const top: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flat)) {
    const [group = name, field] = name.split('.');
    if (field === undefined) top[name] = value;
    else top[group] = { ...(top[group] as object | undefined), [field]: value };
  }
  return top;
}

/** Undefined: not given. Null: to be inherited again, also by `dark: null` for the whole group. */
function given(patch: object, name: string): unknown {
  const [group = name, field] = name.split('.');
  const value = (patch as Record<string, unknown>)[group];
  return field !== undefined && value ? (value as Record<string, unknown>)[field] : value;
}

/** What a checked request body asks for: fields to set, and those to inherit again. */
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
