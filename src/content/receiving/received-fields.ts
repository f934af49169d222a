import { isDeepStrictEqual } from 'node:util';
import { inherit, type Inherited, type Level, type Locker } from '../../common/inheritance/index.js';
import { fitsType } from '../model/content.fields.js';
import type { ContentField, FieldValue } from '../model/content.types.js';

type Values = Record<string, FieldValue>;

/** Why an override does not count. It is kept, and counts again when a version brings the field back. */
export type UnusedReason = 'removed' | 'type_changed' | 'locked';

export interface UnusedOverride {
  name: string;
  value: FieldValue;
  reason: UnusedReason;
}

/** The levels from the operator down to the one that asks. */
export interface Path {
  operator: Locker;
  organization: Locker;
  unit?: Locker;
}

function reasonOf(field: ContentField | undefined, value: FieldValue): UnusedReason | null {
  if (!field) return 'removed';
  if (!fitsType(field.type, value)) return 'type_changed';
  return field.locked ? 'locked' : null;
}

export function unusedOverrides(fields: readonly ContentField[], overrides: Values): UnusedOverride[] {
  const sorted = Object.entries(overrides).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([name, value]) => {
    const reason = reasonOf(
      fields.find((field) => field.name === name),
      value,
    );
    return reason ? [{ name, value, reason }] : [];
  });
}

/** Resolves the fields of a version at the last level of the path. */
export function resolveFields(
  fields: readonly ContentField[],
  overrides: Values,
  { operator, organization, unit }: Path,
): Inherited<Values> {
  const defaults = fields.filter((field) => field.default !== null);
  const used = fields.filter(
    ({ name, type }) => Object.hasOwn(overrides, name) && fitsType(type, overrides[name] ?? null),
  );
  const pick = (from: readonly ContentField[], value: (field: ContentField) => FieldValue): Values =>
    Object.fromEntries(from.map((field) => [field.name, value(field)]));
  const levels: Level<Values>[] = [
    {
      ...operator,
      values: pick(defaults, (field) => field.default),
      locks: fields.filter(({ locked }) => locked).map(({ name }) => name),
    },
    { ...organization, values: pick(used, ({ name }) => overrides[name] ?? null), locks: [] },
    ...(unit ? [{ ...unit, values: {}, locks: [] }] : []),
  ];
  const kinds = Object.fromEntries(fields.map(({ name }) => [name, { kind: 'default', default: null } as const]));
  return inherit<Values>(kinds, levels);
}

export interface FieldComparison {
  name: string;
  change: 'added' | 'removed' | 'changed' | 'unchanged';
  basedOn: ContentField | null;
  available: ContentField | null;
  override: FieldValue;
}

/** Compares the fields of two versions, with what the organization overrides. */
export function compareFields(
  basedOn: readonly ContentField[],
  available: readonly ContentField[],
  overrides: Values,
): FieldComparison[] {
  const names = [...new Set([...available, ...basedOn].map(({ name }) => name))];
  return names.map((name) => {
    const before = basedOn.find((field) => field.name === name) ?? null;
    const after = available.find((field) => field.name === name) ?? null;
    return {
      name,
      change: !before ? 'added' : !after ? 'removed' : isDeepStrictEqual(before, after) ? 'unchanged' : 'changed',
      basedOn: before,
      available: after,
      override: overrides[name] ?? null,
    };
  });
}
