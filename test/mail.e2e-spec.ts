import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../src/database/index.js';
import { newId } from '../src/common/ids/index.js';
import { DevInboxAccessService, MailOutbox } from '../src/mail/index.js';
import { Client } from './support/client.js';
import { type MailServer, type ReceivedMail, startMailServer } from './support/mail-server.js';
import { mailsTo, PASSWORD, type Person, signIn, signInAdmin } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let smtp: MailServer;
let app: TestApp;
let replica: TestServer;
let staff: Person;

beforeAll(async () => {
  smtp = await startMailServer();
  app = await startTestApp({ SMTP_URL: smtp.url });
  replica = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(async () => {
  await app.close();
  await smtp.close();
});
beforeEach(() => app.sql.query('delete from attempts'));

const hrefsOf = ({ html = '' }: ReceivedMail): string[] =>
  [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
const linkIn = ({ text = '' }: { text?: string | undefined }): string =>
  /^https:\/\/trellis\.test\/\S+$/m.exec(text)?.[0] ?? '';
const tokenIn = (mail: { text?: string | undefined }): string => /[\w-]+$/.exec(linkIn(mail))?.[0] ?? '';
const pathOf = (link: string): string => app.origin + link.slice(BASE_URL.length);
const waiting = async () => (await app.sql.query('select attempts, last_error from mails')).rows;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return;
    await sleep(25);
  }
  throw new Error('it did not come to it');
}
const allSent = () => until(async () => (await waiting()).length === 0);

async function newPerson(name: string, operator = 'demo'): Promise<Person> {
  const email = `${name}@mail.example`;
  const client = app.client(operator);
  await client.post('/auth/register', { email, name });
  const mail = (await smtp.to(email)).at(-1);
  const { status } = await client.post('/auth/verify-email', {
    token: mail && tokenIn(mail),
    password: PASSWORD,
  });
  if (status !== 200) throw new Error(`verifying ${email} gave ${status}`);
  return signIn(app, email, PASSWORD, operator);
}

async function member(organization: Organization, role: string, name: string): Promise<Person> {
  const person = await newPerson(name);
  await staff.client.post(`${organization.path}/members`, { userId: person.id, role });
  return person;
}

const invite = (organization: Organization, email: string, more: object = {}, by = staff) =>
  by.client.post(`${organization.path}/invitations`, { email, role: 'user', ...more });

async function invited(
  organization: Organization,
  email: string,
  more: object = {},
  by = staff,
): Promise<ReceivedMail> {
  const { status, body } = await invite(organization, email, more, by);
  if (status !== 201) throw new Error(`inviting ${email} gave ${status} ${body.code}`);
  const mail = (await smtp.to(email)).at(-1);
  if (!mail) throw new Error('no mail');
  return mail;
}

describe('a mail', () => {
  let acme: Organization;
  beforeAll(async () => {
    acme = await newOrganization(staff, 'Acme Parks');
    await staff.client.patch('/admin/operator/branding', {
      displayName: 'Demo Cloud',
      primaryColor: '#0f766e',
      mailFromName: 'Demo Mail',
      supportEmail: 'help@demo.example',
    });
  });
  afterAll(() => app.sql.query(`update operator_settings set "values" = '{}'`));

  it('is sent as HTML and text, by the operator for its own mails', async () => {
    const person = await newPerson('plain');
    const [mail] = await smtp.to(person.email);
    expect(mail?.raw).toMatch(/^Content-Type: multipart\/alternative/m);
    expect(mail).toMatchObject({
      from: { name: 'Demo Mail', address: 'no-reply@localhost' },
      replyTo: [{ name: '', address: 'help@demo.example' }],
      to: [{ address: person.email }],
      subject: 'Confirm your email address for Demo Cloud',
    });
    expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mail?.html).toContain('#0f766e');
    expect(mail?.html).toContain('Confirm the address');
    expect(mail && hrefsOf(mail)).toEqual([mail && linkIn(mail)]);
    expect(mail?.text).toContain('registered at Demo Cloud');
    expect(mail?.text).not.toMatch(/[<>]/);
  });

  it('has the branding of the organization before that of the operator, as of the time it is sent', async () => {
    const path = `${acme.path}/branding`;
    const values = {
      displayName: 'Acme',
      primaryColor: '#c2410c',
      mailFromName: 'Acme "Post", <Inc>',
      supportEmail: 'help@acme.example',
    };
    await staff.client.patch(path, values);
    const form = new FormData();
    form.set('file', new Blob([PNG], { type: 'image/png' }), 'logo.png');
    const { logoUrl } = (await staff.client.post(`${path}/logo`, form)).body.local;
    const mail = await invited(acme, 'branded@mail.example');
    expect(mail).toMatchObject({
      from: { name: 'Acme "Post", Inc via Demo Mail', address: 'no-reply@localhost' },
      replyTo: [{ address: 'help@demo.example' }],
      subject: 'You are invited to Acme Parks at Demo Cloud',
    });
    expect(mail.html).toContain('#c2410c');
    expect(mail.html).not.toContain('#0f766e');
    expect(logoUrl.startsWith(`${BASE_URL}/`)).toBe(true);
    expect(mail.html).toMatch(new RegExp(`<img src="${logoUrl}.png" alt="Acme" [^>]*height="40"`));
    expect(hrefsOf(mail)).toEqual([linkIn(mail)]);

    // With a verified domain the organization is the sender and receives the replies.
    expect((await staff.client.post(`${acme.path}/domains`, { domain: 'acme.example' })).status).toBe(201);
    await app.sql.query(`update organization_domains set verified_at = now() where domain = 'acme.example'`);
    expect(await invited(acme, 'proved@mail.example')).toMatchObject({
      from: { name: 'Acme "Post", Inc', address: 'no-reply@localhost' },
      replyTo: [{ address: 'help@acme.example' }],
    });

    await staff.client.patch(path, { primaryColor: '#ffff00', themeMode: 'dark', dark: { primaryColor: '#ffff00' } });
    const next = await invited(acme, 'branded-2@mail.example');
    expect(next.html).toMatch(/background-color:#ffff00[^"]*"|color:#000000/);
    expect(next.html).toContain('content="dark"');
    expect(next.html).not.toContain('prefers-color-scheme');

    const fields = Object.keys(values).join(',');
    await staff.client.delete(`${path}?fields=${fields},primaryColor,themeMode,logoUrl,dark.primaryColor`);
    await app.sql.query(`update organization_settings set "values" = '{}' where organization_id = $1`, [acme.id]);
    const plain = await invited(acme, 'unbranded@mail.example');
    expect(plain.from).toMatchObject({ name: 'Demo Mail' });
    expect(plain.html).toContain('#0f766e');
    expect(plain.html).not.toContain('<img');
  });

  it('is sent in the branding of the operator once its organization is deleted', async () => {
    const operatorId = (await staff.client.get('/admin/operator')).body.id;
    await app.app.get(Database).transaction((tx) =>
      app.app.get(MailOutbox).enqueue(tx, {
        operatorId,
        organizationId: newId(),
        to: { address: 'gone@mail.example' },
        template: 'member_removed',
        data: { organizationName: 'Gone', actorName: 'Ada' },
      }),
    );
    const [mail] = await smtp.to('gone@mail.example');
    expect([mail?.from?.name, mail?.subject]).toEqual(['Demo Mail', 'You were removed from Gone at Demo Cloud']);
  });

  it('shows text typed by users without turning it into links', async () => {
    const eve = await member(acme, 'manager', 'eve');
    await eve.client.patch('/account', { name: 'Eve <b>www.evil.example</b>' });
    const odd = await newOrganization(staff, '<img src=x onerror=alert(1)> & "Co" evil.example', eve);
    const message = `<a href="https://evil.example">pay</a>\nhttps://evil.example/pay?a=1&b=2\nmail eve@evil.example`;
    const mail = await invited(odd, 'typed@mail.example', { message }, eve);
    expect(hrefsOf(mail)).toEqual([linkIn(mail)]);
    expect(mail.html).not.toMatch(/#[^\da-fx]/);
    expect(mail.html).not.toMatch(/<img|<b>|<a href="https:\/\/evil/);
    expect(mail.html).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;Co&quot; evil.\u200bexample');
    for (const body of [mail.html ?? '', mail.text ?? '']) {
      expect(body).not.toMatch(/evil\.example|https:\/\/evil|eve@evil/);
      expect(body.replaceAll('\u200b', '')).toContain('https://evil.example/pay');
    }
    expect(mail.text).toContain('> mail eve@\u200bevil.\u200bexample');
    expect(mail.subject).toBe('You are invited to <img src=x onerror=alert(1)> & "Co" evil.example at Demo Cloud');
  });

  it('has no header injected by a name, and goes to one mailbox', async () => {
    const named = await newOrganization(staff, 'Named');
    const name = 'A\r\nBcc: x@evil.example\r\n\r\nbody, "y@evil.example" <z@evil.example>';
    await app.sql.query('update organizations set name = $2 where id = $1', [named.id, name]);
    await app.sql.query(
      `insert into organization_settings (organization_id, kind, "values", locks, version, updated_at) values ($1, 'branding', $2, '{}', 1, now())`,
      [named.id, JSON.stringify({ mailFromName: name, displayName: name })],
    );
    const mail = await invited(named, 'headers@mail.example');
    expect(mail.recipients).toEqual(['headers@mail.example']);
    expect(mail.to).toEqual([{ name: '', address: 'headers@mail.example' }]);
    expect(mail.headers.map(({ key }) => key).sort()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'reply-to',
      'subject',
      'to',
      'x-auto-response-suppress',
    ]);
    expect(mail.from?.address).toBe('no-reply@localhost');
    for (const email of [
      'a@x.example,b@x.example',
      '"a@evil.example x"@x.example',
      'a@x.example\r\nBcc: b@x.example',
      'A <a@x.example>',
    ]) {
      expect((await invite(named, email)).status).toBe(400);
    }
  });

  it.each([
    'Smith, Jones & "Partners"',
    "O'Neil <Bros>; 100 % = \\o/",
    'Zoë & 株式会社 „Müller“, Söhne 🏞️',
    `A long name, ${'very '.repeat(20)}long`,
  ])('keeps the name %s in its subject', async (name) => {
    const named = await newOrganization(staff, name);
    await staff.client.patch(`${named.path}/branding`, { displayName: 'Named' });
    const mail = await invited(named, `subject-${named.id}@mail.example`);
    expect(mail.subject).toBe(`You are invited to ${name} at Demo Cloud`);
    // What is not ASCII is encoded.
    expect(mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n'))).toMatch(/^[\x20-\x7e\r\n]+$/);
  });

  it('belongs to the list of its organization or operator if it is a notice, and answers no one by itself', async () => {
    const operatorId = (await staff.client.get('/admin/operator')).body.id;
    const listed = await newOrganization(staff, 'Listed');
    await staff.client.patch(`${listed.path}/branding`, { displayName: 'Listed, "Ünlimited" <x@evil.example>' });
    const ann = await member(listed, 'user', 'listed');
    await staff.client.patch(`${listed.path}/members/${ann.id}`, { role: 'manager' });
    await ann.client.put('/account/password', { currentPassword: PASSWORD, newPassword: 'another long password' });
    const mails = await smtp.to(ann.email, 3);
    const header = (subject: RegExp, key: string) =>
      mails.find((mail) => subject.test(mail.subject ?? ''))?.headers.find((one) => one.key === key)?.value;
    // Encoded, because it is not ASCII. Without angle brackets there is one id.
    expect(header(/^Your role/, 'list-id')).toBe(
      `=?UTF-8?Q?Listed=2C_=22=C3=9Cnlimited=22_x=40evil=2Eexample?= <${listed.id}.organizations.trellis.test>`,
    );
    expect(header(/password was changed/, 'list-id')).toBe(`"Demo Cloud" <${operatorId}.operators.trellis.test>`);
    expect(header(/^Confirm/, 'list-id')).toBeUndefined();
    for (const { headers } of mails)
      expect(headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  });

  it('links to BASE_URL, whatever host the request names', async () => {
    const body = JSON.stringify({ email: 'poisoned@mail.example', role: 'user' });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'content-type': 'application/json',
        authorization: `Bearer ${staff.accessToken}`,
      };
      const url = `${app.client().base}${acme.path}/invitations`;
      const request = httpRequest(url, { method: 'POST', headers }, ({ statusCode }) => resolve(statusCode));
      request.on('error', reject).end(body);
    });
    expect(status).toBe(201);
    const [mail] = await smtp.to('poisoned@mail.example');
    expect(mail && linkIn(mail)).toMatch(/^https:\/\/trellis\.test\/t\/demo\/invitations\/tri_/);
    expect(mail?.raw).not.toContain('evil.example');
  });
});

describe('a change made by another user', () => {
  it('is mailed to the affected user, unlike their own changes', async () => {
    const home = await newOrganization(staff, 'Telling');
    const admin = await member(home, 'admin', 'telling-admin');
    const person = await member(home, 'user', 'told');
    const other = await member(home, 'admin', 'telling-other');
    const blocked = await member(home, 'user', 'told-blocked');
    const change = (who: Person, role: string, by: Person) =>
      by.client.patch(`${home.path}/members/${who.id}`, { role });
    expect((await change(person, 'manager', admin)).status).toBe(200);
    const [, changed] = await smtp.to(person.email, 2);
    expect(changed?.subject).toBe('Your role in Telling at Demo was changed');
    expect(changed?.text).toContain('telling-admin changed your role in Telling from "user" to "manager".');
    expect((await admin.client.delete(`${home.path}/members/${person.id}`)).status).toBe(204);
    const [, , removed] = await smtp.to(person.email, 3);
    expect(removed?.subject).toBe('You were removed from Telling at Demo');

    await app.sql.query('update users set blocked_at = now() where id = $1', [blocked.id]);
    expect((await admin.client.delete(`${home.path}/members/${blocked.id}`)).status).toBe(204);
    expect((await change(other, 'user', other)).status).toBe(200);
    expect((await other.client.delete(`/account/organizations/${home.id}`)).status).toBe(204);
    await allSent();
    for (const { email } of [blocked, other, admin]) expect(await smtp.to(email)).toHaveLength(1);
  });

  it('is mailed to the admins when it deletes or restores their organization', async () => {
    await app.sql.query(`update operators set time_zone = 'Asia/Tokyo' where slug = 'demo'`);
    const home = await newOrganization(staff, 'Short Lived');
    const [admin, second] = [await member(home, 'admin', 'short-1'), await member(home, 'admin', 'short-2')];
    const user = await member(home, 'user', 'short-user');
    await app.sql.query('update users set blocked_at = now() where id = $1', [second.id]);
    const { body } = await admin.client.delete(`${home.path}?confirmName=Short%20Lived`);
    await admin.client.delete(`${home.path}?confirmName=Short%20Lived`);
    const [, deleted] = await smtp.to(admin.email, 2);
    expect(deleted?.subject).toBe('Short Lived at Demo will be deleted');
    const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', dateStyle: 'full', timeStyle: 'short' });
    expect(deleted?.text).toContain(`On ${day.format(new Date(body.purgeAt))} (Asia/Tokyo) all its data is removed`);
    expect(deleted?.text).toContain('short-1 deleted Short Lived.');
    expect((await staff.client.post(`${home.path}/restore`)).status).toBe(200);
    const mails = await smtp.to(admin.email, 3);
    expect(mails[2]?.text).toContain('Administrator restored Short Lived.');
    await allSent();
    expect(await smtp.to(admin.email)).toHaveLength(3);
    for (const { email } of [second, user]) expect(await smtp.to(email)).toHaveLength(1);
  });
});

describe('the first admin', () => {
  const openPage = async (link: string) => {
    const page = await fetch(pathOf(link));
    return { status: page.status, html: await page.text(), policy: page.headers.get('content-security-policy') ?? '' };
  };

  it('of an organization is notified with an account and invited without one', async () => {
    const ann = await newPerson('first-ann');
    const known = await newOrganization(staff, 'Known', ann);
    const [, told] = await smtp.to(ann.email, 2);
    expect(told?.subject).toBe('Known was created for you at Demo');
    expect((await ann.client.get(known.path)).body.name).toBe('Known');

    const manager = await newPerson('first-manager');
    await staff.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
    const email = 'first-new@mail.example';
    const created = await newOrganization(manager, 'Fresh', { email } as Person);
    expect((await staff.client.get(`${created.path}/members`)).body.items).toEqual([]);
    const [invitation] = (await staff.client.get(`${created.path}/invitations`)).body.items;
    expect(invitation).toMatchObject({ email, role: 'admin', status: 'pending', unitIds: [created.defaultUnitId] });
    const [mail] = await smtp.to(email);
    expect(mail?.text).toContain('first-manager invites you to Fresh at Demo, with the role "admin".');

    // Staff below admin can resend it while the organization has no admin yet.
    expect((await manager.client.post(`${created.path}/invitations/${invitation.id}/resend`)).status).toBe(200);
    const again = (await smtp.to(email, 2))[1];
    const link = linkIn(again ?? {});
    for (let times = 0; times < 3; times++) expect((await openPage(link)).status).toBe(200);
    const form = new URLSearchParams({ answer: 'accept', name: 'Fred', password: PASSWORD });
    const accepted = await fetch(pathOf(link), { method: 'POST', body: form });
    expect([accepted.status, await accepted.text()]).toEqual([
      200,
      expect.stringContaining('You are a member of Fresh'),
    ]);
    const fred = await signIn(app, email);
    const { body } = await fred.client.get(`${created.path}/members`);
    expect(body.items).toMatchObject([{ email, name: 'Fred', role: 'admin', status: 'active' }]);
    expect((await fred.client.get(`${created.path}/units`)).body.items).toHaveLength(1);
    expect((await invite(created, 'second@mail.example', { role: 'admin' }, manager)).body.code).toBe(
      'members.role_above_own',
    );
  });

  it('of an organization cannot accept an invitation by former staff', async () => {
    const manager = await newPerson('gone-manager');
    await staff.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
    const created = await newOrganization(manager, 'Orphan', { email: 'orphan@mail.example' } as Person);
    const [mail] = await smtp.to('orphan@mail.example');
    await staff.client.delete(`/admin/operator/members/${manager.id}`);
    const path = `/auth/invitations/${tokenIn(mail ?? {})}/accept`;
    expect((await app.client().post(path, { name: 'Orla', password: PASSWORD })).body.code).toBe(
      'invitations.inviter_lost_right',
    );
    expect((await staff.client.get(`${created.path}/members`)).body.items).toEqual([]);
  });

  it('of an operator gets a link to set a password, until there is one', async () => {
    const email = 'boss@mail.example';
    const operators = staff.client.at(app.origin);
    const make = (slug: string) => operators.post('/api/v1/operators', { slug, name: `Op ${slug}`, adminEmail: email });
    for (const slug of ['op-link', 'op-forgot', 'op-register']) expect((await make(slug)).status).toBe(201);
    const mails = await smtp.to(email, 3);
    const linkOf = (slug: string, list = mails) => linkIn(list.find(({ text }) => text?.includes(`/t/${slug}/`)) ?? {});
    const boss = (slug: string, client = app.client(slug)) => client.post('/auth/login', { email, password: PASSWORD });

    const link = linkOf('op-link');
    for (let times = 0; times < 3; times++) expect(await openPage(link)).toMatchObject({ status: 200 });
    const set = (to: string) =>
      fetch(pathOf(to).split('?')[0] ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token: tokenIn({ text: to }), password: PASSWORD }).toString(),
      });
    expect((await set(link)).status).toBe(200);
    expect((await boss('op-link')).body.user.email).toBe(email);
    expect((await set(link)).status).toBe(422);
    const { rows } = await app.sql.query(
      `select round(extract(epoch from expires_at - created_at) / 86400) as days from one_time_tokens where email = $1 and purpose = 'reset_password'`,
      [email],
    );
    expect(rows.map(({ days }) => Number(days))).toEqual([7, 7, 7]);

    expect((await app.client('op-forgot').post('/auth/password/forgot', { email })).status).toBe(202);
    const asked = (await smtp.to(email, 4)).slice(3);
    expect((await set(linkOf('op-forgot', asked))).status).toBe(200);
    expect((await boss('op-forgot')).status).toBe(200);

    await app.client('op-register').post('/auth/register', { email, password: PASSWORD, name: 'Boss' });
    const verification = (await smtp.to(email, 5))[4];
    await app.client('op-register').post('/auth/verify-email', {
      token: tokenIn(verification ?? {}),
      password: PASSWORD,
    });
    expect((await boss('op-register')).status).toBe(200);
    expect((await openPage(linkOf('op-register'))).status).toBe(422);
    expect((await set(linkOf('op-register'))).status).toBe(422);
  });

  it('sees pages in the branding they come from, which load its logo and no other resource', async () => {
    const home = await newOrganization(staff, 'Paged');
    await staff.client.patch('/admin/operator/branding', {
      displayName: 'Demo <Pages>',
      logoUrl: 'https://cdn.example/op.png',
    });
    await staff.client.patch(`${home.path}/branding`, {
      displayName: 'Paged Inc',
      logoUrl: 'https://cdn.example/a;b.png',
      primaryColor: '#c2410c',
      dark: { logoUrl: 'https://cdn.example/dark.png' },
    });
    const link = linkIn(await invited(home, 'paged@mail.example'));
    const page = await openPage(link);
    expect(page.html).toContain('<source media="(prefers-color-scheme: dark)" srcSet="https://cdn.example/dark.png"/>');
    expect(page.html).toContain('<img src="https://cdn.example/a;b.png" alt="Paged Inc"/>');
    expect(page.html).toContain('--primary:#c2410c');
    expect(page.policy).toContain('; img-src https://cdn.example/a%3bb.png https://cdn.example/dark.png; ');
    expect(page.policy).not.toMatch(/unsafe|script-src|\*/);

    const dead = await openPage(`${BASE_URL}/t/demo/verify-email?token=none`);
    expect(dead.status).toBe(422);
    expect(dead.html).toContain('alt="Demo &lt;Pages&gt;"');
    expect(dead.policy).toContain('; img-src https://cdn.example/op.png; ');
    const gone = await openPage(`${BASE_URL}/t/demo/invitations/none`);
    expect([gone.status, gone.html.includes('alt="Demo &lt;Pages&gt;"')]).toEqual([404, true]);
    const nobody = await openPage(`${BASE_URL}/t/no-such-operator/verify-email?token=none`);
    expect([nobody.status, nobody.html.includes('<img')]).toEqual([404, false]);
    await app.sql.query(`update operator_settings set "values" = '{}'`);
  });
});

describe('a mail server', () => {
  const register = (email: string, client = app.client()) =>
    client.post('/auth/register', { email, password: PASSWORD, name: 'Ada' });
  const due = () => app.sql.query('update mails set next_attempt_at = now()');
  /** Waits until nothing is being sent: the remaining mails were refused and are no longer leased to a server. */
  const settled = () =>
    until(async () => {
      const sql = `select 1 from mails where last_error is null or next_attempt_at > now() + interval '100 seconds'`;
      return (await app.sql.query(sql)).rows.length === 0;
    });

  it('that refuses one recipient receives the mails to the others', async () => {
    const refused = 'refused@mail.example';
    smtp.answer = (recipient) =>
      recipient === refused ? Object.assign(new Error('not this one'), { responseCode: 550 }) : undefined;
    await register(refused);
    for (let index = 0; index < 5; index++) await register(`beside-${index}@mail.example`);
    for (let index = 0; index < 5; index++) await smtp.to(`beside-${index}@mail.example`);
    await settled();
    expect(await waiting()).toEqual([{ attempts: 1, last_error: expect.stringContaining('550') }]);
    smtp.answer = () => undefined;
    await due();
    expect(await smtp.to(refused)).toHaveLength(1);
    await allSent();
  });

  it('that is down blocks no request, and receives each mail once from two servers when it is back', async () => {
    const { port } = smtp;
    await smtp.close();
    const second = new Client(`${replica.origin}/t/demo/api/v1`);
    const emails = Array.from({ length: 20 }, (_, index) => `down-${index}@mail.example`);
    const answers = await Promise.all(emails.map((email, index) => register(email, index % 2 ? second : app.client())));
    expect(answers.map(({ status }) => status)).toEqual(emails.map(() => 202));
    await settled();
    expect(await waiting()).toHaveLength(20);
    const received = smtp.received;
    smtp = await startMailServer(port);
    await due();
    await allSent();
    expect(smtp.received.flatMap(({ recipients }) => recipients).sort()).toEqual([...emails].sort());
    const ids = smtp.received.map(({ messageId }) => messageId);
    expect(new Set(ids).size).toBe(20);
    expect(ids.every((id) => /^<[0-9a-f-]{36}@trellis\.test>$/.test(id ?? ''))).toBe(true);
    smtp.received.unshift(...received);
  });
});

describe('/dev/mail', () => {
  let local: TestApp;
  beforeAll(async () => {
    local = await startTestApp({ BASE_URL: 'http://127.0.0.1:3000' });
    const { pathname, search } = new URL(local.app.get(DevInboxAccessService).link ?? '');
    const opened = await get(pathname + search);
    cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';
  });
  afterAll(() => local.close());
  let cookie = '';

  interface Got {
    status: number | undefined;
    headers: Record<string, unknown>;
    body: string;
  }

  const get = (path: string, headers: Record<string, string> = {}, origin = local.origin): Promise<Got> =>
    new Promise((resolve, reject) => {
      const url = new URL(path, origin);
      httpRequest(url, { headers: { host: url.host, cookie, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      })
        .on('error', reject)
        .end();
    });

  it('shows the mails of a server without a mail server, newest first, to the browser with the link', async () => {
    expect(await get('/dev/mail')).toMatchObject({ status: 200, body: expect.stringContaining('No mail yet') });
    for (const name of ['one', 'two']) {
      await local.client().post('/auth/register', { email: `${name}@local.example`, password: PASSWORD, name: 'Ada' });
      await mailsTo(local, `${name}@local.example`);
    }
    const list = await get('/dev/mail');
    expect(list.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(list.body).not.toContain('<script');
    const [newest = '', oldest = ''] = [...list.body.matchAll(/href="mail\/([\w-]+)"/g)].map(([, id]) => id);
    expect(list.body.indexOf('two@local.example')).toBeLessThan(list.body.indexOf('one@local.example'));
    expect((await get(`/dev/mail?before=${newest}`)).body).toContain(oldest);
    expect((await get(`/dev/mail?before=${newest}`)).body).not.toContain(newest);

    const mail = await get(`/dev/mail/${newest}`);
    expect(mail.body).toContain(`<iframe src="${newest}/html" sandbox="" title`);
    const link = /<a href="(http:[^"]+)" rel="noreferrer">/.exec(mail.body)?.[1];
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:3000\/t\/demo\/verify-email\?token=trt_/);
    const html = await get(`/dev/mail/${newest}/html`);
    expect(html.body).toContain('<table role="presentation"');
    expect(html.headers['content-security-policy']).toMatch(/^default-src 'none'; .*frame-ancestors 'self'; sandbox$/);
    expect(html.headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  it('is hidden from other machines, and from all callers when there is a mail server', async () => {
    const id = /mail\/([\w-]{36})/.exec((await get('/dev/mail')).body)?.[1] ?? '';
    const nothing = await get('/dev/nothing');
    const bare = ({ status, headers, body }: Got) => [
      status,
      { ...JSON.parse(body), requestId: '' },
      Object.keys(headers).sort(),
      headers['content-type'],
    ];
    for (const path of ['/dev/mail', `/dev/mail/${id}`, `/dev/mail/${id}/html`]) {
      expect((await get(path)).status).toBe(200);
      const foreign: Record<string, string>[] = [
        { cookie: '' },
        { cookie: 'trellis_dev_mail=' },
        { cookie: cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
        { cookie: cookie.replace('=', '=9') },
        { cookie: '', host: 'localhost:3000' },
        { cookie: '', 'x-forwarded-for': '127.0.0.1' },
      ];
      for (const headers of foreign) {
        expect(bare(await get(path, headers))).toEqual(bare(nothing));
      }
      expect(bare(await get(path, {}, app.origin))).toEqual(bare(await get('/dev/nothing', {}, app.origin)));
    }
    for (const odd of ['..%2f..%2fsecret.key', 'x', `${id}.eml`, newId()]) {
      expect((await get(`/dev/mail/${odd}`)).status).toBe(404);
    }
  });
});
