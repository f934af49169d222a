import { ENTERPRISE_URN, GROUP_TYPE, USER_TYPE } from './attributes.js';
import { documentOf } from './document.js';
import { deactivates, operationsOf, patched } from './patch.js';

const user = () =>
  documentOf(USER_TYPE, {
    userName: 'ada@acme.example',
    emails: [
      { value: 'ada@acme.example', type: 'work', primary: true },
      { value: 'ada@home.example', type: 'home' },
    ],
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    [ENTERPRISE_URN]: { department: 'R&D' },
  });

const after = (...Operations: unknown[]) => patched(USER_TYPE, user(), operationsOf({ Operations }));
const refusalOf = (...Operations: unknown[]): string => {
  try {
    after(...Operations);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};

it('reads attributes in any case and by URN, and leaves out missing ones', () => {
  const given = {
    USERNAME: 'a',
    Active: 'True',
    [`${ENTERPRISE_URN}:costCenter`]: '7',
    'urn:ietf:params:scim:schemas:core:2.0:User:title': 'Dr',
    id: 'x',
    meta: {},
    groups: [{ value: 'x' }],
    password: 'secret',
    unknown: 1,
  };
  expect(documentOf(USER_TYPE, given)).toEqual({
    userName: 'a',
    active: true,
    title: 'Dr',
    [ENTERPRISE_URN]: { costCenter: '7' },
  });
});

it.each([
  [
    'a part',
    { op: 'replace', path: 'NAME.givenname', value: 'A.' },
    { name: { givenName: 'A.', familyName: 'Lovelace' } },
  ],
  ['parts', { op: 'add', path: 'name', value: { middleName: 'K' } }, { name: { givenName: 'Ada', middleName: 'K' } }],
  [
    'the given parts of an object, and keeps the others',
    { op: 'replace', path: 'name', value: { givenName: 'Zoe' } },
    { name: { givenName: 'Zoe', familyName: 'Lovelace' } },
  ],
  [
    'the same without a path',
    { op: 'replace', value: { name: { familyName: 'King' } } },
    { name: { givenName: 'Ada', familyName: 'King' } },
  ],
  ['nothing with null', { op: 'replace', path: 'name', value: null }, { name: undefined }],
  [
    'an attribute of an extension',
    { op: 'add', path: `${ENTERPRISE_URN}:division`, value: 'X' },
    { [ENTERPRISE_URN]: { division: 'X', department: 'R&D' } },
  ],
  ['an extension', { op: 'remove', path: ENTERPRISE_URN }, { [ENTERPRISE_URN]: undefined }],
  [
    'a value that a filter means',
    { op: 'replace', path: 'emails[type eq "WORK"].value', value: 'x@acme.example' },
    {
      emails: [
        { value: 'x@acme.example', type: 'work', primary: true },
        { value: 'ada@home.example', type: 'home' },
      ],
    },
  ],
  [
    'a value that there was not',
    { op: 'replace', path: 'phoneNumbers[type eq "mobile" and primary eq true].value', value: '1' },
    { phoneNumbers: [{ type: 'mobile', primary: true, value: '1' }] },
  ],
  [
    'a list without some',
    { op: 'remove', path: 'emails[not (type eq "work")]' },
    { emails: [{ value: 'ada@acme.example', type: 'work', primary: true }] },
  ],
  [
    'a list, once',
    { op: 'add', path: 'emails', value: [{ value: 'ada@home.example', type: 'home' }] },
    { emails: user().emails },
  ],
])('makes %s', (_, operation, expected) => {
  const document = after(operation);
  const touched = Object.fromEntries(Object.keys(expected).map((name) => [name, document[name]]));
  expect(touched).toMatchObject(expected);
});

it('keeps one primary value, the last one set', () => {
  const document = after({ op: 'add', path: 'emails[type eq "home"].primary', value: 'true' });
  expect(document.emails).toMatchObject([{ primary: false }, { primary: true }]);
});

it.each([
  ['scim.invalid_syntax', { op: 'move', path: 'title', value: 'x' }],
  ['scim.invalid_syntax', 'x'],
  ['scim.invalid_path', { op: 'add', path: 'nothing', value: 'x' }],
  ['scim.invalid_path', { op: 'add', path: 'name.nothing', value: 'x' }],
  ['scim.invalid_path', { op: 'add', path: 'emails[type eq "work"', value: 'x' }],
  ['scim.invalid_path', { op: 'add', path: 'title[type eq "work"]', value: 'x' }],
  ['scim.invalid_filter', { op: 'add', path: 'emails[type is "work"]', value: 'x' }],
  ['scim.no_target', { op: 'remove' }],
  ['scim.no_target', { op: 'replace', path: 'phoneNumbers[type co "x"].value', value: '1' }],
  ['scim.invalid_value', { op: 'add', value: 'x' }],
  ['scim.invalid_value', { op: 'replace', path: 'active', value: 'perhaps' }],
  ['scim.invalid_value', { op: 'replace', path: 'title', value: ['x'] }],
  ['scim.invalid_value', { op: 'replace', path: 'title', value: 'a\0b' }],
  ['scim.read_only', { op: 'replace', path: 'id', value: 'x' }],
  ['scim.read_only', { op: 'add', path: 'groups', value: [{ value: 'x' }] }],
])('refuses with %s', (code, operation) => expect(refusalOf(operation)).toBe(code));

it('adds and removes members as Okta and Entra ID write it', () => {
  const group = documentOf(GROUP_TYPE, { displayName: 'g', members: [{ value: 'a' }, { value: 'b' }] });
  const members = (...Operations: unknown[]) => patched(GROUP_TYPE, group, operationsOf({ Operations })).members;
  expect(members({ op: 'Add', path: 'members', value: [{ $ref: null, value: 'c' }, { value: 'a' }] })).toEqual([
    { value: 'a' },
    { value: 'b' },
    { value: 'c' },
  ]);
  expect(members({ op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }] })).toEqual([{ value: 'b' }]);
  expect(members({ op: 'remove', path: 'members[value eq "b"]' })).toEqual([{ value: 'a' }]);
  expect(members({ op: 'remove', path: 'members' })).toBeUndefined();
  expect(members({ op: 'replace', value: { id: 'x', displayName: 'h', members: [{ value: 'z' }] } })).toEqual([
    { value: 'z' },
  ]);
});

it.each<[unknown, boolean]>([
  [{ active: false }, true],
  [{ ACTIVE: 'False', userName: 7 }, true],
  [{ active: true }, false],
  [{ active: null }, false],
  [{}, false],
  [null, false],
  [{ Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }, true],
  [{ Operations: [{ op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:active', value: false }] }, true],
  [
    {
      Operations: [
        { op: 'replace', path: 'nothing[', value: 1 },
        { op: 'replace', value: { active: false } },
      ],
    },
    true,
  ],
  [{ operations: [{ op: 'replace', value: { active: false } }, { op: 'nonsense' }] }, true],
  [
    {
      Operations: [
        { op: 'replace', path: 'active', value: false },
        { op: 'add', path: 'active', value: true },
      ],
    },
    false,
  ],
  [{ Operations: [{ op: 'remove', path: 'active', value: false }] }, false],
  [{ Operations: [{ op: 'replace', path: 'title', value: 'inactive' }] }, false],
])('tells whether %j deactivates the user', (body, expected) => expect(deactivates(body)).toBe(expected));

describe('operations on a long list', () => {
  const members = (from: number, count: number) => Array.from({ length: count }, (_, n) => ({ value: `${from + n}` }));
  const group = { displayName: 'Long', members: members(0, 5_000) };
  const changed = (...Operations: object[]) => patched(GROUP_TYPE, group, operationsOf({ Operations })).members;
  const each = (op: string, from: number, count: number) =>
    members(from, count).map((member) => ({ op, path: 'members', value: [member] }));

  it('that add or remove one value each have the same effect as one for all', () => {
    expect(changed(...each('add', 4_900, 1_000))).toEqual(members(0, 5_900));
    expect(changed(...each('Add', 5_000, 2), ...each('add', 5_000, 2))).toEqual(members(0, 5_002));
    expect(changed(...each('remove', 4_000, 1_000))).toEqual(members(0, 4_000));
    const filtered = members(4_000, 1_000).map(({ value }) => ({ op: 'remove', path: `Members[value eq "${value}"]` }));
    expect(changed(...filtered)).toEqual(members(0, 4_000));
    const mixed = [...each('remove', 0, 1), ...each('add', 0, 1), ...each('remove', 1, 1)];
    expect(changed(...mixed)).toEqual([...members(2, 4_998), { value: '0' }]);
  });

  it('are refused when they read the list too often', () => {
    const swap = (n: number) => [...each('add', 9_000 + n, 1), ...each('remove', 9_000 + n, 1)];
    const swaps = (count: number) => Array.from({ length: count }, (_, n) => swap(n)).flat();
    expect(changed(...swaps(20))).toEqual(group.members);
    expect(() => changed(...swaps(100))).toThrow('scim.invalid_value');
    const names = Array.from({ length: 100 }, (_, n) =>
      [...'members'].map((letter, at) => ((n >> at) & 1 ? letter.toUpperCase() : letter)).join(''),
    );
    const value = Object.fromEntries(names.map((name) => [name, members(0, 1)]));
    expect(() => changed({ op: 'add', value })).toThrow('scim.invalid_value');
  });
});
