import { readFileSync } from 'node:fs';
import { newId } from '../../src/common/ids/index.js';
import type { Answer, Client } from '../support/client.js';
import { creditsOf, keyed } from '../support/credits.js';
import { mailsTo, newPerson, type Person, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

/* An operator key manages the operator's customers and admits no user to the operator. It ends with the rights of its creator. */

let app: TestApp;
let second: TestServer;
let platform: Person;
/** Another admin of the operator, who creates the keys. */
let maker: Person;
let home: Organization;

const KEYS = '/admin/operator/api-keys';

beforeAll(async () => {
  app = await startTestApp({ ADJUSTMENT_LIMIT: '1000' });
  second = await app.replica();
  platform = await signInAdmin(app);
  maker = await newAdmin('maker');
  home = await newOrganization(platform, 'Home');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from staff_issuances'));

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

async function newAdmin(name: string): Promise<Person> {
  const person = await newPerson(app, name);
  const { status } = await platform.client.post('/admin/operator/members', { userId: person.id, role: 'admin' });
  if (status !== 201) throw new Error(`making ${name} an admin gave ${status}`);
  return person;
}

interface Key {
  id: string;
  secret: string;
  client: Client;
  path: string;
  permissions: string[];
  role: string;
}

async function newKey(input: object = { role: 'admin' }, by = maker): Promise<Key> {
  const { status, body } = await by.client.post(KEYS, { name: 'Back office', ...input });
  if (status !== 201) throw new Error(`making a key gave ${status} ${body.code}`);
  const { id, key, permissions, role } = body;
  return { id, secret: key, client: app.client().as(key), path: `${KEYS}/${id}`, permissions, role };
}

const onBoth = ({ client }: Key): Client[] => [client, client.at(client.base.replace(app.origin, second.origin))];
const operatorEvents = async (query: string) =>
  (await platform.client.get(`/admin/operator/events?${query}`)).body.items as any[];

describe('the reach of an operator key', () => {
  /** Everything the widest key can do. All other routes are refused, including those added later. */
  const ALLOWED = [
    'permissions:list',
    'operator:read',
    'operator-branding:read',
    'role-templates:read',
    'clusters:read',
    'operator-content:read',
    'operator-content:edit',
    'organizations:list',
    'organizations:create',
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
    'organization:read',
    'organization:readImpact',
    'organization:edit',
    'organization:delete',
    'members:list',
    'members:add',
    'members:edit',
    'members:remove',
    'roles:list',
    'invitations:list',
    'invitations:create',
    'invitations:revoke',
    'invitations:resend',
    'branding:read',
    'clusters:list',
    'units:list',
    'units:create',
    'subscription:read',
    'subscription:edit',
    'credits:read',
    'credits:readAll',
    'limits:edit',
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
  ];
  const FOR_TWO_PEOPLE = /adjustments\/\{adjustmentId\}\/(approve|decline)$/;

  interface Operation {
    method: string;
    path: string;
    rule: { level: string; permission?: string; anyRole?: true };
  }
  const operations: Operation[] = Object.entries(JSON.parse(readFileSync('openapi.json', 'utf8')).paths).flatMap(
    ([path, item]) =>
      Object.entries(item as Record<string, any>)
        .filter(([, operation]) => operation['x-requires'])
        .map(([method, operation]) => ({ method: method.toUpperCase(), path, rule: operation['x-requires'] })),
  );

  const mayCall = ({ path, rule }: Operation): boolean =>
    rule.anyRole === true || (ALLOWED.includes(rule.permission ?? '') && !FOR_TWO_PEOPLE.test(path));

  it('is exactly this list, on every route of the API', async () => {
    const { client } = await newKey();
    const operatorId = (await client.get('/admin/operator')).body.id;
    const values: Record<string, string> = {
      operator: 'demo',
      operatorId,
      orgId: home.id,
      unitId: home.defaultUnitId,
      userId: maker.id,
      scope: 'member',
      month: '2026-01',
      key: 'UNSET',
      userCode: 'BBBB-BBBB',
    };
    const faults: string[] = [];
    for (const operation of operations) {
      const { method, path, rule } = operation;
      if (rule.level === 'public') continue;
      const url = app.origin + path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? newId());
      // An unknown field keeps allowed calls from changing anything. Access is decided before.
      const answer =
        method === 'GET' ? await client.get(url) : await client.request(method, `${url}?walk=unknown`, { body: {} });
      const [status, code] = outcome(answer);
      const refused = status === 403 && ['auth.forbidden', 'auth.user_required'].includes(code ?? '');
      const allowed = method === 'GET' ? [200, 404].includes(status) : [400, 415].includes(status);
      if (mayCall(operation) ? !allowed : !refused) faults.push(`${method} ${path}: ${status} ${code}`);
    }
    expect(faults).toEqual([]);
  });

  it('ends at its operator', async () => {
    await platform.client.at(app.origin).post('/api/v1/operators', {
      slug: 'other',
      name: 'Other',
      adminEmail: 'boss@other.example',
    });
    const foreign = await newOrganization(
      { ...platform, client: platform.client.at(app.client('other').base) },
      'Foreign',
    );
    const { client } = await newKey();
    const there = client.at(app.client('other').base);
    for (const path of ['/admin/operator', '/admin/organizations', foreign.path, '/account'])
      expect(outcome(await there.get(path))).toEqual([404, 'operators.not_found']);
    expect(outcome(await client.get(foreign.path))).toEqual([404, 'organizations.not_found']);
    expect(outcome(await client.get('/account'))).toEqual([403, 'auth.user_required']);
    const key = await platform.client.at(app.client('other').base).post(KEYS, { name: 'Other', role: 'admin' });
    expect(outcome(await platform.client.delete(`${KEYS}/${key.body.id}`))).toEqual([404, 'api_keys.not_found']);
  });

  it('never exceeds the list, whatever its row says', async () => {
    const key = await newKey({ permissions: ['organizations:list', 'organization:read'] });
    expect([key.role, key.permissions]).toEqual(['manager', ['organization:read', 'organizations:list']]);
    expect((await key.client.get('/admin/organizations')).status).toBe(200);
    expect((await key.client.get(home.path)).body.name).toBe('Home');
    for (const path of ['/admin/plans', '/admin/operator', `${home.path}/members`])
      expect(outcome(await key.client.get(path))).toEqual([403, 'auth.forbidden']);
    expect(outcome(await key.client.post('/admin/organizations', { name: 'x' }))).toEqual([403, 'auth.forbidden']);
    await app.sql.query(
      `update operator_api_keys set permissions = permissions || '{users:block,operator-members:add,sso:edit}' where id = $1`,
      [key.id],
    );
    expect(outcome(await key.client.post(`/admin/users/${maker.id}/block`, { reason: 'x' }))).toEqual([
      403,
      'auth.forbidden',
    ]);
    expect(outcome(await key.client.get('/admin/operator/overview'))).toEqual([403, 'auth.forbidden']);
  });

  it('excludes the audit log in the overview, and roles above its own', async () => {
    const { client } = await newKey({ permissions: ['operator:read', 'members:add', 'invitations:create'] });
    expect((await client.get('/admin/operator/overview')).body).toMatchObject({ activity: null, setUp: [] });
    const person = await newPerson(app, 'raised');
    const one = await newOrganization(platform, 'Raised', maker);
    expect(outcome(await client.post(`${one.path}/members`, { userId: person.id, role: 'admin' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect((await client.post(`${one.path}/members`, { userId: person.id, role: 'manager' })).status).toBe(201);
    expect(outcome(await client.post(`${one.path}/invitations`, { email: 'a@raised.example', role: 'admin' }))).toEqual(
      [403, 'members.role_above_own'],
    );
  });
});

describe('creating an operator key', () => {
  it('requires an admin with a fresh factor', async () => {
    await app.sql.query(`insert into totp_factors (user_id, secret, confirmed_at) values ($1, 'none', now())`, [
      maker.id,
    ]);
    const key = await platform.client.post(KEYS, { name: 'Theirs', role: 'manager' });
    try {
      for (const [method, path] of [
        ['POST', KEYS],
        ['PATCH', `${KEYS}/${key.body.id}`],
      ] as const)
        expect(outcome(await maker.client.request(method, path, { body: {} }))).toEqual([403, 'auth.step_up_required']);
    } finally {
      await app.sql.query('delete from totp_factors where user_id = $1', [maker.id]);
    }
    const manager = await newPerson(app, 'only-manager');
    await platform.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
    expect(outcome(await manager.client.post(KEYS, { name: 'x', role: 'manager' }))).toEqual([403, 'auth.forbidden']);
    expect(outcome(await manager.client.get(KEYS))).toEqual([403, 'auth.forbidden']);
  });

  it('grants no permission that keys can never have', async () => {
    for (const permission of ['users:block', 'operator-members:add', 'sso:edit', 'api-keys:create', 'clients:edit'])
      expect(outcome(await maker.client.post(KEYS, { name: 'x', permissions: [permission] }))).toEqual([
        400,
        'validation_failed',
      ]);
    for (const input of [{}, { role: 'user' }, { permissions: [] }, { role: 'admin', permissions: ['plans:read'] }])
      expect(outcome(await maker.client.post(KEYS, { name: 'x', ...input }))).toEqual([400, 'validation_failed']);
    const { permissions } = await newKey({ role: 'manager' });
    expect(permissions).toContain('organizations:create');
    expect(permissions).not.toContain('organization:delete');
  });

  it('shows it once, even to a retry on another server', async () => {
    const once = { headers: { 'idempotency-key': 'operator key' } };
    const there = maker.client.at(maker.client.base.replace(app.origin, second.origin));
    const body = { name: 'Once', role: 'manager' };
    const first = await maker.client.post(KEYS, body, once);
    expect([first.status, first.body.hint]).toEqual([201, first.body.key.slice(0, 11)]);
    expect(outcome(await there.post(KEYS, body, once))).toEqual([409, 'idempotency.secret_already_shown']);
    const { body: list } = await maker.client.get(`${KEYS}?q=Once`);
    expect(list.items).toMatchObject([{ id: first.body.id, name: 'Once', createdBy: { id: maker.id }, version: 1 }]);
    expect(JSON.stringify(list)).not.toContain(first.body.key);
  });

  it('allows a later change of its name and expiry, but not more permissions', async () => {
    const key = await newKey();
    const got = await maker.client.get(key.path);
    expect(outcome(await maker.client.patch(key.path, { permissions: ['plans:read'] }))).toEqual([
      400,
      'validation_failed',
    ]);
    const soon = new Date(Date.now() + 60_000).toISOString();
    expect(got.body.etag).toBe(got.headers.get('etag'));
    const ifMatch = { headers: { 'if-match': got.body.etag } };
    const changed = await maker.client.patch(key.path, { name: 'Renamed', expiresAt: soon }, ifMatch);
    expect([changed.status, changed.body.name, changed.body.expiresAt]).toEqual([200, 'Renamed', soon]);
    expect((await maker.client.patch(key.path, { name: 'Again' }, ifMatch)).status).toBe(412);
    expect(await operatorEvents(`type=api_key.updated&subjectId=${key.id}`)).toMatchObject([
      { before: { name: 'Back office', expiresAt: null }, after: { name: 'Renamed', expiresAt: soon } },
    ]);
    await app.sql.query(`update operator_api_keys set expires_at = now() where id = $1`, [key.id]);
    expect(outcome(await key.client.get('/admin/organizations'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await maker.client.patch(key.path, { expiresAt: null }))).toEqual([409, 'api_keys.not_active']);
  });
});

describe('an operator key', () => {
  it('manages an organization from creation to deletion, and each change names the key', async () => {
    const { client, id } = await newKey({ role: 'admin', name: 'Terraform' });
    const admin = await newPerson(app, 'customer');
    const created = await client.post('/admin/organizations', {
      name: 'Customer',
      externalId: 'C-1',
      adminEmail: admin.email,
    });
    expect([created.status, created.body.externalId]).toEqual([201, 'C-1']);
    const path = `/admin/organizations/${created.body.id}`;
    expect((await mailsTo(app, admin.email, 1, /Customer/))[0]?.text).toContain('Terraform');
    const invited = await client.post('/admin/organizations', { name: 'Invited', adminEmail: 'new@customer.example' });
    expect(invited.status).toBe(201);
    const mail = (await mailsTo(app, 'new@customer.example'))[0];
    expect(mail?.text).toContain('Terraform');
    const token = /invitations\/([\w-]+)/.exec(mail?.text ?? '')?.[1];
    const accepted = await app
      .client()
      .post(`/auth/invitations/${token}/accept`, { name: 'New', password: 'correct horse battery staple' });
    expect(accepted.status).toBe(200);

    const person = await newPerson(app, 'colleague');
    expect((await client.post(`${path}/members`, { userId: person.id, role: 'user' })).status).toBe(201);
    expect((await client.patch(`${path}/members/${person.id}`, { role: 'admin' })).status).toBe(200);
    expect((await client.post(`${path}/invitations`, { email: 'x@customer.example', role: 'admin' })).status).toBe(201);
    expect((await client.get(`${path}/invitations`)).body.items[0].invitedBy).toEqual({
      type: 'api_key',
      id,
      name: 'Terraform',
    });
    expect((await client.patch(path, { name: 'Customer Ltd' })).status).toBe(200);
    expect((await client.post(`${path}/units`, { name: 'Lab' })).status).toBe(201);
    expect((await client.post(`${path}/suspend`)).status).toBe(200);
    expect((await client.post(`${path}/resume`)).status).toBe(200);
    expect((await client.delete(`${path}/members/${person.id}`)).status).toBe(204);
    expect(outcome(await client.delete(`${path}?confirmName=Customer`))).toEqual([
      422,
      'organizations.confirmation_mismatch',
    ]);
    expect((await client.delete(`${path}?confirmName=Customer%20Ltd`)).status).toBe(202);
    expect((await client.get(path)).body.status).toBe('pending_deletion');
    expect((await client.post(`${path}/restore`)).body.status).toBe('active');

    const { body } = await platform.client.get(`${path}/events?limit=100`);
    const types = body.items.filter(({ actor }: any) => actor.id === id).map(({ type }: any) => type);
    expect(types).toEqual(expect.arrayContaining(['organization.created', 'member.added', 'organization.restored']));
    expect(new Set(body.items.map(({ actor }: any) => `${actor.type} ${actor.name}`))).toEqual(
      new Set(['api_key Terraform']),
    );
  });

  it('records its use in an event, with its name and address', async () => {
    const key = await newKey({ role: 'manager', name: 'Seen' });
    for (const client of onBoth(key)) expect((await client.get('/admin/organizations')).status).toBe(200);
    let used: any[] = [];
    for (let tries = 0; used.length === 0 && tries < 50; tries++)
      used = await operatorEvents(`type=api_key.used&subjectId=${key.id}`);
    expect(used).toMatchObject([{ actor: { type: 'api_key', id: key.id, name: 'Seen' }, after: { name: 'Seen' } }]);
    expect(used[0].ip).toEqual(expect.any(String));
    expect((await maker.client.get(key.path)).body.lastUsedAt).toEqual(expect.any(String));
  });

  it('grants no more credits than its creator can, by any number of keys, and approves nothing', async () => {
    const one = await newOrganization(platform, 'Money');
    const [key, other] = [await newKey(), await newKey()];
    const grant = (client: Client, amount: string) =>
      client.post(`${creditsOf(one)}/grants`, { amount, category: 'promo', reason: 'x' }, keyed());
    expect((await grant(key.client, '600')).status).toBe(201);
    const asked = await grant(other.client, '600');
    expect([asked.status, asked.body.state]).toEqual([202, 'pending']);
    expect((await grant(maker.client, '600')).status).toBe(202);
    expect((await key.client.put(`${creditsOf(one)}/overdraft`, { overdraftLimit: '600' })).status).toBe(202);
    expect(
      (await other.client.post(`${creditsOf(one)}/adjustments`, { amount: '600', reason: 'x' }, keyed())).status,
    ).toBe(202);
    const approve = (client: Client) =>
      client.post(`${creditsOf(one)}/adjustments/${asked.body.id}/approve`, undefined, keyed());
    for (const { client } of [key, other]) expect(outcome(await approve(client))).toEqual([403, 'auth.user_required']);
    expect(outcome(await approve(maker.client))).toEqual([403, 'billing.second_person_needed']);
    expect((await platform.client.get(creditsOf(one))).body.available).toBe('600');
    expect((await approve(platform.client)).status).toBe(201);

    const plan = { name: 'Rich', monthlyCredits: '1000000000' };
    expect(outcome(await key.client.post('/admin/plans', plan))).toEqual([403, 'plans.credits_need_person']);
    const modest = await key.client.post('/admin/plans', { ...plan, monthlyCredits: '100' });
    expect(modest.status).toBe(201);
    expect(outcome(await key.client.patch(`/admin/plans/${modest.body.id}`, plan))).toEqual([
      403,
      'plans.credits_need_person',
    ]);
  });
});

describe('an operator key ends', () => {
  const expectDead = async (key: Key) => {
    for (const client of onBoth(key))
      expect(outcome(await client.get('/admin/organizations'))).toEqual([401, 'auth.invalid_token']);
  };

  it('when it is revoked, together with what it has started', async () => {
    const key = await newKey();
    const asked = await key.client.post(`${home.path}/invitations`, { email: 'thief@keys.example', role: 'admin' });
    expect(asked.status).toBe(201);
    expect((await maker.client.delete(key.path)).status).toBe(204);
    expect((await maker.client.delete(key.path)).status).toBe(204);
    await expectDead(key);
    const text = (await mailsTo(app, 'thief@keys.example'))[0]?.text ?? '';
    const token = /invitations\/([\w-]+)/.exec(text)?.[1];
    const input = { name: 'Thief', password: 'correct horse battery staple' };
    expect(outcome(await app.client().post(`/auth/invitations/${token}/accept`, input))).toEqual([
      409,
      'invitations.inviter_lost_right',
    ]);
    expect(await operatorEvents(`type=api_key.revoked&subjectId=${key.id}`)).toHaveLength(1);
  });

  it.each([
    ['is blocked', (person: Person) => platform.client.post(`/admin/users/${person.id}/block`, { reason: 'x' })],
    ['is no longer an admin', (person: Person) => setRole(person, 'manager')],
    ['is removed from staff', (person: Person) => platform.client.delete(`/admin/operator/members/${person.id}`)],
    ['is erased', (person: Person) => platform.client.delete(`/admin/users/${person.id}?confirmEmail=${person.email}`)],
  ])('for good when its maker %s', async (what, end) => {
    const person = await newAdmin(`maker-who-${what.replaceAll(' ', '-')}`);
    const key = await newKey({ role: 'admin' }, person);
    for (const client of onBoth(key)) expect((await client.get('/admin/organizations')).status).toBe(200);
    expect((await end(person)).status).toBeLessThan(300);
    await expectDead(key);
    await platform.client.post(`/admin/users/${person.id}/unblock`);
    await platform.client.post('/admin/operator/members', { userId: person.id, role: 'admin' });
    await setRole(person, 'admin');
    await expectDead(key);
    expect((await platform.client.get(key.path)).body.status).toBe('revoked');
    expect(await operatorEvents(`type=api_key.revoked&subjectId=${key.id}`)).toMatchObject([
      { before: { name: 'Back office' } },
    ]);
  });

  const setRole = (person: Person, role: string) =>
    platform.client.patch(`/admin/operator/members/${person.id}`, { role });

  it('if it is created while its creator is being blocked', async () => {
    const person = await newAdmin('in-between');
    const [made] = await Promise.all([
      person.client.post(KEYS, { name: 'Late', role: 'admin' }),
      platform.client.post(`/admin/users/${person.id}/block`, { reason: 'x' }),
    ]);
    if (made.status === 201)
      expect((await app.client().as(made.body.key).get('/admin/organizations')).status).toBe(401);
    else expect([401, 409]).toContain(made.status);
  });
});

describe('the changes of a stolen key', () => {
  it('can be found: the organizations that it changed, and each change there', async () => {
    const key = await newKey();
    const untouched = await newOrganization(platform, 'Untouched');
    const accomplice = await newPerson(app, 'accomplice');
    const changed = await newOrganization(platform, 'Let in');
    const made = (await key.client.post('/admin/organizations', { name: 'Made by a thief' })).body;
    expect((await key.client.post(`${changed.path}/members`, { userId: accomplice.id, role: 'admin' })).status).toBe(
      201,
    );
    expect((await maker.client.delete(key.path)).status).toBe(204);
    // The member still exists: revoking a key undoes nothing.
    expect((await platform.client.get(`${changed.path}/members/${accomplice.id}`)).body.role).toBe('admin');
    const found = await platform.client.get(`/admin/organizations?changedBy=${key.id}&sort=name`);
    expect(found.body.items.map(({ name }: { name: string }) => name)).toEqual([changed.name, made.name]);
    expect(found.body.items.map(({ id }: { id: string }) => id)).not.toContain(untouched.id);
    const { items } = (await platform.client.get(`${changed.path}/events?actorId=${key.id}`)).body;
    expect(items.map(({ type, subject }: any) => [type, subject.id])).toEqual([['member.added', accomplice.id]]);
    // The admins of the customer see it, too.
    const seen = await accomplice.client.get(`${changed.path}/events?actorId=${key.id}`);
    expect(seen.body.items).toHaveLength(1);
    expect((await platform.client.get(`/admin/organizations?changedBy=${newId()}`)).body.items).toEqual([]);
  });
});
