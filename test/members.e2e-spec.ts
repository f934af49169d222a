import { type Answer, Client } from './support/client.js';
import { newPerson, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization, proveDomain } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
/** A user of another operator. */
let foreigner: Person;

const NOBODY = '01890000-0000-7000-8000-000000000000';
const STAFF = '/admin/operator/members';

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  await new Client(`${app.origin}/api/v1`, staff.accessToken).post('/operators', {
    slug: 'abroad',
    name: 'Abroad',
    adminEmail: 'boss@abroad.example',
  });
  await registerPerson(app, 'boss@abroad.example', 'abroad');
  foreigner = await signIn(app, 'boss@abroad.example', PASSWORD, 'abroad');
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const onReplica = (person: Person): Client => person.client.at(person.client.base.replace(app.origin, replica.origin));
/** Alternates between the two servers for the same user. */
const onEither = (person: Person, index: number): Client => (index % 2 ? onReplica(person) : person.client);
const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const key = body?.code ? `${status} ${body.code}` : String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Returns an answer without its request id and time. Two equal ones cannot be told apart by a caller. */
function bytesOf({ status, headers, body }: Answer): string {
  const kept = [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name));
  return JSON.stringify([status, kept, { ...body, requestId: '' }]);
}

/** Inserts accounts that never sign in by plain SQL, which is cheap for thousands. Returns their ids in the order of their names. */
async function accounts(
  count: number,
  prefix: string,
  state: 'active' | 'invited' | 'blocked' = 'active',
): Promise<string[]> {
  const { rows } = await app.sql.query<{ id: string }>(
    `with made as (insert into users (id, operator_id, email, name, email_verified_at, blocked_at)
       select gen_random_uuid(), op.id, $1 || '-' || lpad(n::text, 3, '0') || '@listed.example', initcap($1) || ' ' || lpad(n::text, 3, '0'),
         case when $3 <> 'invited' then now() end, case when $3 = 'blocked' then now() end
       from operators op, generate_series(1, $2) n where op.slug = 'demo' returning id, name)
     select id from made order by name`,
    [prefix, count, state],
  );
  return rows.map(({ id }) => id);
}

async function add(path: string, userId: string, role = 'user'): Promise<void> {
  const answer = await staff.client.post(path, { userId, role });
  if (answer.status !== 201) throw new Error(`adding gave ${answer.status} ${answer.body.code}`);
}

const activeAdmins = async (organization: Organization): Promise<string[]> => {
  const { body } = await staff.client.get(`${organization.path}/members?role=admin&status=active&limit=100`);
  return body.items.map(({ userId }: { userId: string }) => userId);
};

async function withAdmins(name: string, count: number): Promise<{ organization: Organization; admins: Person[] }> {
  const organization = await newOrganization(staff, name);
  const admins: Person[] = [];
  for (let index = 0; index < count; index++)
    admins.push(
      await newMember(app, staff, organization, 'admin', `${name.toLowerCase().replaceAll(' ', '-')}-${index}`),
    );
  return { organization, admins };
}

interface Level {
  name: string;
  /** The path of the member list. */
  path: string;
  /** A person with full rights at this level. */
  admin: Person;
  /** Makes a user eligible for membership at this level. */
  admit(userId: string): Promise<void>;
  events: string;
}

describe.each(['organization', 'operator', 'unit'])('members of an %s', (name) => {
  let level: Level;

  beforeAll(async () => {
    const organization = await newOrganization(staff, `Level ${name}`);
    const admin = name === 'operator' ? staff : await newMember(app, staff, organization, 'admin', `level-${name}`);
    const unit = `${organization.path}/units/${organization.defaultUnitId}/members`;
    // Its admin may then add these users directly.
    for (const domain of ['listed.example', 'people.example', 'abroad.example'])
      await proveDomain(app, organization, domain);
    level = {
      name,
      path: { organization: `${organization.path}/members`, operator: STAFF, unit }[name] ?? '',
      admin,
      admit: (userId) => (name === 'unit' ? add(`${organization.path}/members`, userId) : Promise.resolve()),
      events: { organization: 'member', operator: 'operator_member', unit: 'unit_member' }[name] ?? '',
    };
  });

  it('are listed with filters by name, address, role and status, sorted, paged and counted', async () => {
    const prefix = `list-${name}`;
    const [active, invited, blocked] = [
      await accounts(11, prefix),
      await accounts(1, `${prefix}-invited`, 'invited'),
      await accounts(1, `${prefix}-blocked`, 'blocked'),
    ];
    for (const [index, userId] of [...active, ...invited, ...blocked].entries()) {
      await level.admit(userId);
      await add(level.path, userId, index % 3 === 0 ? 'manager' : 'user');
    }
    const get = async (query: string) =>
      (await level.admin.client.get(`${level.path}?q=${prefix.toUpperCase()}&${query}`)).body;
    const names = async (query: string): Promise<string[]> =>
      (await get(query)).items.map((item: { name: string }) => item.name);
    expect((await get('count=true')).total).toBe(13);
    expect((await get('role=manager&count=true')).total).toBe(5);
    expect((await get('role=admin')).items).toEqual([]);
    expect((await get('status=invited')).items).toMatchObject([{ userId: invited[0], status: 'invited' }]);
    expect((await get('status=blocked')).items).toMatchObject([
      { userId: blocked[0], status: 'blocked', version: 1, joinedAt: expect.any(String) },
    ]);
    expect((await get('status=active&role=manager&count=true')).total).toBe(4);
    expect((await level.admin.client.get(`${level.path}?q=${prefix}-004@listed`)).body.items).toMatchObject([
      { userId: active[3] },
    ]);
    for (const q of ['%25', '_____', '\\'])
      expect((await level.admin.client.get(`${level.path}?q=${q}`)).body.items).toEqual([]);

    const ascending = await names('sort=name&limit=100');
    expect(await names('limit=100')).toEqual(await names('sort=joinedAt&limit=100'));
    expect(await names('sort=-name&limit=100')).toEqual(ascending.toReversed());
    expect(await names('sort=-email&limit=100')).toEqual((await names('sort=email&limit=100')).toReversed());
    expect(await names('sort=-joinedAt&limit=100')).toEqual((await names('sort=joinedAt&limit=100')).toReversed());
    const paged: string[] = [];
    let cursor: string | null = '';
    do {
      const page = await get(`sort=-joinedAt&limit=4${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items.map((item: { name: string }) => item.name));
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(await names('sort=-joinedAt&limit=100'));
    for (const query of ['sort=role', 'role=owner', 'status=gone', 'limit=0', 'limit=101', 'filter=x', 'q=']) {
      expect([query, ...outcome(await level.admin.client.get(`${level.path}?${query}`))]).toEqual([
        query,
        400,
        'validation_failed',
      ]);
    }
  });

  it('are added once, by id or by address', async () => {
    const [byId = '', byEmail = '', raced = ''] = await accounts(3, `add-${name}`);
    for (const id of [byId, byEmail, raced]) await level.admit(id);
    const first = await level.admin.client.post(level.path, { userId: byId, role: 'manager' });
    expect([first.status, first.body]).toEqual([
      201,
      expect.objectContaining({ userId: byId, role: 'manager', status: 'active', version: 1 }),
    ]);
    expect(
      (await level.admin.client.post(level.path, { email: ` ADD-${name}-002@Listed.Example `, role: 'user' })).body
        .userId,
    ).toBe(byEmail);
    expect(outcome(await level.admin.client.post(level.path, { userId: byId, role: 'user' }))).toEqual([
      409,
      'members.already_member',
    ]);
    expect(
      tally(await times(10, (index) => onEither(level.admin, index).post(level.path, { userId: raced, role: 'user' }))),
    ).toEqual({ 201: 1, '409 members.already_member': 9 });
    const table = name === 'operator' ? 'operator_events' : 'organization_events';
    const { rows } = await app.sql.query(
      `select after from ${table} where type = $1 and (subject_id = $2 or after ->> 'userId' = $2)`,
      [`${level.events}.added`, raced],
    );
    expect(rows).toHaveLength(1);
  });

  it('are added in no other way, and unknown users look like users of another operator', async () => {
    const [known = ''] = await accounts(1, `other-way-${name}`);
    const bodies = [
      {},
      { role: 'user' },
      { userId: known },
      { userId: known, email: `other-way-${name}-001@listed.example`, role: 'user' },
      { userId: known, role: 'owner' },
      { userId: 'me', role: 'user' },
      { userId: [known], role: 'user' },
      { email: '"a b"@c.example', role: 'user' },
      { userId: known, role: 'user', version: 7 },
      { userId: null, role: 'user' },
    ];
    for (const body of bodies)
      expect([body, ...outcome(await level.admin.client.post(level.path, body))]).toEqual([
        body,
        400,
        'validation_failed',
      ]);
    const missing = await level.admin.client.post(level.path, { userId: NOBODY, role: 'user' });
    expect(outcome(missing)).toEqual([404, 'users.not_found']);
    for (const body of [
      { userId: foreigner.id, role: 'user' },
      { email: foreigner.email, role: 'user' },
      { email: 'nobody@listed.example', role: 'user' },
    ]) {
      expect(bytesOf(await level.admin.client.post(level.path, body))).toBe(bytesOf(missing));
    }
  });

  it('change roles under If-Match, each change once', async () => {
    const [userId = ''] = await accounts(1, `change-${name}`);
    await level.admit(userId);
    await add(level.path, userId);
    const path = `${level.path}/${userId}`;
    const changed = await level.admin.client.patch(path, { role: 'manager' }, { headers: { 'if-match': '"1"' } });
    expect([changed.status, changed.headers.get('etag'), changed.body.role]).toEqual([200, '"2"', 'manager']);
    expect(outcome(await level.admin.client.patch(path, { role: 'user' }, { headers: { 'if-match': '"1"' } }))).toEqual(
      [412, 'precondition_failed'],
    );
    expect((await level.admin.client.patch(path, { role: 'manager' })).body.version).toBe(2);
    const raced = await times(10, (index) =>
      onEither(level.admin, index).patch(path, { role: 'admin' }, { headers: { 'if-match': '"2"' } }),
    );
    expect(tally(raced)).toEqual({ 200: 1, '412 precondition_failed': 9 });
    for (const body of [{}, { role: 'owner' }, { role: 'user', userId }, { role: null }]) {
      expect(outcome(await level.admin.client.patch(path, body))).toEqual([400, 'validation_failed']);
    }
  });

  it('answer byte-identical 404s when removed, foreign or unknown', async () => {
    const [userId = ''] = await accounts(1, `remove-${name}`);
    await level.admit(userId);
    await add(level.path, userId);
    expect(tally(await times(6, (index) => onEither(level.admin, index).delete(`${level.path}/${userId}`)))).toEqual({
      204: 1,
      '404 members.not_found': 5,
    });
    for (const call of [
      (id: string) => level.admin.client.delete(`${level.path}/${id}`),
      (id: string) => level.admin.client.patch(`${level.path}/${id}`, { role: 'user' }),
    ]) {
      const missing = await call(NOBODY);
      expect(outcome(missing)).toEqual([404, 'members.not_found']);
      for (const id of [userId, foreigner.id]) expect(bytesOf(await call(id))).toBe(bytesOf(missing));
      expect((await call('not-an-id')).status).toBe(404);
    }
    expect((await staff.client.get(`/admin/users?email=remove-${name}-001@listed.example`)).body.items).toHaveLength(1);
  });
});

describe('one member of an organization', () => {
  it('is returned with the units that the caller can see, and with who added them', async () => {
    const organization = await newOrganization(staff, 'Detailed');
    const { path } = organization;
    const [admin, manager, user] = [
      await newMember(app, staff, organization, 'admin', 'detail-admin'),
      await newMember(app, staff, organization, 'manager', 'detail-manager'),
      await newMember(app, staff, organization, 'user', 'detail-user'),
    ];
    const lab = (await staff.client.post(`${path}/units`, { name: 'Lab' })).body;
    const yard = (await staff.client.post(`${path}/units`, { name: 'Yard' })).body;
    for (const { id } of [lab, yard])
      await staff.client.post(`${path}/units/${id}/members`, { userId: user.id, role: 'manager' });
    await admin.client.patch(`${path}/members/${user.id}`, { roleIds: ['billing_admin'] });
    const whole = await manager.client.get(`${path}/members/${user.id}`);
    expect(whole.body).toMatchObject({
      userId: user.id,
      roles: [{ id: 'billing_admin' }],
      units: expect.arrayContaining([
        { id: lab.id, slug: 'lab', name: 'Lab', role: 'manager' },
        { id: yard.id, slug: 'yard', name: 'Yard', role: 'manager' },
      ]),
      provisioned: false,
      addedBy: { type: 'user', name: expect.any(String) },
    });
    expect((await user.client.get(`${path}/members/${manager.id}`)).body).toMatchObject({ units: [], addedBy: null });
    await staff.client.post(`${path}/units/${lab.id}/members`, { userId: manager.id, role: 'user' });
    expect((await user.client.get(`${path}/members/${manager.id}`)).body.units).toMatchObject([{ name: 'Lab' }]);
    expect(outcome(await admin.client.get(`${path}/members/${NOBODY}`))).toEqual([404, 'members.not_found']);
  });

  it('is found by a functional or custom role', async () => {
    const organization = await newOrganization(staff, 'Filtered');
    const { path } = organization;
    const admin = await newMember(app, staff, organization, 'admin', 'filter-admin');
    const user = await newMember(app, staff, organization, 'user', 'filter-user');
    const role = (await admin.client.post(`${path}/roles`, { name: 'Recruiter', permissions: ['members:list'] })).body;
    await admin.client.patch(`${path}/members/${user.id}`, { roleIds: [role.id] });
    const found = async (roleId: string) =>
      (await admin.client.get(`${path}/members?count=true&roleId=${roleId}`)).body;
    expect(await found(role.id)).toMatchObject({ total: 1, items: [{ userId: user.id }] });
    expect(await found('billing_admin')).toMatchObject({ total: 0, items: [] });
  });
});

describe("roles above the caller's own", () => {
  let organization: Organization;
  let admin: Person;
  let manager: Person;
  let user: Person;
  let path: string;

  beforeAll(async () => {
    organization = await newOrganization(staff, 'Ranks');
    await proveDomain(app, organization, 'listed.example');
    path = `${organization.path}/members`;
    admin = await newMember(app, staff, organization, 'admin', 'ranks-admin');
    manager = await newMember(app, staff, organization, 'manager', 'ranks-manager');
    user = await newMember(app, staff, organization, 'user', 'ranks-user');
  });

  it('cannot be granted, lowered or revoked by a manager', async () => {
    const [stranger = ''] = await accounts(1, 'ranks-stranger');
    const refused = [403, 'members.role_above_own'];
    expect(outcome(await manager.client.post(path, { userId: stranger, role: 'admin' }))).toEqual(refused);
    expect(outcome(await manager.client.patch(`${path}/${user.id}`, { role: 'admin' }))).toEqual(refused);
    expect(outcome(await manager.client.patch(`${path}/${manager.id}`, { role: 'admin' }))).toEqual(refused);
    expect(outcome(await manager.client.patch(`${path}/${admin.id}`, { role: 'user' }))).toEqual(refused);
    expect(outcome(await manager.client.patch(`${path}/${admin.id}`, { role: 'admin' }))).toEqual(refused);
    expect(outcome(await manager.client.delete(`${path}/${admin.id}`))).toEqual(refused);
    expect(outcome(await manager.client.delete(`${path}/${user.id}?newAdminUserId=${manager.id}`))).toEqual(refused);
    expect((await manager.client.patch(`${path}/${user.id}`, { role: 'manager' })).status).toBe(200);
    expect((await manager.client.patch(`${path}/${user.id}`, { role: 'user' })).status).toBe(200);
    expect((await manager.client.post(path, { userId: stranger, role: 'manager' })).status).toBe(201);
    expect((await manager.client.delete(`${path}/${stranger}`)).status).toBe(204);
  });

  it('and all other members cannot be changed by a user, who can see them', async () => {
    expect((await user.client.get(path)).body.items).toHaveLength(3);
    const answers = [
      await user.client.post(path, { userId: NOBODY, role: 'user' }),
      await user.client.patch(`${path}/${user.id}`, { role: 'admin' }),
      await user.client.delete(`${path}/${manager.id}`),
      await user.client.delete(`${path}/${user.id}`),
    ];
    for (const answer of answers) expect(outcome(answer)).toEqual([403, 'auth.forbidden']);
  });

  it('cannot be reached by operator staff who are only managers', async () => {
    const clerk = await newPerson(app, 'ranks-clerk');
    await add(STAFF, clerk.id, 'manager');
    expect(outcome(await clerk.client.delete(`${path}/${admin.id}?newAdminUserId=${clerk.id}`))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await clerk.client.post(path, { userId: clerk.id, role: 'admin' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await clerk.client.post(STAFF, { userId: user.id, role: 'user' }))).toEqual([403, 'auth.forbidden']);
    expect(outcome(await clerk.client.patch(`${STAFF}/${clerk.id}`, { role: 'admin' }))).toEqual([
      403,
      'auth.forbidden',
    ]);
    expect((await clerk.client.get(STAFF)).status).toBe(200);
  });

  it('cannot be used while they are being revoked', async () => {
    for (let round = 0; round < 4; round++) {
      const [one, two] = [
        await newMember(app, staff, organization, 'admin', `duel-${round}-one`),
        await newMember(app, staff, organization, 'admin', `duel-${round}-two`),
      ];
      const answers = await Promise.all([
        one.client.delete(`${path}/${two.id}`),
        onReplica(two).delete(`${path}/${one.id}`),
      ]);
      // The second request runs after its sender has lost the admin role.
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      const { body } = await staff.client.get(`${path}?q=duel-${round}`);
      expect(body.items).toHaveLength(1);
    }
  });

  it('stay out of reach in a unit', async () => {
    const created = await user.client.post(`${organization.path}/units`, { name: 'Ranked' });
    const members = `${organization.path}/units/${created.body.id}/members`;
    expect(outcome(await manager.client.post(members, { userId: manager.id, role: 'admin' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await manager.client.patch(`${members}/${user.id}`, { role: 'user' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect((await user.client.post(members, { userId: manager.id, role: 'admin' })).status).toBe(201);
    // A unit can be without an admin because its organization has one.
    expect((await admin.client.delete(`${members}/${user.id}`)).status).toBe(204);
    expect((await admin.client.delete(`${members}/${manager.id}`)).status).toBe(204);
    expect(outcome(await user.client.get(members))).toEqual([404, 'units.not_found']);
  });
});

describe('the last admin of an organization', () => {
  it('cannot leave, be removed or be demoted, whether by themselves or by staff', async () => {
    const { organization, admins } = await withAdmins('Last One', 1);
    const [last] = admins as [Person];
    const invited = (await accounts(1, 'last-invited', 'invited'))[0] ?? '';
    const blocked = (await accounts(1, 'last-blocked', 'blocked'))[0] ?? '';
    // Admins who cannot sign in do not count.
    for (const userId of [invited, blocked]) await add(`${organization.path}/members`, userId, 'admin');
    const path = `${organization.path}/members/${last.id}`;
    const refused = [409, 'members.last_admin'];
    for (const { client } of [last, staff]) {
      expect(outcome(await client.delete(path))).toEqual(refused);
      expect(outcome(await client.patch(path, { role: 'manager' }))).toEqual(refused);
    }
    expect(outcome(await last.client.delete(`/account/organizations/${organization.id}`))).toEqual(refused);
    expect((await last.client.get(path.replace(`/${last.id}`, '?role=admin&status=active'))).body.items).toHaveLength(
      1,
    );
    // Other admins can leave. The last one can, too, once another admin can sign in.
    expect((await last.client.delete(`${organization.path}/members/${blocked}`)).status).toBe(204);
    await app.sql.query('update users set email_verified_at = now() where id = $1', [invited]);
    expect((await last.client.delete(`/account/organizations/${organization.id}`)).status).toBe(204);
    expect(await activeAdmins(organization)).toEqual([invited]);
  });

  it('can be replaced in one step, only by staff', async () => {
    const { organization, admins } = await withAdmins('Replaced', 1);
    const [last] = admins as [Person];
    const [heir = '', second = '', third = ''] = await accounts(3, 'heir');
    const [invited = ''] = await accounts(1, 'heir-invited', 'invited');
    const path = `${organization.path}/members`;
    expect(outcome(await last.client.delete(`${path}/${last.id}?newAdminUserId=${heir}`))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await last.client.patch(`${path}/${last.id}`, { role: 'user', newAdminUserId: heir }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    expect(outcome(await staff.client.delete(`${path}/${last.id}?newAdminUserId=${invited}`))).toEqual([
      409,
      'members.last_admin',
    ]);
    expect(outcome(await staff.client.delete(`${path}/${last.id}?newAdminUserId=${last.id}`))).toEqual([
      409,
      'members.last_admin',
    ]);
    expect(outcome(await staff.client.delete(`${path}/${last.id}?newAdminUserId=nobody`))).toEqual([
      400,
      'validation_failed',
    ]);
    for (const id of [NOBODY, foreigner.id])
      expect(outcome(await staff.client.delete(`${path}/${last.id}?newAdminUserId=${id}`))).toEqual([
        404,
        'users.not_found',
      ]);
    expect(await activeAdmins(organization)).toEqual([last.id]);

    expect((await staff.client.patch(`${path}/${last.id}`, { role: 'user', newAdminUserId: heir })).body.role).toBe(
      'user',
    );
    expect(await activeAdmins(organization)).toEqual([heir]);
    await add(path, second);
    expect((await staff.client.delete(`${path}/${heir}?newAdminUserId=${second}`)).status).toBe(204);
    expect(await activeAdmins(organization)).toEqual([second]);
    expect(
      (await staff.client.patch(`${path}/${second}`, { role: 'manager', newAdminUserId: third.toUpperCase() })).status,
    ).toBe(200);
    expect(await activeAdmins(organization)).toEqual([third]);
    const events = await staff.client.get(`${organization.path}/events?subjectId=${second}&sort=occurredAt`);
    expect(events.body.items.map(({ type }: { type: string }) => type)).toEqual([
      'member.added',
      'member.role_changed',
      'member.role_changed',
    ]);
  });

  const doors: [
    string,
    (organization: Organization, actor: Client, target: Person, index: number) => Promise<Answer>,
  ][] = [
    ['leave', (organization, actor) => actor.delete(`/account/organizations/${organization.id}`)],
    ['remove themselves', (organization, actor, target) => actor.delete(`${organization.path}/members/${target.id}`)],
    [
      'demote themselves',
      (organization, actor, target) => actor.patch(`${organization.path}/members/${target.id}`, { role: 'user' }),
    ],
    [
      'go through different doors',
      (organization, actor, target, index) =>
        [
          () => actor.delete(`/account/organizations/${organization.id}`),
          () => actor.patch(`${organization.path}/members/${target.id}`, { role: 'manager' }),
          () => actor.delete(`${organization.path}/members/${target.id}`),
        ][index % 3]?.() as Promise<Answer>,
    ],
  ];

  it.each(doors)('remains when the last two %s at once', async (name, go) => {
    const { organization, admins } = await withAdmins(`Two ${name}`, 2);
    const answers = await Promise.all(
      admins.map((admin, index) => go(organization, onEither(admin, index), admin, index)),
    );
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 300).map(outcome)).toEqual([[409, 'members.last_admin']]);
    expect(await activeAdmins(organization)).toHaveLength(1);
  });

  it('remains when ten leave at once, and when each removes or demotes the next', async () => {
    const { organization, admins } = await withAdmins('Ten', 10);
    const path = `${organization.path}/members`;
    const back = async () => {
      for (const { id } of admins) {
        await app.sql.query(
          `insert into organization_members (organization_id, user_id, role) values ($1, $2, 'admin') on conflict (organization_id, user_id) do update set role = 'admin'`,
          [organization.id, id],
        );
      }
    };
    const all = doors.at(-1)?.[1];
    const leaving = await Promise.all(
      admins.map((admin, index) => all?.(organization, onEither(admin, index), admin, index) as Promise<Answer>),
    );
    expect(leaving.filter(({ status }) => status < 300)).toHaveLength(9);
    expect(await activeAdmins(organization)).toHaveLength(1);
    for (const call of [
      (client: Client, id: string) => client.delete(`${path}/${id}`),
      (client: Client, id: string) => client.patch(`${path}/${id}`, { role: 'user' }),
    ]) {
      await back();
      const answers = await Promise.all(
        admins.map((admin, index) => call(onEither(admin, index), admins[(index + 1) % 10]?.id ?? '')),
      );
      expect(answers.every(({ status }) => status < 500)).toBe(true);
      expect((await activeAdmins(organization)).length).toBe(10 - answers.filter(({ status }) => status < 300).length);
      expect((await activeAdmins(organization)).length).toBeGreaterThanOrEqual(1);
      await back();
      const byStaff = await Promise.all(admins.map(({ id }, index) => call(onEither(staff, index), id)));
      expect(byStaff.filter(({ status }) => status < 300)).toHaveLength(9);
      expect(await activeAdmins(organization)).toHaveLength(1);
    }
  });
});

describe('the last admin of an operator', () => {
  let boss: Person;
  let home: Client;

  beforeAll(() => {
    boss = foreigner;
    home = boss.client;
  });

  it('cannot be removed or demoted, whether by themselves or by the platform', async () => {
    const path = `${STAFF}/${boss.id}`;
    const platform = app.client('abroad').as(staff.accessToken);
    for (const client of [home, platform]) {
      expect(outcome(await client.delete(path))).toEqual([409, 'members.last_admin']);
      expect(outcome(await client.patch(path, { role: 'manager' }))).toEqual([409, 'members.last_admin']);
    }
    expect(outcome(await platform.post(STAFF, { userId: staff.id, role: 'admin' }))).toEqual([404, 'users.not_found']);
  });

  it('remains when two leave at once, and can be replaced in one step', async () => {
    const second = await newPerson(app, 'second-boss', 'abroad');
    expect((await home.post(STAFF, { email: second.email, role: 'admin' })).status).toBe(201);
    const answers = await Promise.all([
      home.delete(`${STAFF}/${second.id}`),
      onReplica(second).delete(`${STAFF}/${boss.id}`),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const platform = app.client('abroad').as(staff.accessToken);
    const { body } = await platform.get(`${STAFF}?role=admin`);
    expect(body.items).toHaveLength(1);
    const [left, gone] = body.items[0].userId === boss.id ? [boss, second] : [second, boss];
    expect(outcome(await gone.client.get(STAFF))).toEqual([403, 'auth.forbidden']);
    expect((await left.client.delete(`${STAFF}/${left.id}?newAdminUserId=${gone.id}`)).status).toBe(204);
    expect((await gone.client.get(`${STAFF}?role=admin`)).body.items).toMatchObject([{ userId: gone.id }]);
    expect(outcome(await left.client.get(STAFF))).toEqual([403, 'auth.forbidden']);
  });
});

describe('leaving and being removed', () => {
  it("ends a user's memberships in the units of that organization and nowhere else", async () => {
    const [one, other] = [await newOrganization(staff, 'Left behind'), await newOrganization(staff, 'Stays')];
    const person = await newMember(app, staff, one, 'user', 'leaves');
    await add(`${other.path}/members`, person.id, 'manager');
    const unit = await person.client.post(`${one.path}/units`, { name: 'Orphan' });
    expect(
      (await person.client.get('/account/organizations')).body.items.map(({ name }: { name: string }) => name),
    ).toEqual(['Left behind', 'Stays']);
    expect((await person.client.delete(`/account/organizations/${one.id}`)).status).toBe(204);
    expect((await staff.client.get(`${one.path}/units/${unit.body.id}/members`)).body.items).toEqual([]);
    expect((await person.client.get('/account/organizations')).body.items).toMatchObject([
      { name: 'Stays', role: 'manager' },
    ]);
    await add(`${one.path}/members`, person.id);
    expect(outcome(await person.client.get(`${one.path}/units/${unit.body.id}`))).toEqual([404, 'units.not_found']);
  });

  it('answers the same for an organization without the caller and for one that does not exist', async () => {
    const [person, organization] = [
      await newPerson(app, 'leaves-nothing'),
      await newOrganization(staff, 'Not a member here'),
    ];
    const missing = await person.client.delete(`/account/organizations/${NOBODY}`);
    expect(outcome(missing)).toEqual([404, 'organizations.not_found']);
    expect(bytesOf(await person.client.delete(`/account/organizations/${organization.id}`))).toBe(bytesOf(missing));
    await add(`${organization.path}/members`, person.id);
    await staff.client.delete(`${organization.path}?confirmName=Not%20a%20member%20here`);
    expect(bytesOf(await person.client.delete(`/account/organizations/${organization.id}`))).toBe(bytesOf(missing));
  });
});

describe('a resource the caller cannot see', () => {
  it('is indistinguishable from one that does not exist, on every route of members', async () => {
    const organization = await newOrganization(staff, 'Unseen');
    const inside = await newMember(app, staff, organization, 'user', 'unseen-inside');
    const outside = await newMember(app, staff, await newOrganization(staff, 'Seen'), 'admin', 'unseen-outside');
    const members = (orgId: string) => `/admin/organizations/${orgId}/members`;
    const unitMembers = (orgId: string, unitId: string) => `/admin/organizations/${orgId}/units/${unitId}/members`;
    const calls = (path: string): ((client: Client) => Promise<Answer>)[] => [
      (client) => client.get(path),
      (client) => client.get(`${path}?count=true`),
      (client) => client.post(path, { userId: outside.id, role: 'user' }),
      (client) => client.patch(`${path}/${inside.id}`, { role: 'user' }),
      (client) => client.delete(`${path}/${inside.id}`),
    ];
    const pairs: [string, string][] = [
      [members(organization.id), members(NOBODY)],
      [unitMembers(organization.id, organization.defaultUnitId), unitMembers(NOBODY, organization.defaultUnitId)],
    ];
    for (const client of [outside.client, foreigner.client, onReplica(outside)]) {
      for (const [foreign, missing] of pairs) {
        const there = calls(missing);
        for (const [index, call] of calls(foreign).entries()) {
          const [one, two] = [await call(client), await (there[index] as (typeof there)[number])(client)];
          expect(one.status).toBe(404);
          expect(bytesOf(one)).toBe(bytesOf(two));
        }
      }
    }
    // In the caller's organization, a unit without the caller.
    const there = calls(unitMembers(organization.id, NOBODY));
    for (const [index, call] of calls(unitMembers(organization.id, organization.defaultUnitId)).entries()) {
      const [one, two] = [await call(inside.client), await (there[index] as (typeof there)[number])(inside.client)];
      expect(outcome(one)).toEqual([404, 'units.not_found']);
      expect(bytesOf(one)).toBe(bytesOf(two));
    }
    // A unit requested below one of the caller's organizations that does not own it.
    const own = (await outside.client.get('/account/organizations')).body.items[0].id as string;
    expect(outcome(await outside.client.get(unitMembers(own, organization.defaultUnitId)))).toEqual([
      404,
      'units.not_found',
    ]);
  });
});

describe('a list of thousands', () => {
  let organization: Organization;

  beforeAll(async () => {
    organization = await newOrganization(staff, 'Thousands');
    // Members appear late in the order of addresses and share few names.
    await app.sql.query(
      `with person as (
         insert into users (id, operator_id, email, name, email_verified_at, blocked_at)
         select gen_random_uuid(), op.id, 'walk-' || lpad(n::text, 5, '0') || '@listed.example', 'Walker ' || n * 7919 % 90,
           now(), case when n % 50 = 1 then now() end
         from operators op, generate_series(1, 5200) n where op.slug = 'demo' returning id, email)
       insert into organization_members (organization_id, user_id, role, joined_at)
       select $1, id, case when email like '%7@%' then 'manager' else 'user' end, now() from person
       where email > 'walk-02400' and email not like '%8@%'`,
      [organization.id],
    );
  });

  it.each([
    ['name', 'u.name collate people', '', 'true'],
    ['-name', 'u.name collate people', '', 'true'],
    ['email', 'u.email', '', 'true'],
    ['-email', 'u.email', '', 'true'],
    ['email', 'u.email', '&status=active', 'u.blocked_at is null'],
    ['-name', 'u.name collate people', '&status=blocked', 'u.blocked_at is not null'],
    ['name', 'u.name collate people', '&role=user', `m.role = 'user'`],
    ['name', 'u.name collate people', '&role=manager', `m.role = 'manager'`],
    ['-email', 'u.email', '&q=walk-04', `u.email like 'walk-04%'`],
  ])('returns every member in order up to the last page: sort=%s by %s%s', async (sort, column, filter, condition) => {
    const direction = sort.startsWith('-') ? 'desc' : 'asc';
    const { rows } = await app.sql.query<{ id: string }>(
      `select u.id from organization_members m join users u on u.id = m.user_id
       where m.organization_id = $1 and ${condition} order by ${column} ${direction}, u.id ${direction}`,
      [organization.id],
    );
    const seen: string[] = [];
    let cursor = '';
    let total: number | undefined;
    do {
      const path = `${organization.path}/members?limit=100&sort=${sort}${filter}${cursor || '&count=true'}`;
      const { body } = await staff.client.get(path);
      total ??= body.total;
      seen.push(...body.items.map(({ userId }: { userId: string }) => userId));
      cursor = body.nextCursor ? `&cursor=${encodeURIComponent(body.nextCursor)}` : '';
    } while (cursor);
    expect(seen).toEqual(rows.map(({ id }) => id));
    expect(total).toBe(rows.length);
  });
});
