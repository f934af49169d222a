import { readdir, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import jwt from 'jsonwebtoken';
import { PasswordHasher } from '../src/auth/identity/passwords/password-hasher.js';
import { AuthCleanupJob } from '../src/auth/identity/auth-cleanup.job.js';
import { type Answer, Client } from './support/client.js';
import { itFull } from './support/full.js';
import {
  mailsTo,
  newPerson,
  PASSWORD,
  type Person,
  registerPerson,
  signIn,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { ADMIN, BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  const operators = new Client(`${app.origin}/api/v1`, staff.accessToken);
  await operators.post('/operators', { slug: 'named-op', name: 'Named', adminEmail: 'boss@auth.example' });
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const OTHER_PASSWORD = 'a quite different secret';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

const there = (): Client => new Client(`${replica.origin}/t/demo/api/v1`);
/** The same user on the other server. */
const onReplica = (person: Person): Client => there().as(person.accessToken);
/** Alternates requests between the two servers. */
const both = (index: number): Client => (index % 2 ? there() : app.client());

const times = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

/** Counts the answers by status code. */
function tally(answers: Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

/** Returns all a caller can see of an answer, without what differs between any two. */
const visible = ({ status, headers, body }: Answer) => ({
  status,
  body: { ...body, requestId: '' },
  headers: [...headers.keys()].sort(),
});

const register = (email: string, more: Record<string, unknown> = {}, client = app.client()): Promise<Answer> =>
  client.post('/auth/register', { email, name: 'Ada', ...more });
const verify = (token: string, client = app.client(), password: unknown = PASSWORD): Promise<Answer> =>
  client.post('/auth/verify-email', { token, password });
const login = (email: string, password = PASSWORD, client = app.client(), organizationId?: string): Promise<Answer> =>
  client.post('/auth/login', { email, password, organizationId });

/** Returns the mails to `address` as sent over the wire. */
async function rawMailsTo(address: string, count = 1): Promise<string[]> {
  await mailsTo(app, address, count);
  const files = (await readdir(app.mailDir)).filter((name) => name.endsWith('.eml')).sort();
  const texts = await Promise.all(files.map((name) => readFile(path.join(app.mailDir, name), 'utf8')));
  return texts.filter((text) => text.toLowerCase().includes(address));
}

async function tokensMailedTo(address: string, count: number, subject?: RegExp): Promise<string[]> {
  return (await mailsTo(app, address, count, subject)).flatMap(
    ({ text }) => /token=([\w-]+)/.exec(text ?? '')?.[1] ?? [],
  );
}

const claimsOf = (accessToken: string): Record<string, unknown> => jwt.decode(accessToken) as Record<string, unknown>;

describe('registration', () => {
  it('mails a link that works once and is required before the first sign-in', async () => {
    const email = 'ada@auth.example';
    const registered = await register(email);
    expect([registered.status, registered.body]).toEqual([202, { status: 'verification_sent' }]);
    expect(outcome(await login(email))).toEqual([401, 'auth.invalid_credentials']);
    const [mail] = await mailsTo(app, email);
    expect(mail?.subject).toBe('Confirm your email address for Demo');
    expect(mail?.text).toContain(`${BASE_URL}/t/demo/verify-email?token=trt_`);
    const token = await tokenMailedTo(app, email);
    expect((await verify(token)).body).toEqual({ email, verified: true });
    expect(outcome(await verify(token))).toEqual([422, 'auth.invalid_one_time_token']);
    expect((await login(email)).body).toMatchObject({
      tokenType: 'Bearer',
      expiresIn: 600,
      user: { email, name: 'Ada' },
    });
    expect(
      (await app.sql.query('select email_verified_at is not null as ok from users where email = $1', [email])).rows,
    ).toEqual([{ ok: true }]);
  });

  it('does not store what it mails', async () => {
    await register('stored@auth.example');
    const token = await tokenMailedTo(app, 'stored@auth.example');
    const { rows } = await app.sql.query<{ found: boolean }>(
      `select exists (select 1 from one_time_tokens t where t::text like '%' || $1 || '%')
         or exists (select 1 from mails m where m::text like '%' || $1 || '%') as found`,
      [token],
    );
    expect(rows[0]?.found).toBe(false);
    expect(
      (await app.sql.query(`select 1 from one_time_tokens where payload::text like '%${PASSWORD}%'`)).rows,
    ).toEqual([]);
  });

  it('answers the same for an address that has an account, and informs its owner by mail', async () => {
    const email = 'known@auth.example';
    await registerPerson(app, email);
    const [known, unknown] = [await register(email), await register('unknown@auth.example')];
    expect(visible(known)).toEqual(visible(unknown));
    const [, told] = await mailsTo(app, email, 2);
    expect(told?.subject).toBe('You already have an account at Demo');
    expect(told?.text).not.toContain('token=');
    expect((await login(email)).status).toBe(200);
  });

  it('is not followed by a sign-in that reveals whether the address had an account', async () => {
    const email = 'oracle@auth.example';
    await registerPerson(app, email);
    await register(email, { password: OTHER_PASSWORD });
    await register('no-oracle@auth.example', { password: OTHER_PASSWORD });
    for (const password of [OTHER_PASSWORD, 'neither of the two passwords']) {
      const [known, unknown] = [await login(email, password), await login('no-oracle@auth.example', password)];
      expect(visible(known)).toEqual(visible(unknown));
    }
    expect((await login(email)).status).toBe(200);
  });

  it('is completed by the first of two links, and the second says so', async () => {
    const email = 'twice@auth.example';
    await register(email, { name: 'First' });
    await register(email, { name: 'Second' });
    const [first = '', second = ''] = await tokensMailedTo(email, 2);
    const answers = [await verify(first), ...(await times(2, () => verify(second, app.client(), OTHER_PASSWORD)))];
    expect(answers.map(outcome)).toEqual([
      [200, undefined],
      [409, 'auth.already_verified'],
      [409, 'auth.already_verified'],
    ]);
    expect((await login(email)).body.user.name).toBe('First');
    expect((await login(email, OTHER_PASSWORD)).status).not.toBe(200);
  });

  it('succeeds once when 50 requests follow one link on two servers', async () => {
    const email = 'fifty@auth.example';
    await register(email);
    const token = await tokenMailedTo(app, email);
    // A used link is invalid, and once the account exists the answer says so.
    const {
      200: verified,
      409: known = 0,
      422: invalid = 0,
    } = tally(await times(50, (index) => verify(token, both(index))));
    expect([verified, known + invalid]).toEqual([1, 49]);
    expect((await app.sql.query('select 1 from users where email = $1', [email])).rows).toHaveLength(1);
  });

  it('takes the password of one of several links followed at once', async () => {
    for (const round of [1, 2, 3]) {
      const email = `links-${round}@auth.example`;
      const passwords = ['the first of the secrets', 'the second of the secrets', 'the third of the secrets'];
      for (const _ of passwords) await register(email);
      const tokens = await tokensMailedTo(email, 3);
      const answers = await Promise.all(tokens.map((token, index) => verify(token, both(index), passwords[index])));
      expect(tally(answers)).toEqual({ 200: 1, 409: 2 });
      expect(tally(await Promise.all(passwords.map((password) => login(email, password))))[200]).toBe(1);
    }
  });

  it('makes the invited first admin of an organization its admin only on acceptance', async () => {
    const email = 'named@auth.example';
    const { body } = await staff.client.post('/admin/organizations', { name: 'Named Admin', adminEmail: email });
    expect((await staff.client.get(`/admin/organizations/${body.id}/members`)).body.items).toEqual([]);
    expect(outcome(await login(email))).toEqual([401, 'auth.invalid_credentials']);
    await registerPerson(app, email);
    expect(claimsOf((await signIn(app, email)).accessToken).org_id).toBeUndefined();
    const [mail] = await mailsTo(app, email, 1, /^You are invited to Named Admin/);
    const token = /invitations\/([\w-]+)/.exec(mail?.text ?? '')?.[1];
    const accepted = await (await signIn(app, email)).client.post(`/auth/invitations/${token}/accept`, {});
    expect(accepted.body).toMatchObject({ organization: { id: body.id }, role: 'admin' });
    const named = await signIn(app, email);
    expect(claimsOf(named.accessToken)).toMatchObject({ org_id: body.id, org_role: 'admin' });
    expect((await named.client.get(`/admin/organizations/${body.id}/members`)).body.items).toMatchObject([
      { email, name: 'named', status: 'active', role: 'admin' },
    ]);
  });

  it('completes the account of a user named as admin of an operator', async () => {
    await registerPerson(app, 'boss@auth.example', 'named-op');
    const boss = await signIn(app, 'boss@auth.example', PASSWORD, 'named-op');
    expect((await boss.client.get('/account')).body).toMatchObject({ operatorRole: 'admin', emailVerified: true });
    expect((await boss.client.get('/admin/operator/members')).body.items).toMatchObject([
      { email: 'boss@auth.example', status: 'active' },
    ]);
    const { rows } = await app.sql.query(
      'select type, before, after from operator_events where subject_id = $1 order by seq limit 3',
      [boss.id],
    );
    const [email, name] = ['boss@auth.example', 'boss'];
    expect(rows).toEqual([
      { type: 'user.created', before: null, after: { name: email, status: 'invited' } },
      { type: 'operator_member.added', before: null, after: { role: 'admin' } },
      { type: 'user.updated', before: { name: email, status: 'invited' }, after: { name, status: 'active' } },
    ]);
    // The same address at another operator is a separate account.
    expect(outcome(await login('boss@auth.example'))).toEqual([401, 'auth.invalid_credentials']);
  });

  it('prepares no account for the address of another user', async () => {
    const email = 'victim@auth.example';
    await staff.client.post('/admin/organizations', { name: 'Of the victim', adminEmail: email });
    await register(email, { name: 'Eve', password: OTHER_PASSWORD });
    expect(outcome(await login(email, OTHER_PASSWORD))).toEqual([401, 'auth.invalid_credentials']);
    await register(email, { name: 'Victim' });
    const [attackers = '', own = ''] = await tokensMailedTo(email, 2, /^Confirm/);
    expect((await verify(own)).status).toBe(200);
    expect((await login(email, OTHER_PASSWORD)).status).not.toBe(200);
    expect(outcome(await verify(attackers, app.client(), OTHER_PASSWORD))).toEqual([409, 'auth.already_verified']);
    expect((await login(email)).body.user.name).toBe('Victim');
  });

  it('accepts a token only at its own operator and for its own purpose', async () => {
    await register('elsewhere@auth.example');
    const token = await tokenMailedTo(app, 'elsewhere@auth.example');
    expect(outcome(await verify(token, app.client('named-op')))).toEqual([422, 'auth.invalid_one_time_token']);
    expect(outcome(await verify(token, app.client('no-such-operator')))).toEqual([404, 'operators.not_found']);
    const select = await app.client().post('/auth/select-organization', {
      selectionToken: token,
      organizationId: '01890000-0000-7000-8000-000000000000',
    });
    expect(outcome(select)).toEqual([422, 'auth.invalid_one_time_token']);
    await app.sql.query('update one_time_tokens set expires_at = now() where email = $1', ['elsewhere@auth.example']);
    expect(outcome(await verify(token))).toEqual([422, 'auth.invalid_one_time_token']);
  });

  it.each([
    ['14 characters', 'fourteen chars', 422, 'auth.password_too_short'],
    ['14 characters of two units each', '🙂🙃😀😁😂😃😄😅😆😇😈😉😊😋', 422, 'auth.password_too_short'],
    ['none', '', 400, 'validation_failed'],
    ['129 characters', 'long '.repeat(26).slice(0, 129), 400, 'validation_failed'],
    ['a list', ['correct horse battery staple'], 400, 'validation_failed'],
    ['a null byte', 'correct horse \u0000 battery staple', 400, 'validation_failed'],
    ['one letter', 'a'.repeat(20), 422, 'auth.password_too_weak'],
    ['a pattern repeated', 'ab1ab1ab1ab1ab1ab1', 422, 'auth.password_too_weak'],
    ['the address', 'weak@auth.example', 422, 'auth.password_too_weak'],
    ['the name', 'Ada Lovelace-Lovelace', 422, 'auth.password_too_weak'],
    ['the operator', 'Demo demo demo 11', 422, 'auth.password_too_weak'],
    ['common ones in a row', 'Letmein-Qwerty-2026', 422, 'auth.password_too_common'],
    ['a common one made longer', 'P@ssw0rd123456789', 422, 'auth.password_too_common'],
  ])('refuses a password of %s', async (_, password, status, code) => {
    const email = `${crypto.randomUUID()}@auth.example`;
    await register(email, { name: 'Ada Lovelace' });
    const token = await tokenMailedTo(app, email);
    const answer = await verify(token, app.client(), password === 'weak@auth.example' ? email : password);
    expect(outcome(answer)).toEqual([status, code]);
    expect((await verify(token)).status).toBe(200);
    if (code === 'auth.password_too_short') expect(answer.body.minLength).toBe(15);
  });

  it.each([
    ['15 characters', 'fifteen chars!!'],
    [
      '128 characters',
      'The quick brown fox jumps over the lazy dog, and then it does so again and again until one hundred and twenty-eight are reached.',
    ],
    ['other scripts', 'здравствуй прекрасный мир'],
    ['no spaces', 'xK9mQ2vL7pR4tW8z'],
  ])('accepts a password of %s', async (what, password) => {
    const email = `${what.replaceAll(' ', '-')}@auth.example`;
    await register(email);
    expect((await verify(await tokenMailedTo(app, email), app.client(), password)).status).toBe(200);
    expect((await login(email, password)).status).toBe(200);
    expect((await login(email, `${password.slice(0, -1)}~`)).status).toBe(401);
  });

  it('accepts the same password typed with another Unicode normalization', async () => {
    const composed = 'café crème brûlée à volonté';
    await register('accents@auth.example');
    await verify(await tokenMailedTo(app, 'accents@auth.example'), app.client(), composed.normalize('NFD'));
    expect((await login('accents@auth.example', composed.normalize('NFC'))).status).toBe(200);
  });

  it.each([
    '"a@evil.example x"@corp.example',
    '"quoted"@corp.example',
    'Ada <ada@corp.example>',
    'ada@corp.example, eve@evil.example',
    'ada@corp.example\r\nBcc: eve@evil.example',
    'ada@corp.example\u0000',
    'ada@corp@evil.example',
    'ada@[127.0.0.1]',
    'ada@localhost',
    'ada',
    '@corp.example',
    'ada@',
    'a da@corp.example',
    `${'a'.repeat(65)}@corp.example`,
    `ada@${'a.'.repeat(130)}example`,
    'ada\u202e@corp.example',
    'ada@corp.example;eve@evil.example',
  ])('refuses the address %j', async (email) => {
    expect(outcome(await register(email))).toEqual([400, 'validation_failed']);
    expect(outcome(await login(email))).toEqual([400, 'validation_failed']);
  });

  it.each([
    ['upper case', 'ADA.Upper@People.EXAMPLE', 'ada.upper@people.example'],
    ['space around it', '  ada.space@people.example ', 'ada.space@people.example'],
    ['wide letters', 'ａｄａ．ｗｉｄｅ＠ｐｅｏｐｌｅ．ｅｘａｍｐｌｅ', 'ada.wide@people.example'],
    ['a Kelvin sign', 'ada.\u212aelvin@people.example', 'ada.kelvin@people.example'],
  ])('normalizes an address in %s', async (_, typed, plain) => {
    expect((await register(typed)).status).toBe(202);
    expect((await verify(await tokenMailedTo(app, plain))).body.email).toBe(plain);
    expect((await login(typed)).body.user.email).toBe(plain);
    await register(plain);
    expect((await mailsTo(app, plain, 2))[1]?.subject).toBe('You already have an account at Demo');
  });

  it('never fails on unusual addresses', async () => {
    // Letters whose case PostgreSQL and this Node may know from different Unicode versions, and some with special case rules.
    const odd = [
      '\ua7da',
      '\ua7cb',
      '\u0130',
      '\u1e9e',
      'ΌΣΟΣ',
      '\u03f4',
      '\u13a0',
      '\u1c89',
      '\ua7dc',
      'ı',
      'ﬁ',
      "o'neil+tag",
      '{braces}',
      '%',
      '`',
      'ünï',
    ];
    for (const local of odd) {
      const email = `${local}x@people.example`;
      const registered = await register(email);
      expect([email, registered.status === 202 || registered.status === 400]).toEqual([email, true]);
      const named = await staff.client.post('/admin/organizations', { name: 'Odd address', adminEmail: email });
      expect([email, named.status === 201 || named.status === 400]).toEqual([email, true]);
    }
  });

  it('puts no name into the mail to an unverified address', async () => {
    const names = [
      'Eve", "x@evil.example',
      'Eve <x@evil.example>',
      'Look at https://evil.example now',
      '=?utf-8?q?Bcc:_x@evil.example?=',
      'Ünï "quoted" \\ back',
      'a, b; c: d',
    ];
    for (const [index, name] of names.entries()) {
      const email = `inject-${index}@auth.example`;
      expect((await register(email, { name })).status).toBe(202);
      const [raw = ''] = await rawMailsTo(email);
      const [head = '', ...body] = raw.split('\r\n\r\n');
      const headers = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
      expect(headers.filter((line) => /^(?:to|cc|bcc|from):/i.test(line))).toEqual([
        'From: Demo <no-reply@localhost>',
        `To: ${email}`,
      ]);
      expect(headers.every((line) => /^[A-Za-z-]+: /.test(line))).toBe(true);
      expect(head + body.join()).not.toContain('evil.example');
    }
    for (const name of ['Eve\r\nBcc: x@evil.example', 'Eve\nBcc: x@evil.example', 'Eve\u2028Bcc', 'Eve\u0000']) {
      expect(outcome(await register('inject@auth.example', { name }))).toEqual([400, 'validation_failed']);
    }
  });

  it("keeps the operator's name inside its mail header", async () => {
    const name = 'Quoted "Op" <x@evil.example>, Ünïcode & a very long name that has to be folded over lines';
    await app.sql.query(`update operators set name = $1 where slug = 'named-op'`, [`${name}\r\nBcc: y@evil.example`]);
    await register('subject@auth.example', {}, app.client('named-op'));
    const [mail] = await mailsTo(app, 'subject@auth.example');
    expect(mail?.bcc ?? []).toEqual([]);
    expect(mail?.to?.map(({ address }) => address)).toEqual(['subject@auth.example']);
    expect(mail?.subject).toContain('Ünïcode & a very long name');
    await app.sql.query(`update operators set name = 'Named' where slug = 'named-op'`);
  });

  it('links to BASE_URL, whatever host the request names', async () => {
    const body = JSON.stringify({ email: 'host@auth.example', password: PASSWORD, name: 'Host' });
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example;proto=http',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(
        `${app.origin}/t/demo/api/v1/auth/register`,
        { method: 'POST', headers },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on('error', reject).end(body);
    });
    expect(status).toBe(202);
    const [raw = ''] = await rawMailsTo('host@auth.example');
    expect(raw).toContain(`${BASE_URL}/t/demo/verify-email?token=`);
    expect(raw).not.toContain('evil.example');
  });

  it('accepts exactly 20 requests in 15 minutes from one network on two servers', async () => {
    const strict = [await app.replica({ LIMIT_MAIL_REQUESTS: '' }), await app.replica({ LIMIT_MAIL_REQUESTS: '' })];
    const answers = await times(80, (index) =>
      app
        .client()
        .at(`${strict[index % 2]?.origin}/t/demo/api/v1`)
        .post(
          '/auth/register',
          { email: `flood-${index}@auth.example`, name: 'Flood' },
          { headers: { 'x-forwarded-for': `10.0.0.${index}`, 'x-real-ip': `10.0.0.${index}` } },
        ),
    );
    expect(tally(answers)).toEqual({ 202: 20, 429: 60 });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body.code).toBe('auth.too_many_attempts');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(900);
  });

  it('sends a mailbox at most 10 mails an hour, with or without an account', async () => {
    await registerPerson(app, 'mailed@auth.example');
    await app.sql.query('delete from attempts');
    for (const email of ['mailed@auth.example', 'not-mailed@auth.example']) {
      expect(tally(await times(12, (index) => register(email, {}, both(index))))).toEqual({ 202: 10, 429: 2 });
    }
  });
});

describe('sign-in', () => {
  it('answers the same, and about as fast, for known and unknown addresses', async () => {
    const email = 'equal@auth.example';
    await registerPerson(app, email);
    const spent: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (let round = 0; round < 9; round++) {
      const answers: Answer[] = [];
      for (const [kind, address] of [
        ['known', email],
        ['unknown', `nobody-${round}@auth.example`],
      ] as const) {
        const start = performance.now();
        answers.push(await login(address, 'the wrong password'));
        spent[kind].push(performance.now() - start);
      }
      const [known, unknown] = answers as [Answer, Answer];
      expect(visible(known)).toEqual(visible(unknown));
      expect(outcome(known)).toEqual([401, 'auth.invalid_credentials']);
    }
    const median = (values: number[]) => values.sort((a, b) => a - b)[4] ?? 0;
    const ratio = median(spent.known) / median(spent.unknown);
    // Without the hash it would be about 5.
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });

  it('enters no organization for a user without one, and the only one for a user with one', async () => {
    const none = await newPerson(app, 'entry-none');
    expect(Object.keys(claimsOf(none.accessToken)).filter((claim) => claim.startsWith('org'))).toEqual([]);
    const organization = await newOrganization(staff, 'Only One');
    const one = await newMember(app, staff, organization, 'manager', 'entry-one');
    const { body } = await login(one.email);
    expect(body.organization).toEqual({
      id: organization.id,
      slug: 'only-one',
      name: 'Only One',
      externalId: null,
      role: 'manager',
      roles: [],
    });
    expect(claimsOf(body.accessToken)).toMatchObject({
      org_id: organization.id,
      org_slug: 'only-one',
      org_role: 'manager',
    });
  });

  it('admits staff to the operator, or to the organization they name', async () => {
    const organization = await newOrganization(staff, 'Staffed');
    expect(claimsOf(staff.accessToken)).toMatchObject({ op_role: 'admin' });
    expect(claimsOf(staff.accessToken)).not.toHaveProperty('org_id');
    const named = await login(ADMIN.email, ADMIN.password, app.client(), organization.id);
    expect(claimsOf(named.body.accessToken)).toMatchObject({
      op_role: 'admin',
      org_id: organization.id,
      org_role: 'admin',
    });
  });

  describe('of a member of several organizations', () => {
    let person: Person;
    let organizations: Organization[];

    beforeAll(async () => {
      organizations = [];
      person = await newPerson(app, 'several');
      for (const name of ['Several A', 'Several B', 'Several C']) {
        const organization = await newOrganization(staff, name);
        await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' });
        organizations.push(organization);
      }
    });

    it('asks for a selection, which 50 simultaneous requests can make once', async () => {
      const choice = await login(person.email);
      expect(outcome(choice)).toEqual([403, 'auth.organization_selection_required']);
      expect(choice.body.organizations.map(({ name }: { name: string }) => name)).toEqual([
        'Several A',
        'Several B',
        'Several C',
      ]);
      const sessions = async () =>
        (await app.sql.query('select count(*)::int as n from sessions where user_id = $1', [person.id])).rows[0]
          .n as number;
      const before = await sessions();
      const input = { selectionToken: choice.body.selectionToken, organizationId: organizations[1]?.id };
      const answers = await times(50, (index) => both(index).post('/auth/select-organization', input));
      expect(tally(answers)).toEqual({ 200: 1, 422: 49 });
      expect(await sessions()).toBe(before + 1);
      const chosen = answers.find(({ status }) => status === 200);
      expect(chosen?.body.organization).toMatchObject({ id: organizations[1]?.id, role: 'user' });
      expect(claimsOf(chosen?.body.accessToken)).toMatchObject({ sub: person.id, org_id: organizations[1]?.id });
    });

    it('keeps the selection open after an invalid choice', async () => {
      const foreign = await newOrganization(staff, 'Not of several');
      const { selectionToken } = (await login(person.email)).body;
      const wrong = await app
        .client()
        .post('/auth/select-organization', { selectionToken, organizationId: foreign.id });
      expect(outcome(wrong)).toEqual([404, 'organizations.not_found']);
      const right = await app
        .client()
        .post('/auth/select-organization', { selectionToken, organizationId: organizations[0]?.id });
      expect(right.status).toBe(200);
    });

    it('enters the named organization at once if the user is a member', async () => {
      const foreign = await newOrganization(staff, 'Foreign to several');
      expect((await login(person.email, PASSWORD, app.client(), organizations[2]?.id)).body.organization.name).toBe(
        'Several C',
      );
      expect(outcome(await login(person.email, PASSWORD, app.client(), foreign.id))).toEqual([
        404,
        'organizations.not_found',
      ]);
      expect(
        outcome(await login(person.email, PASSWORD, app.client(), '01890000-0000-7000-8000-000000000000')),
      ).toEqual([404, 'organizations.not_found']);
      expect(outcome(await login(person.email, 'the wrong password', app.client(), organizations[2]?.id))).toEqual([
        401,
        'auth.invalid_credentials',
      ]);
    });

    it('can switch organizations with a refresh, and leave them with null', async () => {
      const first = await login(person.email, PASSWORD, app.client(), organizations[0]?.id);
      const second = await app
        .client()
        .post('/auth/token', { refreshToken: first.body.refreshToken, organizationId: organizations[1]?.id });
      expect(claimsOf(second.body.accessToken).org_id).toBe(organizations[1]?.id);
      const same = await there().post('/auth/token', { refreshToken: second.body.refreshToken });
      expect(claimsOf(same.body.accessToken).org_id).toBe(organizations[1]?.id);
      const none = await app
        .client()
        .post('/auth/token', { refreshToken: same.body.refreshToken, organizationId: null });
      expect(claimsOf(none.body.accessToken)).not.toHaveProperty('org_id');
      expect(none.body.organization).toBeUndefined();
    });

    it('keeps the refresh token usable after naming an organization without the user', async () => {
      const foreign = await newOrganization(staff, 'Switch refused');
      const { refreshToken } = (await login(person.email, PASSWORD, app.client(), organizations[0]?.id)).body;
      expect(outcome(await app.client().post('/auth/token', { refreshToken, organizationId: foreign.id }))).toEqual([
        404,
        'organizations.not_found',
      ]);
      expect((await app.client().post('/auth/token', { refreshToken })).status).toBe(200);
    });

    it('lists the organizations in the token on request', async () => {
      const { refreshToken } = (await login(person.email, PASSWORD, app.client(), organizations[0]?.id)).body;
      const { body } = await app.client().post('/auth/token', { refreshToken, scope: 'organizations' });
      expect(claimsOf(body.accessToken)).toMatchObject({
        organizations: organizations.map(({ id, slug }) => ({ id, slug, role: 'user', roles: [] })),
        organizations_truncated: false,
      });
    });
  });

  it('lists the first of many organizations, in a token that fits into a header', async () => {
    const person = await newPerson(app, 'joiner');
    await app.sql.query(
      `with made as (
         insert into organizations (id, operator_id, slug, name, external_id)
         select gen_random_uuid(), op.id, 'many-' || lpad(n::text, 45, '0'), 'Many ' || lpad(n::text, 3, '0'), lpad(n::text, 128, 'x')
         from operators op, generate_series(1, 60) n where op.slug = 'demo' returning id)
       insert into organization_members (organization_id, user_id, role) select id, $1, 'manager' from made`,
      [person.id],
    );
    const { rows } = await app.sql.query<{ id: string }>(`select id from organizations where name = 'Many 060'`);
    const id = rows[0]?.id;
    await app.sql.query(
      `with made as (insert into units (organization_id, id, slug, name) select $1, gen_random_uuid(), 'u-' || n, 'U ' || n from generate_series(1, 120) n returning id)
       insert into unit_members (organization_id, unit_id, user_id, role) select $1, id, $2, 'user' from made`,
      [id, person.id],
    );
    const choice = await login(person.email);
    expect(choice.body.organizations).toHaveLength(50);
    const chosen = await app
      .client()
      .post('/auth/select-organization', { selectionToken: choice.body.selectionToken, organizationId: id });
    const { body } = await app
      .client()
      .post('/auth/token', { refreshToken: chosen.body.refreshToken, scope: 'organizations' });
    const claims = claimsOf(body.accessToken) as {
      organizations: { slug: string }[];
      organizations_truncated: boolean;
    };
    // Each has about 130 bytes here, and the 50 units leave the least space for them.
    expect(claims.organizations.length).toBeGreaterThanOrEqual(5);
    expect(claims.organizations_truncated).toBe(true);
    // Proxies refuse headers of more than 8 KB.
    expect(body.accessToken.length).toBeLessThan(6_500);
    expect((await app.client().as(body.accessToken).get('/account/organizations?limit=1')).body.items).toHaveLength(1);
    expect((await app.client().as(body.accessToken).get('/account')).status).toBe(200);
  });

  it('refuses a blocked user, who is told so only with the right password, and ends their sessions', async () => {
    const person = await newPerson(app, 'blocked');
    await app.sql.query('update users set blocked_at = now() where id = $1', [person.id]);
    expect(outcome(await login(person.email))).toEqual([403, 'auth.blocked']);
    expect(outcome(await login(person.email, 'the wrong password'))).toEqual([401, 'auth.invalid_credentials']);
    expect(outcome(await person.client.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await onReplica(person).get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await app.client().post('/auth/token', { refreshToken: person.refreshToken }))).toEqual([
      403,
      'auth.blocked',
    ]);
  });

  it('is refused at an unknown operator and with unknown fields', async () => {
    expect(outcome(await login(ADMIN.email, ADMIN.password, app.client('nowhere')))).toEqual([
      404,
      'operators.not_found',
    ]);
    expect(outcome(await login(ADMIN.email, ADMIN.password, app.client('Not%20a%20slug')))).toEqual([
      404,
      'operators.not_found',
    ]);
    expect(
      outcome(
        await app.client().post('/auth/login', { email: ADMIN.email, password: ADMIN.password, userId: staff.id }),
      ),
    ).toEqual([400, 'validation_failed']);
  });
});

describe('wrong passwords', () => {
  it('are limited to exactly 10 in 15 minutes for 200 simultaneous attempts on two servers', async () => {
    const [email, other] = ['guessed@auth.example', 'not-guessed@auth.example'];
    await registerPerson(app, email);
    await registerPerson(app, other);
    const answers = await times(200, (index) => login(email, `a wrong password ${index}`, both(index)));
    expect(tally(answers)).toEqual({ 401: 10, 429: 190 });
    for (const { headers, body } of answers.filter(({ status }) => status === 429)) {
      expect(body.code).toBe('auth.too_many_attempts');
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(880);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(900);
    }
    for (const client of [app.client(), there()]) expect((await login(email, PASSWORD, client)).status).toBe(429);
    expect((await login(other)).status).toBe(200);
    await app.sql.query('update attempts set expire = 1');
    expect((await login(email)).status).toBe(200);
  });

  it('are counted for an address without an account in the same way', async () => {
    expect(tally(await times(30, (index) => login('nobody-at-all@auth.example', PASSWORD, both(index))))).toEqual({
      401: 10,
      429: 20,
    });
  });

  it('are reset by the right one', async () => {
    const email = 'forgiven@auth.example';
    await registerPerson(app, email);
    for (const round of [1, 2]) {
      for (let tries = 0; tries < 9; tries++)
        expect([round, (await login(email, 'the wrong password')).status]).toEqual([round, 401]);
      expect((await login(email)).status).toBe(200);
    }
  });

  it('counted before the address was verified lock out no user afterwards', async () => {
    const email = 'impatient@auth.example';
    await register(email);
    const answers: Answer[] = [];
    for (let tries = 0; tries < 12; tries++) answers.push(await login(email));
    expect(tally(answers)).toEqual({ 401: 10, 429: 2 });
    await verify(await tokenMailedTo(app, email));
    expect((await login(email)).status).toBe(200);
  });

  itFull('wait in a bounded queue: requests beyond it are told to retry and use up no attempt', async () => {
    const hasher = app.app.get(PasswordHasher, { strict: false });
    const queue = { full: true };
    // More requests than the queue holds keep asking, so that it is always full.
    const crowd = times(200, async () => {
      while (queue.full) await hasher.hash(PASSWORD).catch(() => sleep(1));
    });
    const answers = await times(40, (index) => login(`busy-${index}@auth.example`));
    queue.full = false;
    await crowd;
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body.code).toBe('auth.busy');
    expect(refused[0]?.headers.get('retry-after')).toBe('2');
    const { rows } = await app.sql.query<{ tries: number }>(
      `select coalesce(sum(points), 0)::int as tries from attempts where key like 'password_attempts%'`,
    );
    expect(rows[0]?.tries).toBe(answers.filter(({ status }) => status === 401).length);
    expect((await login('after-busy@auth.example')).status).toBe(401);
  });
});

describe('refresh tokens', () => {
  const refresh = (refreshToken: string, client = app.client(), more: Record<string, unknown> = {}): Promise<Answer> =>
    client.post('/auth/token', { refreshToken, ...more });

  const age = (person: Person) =>
    app.sql.query(
      `update refresh_tokens set used_at = used_at - interval '31 seconds'
       where session_id in (select id from sessions where user_id = $1)`,
      [person.id],
    );

  it('rotate: a used one ends the session at once, on both servers', async () => {
    const person = await newPerson(app, 'rotation');
    const next = await refresh(person.refreshToken);
    expect(next.body.refreshToken).not.toBe(person.refreshToken);
    const last = await refresh(next.body.refreshToken, there());
    expect(last.status).toBe(200);
    const bearer = app.client().as(last.body.accessToken);
    expect((await bearer.get('/account')).status).toBe(200);
    expect((await there().as(last.body.accessToken).get('/account')).status).toBe(200);
    await age(person);
    expect(outcome(await refresh(next.body.refreshToken))).toEqual([401, 'auth.refresh_token_reused']);
    expect(outcome(await bearer.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await there().as(last.body.accessToken).get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await refresh(last.body.refreshToken))).toEqual([401, 'auth.invalid_refresh_token']);
    const { rows } = await app.sql.query(
      `select type from operator_events where actor_id = $1 and type like 'session.%' order by seq`,
      [person.id],
    );
    expect(rows.map(({ type }) => type)).toEqual(['session.started', 'session.reuse_detected']);
  });

  it('give 50 simultaneous requests the same successor, which ends with the session', async () => {
    const person = await newPerson(app, 'family');
    const answers = await times(50, (index) => refresh(person.refreshToken, both(index)));
    expect(tally(answers)).toEqual({ 200: 50 });
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    await age(person);
    expect(outcome(await refresh(person.refreshToken))).toEqual([401, 'auth.refresh_token_reused']);
    expect(outcome(await refresh(answers[0]?.body.refreshToken))).toEqual([401, 'auth.invalid_refresh_token']);
    expect((await app.client().as(answers[1]?.body.accessToken).get('/account')).status).toBe(401);
    const { rows } = await app.sql.query(
      'select count(*)::int as n, count(ended_at)::int as ended from sessions where user_id = $1',
      [person.id],
    );
    expect(rows).toEqual([{ n: 1, ended: 1 }]);
  });

  it('are refused when unknown, expired, or at another operator, and stay usable at their own', async () => {
    const person = await newPerson(app, 'expiring');
    expect(outcome(await refresh('trr_unknown'))).toEqual([401, 'auth.invalid_refresh_token']);
    expect(outcome(await refresh(person.refreshToken, app.client('named-op')))).toEqual([
      401,
      'auth.invalid_refresh_token',
    ]);
    expect(outcome(await refresh(person.refreshToken, app.client('nowhere')))).toEqual([404, 'operators.not_found']);
    const next = await refresh(person.refreshToken);
    expect(next.status).toBe(200);
    await app.sql.query(
      'update refresh_tokens set expires_at = now() where used_at is null and session_id in (select id from sessions where user_id = $1)',
      [person.id],
    );
    expect(outcome(await refresh(next.body.refreshToken))).toEqual([401, 'auth.invalid_refresh_token']);
  });

  it('end with their session at its maximum age', async () => {
    const person = await newPerson(app, 'thirty-days');
    await app.sql.query('update sessions set expires_at = now() where user_id = $1', [person.id]);
    expect(outcome(await person.client.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await refresh(person.refreshToken))).toEqual([401, 'auth.invalid_refresh_token']);
  });

  it('leave an organization that removed the user or was deleted', async () => {
    const organization = await newOrganization(staff, 'To be left');
    const member = await newMember(app, staff, organization, 'manager', 'leaver');
    const inside = await signIn(app, member.email);
    expect(claimsOf(inside.accessToken).org_id).toBe(organization.id);
    await staff.client.delete(`${organization.path}/members/${member.id}`);
    const outside = await refresh(inside.refreshToken);
    expect(outside.status).toBe(200);
    expect(outside.body.organization).toBeUndefined();
    expect(Object.keys(claimsOf(outside.body.accessToken)).filter((claim) => claim.startsWith('org'))).toEqual([]);

    await staff.client.post(`${organization.path}/members`, { userId: member.id, role: 'admin' });
    const back = await signIn(app, member.email);
    await staff.client.delete(`${organization.path}?confirmName=To%20be%20left`);
    expect(outcome(await refresh(back.refreshToken, app.client(), { organizationId: organization.id }))).toEqual([
      404,
      'organizations.not_found',
    ]);
    expect((await refresh(back.refreshToken)).body.organization).toBeUndefined();
  });

  it('leave a suspended organization', async () => {
    const organization = await newOrganization(staff, 'Refresh suspended');
    const member = await newMember(app, staff, organization, 'user', 'suspended-refresher');
    const inside = await signIn(app, member.email);
    await staff.client.post(`${organization.path}/suspend`);
    expect(outcome(await refresh(inside.refreshToken, app.client(), { organizationId: organization.id }))).toEqual([
      403,
      'organizations.suspended',
    ]);
    const outside = await refresh(inside.refreshToken);
    expect([outside.status, outside.body.organization]).toEqual([200, undefined]);
  });

  it('can be refreshed by more users at once than there are connections', async () => {
    const people = await times(30, async (index) => {
      const email = `crowd-${index}@auth.example`;
      await app.sql.query(
        `with person as (insert into users (id, operator_id, email, name, email_verified_at)
           select gen_random_uuid(), id, $1, 'Crowd', now() from operators where slug = 'demo' returning id)
         insert into passwords (user_id, hash, changed_at) select person.id, p.hash, now() from person,
           (select hash from passwords p join users u on u.id = p.user_id where u.email = $2) p`,
        [email, ADMIN.email],
      );
      return signIn(app, email, ADMIN.password);
    });
    // As after half a minute: the cached signing keys are due to be read again.
    const { now } = Date;
    Date.now = () => now() + 31_000;
    try {
      const answers = await Promise.all(people.map(({ refreshToken }) => refresh(refreshToken)));
      expect(tally(answers)).toEqual({ 200: 30 });
      // Simultaneous verifications return each token's own user.
      const accounts = await Promise.all(answers.map(({ body }) => app.client().as(body.accessToken).get('/account')));
      expect(accounts.map(({ body }) => body.email)).toEqual(people.map(({ email }) => email));
    } finally {
      Date.now = now;
    }
  });
});

describe('sessions', () => {
  it('end by sign-out with the access token', async () => {
    const person = await newPerson(app, 'bearer-out');
    expect(outcome(await app.client().post('/auth/logout'))).toEqual([401, 'auth.unauthenticated']);
    expect(outcome(await person.client.at(app.client('nowhere').base).post('/auth/logout'))).toEqual([
      404,
      'operators.not_found',
    ]);
    expect(outcome(await person.client.at(app.client('named-op').base).post('/auth/logout'))).toEqual([
      404,
      'operators.not_found',
    ]);
    expect((await person.client.get('/account')).status).toBe(200);
    expect((await person.client.post('/auth/logout')).status).toBe(204);
    for (const client of [person.client, onReplica(person)])
      expect(outcome(await client.get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(outcome(await app.client().post('/auth/token', { refreshToken: person.refreshToken }))).toEqual([
      401,
      'auth.invalid_refresh_token',
    ]);
    expect((await person.client.post('/auth/logout')).status).toBe(204);
  });

  it('end by sign-out with a refresh token at its own operator, and an unknown token changes nothing', async () => {
    const person = await newPerson(app, 'refresh-out');
    expect((await app.client().post('/auth/logout', { refreshToken: 'trr_unknown' })).status).toBe(204);
    expect((await app.client('named-op').post('/auth/logout', { refreshToken: person.refreshToken })).status).toBe(204);
    expect((await person.client.get('/account')).status).toBe(200);
    expect((await app.client().post('/auth/logout', { refreshToken: person.refreshToken })).status).toBe(204);
    expect(outcome(await onReplica(person).get('/account'))).toEqual([401, 'auth.invalid_token']);
  });

  it('are listed with their origin, and can be ended one by one or all at once', async () => {
    const first = await newPerson(app, 'lister');
    const again = await app
      .client()
      .post('/auth/login', { email: first.email, password: PASSWORD }, { headers: { 'user-agent': FIREFOX } });
    const second = app.client().as(again.body.accessToken);
    const { body } = await second.get('/account/sessions?count=true');
    expect(body.total).toBe(2);
    expect(body.items).toMatchObject([
      { current: true, ip: '127.0.0.1', userAgent: FIREFOX, device: 'Firefox on Windows' },
      { current: false, ip: '127.0.0.1', device: null },
    ]);
    const page = await second.get('/account/sessions?limit=1');
    expect((await second.get(`/account/sessions?limit=1&cursor=${page.body.nextCursor}`)).body.items).toMatchObject([
      { current: false },
    ]);

    const stranger = await newPerson(app, 'stranger-to-sessions');
    const foreign = await stranger.client.delete(`/account/sessions/${body.items[1].id}`);
    const missing = await stranger.client.delete('/account/sessions/01890000-0000-7000-8000-000000000000');
    expect(outcome(foreign)).toEqual([404, 'auth.session_not_found']);
    expect({ ...foreign.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });

    expect((await second.delete(`/account/sessions/${body.items[1].id}`)).status).toBe(204);
    expect((await onReplica(first).get('/account')).status).toBe(401);
    expect((await second.delete(`/account/sessions/${body.items[1].id}`)).status).toBe(204);
    expect((await second.get('/account/sessions')).body.items).toHaveLength(1);
    const third = await signIn(app, first.email);
    expect((await second.delete('/account/sessions')).status).toBe(204);
    for (const client of [second, third.client]) expect((await client.get('/account')).status).toBe(401);
    const { rows } = await app.sql.query(
      `select type, count(*)::int as n from operator_events where actor_id = $1 and type like 'session.%' group by type order by type`,
      [first.id],
    );
    expect(rows).toEqual([
      { type: 'session.ended', n: 3 },
      { type: 'session.started', n: 3 },
    ]);
  });

  it('leave the list once they were unused for too long to be used again', async () => {
    const person = await newPerson(app, 'idle');
    const idle = await signIn(app, person.email);
    await app.sql.query(`update refresh_tokens set expires_at = now() where session_id = $1`, [
      claimsOf(idle.accessToken).sid,
    ]);
    await app.sql.query(`update sessions set last_used_at = now() - interval '8 days' where id = $1`, [
      claimsOf(idle.accessToken).sid,
    ]);
    expect((await person.client.get('/account/sessions')).body.items).toMatchObject([{ current: true }]);
  });
});

describe('stored credentials', () => {
  const sweep = (server: TestServer = app): Promise<void> => server.app.get(AuthCleanupJob).run();

  it('are deleted once they can no longer be used, and nothing else is', async () => {
    const person = await newPerson(app, 'swept');
    const gone = await signIn(app, person.email);
    const sid = claimsOf(gone.accessToken).sid;
    await register('swept-later@auth.example');
    const rows = async (table: string) =>
      (await app.sql.query(`select count(*)::int as n from ${table}`)).rows[0].n as number;
    await sweep();
    const before = { tokens: await rows('one_time_tokens'), refresh: await rows('refresh_tokens') };
    await app.sql.query(`update sessions set ended_at = now() - interval '31 days' where id = $1`, [sid]);
    await app.sql.query(
      `insert into one_time_tokens (token_hash, purpose, operator_id, payload, expires_at)
       select 'old-' || n, 'verify_email', id, '{}', now() - interval '2 days' from operators, generate_series(1, 6000) n where slug = 'demo'`,
    );
    await app.sql.query(`insert into attempts (key, points, expire) values ('password_attempts:old', 9, 1)`);
    await Promise.all([sweep(), sweep(replica)]);
    expect(await rows('one_time_tokens')).toBe(before.tokens);
    expect(await rows('refresh_tokens')).toBe(before.refresh - 1);
    expect((await app.sql.query('select 1 from sessions where id = $1', [sid])).rows).toEqual([]);
    expect((await app.sql.query(`select 1 from attempts where key = 'password_attempts:old'`)).rows).toEqual([]);
    expect((await person.client.get('/account')).status).toBe(200);
    expect((await verify(await tokenMailedTo(app, 'swept-later@auth.example'))).status).toBe(200);
  });

  it('include a signing key that one of several servers replaces every ninety days', async () => {
    const kids = async (): Promise<string[]> =>
      (await app.sql.query('select kid from signing_keys')).rows.map(({ kid }) => kid);
    const [old] = await kids();
    await app.sql.query(`update signing_keys set created_at = now() - interval '89 days'`);
    await sweep();
    expect(await kids()).toEqual([old]);
    await app.sql.query(`update signing_keys set created_at = now() - interval '90 days'`);
    await Promise.all([sweep(), sweep(replica), sweep()]);
    const { rows } = await app.sql.query(
      'select kid = $1 as old, expires_at is null as newest, signs_from > now() as later from signing_keys order by signs_from',
      [old],
    );
    expect(rows).toEqual([
      { old: true, newest: false, later: false },
      { old: false, newest: true, later: true },
    ]);
  });
});

describe('the own account', () => {
  it('can be read, and changed under If-Match', async () => {
    const person = await newPerson(app, 'self');
    const read = await person.client.get('/account');
    expect(read.body).toMatchObject({
      id: person.id,
      email: person.email,
      name: 'self',
      emailVerified: true,
      operatorRole: null,
      platformAdmin: false,
    });
    const etag = read.headers.get('etag') ?? '';
    const changed = await person.client.patch('/account', { name: 'Self Made' }, { headers: { 'if-match': etag } });
    expect([changed.status, changed.body.name, changed.body.version]).toEqual([
      200,
      'Self Made',
      read.body.version + 1,
    ]);
    expect(
      outcome(await person.client.patch('/account', { name: 'Stale' }, { headers: { 'if-match': etag } })),
    ).toEqual([412, 'precondition_failed']);
    expect((await person.client.patch('/account', { name: 'Self Made' })).body.version).toBe(changed.body.version);
    for (const body of [
      { email: 'other@auth.example' },
      { platformAdmin: true },
      { id: staff.id },
      { name: '' },
      { name: 'a\nb' },
      { name: null },
    ]) {
      expect(outcome(await person.client.patch('/account', body))).toEqual([400, 'validation_failed']);
    }
    expect((await login(person.email)).body.user.name).toBe('Self Made');
    expect((await staff.client.get('/account')).body).toMatchObject({ operatorRole: 'admin', platformAdmin: true });
  });

  it('stores language, time zone and color scheme, and clears them with null', async () => {
    const person = await newPerson(app, 'preferences');
    const unset = { language: null, timeZone: null, colorScheme: null };
    expect((await person.client.get('/account')).body).toMatchObject(unset);
    const wanted = { language: 'de', timeZone: 'Europe/Berlin', colorScheme: 'dark' };
    expect((await person.client.patch('/account', wanted)).body).toMatchObject({ ...wanted, name: 'preferences' });
    expect((await onReplica(person).get('/account')).body).toMatchObject(wanted);
    expect((await person.client.get('/account/export')).body.account).toMatchObject(wanted);
    expect((await person.client.patch('/account', { language: null })).body).toMatchObject({
      ...wanted,
      language: null,
    });
    for (const body of [
      { language: 'fr' },
      { language: 'DE' },
      { language: '' },
      { timeZone: 'Mars/Olympus' },
      { timeZone: '+01:00' },
      { timeZone: 1 },
      { colorScheme: 'sepia' },
      { colorScheme: ['dark'] },
    ])
      expect([body, outcome(await person.client.patch('/account', body))]).toEqual([body, [400, 'validation_failed']]);
    expect((await person.client.patch('/account', unset)).body).toMatchObject(unset);
    const other = await newPerson(app, 'preferences-of-others');
    expect((await other.client.get('/account')).body).toMatchObject(unset);
  });

  it('accepts one of ten simultaneous changes of the same version', async () => {
    const person = await newPerson(app, 'racing-self');
    const etag = (await person.client.get('/account')).headers.get('etag') ?? '';
    const clients = [person.client, onReplica(person)];
    const answers = await times(10, (index) =>
      (clients[index % 2] as Client).patch('/account', { name: `Racer ${index}` }, { headers: { 'if-match': etag } }),
    );
    expect(tally(answers)).toEqual({ 200: 1, 412: 9 });
  });
});

describe('user search', () => {
  let manager: Person;
  let admin: Person;
  let user: Person;
  let organization: Organization;

  beforeAll(async () => {
    organization = await newOrganization(staff, 'Finders');
    manager = await newMember(app, staff, organization, 'manager', 'find-manager');
    admin = await newMember(app, staff, organization, 'admin', 'find-admin');
    user = await newMember(app, staff, organization, 'user', 'find-user');
  });

  it('is open to staff by any part of name or address, with pages, sorting and a count', async () => {
    const found = await staff.client.get('/admin/users?q=FIND-&sort=-email&limit=2&count=true');
    expect(found.body.total).toBe(3);
    expect(found.body.items.map(({ email }: { email: string }) => email)).toEqual([user.email, manager.email]);
    const rest = await staff.client.get(`/admin/users?q=FIND-&sort=-email&limit=2&cursor=${found.body.nextCursor}`);
    expect(rest.body.items).toMatchObject([{ email: admin.email, status: 'active', createdAt: expect.any(String) }]);
    expect((await staff.client.get('/admin/users?status=blocked&q=find-')).body.items).toEqual([]);
    expect((await staff.client.get('/admin/users?q=%25%25')).body.items).toEqual([]);
    expect((await staff.client.get('/admin/users?email=FIND-user@people.example')).body.items).toHaveLength(1);
    expect((await staff.client.get('/admin/users?email=find-user')).status).toBe(400);
  });

  it('is open to managers of an organization by the exact address', async () => {
    for (const { client } of [manager, admin]) {
      const found = await client.get(`/admin/users?email=${user.email}`);
      expect(found.body.items).toEqual([{ id: user.id, email: user.email, name: 'find-user', status: 'active' }]);
      expect((await client.get('/admin/users?email=nobody@people.example')).body.items).toEqual([]);
      for (const query of ['', '?q=find', `?email=${user.email}&q=find`, '?status=active']) {
        expect(outcome(await client.get(`/admin/users${query}`))).toEqual([403, 'users.email_required']);
      }
    }
  });

  it('is closed to all other users', async () => {
    const stranger = await newPerson(app, 'find-nobody');
    for (const client of [user.client, stranger.client]) {
      expect(outcome(await client.get(`/admin/users?email=${user.email}`))).toEqual([403, 'users.lookup_not_allowed']);
      expect(outcome(await client.get('/admin/users'))).toEqual([403, 'users.lookup_not_allowed']);
    }
    expect(outcome(await stranger.client.at(app.client('named-op').base).get('/admin/users'))).toEqual([
      404,
      'operators.not_found',
    ]);
  });

  it('finds no users of another operator', async () => {
    expect((await staff.client.get('/admin/users?email=boss@auth.example')).body.items).toEqual([]);
    expect((await staff.client.get('/admin/users?q=boss')).body.items).toEqual([]);
    expect((await staff.client.at(app.client('named-op').base).get('/admin/users?q=boss')).body.items).toHaveLength(1);
  });

  it('ends for managers with their organization', async () => {
    const deleted = await newOrganization(staff, 'Finders gone');
    const boss = await newMember(app, staff, deleted, 'admin', 'find-gone');
    expect((await boss.client.get(`/admin/users?email=${user.email}`)).status).toBe(200);
    await staff.client.delete(`${deleted.path}?confirmName=Finders%20gone`);
    expect(outcome(await boss.client.get(`/admin/users?email=${user.email}`))).toEqual([
      403,
      'users.lookup_not_allowed',
    ]);
  });
});

describe('the page of a verification link', () => {
  const page = (query: string, init: RequestInit = {}, operator = 'demo'): Promise<Response> =>
    fetch(`${app.origin}/t/${operator}/verify-email${query}`, { redirect: 'manual', ...init });
  const submit = (
    fields: Record<string, string> | string,
    operator = 'demo',
    type = 'application/x-www-form-urlencoded',
  ): Promise<Response> =>
    page(
      '',
      {
        method: 'POST',
        headers: { 'content-type': type },
        body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
      },
      operator,
    );

  function assertPage(response: Response, status: number): void {
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|script-src|\*/);
  }

  it('shows one button, uses up nothing when opened, and confirms when the button is pressed', async () => {
    const email = 'page@auth.example';
    await register(email, { name: '<b>Ada</b> & "Co"' });
    const token = await tokenMailedTo(app, email);
    for (const method of ['GET', 'HEAD', 'GET'])
      assertPage(await page(`?token=${token}&utm_source=mail`, { method }), 200);
    const html = await (await page(`?token=${token}`)).text();
    expect(html).toContain('Demo');
    expect(html).toContain(email);
    expect(html).not.toContain('<b>Ada');
    expect(html.match(/<button/g)).toHaveLength(1);
    expect(html).not.toMatch(/<script|https?:\/\//i);
    const form = /<form action="([^"]*)" method="post">/.exec(html)?.[1] ?? '';
    expect(new URL(form, `${app.origin}/t/demo/verify-email?token=x`).href).toBe(`${app.origin}/t/demo/verify-email`);
    expect(html).toContain(`<input type="hidden" name="token" value="${token}"/>`);
    expect(outcome(await login(email))).toEqual([401, 'auth.invalid_credentials']);

    const done = await submit({ token, password: PASSWORD });
    assertPage(done, 200);
    expect(await done.text()).toContain('confirmed');
    expect((await login(email)).status).toBe(200);

    for (const response of [await submit({ token, password: PASSWORD }), await page(`?token=${token}`)]) {
      assertPage(response, 422);
      const text = await response.text();
      expect(text).toContain('no longer valid');
      expect(text).not.toContain('<form');
    }
  });

  it('says for the second of two links that the address is already confirmed', async () => {
    const email = 'page-twice@auth.example';
    await register(email);
    await register(email);
    const [first = '', second = ''] = await tokensMailedTo(email, 2);
    await submit({ token: first, password: PASSWORD });
    for (const response of [await submit({ token: second, password: PASSWORD }), await page(`?token=${second}`)]) {
      assertPage(response, 409);
      expect(await response.text()).toContain('already confirmed');
    }
  });

  it.each([
    ['no token', '', 422],
    ['an empty one', '?token=', 422],
    ['a script', `?token=${encodeURIComponent('"><script>alert(1)</script>')}`, 422],
    ['two', '?token=a&token=b', 422],
    ['a very long one', `?token=${'a'.repeat(5000)}`, 422],
    ['an unknown one', `?token=trt_${'a'.repeat(43)}`, 422],
  ])('explains the problem of a link with %s', async (_, query, status) => {
    const response = await page(query);
    assertPage(response, status);
    const text = await response.text();
    expect(text).toContain('no longer valid');
    expect(text).not.toContain('<script');
  });

  it('explains malformed forms and too many attempts', async () => {
    assertPage(await submit(''), 400);
    assertPage(await submit({ token: 'x', more: 'y' }), 400);
    assertPage(await submit('token=a&token=b'), 400);
    assertPage(await submit('token=%00'), 400);
    assertPage(await submit('__proto__=1&token=a'), 400);
    assertPage(await submit({ token: 'unknown', password: PASSWORD }, 'nowhere'), 404);
    assertPage(await page('?token=x', {}, 'nowhere'), 404);
    assertPage(await submit({ token: 'unknown', password: PASSWORD }), 422);
    await app.sql.query(`update attempts set points = 600 where key like 'sign_in_steps%'`);
    const refused = await submit({ token: 'x', password: PASSWORD });
    assertPage(refused, 429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('escapes the name of the operator', async () => {
    await app.sql.query(`update operators set name = '<script>alert("x")</script> & Sons''' where slug = 'named-op'`);
    const response = await page('?token=x', {}, 'named-op');
    const text = await response.text();
    expect(text).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Sons&#x27;');
    expect(text).not.toContain('<script');
    await app.sql.query(`update operators set name = 'Named' where slug = 'named-op'`);
  });

  it('is the only route that reads forms', async () => {
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'token=x' };
    for (const other of [
      '/t/demo/api/v1/auth/verify-email',
      '/t/demo/api/v1/auth/login',
      '/t/demo/api/v1/admin/organizations',
    ]) {
      const response = await fetch(`${app.origin}${other}`, {
        ...form,
        headers: { ...form.headers, authorization: `Bearer ${staff.accessToken}` },
      });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
        415,
        'unsupported_media_type',
      ]);
    }
    expect((await submit(`token=${'x'.repeat(20_000)}`)).status).toBe(413);
    expect((await submit('{"token":"x"}', 'demo', 'text/plain')).status).toBe(415);
  });
});
