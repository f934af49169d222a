import jwt from 'jsonwebtoken';
import type { Answer } from './support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from './support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let manager: Person;
let organization: Organization;
let other: Organization;

const TEMPLATES = '/admin/role-templates';

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  organization = await newOrganization(staff, 'Roles');
  other = await newOrganization(staff, 'Other roles');
  await proveDomain(app, organization, 'people.example');
  admin = await newMember(app, staff, organization, 'admin', 'roles-admin');
  manager = await newMember(app, staff, organization, 'manager', 'roles-manager');
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${JSON.stringify(body.errors ?? body.permissions ?? '')}`);
  return body;
};
const roles = () => `${organization.path}/roles`;
const members = () => `${organization.path}/members`;
const makeRole = (name: string, permissions: string[], by = admin): Promise<any> =>
  done(by.client.post(roles(), { name, permissions }));
const newUser = (name: string, roleIds: string[] = [], role = 'user'): Promise<Person> =>
  newMember(app, staff, organization, role, name).then(async (person) => {
    if (roleIds.length > 0) await done(staff.client.patch(`${members()}/${person.id}`, { roleIds }));
    return person;
  });
const decodeJwt = (token: string): any => jwt.decode(token);
const claimsOf = async ({ email }: Person) =>
  decodeJwt((await signIn(app, email, PASSWORD, 'demo', organization.id)).accessToken);

describe('the list of roles', () => {
  it('contains the built-in roles with their permissions, each role including the one before', async () => {
    const { items } = await done(admin.client.get(roles()));
    const of = (key: string): string[] => items.find((role: any) => role.key === key).permissions;
    expect(items.slice(0, 5).map(({ id, kind }: any) => [id, kind])).toEqual([
      ['user', 'built_in'],
      ['manager', 'built_in'],
      ['admin', 'built_in'],
      ['billing_admin', 'functional'],
      ['user_admin', 'functional'],
    ]);
    expect(of('manager')).toEqual(expect.arrayContaining(of('user')));
    expect(of('admin')).toEqual(expect.arrayContaining(of('manager')));
    expect(of('admin')).toContain('organization:delete');
    expect(of('manager')).not.toContain('organization:delete');
    expect(of('user_admin')).toContain('invitations:create');
  });

  it('marks the roles that the caller can grant', async () => {
    const given = async (person: Person) =>
      (await done(person.client.get(`${roles()}?limit=5`))).items.map(({ grantable }: any) => grantable).slice(0, 3);
    expect(await given(admin)).toEqual([true, true, true]);
    expect(await given(manager)).toEqual([true, true, false]);
    const userAdmin = await newUser('table-user-admin', ['user_admin']);
    expect(await given(userAdmin)).toEqual([true, false, false]);
    const plain = await newUser('table-user');
    expect(outcome(await plain.client.get(roles()))).toEqual([403, 'auth.forbidden']);
  });

  it('has pages, and returns one role by its id or key', async () => {
    const one = await makeRole('Paged one', []);
    const keys: string[] = [];
    for (let cursor = ''; ;) {
      const page = await done(
        admin.client.get(`${roles()}?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`),
      );
      keys.push(...page.items.map(({ key }: any) => key));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    expect(keys.slice(0, 5)).toEqual(['user', 'manager', 'admin', 'billing_admin', 'user_admin']);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toContain(one.key);
    expect(await done(admin.client.get(`${roles()}/${one.id}`))).toEqual(
      await done(admin.client.get(`${roles()}/${one.key}`)),
    );
    expect((await done(admin.client.get(`${roles()}/admin`))).kind).toBe('built_in');
    expect(outcome(await admin.client.get(`${roles()}/none`))).toEqual([404, 'roles.not_found']);
    expect(outcome(await staff.client.get(`${other.path}/roles/${one.id}`))).toEqual([404, 'roles.not_found']);
  });
});

describe('a custom role', () => {
  it('has a unique key derived from its name, or the given one', async () => {
    const first = await makeRole('Ünït Späher', ['units:listAll']);
    expect(first).toMatchObject({ key: 'org-unit-spaher', kind: 'custom', version: 1, permissions: ['units:listAll'] });
    expect((await makeRole('Unit Spaher', [])).key).toMatch(/^org-unit-spaher-[0-9a-f]{8}$/);
    expect(outcome(await admin.client.post(roles(), { name: 'x', key: first.key, permissions: [] }))).toEqual([
      409,
      'roles.key_taken',
    ]);
    for (const key of ['recruiter', 'org-', 'org-A', 'org-a-', 'admin', 'op-x'])
      expect([key, (await admin.client.post(roles(), { name: 'x', key, permissions: [] })).status]).toEqual([key, 400]);
  });

  it('has a unique name, ignoring case', async () => {
    const role = await makeRole('Night Shift', []);
    const second = await makeRole('Day Shift', []);
    const names = [
      'night shift',
      'NIGHT SHIFT',
      'Admin',
      'manager',
      'User',
      'billing_admin',
      'Billing Admin',
      'user admin',
    ];
    for (const name of names) {
      const created = await admin.client.post(roles(), { name, permissions: [] });
      const renamed = await admin.client.patch(`${roles()}/${second.id}`, { name });
      expect([name, ...outcome(created)]).toEqual([name, 409, 'roles.name_taken']);
      expect([name, ...outcome(renamed)]).toEqual([name, 409, 'roles.name_taken']);
    }
    expect((await done(admin.client.patch(`${roles()}/${role.id}`, { name: 'Night shift' }))).name).toBe('Night shift');
    expect((await staff.client.post(`${other.path}/roles`, { name: 'Night Shift', permissions: [] })).status).toBe(201);
  });

  it('accepts only permissions of the organization and its units', async () => {
    for (const permission of ['operator:edit', 'operators:create', 'nothing:at-all', '', 'users:list'])
      expect(outcome(await admin.client.post(roles(), { name: 'x', permissions: [permission] }))).toEqual([
        400,
        'validation_failed',
      ]);
  });

  it('takes effect with the commit, for exactly its permissions', async () => {
    const role = await makeRole('Auditor', ['events:read']);
    const person = await newUser('auditor', [role.key]);
    expect((await person.client.get(`${organization.path}/events`)).status).toBe(200);
    expect(outcome(await person.client.get(`${organization.path}/variables`))).toEqual([403, 'auth.forbidden']);
    expect(outcome(await person.client.get(`${other.path}/events`))).toEqual([404, 'organizations.not_found']);
    expect(await claimsOf(person)).toMatchObject({ org_role: 'user', org_roles: [role.key] });
    expect((await claimsOf(person)).org_permissions).toContain('events:read');

    await done(admin.client.patch(`${roles()}/${role.id}`, { permissions: ['variables:read'] }));
    expect(outcome(await person.client.get(`${organization.path}/events`))).toEqual([403, 'auth.forbidden']);
    expect((await person.client.get(`${organization.path}/variables`)).status).toBe(200);

    await done(admin.client.patch(`${members()}/${person.id}`, { roleIds: [] }));
    expect(outcome(await person.client.get(`${organization.path}/variables`))).toEqual([403, 'auth.forbidden']);
  });

  it("is shown in the list of members, in the caller's organizations and in a token that lists them", async () => {
    const role = await makeRole('Seen', ['events:read']);
    const person = await newUser('seen', [role.id, 'billing_admin']);
    const { items } = await done(admin.client.get(`${members()}?q=seen@`));
    expect(items[0].roles).toEqual([
      { id: 'billing_admin', key: 'billing_admin', name: 'Billing admin' },
      { id: role.id, key: role.key, name: 'Seen' },
    ]);
    const mine = await done(person.client.get('/account/organizations'));
    expect(mine.items[0].roles).toEqual(['billing_admin', role.key]);
    const refreshed = await done(
      app.client().post('/auth/token', {
        refreshToken: (await signIn(app, person.email)).refreshToken,
        scope: 'organizations',
      }),
    );
    expect(decodeJwt(refreshed.accessToken).organizations).toEqual([
      expect.objectContaining({ role: 'user', roles: ['billing_admin', role.key] }),
    ]);
    expect(refreshed.organization).toMatchObject({ role: 'user', roles: ['billing_admin', role.key] });
  });

  it('applies in units, as far as the user can see them', async () => {
    const role = await makeRole('Unit editor', ['unit:edit']);
    const person = await newUser('unit-editor', [role.id]);
    const unit = `${organization.path}/units/${organization.defaultUnitId}`;
    expect(outcome(await person.client.patch(unit, { description: 'x' }))).toEqual([404, 'units.not_found']);
    await done(admin.client.post(`${unit}/members`, { userId: person.id, role: 'user' }));
    expect((await person.client.patch(unit, { description: 'x' })).status).toBe(200);
    expect(outcome(await person.client.patch(`${unit}/branding`, { displayName: 'x' }))).toEqual([
      403,
      'auth.forbidden',
    ]);
  });

  it('can be saved only with a current If-Match', async () => {
    const role = await makeRole('Versioned', []);
    const read = await admin.client.get(`${roles()}/${role.id}`);
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    expect((await admin.client.patch(`${roles()}/${role.id}`, { name: 'One' }, { headers })).status).toBe(200);
    expect(outcome(await admin.client.patch(`${roles()}/${role.id}`, { name: 'Two' }, { headers }))).toEqual([
      412,
      'precondition_failed',
    ]);
  });
});

describe('roles beyond those of the caller cannot be granted', () => {
  let strong: any;
  beforeAll(async () => {
    strong = await makeRole('Strong', ['organization:delete', 'events:read']);
  });

  const refused: [number, string] = [403, 'roles.permission_not_held'];

  it('by adding, changing, inviting, or inviting in a batch', async () => {
    const person = await newPerson(app, 'climber');
    const email = 'climber-two@people.example';
    const given = { role: 'user', roleIds: [strong.id] };
    const { client } = manager;
    expect(outcome(await client.post(members(), { userId: person.id, ...given }))).toEqual(refused);
    await done(client.post(members(), { userId: person.id, role: 'user' }));
    expect(outcome(await client.patch(`${members()}/${person.id}`, { roleIds: [strong.key] }))).toEqual(refused);
    expect(outcome(await client.patch(`${members()}/${manager.id}`, { roleIds: [strong.id] }))).toEqual(refused);
    expect(outcome(await client.post(`${organization.path}/invitations`, { email, ...given }))).toEqual(refused);
    const bulk = await done(client.post(`${organization.path}/invitations/bulk`, { items: [{ email, ...given }] }));
    expect(bulk.results).toEqual([expect.objectContaining({ status: 'refused', code: 'roles.permission_not_held' })]);
  });

  it('or revoked: members with more permissions can be neither changed nor removed', async () => {
    const person = await newUser('stronger', [strong.id]);
    expect(outcome(await manager.client.patch(`${members()}/${person.id}`, { roleIds: [] }))).toEqual(refused);
    expect(outcome(await manager.client.patch(`${members()}/${person.id}`, { role: 'manager' }))).toEqual(refused);
    expect(outcome(await manager.client.delete(`${members()}/${person.id}`))).toEqual(refused);
  });

  it('by creating or changing a role, including one that the caller holds', async () => {
    const editor = await makeRole('Role editor', ['roles:edit', 'roles:list', 'events:read']);
    const person = await newUser('role-editor', [editor.id]);
    expect((await person.client.post(roles(), { name: 'Mine', permissions: ['events:read'] })).status).toBe(201);
    expect(outcome(await person.client.post(roles(), { name: 'More', permissions: ['organization:delete'] }))).toEqual(
      refused,
    );
    const more = { permissions: ['roles:edit', 'roles:list', 'members:edit'] };
    expect(outcome(await person.client.patch(`${roles()}/${editor.id}`, more))).toEqual(refused);
    expect(outcome(await person.client.patch(`${roles()}/${strong.id}`, { permissions: [] }))).toEqual(refused);
    expect(outcome(await person.client.delete(`${roles()}/${strong.id}`))).toEqual(refused);
  });

  it('by an invitation whose role has gained permissions, or whose sender has lost them', async () => {
    const inviting = await makeRole('Inviting', ['invitations:create', 'invitations:list', 'events:read']);
    const granted = await makeRole('Granted', ['events:read']);
    const sender = await newUser('sender', [inviting.id]);
    const invite = async (email: string) => {
      await done(
        sender.client.post(`${organization.path}/invitations`, { email, role: 'user', roleIds: [granted.id] }),
      );
      const text = (await mailsTo(app, email)).at(-1)?.text ?? '';
      return /invitations\/([\w-]+)/.exec(text)?.[1] ?? '';
    };
    const accept = (token: string) =>
      app.client().post(`/auth/invitations/${token}/accept`, { name: 'New', password: PASSWORD });

    const first = await invite('grown@people.example');
    await done(admin.client.patch(`${roles()}/${granted.id}`, { permissions: ['events:read', 'organization:edit'] }));
    expect(outcome(await accept(first))).toEqual([409, 'invitations.inviter_lost_right']);
    await done(admin.client.patch(`${roles()}/${granted.id}`, { permissions: ['events:read'] }));
    expect((await accept(first)).body.organization).toMatchObject({ role: 'user', roles: ['org-granted'] });

    const second = await invite('shrunk@people.example');
    await done(admin.client.patch(`${members()}/${sender.id}`, { roleIds: [granted.id] }));
    expect(outcome(await accept(second))).toEqual([409, 'invitations.revoked']);
  });

  it('by naming a role of another organization, an unknown one, or a cumulative one', async () => {
    const foreign = await done(staff.client.post(`${other.path}/roles`, { name: 'Foreign', permissions: [] }));
    const person = await newPerson(app, 'named');
    for (const roleId of [foreign.id, foreign.key, 'org-nothing', '01890000-0000-7000-8000-000000000000']) {
      const given = { role: 'user', roleIds: [roleId] };
      expect(outcome(await admin.client.post(members(), { userId: person.id, ...given }))).toEqual([
        422,
        'roles.not_found',
      ]);
      expect(
        outcome(await admin.client.post(`${organization.path}/invitations`, { email: 'x@people.example', ...given })),
      ).toEqual([422, 'roles.not_found']);
    }
    expect(
      outcome(await admin.client.post(members(), { userId: person.id, role: 'user', roleIds: ['admin'] })),
    ).toEqual([422, 'roles.not_assignable']);
    expect((await admin.client.post(members(), { userId: person.id, role: 'user', roleIds: ['a b'] })).status).toBe(
      400,
    );
  });
});

describe('a user admin', () => {
  it('can manage members up to manager, and cannot raise a member above their own role', async () => {
    const userAdmin = await newUser('user-admin', ['user_admin']);
    const person = await newPerson(app, 'raised');
    const { client } = userAdmin;
    // No role above the user admin's: the member may be their second account.
    expect(outcome(await client.post(members(), { userId: person.id, role: 'manager' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    await done(client.post(members(), { userId: person.id, role: 'user' }));
    await done(admin.client.patch(`${members()}/${person.id}`, { role: 'manager' }));
    expect(outcome(await client.patch(`${members()}/${person.id}`, { role: 'admin' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await client.patch(`${members()}/${userAdmin.id}`, { role: 'manager' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await client.delete(`${members()}/${admin.id}`))).toEqual([403, 'members.role_above_own']);
    await done(client.delete(`${members()}/${person.id}`));
    const email = 'invited-by-user-admin@people.example';
    const invitation = await done(
      client.post(`${organization.path}/invitations`, { email, role: 'user', roleIds: ['user_admin'] }),
    );
    expect(invitation).toMatchObject({ role: 'user', roleIds: ['user_admin'], roles: ['user_admin'] });
    expect(
      outcome(await client.post(`${organization.path}/invitations`, { email: 'a@people.example', role: 'admin' })),
    ).toEqual([403, 'members.role_above_own']);

    await done(admin.client.patch(`${members()}/${userAdmin.id}`, { roleIds: [] }));
    expect((await done(admin.client.get(`${organization.path}/invitations/${invitation.id}`))).status).toBe('revoked');
  });
});

describe('deleting a role', () => {
  it('requires a replacement if members hold it', async () => {
    const role = await makeRole('Leaving', ['events:read']);
    const next = await makeRole('Staying', ['events:read', 'variables:read']);
    const person = await newUser('replaced', [role.id, 'billing_admin']);
    const invitation = await done(
      admin.client.post(`${organization.path}/invitations`, {
        email: 'replaced-two@people.example',
        role: 'user',
        roleIds: [role.id],
      }),
    );
    const refused = await admin.client.delete(`${roles()}/${role.id}`);
    expect([...outcome(refused), refused.body.members, refused.body.invitations]).toEqual([409, 'roles.in_use', 1, 1]);
    expect(outcome(await admin.client.delete(`${roles()}/${role.id}?replacementRoleId=${role.id}`))).toEqual([
      409,
      'roles.in_use',
    ]);
    expect(outcome(await admin.client.delete(`${roles()}/${role.id}?replacementRoleId=org-none`))).toEqual([
      422,
      'roles.not_found',
    ]);
    expect((await admin.client.delete(`${roles()}/${role.id}?replacementRoleId=${next.key}`)).status).toBe(204);
    expect(outcome(await admin.client.get(`${roles()}/${role.id}`))).toEqual([404, 'roles.not_found']);
    expect((await claimsOf(person)).org_roles).toEqual(['billing_admin', next.key]);
    const after = await done(admin.client.get(`${organization.path}/invitations/${invitation.id}`));
    expect(after.roleIds).toEqual([next.id]);
  });

  it('is refused for built-in roles', async () => {
    for (const id of ['user', 'admin', 'billing_admin'])
      for (const answer of [
        await admin.client.delete(`${roles()}/${id}`),
        await admin.client.patch(`${roles()}/${id}`, { name: 'Mine' }),
      ])
        expect(outcome(answer)).toEqual([409, 'roles.read_only']);
  });

  it('while it is being assigned leaves no member with a deleted role', async () => {
    for (let round = 0; round < 5; round++) {
      const role = await makeRole(`Race ${round}`, []);
      const person = await newUser(`race-${round}`);
      const [given, deleted] = await Promise.all([
        admin.client.patch(`${members()}/${person.id}`, { roleIds: [role.id] }),
        staff.client.delete(`${roles()}/${role.id}`),
      ]);
      expect([
        [200, 409],
        [422, 204],
      ]).toContainEqual([given.status, deleted.status]);
    }
  });
});

describe('a role template of the operator', () => {
  it('is a role of every organization, follows the template and is read-only there', async () => {
    const template = await done(staff.client.post(TEMPLATES, { name: 'Auditor', permissions: ['events:read'] }));
    expect(template.key).toBe('op-auditor');
    const person = await newUser('by-template', [template.id]);
    expect((await person.client.get(`${organization.path}/events`)).status).toBe(200);
    expect((await claimsOf(person)).org_roles).toEqual(['op-auditor']);
    expect(await done(staff.client.get(`${other.path}/roles/${template.id}`))).toMatchObject({ kind: 'template' });

    await done(staff.client.patch(`${TEMPLATES}/${template.id}`, { permissions: ['variables:read'], name: 'Reader' }));
    expect(outcome(await person.client.get(`${organization.path}/events`))).toEqual([403, 'auth.forbidden']);
    expect((await person.client.get(`${organization.path}/variables`)).status).toBe(200);
    expect((await done(admin.client.get(`${roles()}/${template.id}`))).name).toBe('Reader');
    for (const answer of [
      await admin.client.patch(`${roles()}/${template.id}`, { name: 'Mine' }),
      await admin.client.delete(`${roles()}/${template.id}`),
    ])
      expect(outcome(answer)).toEqual([409, 'roles.read_only']);

    const refused = await staff.client.delete(`${TEMPLATES}/${template.id}`);
    expect([...outcome(refused), refused.body.members]).toEqual([409, 'role_templates.in_use', 1]);
    const next = await done(staff.client.post(TEMPLATES, { name: 'Next', permissions: [] }));
    const gone = await staff.client.delete(`${TEMPLATES}/${template.id}?replacementTemplateId=${next.id}`);
    expect(gone.status).toBe(204);
    expect((await claimsOf(person)).org_roles).toEqual(['op-next']);
  });

  it('can be granted only by callers with all its permissions, and created only by the operator', async () => {
    const template = await done(staff.client.post(TEMPLATES, { name: 'Heavy', permissions: ['organization:delete'] }));
    const person = await newPerson(app, 'heavy');
    const given = { userId: person.id, role: 'user', roleIds: [template.key] };
    expect(outcome(await manager.client.post(members(), given))).toEqual([403, 'roles.permission_not_held']);
    expect((await admin.client.post(members(), given)).status).toBe(201);
    expect(outcome(await admin.client.post(TEMPLATES, { name: 'x', permissions: [] }))).toEqual([
      403,
      'auth.forbidden',
    ]);
    expect(outcome(await admin.client.get(TEMPLATES))).toEqual([403, 'auth.forbidden']);
    expect((await done(staff.client.get(`${TEMPLATES}?q=heavy`))).items).toEqual([
      expect.objectContaining({ key: 'op-heavy' }),
    ]);
  });
});
