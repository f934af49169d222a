import type { Answer } from './support/client.js';
import {
  newPerson,
  PASSWORD,
  type Person,
  registerPerson,
  signIn,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization, proveDomain } from './support/tree.js';

/*
 * The same address in the forms in which people, directories and identity providers write it.
 */

const DOMAIN = 'xn--bcher-kva.example';
const ADDRESS = `ida@${DOMAIN}`;
const FORMS = [
  'ida@bücher.example',
  'Ida@BÜCHER.Example',
  'ida@bu\u0308cher.example',
  'ida＠bücher.example',
  'ida@bücher。example',
  'ｉｄａ@bücher．example',
  'ida@XN--Bcher-KVA.example',
  ' ida@bücher.example. ',
];
const NOT_ADDRESSES = [
  'ida@b%C3%BCcher.example',
  'ida@xn--a.example',
  'ida@xn--abc-.example',
  'ida@127.0.0.1',
  'ida@0x7f.1',
  'ida@[127.0.0.1]',
  'ida@bücher..example',
  'ida@.bücher.example',
  'ida@bücher.example..',
  `ida@${'ü'.repeat(60)}.example`,
  `ida@${'ü.'.repeat(120)}example`,
  'ida@bü cher.example',
  'ida@bücher.example/x',
  'ida@bücher\u202e.example',
  // What is not seen would make a twin.
  'ida\u200b@bücher.example',
  'i\u00adda@bücher.example',
  'ida\u2060@bücher.example',
  'ida\u3164@bücher.example',
  'ida\ufe0f@bücher.example',
  'ida@',
  '@bücher.example',
  `ida@${'ü'.repeat(5_000)}`,
];

let app: TestApp;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  await registerPerson(app, ADDRESS);
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];
const done = async (answer: Promise<Answer>): Promise<any> => {
  const { status, body } = await answer;
  if (status >= 400) throw new Error(`${status} ${body.code} ${body.detail}`);
  return body;
};
const organization = async (name: string, ...domains: string[]): Promise<Organization> => {
  const made = await newOrganization(staff, name);
  for (const domain of domains) await proveDomain(app, made, domain);
  return made;
};

describe('one person has one account', () => {
  it.each(FORMS)('and signs in as %j', async (email) => {
    const { status, body } = await app.client().post('/auth/login', { email, password: PASSWORD });
    expect([status, body.user?.email]).toEqual([200, ADDRESS]);
  });

  it.each(NOT_ADDRESSES)('and %j is refused as an address', async (email) => {
    for (const [path, body] of [
      ['/auth/login', { email, password: PASSWORD }],
      ['/auth/register', { email, name: 'Ida' }],
      ['/auth/password/forgot', { email }],
      ['/auth/magic-link', { email }],
    ] as const) {
      const { status, body: refusal } = await app.client().post(path, body);
      expect([path, status, refusal.errors?.[0]?.field]).toEqual([path, 400, 'email']);
    }
  });

  it('and registering again, resetting and magic links reach the same mailbox', async () => {
    await done(app.client().post('/auth/register', { email: 'ida@BÜCHER.example', name: 'Ida' }));
    await done(app.client().post('/auth/password/forgot', { email: 'ida@bücher。example' }));
    await tokenMailedTo(app, ADDRESS, 1, /^Choose a new password/);
    await done(app.client().post('/auth/magic-link', { email: 'ida＠bücher.example' }));
    await tokenMailedTo(app, ADDRESS, 1, /sign in/i);
    const { rows } = await app.sql.query(`select email from users where email like 'ida@%'`);
    expect(rows).toEqual([{ email: ADDRESS }]);
  });

  it('and is invited, found, and added by any form', async () => {
    const one = await organization('Invites by form');
    const invite = (email: string) => staff.client.post(`${one.path}/invitations`, { email, role: 'user' });
    expect((await invite('neu@bücher.example')).status).toBe(201);
    expect(outcome(await invite(`NEU@${DOMAIN}`))).toEqual([409, 'invitations.already_pending']);
    for (const q of ['neu@bücher.example', 'bücher.example', 'NEU@BÜCHER.EXAMPLE', DOMAIN]) {
      const { items } = await done(staff.client.get(`${one.path}/invitations?q=${encodeURIComponent(q)}`));
      expect([q, items.map(({ email }: any) => email)]).toEqual([q, [`neu@${DOMAIN}`]]);
    }
    expect((await staff.client.post(`${one.path}/members`, { email: FORMS[3], role: 'user' })).status).toBe(201);
    for (const q of ['ida@bücher.example', '@bücher.example', 'bu\u0308cher.example'])
      for (const path of [`${one.path}/members`, '/admin/users']) {
        const { items } = await done(staff.client.get(`${path}?q=${encodeURIComponent(q)}`));
        expect([path, q, items.map(({ email }: any) => email)]).toEqual([path, q, [ADDRESS]]);
      }
    const found = await done(staff.client.get(`/admin/users?email=${encodeURIComponent(FORMS[1] ?? '')}`));
    expect(found.items).toHaveLength(1);
  });

  it('and cannot take the address of another account by another form', async () => {
    const other = await newPerson(app, 'taker');
    const changed = await other.client.post('/account/email-change', {
      newEmail: 'Ida@Bücher.example',
      password: PASSWORD,
    });
    // The answer does not tell that the address is taken. The mail does.
    expect(changed.status).toBeLessThan(300);
    const { rows } = await app.sql.query('select new_email from email_changes where user_id = $1', [other.id]);
    expect(rows).toEqual([{ new_email: ADDRESS }]);
  });

  it('counts attempts on any form together', async () => {
    const email = 'spray@bücher.example';
    const forms = [email, `spray@${DOMAIN}`, 'SPRAY@bücher.example', 'spray@bücher。example'];
    const answers: number[] = [];
    for (let round = 0; round < 4; round++)
      for (const form of forms)
        answers.push((await app.client().post('/auth/login', { email: form, password: 'wrong' })).status);
    expect(answers[0]).toBe(401);
    expect(answers.at(-1)).toBe(429);
  });
});

describe('a domain', () => {
  it('is allowed and compared in any form', async () => {
    const one = await organization('Allows by form', DOMAIN);
    const { body: settings, headers } = await staff.client.get(`${one.path}/auth-settings`);
    expect(settings.values).toBeDefined();
    const patched = await staff.client.patch(
      `${one.path}/auth-settings`,
      { allowedEmailDomains: ['BÜCHER.example', 'acme.example.'] },
      { headers: { 'if-match': headers.get('etag') ?? '' } },
    );
    expect(patched.body.local).toMatchObject({ allowedEmailDomains: ['acme.example', DOMAIN] });
    await done(staff.client.post(`${one.path}/members`, { email: FORMS[0], role: 'user' }));
    const person = await signIn(app, FORMS[0] ?? '', PASSWORD, 'demo', one.id);
    expect(person.id).toBeTruthy();
    const refused = await staff.client.patch(
      `${one.path}/auth-settings`,
      { allowedEmailDomains: ['a%62c.example'] },
      { headers: { 'if-match': patched.headers.get('etag') ?? '' } },
    );
    expect(outcome(refused)).toEqual([400, 'validation_failed']);
  });

  it('in a condition of an access rule is compared in any form', async () => {
    const one = await organization('Rules by form', DOMAIN);
    const conditions = [
      'user.emailDomain == "bücher.example"',
      'user.emailDomain in ["BÜCHER.example"]',
      'user.email == "Ida@bücher.example"',
      'user.email.endsWith("@bücher.example")',
      '"ida@bücher.example" == user["email"]',
      'user.email in ["other@acme.example", "ida@bücher.example"] && user.emailDomain != "bucher.example"',
    ];
    for (const when of conditions) {
      const { body } = await staff.client.post(`${one.path}/access-rules/dry-run`, {
        when,
        person: { email: FORMS[1] },
      });
      expect([when, body.person]).toEqual([when, { holds: true }]);
    }
    const made = await done(
      staff.client.post(`${one.path}/access-rules`, { name: 'Books', when: conditions[0], then: { role: 'manager' } }),
    );
    expect(made).toMatchObject({ when: conditions[0], emailDomains: [DOMAIN] });
    await app.client().post('/auth/login', { email: FORMS[0], password: PASSWORD, organizationId: one.id });
    const { items } = await done(staff.client.get(`${one.path}/members?q=ida`));
    expect(items).toMatchObject([{ email: ADDRESS, role: 'manager' }]);
  });
});

describe('a directory', () => {
  it('finds and updates the same user by any form', async () => {
    const admin = await newPerson(app, 'directory-admin');
    const one = await newOrganization(staff, 'Directory by form', admin);
    await proveDomain(app, one, DOMAIN);
    const { key } = await done(admin.client.post(`${one.path}/scim-keys`, { name: 'Okta' }));
    const scim = app.client().at(`${app.origin}/t/demo/api/v1/organizations/${one.id}/scim/v2`).as(key);
    const send = (method: string, path: string, body?: object) =>
      scim.request(method, path, { body, headers: { 'content-type': 'application/scim+json' } });
    const user = (userName: string) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName,
      name: { givenName: 'Ida', familyName: 'Book' },
      emails: [{ value: userName, type: 'work', primary: true }],
    });
    const made = await send('POST', '/Users', user('Ida@Bücher.example'));
    expect(made).toMatchObject({ status: 201, body: { userName: 'Ida@Bücher.example' } });
    expect((await send('POST', '/Users', user(ADDRESS))).status).toBe(409);
    for (const form of FORMS.slice(0, 3).concat(ADDRESS))
      for (const path of ['userName', 'emails.value', 'emails'])
        for (const [filter, total] of [
          [`${path} eq "${form}"`, 1],
          [`${path} ne "${form}" and userName sw "ida"`, 0],
        ] as const) {
          const found = await send('GET', `/Users?filter=${encodeURIComponent(filter)}`);
          expect([filter, found.body.totalResults]).toEqual([filter, total]);
        }
    const patched = await send('PATCH', `/Users/${made.body.id}`, {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'replace', path: `emails[value eq "${ADDRESS}"].type`, value: 'home' }],
    });
    expect(patched).toMatchObject({ status: 200, body: { emails: [{ type: 'home' }] } });
    const { rows } = await app.sql.query(`select user_id from scim_users where organization_id = $1`, [one.id]);
    expect(rows).toHaveLength(1);
    const mails = await app.sql.query('select new_email from email_changes where user_id = $1', [made.body.id]);
    expect(mails.rows).toEqual([]);
  });
});
