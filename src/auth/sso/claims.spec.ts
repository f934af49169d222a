import {
  claimAt,
  claimNamed,
  completedBy,
  keptClaims,
  leftOutGroups,
  profileOf,
  storableClaims,
  withGroupLists,
} from './claims.js';
import type { ClaimMapping } from './connections/connection.entity.js';

const UNIT = '019a0000-0000-7000-8000-000000000001';
const mapping: ClaimMapping = {
  email: 'email',
  name: 'name',
  groups: 'realm_access.roles',
  organization: 'org',
  roles: [
    { value: 'admins', role: 'admin', roleIds: [], unitIds: [] },
    { value: 'staff', role: 'user', roleIds: ['billing_admin'], unitIds: [UNIT] },
  ],
};

it('reads the claims that the mapping names', () => {
  const claims = {
    email: ' Ada@Corp.Example ',
    email_verified: true,
    name: 'Ada',
    realm_access: { roles: ['staff', 'admins', 7, null, { a: 1 }] },
    org: 4711,
  };
  expect(profileOf(claims, mapping)).toEqual({
    email: 'ada@corp.example',
    emailVerified: true,
    name: 'Ada',
    groups: ['staff', 'admins', '7'],
    organizations: ['4711'],
    mapped: { role: 'admin', roleIds: ['billing_admin'], unitIds: [UNIT] },
  });
});

it.each([
  [{ email: 'Ida@Bücher.example' }, { email: 'ida@xn--bcher-kva.example' }],
  [{ email: 'ida@127.0.0.1' }, { email: null }],
  [{ email: 'a@b@c' }, { email: null }],
  [{ email: '"a"@corp.example' }, { email: null }],
  [{ email: ['ada@corp.example', 'eve@corp.example'] }, { email: 'ada@corp.example' }],
  [{ email: 'a\u0000@corp.example' }, { email: null }],
  [{ email: { a: 1 } }, { email: null }],
  [{ email: '\n  ada@corp.example\r\n' }, { email: 'ada@corp.example' }],
  [{ email_verified: 'true' }, { emailVerified: true }],
  [{ email_verified: 'True' }, { emailVerified: true }],
  [{ email_verified: 'false' }, { emailVerified: false }],
  [{ email_verified: 1 }, { emailVerified: false }],
  [{}, { email: null, emailVerified: null, name: null, groups: [], organizations: [], mapped: null }],
  [{ realm_access: { roles: 'staff' } }, { groups: ['staff'] }],
  [{ realm_access: 'staff' }, { groups: [] }],
  [{ 'realm_access.roles': ['staff'] }, { groups: ['staff'] }],
  [{ org: ['a', 4711] }, { organizations: ['a', '4711'] }],
  [{ given_name: 'Grace', family_name: 'Hopper' }, { name: 'Grace Hopper' }],
  [{ family_name: 'Hopper' }, { name: 'Hopper' }],
  [{ name: ' ', given_name: 'Grace' }, { name: 'Grace' }],
  [{ givenName: '', first_name: 'Grace', surname: null, sn: 'Hopper' }, { name: 'Grace Hopper' }],
  [{ name: `${'x'.repeat(119)}👩‍👩‍👧‍👦` }, { name: 'x'.repeat(119) }],
  [
    { realm_access: { roles: [...Array.from({ length: 600 }, (_, n) => `g${n}`), 'admins'] } },
    { mapped: { role: 'admin', roleIds: [], unitIds: [] } },
  ],
])('interprets %j', (claims, expected) => expect(profileOf(claims, mapping)).toMatchObject(expected));

it.each([
  [{ email: 'ada@corp.example', 'E-Mail': 'boss@corp.example' }],
  [{ 'User.Email': 'boss@corp.example', email: 'ada@corp.example' }],
  [{ Email: 'ada@corp.example', 'e-mail': 'boss@corp.example' }],
])('prefers the usual name of a claim, or else the first: %j', (claims) =>
  expect(claimNamed(claims, ['email'])).toBe('ada@corp.example'),
);

it('ignores properties that every object has', () => {
  expect(claimAt({}, 'constructor')).toBeUndefined();
  expect(claimAt({}, 'constructor.name')).toBeUndefined();
  expect(claimAt({ a: [] }, 'a.length')).toBeUndefined();
});

it.each([
  ['https://corp.example/claims.groups', 1],
  ['"https://corp.example/claims".groups', 1],
  ['resource_access.my.app.roles', 2],
  ['resource_access."my.app".roles', 2],
  ['"a \\"quoted\\" name"', 3],
  ['resource_access.my', undefined],
  ['"resource_access', undefined],
  ['"resource_access.my.app.roles"', undefined],
  ['""', undefined],
  ['.', undefined],
])('reads the claim at %s', (path, expected) => {
  const claims = {
    'https://corp.example/claims': { groups: 1 },
    resource_access: { 'my.app': { roles: 2 } },
    'a "quoted" name': 3,
  };
  expect(claimAt(claims, path)).toBe(expected);
});

it('has a list wherever groups are', () => {
  const claims = { realm_access: { roles: 'staff' }, groups: 'ops', roles: ['a'], name: 'Ada' };
  expect(withGroupLists(claims, mapping)).toEqual({
    realm_access: { roles: ['staff'] },
    groups: ['ops'],
    roles: ['a'],
    name: 'Ada',
  });
  expect(claims.groups).toBe('ops');
});

it('keeps claims about the user that fit and that the database can store, and names the others', () => {
  const claims = { sub: '1', nonce: 'n', exp: 1, name: 'A\u0000\ud800b', big: 'x'.repeat(20_000), last: 1 };
  expect(keptClaims(claims)).toEqual({ kept: { sub: '1', name: 'A\ufffdb', last: 1 }, omitted: ['big'] });
  expect(storableClaims(claims)).toEqual({ sub: '1', name: 'A\ufffdb', big: claims.big, last: 1 });
});

it.each<[object, boolean]>([
  [{ _claim_names: { groups: 'src1' } }, true],
  [{ hasgroups: true }, true],
  [{ 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example' }, true],
  [{ _claim_names: { groups: 'src1' }, realm_access: { roles: [] } }, false],
  [{ _claim_names: { other: 'src1' } }, false],
  [{}, false],
])('tells from %j whether groups were left out', (claims, expected) =>
  expect(leftOutGroups({ ...claims }, mapping)).toBe(expected),
);

it.each([
  [
    { email: null, name: ' ' },
    { email: 'a@corp.example', name: 'Ada' },
    { email: 'a@corp.example', name: 'Ada' },
  ],
  [{ email: 'a@corp.example' }, { email: 'b@corp.example' }, { email: 'a@corp.example' }],
  [
    { groups: [], verified: false },
    { groups: ['ops'], verified: true },
    { groups: [], verified: false },
  ],
  [{ access: { roles: null } }, { access: { roles: ['ops'], n: 1 } }, { access: { roles: ['ops'], n: 1 } }],
  [{ access: null }, {}, { access: null }],
])('completes %j by %j', (claims, others, expected) => expect(completedBy(claims, others)).toEqual(expected));
