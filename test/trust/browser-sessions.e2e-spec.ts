import { readFileSync } from 'node:fs';
import { Authenticator } from '../support/authenticator.js';
import type { Answer, Client, RequestOptions } from '../support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signInAdmin, tokenMailedTo } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newMember, newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let home: Organization;
let other: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Home');
  other = await newOrganization(staff, 'Other');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const NAME = '__Secure-trellis_refresh';
const BROWSER = '__Host-trellis_browser_demo';
const FROM_PAGE = { 'trellis-session': 'cookie', 'sec-fetch-site': 'same-origin', origin: BASE_URL };
const outcome = ({ status, body }: Answer) => (body?.code ? [status, body.code] : [status]);
const both = (index: number) => (index % 2 ? app.client().at(`${replica.origin}/t/demo/api/v1`) : app.client());

/** Keeps the cookies of a browser, which a script cannot read. */
class Page {
  cookie = '';
  setCookie: string | null = null;

  /** Keeps only the cookie `name`. */
  only(name: string): string {
    return this.cookie.split('; ').find((one) => one.startsWith(`${name}=`)) ?? '';
  }

  async post(
    path: string,
    body?: unknown,
    headers: Record<string, string> = FROM_PAGE,
    client = app.client(),
  ): Promise<Answer> {
    const options: RequestOptions = { headers: { ...headers, ...(this.cookie && { cookie: this.cookie }) } };
    const answer = await client.post(path, body, options);
    const set = answer.headers.getSetCookie();
    this.setCookie = set.length > 0 ? set.join('\n') : null;
    if (set.length > 0)
      this.cookie = set
        .filter((one) => !one.includes('Max-Age=0'))
        .map((one) => one.split(';')[0])
        .join('; ');
    return answer;
  }
}

async function signedIn(person: { email: string }, page = new Page()): Promise<{ page: Page; client: Client }> {
  const { status, body } = await page.post('/auth/login', { email: person.email, password: PASSWORD });
  expect([status, body.refreshToken]).toEqual([200, undefined]);
  return { page, client: app.client().as(body.accessToken) };
}
const refresh = (page: Page, headers?: Record<string, string>, client?: Client) =>
  page.post('/auth/token', {}, headers, client);

describe('a browser session', () => {
  it('keeps the refresh token where no script, other route or other site can read it', async () => {
    const person = await newPerson(app, 'cookie');
    const { page, client } = await signedIn(person);
    expect(page.setCookie).toMatch(
      new RegExp(
        `^${BROWSER}=trb_[\\w-]{43}; Path=/; Max-Age=\\d+; HttpOnly; SameSite=Strict; Secure\n` +
          `${NAME}=trr_[\\w-]{43}\\.[\\w-]{43}; Path=/t/demo/api/v1/auth; Max-Age=\\d+; HttpOnly; SameSite=Strict; Secure$`,
      ),
    );
    expect((await client.get('/account')).status).toBe(200);
    const renewed = await refresh(page, FROM_PAGE, both(1));
    expect(renewed.body).toMatchObject({ accessToken: expect.any(String), user: { id: person.id } });
    expect(renewed.body.refreshToken).toBeUndefined();
    expect((await client.as(renewed.body.accessToken).get('/account')).status).toBe(200);
  });

  it('uses the path of BASE_URL, and no Secure attribute without https', async () => {
    const person = await newPerson(app, 'cookie-path');
    const below = await app.replica({ BASE_URL: 'http://127.0.0.1:8080/trellis' });
    const client = app.client().at(`${below.origin}/t/demo/api/v1`);
    const page = new Page();
    const headers = { 'trellis-session': 'cookie', 'sec-fetch-site': 'same-origin', origin: below.origin };
    await page.post('/auth/login', { email: person.email, password: PASSWORD }, headers, client);
    expect(page.setCookie).toMatch(/^trellis_refresh=\S+; Path=\/trellis\/t\/demo\/api\/v1\/auth; .*SameSite=Strict$/m);
    expect(page.setCookie).toMatch(/^trellis_browser_demo=\S+; Path=\/; .*SameSite=Strict$/m);
    expect((await refresh(page, headers, client)).status).toBe(200);
  });

  it('can switch organizations, and ends with sign-out', async () => {
    const person = await newMember(app, staff, home, 'user', 'cookie-switch');
    const { page } = await signedIn(person);
    const entered = await page.post('/auth/token', { organizationId: home.id });
    expect(entered.body.organization.id).toBe(home.id);
    const client = app.client().as(entered.body.accessToken);
    const kept = page.cookie;
    expect(outcome(await page.post('/auth/logout', undefined, FROM_PAGE, both(1)))).toEqual([204]);
    expect([page.cookie, page.setCookie]).toEqual(['', expect.stringContaining('Max-Age=0')]);
    expect((await client.get('/account')).status).toBe(401);
    page.cookie = kept;
    expect(outcome(await refresh(page))).toEqual([401, 'auth.invalid_refresh_token']);
    expect(page.cookie).toBe('');
  });

  it('gives several tabs, and one that lost the response, the same successor', async () => {
    const { page } = await signedIn(await newPerson(app, 'cookie-tabs'));
    const tabs = Array.from({ length: 20 }, () => Object.assign(new Page(), { cookie: page.cookie }));
    const answers = await Promise.all(tabs.map((tab, index) => refresh(tab, FROM_PAGE, both(index))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(tabs.map(({ cookie }) => cookie)).size).toBe(1);
    expect((await refresh(tabs[0]!)).status).toBe(200);
  });

  it('ends when an earlier cookie is used again', async () => {
    const person = await newPerson(app, 'cookie-stolen');
    const { page } = await signedIn(person);
    const thief = Object.assign(new Page(), { cookie: page.cookie });
    await refresh(page);
    await app.sql.query(
      `update refresh_tokens set used_at = used_at - interval '31 seconds'
       where session_id in (select id from sessions where user_id = $1)`,
      [person.id],
    );
    expect(outcome(await refresh(thief, FROM_PAGE, both(1)))).toEqual([401, 'auth.refresh_token_reused']);
    expect((await refresh(page)).status).toBe(401);
  });

  it('ends with sign-out everywhere, a block, and the deletion of the account', async () => {
    const ends: ((person: Person, client: Client) => Promise<Answer>)[] = [
      (_, client) => client.delete('/account/sessions'),
      ({ id }) => staff.client.post(`/admin/users/${id}/block`, { reason: 'A test' }),
      ({ id }) => staff.client.delete(`/admin/users/${id}/sessions`),
      (_, client) => client.delete('/account'),
    ];
    for (const [index, end] of ends.entries()) {
      const person = await newPerson(app, `cookie-ends-${index}`);
      const { page, client } = await signedIn(person);
      expect((await end(person, client)).status).toBeLessThan(300);
      const answer = await refresh(page, FROM_PAGE, both(index));
      expect([401, 403]).toContain(answer.status);
      expect(answer.body.accessToken).toBeUndefined();
    }
  });
});

describe('a request that is not from a page of this server', () => {
  const foreign: [string, Record<string, string>][] = [
    ['another site', { 'trellis-session': 'cookie', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    [
      'a sibling host',
      { 'trellis-session': 'cookie', 'sec-fetch-site': 'same-site', origin: 'https://x.trellis.test' },
    ],
    ['the address bar', { 'trellis-session': 'cookie', 'sec-fetch-site': 'none' }],
    ['an old browser elsewhere', { 'trellis-session': 'cookie', origin: 'https://evil.example' }],
    ['a sandboxed frame', { 'trellis-session': 'cookie', origin: 'null' }],
    ['another port', { 'trellis-session': 'cookie', origin: `${BASE_URL}:8443` }],
    ['an unencrypted page', { 'trellis-session': 'cookie', origin: BASE_URL.replace('https', 'http') }],
    [
      'a page that claims to be ours',
      { 'trellis-session': 'cookie', 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    ],
  ];

  it.each(foreign)('gets nothing: %s', async (_, headers) => {
    const person = await newPerson(app, `foreign-${foreign.findIndex(([, one]) => one === headers)}`);
    const { page, client } = await signedIn(person);
    const kept = page.cookie;
    for (const path of ['/auth/token', '/auth/logout'])
      expect(outcome(await page.post(path, {}, headers))).toEqual([403, 'auth.foreign_origin']);
    const sessions = async () =>
      (await app.sql.query('select 1 from sessions where user_id = $1', [person.id])).rows.length;
    const before = await sessions();
    const login = { email: person.email, password: PASSWORD };
    expect(outcome(await page.post('/auth/login', login, headers))).toEqual([403, 'auth.foreign_origin']);
    expect(await sessions()).toBe(before);
    expect(page.cookie).toBe(kept);
    expect((await client.get('/account')).status).toBe(200);
    expect((await refresh(page)).status).toBe(200);
  });

  it('gets nothing without the header, with another header value, or with a form', async () => {
    const { page, client } = await signedIn(await newPerson(app, 'foreign-form'));
    const kept = page.cookie;
    expect(outcome(await refresh(page, { origin: BASE_URL }))).toEqual([400, 'validation_failed']);
    expect(outcome(await page.post('/auth/logout', {}, {}))).toEqual([401, 'auth.unauthenticated']);
    expect((await refresh(page, { ...FROM_PAGE, 'trellis-session': 'yes' })).status).toBe(400);
    const form = new URLSearchParams({ scope: 'organizations' });
    for (const headers of [FROM_PAGE, {}]) expect((await page.post('/auth/token', form, headers)).status).toBe(415);
    for (const type of ['text/plain', 'multipart/form-data; boundary=x'])
      expect((await page.post('/auth/token', '{}', { ...FROM_PAGE, 'content-type': type })).status).toBe(415);
    expect(page.cookie).toBe(kept);
    expect((await client.get('/account')).status).toBe(200);
    expect((await refresh(page)).status).toBe(200);
  });

  it('gets no access to any other route by the cookie', async () => {
    const { page } = await signedIn(await newPerson(app, 'foreign-other'));
    const headers = { ...FROM_PAGE, cookie: page.cookie };
    for (const path of ['/account', '/account/sessions', '/account/organizations'])
      expect(outcome(await app.client().get(path, { headers }))).toEqual([401, 'auth.unauthenticated']);
    expect((await app.client().delete('/account', { headers })).status).toBe(401);
  });
});

describe('a browser without a usable cookie', () => {
  it('is told to sign in, however often it asks', async () => {
    const tight = await app.replica({ LIMIT_WRONG_SECRETS: '3/15m' });
    const client = app.client().at(`${tight.origin}/t/demo/api/v1`);
    for (let count = 0; count < 10; count++)
      expect(outcome(await refresh(new Page(), FROM_PAGE, client))).toEqual([401, 'auth.invalid_refresh_token']);
  });

  it.each([
    ['an empty one', `${NAME}=`],
    ['one that is no token', `${NAME}=../../x`],
    ['a long one', `${NAME}=trr_${'x'.repeat(5_000)}`],
    ['a token of nobody', `${NAME}=trr_${'x'.repeat(43)}`],
    ['one of another name', `x${NAME}=trr_${'x'.repeat(43)}`],
  ])('gets 401: %s', async (_, cookie) => {
    expect(outcome(await refresh(Object.assign(new Page(), { cookie })))).toEqual([401, 'auth.invalid_refresh_token']);
  });

  it('is not signed in as another user by a cookie that a sibling host added', async () => {
    const person = await newPerson(app, 'tossed');
    const { page } = await signedIn(person);
    const attacker = await signedIn(await newPerson(app, 'tosser'));
    // Other hosts of the domain can add cookies, but none with the prefix `__Host-`.
    const tossed = attacker.page.only(NAME);
    page.cookie = `${tossed}; ${page.cookie}; ${tossed}`;
    const renewed = await refresh(page, FROM_PAGE, both(1));
    expect([renewed.status, renewed.body.user?.id]).toEqual([200, person.id]);
    const empty = [tossed, `${tossed}; ${page.only(BROWSER)}`, `${BROWSER}=trb_${'x'.repeat(43)}; ${tossed}`];
    for (const cookie of [
      ...empty,
      page.only(NAME),
      tossed.split('.')[0]!,
      `${tossed.split('.')[0]}; ${page.cookie}`,
    ]) {
      const answer = await refresh(Object.assign(new Page(), { cookie }));
      if (cookie.endsWith(page.cookie)) expect([answer.status, answer.body.user?.id]).toEqual([200, person.id]);
      else expect(outcome(answer)).toEqual([401, 'auth.invalid_refresh_token']);
    }
    expect((await refresh(page)).status).toBe(200);
  });

  it('is refused with a body that is not an object, and accepted with a token in the body', async () => {
    const person = await newPerson(app, 'moving-in');
    for (const body of ['[]', '"x"', '1', 'null'])
      expect((await new Page().post('/auth/token', body)).status).toBe(400);
    const page = new Page();
    const moved = await page.post('/auth/token', { refreshToken: person.refreshToken });
    expect([moved.status, moved.body.refreshToken]).toEqual([200, undefined]);
    expect((await refresh(page)).status).toBe(200);
  });
});

describe('every sign-in method', () => {
  const expectCookie = async (page: Page, answer: Answer) => {
    expect([answer.status, answer.body.refreshToken]).toEqual([200, undefined]);
    expect(answer.body.accessToken).toEqual(expect.any(String));
    expect((await refresh(page)).status).toBe(200);
  };

  it('can keep its token in the cookie: a choice of organizations', async () => {
    const person = await newMember(app, staff, home, 'user', 'door-choice');
    await staff.client.post(`${other.path}/members`, { userId: person.id, role: 'user' });
    const page = new Page();
    const choice = await page.post('/auth/login', { email: person.email, password: PASSWORD });
    expect([choice.status, page.cookie]).toEqual([403, '']);
    const { selectionToken } = choice.body;
    await expectCookie(page, await page.post('/auth/select-organization', { selectionToken, organizationId: home.id }));
  });

  it('can keep its token in the cookie: a mailed link', async () => {
    const person = await newPerson(app, 'door-link');
    await app.client().post('/auth/magic-link', { email: person.email });
    const token = await tokenMailedTo(app, person.email, 1, /sign in/i);
    const page = new Page();
    await expectCookie(page, await page.post('/auth/magic-link/redeem', { token }));
  });

  it('can keep its token in the cookie: a passkey, and a second factor', async () => {
    const person = await newPerson(app, 'door-passkey');
    const authenticator = new Authenticator(BASE_URL);
    const options = await person.client.post('/account/passkeys/options');
    await person.client.post('/account/passkeys', { credential: authenticator.create(options.body) });
    const page = new Page();
    const asked = await app.client().post('/auth/passkeys/options', {});
    await expectCookie(
      page,
      await page.post('/auth/passkeys/verify', {
        credential: authenticator.get(asked.body),
      }),
    );
    const begun = await page.post('/auth/login', { email: person.email, password: PASSWORD });
    expect([begun.body.mfaRequired, page.setCookie]).toEqual([true, null]);
    const { mfaToken } = begun.body;
    const challenge = await app.client().post('/auth/passkeys/options', { mfaToken });
    await expectCookie(page, await page.post('/auth/mfa', { mfaToken, credential: authenticator.get(challenge.body) }));
  });

  it('can keep its token in the cookie: an invitation', async () => {
    const email = 'door-invited@people.example';
    await staff.client.post(`${home.path}/invitations`, { email, role: 'user' });
    const [mail] = await mailsTo(app, email);
    const token = /invitations\/([\w-]+)/.exec(mail?.text ?? '')?.[1];
    const page = new Page();
    await expectCookie(
      page,
      await page.post(`/auth/invitations/${token}/accept`, { name: 'Invited', password: PASSWORD }),
    );
  });

  it('is documented with the header and with the response without the token', () => {
    const { paths } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
    const doors = Object.entries<any>(paths).flatMap(([path, item]) =>
      Object.values<any>(item)
        .filter((operation) => JSON.stringify(operation.responses).includes('schemas/TokenView"'))
        .map((operation) => [path.split('/auth/')[1], operation] as const),
    );
    expect(doors.map(([path]) => path)).toEqual(
      expect.arrayContaining(['login', 'magic-link/redeem', 'mfa', 'passkeys/verify', 'sso/token', 'token']),
    );
    for (const [, { parameters, responses }] of doors) {
      expect(parameters).toContainEqual(expect.objectContaining({ name: 'Trellis-Session', required: false }));
      expect(JSON.stringify(responses)).toContain('schemas/BrowserTokenView"');
    }
  });
});
