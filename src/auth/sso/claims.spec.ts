import { claimAt, keptClaims, profileOf } from './claims.js';
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
    organization: '4711',
    mapped: { role: 'admin', roleIds: ['billing_admin'], unitIds: [UNIT] },
  });
});

it.each([
  [{ email: 'a@b@c' }, { email: null }],
  [{ email: '"a"@corp.example' }, { email: null }],
  [{ email: ['ada@corp.example', 'eve@corp.example'] }, { email: 'ada@corp.example' }],
  [{ email: 'a\u0000@corp.example' }, { email: null }],
  [{ email: { a: 1 } }, { email: null }],
  [{ email_verified: 'true' }, { emailVerified: true }],
  [{ email_verified: 'false' }, { emailVerified: false }],
  [{ email_verified: 1 }, { emailVerified: false }],
  [{}, { email: null, emailVerified: null, name: null, groups: [], organization: null, mapped: null }],
  [{ realm_access: { roles: 'staff' } }, { groups: ['staff'] }],
  [{ realm_access: 'staff' }, { groups: [] }],
  [{ 'realm_access.roles': ['staff'] }, { groups: ['staff'] }],
])('interprets %j', (claims, expected) => expect(profileOf(claims, mapping)).toMatchObject(expected));

it('ignores properties that every object has', () => {
  expect(claimAt({}, 'constructor')).toBeUndefined();
  expect(claimAt({}, 'constructor.name')).toBeUndefined();
  expect(claimAt({ a: [] }, 'a.length')).toBeUndefined();
});

it('keeps claims about the user that fit and that the database can store', () => {
  const kept = keptClaims({ sub: '1', nonce: 'n', exp: 1, name: 'A\u0000\ud800b', big: 'x'.repeat(20_000), last: 1 });
  expect(kept).toEqual({ sub: '1', name: 'A\ufffdb' });
});
