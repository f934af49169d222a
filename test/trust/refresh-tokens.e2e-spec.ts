import type { Answer } from '../support/client.js';
import { newPerson, type Person, signIn, signInAdmin } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let replica: TestServer;
let home: Organization;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const REUSED = [401, 'auth.refresh_token_reused'];
const outcome = ({ status, body }: Answer) => [status, body?.code];
const both = (index: number) => (index % 2 ? app.client() : app.client().at(`${replica.origin}/t/demo/api/v1`));
const refresh = (refreshToken: string, index = 0, more: object = {}): Promise<Answer> =>
  both(index).post('/auth/token', { refreshToken, ...more });
const isLive = async (accessToken: string): Promise<boolean> =>
  (await app.client().as(accessToken).get('/account')).status === 200;
const age = ({ id }: Person, seconds: number) =>
  app.sql.query(
    `update refresh_tokens set used_at = used_at - make_interval(secs => $2)
     where session_id in (select id from sessions where user_id = $1)`,
    [id, seconds],
  );

describe('a refresh token', () => {
  it('gives two tabs, and a client that lost the response, the same successor', async () => {
    const person = await newPerson(app, 'tabs');
    const [first, second] = [await refresh(person.refreshToken), await refresh(person.refreshToken, 1)];
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.refreshToken).toBe(first.body.refreshToken);
    for (const { body } of [first, second]) expect(await isLive(body.accessToken)).toBe(true);
    await age(person, 29);
    expect((await refresh(person.refreshToken)).body.refreshToken).toBe(first.body.refreshToken);
    expect((await refresh(first.body.refreshToken, 1)).status).toBe(200);
  });

  it('gives fifty at once on two servers the same successor, of which one row exists', async () => {
    const person = await newPerson(app, 'tabs-fifty');
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => refresh(person.refreshToken, index)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    const { rows } = await app.sql.query(
      `select count(*)::int as n, count(used_at)::int as used from refresh_tokens r join sessions s on s.id = r.session_id
       where s.user_id = $1`,
      [person.id],
    );
    expect(rows).toEqual([{ n: 2, used: 1 }]);
  });

  it('ends its family after thirty seconds', async () => {
    const person = await newPerson(app, 'tabs-late');
    const { body } = await refresh(person.refreshToken);
    await age(person, 31);
    expect(outcome(await refresh(person.refreshToken, 1))).toEqual(REUSED);
    expect(await isLive(body.accessToken)).toBe(false);
    expect((await refresh(body.refreshToken)).status).toBe(401);
  });

  it('ends its family when a token older than the predecessor comes back, however young it is', async () => {
    const person = await newPerson(app, 'tabs-older');
    const next = await refresh(person.refreshToken);
    const last = await refresh(next.body.refreshToken, 1);
    expect(last.status).toBe(200);
    expect(outcome(await refresh(person.refreshToken))).toEqual(REUSED);
    expect(await isLive(last.body.accessToken)).toBe(false);
    expect((await refresh(last.body.refreshToken)).status).toBe(401);
  });

  it('gives nothing once the session has ended, at another operator, or to one who guesses', async () => {
    const person = await newPerson(app, 'tabs-ended');
    const { body } = await refresh(person.refreshToken);
    await app.client().as(body.accessToken).post('/auth/logout', {});
    expect((await refresh(person.refreshToken)).status).toBe(401);
    const other = await newPerson(app, 'tabs-other');
    await refresh(other.refreshToken);
    expect((await refresh(`${other.refreshToken.slice(0, -1)}x`)).status).toBe(401);
  });

  it('keeps the place of the successor, and gives an access token for the place that is asked for', async () => {
    const member = await newMember(app, staff, home, 'user', 'tabs-member');
    const signedIn = await signIn(app, member.email, undefined, 'demo', home.id);
    const first = await refresh(signedIn.refreshToken);
    expect(first.body.organization.id).toBe(home.id);
    const nowhere = await refresh(signedIn.refreshToken, 1, { organizationId: null });
    expect([nowhere.status, nowhere.body.organization]).toEqual([200, undefined]);
    expect(nowhere.body.refreshToken).toBe(first.body.refreshToken);
    expect((await refresh(first.body.refreshToken)).body.organization.id).toBe(home.id);
  });
});

describe('the sessions of one user', () => {
  const live = async ({ id }: { id: string }): Promise<number> =>
    (await app.sql.query('select 1 from sessions where user_id = $1 and ended_at is null', [id])).rows.length;

  it('are at most fifty: the oldest ends, with an event', async () => {
    const first = await newPerson(app, 'many-sessions');
    const second = await signIn(app, first.email);
    for (let count = 2; count < 50; count++) await signIn(app, first.email);
    expect([await live(first), await isLive(first.accessToken)]).toEqual([50, true]);
    await signIn(app, first.email);
    expect([await live(first), await isLive(first.accessToken), await isLive(second.accessToken)]).toEqual([
      50,
      false,
      true,
    ]);
    const { rows } = await app.sql.query(
      `select s.end_reason as reason from sessions s join operator_events e on e.subject_id = s.id::text
       where s.user_id = $1 and e.type = 'session.ended'`,
      [first.id],
    );
    expect(rows).toEqual([{ reason: 'too_many_sessions' }]);
  });

  it('are at most fifty when sixty begin at once on two servers', async () => {
    const person = await newPerson(app, 'sessions-at-once');
    const sign = (index: number) =>
      both(index).post('/auth/login', { email: person.email, password: 'correct horse battery staple' });
    for (const _ of [1, 2, 3]) {
      await app.sql.query('delete from attempts');
      const answers = await Promise.all(Array.from({ length: 10 }, (__, index) => sign(index)));
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    }
    await app.sql.query(
      `insert into sessions (id, operator_id, user_id, method, factors, proved_at, last_used_at, expires_at, created_at)
       select gen_random_uuid(), operator_id, user_id, method, factors, proved_at, last_used_at, expires_at, created_at - interval '1 hour'
       from (select * from sessions where user_id = $1 limit 1) s, generate_series(1, 45)`,
      [person.id],
    );
    await app.sql.query('delete from attempts');
    await Promise.all(Array.from({ length: 10 }, (_, index) => sign(index)));
    expect(await live(person)).toBe(50);
  });
});
