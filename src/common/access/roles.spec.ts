import { LEVELS, permissionsOf } from './permissions.js';
import { effectiveRoles, highestRole, includesRole, ROLES } from './roles.js';

const nothing = { platformAdmin: false, operator: null, organization: null, unit: null };

it('contains each role in the next, at every level', () => {
  for (const level of LEVELS) {
    const [user, manager, admin] = ROLES.map((role) => permissionsOf(level, role));
    expect([...(user ?? [])].every((permission) => manager?.has(permission))).toBe(true);
    expect([...(manager ?? [])].every((permission) => admin?.has(permission))).toBe(true);
    expect(permissionsOf(level, null).size).toBe(0);
  }
});

it('takes the highest role on a thing or above it', () => {
  expect(effectiveRoles({ ...nothing, operator: 'manager', organization: 'admin' })).toEqual({
    operator: 'manager',
    organization: 'admin',
    unit: 'admin',
  });
  expect(effectiveRoles({ ...nothing, operator: 'admin', unit: 'user' })).toEqual({
    operator: 'admin',
    organization: 'admin',
    unit: 'admin',
  });
  expect(effectiveRoles({ ...nothing, platformAdmin: true })).toEqual({
    operator: 'admin',
    organization: 'admin',
    unit: 'admin',
  });
});

it('lets role user reach no further than where it is held', () => {
  expect(effectiveRoles({ ...nothing, operator: 'user' })).toEqual({
    operator: 'user',
    organization: null,
    unit: null,
  });
  expect(effectiveRoles({ ...nothing, organization: 'user' })).toEqual({
    operator: null,
    organization: 'user',
    unit: null,
  });
  expect(effectiveRoles({ ...nothing, organization: 'user', unit: 'admin' })).toEqual({
    operator: null,
    organization: 'user',
    unit: 'admin',
  });
});

it('orders roles', () => {
  expect(highestRole('user', null, 'manager', undefined)).toBe('manager');
  expect(highestRole()).toBeNull();
  expect(includesRole('admin', 'user')).toBe(true);
  expect(includesRole(null, 'user')).toBe(false);
});
