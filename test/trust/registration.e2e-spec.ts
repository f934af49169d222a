import type { Answer } from '../support/client.js';
import { mailsTo, PASSWORD, type Person, signInAdmin, tokenMailedTo } from '../support/people.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

const ATTACKERS = 'the password of an attacker';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let home: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const both = (index: number) => (index % 2 ? app.client() : app.client().at(`${replica.origin}/t/demo/api/v1`));
const register = (email: string, fields: Record<string, unknown> = { password: ATTACKERS }): Promise<Answer> =>
  app.client().post('/auth/register', { email, name: 'Mallory', ...fields });
const verify = (token: string, password?: string, client = app.client()): Promise<Answer> =>
  client.post('/auth/verify-email', { token, password });
const login = (email: string, password: string): Promise<Answer> =>
  app.client().post('/auth/login', { email, password });
const submit = (fields: Record<string, string>): Promise<Answer> =>
  app.client().post(`${app.origin}/t/demo/verify-email`, new URLSearchParams(fields).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const verification = (email: string): Promise<string> => tokenMailedTo(app, email, 1, /^Confirm/);
/** The account is the victim's: only their password opens it. */
const expectTheVictims = async (email: string): Promise<void> => {
  expect((await login(email, ATTACKERS)).status).toBe(401);
  expect((await login(email, PASSWORD)).body.user.email).toBe(email);
};

describe('an attacker who registers the address of a victim with a password of their own', () => {
  it('has nothing when the victim only follows the link', async () => {
    const email = 'click@victims.example';
    expect((await register(email)).status).toBe(202);
    const token = await verification(email);
    expect((await verify(token)).status).not.toBe(200);
    expect((await submit({ token })).status).not.toBe(200);
    expect((await login(email, ATTACKERS)).status).not.toBe(200);
    expect((await verify(token, PASSWORD)).status).toBe(200);
    await expectTheVictims(email);
  });

  it('has nothing when the victim confirms on the page, which asks for the password', async () => {
    const email = 'page@victims.example';
    await register(email);
    const token = await verification(email);
    const { body } = await app.client().get(`${app.origin}/t/demo/verify-email?token=${token}`);
    expect(String(body)).toContain('autoComplete="new-password"');
    expect(String(body)).toContain('at least 15 characters');
    const refused = await submit({ token, password: 'too short' });
    expect([refused.status, String(refused.body)]).toEqual([422, expect.stringContaining('at least 15 characters')]);
    expect((await submit({ token, password: PASSWORD })).status).toBe(200);
    await expectTheVictims(email);
  });

  it('has nothing when both register, whichever link is followed', async () => {
    for (const chosen of [0, 1]) {
      const email = `both-${chosen}@victims.example`;
      await register(email);
      await register(email, { password: PASSWORD });
      const links = await mailsTo(app, email, 2);
      const tokens = links.map(({ text }) => /token=([\w-]+)/.exec(text ?? '')?.[1] ?? '');
      expect((await verify(tokens[chosen] ?? '', PASSWORD)).status).toBe(200);
      await expectTheVictims(email);
      expect((await verify(tokens[1 - chosen] ?? '', ATTACKERS)).status).toBe(409);
      await register(email);
      await expectTheVictims(email);
    }
  });

  it('has nothing when an invitation proves the address', async () => {
    const email = 'invited@victims.example';
    await register(email);
    await staff.client.post(`${home.path}/invitations`, { email, role: 'user' });
    const mail = (await mailsTo(app, email, 1, /^You are invited/))[0];
    const invitation = /invitations\/([\w-]+)/.exec(mail?.text ?? '')?.[1];
    const account = { name: 'Victim', password: PASSWORD };
    expect((await app.client().post(`/auth/invitations/${invitation}/accept`, account)).status).toBe(200);
    await expectTheVictims(email);
    expect((await verify(await verification(email), ATTACKERS)).status).toBe(409);
    await expectTheVictims(email);
  });

  it.each(['magic link', 'password reset'])(
    'has nothing when a %s proves the address of an account that staff named, even with a password from before',
    async (way) => {
      const slug = way.replace(' ', '-');
      const email = `${slug}@victims.example`;
      await staff.client.at(app.origin).post('/api/v1/operators', { slug, name: 'Named', adminEmail: email });
      const client = app.client(slug);
      await client.post('/auth/register', { email, name: 'Mallory', password: ATTACKERS });
      // What an older version may have stored: the attacker's password, for the account that waits.
      await app.sql.query(
        `insert into passwords (user_id, hash, changed_at)
         select u.id, p.hash, now() from users u, passwords p join users a on a.id = p.user_id
         where u.email = $1 and a.email = 'admin@demo.example' and a.platform_admin`,
        [email],
      );
      const stored = { email, password: 'the very first password' };
      expect((await client.post('/auth/login', stored)).status).toBe(401);
      if (way === 'magic link') {
        await client.post('/auth/magic-link', { email });
        const token = await tokenMailedTo(app, email, 1, /^Sign in/);
        expect((await client.post('/auth/magic-link/redeem', { token })).status).toBe(200);
      } else {
        await client.post('/auth/password/forgot', { email });
        const token = await tokenMailedTo(app, email, 1, /^Choose a new/);
        expect((await client.post('/auth/password/reset', { token, password: PASSWORD })).status).toBe(204);
        expect((await client.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
      }
      expect((await client.post('/auth/login', stored)).status).toBe(401);
      expect((await client.post('/auth/login', { email, password: ATTACKERS })).status).toBe(401);
    },
  );

  it('has nothing from a link of an older version, which holds a password', async () => {
    const email = 'older@victims.example';
    await register(email);
    const token = await verification(email);
    await app.sql.query(
      `update one_time_tokens t set payload = t.payload || jsonb_build_object('passwordHash', p.hash)
       from passwords p join users a on a.id = p.user_id where t.email = $1 and a.email = 'admin@demo.example'`,
      [email],
    );
    expect((await login(email, 'the very first password')).status).toBe(401);
    expect((await verify(token, PASSWORD)).status).toBe(200);
    expect((await login(email, 'the very first password')).status).toBe(401);
    await expectTheVictims(email);
  });
});

it('stores no password with a registration', async () => {
  await register('stored@victims.example');
  const { rows } = await app.sql.query(`select payload from one_time_tokens where email = 'stored@victims.example'`);
  expect(rows).toEqual([{ payload: { email: 'stored@victims.example', name: 'Mallory' } }]);
});

it('takes a registration without a password, and one of any quality', async () => {
  for (const fields of [{}, { password: 'x' }, { password: 'aaaaaaaaaaaaaaaaaaaa' }])
    expect((await register('any@victims.example', fields)).status).toBe(202);
});

it('lets one of fifty who follow one link at once on two servers choose the password', async () => {
  const email = 'fifty@victims.example';
  await register(email, {});
  const token = await verification(email);
  const passwords = Array.from({ length: 50 }, (_, index) => `${PASSWORD} ${index}`);
  const answers = await Promise.all(passwords.map((password, index) => verify(token, password, both(index))));
  const won = answers.findIndex(({ status }) => status === 200);
  expect(answers.filter(({ status }) => status !== 200).every(({ status }) => [409, 422].includes(status))).toBe(true);
  expect((await login(email, passwords[won] ?? '')).status).toBe(200);
  expect((await login(email, passwords[won === 0 ? 1 : 0] ?? '')).status).toBe(401);
});
