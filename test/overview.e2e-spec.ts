import { readFileSync } from 'node:fs';
import { newId } from '../src/common/ids/index.js';
import type { Client } from './support/client.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from './support/tree.js';

interface Operation {
  method: string;
  path: string;
  level: string;
  permission: string;
  personOnly?: boolean;
}

type Document = { paths: Record<string, Record<string, { 'x-requires'?: Omit<Operation, 'method' | 'path'> }>> };
const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;

/** One operation for each permission that is required in an organization or its units. */
const OPERATIONS: Operation[] = Object.values(
  Object.fromEntries(
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { 'x-requires': rule }]) =>
        rule?.permission && path.includes('{orgId}') && ['organization', 'unit'].includes(rule.level)
          ? [[`${rule.level} ${rule.permission}`, { method: method.toUpperCase(), path, ...rule }] as const]
          : [],
      ),
    ),
  ),
);

let app: TestApp;
let staff: Person;
let organization: Organization;
let otherUnit: string;

const accessOf = async (client: Client, { path }: Organization = organization) =>
  (await client.get(`${path}/access`)).body;

async function grant(organizationId: string, amount: string): Promise<void> {
  const path = `/organizations/${organizationId}/credits/grants`;
  const headers = { 'idempotency-key': newId() };
  const { status } = await staff.client.post(path, { amount, category: 'promo', reason: 'Test' }, { headers });
  if (status >= 300) throw new Error(`a grant gave ${status}`);
}

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Northwind');
  otherUnit = (await staff.client.post(`${organization.path}/units`, { name: 'Other' })).body.id;
});
afterAll(() => app.close());

describe('access', () => {
  const key = async (input: object): Promise<Client> => {
    const { body } = await staff.client.post(`${organization.path}/api-keys`, input);
    return app.client().as(body.key);
  };
  const member = async (name: string, role: string, roleIds: string[] = [], unitRole?: string): Promise<Client> => {
    const person = await newMember(app, staff, organization, role, name);
    if (roleIds.length > 0) await staff.client.patch(`${organization.path}/members/${person.id}`, { roleIds });
    if (unitRole) {
      const units = `${organization.path}/units/${organization.defaultUnitId}/members`;
      await staff.client.post(units, { userId: person.id, role: unitRole });
    }
    return person.client;
  };
  const custom = async (name: string, permissions: string[]): Promise<string> =>
    (await staff.client.post(`${organization.path}/roles`, { name, permissions })).body.id;

  const CALLERS: [string, () => Promise<Client>][] = [
    ['a user', () => member('access-user', 'user')],
    ['a user of a unit', () => member('access-unit-user', 'user', [], 'user')],
    ['a manager of a unit', () => member('access-unit-manager', 'user', [], 'manager')],
    ['a manager', () => member('access-manager', 'manager')],
    ['an admin', () => member('access-admin', 'admin')],
    ['a user admin', () => member('access-user-admin', 'user', ['user_admin'])],
    [
      'a user with a custom role for units',
      async () => member('access-custom', 'user', [await custom('Editor', ['unit:edit', 'variables:read'])], 'user'),
    ],
    [
      'a user who sees all units',
      async () => member('access-all-units', 'user', [await custom('Reader', ['units:listAll'])]),
    ],
    ['an API key', () => key({ name: 'All', permissions: ['charges:create', 'unit:edit', 'members:list'] })],
    ['an API key for a unit', () => key({ name: 'One', role: 'admin', unitIds: [organization.defaultUnitId] })],
    [
      'a SCIM key',
      async () => app.client().as((await staff.client.post(`${organization.path}/scim-keys`, { name: 'S' })).body.key),
    ],
    ['operator staff', () => Promise.resolve(staff.client)],
  ];

  it.each(CALLERS)('lists the permissions that decide every operation: for %s', async (_, caller) => {
    const client = await caller();
    const access = await accessOf(client);
    const wrong: string[] = [];
    for (const unitId of [organization.defaultUnitId, otherUnit]) {
      const inUnit = access.units[unitId] ?? access.allUnits;
      const asked = OPERATIONS.filter(({ level }) => level === 'unit' || unitId === otherUnit);
      const check = async ({ method, path, level, permission, personOnly }: Operation): Promise<void> => {
        if (personOnly && access.via === 'api_key') return;
        const url = path
          .replace('{operator}', 'demo')
          .replace('{orgId}', organization.id)
          .replace('{unitId}', unitId)
          .replace(/\{(\w+)\}/g, (_whole, name: string) => (name === 'scope' ? 'member' : newId()));
        // The unknown field is refused after access is decided, so nothing changes.
        const body = method === 'GET' ? undefined : {};
        const answer = await client.request(method, `${app.origin}${url}?probe=unknown`, { body });
        const may = !['auth.forbidden', 'units.not_found'].includes(answer.body?.code);
        const says = level === 'unit' ? inUnit.includes(permission) : access.permissions.includes(permission);
        if (may !== says) wrong.push(`${method} ${path}: ${permission} ${says}, answered ${answer.body?.code}`);
      };
      await Promise.all(asked.map(check));
    }
    expect(wrong).toEqual([]);
  });

  it('says how the caller got access, with all roles', async () => {
    const person = await newMember(app, staff, organization, 'manager', 'access-roles');
    const unit = `${organization.path}/units/${otherUnit}/members`;
    await staff.client.post(unit, { userId: person.id, role: 'admin' });
    await staff.client.patch(`${organization.path}/members/${person.id}`, { roleIds: ['billing_admin'] });
    const access = await accessOf(person.client);
    expect(access).toMatchObject({ role: 'manager', via: 'member', roles: [{ key: 'billing_admin' }] });
    expect(Object.keys(access.units)).toEqual([otherUnit]);
    expect(await accessOf(staff.client)).toMatchObject({ role: 'admin', via: 'staff', roles: [], units: {} });
    expect(await accessOf(await key({ name: 'Via' }))).toMatchObject({
      via: 'api_key',
      permissions: ['charges:create', 'credits:read'],
    });
  });

  it('follows every change at once, and ends with the membership', async () => {
    const person = await newMember(app, staff, organization, 'user', 'access-changes');
    expect((await accessOf(person.client)).permissions).not.toContain('invitations:create');
    await staff.client.patch(`${organization.path}/members/${person.id}`, { role: 'manager' });
    expect((await accessOf(person.client)).permissions).toContain('invitations:create');
    await staff.client.delete(`${organization.path}/members/${person.id}`);
    const { status, body } = await person.client.get(`${organization.path}/access`);
    expect([status, body.code]).toEqual([404, 'organizations.not_found']);
  });

  it('shows deleted units only to those who can restore them', async () => {
    const { body: unit } = await staff.client.post(`${organization.path}/units`, { name: 'Gone' });
    const people = await Promise.all(
      ['user', 'admin'].map((role) => newMember(app, staff, organization, 'user', `access-gone-${role}`)),
    );
    for (const [index, role] of ['user', 'admin'].entries())
      await staff.client.post(`${organization.path}/units/${unit.id}/members`, { userId: people[index]?.id, role });
    await staff.client.delete(`${organization.path}/units/${unit.id}?confirmName=Gone`);
    const [user, admin] = await Promise.all(people.map(({ client }) => accessOf(client)));
    expect(user.units).toEqual({});
    expect(admin.units[unit.id]).toContain('unit:restore');
  });

  it('is closed to all other callers', async () => {
    const stranger = await newPerson(app, 'access-stranger');
    const other = await newOrganization(staff, 'Access sibling', stranger);
    expect((await stranger.client.get(`${other.path}/access`)).status).toBe(200);
    expect((await stranger.client.get(`${organization.path}/access`)).status).toBe(404);
    expect((await app.client().get(`${organization.path}/access`)).status).toBe(401);
  });
});

describe('permissions', () => {
  it('at the operator are in the account, including those of every account', async () => {
    const user = await newPerson(app, 'permissions-user');
    const manager = await newPerson(app, 'permissions-manager');
    await staff.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
    const ofEveryAccount = ['organizations:create', 'permissions:list', 'users:find'];
    expect((await user.client.get('/account')).body.permissions).toEqual(ofEveryAccount);
    const held: string[] = (await manager.client.get('/account')).body.permissions;
    expect(held).toEqual(expect.arrayContaining(['organizations:list', 'users:block']));
    expect(held).not.toContain('operator:edit');
    const all: string[] = (await staff.client.get('/account')).body.permissions;
    expect(all).toEqual(expect.arrayContaining(['operator:edit', 'operators:create']));
    await staff.client.delete(`/admin/operator/members/${manager.id}`);
    expect((await manager.client.get('/account')).body.permissions).toEqual(ofEveryAccount);
    const member = await newPerson(app, 'permissions-member');
    const ofMember = await newOrganization(staff, 'Permissions of a member', member);
    expect((await member.client.get('/account')).body.permissions).toEqual(ofEveryAccount);
    // The routes allow what the account lists.
    expect((await member.client.get('/admin/permissions')).status).toBe(200);
    expect((await member.client.get(`/admin/users?email=${member.email}`)).status).toBe(200);
    expect((await member.client.get('/admin/organizations')).status).toBe(403);
    expect((await member.client.get(`${ofMember.path}/access`)).body.permissions).toContain('members:list');
  });

  it('are listed with level and description, including all that an operation requires', async () => {
    const { client } = await newPerson(app, 'permissions-reader');
    const { items } = (await client.get('/admin/permissions')).body;
    const levels = new Map(items.map(({ key, level }: { key: string; level: string }) => [key, level]));
    expect(levels.size).toBe(items.length);
    const wrong = Object.values(document.paths)
      .flatMap((item) => Object.values(item))
      .flatMap(({ 'x-requires': rule }) => (rule?.permission ? [rule] : []))
      .filter(({ level, permission }) => levels.get(permission) !== level);
    expect(wrong).toEqual([]);
    expect(items.filter(({ description }: { description: string }) => !/^[A-Z].*\.$/.test(description))).toEqual([]);
  });
});

describe("the caller's own organizations", () => {
  it('can be found by slug, externalId, status, and parts of their names', async () => {
    const person = await newPerson(app, 'own-organizations');
    const names = ['Own Alpha', 'Own Beta', 'Own Gamma'];
    const own: Organization[] = [];
    for (const name of names) own.push(await newOrganization(staff, name, person));
    const hidden = await newOrganization(staff, 'Own of others');
    await staff.client.patch(own[1]?.path ?? '', { externalId: 'CUST-7' });
    await staff.client.post(`${own[2]?.path}/suspend`);
    const found = async (query: string): Promise<string[]> => {
      const { body } = await person.client.get(`/account/organizations?${query}`);
      return body.items.map(({ name }: { name: string }) => name);
    };
    expect(await found('slug=own-alpha')).toEqual(['Own Alpha']);
    expect(await found(`slug=${hidden.slug}`)).toEqual([]);
    expect(await found('externalId=CUST-7')).toEqual(['Own Beta']);
    expect(await found('externalId=CUST')).toEqual([]);
    expect(await found('status=suspended')).toEqual(['Own Gamma']);
    expect(await found('status=active')).toEqual(['Own Alpha', 'Own Beta']);
    expect(await found('q=own')).toEqual(names);
    expect(await found('q=cust-7')).toEqual(['Own Beta']);
    expect(await found('q=%25')).toEqual([]);
    expect(await found(`q=${own[0]?.id}`)).toEqual(['Own Alpha']);
    expect(await found(`q=${hidden.id}`)).toEqual([]);
    expect((await person.client.get('/account/organizations?status=pending_deletion')).status).toBe(400);
    const first = await person.client.get('/account/organizations?q=own&limit=2&count=true');
    expect(first.body).toMatchObject({ total: 3, limit: 2 });
    const next = `cursor=${first.body.nextCursor}`;
    expect(await found(`q=own&${next}`)).toEqual(['Own Gamma']);
    expect((await person.client.get(`/account/organizations?q=other&${next}`)).body.code).toBe('invalid_cursor');
    expect((await staff.client.get(`/admin/organizations?q=${own[0]?.id}`)).body.items).toMatchObject([
      { name: 'Own Alpha' },
    ]);
  });
});

describe('the organizations of an operator', () => {
  const LIST = '/admin/organizations?q=listed';

  beforeAll(async () => {
    const plan = await staff.client.post('/admin/plans', { name: 'Listed plan', monthlyCredits: '0' });
    for (const [index, amount] of ['5', '0.5', '70', null].entries()) {
      const { id } = await newOrganization(staff, `Listed ${index}`);
      if (amount) await grant(id, amount);
      if (index === 2) await staff.client.put(`/admin/organizations/${id}/subscription`, { planId: plan.body.id });
      if (index === 0) {
        await staff.client.post(`/admin/organizations/${id}/invitations`, { email: 'a@listed.example', role: 'user' });
        await staff.client.post(`/admin/organizations/${id}/units`, { name: 'Second' });
        const member = await newPerson(app, 'listed-member');
        await staff.client.post(`/admin/organizations/${id}/members`, { userId: member.id, role: 'user' });
      }
    }
  });

  it('include credits, plan and counts on request', async () => {
    const { body } = await staff.client.get(`${LIST}&include=credits,plan,counts`);
    const counts = { members: 0, invitations: 0, units: 1 };
    expect(body.items).toMatchObject([
      {
        name: 'Listed 0',
        credits: { available: '5', held: '0', lastsUntil: null },
        plan: null,
        counts: { members: 1, invitations: 1, units: 2 },
      },
      { name: 'Listed 1', credits: { available: '0.5' }, plan: null, counts },
      { name: 'Listed 2', credits: { available: '70' }, plan: { name: 'Listed plan' }, counts },
      { name: 'Listed 3', credits: { available: '0' }, plan: null, counts },
    ]);
    const [plain] = (await staff.client.get(LIST)).body.items;
    for (const part of ['credits', 'plan', 'counts']) expect(plain).not.toHaveProperty(part);
    const [one] = (await staff.client.get(`${LIST}&include=plan`)).body.items;
    expect(one).toHaveProperty('plan', null);
    expect(one).not.toHaveProperty('credits');
    for (const include of ['members', 'credits,', 'credits,members', ''])
      expect([include, (await staff.client.get(`${LIST}&include=${include}`)).status]).toEqual([include, 400]);
  });

  it('can be sorted by credits, with pages', async () => {
    const names = async (query: string) => {
      const first = (await staff.client.get(`${LIST}&limit=2&${query}`)).body;
      const second = (await staff.client.get(`${LIST}&limit=2&${query}&cursor=${first.nextCursor}`)).body;
      return [...first.items, ...second.items].map(({ name }: { name: string }) => name);
    };
    expect(await names('sort=available')).toEqual(['Listed 3', 'Listed 1', 'Listed 0', 'Listed 2']);
    expect(await names('sort=-available&include=credits')).toEqual(['Listed 2', 'Listed 0', 'Listed 1', 'Listed 3']);
  });
});

describe('the overview of an organization', () => {
  const overviewOf = async (client: Client, { path }: Organization) => (await client.get(`${path}/overview`)).body;
  const setUpOf = async (client: Client, of: Organization): Promise<Record<string, boolean>> =>
    Object.fromEntries(
      (await overviewOf(client, of)).setUp.map(({ step, done }: { step: string; done: boolean }) => [step, done]),
    );

  it('shows callers only what they have permission to see', async () => {
    const boss = await newPerson(app, 'overview-boss');
    const own = await newOrganization(staff, 'Overview', boss);
    const user = await newMember(app, staff, own, 'user', 'overview-user');
    await grant(own.id, '10');
    const headers = { 'idempotency-key': newId() };
    const charge = { amount: '2', kind: 'chat' };
    expect((await boss.client.post(`/organizations/${own.id}/credits/charges`, charge, { headers })).status).toBe(201);

    const all = await overviewOf(boss.client, own);
    expect(all).toMatchObject({
      status: 'active',
      counts: { members: 2, invitations: 0, units: 1 },
      credits: { available: '8', held: '0', lastsUntil: expect.any(String) },
    });
    expect(all.credits.usage).toHaveLength(30);
    expect(all.credits.usage.at(-1)).toEqual({ day: new Date().toISOString().slice(0, 10), net: '2' });
    expect(all.activity[0]).toMatchObject({
      type: 'credits.granted',
      // Members do not see the names of the operator's staff.
      actor: { type: 'user', id: staff.id, name: 'Demo' },
    });
    const toStaff = await overviewOf(staff.client, own);
    expect(toStaff.activity[0]).toMatchObject({ type: 'credits.granted', actor: { name: 'Administrator' } });
    expect(all.activity).toContainEqual(
      expect.objectContaining({
        type: 'member.added',
        subject: { type: 'member', id: user.id, name: 'overview-user' },
      }),
    );

    await staff.client.post(`${own.path}/units/${own.defaultUnitId}/members`, { userId: user.id, role: 'user' });
    expect((await overviewOf(boss.client, own)).activity[0]).toMatchObject({
      type: 'unit_member.added',
      subject: { type: 'unit', id: own.defaultUnitId, name: 'overview-user' },
    });
    await staff.client.delete(`${own.path}/units/${own.defaultUnitId}/members/${user.id}`);

    const little = await overviewOf(user.client, own);
    expect(little).toMatchObject({ counts: { members: 2, invitations: null, units: 0 }, activity: null });
    expect(little.credits).toMatchObject({ available: '8' });
    expect(little.credits.usage.filter(({ net }: { net: string }) => net !== '0')).toEqual([]);
    expect(little.setUp).toEqual([{ step: 'credits', done: true }]);

    const key = async (input: object) => {
      const { body } = await staff.client.post(`${own.path}/api-keys`, { name: 'Overview', ...input });
      return app.client().as(body.key);
    };
    expect(await overviewOf(await key({ permissions: ['organization:read'] }), own)).toMatchObject({
      status: 'active',
      counts: { members: null, invitations: null, units: null },
      credits: null,
      setUp: [],
      attention: [],
      activity: null,
    });
    expect((await (await key({})).get(`${own.path}/overview`)).body.code).toBe('auth.forbidden');
    const stranger = await newPerson(app, 'overview-stranger');
    expect((await stranger.client.get(`${own.path}/overview`)).status).toBe(404);
  });

  it('checks off the setup steps as they are done', async () => {
    const boss = await newPerson(app, 'steps-boss');
    const own = await newOrganization(staff, 'Steps', boss);
    const none = { branding: false, members: false, credits: false, domain: false, single_sign_on: false };
    expect(await setUpOf(boss.client, own)).toEqual(none);
    await boss.client.patch(`${own.path}/branding`, { primaryColor: '#123456' });
    await boss.client.post(`${own.path}/invitations`, { email: 'steps@people.example', role: 'user' });
    await grant(own.id, '1');
    await proveDomain(app, own, 'steps.example');
    expect(await setUpOf(boss.client, own)).toEqual({
      branding: true,
      members: true,
      credits: true,
      domain: true,
      single_sign_on: false,
    });
    expect((await overviewOf(boss.client, own)).counts.invitations).toBe(1);
    await boss.client.delete(`${own.path}/branding?fields=primaryColor`);
    expect(await setUpOf(boss.client, own)).toMatchObject({ branding: false });
  });

  it('lists what needs attention', async () => {
    const boss = await newPerson(app, 'attention-boss');
    const own = await newOrganization(staff, 'Attention', boss);
    const codes = async (client = boss.client): Promise<string[]> =>
      (await overviewOf(client, own)).attention.map(({ code }: { code: string }) => code);
    expect(await codes()).toEqual([]);
    await grant(own.id, '1');
    const charge = async (amount: string) =>
      boss.client.post(
        `/organizations/${own.id}/credits/charges`,
        { amount, kind: 'chat' },
        { headers: { 'idempotency-key': newId() } },
      );
    await charge('0.9');
    expect(await codes()).toEqual(['credits_run_out_soon']);
    await charge('0.1');
    expect(await codes()).toEqual(['credits_exhausted']);
    await grant(own.id, '1000');
    expect(await codes()).toEqual([]);
    await app.sql.query(
      `insert into organization_domains (organization_id, id, domain, token, verified_at, missing_since)
       values ($1, $2, 'attention.example', 'token', now(), now())`,
      [own.id, newId()],
    );
    expect(await codes()).toEqual(['domain_proof_missing']);
    await staff.client.post(`${own.path}/suspend`);
    expect(await codes()).toEqual(['suspended', 'domain_proof_missing']);
    await staff.client.delete(`${own.path}?confirmName=Attention`);
    expect(await codes(staff.client)).toEqual(['pending_deletion', 'domain_proof_missing']);
    const { attention } = await overviewOf(staff.client, own);
    expect(attention[0].at).toBe((await staff.client.get(own.path)).body.purgeAt);
    expect((await boss.client.get(`${own.path}/overview`)).status).toBe(404);
  });
});

describe('the overview of an operator', () => {
  it('counts organizations by status, checks off the first steps and shows activity, for staff only', async () => {
    const root = staff.client.at(app.origin);
    await root.post('/api/v1/operators', { slug: 'fresh', name: 'Fresh', adminEmail: 'boss@fresh.example' });
    const client = staff.client.at(app.client('fresh').base);
    const overview = async () => (await client.get('/admin/operator/overview')).body;
    expect(await overview()).toMatchObject({
      organizations: { active: 0, suspended: 0, pendingDeletion: 0 },
      setUp: [
        { step: 'branding', done: false },
        { step: 'organization', done: false },
        { step: 'organization_admin', done: false },
      ],
      activity: [{ type: 'operator_member.added' }, { type: 'user.created' }, { type: 'operator.created' }],
    });
    const first = (await client.post('/admin/organizations', { name: 'First' })).body;
    expect((await overview()).setUp.map(({ done }: { done: boolean }) => done)).toEqual([false, true, false]);
    await client.post('/admin/organizations', { name: 'Second', adminEmail: 'second@fresh.example' });
    await client.post('/admin/organizations', { name: 'Third' });
    await client.patch('/admin/operator/branding', { primaryColor: '#123456' });
    await client.post(`/admin/organizations/${first.id}/suspend`);
    const third = (await client.get('/admin/organizations?slug=third')).body.items[0];
    await client.delete(`/admin/organizations/${third.id}?confirmName=Third`);
    const after = await overview();
    expect(after.organizations).toEqual({ active: 1, suspended: 1, pendingDeletion: 1 });
    expect(after.setUp.map(({ done }: { done: boolean }) => done)).toEqual([true, true, true]);
    expect(after.activity[0]).toMatchObject({ type: 'branding.updated', actor: { name: 'Administrator' } });
    expect(after.activity.filter(({ type }: { type: string }) => type.startsWith('session.'))).toEqual([]);
  });

  it('omits what a manager cannot do or see', async () => {
    const manager = await newPerson(app, 'overview-manager');
    expect((await manager.client.get('/admin/operator/overview')).body.code).toBe('auth.forbidden');
    await staff.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
    const { body } = await manager.client.get('/admin/operator/overview');
    expect(body.activity).toBeNull();
    expect(body.setUp.map(({ step }: { step: string }) => step)).toEqual(['organization', 'organization_admin']);
  });
});
