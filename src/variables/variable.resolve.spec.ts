import { resolve, type VariableLevel } from './variable.resolve.js';

const level = (of: VariableLevel['level'], given: Partial<VariableLevel> = {}): VariableLevel => ({
  level: of,
  id: `${of}-id`,
  slug: `${of}-slug`,
  name: `The ${of}`,
  externalId: null,
  variables: [],
  ...given,
});

const plain = (key: string, value: string) => ({ key, value, secret: false });
const valuesOf = (levels: VariableLevel[]) =>
  Object.fromEntries([...resolve(levels)].map(([key, { value }]) => [key, value]));

describe('resolve', () => {
  it('lets the nearest level win, and says which it was', () => {
    const resolved = resolve([
      level('operator', { variables: [plain('A', 'o'), plain('B', 'o'), plain('C', 'o')] }),
      level('organization', { variables: [plain('B', 'g'), { key: 'C', value: 'v1.x', secret: true }] }),
      level('unit', { variables: [plain('C', 'u')] }),
    ]);
    const source = (of: VariableLevel['level']) => ({ level: of, id: `${of}-id`, name: `The ${of}` });
    expect(resolved.get('A')).toEqual({ value: 'o', secret: false, builtIn: false, source: source('operator') });
    expect(resolved.get('B')).toEqual({ value: 'g', secret: false, builtIn: false, source: source('organization') });
    expect(resolved.get('C')).toEqual({ value: 'u', secret: false, builtIn: false, source: source('unit') });
  });

  it('adds what is built in at each level of the path', () => {
    expect(valuesOf([level('operator')])).toEqual({ OPERATOR_NAME: 'The operator', OPERATOR_SLUG: 'operator-slug' });
    const path = [
      level('operator'),
      level('organization', { externalId: 'C-1' }),
      level('unit', { externalId: 'U-1' }),
    ];
    expect(valuesOf(path)).toEqual({
      OPERATOR_NAME: 'The operator',
      OPERATOR_SLUG: 'operator-slug',
      ORG_EXTERNAL_ID: 'C-1',
      ORG_ID: 'organization-id',
      ORG_NAME: 'The organization',
      ORG_SLUG: 'organization-slug',
      UNIT_EXTERNAL_ID: 'U-1',
      UNIT_ID: 'unit-id',
      UNIT_NAME: 'The unit',
      UNIT_SLUG: 'unit-slug',
    });
  });

  it('has no external id where none is set', () => {
    expect(Object.keys(valuesOf([level('operator'), level('organization')]))).not.toContain('ORG_EXTERNAL_ID');
  });

  it('puts what is built in above what was stored by other means', () => {
    expect(valuesOf([level('operator', { variables: [plain('OPERATOR_SLUG', 'forged')] })]).OPERATOR_SLUG).toBe(
      'operator-slug',
    );
  });

  it('sorts by key', () => {
    const variables = ['Z', 'A_B', 'AB', 'A1'].map((key) => plain(key, ''));
    const keys = [...resolve([level('operator', { variables })]).keys()];
    expect(keys).toEqual(['A1', 'AB', 'A_B', 'OPERATOR_NAME', 'OPERATOR_SLUG', 'Z']);
  });
});
