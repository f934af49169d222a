import { type Fields, inherit, type Inherited, type Level, type LevelName, type Source } from './inherit.js';

interface Look {
  name: string;
  colour: string;
  tags: string[];
  minLength: number;
  methods: string[];
}

const both = (a: string[], b: string[]): string[] => a.filter((method) => b.includes(method));

const FIELDS: Fields<Look> = {
  name: { kind: 'default', default: 'Product' },
  colour: { kind: 'default', default: 'grey' },
  tags: { kind: 'default', default: [] },
  minLength: { kind: 'restrictive', default: 8, stronger: Math.max },
  methods: { kind: 'restrictive', default: ['password', 'passkey', 'oidc'], stronger: both },
};

const NAMES: readonly LevelName[] = ['operator', 'organization', 'unit'];

const level = (
  of: LevelName,
  values: Partial<Look> = {},
  locks: string[] = [],
  implied?: Partial<Look>,
): Level<Look> => ({
  level: of,
  id: `id-of-${of}`,
  name: `The ${of}`,
  values,
  locks,
  ...(implied && { implied }),
});

const at = (of: LevelName) => ({ level: of, id: `id-of-${of}`, name: `The ${of}` });
const SYSTEM = { level: 'system', id: null, name: null };

describe('inherit', () => {
  it('falls back to the system default', () => {
    const { values, sources, local, locked } = inherit(FIELDS, [level('operator'), level('organization')]);
    expect(values).toEqual({
      name: 'Product',
      colour: 'grey',
      tags: [],
      minLength: 8,
      methods: ['password', 'passkey', 'oidc'],
    });
    expect(sources.colour).toEqual(SYSTEM);
    expect(local).toEqual({});
    expect(locked).toEqual({});
  });

  it('gives the system defaults for no level at all', () => {
    expect(inherit(FIELDS, []).values.colour).toBe('grey');
  });

  it('takes the own value, then the nearest ancestor', () => {
    const levels = [
      level('operator', { colour: 'red', name: 'A' }),
      level('organization', { colour: 'blue' }),
      level('unit', { name: 'U' }),
    ];
    const { values, sources, local } = inherit(FIELDS, levels);
    expect(values).toMatchObject({ colour: 'blue', name: 'U' });
    expect(sources.colour).toEqual(at('organization'));
    expect(sources.name).toEqual(at('unit'));
    expect(local).toEqual({ name: 'U' });
  });

  it('replaces lists whole', () => {
    const levels = [level('operator', { tags: ['a', 'b'] }), level('organization', { tags: ['c'] })];
    expect(inherit(FIELDS, levels).values.tags).toEqual(['c']);
  });

  it('lets the highest lock win and keeps what lies below it', () => {
    const levels = [
      level('operator', { colour: 'red' }, ['colour']),
      level('organization', { colour: 'blue' }, ['colour']),
      level('unit', { colour: 'green' }),
    ];
    const { values, sources, locked, local } = inherit(FIELDS, levels);
    expect(values.colour).toBe('red');
    expect(sources.colour).toEqual(at('operator'));
    expect(locked).toEqual({ colour: at('operator') });
    expect(local).toEqual({ colour: 'green' });
  });

  it('locks the effective value of the locker, be it inherited or the system default', () => {
    const inherited = inherit(FIELDS, [
      level('operator', { colour: 'red' }),
      level('organization', {}, ['colour', 'name']),
      level('unit', { colour: 'green', name: 'U' }),
    ]);
    expect(inherited.values).toMatchObject({ colour: 'red', name: 'Product' });
    expect(inherited.sources).toMatchObject({ colour: at('operator'), name: SYSTEM });
    expect(inherited.locked).toEqual({ colour: at('organization'), name: at('organization') });
  });

  it('does not report the own lock of the last level as locked', () => {
    const { values, locked } = inherit(FIELDS, [
      level('operator'),
      level('organization', { colour: 'blue' }, ['colour']),
    ]);
    expect(values.colour).toBe('blue');
    expect(locked).toEqual({});
  });

  it('uses what the nearest level implies only while no level sets the field', () => {
    const operator = level('operator', {}, [], { name: 'Operator' });
    const organization = level('organization', {}, [], { name: 'Organization' });
    const open = inherit(FIELDS, [operator, organization]);
    expect(open.values.name).toBe('Organization');
    expect(open.sources.name).toEqual({ ...at('organization'), derived: true });
    const set = inherit(FIELDS, [{ ...operator, values: { name: 'Set' } }, organization]);
    expect(set.values.name).toBe('Set');
    expect(set.sources.name).toEqual(at('operator'));
    const held = inherit(FIELDS, [{ ...operator, locks: ['name'] }, organization]);
    expect(held.values.name).toBe('Operator');
    expect(held.locked).toEqual({ name: at('operator') });
  });

  it('only strengthens restrictive fields, except at the top', () => {
    const top = inherit(FIELDS, [level('operator', { minLength: 4 })]);
    expect(top.values.minLength).toBe(4);
    const weaker = inherit(FIELDS, [level('operator', { minLength: 12 }), level('organization', { minLength: 6 })]);
    expect(weaker.values.minLength).toBe(12);
    expect(weaker.sources.minLength).toEqual(at('operator'));
    expect(weaker.local).toEqual({ minLength: 6 });
    const belowDefault = inherit(FIELDS, [level('operator'), level('organization', { minLength: 6 })]);
    expect(belowDefault.values.minLength).toBe(8);
    expect(belowDefault.sources.minLength).toEqual(SYSTEM);
    const combined = inherit(FIELDS, [
      level('operator', { methods: ['password', 'oidc'] }),
      level('organization', { methods: ['oidc', 'passkey'] }),
    ]);
    expect(combined.values.methods).toEqual(['oidc']);
    expect(combined.sources.methods).toEqual(at('organization'));
  });

  it('ignores stored fields and locks that are not known', () => {
    const stale = { ...level('operator', {}, ['gone', 'constructor']), values: { gone: 1 } as Partial<Look> };
    const { values, locked, local } = inherit(FIELDS, [stale, level('organization')]);
    expect(Object.keys(values)).toEqual(Object.keys(FIELDS));
    expect(locked).toEqual({});
    expect(local).toEqual({});
  });
});

/** The rule read backwards, one field at a time: from the asking level up, as domain words say it. */
function naive(levels: Level<Look>[], depth: number, name: keyof Look): { value: unknown; source: Source } {
  const lock = levels.findIndex((above, i) => i < depth && above.locks.includes(name));
  if (lock >= 0) return naive(levels, lock, name);
  const field = FIELDS[name];
  const path = levels.slice(0, depth + 1).toReversed();
  if (field.kind === 'default') {
    const setter = path.find((above) => above.values[name] !== undefined);
    if (setter) return { value: setter.values[name], source: at(setter.level) };
    const implier = path.find((above) => above.implied?.[name] !== undefined);
    if (implier) return { value: implier.implied?.[name], source: { ...at(implier.level), derived: true } };
    return { value: field.default, source: SYSTEM as Source };
  }
  const own = levels[depth]?.values[name];
  if (depth === 0)
    return own === undefined
      ? { value: field.default, source: SYSTEM as Source }
      : { value: own, source: at('operator') };
  const above = naive(levels, depth - 1, name);
  if (own === undefined) return above;
  const value =
    name === 'minLength'
      ? Math.max(above.value as number, own as number)
      : both(above.value as string[], own as string[]);
  return JSON.stringify(value) === JSON.stringify(above.value)
    ? above
    : { value, source: at(levels[depth]?.level ?? 'unit') };
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomLevels(random: () => number): Level<Look>[] {
  const maybe = <T>(value: T): T | undefined => (random() < 0.5 ? value : undefined);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const some = (from: readonly string[]): string[] => from.filter(() => random() < 0.6);
  const defined = (values: { [K in keyof Look]?: Look[K] | undefined }): Partial<Look> =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  return NAMES.slice(0, 1 + Math.floor(random() * 3)).map((of) =>
    level(
      of,
      defined({
        name: maybe(pick(['A', 'B'])),
        colour: maybe(pick(['red', 'blue'])),
        tags: maybe(some(['x', 'y'])),
        minLength: maybe(pick([4, 8, 12, 15])),
        methods: maybe(some(['password', 'passkey', 'oidc'])),
      }),
      Object.keys(FIELDS).filter(() => random() < 0.2),
      random() < 0.7 ? { name: `Name of ${of}` } : undefined,
    ),
  );
}

describe('inherit, against a naive model', () => {
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const random = randomFrom(seed);
  const cases = Array.from({ length: 5000 }, () => randomLevels(random));

  it(`agrees on random trees (TEST_SEED=${seed})`, () => {
    for (const levels of cases) {
      const last = levels.length - 1;
      const expected = { values: {}, sources: {}, local: {}, locked: {} } as Record<
        keyof Inherited<Look>,
        Record<string, unknown>
      >;
      for (const name of Object.keys(FIELDS) as (keyof Look)[]) {
        const { value, source } = naive(levels, last, name);
        expected.values[name] = value;
        expected.sources[name] = source;
        const own = levels[last]?.values[name];
        if (own !== undefined) expected.local[name] = own;
        const locking = levels.slice(0, last).find((above) => above.locks.includes(name));
        if (locking) expected.locked[name] = at(locking.level);
      }
      expect({ seed, levels, ...inherit(FIELDS, levels) }).toEqual({ seed, levels, ...expected });
    }
  });

  it(`never gives a child a weaker restriction than its parent's (TEST_SEED=${seed})`, () => {
    for (const levels of cases.filter(({ length }) => length > 1)) {
      const child = inherit(FIELDS, levels).values;
      const parent = inherit(FIELDS, levels.slice(0, -1)).values;
      expect(child.minLength).toBeGreaterThanOrEqual(parent.minLength);
      expect(both(child.methods, parent.methods)).toEqual(child.methods);
    }
  });

  it(`changes nothing for the others when one field is reset (TEST_SEED=${seed})`, () => {
    for (const levels of cases) {
      const last = levels.at(-1);
      if (!last) continue;
      const { colour: _, ...rest } = last.values;
      const before = inherit(FIELDS, levels);
      const after = inherit(FIELDS, [...levels.slice(0, -1), { ...last, values: rest }]);
      expect({ ...after.values, colour: null }).toEqual({ ...before.values, colour: null });
    }
  });
});
