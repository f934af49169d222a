import { RefusedAttemptJob } from '../../src/auth/access/refused-attempts/refused-attempt.job.js';
import { Authenticator } from '../support/authenticator.js';
import type { Answer } from '../support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signIn, signInAdmin, tokenMailedTo } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, newOwnOrganization, type Organization, proveDomain } from '../support/tree.js';

const NEW_PASSWORD = 'an entirely different secret';

let app: TestApp;
let replica: TestServer;
let admin: Person;
let manager: Person;
let home: Organization;
let made = 0;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  admin = await signInAdmin(app);
  home = await newOrganization(admin, 'Home');
  manager = await newPerson(app, 'people-manager');
  await admin.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const outcome = ({ status, body }: Answer) => (body?.code === undefined ? [status] : [status, body.code]);
const createPerson = (): Promise<Person> => newPerson(app, `people-${++made}`);
const elsewhere = ({ client }: Person) => client.at(`${replica.origin}/t/demo/api/v1`);
const login = (email: string, password = PASSWORD): Promise<Answer> =>
  app.client().post('/auth/login', { email, password });
const userPath = ({ id }: { id: string }): string => `/admin/users/${id}`;
const block = (person: Person, by = admin): Promise<Answer> =>
  by.client.post(`${userPath(person)}/block`, { reason: 'The account was taken over.' });

async function addPasskey(person: Person): Promise<Authenticator> {
  const authenticator = new Authenticator(BASE_URL);
  const options = await person.client.post('/account/passkeys/options');
  await person.client.post('/account/passkeys', { credential: authenticator.create(options.body) });
  return authenticator;
}

describe('a user who manages an organization', () => {
  const find = async ({ client }: Person, { email }: { email: string }): Promise<string[]> => {
    const { status, body } = await client.get(`/admin/users?email=${email}&count=true`);
    expect([status, body.total]).toEqual([200, body.items.length]);
    return body.items.map(({ id }: { id: string }) => id);
  };

  it('cannot find out which addresses have an account', async () => {
    const [spy, stranger] = [await createPerson(), await createPerson()];
    const own = await newOwnOrganization(spy, 'Spies');
    expect(await find(spy, stranger)).toEqual([]);
    expect(await find(spy, manager)).toEqual([]);
    // An invitation is no relation: the invited user has not agreed to anything.
    await spy.client.post(`${own.path}/invitations`, { email: stranger.email, role: 'user' });
    expect(await find(spy, stranger)).toEqual([]);
    expect(await find(manager, stranger)).toEqual([stranger.id]);
  });

  it("finds members and addresses in the organization's verified domains", async () => {
    const [owner, stranger] = [await createPerson(), await newPerson(app, `find-${++made}`)];
    const own = await newOwnOrganization(owner, 'Finders');
    const member = await newMember(app, admin, own, 'user', `find-${++made}`);
    expect(await find(owner, member)).toEqual([member.id]);
    expect(await find(owner, stranger)).toEqual([]);
    await proveDomain(app, own, 'people.example');
    expect(await find(owner, stranger)).toEqual([stranger.id]);
    await app.sql.query('delete from verified_domains where organization_id = $1', [own.id]);
    expect(await find(owner, stranger)).toEqual([]);
    expect(outcome(await member.client.get(`/admin/users?email=${stranger.email}`))).toEqual([
      403,
      'users.lookup_not_allowed',
    ]);
    await admin.client.patch(`${own.path}/members/${member.id}`, { role: 'manager' });
    expect(await find(member, owner)).toEqual([owner.id]);
    await admin.client.delete(`${own.path}/members/${member.id}`);
    expect(await find(owner, member)).toEqual([]);
  });
});

describe('the detail of a user', () => {
  it('shows staff memberships, factors and sessions, but no secrets', async () => {
    const person = await newMember(app, admin, home, 'manager', `detail-${++made}`);
    const suspended = await newOrganization(admin, 'Detail suspended', person);
    await admin.client.post(`${suspended.path}/suspend`);
    await addPasskey(person);
    await person.client.post('/account/mfa/recovery-codes');
    const { status, body } = await manager.client.get(userPath(person));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: person.id,
      email: person.email,
      status: 'active',
      operatorRole: null,
      platformAdmin: false,
      blockedAt: null,
      emailVerifiedAt: expect.any(String),
      lastSignInAt: expect.any(String),
      liveSessions: 1,
      membershipCount: 2,
      memberships: [
        { id: suspended.id, name: 'Detail suspended', role: 'admin', status: 'suspended' },
        { id: home.id, slug: home.slug, role: 'manager', status: 'active' },
      ],
    });
    expect(body.factors.map(({ kind, count }: { kind: string; count: number }) => [kind, count])).toEqual([
      ['password', 1],
      ['passkey', 1],
      ['recovery_codes', 10],
    ]);
    expect(JSON.stringify(body)).not.toMatch(/hash|secret|argon2/);
    const sessions = await manager.client.get(`${userPath(person)}/sessions`);
    expect(sessions.body.items).toMatchObject([{ current: false, method: 'password' }]);
    await block(person);
    expect((await manager.client.get(userPath(person))).body).toMatchObject({
      status: 'blocked',
      blockedAt: expect.any(String),
      liveSessions: 0,
    });
    expect((await manager.client.get(`${userPath(person)}/sessions`)).body.items).toEqual([]);
  });

  it('is hidden from other callers, as are users of other operators and erased users', async () => {
    const person = await newMember(app, admin, home, 'user', `detail-${++made}`);
    const boss = await newMember(app, admin, home, 'admin', `detail-${++made}`);
    for (const path of [userPath(person), `${userPath(person)}/sessions`]) {
      expect(outcome(await boss.client.get(path))).toEqual([403, 'auth.forbidden']);
      expect(outcome(await person.client.get(path))).toEqual([403, 'auth.forbidden']);
    }
    const root = admin.client.at(app.origin);
    await root.post('/api/v1/operators', { slug: 'detail-op', name: 'Other', adminEmail: 'boss@detail.example' });
    const other = await newPerson(app, `detail-${++made}`, 'detail-op');
    expect(outcome(await manager.client.get(userPath(other)))).toEqual([404, 'users.not_found']);
    expect(outcome(await manager.client.get(`${userPath(other)}/sessions`))).toEqual([404, 'users.not_found']);
    await admin.client.delete(`${userPath(person)}?confirmEmail=${person.email}`);
    expect(outcome(await manager.client.get(userPath(person)))).toEqual([404, 'users.not_found']);
    expect((await manager.client.get('/admin/users/none')).status).toBe(404);
  });
});

describe('a blocked user', () => {
  it('loses access at once on this server and within a second on the other, by every sign-in method', async () => {
    const person = await newMember(app, admin, home, 'admin', `blocked-${++made}`);
    const authenticator = await addPasskey(person);
    await app.client().post('/auth/magic-link', { email: person.email });
    const { status, body } = await block(person);
    expect([status, body.status]).toEqual([200, 'blocked']);
    expect((await person.client.get('/account')).status).toBe(401);
    expect((await elsewhere(person).get('/account')).status).toBe(401);
    expect((await app.client().post('/auth/token', { refreshToken: person.refreshToken })).status).toBe(401);

    expect(outcome(await login(person.email))).toEqual([403, 'auth.blocked']);
    expect(outcome(await login(person.email, 'not the password at all'))).toEqual([401, 'auth.invalid_credentials']);
    const options = await app.client().post('/auth/passkeys/options', {});
    const credential = authenticator.get(options.body);
    expect(outcome(await app.client().post('/auth/passkeys/verify', { credential }))).toEqual([403, 'auth.blocked']);
    await app.client().post('/auth/magic-link', { email: person.email });
    const mails = await mailsTo(app, person.email, 3);
    const links = mails.flatMap(({ text }) => /magic-link\?token=([\w-]+)/.exec(text ?? '')?.[1] ?? []);
    expect(links).toHaveLength(1);
    for (const token of links)
      expect(outcome(await app.client().post('/auth/magic-link/redeem', { token }))).toEqual([403, 'auth.blocked']);
    await app.client().post('/auth/password/forgot', { email: person.email });
    expect((await mailsTo(app, person.email, 1, /^No account for this address/)).length).toBeGreaterThan(0);

    expect((await admin.client.post(`${userPath(person)}/unblock`)).body.status).toBe('active');
    expect((await person.client.get('/account')).status).toBe(401);
    expect((await login(person.email)).status).toBe(200);
    const { rows } = await app.sql.query(
      `select type, after from operator_events where subject_id = $1 and type like 'user.%blocked' order by seq`,
      [person.id],
    );
    expect(rows).toEqual([
      { type: 'user.blocked', after: { reason: 'The account was taken over.' } },
      { type: 'user.unblocked', after: null },
    ]);
  });

  it('loses the API keys they created, with an event in the organization', async () => {
    const person = await newMember(app, admin, home, 'admin', `keys-${++made}`);
    const signedIn = await signIn(app, person.email, PASSWORD, 'demo', home.id);
    const { body } = await signedIn.client.post(`${home.path}/api-keys`, { name: 'Theirs', role: 'user' });
    const byKey = app.client().as(body.key);
    expect((await byKey.get(`/organizations/${home.id}/credits`)).status).toBe(200);
    await block(person);
    expect((await byKey.get(`/organizations/${home.id}/credits`)).status).toBe(401);
    expect((await byKey.at(`${replica.origin}/t/demo/api/v1`).get(`/organizations/${home.id}/credits`)).status).toBe(
      401,
    );
    const { rows } = await app.sql.query(
      `select actor_id from organization_events where type = 'api_key.revoked' and subject_id = $1`,
      [body.id],
    );
    expect(rows).toEqual([{ actor_id: admin.id }]);
  });

  it('cannot keep an API key that was being created at the same moment', async () => {
    const person = await newMember(app, admin, home, 'admin', `keys-${++made}`);
    const { client } = await signIn(app, person.email, PASSWORD, 'demo', home.id);
    const creations = Array.from({ length: 6 }, (_, index) =>
      client.post(`${home.path}/api-keys`, { name: `Racing ${index}` }),
    );
    await Promise.all([...creations, block(person)]);
    const { rows } = await app.sql.query(
      'select 1 from organization_api_keys where created_by = $1 and revoked_at is null',
      [person.id],
    );
    expect(rows).toEqual([]);
  });

  it('gets no session from sign-ins that run at the same moment', async () => {
    const person = await createPerson();
    const attempts = Array.from({ length: 8 }, () => login(person.email));
    const [, ...answers] = await Promise.all([block(person), ...attempts]);
    for (const { body } of answers)
      if (body.accessToken) expect((await app.client().as(body.accessToken).get('/account')).status).toBe(401);
    const { rows } = await app.sql.query('select 1 from sessions where user_id = $1 and ended_at is null', [person.id]);
    expect(rows).toEqual([]);
  });

  it('cannot be the caller, a user with a higher role, or a user of another operator', async () => {
    expect(outcome(await block(manager, manager))).toEqual([409, 'users.own_account']);
    expect(outcome(await block(admin, manager))).toEqual([403, 'members.role_above_own']);
    expect(outcome(await manager.client.delete(`${userPath(admin)}/sessions`))).toEqual([
      403,
      'members.role_above_own',
    ]);
    const person = await createPerson();
    expect(outcome(await block(admin, person))).toEqual([403, 'auth.forbidden']);
    expect(outcome(await block({ ...person, id: home.id }))).toEqual([404, 'users.not_found']);
  });

  it('is at most one of two admins who block each other', async () => {
    const pair = await Promise.all([createPerson(), createPerson()]);
    for (const { id } of pair) await admin.client.post('/admin/operator/members', { userId: id, role: 'admin' });
    const [one, other] = pair;
    await Promise.all([block(other, one), block(one, { ...other, client: elsewhere(other) })]);
    const { rows } = await app.sql.query('select 1 from users where id = any ($1) and blocked_at is not null', [
      pair.map(({ id }) => id),
    ]);
    expect(rows).toHaveLength(1);
  });
});

it('staff can sign a user out everywhere', async () => {
  const person = await createPerson();
  const other = await signIn(app, person.email);
  expect((await manager.client.delete(`${userPath(person)}/sessions`)).status).toBe(204);
  for (const { client } of [person, other]) expect((await client.get('/account')).status).toBe(401);
  expect((await login(person.email)).status).toBe(200);
});

describe('an erased account', () => {
  /** Returns the tables that still contain a text of the user, except for the audit log. */
  async function tracesOf(...texts: string[]): Promise<string[]> {
    const { rows } = await app.sql.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
         and table_name !~ 'events$' order by 1`,
    );
    const found: string[] = [];
    for (const { name } of rows) {
      const { rowCount } = await app.sql.query(
        `select 1 from "${name}" t where exists (select from unnest($1::text[]) x where position(lower(x) in lower(t::text)) > 0) limit 1`,
        [texts],
      );
      if (rowCount) found.push(name);
    }
    return found;
  }

  it('leaves none of the API keys it created', async () => {
    const person = await newMember(app, admin, home, 'admin', `keys-${++made}`);
    const { client } = await signIn(app, person.email, PASSWORD, 'demo', home.id);
    const { body } = await client.post(`${home.path}/api-keys`, { name: 'Left behind' });
    const byKey = app.client().as(body.key);
    expect((await byKey.get(`/organizations/${home.id}/credits`)).status).toBe(200);
    const { status } = await admin.client.delete(`${userPath(person)}?confirmEmail=${person.email}`);
    expect(status).toBe(204);
    expect((await byKey.get(`/organizations/${home.id}/credits`)).status).toBe(401);
  });

  it('leaves no personal data except its id, and frees its address', async () => {
    const person = await newMember(app, admin, home, 'user', `erased-${++made}`);
    await person.client.patch('/account', { name: 'Zebulon Quistgaard' });
    await addPasskey(person);
    await admin.client.post(`${(await newOrganization(admin, 'Inviting')).path}/invitations`, {
      email: person.email,
      role: 'user',
    });
    const refused = await admin.client.delete(`${userPath(person)}?confirmEmail=other@people.example`);
    expect(outcome(refused)).toEqual([422, 'users.confirmation_mismatch']);
    expect((await tracesOf(person.email)).length).toBeGreaterThan(0);
    const erased = await admin.client.delete(`${userPath(person)}?confirmEmail=${person.email}`);
    expect(outcome(erased)).toEqual([204]);

    expect(await tracesOf(person.email, 'Zebulon')).toEqual([]);
    const { rows: references } = await app.sql.query<{ name: string; column: string }>(
      `select c.conrelid::regclass::text as name, a.attname as column from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       where c.contype = 'f' and c.confrelid = 'users'::regclass`,
    );
    expect(references.length).toBeGreaterThan(10);
    for (const { name, column } of references)
      expect([name, (await app.sql.query(`select 1 from ${name} where ${column} = $1`, [person.id])).rowCount]).toEqual(
        [name, 0],
      );
    expect((await person.client.get('/account')).status).toBe(401);
    expect(outcome(await login(person.email))).toEqual([401, 'auth.invalid_credentials']);
    expect(outcome(await block(person))).toEqual([404, 'users.not_found']);
    expect((await admin.client.get(`/admin/users?email=${person.email}`)).body.items).toEqual([]);
    const { rows } = await app.sql.query(
      `select 1 from operator_events where type = 'user.erased' and subject_id = $1`,
      [person.id],
    );
    expect(rows).toHaveLength(1);
    expect((await admin.client.get('/admin/operator/events/verify')).body).toMatchObject({ valid: true });

    await app.client().post('/auth/register', { email: person.email, name: 'Somebody new' });
    const token = (await mailsTo(app, person.email, 1, /^Confirm your email/)).at(-1);
    const link = /token=([\w-]+)/.exec(token?.text ?? '')?.[1];
    expect(link).toBeDefined();
  });

  it('removes waiting mails to its address, and its name from mails to others', async () => {
    const person = await createPerson();
    await person.client.patch('/account', { name: 'Ottoline Quistgaard' });
    const organization = await newOrganization(person, 'Of Ottoline');
    const member = await newMember(app, admin, organization, 'admin', `successor-${++made}`);
    await app.sql.query(`create function hold_mails() returns trigger language plpgsql as $$
      begin new.next_attempt_at := now() + interval '1 day'; return new; end $$`);
    await app.sql.query('create trigger hold before insert on mails for each row execute function hold_mails()');
    try {
      await person.client.patch(`${organization.path}/members/${member.id}`, { role: 'manager' });
      await person.client.patch(`${organization.path}/members/${member.id}`, { role: 'admin' });
      await app.client().post('/auth/magic-link', { email: person.email });
      const waiting = async () =>
        (await app.sql.query<{ n: number }>('select count(*)::int as n from mails')).rows[0]?.n;
      const before = (await waiting()) ?? 0;
      expect(before).toBeGreaterThan(1);
      expect(outcome(await admin.client.delete(`${userPath(person)}?confirmEmail=${person.email}`))).toEqual([204]);
      expect(await waiting()).toBe(before - 1);
    } finally {
      await app.sql.query('drop trigger hold on mails');
      await app.sql.query('update mails set next_attempt_at = now()');
    }
    const mails = await mailsTo(app, member.email, 1, /^Your role in Of Ottoline/);
    expect(mails.map(({ text }) => text).join()).not.toContain('Ottoline Quistgaard');
  });

  it('is refused with a list of organizations while the user is their last admin', async () => {
    const person = await createPerson();
    const organization = await newOrganization(person, 'Only Theirs');
    const refused = await admin.client.delete(`${userPath(person)}?confirmEmail=${person.email}`);
    expect(outcome(refused)).toEqual([409, 'users.last_admin']);
    expect(refused.body.organizations).toEqual([{ id: organization.id, name: 'Only Theirs' }]);
    expect(outcome(await person.client.delete('/account'))).toEqual([409, 'users.last_admin']);
    expect(outcome(await manager.client.delete(`${userPath(person)}?confirmEmail=${person.email}`))).toEqual([
      403,
      'auth.forbidden',
    ]);
    expect(outcome(await admin.client.delete(`${userPath(admin)}?confirmEmail=${admin.email}`))).toEqual([
      409,
      'users.own_account',
    ]);
  });

  it('is one of two at most when both admins of an organization delete themselves at once', async () => {
    const one = await createPerson();
    const organization = await newOrganization(one, 'Of two');
    const other = await newMember(app, admin, organization, 'admin', `other-${++made}`);
    const answers = await Promise.all([one.client.delete('/account'), elsewhere(other).delete('/account')]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
  });

  it('can be deleted by its owner after a fresh proof', async () => {
    const person = await createPerson();
    await app.sql.query(`update sessions set proved_at = now() - interval '11 minutes' where user_id = $1`, [
      person.id,
    ]);
    expect(outcome(await person.client.delete('/account'))).toEqual([403, 'auth.step_up_required']);
    expect(outcome(await person.client.get('/account/export'))).toEqual([403, 'auth.step_up_required']);
    expect((await person.client.post('/account/step-up', { password: PASSWORD })).status).toBe(200);
    expect((await person.client.delete('/account')).status).toBe(204);
    expect((await person.client.get('/account')).status).toBe(401);
    expect((await login(person.email)).status).toBe(401);
  });
});

describe('the own account', () => {
  it('can change its password, which ends other sessions, and the notice can undo it', async () => {
    const person = await createPerson();
    const thief = await signIn(app, person.email);
    const change = (currentPassword: string, newPassword: string) =>
      person.client.put('/account/password', { currentPassword, newPassword });
    expect(outcome(await change('not the password at all', NEW_PASSWORD))).toEqual([403, 'auth.wrong_password']);
    expect(outcome(await change(PASSWORD, 'short'))).toEqual([422, 'auth.password_too_short']);
    expect(outcome(await change(PASSWORD, NEW_PASSWORD))).toEqual([204]);
    expect((await person.client.get('/account')).status).toBe(200);
    expect((await thief.client.get('/account')).status).toBe(401);
    expect((await login(person.email)).status).toBe(401);
    expect((await login(person.email, NEW_PASSWORD)).status).toBe(200);
    const token = await tokenMailedTo(app, person.email, 1, /^Your password was changed/);
    const undone = await app.client().post(`${app.origin}/t/demo/undo`, new URLSearchParams({ token }).toString(), {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(undone.status).toBe(200);
    expect((await login(person.email, NEW_PASSWORD)).status).toBe(401);
  });

  it('keeps no session of sign-ins with the old password that run during the change', async () => {
    for (let round = 0; round < 3; round++) {
      const person = await createPerson();
      const thieves = Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? app.client() : elsewhere({ ...person, client: app.client() })).post('/auth/login', {
          email: person.email,
          password: PASSWORD,
        }),
      );
      const change = person.client.put('/account/password', { currentPassword: PASSWORD, newPassword: NEW_PASSWORD });
      expect((await Promise.all([change, ...thieves]))[0]?.status).toBe(204);
      const { rows } = await app.sql.query('select 1 from sessions where user_id = $1 and ended_at is null', [
        person.id,
      ]);
      expect(rows).toHaveLength(1);
    }
  });

  it('accepts one of ten simultaneous password changes', async () => {
    const person = await createPerson();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 ? person.client : elsewhere(person)).put('/account/password', {
          currentPassword: PASSWORD,
          newPassword: `${NEW_PASSWORD} ${index}`,
        }),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  it('can be exported with all data stored about it', async () => {
    const person = await newMember(app, admin, home, 'manager', `exported-${++made}`);
    await addPasskey(person);
    const { status, body } = await person.client.get('/account/export');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      account: { id: person.id, email: person.email },
      organizations: [{ id: home.id, role: 'manager' }],
      passkeys: [{ name: 'Passkey' }],
    });
    expect(body.sessions.length).toBeGreaterThan(0);
    expect(body.events.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/argon2|token_hash|public_key/);
  });
});

describe('refused attempts', () => {
  const eventsOf = async (type: string) => {
    await app.sql.query(`update refused_attempts set created_at = created_at - interval '15 minutes'`);
    await Promise.all([app.app.get(RefusedAttemptJob).run(), replica.app.get(RefusedAttemptJob).run()]);
    const { rows } = await app.sql.query(
      `select subject_id as subject, (after ->> 'attempts')::int as attempts from operator_events where type = $1 order by seq`,
      [type],
    );
    return rows;
  };

  it('are one event with a count per account and window', async () => {
    const person = await createPerson();
    await app.sql.query('delete from refused_attempts');
    for (let count = 0; count < 15; count++) await login(person.email, 'not the password at all');
    for (let count = 0; count < 5; count++) await login(`nobody-${count}@people.example`);
    const events = await eventsOf('sign_in.failed');
    expect(events.filter(({ subject }) => subject === person.id)).toEqual([{ subject: person.id, attempts: 15 }]);
    const { rows } = await app.sql.query(`select id from operators where slug = 'demo'`);
    expect(events.at(-1)?.subject === rows[0].id || events.at(-2)?.subject === rows[0].id).toBe(true);
    expect(await eventsOf('sign_in.failed')).toHaveLength(events.length);
  });

  it('are counted for step-up and for revoked API keys, but not for unknown keys', async () => {
    const person = await createPerson();
    await person.client.post('/account/step-up', { password: 'not the password at all' });
    expect((await eventsOf('session.step_up_failed')).at(-1)).toEqual({ subject: person.id, attempts: 1 });
    const { body } = await admin.client.post(`${home.path}/api-keys`, { name: 'Revoked', role: 'user' });
    await admin.client.delete(`${home.path}/api-keys/${body.id}`);
    for (let count = 0; count < 3; count++) await app.client().as(body.key).get(`/organizations/${home.id}/credits`);
    await app
      .client()
      .as(`trl_${'A'.repeat(43)}`)
      .get(`/organizations/${home.id}/credits`);
    expect(await eventsOf('api_key.refused')).toEqual([{ subject: body.id, attempts: 3 }]);
  });
});
