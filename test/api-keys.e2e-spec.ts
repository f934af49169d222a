import { setTimeout as sleep } from 'node:timers/promises';
import { charge, creditsOf, expectProven, grant } from './support/credits.js';
import type { Client } from './support/client.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let acme: Organization;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'acme-admin');
  acme = await newOrganization(staff, 'Acme', admin);
});
afterAll(() => app.close());

interface Made {
  id: string;
  key: string;
  client: Client;
}

async function newKey(
  input: Record<string, unknown> = {},
  { by = admin, organization = acme }: { by?: Person; organization?: Organization } = {},
): Promise<Made> {
  const { status, body } = await by.client.post(`${organization.path}/api-keys`, {
    name: 'Worker',
    ...(!input.permissions && { role: 'user' }),
    ...input,
  });
  if (status !== 201) throw new Error(`making a key gave ${status} ${body.code}`);
  return { id: body.id, key: body.key, client: app.client().as(body.key) };
}

const codeOf = async (answer: Promise<{ status: number; body: any }>) => {
  const { status, body } = await answer;
  return [status, body?.code];
};
const eventsOf = async (query: string, organization = acme) =>
  (await staff.client.get(`${organization.path}/events?${query}`)).body.items;

describe('an API key', () => {
  it('is shown once, stored as a hash, and listed without the secret', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { status, body } = await admin.client.post(`${acme.path}/api-keys`, {
      name: 'Training jobs',
      permissions: ['units:list', 'charges:create'],
      unitIds: [acme.defaultUnitId],
      expiresAt,
    });
    expect(status).toBe(201);
    expect(body.key).toMatch(/^trl_[\w-]{43}$/);
    const { key, ...view } = body;
    expect(view).toEqual({
      id: expect.any(String),
      name: 'Training jobs',
      hint: key.slice(0, 8),
      role: 'user',
      permissions: ['charges:create', 'units:list'],
      unitIds: [acme.defaultUnitId],
      status: 'active',
      createdBy: { id: admin.id, name: 'acme-admin' },
      createdAt: expect.any(String),
      expiresAt,
      revokedAt: null,
      lastUsedAt: null,
    });
    expect((await admin.client.get(`${acme.path}/api-keys/${view.id}`)).body).toEqual(view);
    const { rows } = await app.sql.query('select * from organization_api_keys where id = $1', [view.id]);
    expect(JSON.stringify(rows)).not.toContain(key.slice(8));
    const [event] = await eventsOf('type=api_key.created');
    expect(event).toMatchObject({ actor: { type: 'user', id: admin.id }, subject: { type: 'api_key', id: view.id } });
    expect(JSON.stringify(event)).not.toContain(key.slice(8));
  });

  it('can be listed by pages, name, role, creator and status', async () => {
    const own = await newOrganization(staff, 'Listing', admin);
    const made: Made[] = [];
    for (const name of ['one', 'two of us', 'three'])
      made.push(await newKey({ name, role: 'manager' }, { organization: own }));
    const list = async (query: string) => {
      const { body } = await admin.client.get(`${own.path}/api-keys?${query}`);
      return body.items.map(({ name }: { name: string }) => name);
    };
    const first = await admin.client.get(`${own.path}/api-keys?limit=2&sort=name`);
    expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(['one', 'three']);
    expect(await list(`limit=2&sort=name&cursor=${first.body.nextCursor}`)).toEqual(['two of us']);
    // With a space, which no prefix of a key has by chance.
    expect(await list('q=O+OF')).toEqual(['two of us']);
    expect(await list('role=admin')).toEqual([]);
    expect(await list(`createdBy=${staff.id}`)).toEqual([]);
    await admin.client.delete(`${own.path}/api-keys/${made[0]?.id}`);
    await app.sql.query(`update organization_api_keys set expires_at = now() where id = $1`, [made[1]?.id]);
    expect(await list('status=revoked')).toEqual(['one']);
    expect(await list('status=expired')).toEqual(['two of us']);
    expect(await list(`status=active&createdBy=${admin.id}`)).toEqual(['three']);
  });

  it('has at most the permissions of its creator', async () => {
    const own = await newOrganization(staff, 'Granting', admin);
    const roles = `${own.path}/roles`;
    const maker = await admin.client.post(roles, { name: 'Maker', permissions: ['api-keys:create', 'api-keys:list'] });
    const editor = await admin.client.post(roles, { name: 'Editor', permissions: ['variables:edit'] });
    const person = await newMember(app, staff, own, 'user', 'key-maker');
    const give = (roleIds: string[]) => admin.client.patch(`${own.path}/members/${person.id}`, { roleIds });
    await give([maker.body.id, 'user_admin']);
    const unit = (await person.client.post(`${own.path}/units`, { name: 'Of the maker' })).body.id;
    const make = (input: object) => codeOf(person.client.post(`${own.path}/api-keys`, { name: 'k', ...input }));

    // user_admin would let the creator make a member a manager, but a key is limited to the creator's role.
    expect(await make({ role: 'manager', unitIds: [unit] })).toEqual([403, 'members.role_above_own']);
    expect(await make({ role: 'user' })).toEqual([403, 'api_keys.units_required']);
    expect(await make({ role: 'user', unitIds: [own.defaultUnitId] })).toEqual([422, 'units.not_found']);
    expect(await make({ permissions: ['charges:refund'], unitIds: [unit] })).toEqual([
      422,
      'api_keys.permission_not_available',
    ]);
    expect(await make({ permissions: ['unit:edit'], unitIds: [unit] })).toEqual([403, 'roles.permission_not_held']);
    expect(await make({ permissions: ['no:such'], unitIds: [unit] })).toEqual([400, 'validation_failed']);
    expect(await make({ permissions: ['unit:read'], role: 'user', unitIds: [unit] })).toEqual([
      400,
      'validation_failed',
    ]);
    expect(await make({ role: 'user', unitIds: [] })).toEqual([400, 'validation_failed']);
    expect(await make({ role: 'user', unitIds: [unit], expiresAt: '2020-01-01T00:00:00Z' })).toEqual([
      400,
      'validation_failed',
    ]);
    expect(await make({ role: 'user', unitIds: [acme.defaultUnitId] })).toEqual([422, 'units.not_found']);
    expect(await make({ role: 'user', unitIds: [unit] })).toEqual([201, undefined]);
    expect(await make({ permissions: ['charges:create', 'unit:read'], unitIds: [unit] })).toEqual([201, undefined]);
    expect((await admin.client.delete(`${roles}/${editor.body.id}`)).status).toBe(204);
  });

  it('charges and reads the balance by default', async () => {
    const made = await admin.client.post(`${acme.path}/api-keys`, { name: 'Plain' });
    expect(made.body.permissions).toEqual(['charges:create', 'credits:read']);
    const client = app.client().as(made.body.key);
    expect((await client.get(creditsOf(acme))).status).toBe(200);
    expect(await codeOf(client.get(`${acme.path}/units`))).toEqual([403, 'auth.forbidden']);
    expect(await codeOf(client.get(acme.path))).toEqual([403, 'auth.forbidden']);
  });

  it('cannot create or revoke keys', async () => {
    const [key, other] = [await newKey({ role: 'admin' }), await newKey()];
    const make = key.client.post(`${acme.path}/api-keys`, { name: 'k', role: 'user' });
    expect(await codeOf(make)).toEqual([403, 'auth.forbidden']);
    expect(await codeOf(key.client.delete(`${acme.path}/api-keys/${other.id}`))).toEqual([403, 'auth.forbidden']);
    expect((await other.client.get(acme.path)).status).toBe(200);
  });

  it('cannot be used to sign out', async () => {
    const { client } = await newKey({ role: 'admin' });
    expect(await codeOf(client.post('/auth/logout', {}))).toEqual([401, 'auth.invalid_token']);
  });

  it('shows when it was last used, to the minute', async () => {
    const key = await newKey();
    const used = async (): Promise<string | null> =>
      (await admin.client.get(`${acme.path}/api-keys/${key.id}`)).body.lastUsedAt;
    await key.client.get(acme.path);
    for (let tries = 0; tries < 100 && !(await used()); tries++) await sleep(20);
    const first = await used();
    expect(Date.parse(first ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await Promise.all(Array.from({ length: 20 }, () => key.client.get(acme.path)));
    const { app: replica, origin } = await app.replica();
    await key.client.at(`${origin}/t/demo/api/v1`).get(acme.path);
    await replica.close();
    expect(await used()).toBe(first);
  });
});

describe('a key restricted to units', () => {
  it('acts in them with its role, and elsewhere as a user who sees no other units', async () => {
    const other = (await admin.client.post(`${acme.path}/units`, { name: 'Other' })).body.id;
    await admin.client.put(`${acme.path}/variables/ORGANIZATION_SECRET`, { value: 'x', secret: true });
    const { client } = await newKey({ role: 'admin', unitIds: [acme.defaultUnitId] });
    const own = `${acme.path}/units/${acme.defaultUnitId}`;
    await client.put(`${own}/variables/OF_THE_UNIT`, { value: 'y', secret: true });

    expect((await client.patch(own, { description: 'by a key' })).status).toBe(200);
    expect(await codeOf(client.get(`${acme.path}/units/${other}`))).toEqual([404, 'units.not_found']);
    expect(await codeOf(client.post(`${acme.path}/units/${other}/suspend`))).toEqual([404, 'units.not_found']);
    const units = await client.get(`${acme.path}/units?count=true`);
    expect([units.body.items.map(({ id }: { id: string }) => id), units.body.total]).toEqual([[acme.defaultUnitId], 1]);
    expect((await client.get(acme.path)).status).toBe(200);
    for (const attempt of [
      client.post(`${acme.path}/units`, { name: 'Mine' }),
      client.patch(acme.path, { description: 'x' }),
      client.get(`${acme.path}/variables`),
      client.get(`${acme.path}/api-keys`),
    ])
      expect(await codeOf(attempt)).toEqual([403, 'auth.forbidden']);
    const effective = await client.get(`${own}/variables/effective?secrets=true`);
    const shown = effective.body.items.filter(({ secret }: { secret: boolean }) => secret);
    expect(shown.map(({ key, value }: { key: string; value: string | null }) => [key, value]).sort()).toEqual([
      ['OF_THE_UNIT', 'y'],
      ['ORGANIZATION_SECRET', null],
    ]);
  });

  it('has no permissions beyond them', async () => {
    const { client } = await newKey({ permissions: ['unit:edit', 'unit:read'], unitIds: [acme.defaultUnitId] });
    expect((await client.patch(`${acme.path}/units/${acme.defaultUnitId}`, { description: 'again' })).status).toBe(200);
    expect(await codeOf(client.get(`${acme.path}/events`))).toEqual([403, 'auth.forbidden']);
    const beyond = { name: 'k', permissions: ['events:read'], unitIds: [acme.defaultUnitId] };
    expect(await codeOf(admin.client.post(`${acme.path}/api-keys`, beyond))).toEqual([
      422,
      'api_keys.permission_not_available',
    ]);
  });
});

describe('an action of a key', () => {
  it('is attributed to the key: no user becomes a member or is named for it', async () => {
    const key = await newKey({ role: 'admin' });
    const unit = await key.client.post(`${acme.path}/units`, { name: 'By a key' });
    expect(unit.status).toBe(201);
    expect((await key.client.get(`${acme.path}/units/${unit.body.id}/members`)).body.items).toEqual([]);
    expect((await key.client.get(`${acme.path}/units?q=By a key`)).body.items).toHaveLength(1);
    const events = await eventsOf(`actorId=${key.id}`);
    expect(events.map(({ type, actor }: any) => [type, actor])).toEqual([
      ['unit.created', { type: 'api_key', id: key.id, name: 'Worker' }],
    ]);
    const { body } = await staff.client.get(`${acme.path}/events/verify`);
    expect(body.valid).toBe(true);
  });

  it('can be repeated with an Idempotency-Key, separate for each key', async () => {
    const [one, two] = [await newKey({ role: 'manager' }), await newKey({ role: 'manager' })];
    const create = (client: Client) =>
      client.post(`${acme.path}/units`, { name: 'Once' }, { headers: { 'idempotency-key': 'same' } });
    const first = await create(one.client);
    const again = await create(one.client);
    const other = await create(two.client);
    expect([first.status, again.status, other.status]).toEqual([201, 201, 201]);
    expect([again.headers.get('idempotent-replayed'), other.headers.get('idempotent-replayed')]).toEqual([
      'true',
      null,
    ]);
    expect(again.body.id).toBe(first.body.id);
    expect(other.body.id).not.toBe(first.body.id);
  });

  it('never causes a server error, on any route of its organization', async () => {
    const own = await newOrganization(staff, 'Everything', admin);
    const { client } = await newKey({ role: 'admin' }, { organization: own });
    const unit = `${own.path}/units/${own.defaultUnitId}`;
    const answers = [
      await client.patch(own.path, { description: 'x' }),
      await client.put(`${own.path}/variables/A`, { value: 'b' }),
      await client.patch(`${own.path}/branding`, { displayName: 'Key' }),
      await client.get(`${own.path}/impact`),
      await client.get(`${own.path}/events/export?format=csv`),
      await client.post(`${unit}/suspend`),
      await client.post(`${unit}/resume`),
      await client.delete(`${unit}?confirmName=Default`),
      await client.post(`${unit}/restore`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200, 202, 200]);
  });
});

describe('charging with a key', () => {
  it('is reported per key, and names the members whose usage it is', async () => {
    const own = await newOrganization(staff, 'Charging', admin);
    await grant(staff, own, '100');
    const [worker, manager] = [
      await newKey({}, { organization: own }),
      await newKey({ role: 'manager' }, { organization: own }),
    ];
    const inUnit = { amount: '1', unitId: own.defaultUnitId };
    expect((await charge(worker, own, inUnit)).status).toBe(201);
    expect((await charge(worker, own, { amount: '1' })).status).toBe(201);
    const named = { ...inUnit, memberId: admin.id };
    expect((await charge(worker, own, named)).status).toBe(201);
    expect((await charge(manager, own, named)).status).toBe(201);
    const { rows } = await app.sql.query(
      `select api_key_id as key, actor_id as actor, member_id as member, unit_id as unit from credit_entries
       where organization_id = $1 and usage > 0 order by seq`,
      [own.id],
    );
    const [unit, member] = [own.defaultUnitId, admin.id];
    expect(rows).toEqual([
      { key: worker.id, actor: worker.id, member: null, unit },
      { key: worker.id, actor: worker.id, member: null, unit: null },
      { key: worker.id, actor: worker.id, member, unit },
      { key: manager.id, actor: manager.id, member, unit },
    ]);
    expect((await worker.client.get(creditsOf(own))).body.available).toBe('96');
    await expectProven(staff, own);
  });

  it('is limited to its units', async () => {
    const own = await newOrganization(staff, 'Charging units', admin);
    await grant(staff, own, '10');
    const other = (await admin.client.post(`${own.path}/units`, { name: 'Other' })).body.id;
    const key = await newKey({ role: 'manager', unitIds: [own.defaultUnitId] }, { organization: own });
    const attempt = (more: object) => codeOf(charge(key, own, { amount: '1', ...more }));
    expect(await attempt({})).toEqual([422, 'billing.unit_required']);
    expect(await attempt({ unitId: other })).toEqual([404, 'units.not_found']);
    expect(await attempt({ unitId: own.defaultUnitId, memberId: admin.id })).toEqual([201, undefined]);
    const items = [{}, { unitId: other }, { unitId: own.defaultUnitId }].map((one, index) => ({
      amount: '1',
      idempotencyKey: `batch-${index}`,
      ...one,
    }));
    const { body } = await key.client.post(`${creditsOf(own)}/charges/batch`, { items });
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([422, 404, 201]);
    expect((await key.client.get(creditsOf(own))).body.available).toBe('8');
  });
});

describe('a key stops working', () => {
  it('when it is revoked or has expired, at once and permanently', async () => {
    const [revoked, expired] = [await newKey(), await newKey()];
    const ask = ({ client }: Made) => codeOf(client.get(acme.path));
    expect([await ask(revoked), await ask(expired)]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    const { status } = await admin.client.delete(`${acme.path}/api-keys/${revoked.id}`);
    await app.sql.query(`update organization_api_keys set expires_at = now() where id = $1`, [expired.id]);
    expect([status, await ask(revoked), await ask(expired)]).toEqual([
      204,
      [401, 'auth.invalid_token'],
      [401, 'auth.invalid_token'],
    ]);
    expect((await admin.client.delete(`${acme.path}/api-keys/${revoked.id}`)).status).toBe(204);
    expect(await eventsOf(`type=api_key.revoked&subjectId=${revoked.id}`)).toHaveLength(1);
  });

  it('with its organization and works again after a restore, but not without its creator', async () => {
    const own = await newOrganization(staff, 'Stopping', admin);
    const maker = await newMember(app, staff, own, 'admin', 'leaving-maker');
    const key = await newKey({ role: 'admin' }, { by: maker, organization: own });
    const ask = () => codeOf(key.client.get(own.path));

    await admin.client.patch(`${own.path}/members/${maker.id}`, { role: 'user' });
    await admin.client.delete(`${own.path}/members/${maker.id}`);
    await app.sql.query('update users set blocked_at = now() where id = $1', [maker.id]);
    expect(await ask()).toEqual([200, undefined]);
    const events = await eventsOf(`subjectId=${maker.id}&sort=occurredAt`, own);
    expect(events.slice(1).map(({ type, after }: any) => [type, after.apiKeyIds])).toEqual([
      ['member.role_changed', [key.id]],
      ['member.removed', [key.id]],
    ]);

    await staff.client.post(`${own.path}/suspend`);
    expect(await ask()).toEqual([403, 'organizations.suspended']);
    await staff.client.post(`${own.path}/resume`);
    await staff.client.delete(`${own.path}?confirmName=Stopping`);
    expect(await ask()).toEqual([401, 'auth.invalid_token']);
    await staff.client.post(`${own.path}/restore`);
    expect(await ask()).toEqual([200, undefined]);
  });
});
