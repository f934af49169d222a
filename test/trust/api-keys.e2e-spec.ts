import type { Answer, Client } from '../support/client.js';
import { newPerson, PASSWORD, type Person, registerPerson, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from '../support/tree.js';

/* A key does one job: it lets no users in, does not change how they get in, and ends when it is revoked. */

let app: TestApp;
let second: TestServer;
let staff: Person;
let admin: Person;
let home: Organization;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Keys');
  await proveDomain(app, home, 'keys.example');
  admin = await newMember(app, staff, home, 'admin', 'keys-admin');
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const newKey = async (input: object): Promise<{ id: string; client: Client; permissions: string[] }> => {
  const { status, body } = await admin.client.post(`${home.path}/api-keys`, { name: 'Key', ...input });
  if (status !== 201) throw new Error(`making a key gave ${status} ${body.code}`);
  return { id: body.id, client: app.client().as(body.key), permissions: body.permissions };
};

it('a leaked API key of an admin admits its thief by no route, and nothing created with it outlives it', async () => {
  const { id, client } = await newKey({ role: 'admin' });
  await registerPerson(app, 'thief@keys.example');
  const thief = (await app.client().post('/auth/login', { email: 'thief@keys.example', password: PASSWORD })).body.user;
  const victim = await newMember(app, staff, home, 'user', 'keys-user');
  const path = home.path;
  const unit = `${path}/units/${home.defaultUnitId}`;
  const attempts: [string, string, unknown][] = [
    [
      'POST',
      `${path}/access-rules`,
      { name: 'x', when: 'user.email == "thief@keys.example"', then: { role: 'admin' } },
    ],
    ['POST', `${path}/access-rules/dry-run`, { when: 'true' }],
    ['POST', `${path}/members`, { userId: thief.id, role: 'admin' }],
    ['PATCH', `${path}/members/${victim.id}`, { role: 'admin' }],
    ['DELETE', `${path}/members/${victim.id}`, undefined],
    ['POST', `${path}/invitations`, { email: 'thief@keys.example', role: 'admin' }],
    ['POST', `${path}/invitations/bulk`, { items: [{ email: 'thief@keys.example', role: 'admin' }] }],
    ['GET', `${path}/invitations`, undefined],
    ['POST', `${path}/roles`, { name: 'x', permissions: ['events:read'] }],
    ['POST', `${path}/domains`, { domain: 'thief.example' }],
    ['POST', `${path}/sso-connections`, { name: 'x' }],
    ['POST', `${path}/scim-keys`, { name: 'x' }],
    ['PUT', `${path}/scim-settings`, { groups: [] }],
    ['PATCH', `${path}/auth-settings`, { jitProvisioning: { email: true, defaultRole: 'admin' } }],
    ['DELETE', `${path}/auth-settings?fields=mfaPolicy`, undefined],
    ['POST', `${path}/api-keys`, { name: 'x', role: 'admin' }],
    ['DELETE', `${path}/api-keys/${id}`, undefined],
    ['GET', `${path}/api-keys`, undefined],
    ['POST', `${unit}/members`, { userId: victim.id, role: 'admin' }],
    ['DELETE', `${path}?confirmName=Keys`, undefined],
    ['POST', `/organizations/${home.id}/scim/v2/Users`, { userName: 'thief@keys.example' }],
  ];
  for (const origin of [app.origin, second.origin]) {
    const at = client.at(client.base.replace(app.origin, origin));
    for (const [method, route, body] of attempts)
      expect([method, route, ...outcome(await at.request(method, route, { body }))]).toEqual([
        method,
        route,
        403,
        'auth.forbidden',
      ]);
  }
  expect((await client.get(unit)).status).toBe(200);
  expect((await admin.client.delete(`${path}/api-keys/${id}`)).status).toBe(204);
  const login = await app.client().post('/auth/login', { email: 'thief@keys.example', password: PASSWORD });
  expect([login.status, login.body.organization]).toEqual([200, undefined]);
  expect(outcome(await client.get(path))).toEqual([401, 'auth.invalid_token']);
});

it('an API key is never created with a permission that admits users', async () => {
  for (const permission of ['members:add', 'access-rules:edit', 'api-keys:create', 'scim:edit', 'unit-members:add'])
    expect(outcome(await admin.client.post(`${home.path}/api-keys`, { name: 'x', permissions: [permission] }))).toEqual(
      [400, 'validation_failed'],
    );
  for (const role of ['user', 'manager', 'admin']) {
    const { permissions } = await newKey({ role });
    expect(
      permissions.filter((one) => /^(members:[^l]|invitations|roles|access|sso|scim|auth|domains|api)/.test(one)),
    ).toEqual([]);
  }
  // Also what a row says that no version of this code has written is not believed.
  const { id, client } = await newKey({ role: 'admin' });
  await app.sql.query(
    `update organization_api_keys set permissions = permissions || '{members:add,sso:edit}' where id = $1`,
    [id],
  );
  const stranger = await newPerson(app, 'keys-stranger');
  expect(outcome(await client.post(`${home.path}/members`, { userId: stranger.id, role: 'user' }))).toEqual([
    403,
    'auth.forbidden',
  ]);
});

it('an API key has at most the permissions of its creator', async () => {
  const roles = `${home.path}/roles`;
  const maker = await admin.client.post(roles, {
    name: 'Key maker',
    permissions: ['api-keys:create', 'units:listAll'],
  });
  const person = await newMember(app, staff, home, 'user', 'keys-maker');
  await admin.client.patch(`${home.path}/members/${person.id}`, { roleIds: [maker.body.id] });
  const make = (input: object) => person.client.post(`${home.path}/api-keys`, { name: 'x', ...input });
  expect(outcome(await make({ permissions: ['subscription:edit'] }))).toEqual([403, 'api_keys.units_required']);
  const unitId = (await person.client.post(`${home.path}/units`, { name: 'Own' })).body.id;
  expect(outcome(await make({ permissions: ['unit:edit'], unitIds: [unitId] }))).toEqual([
    403,
    'roles.permission_not_held',
  ]);
  expect((await make({ unitIds: [unitId] })).status).toBe(201);
});

it('creating and widening access requires a user with a fresh factor, not an API key', async () => {
  const { rows } = await app.sql.query<{ id: string }>('select id from sessions where user_id = $1', [admin.id]);
  expect(rows).toHaveLength(1);
  await app.sql.query(`insert into totp_factors (user_id, secret, confirmed_at) values ($1, 'none', now())`, [
    admin.id,
  ]);
  try {
    for (const [method, route, body] of [
      ['POST', 'access-rules', { name: 'x', when: 'true', then: {} }],
      ['POST', 'sso-connections', {}],
      ['PUT', 'scim-settings', { groups: [] }],
      ['POST', 'scim-keys', { name: 'x' }],
      ['POST', 'api-keys', { name: 'x' }],
      ['PATCH', 'auth-settings', { mfaPolicy: 'optional' }],
    ] as const)
      expect([route, ...outcome(await admin.client.request(method, `${home.path}/${route}`, { body }))]).toEqual([
        route,
        403,
        'auth.step_up_required',
      ]);
  } finally {
    await app.sql.query('delete from totp_factors where user_id = $1', [admin.id]);
  }
});
