import { AppError } from '../common/errors/index.js';
import type { SettingKind, SettingLevel } from './setting.kind.js';
import { assertUnlocked, planChange, stateOf } from './setting.state.js';

interface Look {
  name: string;
  colour: string;
}

const KIND: SettingKind<Look> = {
  name: 'look',
  fields: { name: { kind: 'default', default: 'Product' }, colour: { kind: 'default', default: 'grey' } },
  changed: 'branding.updated',
  locked: ({ detail, ...options }) => new AppError('conflict', 'look.locked', detail, options),
  implied: ({ name }) => ({ name }),
};

const level = (of: SettingLevel['level'], given: Partial<SettingLevel> = {}): SettingLevel => ({
  level: of,
  id: of,
  slug: of,
  name: `The ${of}`,
  supportEmail: null,
  supportUrl: null,
  values: {},
  locks: [],
  version: 0,
  ...given,
});

describe('stateOf', () => {
  it('shows what holds, the path and the known locks', () => {
    const state = stateOf(KIND, [
      level('operator', { values: { colour: 'red' } }),
      level('organization', { locks: ['gone', 'colour'] }),
    ]);
    expect(state).toMatchObject({
      values: { name: 'The organization', colour: 'red' },
      locks: ['colour'],
      local: {},
      locked: {},
    });
    expect(state.path.map(({ slug }) => slug)).toEqual(['operator', 'organization']);
  });

  it('has an entity tag that follows every level', () => {
    const path = [level('operator'), level('organization')];
    const tag = stateOf(KIND, path).etag;
    expect(tag).toMatch(/^"[\w-]{27}"$/);
    expect(stateOf(KIND, [...path]).etag).toBe(tag);
    for (const other of [{ version: 1 }, { name: 'Renamed' }, { supportEmail: 'help@example.com' }]) {
      expect(stateOf(KIND, [level('operator', other), level('organization')]).etag).not.toBe(tag);
    }
    expect(stateOf({ ...KIND, name: 'other' }, path).etag).not.toBe(tag);
  });
});

describe('assertUnlocked', () => {
  it('names the fields and who locks them', () => {
    const state = stateOf(KIND, [level('operator', { locks: ['colour'] }), level('organization')]);
    expect(() => assertUnlocked(KIND, state, ['name'])).not.toThrow();
    const refusal = (() => {
      try {
        assertUnlocked(KIND, state, ['name', 'colour']);
      } catch (error) {
        return error as AppError;
      }
      return null;
    })();
    expect(refusal).toMatchObject({
      code: 'look.locked',
      detail: 'Locked by a level above: colour by the operator "The operator".',
    });
    expect(refusal?.options.data).toEqual({
      locked: { colour: { level: 'operator', id: 'operator', name: 'The operator' } },
    });
    expect(refusal?.options.errors).toEqual([{ field: 'colour', message: expect.stringContaining('The operator') }]);
  });
});

describe('planChange', () => {
  const current = level('organization', { values: { colour: 'red' }, locks: ['name'], version: 3 });

  it('says what changes, and only that', () => {
    expect(planChange(KIND, current, { set: { name: 'Acme', colour: 'red' } })).toEqual({
      values: { name: 'Acme', colour: 'red' },
      locks: ['name'],
      before: { name: null },
      after: { name: 'Acme' },
    });
    expect(planChange(KIND, current, { reset: ['colour'], locks: [] })).toEqual({
      values: {},
      locks: [],
      before: { colour: 'red', locks: ['name'] },
      after: { colour: null, locks: [] },
    });
  });

  it('is nothing when it is so already', () => {
    for (const same of [{}, { set: { colour: 'red' } }, { reset: ['name'] as const }, { locks: ['name'] as const }]) {
      expect(planChange(KIND, current, same)).toBeNull();
    }
  });
});
