import type { Answer } from '../support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from '../support/people.js';
import { ADMIN, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, newOwnOrganization, type Organization, proveDomain } from '../support/tree.js';

/*
 * An organization is a stranger: its rules reach members, people with an address in a domain it proved, and people who
 * come through its own connection.
 */

let app: TestApp;
let second: TestServer;
let staff: Person;
let mallory: Person;
let lair: Organization;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
  mallory = await newPerson(app, 'mallory');
  lair = await newOwnOrganization(mallory, 'Lair');
  mallory = await signIn(app, mallory.email, PASSWORD, 'demo', lair.id);
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const rule = (when: string, then: object = {}, organization = lair, by = mallory): Promise<Answer> =>
  by.client.post(`${organization.path}/access-rules`, { name: when.slice(0, 90), when, then });
/** A sign-in at each server in turn, and a switch. */
let turn = 0;
const login = (email: string, organizationId?: string, password = PASSWORD): Promise<Answer> => {
  const client = app.client();
  const base = turn++ % 2 ? client.base : client.base.replace(app.origin, second.origin);
  return client.at(base).post('/auth/login', { email, password, organizationId });
};
async function membersOf(organization: Organization): Promise<string[]> {
  const { rows } = await app.sql.query<{ email: string }>(
    `select email from organization_members m join users u on u.id = m.user_id where organization_id = $1 order by 1`,
    [organization.id],
  );
  return rows.map(({ email }) => email);
}
/** A rule as a version that did not ask for a proof left it. */
async function oldRule(organization: Organization, when: string, role = 'user'): Promise<void> {
  const made = await rule('user.name == "nothing"', { role }, organization, staff);
  await app.sql.query('update organization_access_rules set condition = $2 where id = $1', [made.body.id, when]);
}

describe('a rule of an organization', () => {
  it('cannot name a domain or an address that the organization did not prove', async () => {
    for (const when of [
      'user.emailDomain in ["gmail.example", "demo.example"]',
      'user.emailDomain == "demo.example"',
      '"demo.example" == user.emailDomain',
      'user.email == "admin@demo.example"',
      'user.email in ["admin@demo.example"]',
      'user.email.endsWith("@demo.example")',
      'user.emailDomain.endsWith("demo.example")',
      'user.email.contains("@demo.example")',
      'claims.a == 1 && (true || user.emailDomain == "demo.example")',
      '!(user.emailDomain != "demo.example")',
      'user["email"] == "admin@demo.example"',
    ]) {
      const answer = await rule(when);
      expect([when, ...outcome(answer)]).toEqual([when, 422, 'access_rules.domain_not_proved']);
    }
    const made = await rule('user.name == "x"');
    const path = `${lair.path}/access-rules/${made.body.id}`;
    expect(outcome(await mallory.client.patch(path, { when: 'user.emailDomain == "demo.example"' }))).toEqual([
      422,
      'access_rules.domain_not_proved',
    ]);
    expect((await mallory.client.patch(path, { name: 'Renamed' })).status).toBe(200);
    expect((await mallory.client.delete(path)).status).toBe(204);
    expect(outcome(await rule(`user.email == "${mallory.email}"`))).toEqual([201, undefined]);
  });

  it('reaches no stranger, whatever its condition says', async () => {
    const home = await newOrganization(staff, 'Home of the victim');
    const victim = await newMember(app, staff, home, 'admin', 'victim');
    const free = await newPerson(app, 'free');
    for (const when of ['true', 'user.email.matches(".*")', 'user.email.size() > 3', 'user.name != ""'])
      expect((await rule(when)).status).toBe(201);
    await oldRule(lair, 'user.emailDomain in ["people.example", "demo.example"]');
    await mallory.client.patch(`${lair.path}/auth-settings`, { mfaPolicy: 'required' });
    for (const _ of [1, 2]) {
      expect((await login(victim.email)).body.organization).toMatchObject({ id: home.id });
      expect((await login(free.email)).body).toMatchObject({ accessToken: expect.any(String) });
      expect((await login(free.email)).body.organization).toBeUndefined();
      expect((await login(ADMIN.email, undefined, ADMIN.password)).status).toBe(200);
      expect(outcome(await login(free.email, lair.id))).toEqual([404, 'organizations.not_found']);
      const { refreshToken } = (await login(victim.email)).body;
      const switched = await app.client().post('/auth/token', { refreshToken, organizationId: lair.id });
      expect(outcome(switched)).toEqual([404, 'organizations.not_found']);
    }
    expect(await membersOf(lair)).toEqual([mallory.email]);
    await staff.client.patch(`${lair.path}/auth-settings`, { mfaPolicy: 'optional' });
  });

  it('does not bring the rules of the operator to strangers', async () => {
    const made = await staff.client.post('/admin/operator/access-rules', { name: 'All', when: 'true', then: {} });
    await oldRule(lair, 'user.emailDomain == "people.example" && false');
    const passer = await newPerson(app, 'passer');
    expect((await login(passer.email)).body.organization).toBeUndefined();
    expect(await membersOf(lair)).toEqual([mallory.email]);
    await staff.client.delete(`/admin/operator/access-rules/${made.body.id}`);
  });

  it('reaches people of a proved domain for as long as it is proved', async () => {
    const company = await newOrganization(staff, 'Company');
    await proveDomain(app, company, 'company.example');
    expect((await rule('user.emailDomain == "company.example"', { role: 'manager' }, company, staff)).status).toBe(201);
    expect((await rule('user.email == "Ann@Company.example"', {}, company, staff)).status).toBe(201);
    await registerPerson(app, 'ann@company.example');
    await registerPerson(app, 'bob@company.example');
    expect((await login('ann@company.example')).body.organization).toMatchObject({ id: company.id, role: 'manager' });
    await app.sql.query(`delete from verified_domains where domain = 'company.example'`);
    expect((await login('bob@company.example')).body.organization).toBeUndefined();
    expect(outcome(await login('bob@company.example', company.id))).toEqual([404, 'organizations.not_found']);
    // Another organization may prove it meanwhile: then these rules count there, and not here.
    await proveDomain(app, lair, 'company.example');
    expect((await login('bob@company.example')).body.organization).toMatchObject({ id: lair.id, role: 'user' });
    expect(await membersOf(company)).toEqual(['ann@company.example']);
    await app.sql.query(`delete from verified_domains where domain = 'company.example'`);
  });

  it('reaches users who joined by consent', async () => {
    const club = await newOrganization(staff, 'Club');
    await rule('true', { roleIds: ['user_admin'] }, club, staff);
    const email = 'invited-to-club@people.example';
    await staff.client.post(`${club.path}/invitations`, { email, role: 'user' });
    const token = /invitations\/([\w-]+)/.exec((await mailsTo(app, email)).at(-1)?.text ?? '')?.[1];
    const accepted = await app.client().post(`/auth/invitations/${token}/accept`, { name: 'I', password: PASSWORD });
    expect(accepted.body.organization.roles).toEqual(['user_admin']);
    const added = await newMember(app, staff, club, 'user', 'added-to-club');
    expect((await login(added.email)).body.organization.roles).toEqual(['user_admin']);
  });
});

describe('a membership that came by automation', () => {
  it('changes nothing about the sign-in of other organizations, and asks for nothing until it is entered', async () => {
    const home = await newOrganization(staff, 'First home');
    const email = 'emp@works.example';
    await registerPerson(app, email);
    const id = (await login(email)).body.user.id as string;
    await staff.client.post(`${home.path}/members`, { userId: id, role: 'user' });
    const works = await newOrganization(staff, 'Works');
    await proveDomain(app, works, 'works.example');
    await staff.client.patch(`${works.path}/auth-settings`, {
      mfaPolicy: 'required',
      passwordMinLength: 60,
    });
    await rule('true', {}, works, staff);
    for (const _ of [1, 2]) {
      const { status, body } = await login(email);
      expect([status, body.organization?.id]).toEqual([200, home.id]);
    }
    expect(await membersOf(works)).toEqual([email]);
    await app.client().post('/auth/password/forgot', { email });
    const reset = /token=([\w-]+)/.exec((await mailsTo(app, email, 1, /[Pp]assword/)).at(-1)?.text ?? '')?.[1];
    const renewed = await app.client().post('/auth/password/reset', { token: reset, password: PASSWORD });
    expect(renewed.status).toBe(204);

    // Entering it by name is what brings its rules, and from then on it is one of several.
    expect((await login(email, works.id)).body).toMatchObject({ mfaRequired: true });
    expect((await login(email)).body.organization.id).toBe(home.id);
    await staff.client.patch(`${works.path}/auth-settings`, { mfaPolicy: 'optional' });
    expect((await login(email, works.id)).body.organization.id).toBe(works.id);
    expect(outcome(await login(email))).toEqual([403, 'auth.organization_selection_required']);
  });

  it('is where a user without another organization signs in, if that asks for nothing more', async () => {
    const works = await newOrganization(staff, 'Only works');
    await proveDomain(app, works, 'only.example');
    await rule('true', {}, works, staff);
    const email = 'emp@only.example';
    await registerPerson(app, email);
    await staff.client.patch(`${works.path}/auth-settings`, { mfaPolicy: 'required' });
    const outside = await login(email);
    expect([outside.status, outside.body.organization, outside.body.mfaRequired]).toEqual([200, undefined, undefined]);
    await staff.client.patch(`${works.path}/auth-settings`, { mfaPolicy: 'optional' });
    expect((await login(email)).body.organization).toMatchObject({ id: works.id });
  });
});
