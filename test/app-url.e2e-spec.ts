import type { Answer } from './support/client.js';
import {
  mailsTo,
  newPerson,
  PASSWORD,
  type Person,
  registeredPerson,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { BASE_URL, startTestApp, type TestApp } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

const OPERATOR = '/admin/operator/branding';
const APP = 'https://app.demo.example/start?from=mail&x=1';
const EVIL = 'https://evil.example/demo';

let app: TestApp;
let staff: Person;
let acme: Organization;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  acme = await newOrganization(staff, 'Acme');
  await staff.client.patch(`${acme.path}/branding`, { appUrl: EVIL });
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const form = (path: string, fields: Record<string, string>): Promise<Answer> =>
  app.client().post(`${app.origin}/t/demo/${path}`, new URLSearchParams(fields).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

/** Returns where the button of a page leads from the page itself, and what it says. */
function buttonOf({ body }: Answer, path: string): [href: string, label: string] {
  const buttons = [...String(body).matchAll(/<a href="([^"]*)" rel="noreferrer" class="button">([^<]*)<\/a>/g)];
  expect(buttons).toHaveLength(1);
  const [, href = '', label = ''] = buttons[0] ?? [];
  return [new URL(href.replaceAll('&amp;', '&'), `${BASE_URL}/t/demo/${path}`).href, label];
}

const linksOf = (html = ''): string[] =>
  [...html.matchAll(/href="(https?:[^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));

async function verify(name: string) {
  const email = `${name}@people.example`;
  await app.client().post('/auth/register', { email, name });
  const token = await tokenMailedTo(app, email);
  return { email, page: await form('verify-email', { token, password: PASSWORD }) };
}

async function reset(person: Person) {
  await app.client().post('/auth/password/forgot', { email: person.email });
  const token = await tokenMailedTo(app, person.email, 1, /new password/);
  return form('reset-password', { token, password: 'another long password' });
}

async function changeAddress(person: Person, newEmail: string) {
  await person.client.post('/account/email-change', { newEmail, password: PASSWORD });
  const first = await form('confirm-email', { token: await tokenMailedTo(app, person.email, 1, /Confirm the change/) });
  const last = await form('confirm-email', { token: await tokenMailedTo(app, newEmail, 1, /Confirm your new/) });
  return [first, last] as const;
}

async function invitationTo(organization: Organization, email: string): Promise<string> {
  await staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
  const { text = '' } = (await mailsTo(app, email)).at(-1) ?? {};
  return `invitations/${/invitations\/([\w-]+)/.exec(text)?.[1]}`;
}

const accept = (path: string) => form(path, { answer: 'accept', name: 'Ann', password: PASSWORD });

/** Runs every link about the account of a member of Acme and returns where each page leads on. */
async function pagesOfOperator(name: string): Promise<Record<string, string>> {
  const { email, page } = await verify(`${name}-verify`);
  const member = await newMember(app, staff, acme, 'user', `${name}-member`, registeredPerson);
  const mover = await newMember(app, staff, acme, 'user', `${name}-mover`, registeredPerson);
  const [waiting, changed] = await changeAddress(mover, `${name}-moved@people.example`);
  const undoToken = await tokenMailedTo(app, mover.email, 1, /was changed/);
  const declined = await invitationTo(acme, `${name}-decline@people.example`);
  const found: Record<string, [Answer, string]> = {
    verified: [page, 'verify-email'],
    usedUp: [await form('verify-email', { token: 'trt_none', password: PASSWORD }), 'verify-email'],
    reset: [await reset(member), 'reset-password'],
    waiting: [waiting, 'confirm-email'],
    changed: [changed, 'confirm-email'],
    undone: [await form('undo', { token: undoToken }), 'undo'],
    declined: [await form(declined, { answer: 'decline' }), declined],
    unknown: [await accept('invitations/tri_none'), 'invitations/tri_none'],
    paid: [await app.client().get(`${app.origin}/t/demo/checkout-done`), 'checkout-done'],
  };
  for (const [answer] of Object.values(found)) expect(answer.body).not.toContain('evil.example');
  expect(email).toContain(name);
  return Object.fromEntries(
    Object.entries(found).map(([what, [answer, path]]) => {
      const [href, label] = buttonOf(answer, path);
      expect([what, label]).toEqual([what, 'Continue to Demo']);
      return [what, href];
    }),
  );
}

describe('the pages of mailed links', () => {
  it('lead on to the console, and those of the operator never to the app of an organization', async () => {
    const console = `${BASE_URL}/t/demo/`;
    const signIn = (email: string) => `${console}sign-in?${new URLSearchParams({ email })}`;
    expect(await pagesOfOperator('plain')).toEqual({
      verified: signIn('plain-verify@people.example'),
      usedUp: console,
      reset: signIn('plain-member@people.example'),
      waiting: console,
      changed: signIn('plain-moved@people.example'),
      undone: console,
      declined: console,
      unknown: console,
      paid: console,
    });
  });

  it('lead on to the app of the operator if it has one', async () => {
    expect((await staff.client.patch(OPERATOR, { appUrl: APP })).body.values.appUrl).toBe(APP);
    const found = await pagesOfOperator('apped');
    await staff.client.patch(OPERATOR, { appUrl: null });
    expect(new Set(Object.values(found))).toEqual(new Set([APP]));
  });

  it('of an accepted invitation lead on to the app of its organization, with its host, or to its console', async () => {
    const other = await newOrganization(staff, 'Other & Sons');
    const path = await invitationTo(acme, 'accept-acme@people.example');
    const accepted = await accept(path);
    expect(buttonOf(accepted, path)).toEqual([EVIL, 'Continue to Acme']);
    expect(accepted.body).toContain('<small>evil.example</small>');

    const plain = await invitationTo(other, 'accept-other@people.example');
    const query = new URLSearchParams({ to: `/o/${other.slug}`, email: 'accept-other@people.example' });
    expect(buttonOf(await accept(plain), plain)).toEqual([
      `${BASE_URL}/t/demo/sign-in?${query}`,
      'Continue to Other &amp; Sons',
    ]);

    await staff.client.patch(OPERATOR, { appUrl: APP, locks: ['appUrl'] });
    const locked = await invitationTo(acme, 'accept-locked@people.example');
    const inherited = await invitationTo(other, 'accept-inherited@people.example');
    expect(buttonOf(await accept(locked), locked)[0]).toBe(APP);
    expect(buttonOf(await accept(inherited), inherited)[0]).toBe(APP);
    const refused = await staff.client.patch(`${other.path}/branding`, { appUrl: EVIL });
    expect([refused.status, refused.body.code]).toEqual([409, 'branding.locked']);
    const { body } = await staff.client.get(`${other.path}/branding`);
    expect([body.sources.appUrl.level, body.locked.appUrl.level]).toEqual(['operator', 'operator']);
    await staff.client.patch(OPERATOR, { appUrl: null, locks: [] });
  });
});

describe('mails', () => {
  it('open the app of the organization that they are about, or else its console', async () => {
    const other = await newOrganization(staff, 'Mailed');
    const person = await newPerson(app, 'mailed-member');
    for (const organization of [acme, other]) {
      await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' });
      await staff.client.patch(`${organization.path}/members/${person.id}`, { role: 'manager' });
    }
    const mails = await mailsTo(app, person.email, 2, /Your role/);
    const linksIn = (name: string) => linksOf(mails.find(({ subject }) => subject?.includes(`in ${name} `))?.html);
    expect(linksIn('Acme')).toEqual([EVIL]);
    expect(linksIn('Mailed')).toEqual([`${BASE_URL}/t/demo/o/${other.slug}`]);
    expect(mails.map(({ html }) => />Open (Acme|Mailed)</.test(html ?? ''))).toEqual([true, true]);
  });

  it('of the operator open its own app or console', async () => {
    const member = await newMember(app, staff, acme, 'user', 'mailed-again', registeredPerson);
    const registerAgain = () => app.client().post('/auth/register', { email: member.email, name: 'Again' });
    await registerAgain();
    const [first] = await mailsTo(app, member.email, 1, /already have an account/);
    expect(linksOf(first?.html)).toEqual([`${BASE_URL}/t/demo/`]);
    await staff.client.patch(OPERATOR, { appUrl: APP });
    await registerAgain();
    const again = (await mailsTo(app, member.email, 2, /already have an account/)).at(-1);
    await staff.client.patch(OPERATOR, { appUrl: null });
    expect(linksOf(again?.html)).toEqual([APP]);
  });
});
