import type { Email } from 'postal-mime';
import { Database } from '../../src/database/index.js';
import { OrganizationNoticeService } from '../../src/organizations/index.js';
import { UnsubscribeLinkService } from '../../src/organizations/unsubscribe-link.service.js';
import { mailsTo, newPerson, type Person, signInAdmin } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let billing: Person;
let organization: Organization;
let sent = 0;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'notices-admin');
  billing = await newPerson(app, 'notices-billing');
  organization = await newOrganization(staff, 'Noticed', admin);
  await staff.client.post(`${organization.path}/members`, {
    userId: billing.id,
    role: 'user',
    roleIds: ['billing_admin'],
  });
});
afterAll(() => app.close());

/** Notifies of one thing, waits until all mails are sent, and returns who got one. */
async function notified(kind: 'credits' | 'domains'): Promise<Map<Person, Email>> {
  const mark = `mark ${++sent}`;
  const notices = app.app.get(OrganizationNoticeService);
  await app.app.get(Database).transaction(async (tx) => {
    const { id, name } = organization;
    if (kind === 'credits')
      await notices.credits(tx, id, { template: 'credits_low', reason: mark, available: '1', emptyAt: null });
    else await notices.domain(tx, { id, name } as never, { domain: mark });
  });
  while ((await app.sql.query('select 1 from mails')).rowCount) await new Promise((done) => setTimeout(done, 50));
  const found = new Map<Person, Email>();
  for (const person of [admin, billing]) {
    const [mail] = await mailsTo(app, person.email, 0, new RegExp(`${mark}$`));
    if (mail) found.set(person, mail);
  }
  return found;
}

const linkOf = (mail: Email | undefined): string => {
  const header = mail?.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '';
  return app.origin + header.slice(1, -1).slice(BASE_URL.length);
};

const noticesOf = async ({ client }: Person) =>
  (await client.get('/account/organizations')).body.items.find(({ id }: any) => id === organization.id).notices;

const post = (link: string, form: string | FormData) =>
  app.client().post(link, form, {
    headers: typeof form === 'string' ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
  });

let link: string;

it('a notice has a link for one click, which only its POST obeys', async () => {
  const mails = await notified('credits');
  expect([...mails.keys()]).toEqual([admin, billing]);
  const mail = mails.get(billing);
  link = linkOf(mail);
  expect(link).toMatch(/\/t\/demo\/unsubscribe\/[\w-]+$/);
  const click = mail?.headers.find(({ key }) => key === 'list-unsubscribe-post');
  expect(click?.value).toBe('List-Unsubscribe=One-Click');
  expect(mail?.text).toContain(link.slice(app.origin.length));
  const shown = await app.client().get(link);
  expect([shown.status, shown.body]).toEqual([200, expect.stringContaining('Noticed')]);
  expect(await noticesOf(billing)).toEqual({ credits: true, autoTopUp: true, domains: null });
});

it('one click without a sign-in switches it off for this person alone, and the account shows and reverses it', async () => {
  expect((await post(link, 'List-Unsubscribe=One-Click')).status).toBe(200);
  // Mail programs may try again.
  expect((await post(link, 'List-Unsubscribe=One-Click')).status).toBe(200);
  expect(await noticesOf(billing)).toEqual({ credits: false, autoTopUp: true, domains: null });
  expect(await noticesOf(admin)).toEqual({ credits: true, autoTopUp: true, domains: true });
  const path = `/account/organizations/${organization.id}/notices`;
  expect((await billing.client.patch(path, { credits: true })).body).toMatchObject({ credits: true });
  expect(await noticesOf(billing)).toMatchObject({ credits: true });
});

it('mail programs may send the click as multipart', async () => {
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  expect((await post(link, form)).status).toBe(200);
  expect(await noticesOf(billing)).toMatchObject({ credits: false });
});

it('who switched a kind off gets no more of it, and still gets the others', async () => {
  await admin.client.patch(`/account/organizations/${organization.id}/notices`, { domains: false });
  await admin.client.patch(`/account/organizations/${organization.id}/notices`, { domains: true });
  expect([...(await notified('domains')).keys()]).toEqual([admin]);
  expect([...(await notified('credits')).keys()]).toEqual([admin]);
}, 60_000);

it('forged, foreign and old links change nothing', async () => {
  const links = app.app.get(UnsubscribeLinkService);
  const target = { organizationId: organization.id, userId: admin.id, kind: 'credits' as const };
  const genuine = links.linkFor('demo', target).split('/').at(-1) ?? '';
  const own = Buffer.from(link.split('/').at(-1) ?? '', 'base64url').toString();
  const forged = Buffer.from(own.replace(billing.id, admin.id)).toString('base64url');
  await staff.client.post(`${app.origin}/api/v1/operators`, {
    slug: 'notices-else',
    name: 'Else',
    adminEmail: 'boss@notices-else.example',
  });
  const { now } = Date;
  Date.now = () => now() - 91 * 86_400_000;
  const old = links.linkFor('demo', target).split('/').at(-1) ?? '';
  Date.now = now;
  for (const [operator, token] of [
    ['demo', forged],
    ['demo', old],
    ['demo', genuine.slice(0, -1)],
    ['demo', 'x'],
    ['notices-else', genuine],
  ])
    expect((await post(`${app.origin}/t/${operator}/unsubscribe/${token}`, 'x=y')).status).toBe(422);
  expect(await noticesOf(admin)).toEqual({ credits: true, autoTopUp: true, domains: true });
});

it('the notices of an organization are for its members', async () => {
  const stranger = await newPerson(app, 'notices-stranger');
  const answer = await stranger.client.patch(`/account/organizations/${organization.id}/notices`, { credits: false });
  expect([answer.status, answer.body.code]).toEqual([404, 'organizations.not_found']);
});

it('mails about deletion and membership cannot be switched off', async () => {
  const path = `/account/organizations/${organization.id}/notices`;
  await admin.client.patch(path, { credits: false, autoTopUp: false, domains: false });
  await staff.client.patch(`${organization.path}/members/${billing.id}`, { role: 'manager' });
  const [changed] = await mailsTo(app, billing.email, 1, /role in Noticed/);
  await staff.client.delete(`${organization.path}?confirmName=Noticed`);
  const [deleted] = await mailsTo(app, admin.email, 1, /will be deleted/);
  for (const mail of [changed, deleted])
    expect(mail?.headers.filter(({ key }) => key.startsWith('list-unsubscribe'))).toEqual([]);
});
