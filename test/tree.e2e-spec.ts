import { keyed } from './support/credits.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const ORGANIZATIONS = '/admin/organizations';

describe('an organization', () => {
  it('is created with its default unit, its admin and its first events', async () => {
    const ann = await newPerson(app, 'ann');
    const created = await staff.client.post(ORGANIZATIONS, {
      name: 'Northwind Traders',
      externalId: 'N-1',
      adminEmail: ann.email,
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      name: 'Northwind Traders',
      slug: 'northwind-traders',
      externalId: 'N-1',
      status: 'active',
    });
    const path = `${ORGANIZATIONS}/${created.body.id}`;
    expect((await ann.client.get(`${path}/units`)).body.items).toMatchObject([
      { name: 'Default', slug: 'default', role: 'admin' },
    ]);
    expect((await ann.client.get(`${path}/members`)).body.items).toMatchObject([
      { userId: ann.id, role: 'admin', status: 'active' },
    ]);
    const events = await ann.client.get(`${path}/events?sort=occurredAt`);
    expect(events.body.items.map(({ type }: { type: string }) => type)).toEqual([
      'organization.created',
      'unit.created',
      'member.added',
      'unit_member.added',
    ]);
  });

  it('can be found by parts of name, slug and externalId, page by page, with a count', async () => {
    const names = Array.from({ length: 7 }, (_, index) => `Pageable ${index}`);
    for (const [index, name] of names.entries())
      await staff.client.post(ORGANIZATIONS, { name, externalId: `PG-${index}` });
    const query = `${ORGANIZATIONS}?q=geabl&limit=3&sort=-name`;
    const first = await staff.client.get(`${query}&count=true`);
    expect(first.body.total).toBe(7);
    // New rows before the current position neither repeat nor hide anything.
    await staff.client.post(ORGANIZATIONS, { name: 'Pageable 9' });
    const second = await staff.client.get(`${query}&cursor=${first.body.nextCursor}`);
    const third = await staff.client.get(`${query}&cursor=${second.body.nextCursor}`);
    expect(third.body.nextCursor).toBeNull();
    const seen = [first, second, third].flatMap(({ body }) => body.items.map(({ name }: { name: string }) => name));
    expect(seen).toEqual(names.toReversed());
    expect((await staff.client.get(`${ORGANIZATIONS}?q=PG-3`)).body.items).toHaveLength(1);
    expect((await staff.client.get(`${ORGANIZATIONS}?externalId=PG-3`)).body.items).toHaveLength(1);
    expect((await staff.client.get(`${ORGANIZATIONS}?q=%25`)).body.items).toHaveLength(0);
  });

  it('refuses a cursor that was modified, or created for another list, sort order or filter', async () => {
    const { body } = await staff.client.get(`${ORGANIZATIONS}?limit=1`);
    const cursor: string = body.nextCursor;
    for (const query of [
      `cursor=${cursor}x`,
      `cursor=${cursor}&sort=-name`,
      `cursor=${cursor}&q=north`,
      'cursor=abc',
      `cursor=${'a'.repeat(2001)}`,
    ]) {
      const answer = await staff.client.get(`${ORGANIZATIONS}?${query}`);
      expect([answer.status, answer.body.code]).toEqual([
        400,
        query.length > 2000 ? 'validation_failed' : 'invalid_cursor',
      ]);
    }
    expect((await staff.client.get(`/admin/users?cursor=${cursor}`)).body.code).toBe('invalid_cursor');
  });

  it('can be edited with PUT and PATCH under If-Match', async () => {
    const { id } = await newOrganization(staff, 'Editable');
    const path = `${ORGANIZATIONS}/${id}`;
    const read = await staff.client.get(path);
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toBe('"1"');
    const patched = await staff.client.patch(path, { description: 'First\nsecond' }, { headers: { 'if-match': etag } });
    expect([patched.status, patched.headers.get('etag'), patched.body.description]).toEqual([
      200,
      '"2"',
      'First\nsecond',
    ]);
    for (const stale of [etag, '"999"', 'nonsense', 'W/"2"']) {
      const answer = await staff.client.patch(path, { name: 'No' }, { headers: { 'if-match': stale } });
      expect([answer.status, answer.body.code]).toEqual([412, 'precondition_failed']);
    }
    const put = await staff.client.put(path, { name: 'Edited' });
    expect(put.body).toMatchObject({
      name: 'Edited',
      description: null,
      externalId: null,
      slug: 'editable',
      version: 3,
    });
    const same = await staff.client.put(path, { name: 'Edited' });
    expect(same.body.version).toBe(3);
  });

  it('gives a slug and an externalId to one of two simultaneous requests', async () => {
    for (const wanted of [{ slug: 'wanted-slug' }, { externalId: 'wanted-id' }]) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          staff.client.post(ORGANIZATIONS, { name: `Racer ${index}`, ...wanted }),
        ),
      );
      const statuses = answers.map(({ status }) => status).sort((a, b) => a - b);
      expect(statuses).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
      const codes = new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body.code));
      expect([...codes]).toEqual([`organizations.${'slug' in wanted ? 'slug' : 'external_id'}_taken`]);
    }
  });

  it.each([
    ['an unknown field', { name: 'A', colour: 'red' }, 'colour'],
    ['an id from the client', { id: '01890000-0000-7000-8000-000000000000', name: 'A' }, 'id'],
    ['a number for a name', { name: 7 }, 'name'],
    ['an empty name', { name: '   ' }, 'name'],
    ['a long name', { name: 'x'.repeat(121) }, 'name'],
    ['a control character', { name: 'A\u0000B' }, 'name'],
    ['a line break in a name', { name: 'A\nB' }, 'name'],
    ['a reversed text', { name: 'A\u202eB' }, 'name'],
    ['a reserved slug', { name: 'A', slug: 'admin' }, 'slug'],
    ['a bad slug', { name: 'A', slug: '-a-' }, 'slug'],
    ['a long externalId', { name: 'A', externalId: 'x'.repeat(129) }, 'externalId'],
    ['a list for a body', [{ name: 'A' }], ''],
    ['a nested name', { name: { $gt: '' } }, 'name'],
  ])('is not created with %s', async (_, body, field) => {
    const before = await app.sql.query('select count(*) from organizations');
    const answer = await staff.client.post(ORGANIZATIONS, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    if (field) expect(answer.body.errors[0].field).toBe(field);
    expect((await app.sql.query('select count(*) from organizations')).rows).toEqual(before.rows);
  });

  it('keeps its slug when its own admin wants to change it, but not when staff do', async () => {
    const organization = await newOrganization(staff, 'Sluggish', await newPerson(app, 'sluggish-admin'));
    const admin = await staff.client.get(`${organization.path}/members`);
    expect(admin.body.items).toHaveLength(1);
    const own = await newMember(app, staff, organization, 'admin', 'sluggish-second');
    expect((await own.client.patch(organization.path, { slug: 'mine-now' })).body.code).toBe(
      'organizations.slug_immutable',
    );
    expect((await staff.client.patch(organization.path, { slug: 'theirs-now' })).body.slug).toBe('theirs-now');
  });
});

describe('the lifecycle of an organization', () => {
  let organization: Organization;
  let admin: Person;
  let user: Person;

  beforeAll(async () => {
    admin = await newPerson(app, 'life-admin');
    organization = await newOrganization(staff, 'Life & Co.', admin);
    user = await newMember(app, staff, organization, 'user', 'life-user');
  });

  it('limits access to reads by its admins while suspended', async () => {
    expect((await admin.client.post(`${organization.path}/suspend`)).status).toBe(403);
    expect((await staff.client.post(`${organization.path}/suspend`)).body.status).toBe('suspended');
    expect((await staff.client.post(`${organization.path}/suspend`)).status).toBe(200);
    expect((await admin.client.get(organization.path)).body.status).toBe('suspended');
    expect((await admin.client.patch(organization.path, { name: 'X' })).body.code).toBe('organizations.suspended');
    expect((await user.client.get(organization.path)).body.code).toBe('organizations.suspended');
    const login = await app.client().post('/auth/login', {
      email: user.email,
      password: 'correct horse battery staple',
      organizationId: organization.id,
    });
    expect([login.status, login.body.code]).toEqual([403, 'organizations.suspended']);
    expect((await staff.client.post(`${organization.path}/resume`)).body.status).toBe('active');
    expect((await user.client.get(organization.path)).status).toBe(200);
  });

  it('previews what a change would affect', async () => {
    const connection = await admin.client.post(`${organization.path}/sso-connections`, {
      type: 'oidc',
      name: 'Their directory',
      issuer: 'https://idp.example',
      clientId: 'x',
    });
    expect(connection.status).toBe(201);
    await app.sql.query(
      `insert into top_ups (organization_id, id, state, credits, price_minor, currency, provider, return_url, requested_by,
         refunded_minor, disputes, updated_at) select $1, gen_random_uuid(), state, 1, 1, 'USD', 'stripe', '', $2, 0, '{}', now()
       from unnest(array['processing', 'paid', 'checkout_open', 'failed']) state`,
      [organization.id, admin.id],
    );
    // It may be charged already.
    await app.sql.query(
      `insert into top_ups (organization_id, id, state, auto, credits, price_minor, currency, provider, return_url, requested_by,
         refunded_minor, disputes, updated_at) values ($1, gen_random_uuid(), 'created', true, 1, 1, 'USD', 'stripe', '', $2, 0, '{}', now())`,
      [organization.id, admin.id],
    );
    const grants = `/organizations/${organization.id}/credits`;
    const scheduled = ['10', '0.5', '7'].map((amount) => ({
      amount,
      category: 'promo',
      reason: 'x',
      effectiveAt: '2099-01-01',
    }));
    const asked = await Promise.all(scheduled.map((input) => staff.client.post(`${grants}/grants`, input, keyed())));
    expect((await staff.client.post(`${grants}/adjustments/${asked[2]?.body.id}/cancel`)).status).toBe(200);
    expect((await admin.client.get(`${organization.path}/impact`)).body).toMatchObject({
      paymentsUnderway: 3,
      scheduledGrants: 2,
      scheduledCredits: '10.5',
      activeMembers: 2,
      liveSessions: 2,
      units: 1,
      linkedIdentityProviders: 1,
      creditsLeft: '0',
    });
  });

  it('hides a deleted organization from its members, keeps its slug, and restores it unchanged', async () => {
    const wrong = await admin.client.delete(`${organization.path}?confirmName=life`);
    expect([wrong.status, wrong.body.code]).toEqual([422, 'organizations.confirmation_mismatch']);
    const unit = await admin.client.post(`${organization.path}/units`, { name: 'Deleted on its own' });
    // A name that looks the same confirms, too: people copy it from places that change its spaces.
    const copied = encodeURIComponent(' Deleted\u00a0on  its own');
    const ended = await admin.client.delete(`${organization.path}/units/${unit.body.id}?confirmName=${copied}`);
    expect(ended.status).toBe(202);

    const deleted = await admin.client.delete(
      `${organization.path}?confirmName=${encodeURIComponent(organization.name)}`,
    );
    expect([deleted.status, deleted.body.status]).toEqual([202, 'pending_deletion']);
    expect(Date.parse(deleted.body.purgeAt) - Date.now()).toBeCloseTo(7 * 86_400_000, -5);
    expect((await admin.client.get(organization.path)).body.code).toBe('organizations.not_found');
    expect((await admin.client.get('/account/organizations')).body.items).toEqual([]);
    const again = await staff.client.delete(
      `${organization.path}?confirmName=${encodeURIComponent(organization.name)}`,
    );
    expect(again.body.purgeAt).toBe(deleted.body.purgeAt);
    expect((await staff.client.get(`${ORGANIZATIONS}?status=pending_deletion`)).body.items).toHaveLength(1);
    expect((await staff.client.get(organization.path)).body).toMatchObject({
      status: 'pending_deletion',
      purgeAt: deleted.body.purgeAt,
    });
    expect((await staff.client.patch(organization.path, { name: 'X' })).body.code).toBe(
      'organizations.pending_deletion',
    );
    expect((await staff.client.post(ORGANIZATIONS, { name: 'Other', slug: organization.slug })).body.code).toBe(
      'organizations.slug_taken',
    );
    const login = await app.client().post('/auth/login', {
      email: admin.email,
      password: 'correct horse battery staple',
      organizationId: organization.id,
    });
    expect([login.status, login.body.code]).toEqual([404, 'organizations.not_found']);

    expect((await staff.client.post(`${organization.path}/restore`)).body).toMatchObject({
      status: 'active',
      purgeAt: null,
    });
    expect((await staff.client.post(`${organization.path}/restore`)).status).toBe(200);
    const units = await admin.client.get(`${organization.path}/units?sort=createdAt`);
    expect(units.body.items.map(({ status }: { status: string }) => status)).toEqual(['active', 'pending_deletion']);
  });
});

describe('a unit', () => {
  it('is created by a user, is visible to its members, and is fully visible to managers', async () => {
    const organization = await newOrganization(staff, 'Unitary', await newPerson(app, 'unit-boss'));
    const user = await newMember(app, staff, organization, 'user', 'unit-user');
    const other = await newMember(app, staff, organization, 'user', 'unit-other');
    const manager = await newMember(app, staff, organization, 'manager', 'unit-manager');
    const created = await user.client.post(`${organization.path}/units`, { name: 'Lab', externalId: 'L-1' });
    expect(created.status).toBe(201);
    const path = `${organization.path}/units/${created.body.id}`;
    expect((await user.client.get(`${organization.path}/units`)).body.items).toMatchObject([
      { name: 'Lab', role: 'admin' },
    ]);
    expect((await other.client.get(`${organization.path}/units`)).body.items).toEqual([]);
    expect((await other.client.get(path)).body.code).toBe('units.not_found');
    expect((await manager.client.get(`${organization.path}/units?sort=name`)).body.items).toHaveLength(2);
    expect((await manager.client.patch(path, { description: 'seen' })).status).toBe(200);
    expect((await manager.client.delete(`${path}?confirmName=Lab`)).body.code).toBe('auth.forbidden');

    expect((await user.client.post(`${path}/members`, { email: other.email, role: 'manager' })).status).toBe(201);
    expect((await other.client.get(path)).status).toBe(200);
    expect((await other.client.post(`${path}/members`, { email: manager.email, role: 'admin' })).body.code).toBe(
      'members.role_above_own',
    );
    const stranger = await newPerson(app, 'unit-stranger');
    expect((await user.client.post(`${path}/members`, { email: stranger.email, role: 'user' })).body.code).toBe(
      'users.not_found',
    );

    await manager.client.delete(`${organization.path}/members/${other.id}`);
    const removals = await staff.client.get(`${organization.path}/events?type=member.removed`);
    expect(removals.body.items[0].before).toEqual({ role: 'user', unitIds: [created.body.id] });
    expect((await other.client.get(path)).status).toBe(404);
    expect((await user.client.get(`${path}/members`)).body.items).toHaveLength(1);

    expect((await user.client.post(`${path}/suspend`)).body.status).toBe('suspended');
    expect((await user.client.get(path)).status).toBe(200);
    expect((await manager.client.get(path)).body.code).toBe('units.suspended');
    expect((await user.client.post(`${path}/resume`)).body.status).toBe('active');

    expect((await user.client.delete(`${path}?confirmName=Lab`)).status).toBe(202);
    expect((await manager.client.get(path)).body.code).toBe('units.not_found');
    expect((await user.client.get(path)).body.status).toBe('pending_deletion');
    expect((await user.client.patch(path, { name: 'X' })).body.code).toBe('units.pending_deletion');
    expect((await user.client.post(`${path}/restore`)).body.status).toBe('active');
  });
});
