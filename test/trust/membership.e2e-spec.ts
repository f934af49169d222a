import type { Answer } from '../support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, newOwnOrganization, type Organization, proveDomain } from '../support/tree.js';

/*
 * Membership in an organization: by consent, by an explicit act of staff, or by a domain that the organization verified.
 * A user who left or was removed stays out. Members cannot raise a second account of their own above their role.
 */

let app: TestApp;
let second: TestServer;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail}`);
  return body;
};
const login = (email: string, organizationId?: string, at = app.origin): Promise<Answer> =>
  app
    .client()
    .at(app.client().base.replace(app.origin, at))
    .post('/auth/login', { email, password: PASSWORD, organizationId });
const roleOf = async (organization: Organization, { id }: { id: string }): Promise<string | undefined> =>
  (
    await app.sql.query<{ role: string }>(
      'select role from organization_members where organization_id = $1 and user_id = $2',
      [organization.id, id],
    )
  ).rows[0]?.role;
const account = async (email: string): Promise<Person> => {
  await registerPerson(app, email);
  return signIn(app, email);
};
const tokenOf = async (email: string): Promise<string> =>
  /invitations\/([\w-]+)/.exec((await mailsTo(app, email, 1, /invit/i)).at(-1)?.text ?? '')?.[1] ?? '';
const scimClient = async (organization: Organization): Promise<{ send: (...args: any[]) => Promise<Answer> }> => {
  const { key } = await done(staff.client.post(`${organization.path}/scim-keys`, { name: 'Directory' }));
  const base = `${app.client().base}/organizations/${organization.id}/scim/v2`;
  const client = app.client().at(base).as(key);
  const headers = { 'content-type': 'application/scim+json' };
  return { send: (method, path, body) => client.request(method, path, { body, headers }) };
};

describe('adding a user directly', () => {
  it('is limited to staff and to addresses in verified domains', async () => {
    const mallory = await newPerson(app, 'adding-mallory');
    const lair = await newOwnOrganization(mallory, 'Adding lair');
    const victim = await newPerson(app, 'adding-victim');
    for (const who of [{ userId: victim.id }, { email: victim.email }, { email: 'nobody@people.example' }])
      expect(outcome(await mallory.client.post(`${lair.path}/members`, { ...who, role: 'user' }))).toEqual([
        403,
        'members.invitation_required',
      ]);
    expect(await roleOf(lair, victim)).toBeUndefined();
    const unit = `${lair.path}/units/${lair.defaultUnitId}/members`;
    for (const who of [{ userId: victim.id }, { email: victim.email }])
      expect(outcome(await mallory.client.post(unit, { ...who, role: 'user' }))).toEqual([404, 'users.not_found']);
    expect((await mallory.client.post('/admin/organizations', { name: 'x', adminEmail: victim.email })).status).toBe(
      403,
    );

    const employee = await account('employee@adding.example');
    await proveDomain(app, lair, 'adding.example');
    expect((await mallory.client.post(`${lair.path}/members`, { email: employee.email, role: 'user' })).status).toBe(
      201,
    );
    expect(outcome(await mallory.client.post(`${lair.path}/members`, { userId: employee.id, role: 'user' }))).toEqual([
      409,
      'members.already_member',
    ]);
    expect(
      outcome(await mallory.client.post(`${lair.path}/members`, { email: 'x@adding.example', role: 'user' })),
    ).toEqual([404, 'users.not_found']);
    expect((await staff.client.post(`${lair.path}/members`, { userId: victim.id, role: 'user' })).status).toBe(201);
  });

  it('is refused to a directory, too, outside of verified domains', async () => {
    const lair = await newOrganization(staff, 'Directory lair');
    const victim = await newPerson(app, 'directory-victim');
    const { send } = await scimClient(lair);
    for (const userName of [victim.email, 'not-here-yet@people.example'])
      expect(outcome(await send('POST', '/Users', { userName }))).toEqual([403, 'scim.domain_not_verified']);
    await registerPerson(app, 'not-here-yet@people.example');
    const later = (await login('not-here-yet@people.example')).body;
    expect([later.organization, await roleOf(lair, victim)]).toEqual([undefined, undefined]);
  });
});

describe('a user who left or was removed', () => {
  it('is not re-added by an access rule on any server', async () => {
    const home = await newOrganization(staff, 'Coming back');
    await proveDomain(app, home, 'back.example');
    const boss = await newMember(app, staff, home, 'admin', 'back-boss');
    const thief = await account('thief@back.example');
    await done(staff.client.post(`${home.path}/members`, { userId: thief.id, role: 'admin' }));
    const made = await thief.client.post(`${home.path}/access-rules`, {
      name: 'Mine',
      when: 'user.email == "thief@back.example"',
      then: { role: 'admin' },
    });
    expect(made.status).toBe(201);
    const idle = await account('idle@back.example');
    await done(boss.client.post(`${home.path}/members`, { userId: idle.id, role: 'user' }));
    await done(boss.client.post(`${home.path}/access-rules`, { name: 'All', when: 'true', then: { role: 'user' } }));
    await done(staff.client.patch(`${home.path}/auth-settings`, { jitProvisioning: { email: true } }));

    expect((await boss.client.delete(`${home.path}/members/${thief.id}`)).status).toBe(204);
    expect((await idle.client.delete(`/account/organizations/${home.id}`)).status).toBe(204);
    for (const origin of [app.origin, second.origin])
      for (const who of [thief, idle]) {
        expect((await login(who.email, undefined, origin)).body.organization).toBeUndefined();
        expect(outcome(await login(who.email, home.id, origin))).toEqual([404, 'organizations.not_found']);
        expect(await roleOf(home, who)).toBeUndefined();
      }
    // Nor by verifying the address once more.
    await app.client().post('/auth/magic-link', { email: idle.email });
    const link = /token=([\w-]+)/.exec((await mailsTo(app, idle.email, 1, /sign in/i)).at(-1)?.text ?? '')?.[1];
    const redeemed = await app.client().post('/auth/magic-link/redeem', { token: link });
    expect([redeemed.status, redeemed.body.organization]).toEqual([200, undefined]);
    expect(await roleOf(home, idle)).toBeUndefined();

    // An explicit add lifts the block, and so does an accepted invitation.
    await done(boss.client.post(`${home.path}/members`, { email: idle.email, role: 'user' }));
    expect((await login(idle.email)).body.organization).toMatchObject({ id: home.id });
    await done(boss.client.delete(`${home.path}/access-rules/${made.body.id}`));
    await done(boss.client.post(`${home.path}/invitations`, { email: thief.email, role: 'user' }));
    await done(thief.client.post(`/auth/invitations/${await tokenOf(thief.email)}/accept`, {}));
    expect(await roleOf(home, thief)).toBe('user');
  });

  it('is not re-added by the directory unless it says active', async () => {
    const home = await newOrganization(staff, 'Directory back');
    await proveDomain(app, home, 'directory-back.example');
    await newMember(app, staff, home, 'admin', 'directory-boss');
    await done(
      staff.client.put(`${home.path}/scim-settings`, { groups: [{ value: 'Admins', role: 'admin', roleIds: [] }] }),
    );
    const { send } = await scimClient(home);
    const { id } = await done(send('POST', '/Users', { userName: 'ann@directory-back.example' }));
    const group = await done(send('POST', '/Groups', { displayName: 'Admins', members: [{ value: id }] }));
    expect(await roleOf(home, { id })).toBe('admin');
    expect((await staff.client.delete(`${home.path}/members/${id}`)).status).toBe(204);
    const groups = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] };
    await send('PATCH', `/Groups/${group.id}`, {
      ...groups,
      Operations: [{ op: 'replace', path: 'members', value: [{ value: id }] }],
    });
    await send('PUT', `/Users/${id}`, { userName: 'ann@directory-back.example', displayName: 'Ann' });
    expect(await roleOf(home, { id })).toBeUndefined();
    await send('PATCH', `/Users/${id}`, { ...groups, Operations: [{ op: 'replace', value: { active: true } }] });
    // A removed member's former roles are gone. The roles that the group grants now are granted again.
    expect(await roleOf(home, { id })).toBe('admin');
    expect((await send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await app.sql.query('select reason from former_members where user_id = $1', [id])).rows).toEqual([
      { reason: 'removed' },
    ]);
  });

  it('stays out when the removal races a sign-in', async () => {
    const home = await newOrganization(staff, 'Racing');
    await proveDomain(app, home, 'racing.example');
    await newMember(app, staff, home, 'admin', 'racing-boss');
    await done(staff.client.post(`${home.path}/access-rules`, { name: 'All', when: 'true', then: { role: 'admin' } }));
    const runner = await account('runner@racing.example');
    await login(runner.email, home.id);
    expect(await roleOf(home, runner)).toBe('admin');
    await Promise.all([
      staff.client.delete(`${home.path}/members/${runner.id}`),
      ...[app.origin, second.origin, app.origin, second.origin].map((origin) => login(runner.email, undefined, origin)),
    ]);
    await login(runner.email);
    expect(await roleOf(home, runner)).toBeUndefined();
  });
});

describe('a second account of a user admin', () => {
  let home: Organization;
  let admin: Person;
  let keeper: Person;
  let other: Person;
  let hidden: string;
  beforeAll(async () => {
    home = await newOrganization(staff, 'Second accounts');
    await proveDomain(app, home, 'second.example');
    admin = await newMember(app, staff, home, 'admin', 'second-admin');
    keeper = await newMember(app, staff, home, 'user', 'second-keeper');
    other = await account('other@second.example');
    const permissions = ['auth-settings:edit', 'access-rules:edit', 'domains:edit', 'api-keys:create', 'members:list'];
    const role = await done(admin.client.post(`${home.path}/roles`, { name: 'Tinkerer', permissions }));
    await done(admin.client.patch(`${home.path}/members/${keeper.id}`, { roleIds: ['user_admin', role.id] }));
    hidden = (await done(admin.client.post(`${home.path}/units`, { name: 'Hidden' }))).id;
  });
  const refused = [403, 'members.role_above_own'];

  it("gets no role above the first account's by adding, changing or inviting", async () => {
    for (const role of ['manager', 'admin']) {
      expect(outcome(await keeper.client.post(`${home.path}/members`, { userId: other.id, role }))).toEqual(refused);
      expect(
        outcome(await keeper.client.post(`${home.path}/invitations`, { email: 'o2@second.example', role })),
      ).toEqual(refused);
    }
    const items = [{ email: 'o3@second.example', role: 'manager' }];
    const bulk = await done(keeper.client.post(`${home.path}/invitations/bulk`, { items }));
    expect(bulk.results[0]).toMatchObject({ status: 'refused', code: 'members.role_above_own' });
    await done(keeper.client.post(`${home.path}/members`, { userId: other.id, role: 'user' }));
    expect(outcome(await keeper.client.patch(`${home.path}/members/${other.id}`, { role: 'manager' }))).toEqual(
      refused,
    );
    // A user admin cannot resend an invitation of a caller with more rights.
    const invited = await done(
      admin.client.post(`${home.path}/invitations`, { email: 'o4@x.example', role: 'manager' }),
    );
    expect(outcome(await keeper.client.post(`${home.path}/invitations/${invited.id}/resend`))).toEqual(refused);
    expect((await keeper.client.delete(`${home.path}/invitations/${invited.id}`)).status).toBe(204);
    expect(await roleOf(home, other)).toBe('user');
  });

  it('does not keep a user admin from lowering and removing managers', async () => {
    const manager = await newMember(app, staff, home, 'manager', 'second-manager');
    await done(keeper.client.patch(`${home.path}/members/${manager.id}`, { role: 'user' }));
    await done(admin.client.patch(`${home.path}/members/${manager.id}`, { role: 'manager' }));
    expect((await keeper.client.delete(`${home.path}/members/${manager.id}`)).status).toBe(204);
    expect(outcome(await keeper.client.delete(`${home.path}/members/${admin.id}`))).toEqual(refused);
  });

  it('gets into no unit that the first account cannot see', async () => {
    const unitIds = [hidden];
    const unknown = [422, 'units.not_found'];
    const invitation = { email: 'o5@second.example', role: 'user', unitIds };
    expect(outcome(await keeper.client.post(`${home.path}/invitations`, invitation))).toEqual(unknown);
    const rule = { name: 'x', when: 'true', then: { unitIds } };
    expect(outcome(await keeper.client.post(`${home.path}/access-rules`, rule))).toEqual(unknown);
  });

  it("gets no role above the first account's by rules, settings, domains or keys", async () => {
    const rule = { name: 'x', when: 'true', then: { role: 'manager' } };
    expect(outcome(await keeper.client.post(`${home.path}/access-rules`, rule))).toEqual(refused);
    const settings = `${home.path}/auth-settings`;
    await done(admin.client.patch(settings, { jitProvisioning: { defaultRole: 'manager', email: false } }));
    for (const jitProvisioning of [{ defaultRole: 'manager' }, { email: true }, { sso: true }])
      expect([jitProvisioning, ...outcome(await keeper.client.patch(settings, { jitProvisioning }))]).toEqual([
        jitProvisioning,
        ...refused,
      ]);
    await done(staff.client.patch('/admin/operator/auth-settings', { jitProvisioning: { defaultRole: 'manager' } }));
    await done(admin.client.patch(settings, { jitProvisioning: { defaultRole: 'user' } }));
    expect(outcome(await keeper.client.delete(`${settings}?fields=jitProvisioning.defaultRole`))).toEqual(refused);
    await done(staff.client.delete('/admin/operator/auth-settings?fields=jitProvisioning.defaultRole'));
    expect(outcome(await keeper.client.post(`${home.path}/domains`, { domain: 'keeper.example' }))).toEqual(refused);
    const key = { name: 'x', role: 'manager', unitIds: [home.defaultUnitId] };
    expect((await keeper.client.post(`${home.path}/api-keys`, key)).status).toBeGreaterThanOrEqual(400);
    for (const path of ['sso-connections', 'scim-keys'])
      expect((await keeper.client.post(`${home.path}/${path}`, { name: 'x' })).status).toBeGreaterThanOrEqual(400);
  });
});

describe('the externalId of an organization', () => {
  const refused = [403, 'organizations.external_id_staff_only'];

  it('is chosen by staff, because other services trust the claim', async () => {
    const mallory = await newPerson(app, 'external-mallory');
    const create = (input: object) => mallory.client.post('/admin/organizations', { name: 'External', ...input });
    expect(outcome(await create({ externalId: 'BIG-CUSTOMER' }))).toEqual(refused);
    const { id } = (await create({ externalId: null })).body;
    const path = `/admin/organizations/${id}`;
    expect(outcome(await mallory.client.patch(path, { externalId: 'BIG-CUSTOMER' }))).toEqual(refused);
    expect(outcome(await mallory.client.put(path, { name: 'External', externalId: 'BIG-CUSTOMER' }))).toEqual(refused);
    await done(staff.client.patch(path, { externalId: 'C-77' }));
    expect(outcome(await mallory.client.patch(path, { externalId: null }))).toEqual(refused);
    // A replacement that omits a field the caller cannot change keeps it.
    expect((await done(mallory.client.put(path, { name: 'Renamed' }))).externalId).toBe('C-77');
    expect((await done(mallory.client.put(path, { name: 'Renamed', externalId: 'C-77' }))).externalId).toBe('C-77');
    expect((await done(staff.client.put(path, { name: 'Renamed' }))).externalId).toBeNull();
  });

  it("can be changed by admins of organizations if the operator's setting allows it", async () => {
    const owner = await newPerson(app, 'external-owner');
    const operator = await done(staff.client.get('/admin/operator'));
    expect(operator.organizationsSetExternalId).toBe(false);
    const { name, timeZone } = operator;
    const put = (organizationsSetExternalId: boolean) =>
      done(staff.client.put('/admin/operator', { name, timeZone, organizationsSetExternalId }));
    await put(true);
    const made = await done(owner.client.post('/admin/organizations', { name: 'Handed', externalId: 'H-1' }));
    const path = `/admin/organizations/${made.id}`;
    expect((await done(owner.client.patch(path, { externalId: 'H-2' }))).externalId).toBe('H-2');
    await put(false);
    expect(outcome(await owner.client.patch(path, { externalId: 'H-3' }))).toEqual(refused);
  });
});
