import { RouteRules, type RouteRule } from '../src/auth/access/index.js';
import { newId } from '../src/common/ids/index.js';
import type { Answer, Client } from './support/client.js';
import { fingerprint } from './support/fingerprint.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';
import { FULL } from './support/full.js';

/*
 * Tries every actor on every route at every place: in `npm run check:full` for each route, otherwise for one route of each
 * class with the same expectations, plus one allowed and one refused actor for each other route. The expectations are written by hand, not
 * asked of the product. A route that names an unknown permission fails.
 *
 * Calls to routes that change something cannot change anything: they carry a query field no route knows and an
 * empty body. Access is decided before either is read, so allowed actors get 400 (uploads, which read the body
 * themselves: 415) and all others get the same refusal as for a real change. A hash over all tables shows at the end that
 * nothing has changed.
 */

type Role = 'user' | 'manager' | 'admin';
type Level = 'platform' | 'operator' | 'organization' | 'unit';

/** The lowest role that has the permission at the level, and whether it only reads. */
interface Needs {
  level: Level;
  role: Role;
  does: 'read' | 'change';
  /** Also allowed, whatever their role here: managers and user admins of any organization. */
  orManages?: true;
}

const reads = (level: Level, role: Role): Needs => ({ level, role, does: 'read' });
const changes = (level: Level, role: Role): Needs => ({ level, role, does: 'change' });

/** Ownership, lifecycle, roles, members, branding and audit. */
const PERMISSIONS: Record<string, Needs> = {
  'operators:list': reads('platform', 'admin'),
  'operators:create': changes('platform', 'admin'),

  // The operator's manager is staff, its admin runs it; role user only has an account.
  'operator:read': reads('operator', 'manager'),
  'operator:edit': changes('operator', 'admin'),
  'operator-members:list': reads('operator', 'manager'),
  'operator-members:add': changes('operator', 'admin'),
  'operator-members:edit': changes('operator', 'admin'),
  'operator-members:remove': changes('operator', 'admin'),
  'operator-branding:read': reads('operator', 'manager'),
  'operator-branding:edit': changes('operator', 'admin'),
  'operator-auth-settings:read': reads('operator', 'manager'),
  'operator-auth-settings:edit': changes('operator', 'admin'),
  'operator-variables:read': reads('operator', 'manager'),
  'operator-variables:edit': changes('operator', 'admin'),
  'operator-access-rules:read': reads('operator', 'manager'),
  'operator-access-rules:edit': changes('operator', 'admin'),
  'role-templates:read': reads('operator', 'manager'),
  'role-templates:edit': changes('operator', 'admin'),
  'clients:read': reads('operator', 'manager'),
  'clients:edit': changes('operator', 'admin'),
  'operator-events:read': reads('operator', 'admin'),
  'operator-api-keys:read': reads('operator', 'admin'),
  'operator-api-keys:edit': changes('operator', 'admin'),
  'organizations:list': reads('operator', 'manager'),
  'organizations:create': changes('operator', 'user'),
  'organizations:suspend': changes('operator', 'manager'),
  'organizations:restore': changes('operator', 'manager'),
  'users:resetFactors': changes('operator', 'manager'),
  'users:block': changes('operator', 'manager'),
  'users:signOut': changes('operator', 'manager'),
  'users:erase': changes('operator', 'admin'),
  'permissions:list': reads('operator', 'user'),
  'users:list': reads('operator', 'manager'),
  'users:find': { level: 'operator', role: 'manager', does: 'read', orManages: true },

  'organization:read': reads('organization', 'user'),
  'organization:readImpact': reads('organization', 'manager'),
  'organization:edit': changes('organization', 'admin'),
  'organization:delete': changes('organization', 'admin'),
  'members:list': reads('organization', 'user'),
  'members:add': changes('organization', 'manager'),
  'members:edit': changes('organization', 'manager'),
  'members:remove': changes('organization', 'manager'),
  'invitations:list': reads('organization', 'manager'),
  'invitations:create': changes('organization', 'manager'),
  'invitations:revoke': changes('organization', 'manager'),
  'invitations:resend': changes('organization', 'manager'),
  'roles:list': reads('organization', 'manager'),
  'roles:edit': changes('organization', 'admin'),
  'access-rules:read': reads('organization', 'admin'),
  'access-rules:edit': changes('organization', 'admin'),
  'api-keys:list': reads('organization', 'admin'),
  'api-keys:create': changes('organization', 'admin'),
  'api-keys:revoke': changes('organization', 'admin'),
  'domains:read': reads('organization', 'admin'),
  'domains:edit': changes('organization', 'admin'),
  'sso:read': reads('organization', 'admin'),
  'sso:edit': changes('organization', 'admin'),
  'scim:read': reads('organization', 'admin'),
  'scim:edit': changes('organization', 'admin'),
  'branding:read': reads('organization', 'user'),
  'branding:edit': changes('organization', 'admin'),
  'auth-settings:read': reads('organization', 'admin'),
  'auth-settings:edit': changes('organization', 'admin'),
  'variables:readEffective': reads('organization', 'user'),
  'variables:read': reads('organization', 'manager'),
  'variables:edit': changes('organization', 'admin'),
  'events:read': reads('organization', 'admin'),
  'webhooks:read': reads('organization', 'admin'),
  'webhooks:edit': changes('organization', 'admin'),
  'operator-webhooks:read': reads('operator', 'admin'),
  'operator-webhooks:edit': changes('operator', 'admin'),
  'credits:read': reads('organization', 'user'),
  'credits:readAll': reads('organization', 'manager'),
  'charges:create': changes('organization', 'user'),
  'charges:refund': changes('organization', 'manager'),
  'limits:edit': changes('organization', 'manager'),
  'clusters:read': reads('operator', 'manager'),
  'clusters:edit': changes('operator', 'manager'),
  'clusters:list': reads('organization', 'user'),
  'operator-content:read': reads('operator', 'manager'),
  'operator-content:edit': changes('operator', 'manager'),
  'content:read': reads('organization', 'user'),
  'content:adopt': changes('organization', 'admin'),
  'runs:read': reads('organization', 'user'),
  'runs:create': changes('organization', 'user'),
  'artifacts:list': reads('organization', 'user'),
  'plans:read': reads('operator', 'manager'),
  'plans:edit': changes('operator', 'manager'),
  'subscriptions:setPayment': changes('operator', 'manager'),
  'subscriptions:setLimits': changes('operator', 'manager'),
  'subscription:read': reads('organization', 'manager'),
  'subscription:edit': changes('organization', 'admin'),
  'credits:grant': changes('operator', 'manager'),
  'credits:adjust': changes('operator', 'manager'),
  'credits:readAdjustments': reads('operator', 'manager'),
  'credits:setOverdraft': changes('operator', 'manager'),
  'top-up-packages:read': reads('operator', 'manager'),
  'top-up-packages:edit': changes('operator', 'manager'),
  'top-up-settings:edit': changes('operator', 'admin'),
  'top-ups:confirm': changes('operator', 'manager'),
  'auto-top-up:edit': changes('organization', 'admin'),
  'credit-alerts:edit': changes('organization', 'admin'),
  'top-ups:create': changes('organization', 'user'),
  'units:list': reads('organization', 'user'),
  'units:create': changes('organization', 'user'),

  'unit:read': reads('unit', 'user'),
  'artifacts:read': reads('unit', 'user'),
  'artifacts:write': changes('unit', 'user'),
  'unit:edit': changes('unit', 'manager'),
  'unit:delete': changes('unit', 'admin'),
  'unit:suspend': changes('unit', 'admin'),
  'unit:restore': changes('unit', 'admin'),
  'unit-members:list': reads('unit', 'user'),
  'unit-members:add': changes('unit', 'manager'),
  'unit-members:edit': changes('unit', 'manager'),
  'unit-members:remove': changes('unit', 'manager'),
  'unit-branding:read': reads('unit', 'user'),
  'unit-branding:edit': changes('unit', 'admin'),
  'unit-variables:readEffective': reads('unit', 'user'),
  'unit-variables:read': reads('unit', 'manager'),
  'unit-variables:edit': changes('unit', 'admin'),
};

/** Members, invitations and roles up to manager, in addition to the actor's role. */
const USER_ADMIN = [
  'members:add',
  'members:edit',
  'members:remove',
  'invitations:list',
  'invitations:create',
  'invitations:revoke',
  'invitations:resend',
  'roles:list',
];

/** The subscription, and the reports, whose figures come from the ledger entries. */
const BILLING_ADMIN = [
  'auto-top-up:edit',
  'credit-alerts:edit',
  'credits:readAll',
  'subscription:read',
  'subscription:edit',
];

/** The permissions of the custom role of one actor. */
const CUSTOM = ['variables:edit', 'units:listAll', 'unit:edit'];

/** Routes that need no authentication. Every addition opens a route to the whole world. */
const PUBLIC = [
  'GET .well-known/jwks.json',
  'GET .well-known/oauth-authorization-server',
  'GET .well-known/oauth-authorization-server/t/:operator',
  'GET .well-known/openid-configuration',
  'GET dev/mail',
  'GET dev/mail/:mailId',
  'GET dev/mail/:mailId/html',
  'GET dev/mail/open',
  'GET healthz',
  'GET metrics',
  'GET readyz',
  'GET t/:operator/.well-known/oauth-authorization-server',
  'GET t/:operator/.well-known/openid-configuration',
  'GET t/:operator/api/v1/auth/discovery',
  'GET t/:operator/api/v1/auth/invitations/:token',
  'GET t/:operator/api/v1/auth/sso/:connectionId/start',
  'GET t/:operator/api/v1/auth/sso/oidc/:connectionId/callback',
  'GET t/:operator/api/v1/auth/sso/oidc/callback',
  'GET t/:operator/api/v1/auth/sso/saml/:connectionId/metadata',
  'GET t/:operator/api/v1/auth/sso/saml/finish',
  'GET t/:operator/api/v1/branding',
  'GET t/:operator/api/v1/branding/logos/:logoId',
  'GET t/:operator/api/v1/webhook-event-types',
  'GET t/:operator/checkout-done',
  'GET t/:operator/confirm-email',
  'GET t/:operator/invitations/:token',
  'GET t/:operator/magic-link',
  'GET t/:operator/reset-password',
  'GET t/:operator/sandbox/:orgId/checkout/:topUpId',
  'GET t/:operator/sso/saml/:connectionId/logout',
  'GET t/:operator/undo',
  'GET t/:operator/unsubscribe/:token',
  'GET t/:operator/verify-email',
  'POST t/:operator/api/v1/auth/confirm-email',
  'POST t/:operator/api/v1/auth/device',
  'POST t/:operator/api/v1/auth/introspect',
  'POST t/:operator/api/v1/auth/invitations/:token/accept',
  'POST t/:operator/api/v1/auth/invitations/:token/decline',
  'POST t/:operator/api/v1/auth/login',
  'POST t/:operator/api/v1/auth/logout',
  'POST t/:operator/api/v1/auth/magic-link',
  'POST t/:operator/api/v1/auth/magic-link/redeem',
  'POST t/:operator/api/v1/auth/mfa',
  'POST t/:operator/api/v1/auth/mfa/enrolment',
  'POST t/:operator/api/v1/auth/passkeys/options',
  'POST t/:operator/api/v1/auth/passkeys/verify',
  'POST t/:operator/api/v1/auth/password/forgot',
  'POST t/:operator/api/v1/auth/password/reset',
  'POST t/:operator/api/v1/auth/register',
  'POST t/:operator/api/v1/auth/select-organization',
  'POST t/:operator/api/v1/auth/sso/oidc/:connectionId/logout',
  'POST t/:operator/api/v1/auth/sso/saml/:connectionId/acs',
  'POST t/:operator/api/v1/auth/sso/token',
  'POST t/:operator/api/v1/auth/token',
  'POST t/:operator/api/v1/auth/verify-email',
  'POST t/:operator/confirm-email',
  'POST t/:operator/invitations/:token',
  'POST t/:operator/magic-link',
  'POST t/:operator/reset-password',
  'POST t/:operator/sandbox/:orgId/checkout/:topUpId',
  'POST t/:operator/sso/saml/:connectionId/logout',
  'POST t/:operator/undo',
  'POST t/:operator/unsubscribe/:token',
  'POST t/:operator/verify-email',
  'POST webhooks/payments/:provider',
];

/** A page that needs no authentication. */
const THANKS = 'GET t/:operator/checkout-done';

/** Pages of the console by their first segment: one document, which loads everything else from the API. */
const CONSOLE = [
  'account',
  'choose',
  'device',
  'forgot-password',
  'o',
  'operator',
  'organizations',
  'platform',
  'register',
  'sign-in',
].flatMap((name) => [`/t/:operator/${name}`, `/t/:operator/${name}/*`]);

/** Served outside the modules, without a guard: the reference and the console, which hold no user data. */
const UNGUARDED = [
  '/docs',
  '/docs/assets/*',
  '/docs/errors',
  '/docs/start.js',
  '/openapi.json',
  '/',
  '/console/assets/*',
  '/t/:operator',
  '/t/:operator/',
  ...CONSOLE,
];

/** How the list of routes prints a path whose last segment is a wildcard. */
const printed = (path: string): string =>
  ({ '/docs/assets/*': '/docs*', '/console/assets/*': '/*' })[path] ?? path.replace(/\/\*$/, '*');

/** Routes of the caller's own account, in the caller's own operator. */
const ACCOUNT = /^t\/:operator\/api\/v1\/account(\/|$)/;

/** Also open to callers who cannot enter a suspended organization, so that its workloads learn to stop. */
const WHILE_SUSPENDED = ['heartbeat', 'stop'].map(
  (what) => `POST t/:operator/api/v1/organizations/:orgId/runs/:runId/${what}`,
);

/** Open to every caller who can see the organization, whatever their permissions. */
const ANY_ROLE = ['GET t/:operator/api/v1/admin/organizations/:orgId/access'];

/** Reads by a body: it changes nothing. */
const READS_BY_BODY = ['POST t/:operator/api/v1/organizations/:orgId/templates/:documentId/render'];

/** What staff may do with an organization that awaits its purge. Everything else requires a restore first. */
const WHILE_DELETED = [
  'DELETE t/:operator/api/v1/admin/organizations/:orgId',
  'GET t/:operator/api/v1/admin/organizations/:orgId',
  'GET t/:operator/api/v1/admin/organizations/:orgId/access',
  'GET t/:operator/api/v1/admin/organizations/:orgId/events',
  'GET t/:operator/api/v1/admin/organizations/:orgId/events/export',
  'GET t/:operator/api/v1/admin/organizations/:orgId/events/verify',
  'GET t/:operator/api/v1/admin/organizations/:orgId/impact',
  'GET t/:operator/api/v1/admin/organizations/:orgId/members',
  'GET t/:operator/api/v1/admin/organizations/:orgId/members/:userId',
  'GET t/:operator/api/v1/admin/organizations/:orgId/overview',
  'GET t/:operator/api/v1/admin/organizations/:orgId/units/:unitId',
  'POST t/:operator/api/v1/admin/organizations/:orgId/restore',
  // For units deleted on their own. Below a deleted organization the service refuses them after the access check.
  'DELETE t/:operator/api/v1/admin/organizations/:orgId/units/:unitId',
  'POST t/:operator/api/v1/admin/organizations/:orgId/units/:unitId/restore',
];

/** The owner of each organization and unit. `gone` is deleted, `still` is suspended. */
const OPERATOR_OF = { own: 'demo', sibling: 'demo', still: 'demo', gone: 'demo', foreign: 'other' } as const;
const ORGANIZATION_OF = {
  ownUnit: 'own',
  siblingUnit: 'own',
  unitOfSibling: 'sibling',
  unitOfStill: 'still',
  unitOfGone: 'gone',
  foreignUnit: 'foreign',
} as const;
type OperatorName = 'demo' | 'other';
type OrganizationName = keyof typeof OPERATOR_OF;
type UnitName = keyof typeof ORGANIZATION_OF;
type PlaceName = OperatorName | OrganizationName | UnitName;

/** An actor's effective roles: the highest held there or above. Operator user implies nothing below. */
interface Roles extends Partial<Record<PlaceName, Role>> {
  home: OperatorName;
  platformAdmin?: true;
  /** Permissions held in the organization `own` and its units in addition to those of the role. */
  beside?: string[];
  /** An API key of an organization or of the operator, not a person. */
  key?: 'organization' | 'operator';
  /** Permissions of the role that the actor lacks. */
  without?: string[];
}

/** Everything below an operator. */
const BELOW: Record<OperatorName, PlaceName[]> = {
  demo: ['own', 'ownUnit', 'siblingUnit', 'sibling', 'unitOfSibling', 'still', 'unitOfStill', 'gone', 'unitOfGone'],
  other: ['foreign', 'foreignUnit'],
};

const everywhereAt = (operator: OperatorName, role: Role): Partial<Record<PlaceName, Role>> =>
  Object.fromEntries([operator, ...BELOW[operator]].map((place) => [place, role]));

const member = (role: Role, units: Partial<Record<UnitName, Role>>): Roles => ({
  home: 'demo',
  demo: 'user',
  own: role,
  still: role,
  gone: role,
  ...units,
});

/** Permissions that no API key can have: they admit users or change how users sign in. */
const FOR_PEOPLE = Object.keys(PERMISSIONS).filter(
  (one) =>
    /^(invitations|roles|access-rules|sso|scim|auth-settings|domains|api-keys|webhooks):/.test(one) ||
    /^(unit-)?members:(add|edit|remove)$/.test(one) ||
    one === 'organization:delete',
);

const apiKey = (role: Role): Roles => ({
  home: 'demo',
  demo: 'user',
  own: role,
  ownUnit: role,
  siblingUnit: role,
  key: 'organization',
  without: FOR_PEOPLE,
});

/** Organizations, units, members, invitations, plans and credits, and what is needed to see them. */
const OF_OPERATOR_KEYS = Object.keys(PERMISSIONS).filter(
  (one) =>
    /^(organizations|organization|plans|unit|subscriptions?|invitations):/.test(one) ||
    /^(unit-)?members:/.test(one) ||
    /^units:(list|create)$|^credits:|^limits:edit$/.test(one) ||
    /^(permissions:list|roles:list|clusters:list)$|^operator-content:/.test(one) ||
    /^(operator|operator-branding|role-templates|clusters|top-up-packages|branding|unit-branding):read$/.test(one),
);

const operatorKey = (role: Role): Roles => ({
  home: 'demo',
  ...everywhereAt('demo', role),
  key: 'operator',
  without: Object.keys(PERMISSIONS).filter((one) => !OF_OPERATOR_KEYS.includes(one)),
});

/** Decisions that require another person. */
const FOR_TWO_PEOPLE = ['approve', 'decline'].map(
  (what) => `POST t/:operator/api/v1/organizations/:orgId/credits/adjustments/:adjustmentId/${what}`,
);

const ACTORS = {
  'a user of the organization': member('user', { ownUnit: 'user', unitOfStill: 'user', unitOfGone: 'user' }),
  'a manager of the organization': member('manager', {
    ownUnit: 'manager',
    siblingUnit: 'manager',
    unitOfStill: 'manager',
    unitOfGone: 'manager',
  }),
  'an admin of the organization': member('admin', {
    ownUnit: 'admin',
    siblingUnit: 'admin',
    unitOfStill: 'admin',
    unitOfGone: 'admin',
  }),
  'a manager of one unit': { home: 'demo', demo: 'user', own: 'user', ownUnit: 'manager' },
  'an admin of one unit': { home: 'demo', demo: 'user', own: 'user', ownUnit: 'admin' },
  'a user admin': { home: 'demo', demo: 'user', own: 'user', beside: USER_ADMIN },
  'a billing admin': { home: 'demo', demo: 'user', own: 'user', beside: BILLING_ADMIN },
  // Sees all units by a permission of the role, so it acts as a user in them.
  'a user with a custom role': {
    home: 'demo',
    demo: 'user',
    own: 'user',
    ownUnit: 'user',
    siblingUnit: 'user',
    beside: CUSTOM,
  },
  'a user without an organization': { home: 'demo', demo: 'user' },
  'an admin of a sibling organization': { home: 'demo', demo: 'user', sibling: 'admin', unitOfSibling: 'admin' },
  'a manager of the operator': { home: 'demo', ...everywhereAt('demo', 'manager') },
  'an admin of the operator': { home: 'demo', ...everywhereAt('demo', 'admin') },
  'an admin of another operator': { home: 'other', ...everywhereAt('other', 'admin') },
  'a platform admin': {
    home: 'demo',
    platformAdmin: true,
    ...everywhereAt('demo', 'admin'),
    ...everywhereAt('other', 'admin'),
  },
  'an API key with role user': apiKey('user'),
  'an API key with role manager': apiKey('manager'),
  'an API key with role admin': apiKey('admin'),
  // Outside its unit, a plain user who cannot create units.
  'an API key for one unit': {
    home: 'demo',
    demo: 'user',
    own: 'user',
    ownUnit: 'admin',
    key: 'organization',
    without: ['units:create', ...FOR_PEOPLE],
  },
  // Nothing but SCIM, not even what every role includes.
  'a SCIM key': {
    home: 'demo',
    demo: 'user',
    own: 'user',
    key: 'organization',
    beside: ['scim:read', 'scim:edit'],
    without: Object.keys(PERMISSIONS).filter((one) => !one.startsWith('scim:')),
  },
  'an API key of the operator with role manager': operatorKey('manager'),
  'an API key of the operator with role admin': operatorKey('admin'),
  'an API key of a sibling organization': {
    home: 'demo',
    demo: 'user',
    sibling: 'admin',
    unitOfSibling: 'admin',
    key: 'organization',
    without: FOR_PEOPLE,
  },
} as const satisfies Record<string, Roles>;
type ActorName = keyof typeof ACTORS;
const ACTOR_NAMES = Object.keys(ACTORS) as ActorName[];

/** Ordered by access, lowest first. */
const BY_RANK = [
  'a user without an organization',
  'a user of the organization',
  'a manager of the organization',
  'an admin of the organization',
  'a manager of the operator',
  'an admin of the operator',
  'a platform admin',
] as const satisfies ActorName[];

interface Place {
  operator: OperatorName;
  organization: OrganizationName;
  unit: UnitName;
}

const PLACES: Place[] = [
  { operator: 'demo', organization: 'own', unit: 'ownUnit' },
  { operator: 'demo', organization: 'own', unit: 'siblingUnit' },
  { operator: 'demo', organization: 'sibling', unit: 'unitOfSibling' },
  { operator: 'other', organization: 'foreign', unit: 'foreignUnit' },
  // Names that do not belong together: nothing in another operator or organization is in scope.
  { operator: 'demo', organization: 'foreign', unit: 'foreignUnit' },
  { operator: 'other', organization: 'own', unit: 'ownUnit' },
  { operator: 'demo', organization: 'own', unit: 'unitOfSibling' },
];
const STILL: Place = { operator: 'demo', organization: 'still', unit: 'unitOfStill' };
const GONE: Place = { operator: 'demo', organization: 'gone', unit: 'unitOfGone' };

const RANK: Record<Role, number> = { user: 1, manager: 2, admin: 3 };
const atLeast = (role: Role | undefined, least: Role): boolean => role !== undefined && RANK[role] >= RANK[least];

type Expected = { may: true } | { status: 401 } | { status: 403 | 409; code: string } | { status: 404; missing: Level };

const nameOf = ({ method, path }: RouteRule): string => `${method} ${path}`;
const isRead = ({ method }: RouteRule): boolean => method === 'GET';

function needsOf(route: RouteRule): Needs {
  if (route.rule?.anyRole && ANY_ROLE.includes(nameOf(route))) return reads('organization', 'user');
  const needs = PERMISSIONS[route.rule?.permission ?? ''];
  if (!needs) throw new Error(`${nameOf(route)}: this test does not know the permission ${route.rule?.permission}`);
  return needs;
}

/** Returns the actor's role at each level of a place, none where the parts of the place do not belong together. */
function rolesAt(who: Roles, { operator, organization, unit }: Place): Record<Level, Role | undefined> {
  const fits = OPERATOR_OF[organization] === operator;
  return {
    platform: who.platformAdmin && 'admin',
    operator: who[operator],
    organization: fits ? who[organization] : undefined,
    unit: fits && ORGANIZATION_OF[unit] === organization ? who[unit] : undefined,
  };
}

const forbidden = { status: 403, code: 'auth.forbidden' } as const;
const takesPerson = { status: 403, code: 'auth.user_required' } as const;

function expectedOf(route: RouteRule, actor: ActorName | null, place: Place): Expected {
  const name = nameOf(route);
  if (PUBLIC.includes(name)) return { may: true };
  if (!actor) return { status: 401 };
  const who: Roles = ACTORS[actor];
  if (ACCOUNT.test(route.path))
    return who.home !== place.operator ? { status: 404, missing: 'operator' } : who.key ? takesPerson : { may: true };

  const needs = needsOf(route);
  const roles = rolesAt(who, place);
  const staff = atLeast(roles.operator, 'manager');
  if (/:operator/.test(route.path) && !roles.operator) return { status: 404, missing: 'operator' };
  if (route.path.includes(':orgId')) {
    if (!roles.organization) return { status: 404, missing: 'organization' };
    if (place.organization === 'gone' && !staff) return { status: 404, missing: 'organization' };
    if (place.organization === 'gone' && !WHILE_DELETED.includes(name)) {
      return { status: 409, code: 'organizations.pending_deletion' };
    }
    const enters = staff || WHILE_SUSPENDED.includes(name) || (roles.organization === 'admin' && isRead(route));
    if (place.organization === 'still' && !enters) return { status: 403, code: 'organizations.suspended' };
  }
  if (who.key && needs.level === 'platform') return takesPerson;
  if (who.key === 'organization' && needs.level === 'operator') return takesPerson;
  if (route.path.includes(':unitId') && !roles.unit) return { status: 404, missing: 'unit' };
  if (who.without?.includes(route.rule?.permission ?? '')) return forbidden;
  if (atLeast(roles[needs.level], needs.role))
    return who.key && FOR_TWO_PEOPLE.includes(name) ? takesPerson : { may: true };
  const beside = place.organization === 'own' && ['organization', 'unit'].includes(needs.level) && who.beside;
  if (beside && beside.includes(route.rule?.permission ?? '')) return { may: true };
  const managed = (['own', 'sibling', 'foreign'] as const).some((one) => atLeast(who[one], 'manager'));
  const manages = managed || who.beside === USER_ADMIN;
  if (needs.orManages && manages) return { may: true };
  return needs.orManages ? { status: 403, code: 'users.lookup_not_allowed' } : forbidden;
}

let app: TestApp;
let routes: RouteRule[];
/** The places that every actor is tried on. */
let sample: RouteRule[];
const ids = {} as Record<PlaceName, string>;
const people = {} as Record<ActorName, Person>;

/** Returns the path of a route at a place. `missing` replaces one level with an id that does not exist. */
function pathOf(route: RouteRule, place: Place, missing?: Level): string {
  const values: Record<string, string> = {
    operator: missing === 'operator' ? 'no-such-operator' : place.operator,
    operatorId: missing === 'operator' ? newId() : ids[place.operator],
    orgId: missing === 'organization' ? newId() : ids[place.organization],
    unitId: missing === 'unit' ? newId() : ids[place.unit],
    userId: people['a user of the organization'].id,
    sessionId: newId(),
    passkeyId: newId(),
    userCode: 'BBBB-BBBB',
    logoId: 'none',
    mailId: newId(),
    invitationId: newId(),
    roleId: newId(),
    roleTemplateId: newId(),
    accessRuleId: newId(),
    apiKeyId: newId(),
    domainId: newId(),
    connectionId: newId(),
    identityId: newId(),
    clientId: newId(),
    scimKeyId: newId(),
    scimUserId: newId(),
    scimGroupId: newId(),
    resourceType: 'none',
    schemaUrn: 'none',
    token: 'none',
    holdId: newId(),
    chargeId: newId(),
    lotId: newId(),
    adjustmentId: newId(),
    planId: newId(),
    topUpId: newId(),
    alertId: newId(),
    paymentMethodId: 'pm_none',
    packageId: newId(),
    provider: 'sandbox',
    clusterId: newId(),
    documentId: newId(),
    version: '1',
    presetKey: 'none',
    runId: newId(),
    webhookId: newId(),
    deliveryId: newId(),
    artifactId: newId(),
    scope: 'api-key',
    month: '2026-01',
    subjectId: newId(),
    key: 'UNSET',
  };
  return `/${route.path}`.replace(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (!value) throw new Error(`${nameOf(route)}: this test has no value for :${name}`);
    return value;
  });
}

function call(client: Client, route: RouteRule, path: string): Promise<Answer> {
  const url = app.origin + path;
  if (!isRead(route)) return client.request(route.method, `${url}?matrix=unknown`, { body: {} });
  const email = people['a user of the organization'].email;
  return client.get(route.rule?.permission === 'users:find' ? `${url}?email=${email}` : url);
}

/** Runs at most 16 calls at once. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

const withoutRequestId = ({ body, headers }: Answer) =>
  JSON.stringify([{ ...body, requestId: undefined }, headers.get('content-type'), headers.get('content-length')]);

const SCOPE = ['operators.not_found', 'organizations.not_found', 'units.not_found'];

/** Where mailed links and identity providers lead. Opened here without their token, they answer with an error. */
const isPage = ({ path }: RouteRule): boolean =>
  /^t\/:operator\/(?!api\/|\.well-known\/)|\/sso\/(?:oidc\/(?:.*\/)?callback|saml\/.*(?:acs|finish))$/.test(path);

/** Returns what is wrong with an answer, or null. `absent` sends the same request for a resource that does not exist. */
async function faultOf(
  route: RouteRule,
  answer: Answer,
  expected: Expected,
  absent: (level: Level) => Promise<Answer>,
): Promise<string | null> {
  const { status, body, headers } = answer;
  const got = `${status} ${body?.code ?? ''}`.trim();
  if ('may' in expected) {
    if ([401, 403].includes(status) || status >= 500 || SCOPE.includes(body?.code)) return `may, and got ${got}`;
    const ok =
      nameOf(route) === THANKS ? [200] : isPage(route) ? [400, 404, 415, 422] : isRead(route) ? [200, 404] : [400, 415];
    return ok.includes(status) ? null : `may, and got ${got} where ${ok.join(' or ')} was to come`;
  }
  if (status !== expected.status) return `was to get ${expected.status} and got ${got}`;
  if (expected.status === 401)
    return headers.get('www-authenticate')?.startsWith('Bearer') ? null : 'was not challenged';
  if (expected.status !== 404) return body.code === expected.code ? null : `was to get ${expected.code} and got ${got}`;
  const nothing = await absent(expected.missing);
  return withoutRequestId(answer) === withoutRequestId(nothing)
    ? null
    : `can tell what is there: ${withoutRequestId(answer)} is not ${withoutRequestId(nothing)}`;
}

/** Merges places that give the same path for a route. */
function placesOf(route: RouteRule, places: Place[]): Place[] {
  const paths = new Map(places.toReversed().map((place) => [pathOf(route, place).replace(/sessions\/.*/, ''), place]));
  return [...paths.values()];
}

/** Returns the parts of a path that decide where an actor needs a role. */
const scopeOf = ({ path }: RouteRule): string[] =>
  path.split('/').filter((part) => ['admin', ':operator', ':operatorId', ':orgId', ':unitId'].includes(part));

/** One route of each class: routes with the same scope have the same expectations for all actors at all places. */
function onePerClass(): RouteRule[] {
  const classes = new Map<string, RouteRule>();
  for (const route of routes) {
    const expected = [...PLACES, STILL, GONE].flatMap((place) =>
      ACTOR_NAMES.map((actor) => expectedOf(route, actor, place)),
    );
    const key = JSON.stringify([isRead(route), scopeOf(route), expected]);
    if (!classes.has(key)) classes.set(key, route);
  }
  return [...classes.values()];
}

/** With a `turn`, tries each route at one of its places. Several turns cover all places. */
async function faultsOf(
  actor: ActorName | null,
  client: Client,
  places: Place[],
  asked: RouteRule[] = routes,
  turn?: number,
): Promise<string[]> {
  const faults: string[] = [];
  const nothing = new Map<string, Promise<Answer>>();
  const cases = asked.flatMap((route, index) =>
    placesOf(route, places)
      .filter((_, number, all) => turn === undefined || number === (index + turn) % all.length)
      .map((place) => ({ route, place })),
  );
  await inParallel(cases, async ({ route, place }) => {
    const answer = await call(client, route, pathOf(route, place));
    const absent = (level: Level) => {
      const above = { operator: '', organization: place.operator, unit: place.organization }[level as string] ?? '';
      const key = `${nameOf(route)} ${level} ${above}`;
      const known = nothing.get(key) ?? call(client, route, pathOf(route, place, level));
      nothing.set(key, known);
      return known;
    };
    const fault = await faultOf(route, answer, expectedOf(route, actor, place), absent);
    const { operator, organization, unit } = place;
    if (fault) faults.push(`${nameOf(route)} at ${operator}/${organization}/${unit}: ${actor ?? 'nobody'} ${fault}`);
  });
  return faults.sort();
}

async function bringUp(): Promise<void> {
  const platform = await signInAdmin(app);
  const root = platform.client.at(app.origin);
  people['a platform admin'] = platform;
  ids.demo = (await platform.client.get('/admin/operator')).body.id;
  const other = await root.post('/api/v1/operators', {
    slug: 'other',
    name: 'Other',
    adminEmail: 'boss@people.example',
  });
  ids.other = other.body.id;

  const newcomers: [ActorName, string, OperatorName][] = [
    ['a user of the organization', 'user', 'demo'],
    ['a manager of the organization', 'manager', 'demo'],
    ['an admin of the organization', 'admin', 'demo'],
    ['a manager of one unit', 'unit-manager', 'demo'],
    ['an admin of one unit', 'unit-admin', 'demo'],
    ['a user admin', 'user-admin', 'demo'],
    ['a billing admin', 'billing-admin', 'demo'],
    ['a user with a custom role', 'custom', 'demo'],
    ['a user without an organization', 'stranger', 'demo'],
    ['an admin of a sibling organization', 'sibling', 'demo'],
    ['a manager of the operator', 'staff', 'demo'],
    ['an admin of the operator', 'operator-admin', 'demo'],
    ['an admin of another operator', 'boss', 'other'],
  ];
  for (const [actor, name, operator] of newcomers) people[actor] = await newPerson(app, name, operator);

  const at = (operator: OperatorName): Person => ({
    ...platform,
    client: platform.client.at(app.client(operator).base),
  });
  const build = async (name: OrganizationName, unit: UnitName, admin?: Person): Promise<Organization> => {
    const organization = await newOrganization(at(OPERATOR_OF[name]), name, admin);
    ids[name] = organization.id;
    ids[unit] = organization.defaultUnitId;
    return organization;
  };
  const add = async (path: string, actor: ActorName, role: Role): Promise<void> => {
    const { status, body } = await platform.client.post(`${path}/members`, { userId: people[actor].id, role });
    if (status !== 201) throw new Error(`adding ${actor} to ${path} gave ${status} ${body.code}`);
  };

  await add('/admin/operator', 'a manager of the operator', 'manager');
  await add('/admin/operator', 'an admin of the operator', 'admin');
  await build('sibling', 'unitOfSibling', people['an admin of a sibling organization']);
  await build('foreign', 'foreignUnit');
  for (const [name, unit] of [
    ['own', 'ownUnit'],
    ['still', 'unitOfStill'],
    ['gone', 'unitOfGone'],
  ] as const) {
    const { path, defaultUnitId } = await build(name, unit);
    for (const role of ['user', 'manager', 'admin'] as const) {
      const actor = `${role === 'admin' ? 'an' : 'a'} ${role} of the organization` as ActorName;
      await add(path, actor, role);
      await add(`${path}/units/${defaultUnitId}`, actor, 'user');
    }
  }
  const own = `/admin/organizations/${ids.own}`;
  for (const [actor, role] of [
    ['a manager of one unit', 'manager'],
    ['an admin of one unit', 'admin'],
  ] as const) {
    await add(own, actor, 'user');
    await add(`${own}/units/${ids.ownUnit}`, actor, role);
  }
  const custom = await platform.client.post(`${own}/roles`, { name: 'Custom', permissions: CUSTOM });
  for (const [actor, roleId] of [
    ['a user admin', 'user_admin'],
    ['a billing admin', 'billing_admin'],
    ['a user with a custom role', custom.body.id],
  ] as const) {
    const given = { userId: people[actor].id, role: 'user', roleIds: [roleId] };
    const { status, body } = await platform.client.post(`${own}/members`, given);
    if (status !== 201) throw new Error(`adding ${actor} gave ${status} ${body.code}`);
  }
  ids.siblingUnit = (await platform.client.post(`${own}/units`, { name: 'Sibling unit' })).body.id;
  const scim = await platform.client.post(`/admin/organizations/${ids.own}/scim-keys`, { name: 'a SCIM key' });
  people['a SCIM key'] = { ...platform, accessToken: scim.body.key, client: app.client().as(scim.body.key) };
  for (const [actor, organization, input] of [
    ['an API key with role user', 'own', { role: 'user' }],
    ['an API key with role manager', 'own', { role: 'manager' }],
    ['an API key with role admin', 'own', { role: 'admin' }],
    ['an API key for one unit', 'own', { role: 'admin', unitIds: [ids.ownUnit] }],
    ['an API key of a sibling organization', 'sibling', { role: 'admin' }],
  ] as const) {
    const path = `/admin/organizations/${ids[organization]}/api-keys`;
    const { status, body } = await platform.client.post(path, { name: actor, ...input });
    if (status !== 201) throw new Error(`making ${actor} gave ${status} ${body.code}`);
    people[actor] = { ...platform, accessToken: body.key, client: app.client().as(body.key) };
  }
  for (const [actor, role] of [
    ['an API key of the operator with role manager', 'manager'],
    ['an API key of the operator with role admin', 'admin'],
  ] as const) {
    const { body } = await platform.client.post('/admin/operator/api-keys', { name: actor, role });
    people[actor] = { ...platform, accessToken: body.key, client: app.client().as(body.key) };
  }
  // Last use is recorded at most once a minute, and here never, so that calls change nothing.
  for (const table of ['organization_api_keys', 'operator_api_keys'])
    await app.sql.query(`update ${table} set last_used_at = now() + interval '1 day'`);
  await platform.client.post(`/admin/organizations/${ids.still}/suspend`);
  await platform.client.delete(`/admin/organizations/${ids.gone}?confirmName=gone`);
}

let before: Record<string, string>;

beforeAll(async () => {
  app = await startTestApp({ LIMIT_DEVICE_CODE_GUESSES: '100000/1m' });
  routes = app.app.get(RouteRules, { strict: false }).all();
  sample = FULL ? routes : onePerClass();
  await bringUp();
  before = await fingerprint(app);
});
afterAll(() => app.close());

describe('every route', () => {
  it('is public, belongs to the own account, or requires a known permission', () => {
    const ruled = (level: string) =>
      routes
        .filter(({ rule }) => rule?.level === level)
        .map(nameOf)
        .sort();
    expect(ruled('public')).toEqual(PUBLIC);
    expect(ruled('account')).toEqual(
      routes
        .filter(({ path }) => ACCOUNT.test(path))
        .map(nameOf)
        .sort(),
    );
    const others = routes.filter(({ rule }) => !['public', 'account'].includes(rule?.level ?? ''));
    const levels = others.map((route) => [nameOf(route), route.rule?.level]);
    expect(levels).toEqual(others.map((route) => [nameOf(route), needsOf(route).level]));
  });

  it('requires a changing permission if it changes something, and a reading one if it only reads', () => {
    const kinds = routes.filter(({ rule }) => rule?.permission).map((route) => [nameOf(route), needsOf(route).does]);
    const isReading = (name = '') => name.startsWith('GET') || READS_BY_BODY.includes(name);
    expect(kinds).toEqual(kinds.map(([name]) => [name, isReading(name) ? 'read' : 'change']));
  });

  it('requires its permission at the level of its path, for example in the unit for what is in a unit', () => {
    const depth = ({ path }: RouteRule): Level[] => {
      if (path.includes(':unitId')) return ['unit'];
      // Suspending and restoring an organization belongs to the operator.
      if (path.includes(':orgId')) return ['organization', 'operator'];
      return ['operator', 'platform'];
    };
    const misplaced = routes.filter((route) => route.rule?.permission && !depth(route).includes(needsOf(route).level));
    expect(misplaced.map(nameOf)).toEqual([]);
  });

  it('is in the list of this test', () => {
    const listed = app.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
    const stack: string[] = [];
    const served = listed.split('\n').flatMap((line) => {
      const [, indent, path, methods] = /^([│ ]*)[├└]── (\S+) \((.+)\)$/.exec(line) ?? [];
      if (!path || !methods) return [];
      const depth = (indent?.length ?? 0) / 4;
      stack.length = depth;
      stack.push(path);
      return methods.split(', ').map((method) => `${method} ${stack.join('')}`);
    });
    expect(served.length).toBeGreaterThan(routes.length);
    const guarded = routes.flatMap(({ method, path }) =>
      method === 'GET' ? [`GET /${path}`, `HEAD /${path}`] : [`${method} /${path}`],
    );
    const beside = served.filter((route) => !guarded.includes(route)).map((route) => route.replace(/^\w+ /, ''));
    expect([...new Set(beside)].sort()).toEqual(UNGUARDED.map(printed).sort());
  });
});

describe('access', () => {
  it('requires a token', async () => {
    expect(await faultsOf(null, app.client(), PLACES.slice(0, 1))).toEqual([]);
    expect(await faultsOf(null, app.client(), PLACES.slice(1), sample, FULL ? undefined : 0)).toEqual([]);
  });

  it.each([
    ['a malformed token', () => 'not.a.token'],
    ['a token with another signature', () => `${people['a platform admin'].accessToken.slice(0, -8)}AAAAAAAA`],
    ['an unknown API key', () => 'trl_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'],
    ['an API key of an unknown operator', () => 'trl_op_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'],
    ['a truncated API key', () => 'trl_0123456789abcdefghijklmnopqrstuvwxyz'],
  ])('is refused with %s', async (_, token) => {
    expect(await faultsOf(null, app.client().as(token()), PLACES.slice(0, 1), sample)).toEqual([]);
  });

  it('ends with the session', async () => {
    const { client } = await newPerson(app, 'gone-home');
    await client.delete('/account/sessions');
    expect(await faultsOf(null, client, PLACES.slice(0, 1))).toEqual([]);
    before = await fingerprint(app);
  });

  it.each(ACTOR_NAMES)('matches the specification for %s', async (actor) => {
    const turn = FULL ? undefined : ACTOR_NAMES.indexOf(actor);
    expect(await faultsOf(actor, people[actor].client, PLACES, sample, turn)).toEqual([]);
  });

  it('to every route is granted to the lowest allowed actor and refused to the highest refused one', async () => {
    const [own] = PLACES as [Place];
    const asked = new Map<ActorName, RouteRule[]>();
    for (const route of routes) {
      const may = (actor: ActorName) => 'may' in expectedOf(route, actor, own);
      for (const actor of [BY_RANK.find(may), BY_RANK.findLast((one) => !may(one))]) {
        if (actor) asked.set(actor, [...(asked.get(actor) ?? []), route]);
      }
    }
    for (const [actor, list] of asked) expect(await faultsOf(actor, people[actor].client, [own], list)).toEqual([]);
  });

  it('is reported as wrong when an actor has more or less than expected', async () => {
    const [user, admin] = ['a user of the organization', 'an admin of the organization'] as const;
    const own = PLACES.slice(0, 1);
    const ofOrganization = routes.filter(({ path }) => path.endsWith('/:orgId'));
    const less = await faultsOf(admin, people[user].client, own, ofOrganization);
    expect(less).toContainEqual(expect.stringMatching(/^DELETE .*:orgId at .* may, and got 403 auth.forbidden$/));
    const more = await faultsOf(user, people[admin].client, own, ofOrganization);
    expect(more).toContainEqual(
      expect.stringMatching(/^PATCH .*:orgId at .* was to get 403 and got 400 validation_failed$/),
    );
    const outside = await faultsOf('a user without an organization', people[user].client, own, ofOrganization);
    expect(outside).toContainEqual(expect.stringMatching(/^GET .*:orgId at .* was to get 404 and got 200$/));
  });

  it.each([
    'a user of the organization',
    'a manager of the organization',
    'an admin of the organization',
    'a user without an organization',
    'a manager of the operator',
    'an API key of the operator with role manager',
    'a platform admin',
  ] as const)('matches the specification for suspended and deleted resources: %s', async (actor) => {
    expect(await faultsOf(actor, people[actor].client, [STILL, GONE], sample)).toEqual([]);
  });

  it('is the same for HEAD as for GET', async () => {
    const faults: string[] = [];
    const actors = [
      'a user of the organization',
      'a user without an organization',
      'an admin of another operator',
    ] as const;
    const cases = sample
      .filter(isRead)
      .flatMap((route) => actors.map((actor) => ({ route, client: people[actor].client })));
    await inParallel(cases, async ({ route, client }) => {
      const path = app.origin + pathOf(route, PLACES[0] as Place);
      const [get, head] = [await client.get(path), await client.request('HEAD', path)];
      if (get.status !== head.status || head.body) faults.push(`${nameOf(route)}: ${get.status}, HEAD ${head.status}`);
    });
    expect(faults).toEqual([]);
  });

  it('checks changed no data', async () => {
    expect(await fingerprint(app)).toEqual(before);
  });
});
