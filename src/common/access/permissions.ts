import { ROLES, type Role } from './roles.js';

/** Levels at which a permission is held. */
export const LEVELS = ['platform', 'operator', 'organization', 'unit'] as const;
export type Level = (typeof LEVELS)[number];

/**
 * Lists all permissions. At each level, a role adds its permissions to those of the role before it. Role `user` at the
 * operator only means having an account there.
 */
const ADDED = {
  platform: {
    user: [],
    manager: [],
    admin: ['operators:create', 'operators:list'],
  },
  operator: {
    user: ['organizations:create', 'users:find', 'permissions:list'],
    manager: [
      'operator:read',
      'operator-members:list',
      'operator-branding:read',
      'operator-auth-settings:read',
      'operator-variables:read',
      'operator-access-rules:read',
      'role-templates:read',
      'organizations:list',
      'organizations:createForOthers',
      'organizations:suspend',
      'organizations:restore',
      'users:list',
      'clients:read',
      'users:resetFactors',
      'users:block',
      'users:signOut',
      'clusters:read',
      'clusters:edit',
      'operator-content:read',
      'operator-content:edit',
      'plans:read',
      'plans:edit',
      'subscriptions:setPayment',
      'subscriptions:setLimits',
      'credits:grant',
      'credits:adjust',
      'credits:readAdjustments',
      'credits:setOverdraft',
      'top-up-packages:read',
      'top-up-packages:edit',
      'top-ups:confirm',
    ],
    admin: [
      'users:erase',
      'operator:edit',
      'operator-members:add',
      'operator-members:edit',
      'operator-members:remove',
      'operator-branding:edit',
      'operator-auth-settings:edit',
      'operator-variables:edit',
      'operator-variables:readSecrets',
      'operator-access-rules:edit',
      'role-templates:edit',
      'clients:edit',
      'operator-events:read',
      'top-up-settings:edit',
      'operator-api-keys:read',
      'operator-api-keys:edit',
      'operator-webhooks:read',
      'operator-webhooks:edit',
    ],
  },
  organization: {
    user: [
      'organization:read',
      'members:list',
      'branding:read',
      'variables:readEffective',
      'units:list',
      'units:create',
      'credits:read',
      'charges:create',
      'top-ups:create',
      'clusters:list',
      'runs:read',
      'runs:create',
      'content:read',
      'artifacts:list',
    ],
    manager: [
      'organization:readImpact',
      'members:add',
      'members:edit',
      'members:remove',
      'members:grantManager',
      'roles:list',
      'invitations:list',
      'invitations:create',
      'invitations:revoke',
      'invitations:resend',
      'variables:read',
      'units:listAll',
      'credits:readAll',
      'charges:createForAll',
      'charges:refund',
      'runs:readAll',
      'runs:stopAll',
      'artifacts:listAll',
      'limits:edit',
      'subscription:read',
    ],
    admin: [
      'organization:edit',
      'organization:delete',
      'subscription:edit',
      'branding:edit',
      'auth-settings:read',
      'auth-settings:edit',
      'variables:edit',
      'variables:readSecrets',
      'roles:edit',
      'access-rules:read',
      'access-rules:edit',
      'auto-top-up:edit',
      'credit-alerts:edit',
      'api-keys:list',
      'api-keys:create',
      'api-keys:revoke',
      'domains:read',
      'domains:edit',
      'sso:read',
      'sso:edit',
      'scim:read',
      'scim:edit',
      'events:read',
      'webhooks:read',
      'webhooks:edit',
      'content:adopt',
    ],
  },
  unit: {
    user: [
      'unit:read',
      'unit-members:list',
      'unit-branding:read',
      'unit-variables:readEffective',
      'artifacts:read',
      'artifacts:write',
    ],
    manager: [
      'unit:edit',
      'unit-members:add',
      'unit-members:edit',
      'unit-members:remove',
      'unit-variables:read',
      'artifacts:deleteAll',
    ],
    admin: [
      'unit:delete',
      'unit:suspend',
      'unit:restore',
      'unit-branding:edit',
      'unit-variables:edit',
      'unit-variables:readSecrets',
    ],
  },
} as const satisfies Record<Level, Record<Role, readonly string[]>>;

type Added = typeof ADDED;
/** A permission that can be held at level `L`. */
export type PermissionAt<L extends Level> = Added[L][Role][number];
export type Permission = PermissionAt<Level>;

/** Roles held in addition to the cumulative role. They are the same in all organizations. */
export const FUNCTIONAL_ROLES = ['billing_admin', 'user_admin'] as const;
export type FunctionalRole = (typeof FUNCTIONAL_ROLES)[number];

const FUNCTIONAL: Record<FunctionalRole, readonly PermissionAt<'organization'>[]> = {
  billing_admin: [
    'auto-top-up:edit',
    'credit-alerts:edit',
    'credits:readAll',
    'subscription:read',
    'subscription:edit',
  ],
  user_admin: [
    'members:add',
    'members:edit',
    'members:remove',
    'members:grantManager',
    'roles:list',
    'invitations:list',
    'invitations:create',
    'invitations:revoke',
    'invitations:resend',
  ],
};

export const permissionsOfFunctional = (role: FunctionalRole): readonly Permission[] => FUNCTIONAL[role];

const none: ReadonlySet<Permission> = new Set();

function cumulative(level: Level): Record<Role, ReadonlySet<Permission>> {
  const held: Permission[] = [];
  const sets = {} as Record<Role, ReadonlySet<Permission>>;
  for (const role of ROLES) {
    held.push(...ADDED[level][role]);
    sets[role] = new Set(held);
  }
  return sets;
}

const PERMISSIONS = Object.fromEntries(LEVELS.map((level) => [level, cumulative(level)])) as Record<
  Level,
  Record<Role, ReadonlySet<Permission>>
>;

/** Returns the permissions of a role at a level. */
export const permissionsOf = (level: Level, role: Role | null): ReadonlySet<Permission> =>
  role ? PERMISSIONS[level][role] : none;

/** All permissions that can be held at a level, in the order of the roles that add them. */
export const permissionsAt = (level: Level): readonly Permission[] => [...permissionsOf(level, 'admin')];

/** Permissions that a custom role may contain: all of an organization and its units. */
export const ASSIGNABLE_PERMISSIONS: readonly Permission[] = [
  ...permissionsOf('organization', 'admin'),
  ...permissionsOf('unit', 'admin'),
].sort();

/** Groups of permissions that decide who gets in, and how. */
const FOR_PEOPLE = [
  'invitations',
  'roles',
  'access-rules',
  'sso',
  'scim',
  'auth-settings',
  'domains',
  'api-keys',
  'webhooks',
];
const ALSO_FOR_PEOPLE: readonly Permission[] = [
  'members:add',
  'members:edit',
  'members:remove',
  'members:grantManager',
  'unit-members:add',
  'unit-members:edit',
  'unit-members:remove',
  'organization:delete',
];

/**
 * Permissions that an API key can have. It lets no one in and changes nothing about how users get in: a leaked key must not
 * outlive its revocation.
 */
export const API_KEY_PERMISSIONS: readonly Permission[] = ASSIGNABLE_PERMISSIONS.filter(
  (permission) => !FOR_PEOPLE.includes(permission.split(':')[0] ?? '') && !ALSO_FOR_PEOPLE.includes(permission),
);

/** What an API key can do if nothing else is asked for. */
export const DEFAULT_API_KEY_PERMISSIONS: readonly Permission[] = ['charges:create', 'credits:read'];

/**
 * Permissions that an API key of an operator can have. This is a list of what is allowed, so that no key gets a new permission
 * unless it is added here. Left out on purpose: staff, sign-in settings, connections, keys, clients, accounts, and what creates
 * credits or charges customers without a limit.
 */
export const OPERATOR_API_KEY_PERMISSIONS: readonly Permission[] = [
  ...([
    'permissions:list',
    'operator:read',
    'operator-branding:read',
    'role-templates:read',
    'clusters:read',
    'operator-content:read',
    'operator-content:edit',
    'organizations:list',
    'organizations:create',
    'organizations:createForOthers',
    'organizations:suspend',
    'organizations:restore',
    'plans:read',
    'plans:edit',
    'subscriptions:setPayment',
    'subscriptions:setLimits',
    'credits:grant',
    'credits:adjust',
    'credits:readAdjustments',
    'credits:setOverdraft',
    'top-up-packages:read',
  ] satisfies PermissionAt<'operator'>[]),
  ...([
    'organization:read',
    'organization:readImpact',
    'organization:edit',
    'organization:delete',
    'members:list',
    'members:add',
    'members:edit',
    'members:remove',
    'members:grantManager',
    'roles:list',
    'invitations:list',
    'invitations:create',
    'invitations:revoke',
    'invitations:resend',
    'branding:read',
    'clusters:list',
    'units:list',
    'units:listAll',
    'units:create',
    'subscription:read',
    'subscription:edit',
    'credits:read',
    'credits:readAll',
    'limits:edit',
  ] satisfies PermissionAt<'organization'>[]),
  ...([
    'unit:read',
    'unit:edit',
    'unit:delete',
    'unit:suspend',
    'unit:restore',
    'unit-members:list',
    'unit-members:add',
    'unit-members:edit',
    'unit-members:remove',
    'unit-branding:read',
  ] satisfies PermissionAt<'unit'>[]),
];
