import { type Answer, Client } from './support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, registerPerson, signIn, signInAdmin } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let admin: Person;
let manager: Person;
let home: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Acme Parks');
  admin = await newMember(app, staff, home, 'admin', 'inv-admin');
  manager = await newMember(app, staff, home, 'manager', 'inv-manager');
});
afterAll(() => app.close());

const NOBODY = '01890000-0000-7000-8000-000000000000';
const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const key = body?.code ? `${status} ${body.code}` : String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** Alternates the public routes between the two servers. */
const anonymous = (index = 0): Client =>
  index % 2 ? app.client().at(app.client().base.replace(app.origin, replica.origin)) : app.client();
const getByToken = (token: string): Promise<Answer> => anonymous().get(`/auth/invitations/${token}`);
const accept = (token: string, body?: object, client = anonymous()): Promise<Answer> =>
  client.post(`/auth/invitations/${token}/accept`, body);
const decline = (token: string): Promise<Answer> => anonymous().post(`/auth/invitations/${token}/decline`);
const ada = { name: 'Ada', password: PASSWORD };

const invite = (by: Person, email: string, more: object = {}, where = home): Promise<Answer> =>
  by.client.post(`${where.path}/invitations`, { email, role: 'user', ...more });

/** Returns the link in the newest of at least `count` invitations to an address. */
async function linkMailedTo(email: string, count = 1): Promise<string> {
  for (let mails = 1; ; mails++) {
    const texts = (await mailsTo(app, email, mails)).map(({ text }) => text ?? '');
    const links = texts.flatMap((text) => /https:\S+\/invitations\/tri_\S+/.exec(text)?.[0] ?? []);
    const newest = links.at(-1);
    if (newest && links.length >= count) return newest;
  }
}
const tokenMailedTo = async (email: string, count = 1): Promise<string> =>
  (await linkMailedTo(email, count)).split('/').at(-1) ?? '';

interface Invited {
  id: string;
  token: string;
  path: string;
}

/** A sent invitation with the token of its mail. */
async function invited(email: string, more: object = {}, by = admin, where = home): Promise<Invited> {
  const answer = await invite(by, email, more, where);
  if (answer.status !== 201) throw new Error(`inviting ${email} gave ${answer.status} ${answer.body.code}`);
  const { id } = answer.body;
  return { id, token: await tokenMailedTo(email), path: `${where.path}/invitations/${id}` };
}

const expire = (id: string) =>
  app.sql.query(`update organization_invitations set expires_at = now() - interval '1 second' where id = $1`, [id]);
const statusOf = async ({ path }: Invited): Promise<string> => (await staff.client.get(path)).body.status;
async function roleOf(email: string, where = home): Promise<string | undefined> {
  const { body } = await staff.client.get(`${where.path}/members?q=${encodeURIComponent(email)}`);
  return body.items[0]?.role;
}
async function eventsOf(id: string, where = home): Promise<string[]> {
  const { rows } = await app.sql.query(
    'select type from organization_events where organization_id = $1 and subject_id = $2 order by seq',
    [where.id, id],
  );
  return rows.map(({ type }) => type);
}

describe('an invitation', () => {
  it('lets a new user join by the mailed link and signs them in', async () => {
    const email = 'new@invited.example';
    const created = await invite(manager, 'New@Invited.Example', {
      role: 'manager',
      unitIds: [home.defaultUnitId],
      message: 'Hello,\nplease join https://evil.example/ us',
    });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      email,
      role: 'manager',
      status: 'pending',
      unitIds: [home.defaultUnitId],
      invitedBy: { id: manager.id, name: 'inv-manager' },
      acceptedBy: null,
    });
    const days = (Date.parse(created.body.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThan(7.01);

    const link = await linkMailedTo(email);
    const token = await tokenMailedTo(email);
    expect(link).toBe(`${BASE_URL}/t/demo/invitations/${token}`);
    expect(token).toMatch(/^tri_[\w-]{43}$/);
    const [mail] = await mailsTo(app, email);
    expect(mail?.text).toContain('inv-manager invites you to Acme Parks');
    expect(mail?.text).toContain('> Hello,\n> please join https:\u200b//evil.\u200bexample/ us');
    expect(JSON.stringify(created.body)).not.toContain('tri_');

    const found = await getByToken(token);
    expect(found.body).toMatchObject({
      organization: { id: home.id, name: 'Acme Parks' },
      email,
      role: 'manager',
      accountExists: false,
      branding: expect.any(Object),
    });
    const accepted = await accept(token, ada);
    expect(accepted.status).toBe(200);
    expect(accepted.body).toMatchObject({
      tokenType: 'Bearer',
      user: { email, name: 'Ada' },
      organization: { id: home.id, role: 'manager' },
    });
    const person = app.client().as(accepted.body.accessToken);
    expect((await person.get('/account')).body.emailVerified).toBe(true);
    expect((await person.get(`${home.path}/units/${home.defaultUnitId}`)).status).toBe(200);
    expect((await signIn(app, email)).id).toBe(accepted.body.user.id);
    expect(await eventsOf(created.body.id)).toEqual(['invitation.created', 'invitation.accepted']);
    expect((await admin.client.get(`${home.path}/invitations/${created.body.id}`)).body).toMatchObject({
      status: 'accepted',
      acceptedBy: accepted.body.user.id,
    });
    expect(outcome(await accept(token, ada))).toEqual([409, 'invitations.accepted']);
    expect(outcome(await getByToken(token))).toEqual([409, 'invitations.accepted']);
  });

  it('is accepted for an existing account only while it is signed in with the invited address', async () => {
    const [person, other] = [await newPerson(app, 'inv-known'), await newPerson(app, 'inv-other')];
    const { token } = await invited(person.email, { role: 'user' });
    expect((await getByToken(token)).body.accountExists).toBe(true);
    expect(outcome(await accept(token))).toEqual([401, 'auth.unauthenticated']);
    expect(outcome(await accept(token, { name: 'Thief', password: PASSWORD }))).toEqual([401, 'auth.unauthenticated']);
    expect(outcome(await accept(token, {}, app.client().as('x.y.z')))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await accept(token, {}, other.client))).toEqual([403, 'invitations.wrong_account']);
    const accepted = await accept(token, undefined, person.client);
    expect([accepted.status, accepted.body]).toEqual([
      200,
      { organization: { id: home.id, name: 'Acme Parks' }, role: 'user' },
    ]);
    expect(await roleOf(person.email)).toBe('user');
  });

  it('refuses an ended session, and a signed-in user of another address who gives no name', async () => {
    const person = await newPerson(app, 'inv-gone');
    const { token } = await invited(person.email);
    const { token: newcomers } = await invited('newcomer@invited.example');
    expect(outcome(await accept(newcomers, {}, person.client))).toEqual([403, 'invitations.wrong_account']);
    expect((await accept(newcomers, {})).body.errors).toHaveLength(2);
    expect(outcome(await accept(newcomers, { name: 'Ada', password: 'short' }))).toEqual([
      422,
      'auth.password_too_short',
    ]);
    await person.client.post('/auth/logout', {});
    expect(outcome(await accept(token, {}, person.client))).toEqual([401, 'auth.invalid_token']);
  });

  it('proves an address that another person registered', async () => {
    const email = 'prepared@invited.example';
    await app.client().post('/auth/register', { email, name: 'Squatter', password: 'a password of the squatter' });
    const { token } = await invited(email);
    expect((await getByToken(token)).body.accountExists).toBe(false);
    expect((await accept(token, ada)).status).toBe(200);
    const mails = await mailsTo(app, email, 2);
    const verify = /token=([\w-]+)/.exec(mails.map(({ text }) => text).join())?.[1];
    expect((await app.client().post('/auth/verify-email', { token: verify, password: PASSWORD })).status).toBe(409);
    expect((await signIn(app, email, PASSWORD, 'demo', home.id)).email).toBe(email);
  });

  it('combines its roles with those of a user who has become a member since', async () => {
    for (const [has, offered, then] of [
      ['user', 'manager', 'manager'],
      ['admin', 'user', 'admin'],
    ] as const) {
      const person = await newPerson(app, `inv-unite-${has}`);
      const { token } = await invited(person.email, { role: offered, unitIds: [home.defaultUnitId] });
      await staff.client.post(`${home.path}/members`, { userId: person.id, role: has });
      expect((await accept(token, {}, person.client)).body.role).toBe(then);
      expect(await roleOf(person.email)).toBe(then);
    }
  });

  it('gives one membership and one success to fifty simultaneous acceptances', async () => {
    const person = await newPerson(app, 'inv-fifty');
    const known = await invited(person.email);
    const token = `Bearer ${person.accessToken}`;
    const headers = { authorization: token };
    const path = `/auth/invitations/${known.token}/accept`;
    const answers = await times(50, (index) => anonymous(index).post(path, {}, { headers }));
    expect(tally(answers)).toEqual({ 200: 1, '409 invitations.accepted': 49 });

    const email = 'fifty@invited.example';
    const fresh = await invited(email);
    const fresher = await times(50, (index) => accept(fresh.token, ada, anonymous(index)));
    const counts = tally(fresher);
    expect(counts['200']).toBe(1);
    expect(counts['409 invitations.accepted']).toBe(49);
    for (const address of [person.email, email]) {
      const { rows } = await app.sql.query(
        'select 1 from organization_members m join users u on u.id = m.user_id where m.organization_id = $1 and u.email = $2',
        [home.id, address],
      );
      expect(rows).toHaveLength(1);
    }
  });

  it('has one outcome when it is accepted, declined and revoked at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const race = await invited(`race-${round}@invited.example`);
      const answers = await Promise.all([accept(race.token, ada), decline(race.token), admin.client.delete(race.path)]);
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    }
  });
});

describe('the state of an invitation', () => {
  it('changes from pending to one final state and stays there', async () => {
    const declined = await invited('declined@invited.example');
    expect((await decline(declined.token)).status).toBe(204);
    const revoked = await invited('revoked@invited.example');
    expect((await manager.client.delete(revoked.path)).status).toBe(204);
    const accepted = await invited('accepted@invited.example');
    expect((await accept(accepted.token, ada)).status).toBe(200);
    for (const [state, one] of Object.entries({ declined, revoked, accepted })) {
      const code = `invitations.${state}`;
      expect(await statusOf(one)).toBe(state);
      for (const answer of [
        await getByToken(one.token),
        await accept(one.token, ada),
        await decline(one.token),
        await admin.client.delete(one.path),
        await admin.client.post(`${one.path}/resend`),
      ])
        expect(outcome(answer)).toEqual([409, code]);
      expect(await eventsOf(one.id)).toEqual(['invitation.created', code.replace('invitations', 'invitation')]);
    }
  });

  it('becomes expired, after which the invitation can be declined, resent or replaced', async () => {
    const declined = await invited('late-declined@invited.example');
    const resent = await invited('late-resent@invited.example', { expiresInSeconds: 60 });
    const replaced = await invited('late-replaced@invited.example');
    for (const { id } of [declined, resent, replaced]) await expire(id);
    expect(await statusOf(declined)).toBe('expired');
    expect(outcome(await getByToken(declined.token))).toEqual([422, 'invitations.expired']);
    expect(outcome(await accept(declined.token, ada))).toEqual([422, 'invitations.expired']);
    expect((await decline(declined.token)).status).toBe(204);

    const again = await manager.client.post(`${resent.path}/resend`);
    expect([again.status, again.body.status, again.body.invitedBy.id]).toEqual([200, 'pending', manager.id]);
    expect(Date.parse(again.body.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
    const token = await tokenMailedTo('late-resent@invited.example', 2);
    expect(token).not.toBe(resent.token);
    expect(outcome(await accept(resent.token, ada))).toEqual([404, 'invitations.not_found']);
    expect((await accept(token, ada)).status).toBe(200);
    expect(await eventsOf(resent.id)).toEqual(['invitation.created', 'invitation.resent', 'invitation.accepted']);

    expect((await invite(admin, 'late-replaced@invited.example')).status).toBe(201);
    expect(await statusOf(replaced)).toBe('revoked');
  });

  it('is pending for one invitation per address, unless a new one replaces it', async () => {
    const email = 'one@invited.example';
    const answers = await times(20, () => invite(admin, email));
    expect(tally(answers)).toEqual({ 201: 1, '409 invitations.already_pending': 19 });
    const old = await tokenMailedTo(email);
    expect((await invite(manager, email.toUpperCase(), { replace: true })).status).toBe(201);
    const token = await tokenMailedTo(email, 2);
    expect(outcome(await accept(old, ada))).toEqual([409, 'invitations.revoked']);
    expect((await accept(token, ada)).status).toBe(200);
    expect(outcome(await invite(manager, email))).toEqual([409, 'members.already_member']);
  });

  it('cannot be read with a malformed or foreign token', async () => {
    const { token } = await invited('tampered@invited.example');
    for (const bad of [token.slice(0, -1), `${token}x`, token.toUpperCase(), 'tri_', '%00', '..%2f', 'x'.repeat(290)]) {
      expect((await getByToken(bad)).status).toBe(404);
      expect((await accept(bad, ada)).status).toBe(404);
      expect((await decline(bad)).status).toBe(404);
    }
    const { rows } = await app.sql.query(
      `select exists (select 1 from organization_invitations i where i::text like '%' || $1 || '%')
         or exists (select 1 from organization_events e where e::text like '%' || $1 || '%') as found`,
      [token],
    );
    expect(rows).toEqual([{ found: false }]);
  });

  it('cannot be changed in another operator', async () => {
    const root = new Client(`${app.origin}/api/v1`, staff.accessToken);
    await root.post('/operators', { slug: 'abroad', name: 'Abroad', adminEmail: 'boss@abroad.example' });
    await registerPerson(app, 'boss@abroad.example', 'abroad');
    const boss = await signIn(app, 'boss@abroad.example', PASSWORD, 'abroad');
    const one = await invited('abroad@invited.example');
    const there = app.client('abroad');
    expect((await there.get(`/auth/invitations/${one.token}`)).status).toBe(404);
    expect((await there.post(`/auth/invitations/${one.token}/accept`, ada)).status).toBe(404);
    for (const client of [boss.client, boss.client.at(app.client().base)]) {
      expect((await client.get(one.path)).status).toBe(404);
      expect((await client.get(`${home.path}/invitations`)).status).toBe(404);
      expect((await client.delete(one.path)).status).toBe(404);
    }
    expect((await getByToken(one.token)).status).toBe(200);
  });
});

describe('a new invitation', () => {
  it('cannot exceed the role and units of the inviter', async () => {
    const sibling = await newOrganization(staff, 'Sibling');
    expect(outcome(await invite(manager, 'up@invited.example', { role: 'admin' }))).toEqual([
      403,
      'members.role_above_own',
    ]);
    const above = await invited('above@invited.example', { role: 'admin' });
    for (const answer of [
      await manager.client.delete(above.path),
      await manager.client.post(`${above.path}/resend`),
      await invite(manager, 'above@invited.example', { replace: true }),
    ])
      expect(outcome(answer)).toEqual([403, 'members.role_above_own']);
    for (const unitId of [sibling.defaultUnitId, NOBODY])
      expect(outcome(await invite(admin, 'unit@invited.example', { unitIds: [home.defaultUnitId, unitId] }))).toEqual([
        422,
        'units.not_found',
      ]);
    expect(outcome(await invite(admin, 'role@invited.example', { roleIds: [NOBODY] }))).toEqual([
      422,
      'roles.not_found',
    ]);
    const fromSibling = `${sibling.path}/invitations/${above.id}`;
    for (const answer of [
      await staff.client.get(fromSibling),
      await staff.client.delete(fromSibling),
      await staff.client.post(`${fromSibling}/resend`),
    ])
      expect(outcome(answer)).toEqual([404, 'invitations.not_found']);
  });

  it('grants only units that still exist', async () => {
    const unit = await admin.client.post(`${home.path}/units`, { name: 'Short lived' });
    const { token } = await invited('units@invited.example', { unitIds: [unit.body.id, home.defaultUnitId] });
    await admin.client.delete(`${home.path}/units/${unit.body.id}?confirmName=Short%20lived`);
    const accepted = await accept(token, ada);
    const claims = JSON.parse(Buffer.from(accepted.body.accessToken.split('.')[1], 'base64url').toString());
    expect(claims.unit_ids).toEqual([home.defaultUnitId]);
  });

  it.each([
    { email: 'a@b.example\r\nBcc: victim@invited.example' },
    { email: '"x, victim@invited.example"@b.example' },
    { email: 'a@b.example, victim@invited.example' },
    { email: 'no address' },
    { role: 'owner' },
    { message: 'x'.repeat(1001) },
    { message: 'bell \u0007' },
    { expiresInSeconds: 59 },
    { expiresInSeconds: 30 * 86_400 + 1 },
    { unitIds: ['x'] },
    { unitIds: [null] },
    { token: 'tri_x' },
    { replace: 'yes' },
  ])('is refused with an invalid body: %j', async (more) => {
    expect(outcome(await invite(admin, 'valid@invited.example', more))).toEqual([400, 'validation_failed']);
  });

  it('escapes names in mail headers', async () => {
    const sly = await newOrganization(staff, 'Sly "<x@evil.example>", Bcc: y@evil.example', admin);
    const email = 'header@invited.example';
    expect((await invite(admin, email, {}, sly)).status).toBe(201);
    const [mail] = await mailsTo(app, email);
    expect(mail?.subject).toBe('You are invited to Sly "<x@evil.example>", Bcc: y@evil.example at Demo');
    expect([mail?.to, mail?.bcc]).toEqual([[{ address: email, name: '' }], undefined]);
  });

  it('to one address is limited to ten mails an hour across organizations', async () => {
    const other = await newOrganization(staff, 'Also inviting', admin);
    const email = 'often@invited.example';
    const first = await invited(email);
    await invite(admin, email, {}, other);
    const answers = await times(12, () => admin.client.post(`${first.path}/resend`));
    expect(tally(answers)).toEqual({ 200: 8, '429 invitations.too_many': 4 });
    expect(Number(answers.find(({ status }) => status === 429)?.headers.get('retry-after'))).toBeGreaterThan(3500);
    expect(outcome(await invite(admin, email, { replace: true }, other))).toEqual([429, 'invitations.too_many']);
    await app.sql.query(
      `update organization_invitations set mailed_at = array[now() - interval '61 minutes'] where email = $1`,
      [email],
    );
    expect((await admin.client.post(`${first.path}/resend`)).status).toBe(200);
  });

  it('can be one of a batch, each with its own outcome', async () => {
    await invited('bulk-pending@invited.example');
    const items: object[] = Array.from({ length: 195 }, (_, index) => ({
      email: `bulk-${String(index).padStart(3, '0')}@invited.example`,
      role: 'user',
    }));
    items.push(
      { email: 'bulk-pending@invited.example', role: 'user' },
      { email: 'bulk-000@invited.example', role: 'user' },
      { email: manager.email, role: 'user' },
      { email: 'bulk-admin@invited.example', role: 'admin' },
      { email: 'bulk-unit@invited.example', role: 'user', unitIds: [NOBODY] },
    );
    const path = `${home.path}/invitations/bulk`;
    const { status, body } = await manager.client.post(path, { items });
    expect([status, body.results.length]).toEqual([200, 200]);
    expect(body.results[0]).toMatchObject({ status: 'created', invitation: { email: 'bulk-000@invited.example' } });
    expect(body.results.slice(0, 195).every((one: { status: string }) => one.status === 'created')).toBe(true);
    expect(body.results.slice(195).map(({ code }: { code: string }) => code)).toEqual([
      'invitations.already_pending',
      'invitations.already_pending',
      'members.already_member',
      'members.role_above_own',
      'units.not_found',
    ]);
    expect(JSON.stringify(body)).not.toContain('tri_');
    for (const bad of [{ items: [...items, items[0]] }, { items: [null] }, { items: [[]] }, { items: [{}] }, {}])
      expect(outcome(await manager.client.post(path, bad))).toEqual([400, 'validation_failed']);
    expect((await manager.client.post(path, { items: [] })).body).toEqual({ results: [] });
  });

  it('is listed by state and address, page by page', async () => {
    const listed = await newOrganization(staff, 'Listed', admin);
    const made: Record<string, Invited> = {};
    for (const name of ['pending', 'pending-too', 'accepted', 'declined', 'revoked', 'expired'])
      made[name] = await invited(`list-${name}@invited.example`, {}, admin, listed);
    await accept(made.accepted?.token ?? '', ada);
    await decline(made.declined?.token ?? '');
    await admin.client.delete(made.revoked?.path ?? '');
    await expire(made.expired?.id ?? '');
    const get = async (query: string) => (await admin.client.get(`${listed.path}/invitations?${query}`)).body;
    const emails = async (query: string): Promise<string[]> =>
      (await get(query)).items.map(({ email }: { email: string }) => email);
    expect((await get('count=true')).total).toBe(6);
    for (const state of ['accepted', 'declined', 'revoked', 'expired'])
      expect(await emails(`status=${state}`)).toEqual([`list-${state}@invited.example`]);
    expect((await get('status=pending&count=true')).total).toBe(2);
    expect(await emails('q=PENDING-too')).toEqual(['list-pending-too@invited.example']);
    expect(await emails('q=%25')).toEqual([]);
    expect(await emails('sort=email')).toEqual((await emails('sort=-email')).toReversed());
    expect(await emails('')).toEqual((await emails('sort=createdAt')).toReversed());
    const paged: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: { email: string }[]; nextCursor: string | null } = await get(
        `sort=email&limit=4${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      paged.push(...page.items.map(({ email }) => email));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(await emails('sort=email'));
    expect((await admin.client.get(`${listed.path}/invitations?status=odd`)).status).toBe(400);
  });
});

describe('accepting an invitation', () => {
  it('answers not found in a deleted organization and is refused in a suspended one', async () => {
    const shaky = await newOrganization(staff, 'Shaky', admin);
    const { token } = await invited('shaky@invited.example', {}, admin, shaky);
    await staff.client.post(`${shaky.path}/suspend`);
    for (const answer of [await getByToken(token), await accept(token, ada)])
      expect(outcome(answer)).toEqual([403, 'organizations.suspended']);
    await staff.client.post(`${shaky.path}/resume`);
    await staff.client.delete(`${shaky.path}?confirmName=Shaky`);
    for (const answer of [await getByToken(token), await accept(token, ada), await decline(token)])
      expect(outcome(answer)).toEqual([404, 'invitations.not_found']);
    await staff.client.post(`${shaky.path}/restore`);
    expect((await accept(token, ada)).status).toBe(200);
  });

  it('is impossible after the inviter was demoted or removed or has left', async () => {
    const where = await newOrganization(staff, 'Changing', admin);
    const demoted = await newMember(app, staff, where, 'admin', 'inv-demoted');
    const gone = await newMember(app, staff, where, 'manager', 'inv-removed');
    const leaving = await newMember(app, staff, where, 'manager', 'inv-leaving');
    const asAdmin = await invited('by-admin@invited.example', { role: 'admin' }, demoted, where);
    const asManager = await invited('by-manager@invited.example', { role: 'manager' }, demoted, where);
    const byGone = await invited('by-gone@invited.example', {}, gone, where);
    const byLeaving = await invited('by-leaving@invited.example', {}, leaving, where);
    await staff.client.patch(`${where.path}/members/${demoted.id}`, { role: 'manager' });
    await staff.client.delete(`${where.path}/members/${gone.id}`);
    await leaving.client.delete(`/account/organizations/${where.id}`);
    for (const one of [asAdmin, byGone, byLeaving]) {
      expect(outcome(await accept(one.token, ada))).toEqual([409, 'invitations.revoked']);
      expect(await eventsOf(one.id, where)).toEqual(['invitation.created', 'invitation.revoked']);
    }
    expect((await accept(asManager.token, ada)).status).toBe(200);
    expect(await roleOf('by-manager@invited.example', where)).toBe('manager');
  });

  it('checks again whether the staff member who sent it still has the permission', async () => {
    const clerk = await newPerson(app, 'inv-clerk');
    await staff.client.post('/admin/operator/members', { userId: clerk.id, role: 'manager' });
    const kept = await invited('by-clerk@invited.example', { role: 'manager' }, clerk);
    await staff.client.delete(`/admin/operator/members/${clerk.id}`);
    expect(outcome(await accept(kept.token, ada))).toEqual([409, 'invitations.inviter_lost_right']);
    expect((await app.sql.query(`select 1 from users where email = 'by-clerk@invited.example'`)).rows).toEqual([]);
    expect((await manager.client.post(`${kept.path}/resend`)).status).toBe(200);
    expect((await accept(await tokenMailedTo('by-clerk@invited.example', 2), ada)).status).toBe(200);
  });
});

describe('the page of an invitation link', () => {
  const page = (token: string): string => `${app.origin}/t/demo/invitations/${token}`;
  const submit = (token: string, fields: Record<string, string>): Promise<Answer> =>
    app.client().post(page(token), new URLSearchParams(fields));

  it('lets a new user accept without a script, and changes nothing before', async () => {
    const where = await newOrganization(staff, '<b>Bold & Sons</b>', admin);
    const email = 'page@invited.example';
    const one = await invited(email, { message: 'See you <soon>.\nWe are glad.' }, admin, where);
    const shown = await app.client().get(`${page(one.token)}?utm=1`);
    expect(shown.status).toBe(200);
    expect(shown.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(shown.body).toContain('&lt;b&gt;Bold &amp; Sons&lt;/b&gt;');
    expect(shown.body).not.toContain('<b>Bold');
    expect(shown.body).not.toMatch(/<script|style="/);
    expect(shown.body).toContain('name="password"');
    const { body: account } = await admin.client.get('/account');
    expect(shown.body).toContain(`${account.name} invites ${email} to`);
    expect(shown.body).toContain('See you &lt;soon&gt;.\nWe are glad.');
    expect(shown.body).not.toContain('aria-invalid="true"');
    expect(await statusOf(one)).toBe('pending');

    // The problem is at its input, and nothing but the password has to be typed again.
    const weak = await submit(one.token, { answer: 'accept', name: '"Ada" <b>', password: 'short' });
    expect(weak.status).toBe(422);
    const inputs = [...weak.body.matchAll(/<input[^>]*>/g)].map(([input]) => input);
    expect(inputs.find((input) => input.includes('name="name"'))).toContain('value="&quot;Ada&quot; &lt;b&gt;"');
    const password = inputs.find((input) => input.includes('name="password"'));
    expect(password).toContain('aria-invalid="true" aria-describedby="problem"');
    expect(password).not.toContain('value=');
    expect(weak.body).toMatch(/name="password"[^]*<p class="problem" role="alert" id="problem">[^<]*at least 15/);
    const empty = await submit(one.token, { answer: 'accept', name: '', password: '' });
    expect([empty.status, empty.body.includes('Fill in')]).toEqual([400, true]);
    const done = await submit(one.token, { answer: 'accept', ...ada });
    expect([done.status, done.body.includes('You are a member of')]).toEqual([200, true]);
    expect((await signIn(app, email)).email).toBe(email);
    const used = await app.client().get(page(one.token));
    expect([used.status, used.body.includes('accepted already')]).toEqual([409, true]);
  });

  it('lets a user with an account accept with their password, or decline', async () => {
    const person = await newPerson(app, 'inv-page');
    const one = await invited(person.email);
    const { body } = await app.client().get(page(one.token));
    expect(body).toContain('accept with its password');
    expect(body).not.toContain('name="name"');
    const wrong = await submit(one.token, { answer: 'accept', password: 'not their password' });
    expect([wrong.status, wrong.body.includes('name="password"')]).toEqual([401, true]);
    expect((await submit(one.token, { answer: 'accept' })).status).toBe(400);
    expect(await statusOf(one)).toBe('pending');
    expect((await submit(one.token, { answer: 'accept', password: PASSWORD })).status).toBe(200);
    expect(await statusOf(one)).toBe('accepted');

    const again = await newPerson(app, 'inv-page-two');
    const two = await invited(again.email);
    expect((await submit(two.token, { answer: 'decline' })).status).toBe(200);
    expect(await statusOf(two)).toBe('declined');
  });

  it('states the minimum password length of the organization', async () => {
    const where = await newOrganization(staff, 'Long Passwords', admin);
    await staff.client.patch(`${where.path}/auth-settings`, { passwordMinLength: 30 });
    const one = await invited('long@invited.example', {}, admin, where);
    expect((await app.client().get(page(one.token))).body).toContain('A password, at least 30 characters');
    const short = await submit(one.token, { answer: 'accept', name: 'Ada', password: 'x'.repeat(21) });
    expect([short.status, short.body]).toEqual([422, expect.stringContaining('A password, at least 30 characters')]);
  });

  it('answers a malformed form or an unknown invitation as a page', async () => {
    const one = await invited('odd@invited.example');
    expect((await app.client().post(page(one.token), 'answer=decline')).status).toBe(400);
    expect((await submit(one.token, { answer: 'perhaps' })).status).toBe(400);
    expect((await submit(one.token, { answer: 'decline', name: 'x'.repeat(5000) })).status).toBe(413);
    const twice = new URLSearchParams([
      ['answer', 'decline'],
      ['answer', 'decline'],
    ]);
    expect((await app.client().post(page(one.token), twice)).status).toBe(400);
    const unknown = await app.client().get(page('tri_unknown'));
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await statusOf(one)).toBe('pending');
  });
});
