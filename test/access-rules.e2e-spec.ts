import type { Answer } from './support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, registerPerson, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from './support/tree.js';

let app: TestApp;
let staff: Person;

const OPERATOR_RULES = '/admin/operator/access-rules';

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail}`);
  return body;
};
const rule = (organization: Organization, when: string, then: object = {}, by = staff): Promise<any> =>
  done(by.client.post(`${organization.path}/access-rules`, { name: when.slice(0, 90), when, then }));
const memberOf = async (organization: Organization, email: string): Promise<any> =>
  (await done(staff.client.get(`${organization.path}/members?q=${encodeURIComponent(email)}`))).items[0];
const login = (email: string, organizationId?: string) =>
  app.client().post('/auth/login', { email, password: PASSWORD, organizationId });

describe('an access rule', () => {
  it('admits users with a matching address at sign-in, with role, roles and units', async () => {
    const organization = await newOrganization(staff, 'By domain');
    const custom = await done(staff.client.post(`${organization.path}/roles`, { name: 'Ruled', permissions: [] }));
    await proveDomain(app, organization, 'corp.example');
    const made = await rule(organization, 'user.emailDomain == "corp.example"', {
      role: 'manager',
      roleIds: [custom.key, 'billing_admin'],
      unitIds: [organization.defaultUnitId],
    });
    expect(made).toMatchObject({ emailDomains: ['corp.example'], enabled: true, version: 1 });
    expect(new Set(made.then.roleIds)).toEqual(new Set([custom.id, 'billing_admin']));

    await registerPerson(app, 'ada@corp.example');
    await registerPerson(app, 'eve@corp.example.evil.example');
    const { organization: entered } = await done(login('ada@corp.example'));
    expect(entered).toMatchObject({ id: organization.id, role: 'manager', roles: ['billing_admin', custom.key] });
    const units = await done(
      staff.client.get(`${organization.path}/units/${organization.defaultUnitId}/members?q=ada@corp`),
    );
    expect(units.items).toHaveLength(1);
    expect((await done(login('eve@corp.example.evil.example'))).organization).toBeUndefined();
    const events = await done(staff.client.get(`${organization.path}/events?type=member.added`));
    expect(events.items[0].after.accessRuleIds).toEqual([made.id]);
  });

  it("adds to a member's roles and never removes any, and stops when disabled or deleted", async () => {
    const organization = await newOrganization(staff, 'Adding');
    const person = await newMember(app, staff, organization, 'user', 'ruled-adding');
    const made = await rule(organization, 'user.email == "ruled-adding@people.example"', { role: 'manager' });
    await done(login(person.email));
    expect((await memberOf(organization, person.email)).role).toBe('manager');
    await done(staff.client.patch(`${organization.path}/members/${person.id}`, { role: 'admin' }));
    await done(login(person.email));
    expect((await memberOf(organization, person.email)).role).toBe('admin');

    await done(staff.client.patch(`${organization.path}/access-rules/${made.id}`, { enabled: false }));
    await done(
      staff.client.patch(`${organization.path}/members/${person.id}`, { role: 'user', newAdminUserId: staff.id }),
    );
    await done(login(person.email));
    expect((await memberOf(organization, person.email)).role).toBe('user');
    expect((await staff.client.delete(`${organization.path}/access-rules/${made.id}`)).status).toBe(204);
    expect(outcome(await staff.client.get(`${organization.path}/access-rules/${made.id}`))).toEqual([
      404,
      'access_rules.not_found',
    ]);
  });

  it('applies at once to new members, invited or added', async () => {
    const organization = await newOrganization(staff, 'Becoming');
    await rule(organization, 'user.email.startsWith("ruled-added@") || user.name == "Invited"', {
      roleIds: ['user_admin'],
    });
    const added = await newPerson(app, 'ruled-added');
    const view = await done(staff.client.post(`${organization.path}/members`, { userId: added.id, role: 'user' }));
    expect(view.roles.map(({ key }: any) => key)).toEqual(['user_admin']);

    const email = 'ruled-invited@people.example';
    await done(staff.client.post(`${organization.path}/invitations`, { email, role: 'user' }));
    const token = /invitations\/([\w-]+)/.exec((await mailsTo(app, email)).at(-1)?.text ?? '')?.[1];
    const accepted = await done(
      app.client().post(`/auth/invitations/${token}/accept`, { name: 'Invited', password: PASSWORD }),
    );
    expect(accepted.organization.roles).toEqual(['user_admin']);
  });

  it('with any condition is checked for users who name the organization, and admits no others', async () => {
    const organization = await newOrganization(staff, 'Named');
    await newPerson(app, 'ruled-naming');
    const email = 'ruled-naming@people.example';
    expect(outcome(await login(email, organization.id))).toEqual([404, 'organizations.not_found']);
    const made = await done(
      staff.client.post(OPERATOR_RULES, {
        name: 'Named',
        when: 'user.name.startsWith("ruled-nam") && ORG_NAME in ["Named", "Switched to"]',
        then: {},
      }),
    );
    expect((await done(login(email))).organization).toBeUndefined();
    expect((await done(login(email, organization.id))).organization).toMatchObject({ role: 'user' });

    const other = await newOrganization(staff, 'Switched to');
    const { refreshToken } = await done(login(email, organization.id));
    const switched = await done(app.client().post('/auth/token', { refreshToken, organizationId: other.id }));
    expect(switched.organization.id).toBe(other.id);
    await done(staff.client.delete(`${OPERATOR_RULES}/${made.id}`));
  });

  it('of the operator applies in each organization that is entered', async () => {
    const [first, second] = [
      await newOrganization(staff, 'Operated one'),
      await newOrganization(staff, 'Operated two'),
    ];
    const template = await done(
      staff.client.post('/admin/role-templates', { name: 'Support', permissions: ['events:read'] }),
    );
    const made = await done(
      staff.client.post(OPERATOR_RULES, {
        name: 'Support',
        when: 'user.emailDomain == "support.example" && ORG_SLUG != "operated-two"',
        then: { role: 'manager', roleIds: [template.key] },
      }),
    );
    const custom = await done(staff.client.post(`${first.path}/roles`, { name: 'Own', permissions: [] }));
    expect(
      outcome(await staff.client.post(OPERATOR_RULES, { name: 'x', when: 'true', then: { roleIds: [custom.id] } })),
    ).toEqual([422, 'roles.not_found']);
    await registerPerson(app, 'helper@support.example');
    expect((await done(login('helper@support.example', first.id))).organization).toMatchObject({
      role: 'manager',
      roles: [template.key],
    });
    expect(outcome(await login('helper@support.example', second.id))).toEqual([404, 'organizations.not_found']);
    expect((await staff.client.delete(`${OPERATOR_RULES}/${made.id}`)).status).toBe(204);
  });

  it('is not evaluated where the organization is suspended or deleted, or has no seat left', async () => {
    const organization = await newOrganization(staff, 'Shut');
    await proveDomain(app, organization, 'shut.example');
    await rule(organization, 'user.emailDomain == "shut.example"');
    await registerPerson(app, 'one@shut.example');
    await done(staff.client.post(`${organization.path}/suspend`));
    expect((await done(login('one@shut.example'))).organization).toBeUndefined();
    await done(staff.client.post(`${organization.path}/resume`));
    await app.sql.query('update organizations set seat_limit = 0 where id = $1', [organization.id]);
    expect((await done(login('one@shut.example'))).organization).toBeUndefined();
    await app.sql.query('update organizations set seat_limit = 1 where id = $1', [organization.id]);
    expect((await done(login('one@shut.example'))).organization).toMatchObject({ id: organization.id });
  });

  it('admits a user once, even with concurrent sign-ins', async () => {
    const organization = await newOrganization(staff, 'Once');
    await proveDomain(app, organization, 'once.example');
    await rule(organization, 'user.emailDomain == "once.example"', { unitIds: [organization.defaultUnitId] });
    await registerPerson(app, 'once@once.example');
    const replica = await app.replica();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? app.client() : app.client().at(app.client().base.replace(app.origin, replica.origin))).post(
          '/auth/login',
          { email: 'once@once.example', password: PASSWORD },
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const { items } = await done(staff.client.get(`${organization.path}/events?type=member.added`));
    expect(items).toHaveLength(1);
  });
});

describe('writing a rule', () => {
  let organization: Organization;
  let admin: Person;
  beforeAll(async () => {
    organization = await newOrganization(staff, 'Writing');
    admin = await newMember(app, staff, organization, 'admin', 'rule-writer');
  });
  const create = (input: object, by = admin) => by.client.post(`${organization.path}/access-rules`, input);

  it('accepts a valid condition, and reports where an invalid one fails', async () => {
    for (const when of [
      'user.emailDomain ==',
      'nobody.email == "x"',
      '[1].all(a, [1].all(b, true))',
      'user.password == ""',
    ])
      expect([when, ...outcome(await create({ name: 'x', when, then: {} }))]).toEqual([
        when,
        422,
        'access_rules.invalid_condition',
      ]);
    expect((await create({ name: 'x', when: '1 +', then: {} })).body.detail).toContain('at 1:3');
    expect((await create({ name: 'x', when: 'x'.repeat(1001), then: {} })).status).toBe(400);
    expect((await create({ name: 'x', then: {} })).status).toBe(400);
    expect((await create({ name: 'x', when: 'true', then: { role: 'owner' } })).status).toBe(400);
    expect((await create({ name: 'x', when: 'true', then: { unknown: 1 } })).status).toBe(400);
  });

  it('cannot grant more than its author has, or roles and units of another organization', async () => {
    const role = await done(
      admin.client.post(`${organization.path}/roles`, {
        name: 'Rule editor',
        permissions: ['access-rules:edit', 'access-rules:read'],
      }),
    );
    const editor = await newMember(app, staff, organization, 'user', 'rule-editor');
    await done(admin.client.patch(`${organization.path}/members/${editor.id}`, { roleIds: [role.id] }));
    expect(outcome(await create({ name: 'x', when: 'true', then: { role: 'admin' } }, editor))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await create({ name: 'x', when: 'true', then: { roleIds: ['user_admin'] } }, editor))).toEqual([
      403,
      'roles.permission_not_held',
    ]);
    const strong = await rule(organization, 'false', { role: 'admin' }, admin);
    const path = `${organization.path}/access-rules/${strong.id}`;
    expect(outcome(await editor.client.patch(path, { when: 'true' }))).toEqual([403, 'members.role_above_own']);
    expect(outcome(await editor.client.delete(path))).toEqual([403, 'members.role_above_own']);
    expect((await create({ name: 'x', when: 'false', then: { roleIds: [role.id] } }, editor)).status).toBe(201);

    const other = await newOrganization(staff, 'Writing elsewhere');
    const foreign = await done(staff.client.post(`${other.path}/roles`, { name: 'x', permissions: [] }));
    expect(outcome(await create({ name: 'x', when: 'true', then: { roleIds: [foreign.id] } }))).toEqual([
      422,
      'roles.not_found',
    ]);
    expect(outcome(await create({ name: 'x', when: 'true', then: { unitIds: [other.defaultUnitId] } }))).toEqual([
      422,
      'units.not_found',
    ]);
    expect(outcome(await admin.client.delete(`${organization.path}/roles/${role.id}`))).toEqual([409, 'roles.in_use']);
    expect(outcome(await staff.client.get(`${other.path}/access-rules/${strong.id}`))).toEqual([
      404,
      'access_rules.not_found',
    ]);
  });

  it('previews a condition for members, for staff also for users of verified domains, and for an example user', async () => {
    const input = { when: 'user.emailDomain == "people.example" || claims.org == "C-1"' };
    const path = `${organization.path}/access-rules/dry-run`;
    const tried = await done(admin.client.post(path, input));
    expect(tried.matches.map(({ email }: any) => email).sort()).toEqual([
      'rule-editor@people.example',
      'rule-writer@people.example',
    ]);
    expect(tried).toMatchObject({ matched: 2, evaluated: 2, truncated: false });
    expect(tried.matches.find(({ userId }: any) => userId === admin.id)).toMatchObject({ role: 'admin' });
    await proveDomain(app, organization, 'people.example');
    expect((await done(admin.client.post(path, input))).evaluated).toBe(tried.evaluated);
    const reached = await done(staff.client.post(path, input));
    expect(reached.evaluated).toBeGreaterThan(tried.evaluated);
    expect((await done(staff.client.post(`${OPERATOR_RULES}/dry-run`, input))).evaluated).toBeGreaterThan(
      reached.evaluated,
    );

    const person = { email: 'x@elsewhere.example' };
    expect((await done(admin.client.post(path, { ...input, person }))).person).toEqual({
      holds: false,
      error: expect.any(String),
    });
    expect((await done(admin.client.post(path, { ...input, person, claims: { org: 'C-1' } }))).person).toEqual({
      holds: true,
    });
    expect(outcome(await admin.client.post(path, { when: '(' }))).toEqual([422, 'access_rules.invalid_condition']);
    expect((await admin.client.post(path, { ...input, claims: 'none' })).status).toBe(400);
    const before = await done(admin.client.get(`${organization.path}/members?count=true`));
    expect(before.total).toBe(2);
  });
});

describe('seats', () => {
  it('are taken by members and open invitations, in every way of joining', async () => {
    const organization = await newOrganization(staff, 'Seats');
    const person = await newPerson(app, 'seat-taker');
    await newMember(app, staff, organization, 'admin', 'seat-admin');
    await app.sql.query('update organizations set seat_limit = 2 where id = $1', [organization.id]);
    const invite = (email: string) => staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => invite(`seat-${name}@people.example`)));
    expect(answers.map(outcome).toSorted(([a], [b]) => a - b)).toEqual([
      [201, undefined],
      [409, 'organizations.no_seat_left'],
      [409, 'organizations.no_seat_left'],
    ]);
    expect(
      outcome(await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' })),
    ).toEqual([409, 'organizations.no_seat_left']);
    const open = answers.find(({ status }) => status === 201)?.body;
    expect((await staff.client.delete(`${organization.path}/invitations/${open.id}`)).status).toBe(204);
    expect((await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' })).status).toBe(
      201,
    );
    const { results } = await done(
      staff.client.post(`${organization.path}/invitations/bulk`, {
        items: [{ email: 'd@people.example', role: 'user' }],
      }),
    );
    expect(results[0]).toMatchObject({ status: 'refused', code: 'organizations.no_seat_left' });
    expect((await done(staff.client.get(`${organization.path}/invitations?status=pending`))).items).toEqual([]);
  });
});
