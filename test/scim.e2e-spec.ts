import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client, RequestOptions } from './support/client.js';
import { type DnsServer, startDnsServer } from './support/dns-server.js';
import { newPerson, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

/*
 * The requests that Okta and Entra ID are known to send, verbatim, with the ids of this test.
 */

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

let app: TestApp;
let second: TestServer;
let dns: DnsServer;
let staff: Person;

beforeAll(async () => {
  dns = await startDnsServer();
  app = await startTestApp({ DNS_SERVERS: dns.address });
  second = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(async () => {
  await app.close();
  await dns.close();
});

/** Creates an organization whose admin has a SCIM key and a verified domain. */
interface Scene {
  organization: Organization;
  admin: Person;
  domain: string;
  keyId: string;
  key: string;
  /** The identity provider's client on each of the two servers. */
  idp: Idp;
  idpElsewhere: Idp;
}

/** Sends a SCIM request. */
class Idp {
  constructor(private readonly client: Client) {}

  get base(): string {
    return this.client.base;
  }

  get(path: string): Promise<Answer> {
    return this.client.get(path, { headers: { accept: 'application/scim+json' } });
  }

  send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const options: RequestOptions = { headers: { 'content-type': 'application/scim+json; charset=utf-8', ...headers } };
    if (body === undefined) delete options.headers?.['content-type'];
    return this.client.request(method, path, { ...options, body });
  }

  post = (path: string, body: unknown) => this.send('POST', path, body);
  put = (path: string, body: unknown) => this.send('PUT', path, body);
  patch = (path: string, ...Operations: object[]) => this.send('PATCH', path, { schemas: [PATCH], Operations });
  delete = (path: string) => this.send('DELETE', path);
}

const off = { op: 'replace', path: 'active', value: false };

let scenes = 0;

async function newScene({ proved = true } = {}): Promise<Scene> {
  const n = ++scenes;
  const admin = await newPerson(app, `scim-admin-${n}`);
  const organization = await newOrganization(staff, `Scim ${n}`, admin);
  const domain = `scim-${n}.example`;
  if (proved) {
    const { body } = await admin.client.post(`${organization.path}/domains`, { domain });
    dns.records.set(body.record.name, [body.record.value]);
    const verified = await admin.client.post(`${organization.path}/domains/${body.id}/verify`);
    if (verified.status !== 200) throw new Error(`proving ${domain} gave ${verified.status} ${verified.body.code}`);
  }
  const made = await admin.client.post(`${organization.path}/scim-keys`, { name: 'Okta' });
  if (made.status !== 201) throw new Error(`making a key gave ${made.status} ${made.body.code}`);
  const { id: keyId, key } = made.body;
  const base = `/t/demo/api/v1/organizations/${organization.id}/scim/v2`;
  const at = (origin: string) =>
    new Idp(
      app
        .client()
        .at(origin + base)
        .as(key),
    );
  return { organization, admin, domain, keyId, key, idp: at(app.origin), idpElsewhere: at(second.origin) };
}

/** Creates a user as Okta does. */
const fromOkta = (userName: string, more: object = {}) => ({
  schemas: [USER],
  userName,
  name: { givenName: 'Isaac', familyName: 'Brock' },
  emails: [{ primary: true, value: userName, type: 'work' }],
  displayName: 'Isaac Brock',
  locale: 'en-US',
  externalId: '00ujl29u0le5T6Aj10h7',
  groups: [],
  password: '1mz050nq',
  active: true,
  ...more,
});

const refusalOf = ({ status, headers, body }: Answer) => [
  status,
  headers.get('content-type'),
  body.schemas,
  body.status,
  body.code,
  body.scimType,
];
const refusal = (status: number, code: string, scimType?: string) => [
  status,
  'application/scim+json',
  [ERROR],
  String(status),
  code,
  scimType,
];

async function userOf({ idp, domain }: Scene, name: string, more: object = {}): Promise<any> {
  const { status, body } = await idp.post('/Users', fromOkta(`${name}@${domain}`, more));
  if (status !== 201) throw new Error(`making ${name} gave ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Creates a provisioned user who has since set a password. */
async function arrived(scene: Scene, name: string): Promise<Person> {
  const email = `${name}@${scene.domain}`;
  await registerPerson(app, email);
  await userOf(scene, name);
  return signIn(app, email, PASSWORD, 'demo', scene.organization.id);
}

describe('a user provisioned by Okta', () => {
  it('is created, matched and updated by the requests that Okta sends', async () => {
    const scene = await newScene();
    const { idp, domain, organization, admin } = scene;
    const userName = `isaac@${domain}`;
    const probe = await idp.get(
      `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}&startIndex=1&count=100`,
    );
    expect(probe).toMatchObject({
      status: 200,
      body: { totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
    });
    expect(probe.headers.get('content-type')).toContain('application/scim+json');
    const made = await idp.post('/Users', fromOkta(userName));
    expect(made).toMatchObject({
      status: 201,
      body: {
        schemas: [USER],
        id: expect.any(String),
        externalId: '00ujl29u0le5T6Aj10h7',
        userName,
        name: { givenName: 'Isaac', familyName: 'Brock' },
        displayName: 'Isaac Brock',
        emails: [{ value: userName, type: 'work', primary: true }],
        active: true,
        groups: [],
        meta: { resourceType: 'User', created: expect.any(String), lastModified: expect.any(String) },
      },
    });
    expect(JSON.stringify(made.body)).not.toContain('1mz050nq');
    const { id, meta } = made.body;
    expect(meta.location).toMatch(new RegExp(`/t/demo/api/v1/organizations/${organization.id}/scim/v2/Users/${id}$`));
    expect([made.headers.get('location'), made.headers.get('etag')]).toEqual([meta.location, meta.version]);
    expect((await idp.get(`/Users/${id}`)).body).toEqual(made.body);
    const members = await admin.client.get(`${organization.path}/members?q=${userName}`);
    expect(members.body.items).toMatchObject([
      { userId: id, email: userName, name: 'Isaac Brock', role: 'user', status: 'active' },
    ]);
  });
});

describe('deactivating a user', () => {
  it('ends sessions at once here and within a second elsewhere, and reactivating restores the roles', async () => {
    const scene = await newScene();
    const { idp, organization, admin } = scene;
    const person = await arrived(scene, 'leaver');
    await admin.client.patch(`${organization.path}/members/${person.id}`, {
      role: 'manager',
      roleIds: ['billing_admin'],
    });
    const unit = organization.defaultUnitId;
    await admin.client.post(`${organization.path}/units/${unit}/members`, { userId: person.id, role: 'manager' });
    const elsewhere = person.client.at(`${second.origin}/t/demo/api/v1`);
    const credits = `/organizations/${organization.id}/credits`;
    for (const client of [person.client, elsewhere]) expect((await client.get(credits)).status).toBe(200);

    const out = await idp.patch(`/Users/${person.id}`, { op: 'replace', value: { active: false } });
    expect(out).toMatchObject({ status: 200, body: { active: false } });
    expect((await person.client.get(credits)).status).toBe(401);
    expect((await app.client().post('/auth/token', { refreshToken: person.refreshToken })).status).toBe(401);
    await sleep(1_000);
    expect((await elsewhere.get(credits)).status).toBe(401);
    const login = { email: person.email, password: PASSWORD, organizationId: organization.id };
    expect((await app.client().post('/auth/login', login)).status).toBe(404);
    expect((await admin.client.get(`${organization.path}/members?q=leaver`)).body.items).toEqual([]);
    // The user still exists for the provider.
    expect((await idp.get(`/Users?filter=${encodeURIComponent('active eq false')}`)).body.Resources).toMatchObject([
      { id: person.id, active: false },
    ]);
    // Entra ID sends the text "True" and capitalizes the operation.
    const back = await idp.patch(`/Users/${person.id}`, { op: 'Replace', path: 'active', value: 'True' });
    expect(back).toMatchObject({ status: 200, body: { active: true } });
    expect((await admin.client.get(`${organization.path}/members?q=leaver`)).body.items).toMatchObject([
      { role: 'manager', roles: [{ key: 'billing_admin' }] },
    ]);
    const unitMembers = await admin.client.get(`${organization.path}/units/${unit}/members?q=leaver`);
    expect(unitMembers.body.items).toMatchObject([{ userId: person.id, role: 'manager' }]);
    expect((await app.client().post('/auth/login', login)).status).toBe(200);
  });

  it('wins over whatever else the request says, and tells what was left out', async () => {
    const scene = await newScene();
    const { idp, admin, organization } = scene;
    await userOf(scene, 'taken');
    const rest: [name: string, send: (path: string, userName: string) => Promise<Answer>][] = [
      ['path', (path) => idp.patch(path, { op: 'replace', path: 'nothing.here', value: 1 }, off)],
      ['value', (path) => idp.patch(path, off, { op: 'replace', path: 'title', value: ['x'] })],
      ['name', (path) => idp.patch(path, off, { op: 'replace', path: 'userName', value: `taken@${scene.domain}` })],
      ['unknown', (path) => idp.patch(path, { op: 'replace', value: { active: 'False', unknown: 1 } })],
      [
        'address',
        (path) =>
          idp.patch(path, off, { op: 'replace', path: 'emails[type eq "work"].value', value: 'new@outside.example' }),
      ],
      ['put', (path, userName) => idp.put(path, { schemas: [USER], userName, title: ['x'], active: false })],
    ];
    for (const [name, send] of rest) {
      const { id, userName } = await userOf(scene, `leaving-${name}`);
      const answer = await send(`/Users/${id}`, userName);
      expect([name, answer.status, answer.body.active]).toEqual([name, 200, false]);
      const member = await admin.client.get(`${organization.path}/members/${id}`);
      expect([name, member.status]).toEqual([name, 404]);
    }
    const { body } = await admin.client.get(`${organization.path}/events?type=scim_user.updated&limit=100`);
    const ignored = body.items.map(({ after }: any) => after.ignored?.code).filter(Boolean);
    expect(ignored.sort()).toEqual([
      'scim.invalid_path',
      'scim.invalid_value',
      'scim.invalid_value',
      'scim.user_name_taken',
    ]);
    // What is wrong with the request itself is still refused.
    const { id } = await userOf(scene, 'staying');
    const stale = await idp.send('PATCH', `/Users/${id}`, { Operations: [off] }, { 'if-match': 'W/"99"' });
    expect(refusalOf(stale)).toEqual(refusal(412, 'precondition_failed'));
  });

  it('is refused for the last admin, with the reason', async () => {
    const { idp, organization, admin } = await newScene();
    const self = `/Users/${admin.id}`;
    const refused = refusal(409, 'members.last_admin');
    expect(refusalOf(await idp.patch(self, { op: 'replace', value: { active: false } }))).toEqual(refused);
    expect(refusalOf(await idp.delete(self))).toEqual(refused);
    const other = await newMember(app, staff, organization, 'admin', 'scim-second-admin');
    // Of two admins deactivated at once on two servers, one remains.
    const answers = await Promise.all([
      idp.patch(self, { op: 'replace', value: { active: false } }),
      idp.delete(`/Users/${other.id}`),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => status === 409)).toHaveLength(1);
    const left = await staff.client.get(`${organization.path}/members?role=admin`);
    expect(left.body.items).toHaveLength(1);
  });
});

describe('a SCIM key', () => {
  it('opens no other route, and none once it is revoked or its organization is suspended', async () => {
    const { idp, idpElsewhere, organization, admin, key, keyId } = await newScene();
    const asKey = app.client().as(key);
    for (const path of [organization.path, `${organization.path}/members`, `${organization.path}/units`, '/account'])
      expect((await asKey.get(path)).status).toBe(403);
    const sibling = await newScene();
    expect((await asKey.get(`/organizations/${sibling.organization.id}/scim/v2/Users`)).body).toMatchObject({
      schemas: [ERROR],
      status: '404',
      code: 'organizations.not_found',
    });
    await staff.client.post(`${organization.path}/suspend`);
    for (const one of [idp, idpElsewhere])
      expect(refusalOf(await one.get('/Users'))).toEqual(refusal(403, 'organizations.suspended'));
    await staff.client.post(`${organization.path}/resume`);
    expect((await idp.get('/Users')).status).toBe(200);
    expect((await admin.client.get(`${organization.path}/api-keys`)).body.items).toEqual([]);
    expect((await admin.client.get(`${organization.path}/scim-keys/${keyId}`)).body).toMatchObject({
      name: 'Okta',
      status: 'active',
      baseUrl: expect.stringMatching(/\/scim\/v2$/),
    });
    expect((await admin.client.delete(`${organization.path}/scim-keys/${keyId}`)).status).toBe(204);
    for (const one of [idp, idpElsewhere]) {
      const answer = await one.get('/Users');
      expect(refusalOf(answer)).toEqual(refusal(401, 'auth.invalid_token'));
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });
});

describe('SCIM groups', () => {
  it('grant what an admin mapped to them and revoke it again, with the requests of Entra ID', async () => {
    const scene = await newScene();
    const { idp, organization, admin } = scene;
    const one = await userOf(scene, 'one');
    const two = await userOf(scene, 'two');
    const settings = `${organization.path}/scim-settings`;
    const unitIds = [organization.defaultUnitId];
    const put = await admin.client.put(settings, {
      groups: [{ value: 'Leads', role: 'manager', roleIds: ['billing_admin'], unitIds }],
    });
    expect(put.status).toBe(200);
    // Entra ID looks the group up without members, creates it empty, and adds users one by one.
    const probe = `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "leads"')}`;
    expect((await idp.get(probe)).body.totalResults).toBe(0);
    const made = await idp.post('/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'leads',
      meta: { resourceType: 'Group' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { displayName: 'leads', members: [], meta: { resourceType: 'Group' } },
    });
    const group = `/Groups/${made.body.id}`;
    const add = (id: string) => idp.patch(group, { op: 'Add', path: 'members', value: [{ $ref: null, value: id }] });
    expect((await add(one.id)).body.members).toMatchObject([{ value: one.id, display: 'Isaac Brock' }]);
    expect((await add(two.id)).body.members).toHaveLength(2);
    expect((await idp.get(probe)).body.Resources).toEqual([
      expect.not.objectContaining({ members: expect.anything() }),
    ]);
    const member = async (id: string) => {
      const { body } = await admin.client.get(`${organization.path}/members`);
      const { role, roles } = body.items.find(({ userId }: { userId: string }) => userId === id);
      return [role, ...roles.map(({ key }: { key: string }) => key)];
    };
    expect(await member(one.id)).toEqual(['manager', 'billing_admin']);
    expect((await idp.get(`/Users/${one.id}`)).body.groups).toMatchObject([{ value: made.body.id, display: 'leads' }]);
    const inUnit = async () =>
      (await admin.client.get(`${organization.path}/units/${unitIds[0]}/members?q=Isaac`)).body.items;
    expect(await inUnit()).toHaveLength(2);
    await idp.patch(group, { op: 'Remove', path: 'members', value: [{ value: one.id }] });
    expect(await member(one.id)).toEqual(['user']);
    expect(await member(two.id)).toEqual(['manager', 'billing_admin']);
    await idp.patch(group, { op: 'remove', path: `members[value eq "${two.id}"]` });
    expect(await member(two.id)).toEqual(['user']);
    expect(await inUnit()).toEqual([]);
    expect((await idp.get(group)).body.members).toEqual([]);
  });
});

describe('a group push', () => {
  it('adds the known members and tells the unknown ones', async () => {
    const scene = await newScene();
    const { idp, admin, organization } = scene;
    const { id } = await userOf(scene, 'known');
    const strangers = [organization.id, 'no-id'];
    const members = [id, ...strangers].map((value) => ({ value }));
    const made = await idp.post('/Groups', { schemas: [GROUP], displayName: 'Partly', members });
    expect([made.status, made.body.members.map(({ value }: any) => value)]).toEqual([201, [id]]);
    const changed = await idp.patch(`/Groups/${made.body.id}`, { op: 'add', path: 'members', value: members });
    expect([changed.status, changed.body.members.map(({ value }: any) => value)]).toEqual([200, [id]]);
    const { items } = (await admin.client.get(`${organization.path}/events?type=scim_group.created`)).body;
    expect(items[0].after).toMatchObject({ memberIds: [id], unknownMembers: expect.arrayContaining(strangers) });
  });

  it('may have 5,000 members with names and URLs', async () => {
    const { idp, organization } = await newScene();
    await app.sql.query(
      `with people as (
         insert into users (id, operator_id, email, name, email_verified_at, created_at)
         select gen_random_uuid(), operator_id, 'many-' || n || '@many.example', 'Many ' || n, now(), now()
         from organizations, generate_series(1, 5000) as n where id = $1 returning id)
       insert into organization_members (organization_id, user_id, role) select $1, id, 'user' from people`,
      [organization.id],
    );
    const { rows } = await app.sql.query<{ id: string }>(
      `select user_id as id from organization_members where organization_id = $1`,
      [organization.id],
    );
    const members = rows.map(({ id: value }) => ({
      value,
      $ref: `https://trellis.example/t/demo/api/v1/organizations/${organization.id}/scim/v2/Users/${value}`,
      display: 'A name as long as names are',
      type: 'User',
    }));
    const { status, body } = await idp.post('/Groups', { schemas: [GROUP], displayName: 'Everyone', members });
    expect([status, body.members?.length]).toEqual([201, rows.length]);
    expect(rows.length).toBeGreaterThan(5_000);
  });
});

describe('creating the same user at once', () => {
  it('on two servers creates one', async () => {
    const { idp, idpElsewhere, domain, organization, admin } = await newScene();
    const userName = `twin@${domain}`;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? idp : idpElsewhere).post('/Users', fromOkta(userName.toUpperCase())),
      ),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(refusalOf(answer)).toEqual(refusal(409, 'scim.user_name_taken', 'uniqueness'));
    expect((await admin.client.get(`${organization.path}/members?count=true`)).body.total).toBe(2);
  });
});

describe('Entra ID', () => {
  it('updates users by capitalized paths and with texts for booleans', async () => {
    const { idp, domain, organization, admin } = await newScene();
    const random = 'a4bdf6c8-31b4-4d0b-8d5b-4b6dd5c4a8f0';
    const probe = await idp.get(`/Users?filter=${encodeURIComponent(`userName eq "${random}"`)}`);
    expect(probe).toMatchObject({ status: 200, body: { totalResults: 0, Resources: [] } });
    const made = await idp.post('/Users', {
      schemas: [USER, ENTERPRISE],
      externalId: 'jyoung',
      userName: `jyoung@${domain}`,
      active: true,
      displayName: 'Joy Young',
      emails: [{ type: 'work', value: `jyoung@${domain}`, primary: true }],
      meta: { resourceType: 'User' },
      name: { formatted: 'Joy Young', familyName: 'Young', givenName: 'Joy' },
      [ENTERPRISE]: { employeeNumber: '500984', manager: { value: 'someone' } },
    });
    expect(made.body).toMatchObject({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: { employeeNumber: '500984' } });
    const user = `/Users/${made.body.id}`;
    const changed = await idp.patch(
      user,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: `joy@${domain}` },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+49 30 1' },
      { op: 'Replace', path: 'name.familyName', value: 'Younger' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: '26118915-6090-4610-87e4-49d8ca9f808d' },
      { op: 'Remove', path: `${ENTERPRISE}:employeeNumber` },
      { op: 'Replace', value: { displayName: 'Joy Younger', 'name.givenName': 'Joyce' } },
    );
    expect(changed).toMatchObject({
      status: 200,
      body: {
        emails: [{ type: 'work', value: `joy@${domain}`, primary: true }],
        phoneNumbers: [{ type: 'mobile', value: '+49 30 1' }],
        displayName: 'Joy Younger',
        name: { familyName: 'Younger', givenName: 'Joyce', formatted: 'Joy Young' },
        [ENTERPRISE]: { department: 'Sales', manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d' } },
      },
    });
    expect(changed.body[ENTERPRISE]).not.toHaveProperty('employeeNumber');
    // The account stays as it is. The organization's own list shows the directory's values.
    const { rows } = await app.sql.query('select email, name from users where id = $1', [made.body.id]);
    expect(rows).toEqual([{ email: `jyoung@${domain}`, name: 'Joy Young' }]);
    expect((await admin.client.get(`${organization.path}/members?q=jyoung`)).body.items).toMatchObject([
      { email: `jyoung@${domain}`, directoryEmail: `joy@${domain}`, directoryName: 'Joy Younger' },
    ]);
    expect((await idp.patch(user, { op: 'Replace', path: 'active', value: 'False' })).body.active).toBe(false);
    expect((await idp.delete(user)).status).toBe(204);
    expect(refusalOf(await idp.get(user))).toEqual(refusal(404, 'scim.resource_not_found'));
  });
});

describe('a user outside the verified domains', () => {
  it('cannot be provisioned, with or without an account', async () => {
    const { idp, organization } = await newScene({ proved: false });
    const stranger = await newPerson(app, 'scim-stranger');
    for (const userName of [stranger.email, 'scim-waiting@people.example'])
      expect(refusalOf(await idp.post('/Users', fromOkta(userName)))).toEqual(refusal(403, 'scim.domain_not_verified'));
    expect((await stranger.client.get(organization.path)).status).toBe(404);
    // The provider can also manage existing members. Its name for them applies only here.
    const member = await newMember(app, staff, organization, 'user', 'scim-unprovisioned');
    const user = `/Users/${member.id}`;
    expect((await idp.get(user)).body).toMatchObject({
      userName: member.email,
      active: true,
      displayName: 'scim-unprovisioned',
    });
    const named = await idp.put(user, fromOkta(member.email, { externalId: 'E7', displayName: 'Somebody Else' }));
    expect(named.body).toMatchObject({ displayName: 'Somebody Else', externalId: 'E7', active: true });
    expect((await member.client.get('/account')).body.name).toBe('scim-unprovisioned');
    const moved = { emails: [{ value: 'mine@people.example', type: 'work', primary: true }] };
    expect((await idp.put(user, fromOkta(member.email, moved))).status).toBe(200);
    expect((await member.client.get('/account')).body.email).toBe(member.email);
  });
});

describe('a deactivated user', () => {
  it('cannot be re-added by an access rule, but by an admin', async () => {
    const scene = await newScene();
    const { idp, organization, admin, domain } = scene;
    const person = await arrived(scene, 'ruled');
    const rule = { name: 'All', when: `user.emailDomain == "${domain}"`, then: { role: 'user' } };
    expect((await admin.client.post(`${organization.path}/access-rules`, rule)).status).toBe(201);
    await idp.patch(`/Users/${person.id}`, { op: 'replace', path: 'active', value: false });
    const again = await signIn(app, person.email);
    expect((await again.client.get('/account/organizations')).body.items).toEqual([]);
    const added = await admin.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' });
    expect(added.status).toBe(201);
    expect((await idp.get(`/Users/${person.id}`)).body.active).toBe(true);
  });

  it('cannot be reactivated as an admin by the provider', async () => {
    const { idp, organization, admin } = await newScene();
    await newMember(app, staff, organization, 'admin', 'scim-other-admin');
    const settings = `${organization.path}/auth-settings`;
    expect((await admin.client.patch(settings, { breakGlassUserIds: [admin.id] })).status).toBe(200);
    const out = () => idp.patch(`/Users/${admin.id}`, { op: 'replace', path: 'active', value: false });
    expect(refusalOf(await out())).toEqual(refusal(409, 'scim.break_glass'));
    expect(refusalOf(await idp.delete(`/Users/${admin.id}`))).toEqual(refusal(409, 'scim.break_glass'));
    await admin.client.patch(settings, { breakGlassUserIds: [] });
    expect((await out()).status).toBe(200);
  });
});

describe('the SCIM protocol', () => {
  it('supports filters, pages and attribute selection', async () => {
    const scene = await newScene();
    const { idp, domain, admin } = scene;
    const ids: string[] = [];
    for (const name of ['anna', 'bert', 'cleo'])
      ids.push((await userOf(scene, name, { displayName: name.toUpperCase(), externalId: `x-${name}` })).id);
    const found = async (filter: string) => {
      const { status, body } = await idp.get(`/Users?filter=${encodeURIComponent(filter)}`);
      return status === 200 ? body.Resources.map(({ displayName }: any) => displayName) : body.scimType;
    };
    expect(await found(`userName eq "ANNA@${domain}"`)).toEqual(['ANNA']);
    expect(await found(`externalId eq "x-bert" and active eq true`)).toEqual(['BERT']);
    expect(await found(`externalId eq "X-bert"`)).toEqual([]);
    expect(await found(`id eq "${ids[2]}"`)).toEqual(['CLEO']);
    expect(await found('id eq "none"')).toEqual([]);
    expect(await found(`emails[type eq "work"].value eq "bert@${domain}"`)).toEqual(['BERT']);
    expect(await found(`emails.value sw "cleo@" or displayName co "nn"`)).toEqual(['ANNA', 'CLEO']);
    expect(await found('externalId pr and not (displayName ew "T")')).toEqual(['ANNA', 'CLEO']);
    expect(await found('meta.lastModified gt "2020-01-01T00:00:00Z" and externalId pr')).toHaveLength(3);
    for (const filter of ['password eq "x"', 'userName', 'userName eq "x" and', 'name eq "x"'])
      expect(await found(filter)).toBe('invalidFilter');
    const page = await idp.get('/Users?startIndex=2&count=2&attributes=userName,emails.value');
    expect(page.body).toMatchObject({ totalResults: 4, startIndex: 2, itemsPerPage: 2 });
    expect(page.body.Resources[0]).toEqual({
      schemas: [USER],
      id: ids[0],
      userName: `anna@${domain}`,
      emails: [{ value: `anna@${domain}` }],
    });
    expect((await idp.get('/Users?count=0')).body).toMatchObject({ totalResults: 4, Resources: [] });
    expect((await idp.get('/Users?startIndex=-3&count=1')).body).toMatchObject({ startIndex: 1, itemsPerPage: 1 });
    expect((await idp.get('/Users?startIndex=99')).body).toMatchObject({ totalResults: 4, Resources: [] });
    expect(refusalOf(await idp.get('/Users?count=x'))).toEqual(refusal(400, 'scim.invalid_value', 'invalidValue'));
    // Other parameters are ignored, as RFC 7644 requires.
    expect((await idp.get('/Users?other=userName')).status).toBe(200);
    const one = await idp.get(`/Users/${ids[0]}?excludedAttributes=emails,name.givenName,meta`);
    expect(one.body).toMatchObject({ name: { familyName: 'Brock' } });
    expect(Object.keys(one.body)).not.toEqual(expect.arrayContaining(['emails']));
    expect(one.body).not.toHaveProperty('meta');
    expect(admin.id).toBeTruthy();
  });

  it('refuses what it cannot parse, and updates of a stale version', async () => {
    const scene = await newScene();
    const { idp } = scene;
    const { id, meta } = await userOf(scene, 'changed');
    const user = `/Users/${id}`;
    const invalid = refusal(400, 'scim.invalid_value', 'invalidValue');
    expect(refusalOf(await idp.post('/Users', { schemas: [USER] }))).toEqual(invalid);
    expect(refusalOf(await idp.post('/Users', { schemas: [USER], userName: 'no-address' }))).toEqual(invalid);
    const syntax = (code: string) => refusal(400, code, 'invalidSyntax');
    expect(refusalOf(await idp.post('/Users', { schemas: [GROUP], userName: 'x' }))).toEqual(
      syntax('scim.invalid_syntax'),
    );
    expect(refusalOf(await idp.send('POST', '/Users', '{'))).toEqual(syntax('malformed_request'));
    const asText = await idp.send('POST', '/Users', 'x', { 'content-type': 'text/plain' });
    expect(refusalOf(asText)).toEqual(refusal(415, 'unsupported_media_type'));
    expect(refusalOf(await idp.get('/Nothing'))).toEqual(refusal(404, 'not_found'));
    expect(refusalOf(await idp.send('PATCH', '/Users', {}))).toEqual(refusal(405, 'method_not_allowed'));
    expect(refusalOf(await idp.patch(user, { op: 'replace', path: 'id', value: 'x' }))).toEqual(
      refusal(400, 'scim.read_only', 'mutability'),
    );
    // Other routes do not accept the SCIM media type.
    const elsewhere = await fetch(`${app.origin}/t/demo/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/scim+json' },
      body: '{}',
    });
    expect(elsewhere.status).toBe(415);
    const first = await idp.send('PUT', user, fromOkta(`changed@${scene.domain}`, { title: 'A' }), {
      'if-match': meta.version,
    });
    expect(first.status).toBe(200);
    const late = await idp.send('PUT', user, fromOkta(`changed@${scene.domain}`, { title: 'B' }), {
      'if-match': meta.version,
    });
    expect(refusalOf(late)).toEqual(refusal(412, 'precondition_failed'));
    const named = (displayName: string) => idp.post('/Groups', { schemas: [GROUP], displayName });
    expect((await named('Same')).status).toBe(201);
    expect(refusalOf(await named('SAME'))).toEqual(refusal(409, 'scim.display_name_taken', 'uniqueness'));
  });

  it('answers as the test suites of identity providers expect', async () => {
    const scene = await newScene();
    const { idp, domain } = scene;
    // Slashes at the end, empty parameters.
    const headers = { authorization: `Bearer ${scene.key}` };
    for (const path of [
      '/Users/',
      '/Users/?filter=',
      '/Users?filter=&count=1',
      '/Users?filter=%20',
      '/Groups/',
      '/ServiceProviderConfig/',
    ])
      expect([path, (await fetch(idp.base + path, { headers })).status]).toEqual([path, 200]);
    expect((await idp.get('/Users?filter=userName%20eq%20%22%22')).body).toMatchObject({ totalResults: 0 });
    // Members whom no directory has described have both parts of a name.
    const { body } = await idp.get('/Users?count=1');
    expect(body.Resources[0].name).toEqual({
      formatted: expect.any(String),
      givenName: expect.any(String),
      familyName: expect.any(String),
    });
    // Attributes can be chosen for every response.
    const created = await idp.post('/Users?attributes=userName', fromOkta(`chosen@${domain}`));
    expect(created.body).toEqual({ schemas: [USER], id: expect.any(String), userName: `chosen@${domain}` });
    const user = `/Users/${created.body.id}`;
    const replaced = await idp.put(
      `${user}?excludedAttributes=emails,meta`,
      fromOkta(`chosen@${domain}`, { title: 'A' }),
    );
    expect(replaced.body).toMatchObject({ title: 'A' });
    expect(Object.keys(replaced.body)).not.toEqual(expect.arrayContaining(['emails']));
    const patched = await idp.send('PATCH', `${user}?attributes=title`, {
      schemas: [PATCH],
      Operations: [{ op: 'replace', path: 'title', value: 'B' }],
    });
    expect(patched.body).toEqual({ schemas: [USER], id: created.body.id, title: 'B' });
    // A known version is not sent again.
    const read = await idp.get(user);
    const known = await idp.send('GET', user, undefined, { 'if-none-match': read.body.meta.version });
    expect([known.status, known.headers.get('etag')]).toEqual([304, read.body.meta.version]);
    expect((await idp.send('GET', user, undefined, { 'if-none-match': 'W/"0"' })).status).toBe(200);
  });

  it('publishes its schemas and configuration', async () => {
    const { idp } = await newScene();
    const config = await idp.get('/ServiceProviderConfig');
    expect(config.body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: true },
      filter: { maxResults: 200 },
    });
    const types = await idp.get('/ResourceTypes');
    expect(types.body.Resources.map(({ endpoint }: any) => endpoint)).toEqual(['/Users', '/Groups']);
    expect((await idp.get('/ResourceTypes/User')).body.schemaExtensions).toEqual([
      { schema: ENTERPRISE, required: false },
    ]);
    const schemas = await idp.get('/Schemas');
    expect(schemas.body.Resources.map(({ id }: any) => id)).toEqual([USER, ENTERPRISE, GROUP]);
    expect((await idp.get(`/Schemas/${USER}`)).body.attributes[0]).toMatchObject({ name: 'userName', required: true });
  });

  it('is closed to callers who have its permissions but no SCIM key', async () => {
    const { organization, admin, idp } = await newScene();
    const role = await admin.client.post(`${organization.path}/roles`, {
      name: 'Scim',
      permissions: ['scim:read', 'scim:edit'],
    });
    const person = await newMember(app, staff, organization, 'user', 'scim-custom');
    await admin.client.patch(`${organization.path}/members/${person.id}`, { roleIds: [role.body.id] });
    const base = `/organizations/${organization.id}/scim/v2`;
    expect((await person.client.get(`${base}/Users`)).status).toBe(200);
    const made = await person.client.post(`${base}/Groups`, { displayName: 'Mine' });
    expect(refusalOf(made)).toEqual(refusal(403, 'members.role_above_own'));
    expect((await person.client.get(`${organization.path}/scim-settings`)).status).toBe(403);
    expect((await idp.get('/Groups')).body.totalResults).toBe(0);
  });
});
