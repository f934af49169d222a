import { readdir, readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { hashSecret } from '../src/common/crypto/index.js';
import { type Answer, Client } from './support/client.js';
import { fingerprint } from './support/fingerprint.js';
import { FULL } from './support/full.js';
import {
  mailsTo,
  PASSWORD,
  type Person,
  registeredPerson,
  registerPerson,
  signIn,
  signInAdmin,
} from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

/*
 * Attacks that concern several modules, one table each: what can be redeemed, what is mailed, and what reveals whether an
 * account exists. Forged access tokens are tested in tokens, password guessing in auth, and the rest with its module.
 */

let app: TestApp;
let replica: TestServer;
let staff: Person;
let home: Organization;
let sibling: Organization;
let admin: Person;
let manager: Person;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  await staff.client
    .at(app.origin)
    .post('/api/v1/operators', { slug: 'elsewhere', name: 'Elsewhere', adminEmail: 'boss@elsewhere.example' });
  home = await newOrganization(staff, 'Home');
  sibling = await newOrganization(staff, 'Sibling');
  admin = await newMember(app, staff, home, 'admin', 'attack-admin');
  manager = await newMember(app, staff, home, 'manager', 'attack-manager');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const codeOf = ({ status, body }: Answer): string => [status, body?.code].join(' ').trim();

function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[codeOf(answer)] = (counts[codeOf(answer)] ?? 0) + 1;
  return counts;
}

/** Alternates between the two servers. */
const both = (index: number): Client => (index % 2 ? app.client() : new Client(`${replica.origin}/t/demo/api/v1`));

let made = 0;
/** Returns an unused name. */
const fresh = (): string => `attack-${++made}`;

/** Returns the secret in the newest of at least `count` mails to an address. */
async function mailed(address: string, count = 1): Promise<string> {
  const text = (await mailsTo(app, address, count)).at(-1)?.text ?? '';
  const secret = /(?:token=|\/invitations\/)([\w-]+)/.exec(text)?.[1];
  if (!secret) throw new Error(`no link in the mail to ${address}`);
  return secret;
}

const form = (client: Client, page: string, fields: Record<string, string>): Promise<Answer> =>
  client.post(`${client.base.replace('/api/v1', '')}/${page}`, new URLSearchParams(fields).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

/** A value that can be redeemed once. */
interface Kind {
  issue(): Promise<string>;
  redeem: (token: string, client: Client) => Promise<Answer>;
  /** Lets the grace period pass in which a used value still counts. */
  age?: () => Promise<unknown>;
  /** Redeems it by a page, where there is one. */
  page?: (token: string, client: Client) => Promise<Answer>;
  /** The refusal of a malformed or used value of this kind. */
  unknown: string;
  used: string;
  expired: string;
  table: 'one_time_tokens' | 'refresh_tokens' | 'organization_invitations';
}

const ONE_TIME = {
  unknown: '422 auth.invalid_one_time_token',
  used: '422 auth.invalid_one_time_token',
  expired: '422 auth.invalid_one_time_token',
  table: 'one_time_tokens',
} as const;
const INVITATION = {
  unknown: '404 invitations.not_found',
  used: '409 invitations.accepted',
  expired: '422 invitations.expired',
  table: 'organization_invitations',
} as const;

/** Maps an invitation's token to the invited user. */
const invitees = new Map<string, Person>();

async function invitation(email: string, written = email): Promise<string> {
  const { status, body } = await admin.client.post(`${home.path}/invitations`, { email: written, role: 'user' });
  if (status !== 201) throw new Error(`inviting gave ${status} ${body.code}`);
  const text = (await mailsTo(app, email)).map((mail) => mail.text).join();
  return /\/invitations\/([\w-]+)/.exec(text)?.[1] ?? mailed(email, 2);
}

async function emailChange(side: 'current' | 'new'): Promise<string> {
  const person = await registeredPerson(app, fresh());
  const newEmail = `${fresh()}@people.example`;
  await person.client.post('/account/email-change', { newEmail, password: PASSWORD });
  return side === 'new' ? mailed(newEmail) : mailed(person.email, 2);
}

const confirmation = (side: 'current' | 'new'): Kind => ({
  ...ONE_TIME,
  issue: () => emailChange(side),
  redeem: (token, client) => client.post('/auth/confirm-email', { token }),
  page: (token, client) => form(client, 'confirm-email', { token }),
});

const acceptPage = (token: string, client: Client): Promise<Answer> => {
  const fields = new URLSearchParams({ answer: 'accept', name: 'Ada', password: PASSWORD });
  return client.post(`${client.base.replace('/api/v1', '')}/invitations/${token}`, fields);
};

const KINDS: Record<string, Kind> = {
  verification: {
    ...ONE_TIME,
    issue: async () => {
      const email = `${fresh()}@people.example`;
      await app.client().post('/auth/register', { email, password: PASSWORD, name: 'New' });
      return mailed(email);
    },
    redeem: (token, client) => client.post('/auth/verify-email', { token, password: PASSWORD }),
    page: (token, client) => form(client, 'verify-email', { token, password: PASSWORD }),
  },
  'password reset': {
    ...ONE_TIME,
    issue: async () => {
      const { email } = await registeredPerson(app, fresh());
      await app.client().post('/auth/password/forgot', { email });
      return mailed(email, 2);
    },
    redeem: (token, client) => client.post('/auth/password/reset', { token, password: 'another long password' }),
    page: (token, client) => form(client, 'reset-password', { token, password: 'another long password' }),
  },
  'magic link': {
    ...ONE_TIME,
    issue: async () => {
      const { email } = await registeredPerson(app, fresh());
      await app.client().post('/auth/magic-link', { email });
      return mailed(email, 2);
    },
    redeem: (token, client) => client.post('/auth/magic-link/redeem', { token }),
    page: (token, client) => form(client, 'magic-link', { token }),
  },
  'confirmation by the address so far': confirmation('current'),
  'confirmation by the new address': confirmation('new'),
  'choice of an organization': {
    ...ONE_TIME,
    issue: async () => {
      const person = await newMember(app, staff, home, 'user', fresh(), registeredPerson);
      await staff.client.post(`${sibling.path}/members`, { userId: person.id, role: 'user' });
      return (await app.client().post('/auth/login', { email: person.email, password: PASSWORD })).body.selectionToken;
    },
    redeem: (selectionToken, client) =>
      client.post('/auth/select-organization', { selectionToken, organizationId: home.id }),
  },
  'refresh token': {
    unknown: '401 auth.invalid_refresh_token',
    used: '401 auth.refresh_token_reused',
    expired: '401 auth.invalid_refresh_token',
    table: 'refresh_tokens',
    issue: async () => (await registeredPerson(app, fresh())).refreshToken,
    redeem: (refreshToken, client) => client.post('/auth/token', { refreshToken }),
    // Within 30 seconds it returns the same successor.
    age: () => app.sql.query(`update refresh_tokens set used_at = used_at - interval '31 seconds'`),
  },
  'invitation of a new user': {
    ...INVITATION,
    issue: () => invitation(`${fresh()}@invited.example`),
    redeem: (token, client) => client.post(`/auth/invitations/${token}/accept`, { name: 'Ada', password: PASSWORD }),
    page: acceptPage,
  },
  'invitation of an account': {
    ...INVITATION,
    issue: async () => {
      const person = await registeredPerson(app, fresh());
      const token = await invitation(person.email);
      invitees.set(token, person);
      return token;
    },
    redeem: (token, client) =>
      client.as(invitees.get(token)?.accessToken ?? 'none.of.them').post(`/auth/invitations/${token}/accept`, {}),
  },
};

const kinds = Object.entries(KINDS);

/** Kinds without a page have this test in auth. */
const PAGED = kinds.filter(([, { page }]) => page);

describe.each(PAGED)('a value that can be redeemed once: %s', (_, kind) => {
  it('succeeds once when fifty requests redeem it at the same time on two servers, by API and page', async () => {
    const token = await kind.issue();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (__, index) =>
        (index % 4 === 3 && kind.page ? kind.page : kind.redeem)(token, both(index)),
      ),
    );
    const refused = answers.filter(({ status }) => status >= 300);
    expect(refused).toHaveLength(49);
    // A page says it in words.
    const coded = refused.filter(({ body }) => typeof body === 'object');
    expect(refused.every(({ status }) => status < 500)).toBe(true);
    expect(coded.every(({ body }) => typeof body.code === 'string')).toBe(true);
    expect(Object.keys(tally(coded))).toContain(kind.used);
  });
});

describe.each(kinds)('a value that can be redeemed once: %s', (_, kind) => {
  it('is refused when tampered with, at another operator or truncated, and still works afterwards', async () => {
    const token = await kind.issue();
    const flipped = token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.slice(-1);
    const wrong = [flipped, token.slice(0, -1), `${token}A`, token.slice(4), token.toLowerCase(), `${token}=`, 'x'];
    for (const value of wrong) {
      const person = invitees.get(token);
      if (person) invitees.set(value, person);
      expect([value, codeOf(await kind.redeem(value, app.client()))]).toEqual([value, kind.unknown]);
    }
    const elsewhere = await kind.redeem(token, app.client('elsewhere'));
    expect(codeOf(elsewhere)).toBe(kind.unknown);
    expect(codeOf(await kind.redeem(token, app.client('nowhere')))).toBe('404 operators.not_found');
    expect((await kind.redeem(token, app.client())).status).toBeLessThan(300);
    await kind.age?.();
    expect(codeOf(await kind.redeem(token, app.client()))).toBe(kind.used);
  });

  it('is refused when it has expired', async () => {
    const token = await kind.issue();
    await app.sql.query(`update ${kind.table} set expires_at = now() - interval '1 second' where token_hash = $1`, [
      hashSecret(token),
    ]);
    expect(codeOf(await kind.redeem(token, app.client()))).toBe(kind.expired);
  });
});

it('a value of one kind is refused for every other kind, and as an access token', async () => {
  const tokens = await Promise.all(kinds.map(async ([name, kind]) => [name, await kind.issue()] as const));
  const before = await fingerprint(app, ['mails']);
  for (const [name, token] of tokens) {
    for (const [other, kind] of kinds) {
      if (other === name || KINDS[name]?.redeem.toString() === kind.redeem.toString()) continue;
      if (kind.table === 'organization_invitations' && KINDS[name]?.table === kind.table) continue;
      const answers = [await kind.redeem(token, app.client())];
      if (kind.page) answers.push(await kind.page(token, app.client()));
      expect([name, other, codeOf(answers[0] as Answer)]).toEqual([name, other, kind.unknown]);
      expect(answers.every(({ status }) => status >= 400 && status < 500)).toBe(true);
    }
    if (name !== 'refresh token') {
      // An unknown refresh token ends no session, and the answer does not say so.
      expect((await app.client().post('/auth/logout', { refreshToken: token })).status).toBe(204);
    }
    expect(codeOf(await app.client().as(token).get('/account'))).toBe('401 auth.invalid_token');
  }
  expect(await fingerprint(app, ['mails'])).toEqual(before);
  for (const [name, token] of tokens) {
    const answer = await KINDS[name]?.redeem(token, app.client());
    expect([name, answer?.status]).toEqual([name, answer?.status === 204 ? 204 : 200]);
  }
});

describe('an invitation', () => {
  const invite = (by: Person, input: object): Promise<Answer> => by.client.post(`${home.path}/invitations`, input);
  const accept = (token: string, person: Person) => person.client.post(`/auth/invitations/${token}/accept`, {});

  it('to an address in another case counts for the same user, who has one invitation', async () => {
    const person = await registeredPerson(app, fresh());
    const token = await invitation(person.email, person.email.toUpperCase());
    expect(codeOf(await invite(admin, { email: ` ${person.email} `, role: 'user' }))).toBe(
      '409 invitations.already_pending',
    );
    expect((await accept(token, person)).status).toBe(200);
  });

  it('is not accepted with a lookalike of the invited address', async () => {
    const name = fresh();
    const [person, twin] = [await registeredPerson(app, `${name}a`), await registeredPerson(app, `${name}\u0430`)];
    const token = await invitation(person.email);
    expect(codeOf(await accept(token, twin))).toBe('403 invitations.wrong_account');
    expect(codeOf(await app.client().post(`/auth/invitations/${token}/accept`, {}))).toBe('401 auth.unauthenticated');
    expect((await accept(token, person)).status).toBe(200);
  });

  it('belongs to the address, not to its former owner', async () => {
    const person = await registeredPerson(app, fresh());
    const token = await invitation(person.email);
    const newEmail = `${fresh()}@people.example`;
    await person.client.post('/account/email-change', { newEmail, password: PASSWORD });
    for (const link of [await mailed(person.email, 3), await mailed(newEmail)]) {
      expect((await app.client().post('/auth/confirm-email', { token: link })).status).toBe(200);
    }
    expect(codeOf(await accept(token, person))).toBe('403 invitations.wrong_account');
    const fetched = await app.client().get(`/auth/invitations/${token}`);
    expect(fetched.body).toMatchObject({ email: person.email, accountExists: false });
    // A new invitation to the new address is accepted.
    const { body } = await invite(admin, { email: newEmail, role: 'user' });
    expect(body.email).toBe(newEmail);
    expect((await accept(await mailed(newEmail, 2), person)).status).toBe(200);
  });

  it('above the role of a manager is refused on every route', async () => {
    const [one, two] = [`${fresh()}@invited.example`, `${fresh()}@invited.example`];
    const bulk = await manager.client.post(`${home.path}/invitations/bulk`, {
      items: [
        { email: one, role: 'admin' },
        { email: two, role: 'manager' },
      ],
    });
    expect(bulk.body.results.map(({ status, code }: Record<string, string>) => [status, code])).toEqual([
      ['refused', 'members.role_above_own'],
      ['created', undefined],
    ]);
    // Resending does not change the role, and a manager cannot resend an admin's invitation.
    const mine = bulk.body.results[1].invitation.id;
    expect(
      (await manager.client.post(`${home.path}/invitations/${mine}/resend`, { role: 'admin' })).body.role,
    ).not.toBe('admin');
    const above = (await invite(admin, { email: one, role: 'admin' })).body.id;
    await app.sql.query(`update organization_invitations set expires_at = now() where id = $1`, [above]);
    expect(codeOf(await manager.client.post(`${home.path}/invitations/${above}/resend`))).toBe(
      '403 members.role_above_own',
    );
    expect(codeOf(await invite(manager, { email: one, role: 'manager', replace: true }))).not.toBe(
      '403 auth.forbidden',
    );
    for (const input of [
      { userId: manager.id, role: 'admin' },
      { email: admin.email, role: 'admin' },
    ]) {
      expect([403, 409]).toContain((await manager.client.post(`${home.path}/members`, input)).status);
    }
    expect(codeOf(await manager.client.patch(`${home.path}/members/${manager.id}`, { role: 'admin' }))).toBe(
      '403 members.role_above_own',
    );
  });

  it('of an admin who is demoted at the same moment creates no admin', async () => {
    for (let round = 0; round < 6; round++) {
      const demoted = await newMember(app, staff, home, 'admin', fresh());
      const email = `${fresh()}@invited.example`;
      expect((await invite(demoted, { email, role: 'admin' })).status).toBe(201);
      const token = await mailed(email);
      const [lowered, accepted] = await Promise.all([
        staff.client.patch(`${home.path}/members/${demoted.id}`, { role: 'user' }),
        both(round).post(`/auth/invitations/${token}/accept`, { name: 'Ada', password: PASSWORD }),
      ]);
      expect(lowered.status).toBe(200);
      expect(['200', '409 invitations.revoked', '409 invitations.inviter_lost_right']).toContain(codeOf(accepted));
      const again = await app.client().post(`/auth/invitations/${token}/accept`, { name: 'Ada', password: PASSWORD });
      expect(codeOf(again)).toBe(accepted.status === 200 ? '409 invitations.accepted' : '409 invitations.revoked');
    }
  });

  it('cannot name units or roles of another organization, on any route', async () => {
    for (const [more, code] of [
      [{ unitIds: [sibling.defaultUnitId] }, 'units.not_found'],
      [{ roleIds: ['01890000-0000-7000-8000-000000000000'] }, 'roles.not_found'],
    ] as const) {
      const input = { email: `${fresh()}@invited.example`, role: 'user', ...more };
      expect(codeOf(await invite(admin, input))).toBe(`422 ${code}`);
      const bulk = await admin.client.post(`${home.path}/invitations/bulk`, { items: [input] });
      expect(bulk.body.results[0]).toMatchObject({ status: 'refused', code });
    }
    const named = { email: `${fresh()}@invited.example`, role: 'user', organizationId: sibling.id };
    expect(codeOf(await invite(admin, named))).toBe('400 validation_failed');
  });
});

interface Request {
  route: string;
  body: object;
  token?: string;
}

/** Every route that sends a mail. `email` is chosen by an attacker. */
const MAILING: Record<string, (email: string) => Request> = {
  registration: (email) => ({ route: '/auth/register', body: { email, password: PASSWORD, name: 'Eve' } }),
  'password reset': (email) => ({ route: '/auth/password/forgot', body: { email } }),
  'magic link': (email) => ({ route: '/auth/magic-link', body: { email } }),
  'change of address': (newEmail) => ({
    route: '/account/email-change',
    body: { newEmail, password: PASSWORD },
    token: admin.accessToken,
  }),
  invitation: (email) => ({
    route: `${home.path}/invitations`,
    body: { email, role: 'user' },
    token: admin.accessToken,
  }),
};

/** Sends every header that could override the host name. fetch cannot send another Host. */
function statusFromElsewhere({ route, body, token }: Request): Promise<number> {
  const text = JSON.stringify(body);
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    'x-original-url': 'https://evil.example/',
    forwarded: 'host=evil.example;proto=http',
    origin: 'https://evil.example',
    referer: 'https://evil.example/',
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${app.client().base}${route}`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject).end(text);
  });
}

async function rawMailTo(address: string): Promise<string> {
  await mailsTo(app, address);
  const names = (await readdir(app.mailDir)).filter((name) => name.endsWith('.eml')).sort();
  const mails = await Promise.all(names.map((name) => readFile(path.join(app.mailDir, name), 'utf8')));
  return mails.findLast((raw) => raw.split('\r\n\r\n')[0]?.includes(`To: ${address}`)) ?? '';
}

describe.each(Object.entries(MAILING))('mail: %s', (_, requestFor) => {
  it('is sent only to an address that is exactly one mailbox', async () => {
    const hostile = [
      'a@b.example\r\nBcc: eve@evil.example',
      'a@b.example\nBcc: eve@evil.example',
      'a@b.example\u2028Bcc: eve@evil.example',
      'a@b.example\u0000',
      'a@b.example, eve@evil.example',
      'a@b.example; eve@evil.example',
      'a@b.example eve@evil.example',
      '"eve@evil.example x"@b.example',
      'Eve <eve@evil.example>',
      'eve@evil.example(b.example)',
      'eve%0d%0aBcc:x@evil.example\r\n',
      'a@b.example\uff0ceve@evil.example',
      'a@b\uff20evil.example',
      '\u202eelpmaxe.b@a@evil.example',
      'a@[127.0.0.1]',
      'a@localhost@evil.example',
    ];
    for (const address of hostile) {
      const { route, body, token } = requestFor(address);
      const answer = await new Client(app.client().base, token).post(route, body);
      expect([address, codeOf(answer)]).toEqual([address, '400 validation_failed']);
    }
  });

  it('links to BASE_URL, whatever host the request names', async () => {
    const email = `${fresh()}@host.example`;
    expect([201, 202]).toContain(await statusFromElsewhere(requestFor(email)));
    const raw = await rawMailTo(email);
    expect(raw).not.toBe('');
    expect(raw.replace(/=\r\n/g, '')).not.toContain('evil.example');
    const text = (await mailsTo(app, email)).at(-1)?.text ?? '';
    for (const link of text.match(/https?:\S+/g) ?? []) expect(link.startsWith(`${BASE_URL}/t/demo/`)).toBe(true);
  });
});

it('names of users and organizations never become mail headers or lines of their own', async () => {
  const name = 'Eve", <eve@evil.example>, =?utf-8?q?Bcc:_eve@evil.example?= ; a: b';
  for (const bad of [
    `${name}\r\nBcc: eve@evil.example`,
    `${name}\nX: y`,
    `${name}\u2028x`,
    `${name}\u202ex`,
    'a\u0000b',
  ]) {
    expect(codeOf(await admin.client.patch('/account', { name: bad }))).toBe('400 validation_failed');
    expect(codeOf(await admin.client.patch(home.path, { name: bad }))).toBe('400 validation_failed');
  }
  const sly = await registeredPerson(app, fresh());
  await sly.client.patch('/account', { name });
  const own = await newOrganization(staff, name, sly);
  const email = `${fresh()}@header.example`;
  expect(
    (await sly.client.post(`${own.path}/invitations`, { email, role: 'user', message: 'Bcc: x@evil.example' })).status,
  ).toBe(201);
  const [head = ''] = (await rawMailTo(email)).split('\r\n\r\n');
  const headers = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  expect(headers.every((line) => /^[A-Za-z-]+: /.test(line))).toBe(true);
  expect(headers.filter((line) => /^(?:to|cc|bcc):/i.test(line))).toEqual([`To: ${email}`]);
  expect((await mailsTo(app, email))[0]?.bcc ?? []).toEqual([]);
});

describe('the existence of an account', () => {
  let asker: Person;
  beforeAll(async () => {
    asker = await registeredPerson(app, fresh());
  });

  const ROUTES: Record<string, (email: string) => Promise<Answer>> = {
    'signing in': (email) => app.client().post('/auth/login', { email, password: 'a wrong password' }),
    registering: (email) => app.client().post('/auth/register', { email, password: PASSWORD, name: 'Eve' }),
    'a password reset': (email) => app.client().post('/auth/password/forgot', { email }),
    'a magic link': (email) => app.client().post('/auth/magic-link', { email }),
    'a change of address': (newEmail) => asker.client.post('/account/email-change', { newEmail, password: PASSWORD }),
  };

  /** Returns all of an answer that could reveal the account, without ids, times and the address. */
  const visible = ({ status, headers, body }: Answer, email: string): string => {
    const names = [...headers].filter(([name]) => !['date', 'x-request-id', 'content-length'].includes(name));
    const text = JSON.stringify([status, names, { ...body, requestId: '' }]);
    return text.replaceAll(email, 'ADDRESS').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'INSTANT');
  };
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

  it.each(Object.entries(ROUTES))('is revealed neither by the response of %s nor by its time', async (_, ask) => {
    const [known, blocked, named, waiting] = [fresh(), fresh(), fresh(), fresh()].map(
      (name) => `${name}@people.example`,
    );
    for (const email of [known, blocked]) await registerPerson(app, email ?? '');
    await app.sql.query('update users set blocked_at = now() where email = $1', [blocked]);
    await staff.client.post('/admin/organizations', { name: 'Named', adminEmail: named });
    await app.client().post('/auth/register', { email: waiting, password: PASSWORD, name: 'Waiting' });
    const spent: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    const timed = async (list: number[], email: string): Promise<string> => {
      const start = performance.now();
      const answer = await ask(email);
      list.push(performance.now() - start);
      return visible(answer, email);
    };
    /** Returns what is issued for an address: medians are too coarse to show that a step is left out. */
    const issued = async (email: string): Promise<number> => {
      const count = async () => (await app.sql.query('select 1 from one_time_tokens')).rows.length;
      const before = await count();
      await ask(email);
      return (await count()) - before;
    };
    const work = new Set<number>();
    for (const email of [known, blocked, named, waiting, `${fresh()}@people.example`])
      work.add(await issued(email ?? ''));
    expect(work.size).toBe(1);

    for (let round = 0; round < (FULL ? 11 : 3); round++) {
      await app.sql.query('delete from attempts');
      const unknown = `${fresh()}@people.example`;
      const answers = [await timed(spent.known, known ?? ''), await timed(spent.unknown, unknown)];
      if (round === 0) for (const email of [blocked, named, waiting]) answers.push(await timed([], email ?? ''));
      expect(new Set(answers)).toEqual(new Set([answers[0]]));
    }
    // Three rounds are too few to judge times.
    if (!FULL) return;
    const ratio = median(spent.known) / median(spent.unknown);
    expect(ratio).toBeGreaterThan(0.33);
    expect(ratio).toBeLessThan(3);
  });

  it('and of an invitation is not revealed to a caller with an invalid token', async () => {
    const token = await invitation(`${fresh()}@invited.example`);
    const answers = [
      await app.client('elsewhere').get(`/auth/invitations/${token}`),
      await app.client('elsewhere').get(`/auth/invitations/${token.slice(0, -3)}AAA`),
      await app.client().get(`/auth/invitations/${token.slice(0, -3)}AAA`),
      await app.client().get('/auth/invitations/x'),
    ].map((answer) => visible(answer, ''));
    expect(new Set(answers)).toEqual(new Set([answers[0]]));
  });

  it('cannot be probed more often by spelling the address differently', async () => {
    const { email } = await registeredPerson(app, fresh());
    const wide = email.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
    const ways = [email, email.toUpperCase(), ` ${email} `, wide];
    const answers = await Promise.all(
      Array.from({ length: 40 }, (__, index) =>
        both(index).post('/auth/login', { email: ways[index % ways.length], password: 'a wrong password' }),
      ),
    );
    expect(tally(answers)).toEqual({ '401 auth.invalid_credentials': 10, '429 auth.too_many_attempts': 30 });
    await expect(signIn(app, email)).rejects.toThrow('auth.too_many_attempts');
  });
});
