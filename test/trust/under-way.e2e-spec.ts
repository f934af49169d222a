import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Authenticator } from '../support/authenticator.js';
import type { Answer, Client } from '../support/client.js';
import { type HostileProvider, startHostileProvider } from '../support/hostile-provider.js';
import { newPerson, PASSWORD, type Person, signIn, signInAdmin, tokenMailedTo } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization } from '../support/tree.js';

/*
 * A thief prepares something, or has a request under way, at the moment when the access it rests on ends. What is prepared
 * or under way must end too.
 */

let app: TestApp;
let replica: TestServer;
let idp: HostileProvider;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  replica = await app.replica();
  idp = await startHostileProvider('trellis', {});
  staff = await signInAdmin(app);
});
afterAll(async () => {
  await app.close();
  await idp.close();
});
beforeEach(() => app.sql.query('delete from attempts'));

const elsewhere = (client: Client) => client.at(`${replica.origin}/t/demo/api/v1`);
const sidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid;
const liveSessions = async ({ id }: Pick<Person, 'id'>): Promise<string[]> =>
  (await app.sql.query('select id from sessions where user_id = $1 and ended_at is null', [id])).rows.map(
    (row) => row.id,
  );
const passkeysOf = async ({ id }: Person): Promise<number> =>
  (await app.sql.query('select count(*)::int as n from passkeys where user_id = $1', [id])).rows[0].n;

/** Waits until this many requests wait for a row. */
async function waiting(count: number): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await sleep(20)) {
    const { rows } = await app.sql.query(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (rows[0].n >= count) return;
  }
  throw new Error('no request waits');
}

/** Holds rows while requests begin, and lets them go on after `meanwhile`. */
async function holding(
  sql: string,
  values: unknown[],
  meanwhile: (run: (text: string) => Promise<unknown>) => Promise<void>,
) {
  const held = await app.sql.connect();
  try {
    await held.query('begin');
    await held.query(sql, values);
    await meanwhile((text) => held.query(text, values));
    await held.query('commit');
  } finally {
    held.release();
  }
}

async function loginCode(client: Client) {
  const codeVerifier = randomBytes(32).toString('base64url');
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const redirectUri = 'http://127.0.0.1:49152/callback';
  const { status, body } = await client.post('/account/login-codes', { redirectUri, codeChallenge });
  expect(status).toBe(201);
  return { grantType: 'authorization_code', code: body.code, codeVerifier, redirectUri };
}

/** Lets a program in, as the owner of the session of `client`. */
async function letIn(client: Client): Promise<{ accessToken: string; client: Client }> {
  const { status, body } = await app.client().post('/auth/token', await loginCode(client));
  expect(status).toBe(200);
  return { accessToken: body.accessToken, client: app.client().as(body.accessToken) };
}

async function preparePasskey(client: Client): Promise<object> {
  const options = await client.post('/account/passkeys/options');
  expect(options.status).toBe(200);
  return new Authenticator(BASE_URL).create(options.body);
}

describe('a thief with a stolen session', () => {
  it('let programs in before the change that the owner undoes: they end with the session, whichever made it', async () => {
    for (const maker of ['session', 'program'] as const) {
      const owner = await newPerson(app, `under-way-undo-${maker}`);
      const stolen = await signIn(app, owner.email);
      const program = await letIn(stolen.client);
      const nested = await letIn(program.client);
      await sleep(5);
      const client = maker === 'session' ? stolen.client : program.client;
      const added = await client.post('/account/passkeys', { credential: await preparePasskey(client) });
      expect(added.status).toBe(201);
      const token = await tokenMailedTo(app, owner.email, 1, /^A passkey was added/);
      const undone = await app.client().post(`${replica.origin}/t/demo/undo`, `token=${token}`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect(undone.status).toBe(200);
      for (const thief of [stolen.client, program.client, nested.client])
        expect((await thief.get('/account')).status).toBe(401);
      expect(await liveSessions(owner)).toEqual([sidOf(owner.accessToken)]);
    }
  });

  it('adds no passkey with a request that waits while the session is ended', async () => {
    const owner = await newPerson(app, 'under-way-passkey');
    const stolen = await signIn(app, owner.email);
    const credential = await preparePasskey(stolen.client);
    let adding: Promise<Answer> | undefined;
    await holding('select 1 from users where id = $1 for no key update', [owner.id], async (run) => {
      adding = elsewhere(stolen.client).post('/account/passkeys', { credential });
      await waiting(1);
      await run('update sessions set ended_at = now() where user_id = $1');
    });
    expect((await adding)?.status).toBe(401);
    expect(await passkeysOf(owner)).toBe(0);
  });

  it('adds no more passkeys than are allowed, however many ceremonies it began', async () => {
    const owner = await newPerson(app, 'under-way-limit');
    const prepared: object[] = [];
    for (let index = 0; index < 30; index++) prepared.push(await preparePasskey(owner.client));
    const answers = await Promise.all(
      prepared.map((credential, index) =>
        (index % 2 ? elsewhere(owner.client) : owner.client).post('/account/passkeys', { credential }),
      ),
    );
    // Once the account has a passkey, what arrives later needs a passkey as its proof.
    const outcomes = answers.map(({ status, body }) => (status === 201 ? 'added' : body.code));
    const added = outcomes.filter((one) => one === 'added').length;
    expect(['added', 'auth.too_many_passkeys', 'auth.step_up_required']).toEqual(expect.arrayContaining(outcomes));
    expect(await passkeysOf(owner)).toBe(added);
    expect(added).toBeGreaterThan(0);
    expect(added).toBeLessThanOrEqual(25);
  });
});

it('ends the session of a program that a session of an identity provider let in while its connection was removed', async () => {
  const home = await newOrganization(staff, 'Under way');
  const made = await staff.client.post(`${home.path}/sso-connections`, {
    type: 'oidc',
    name: 'Home',
    issuer: idp.issuer,
    clientId: 'trellis',
    tokenEndpointAuthMethod: 'none',
  });
  expect(made.status).toBe(201);
  const member = await newMember(app, staff, home, 'user', 'under-way-sso');
  const signedIn = await app
    .client()
    .post('/auth/login', { email: member.email, password: PASSWORD, organizationId: home.id });
  const sid = sidOf(signedIn.body.accessToken);
  await app.sql.query(`update sessions set method = 'oidc', sso_organization_id = $2 where id = $1`, [sid, home.id]);
  await app.sql.query(
    `insert into session_claims (session_id, organization_id, connection_id, claims) values ($1, $2, $3, '{}')`,
    [sid, home.id, made.body.id],
  );
  const redemption = await loginCode(app.client().as(signedIn.body.accessToken));
  let redeeming: Promise<Answer> | undefined;
  let removing: Promise<Answer> | undefined;
  await app.sql.query(`update known_devices set last_seen_at = now() - interval '9 days' where user_id = $1`, [
    member.id,
  ]);
  await holding('select 1 from known_devices where user_id = $1 for update', [member.id], async () => {
    redeeming = app.client().post('/auth/token', redemption);
    await waiting(1);
    removing = elsewhere(staff.client).delete(`${home.path}/sso-connections/${made.body.id}`);
    await waiting(2);
  });
  expect([(await redeeming)?.status, (await removing)?.status]).toEqual([200, 204]);
  const program = app.client().as((await redeeming)?.body.accessToken);
  expect((await program.get(home.path)).status).toBe(401);
  expect(await liveSessions(member)).not.toContain(sidOf((await redeeming)?.body.accessToken));
});

it.each([
  ['its owner signed out everywhere', (owner: Person) => elsewhere(owner.client).delete('/account/sessions')],
  ['staff signed its owner out', ({ id }: Person) => elsewhere(staff.client).delete(`/admin/users/${id}/sessions`)],
])('signs in with no step that was begun before %s', async (_, end) => {
  const owner = await newPerson(app, `under-way-steps-${randomBytes(3).toString('hex')}`);
  for (const name of ['Under way one', 'Under way two']) {
    const organization = await newOrganization(staff, name);
    await staff.client.post(`${organization.path}/members`, { userId: owner.id, role: 'user' });
  }
  const begun = await app.client().post('/auth/login', { email: owner.email, password: PASSWORD });
  const { organizations, selectionToken } = begun.body;
  expect([begun.status, organizations.length]).toEqual([403, 2]);
  const redemption = await loginCode(owner.client);
  expect((await end(owner)).status).toBe(204);
  expect((await app.client().post('/auth/token', redemption)).status).not.toBe(200);
  const step = { selectionToken, organizationId: organizations[0].id };
  expect((await app.client().post('/auth/select-organization', step)).status).not.toBe(200);
  expect(await liveSessions(owner)).toEqual([]);
});

describe('two platform admins of different operators', () => {
  /** A platform admin, and a client with which they act at the other operator. */
  async function newPair() {
    const slug = `pair-${randomBytes(4).toString('hex')}`;
    await staff.client
      .at(app.origin)
      .post('/api/v1/operators', { slug, name: slug, adminEmail: `boss@${slug}.example` });
    const [one, two] = [await newPerson(app, `${slug}-one`), await newPerson(app, `${slug}-two`, slug)];
    await app.sql.query('update users set platform_admin = true where id = any($1)', [[one.id, two.id]]);
    const at = (client: Client, origin: string, operator: string) => client.at(`${origin}/t/${operator}/api/v1`);
    return { one, two, byOne: at(one.client, app.origin, slug), byTwo: at(two.client, replica.origin, 'demo') };
  }

  /** Sends both requests while the rows of both are held, so that neither has seen what the other does. */
  async function atOnce(ids: string[], first: () => Promise<Answer>, other: () => Promise<Answer>): Promise<Answer[]> {
    let answers: Promise<Answer[]> | undefined;
    await holding('select 1 from users where id = any($1) order by id for no key update', [ids], async () => {
      answers = Promise.all([first(), other()]);
      await waiting(2);
    });
    return (await answers) ?? [];
  }

  const remaining = async (ids: string[]): Promise<number> =>
    (
      await app.sql.query(
        'select count(*)::int as n from users where id = any($1) and platform_admin and blocked_at is null',
        [ids],
      )
    ).rows[0].n;

  it.each([
    ['block', (client: Client, { id }: Person) => client.post(`/admin/users/${id}/block`, { reason: 'x' })],
    ['erase', (client: Client, { id, email }: Person) => client.delete(`/admin/users/${id}?confirmEmail=${email}`)],
  ])('who %s each other at once: one remains', async (_, act) => {
    const { one, two, byOne, byTwo } = await newPair();
    const ids = [one.id, two.id];
    const answers = await atOnce(
      ids,
      () => act(byOne, two),
      () => act(byTwo, one),
    );
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(await remaining(ids)).toBe(1);
    await app.sql.query('update users set platform_admin = false where id = any($1)', [ids]);
  });
});
