import { jest } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import {
  accessibilityFaults,
  type ConsoleApp,
  faultsEverywhere,
  fillSignIn,
  SITE,
  startConsole,
  type Tab,
} from '../support/chromium.js';
import { FULL } from '../support/full.js';
import { mailsTo, PASSWORD, type Person, signInAdmin } from '../support/people.js';
import { newMember, newOrganization } from '../support/tree.js';

// The journeys that every change must leave whole. The other files of this folder walk through everything else. They run
// with `npm run check:full`, because loading a page takes seconds of CPU time. For the same reason there are two tabs here
// for all tests.

/** Of all scripts that the page to sign in loads, compressed. */
const SIGN_IN_BYTES = 190_000;
const MANY = FULL ? 100_000 : 12_000;
const ROUNDS = FULL ? 10 : 3;

jest.setTimeout(180_000);

let app: ConsoleApp;
let staff: Person;
/** Of staff, who stay signed in. */
let ours: Tab;
/** Of everyone else. */
let theirs: Tab;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  ours = await app.open(await app.signedIn(), '/organizations');
  theirs = await app.open(await app.context(), '/sign-in');
});
afterAll(() => app.close());
afterEach(() => app.assertQuiet());

const heading = (tab: Tab, name: string) => tab.getByRole('heading', { level: 1, name, exact: true });
const button = (tab: Tab, name: string) => tab.getByRole('button', { name, exact: true });
const row = (tab: Tab, name: string) => tab.getByRole('table').getByRole('link', { name, exact: true });
const searchField = (tab: Tab) => tab.getByLabel('Search organizations');
const background = (element: Locator) => element.evaluate((one) => getComputedStyle(one).backgroundColor);

async function signOut(tab: Tab): Promise<void> {
  await button(tab, 'Account menu').click();
  await tab.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading(tab, 'Sign in').waitFor();
}

/** Plugs in an authenticator that holds passkeys and confirms by itself. */
async function plugIn(tab: Tab): Promise<void> {
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

it('the page to sign in loads little', async () => {
  await theirs.goto(`${app.console}/sign-in`);
  await heading(theirs, 'Sign in').waitFor();
  await theirs.waitForLoadState('networkidle');
  const loaded = await theirs.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  const sizes = [...new Set(loaded)]
    .map((url) => new URL(url).pathname)
    .filter((pathname) => pathname.endsWith('.js'))
    .map((pathname) => path.join(SITE, pathname.replace('/console/', '')))
    .map((file) => statSync(`${file}.br`, { throwIfNoEntry: false })?.size ?? readFileSync(file).length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SIGN_IN_BYTES);
});

it('staff see the first steps, create an organization, and change a color that it inherits', async () => {
  const tab = ours;
  await tab.getByText('Invite its admin').waitFor();
  expect(await tab.locator('[data-step][data-done=true]').count()).toBe(0);
  expect(await faultsEverywhere(tab)).toEqual([]);
  await staff.client.patch('/admin/operator/branding', { primaryColor: '#7c3aed', supportEmail: 'help@example.com' });

  await tab.getByRole('link', { name: 'New organization' }).first().click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Northwind Traders');
  expect(await dialog.getByLabel('Slug').inputValue()).toBe('northwind-traders');
  await dialog.getByLabel('Slug').fill('northwind');
  await dialog.getByLabel('Organization ID').fill('N-1042');
  await dialog.getByLabel('Admin email').fill('ada@example.com');
  expect(await accessibilityFaults(tab)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create organization' }).click();
  await heading(tab, 'Northwind Traders').waitFor();
  expect(new URL(tab.url()).pathname).toBe('/t/demo/o/northwind');
  await tab.getByText('1 invitation waits for an answer').waitFor();
  await tab.getByText('Administrator created the organization Northwind Traders').waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);

  await tab.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Branding' }).click();
  await heading(tab, 'Branding').waitFor();
  const fields = tab.locator('[data-field]');
  const texts = await fields.allTextContents();
  expect(texts).toEqual(Array(17).fill(expect.stringMatching(/Inherited from /)));
  await tab.locator('[data-field=primaryColor]').getByText('Inherited from Demo').waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);

  const preview = tab.locator('[data-preview=button]');
  expect(await background(preview)).toBe('rgb(124, 58, 237)');
  await tab.getByLabel('Primary color', { exact: true }).fill('#0f766e');
  expect(await background(preview)).toBe('rgb(15, 118, 110)');
  await button(tab, 'Save').click();
  await tab.locator('[data-field=primaryColor]').getByText('Set here').waitFor();
  const { body: page } = await staff.client.get('/admin/organizations?slug=northwind');
  const branding = () => staff.client.get(`/admin/organizations/${page.items[0].id}/branding`);
  expect((await branding()).body.values.primaryColor).toBe('#0f766e');

  await button(tab, 'Reset: Primary color').click();
  await tab.locator('[data-field=primaryColor]').getByText('Inherited from Demo').waitFor();
  expect(await background(preview)).toBe('rgb(124, 58, 237)');
  expect((await branding()).body.local).toEqual({});
});

it('an invited person comes by one of three pasted addresses, adds a passkey, and returns with the passkey alone', async () => {
  const organization = await newOrganization(staff, 'Wayne Works');
  await staff.client.patch(`${organization.path}/auth-settings`, { mfaPolicy: 'required' });
  const email = 'lucius@people.example';
  await app.go(ours, `/o/${organization.slug}/invitations?dialog=invite`);
  const bulk = ours.getByRole('dialog');
  await bulk.getByLabel('Email addresses').fill(`Lucius Fox <${email}>, alfred@people.example\nnonsense`);
  await bulk.getByText('2 addresses to invite · 1 not valid').waitFor();
  await bulk.getByLabel('Email addresses').fill(`${email}, alfred@people.example; selina@people.example`);
  await bulk.getByRole('button', { name: 'Send 3 invitations' }).click();
  await bulk.getByText('3 invitations sent').waitFor();
  const outcomes = bulk.getByRole('list', { name: 'Outcome for each address' }).getByRole('listitem');
  expect(await outcomes.allInnerTexts()).toEqual(Array(3).fill(expect.stringMatching(/Invited/)));
  expect(await faultsEverywhere(ours)).toEqual([]);
  await bulk.getByRole('button', { name: 'Done' }).click();
  const [mail] = await mailsTo(app, email, 1);
  const token = /invitations\/([\w-]+)/.exec(mail?.text ?? '')?.[1];

  const tab = theirs;
  await plugIn(tab);
  await tab.goto(`${app.console}/invitations/${token}`);
  await tab.getByLabel('Your name').fill('Lucius Fox');
  await tab.getByLabel('A password').fill(PASSWORD);
  await button(tab, 'Accept').click();
  const goOn = tab.getByRole('link', { name: /^Continue to / });
  await goOn.waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);
  await goOn.click();
  await heading(tab, 'Sign in').waitFor();
  expect(await tab.getByLabel('Email').inputValue()).toBe(email);
  expect(await faultsEverywhere(tab)).toEqual([]);
  await fillSignIn(tab, { email, password: PASSWORD });

  await heading(tab, 'Protect your account').waitFor();
  await tab.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);
  await button(tab, 'Use a passkey instead').click();
  await button(tab, 'Create a passkey').click();
  await tab.getByRole('list', { name: 'Recovery codes' }).waitFor();
  expect(await tab.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').count()).toBe(10);
  await button(tab, 'I have saved them').click();
  await heading(tab, 'Wayne Works').waitFor();

  await signOut(tab);
  await button(tab, 'Use a passkey').click();
  await heading(tab, 'Wayne Works').waitFor();
});

it('a deleted organization shuts its members out, and is as before once it is restored', async () => {
  const organization = await newOrganization(staff, 'Umbrella');
  const admin = await newMember(app, staff, organization, 'admin', 'bea');
  const member = await newMember(app, staff, organization, 'user', 'cyd');
  const address = `/o/${organization.slug}`;
  await app.openAs(theirs, member, address);
  await heading(theirs, 'Umbrella').waitFor();
  const session = await theirs.context().cookies();

  await app.openAs(theirs, admin, `${address}/settings`);
  await heading(theirs, 'Settings').waitFor();
  await button(theirs, 'Delete organization').click();
  const dialog = theirs.getByRole('dialog');
  await dialog.getByText('2 members').waitFor();
  await dialog.getByText(/can be restored until/).waitFor();
  const confirm = dialog.getByRole('button', { name: 'Delete organization' });
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByLabel(/Type Umbrella/).fill('Umbrella');
  expect(await faultsEverywhere(theirs)).toEqual([]);
  await confirm.click();
  await theirs.getByText('Umbrella is deleted').waitFor();

  // The member comes back with the session from before.
  await theirs.context().clearCookies();
  await theirs.context().addCookies(session);
  theirs.expecting(/status of 40[134]/);
  await theirs.goto(app.console + address);
  await theirs.getByRole('heading', { level: 1 }).waitFor();
  if (new URL(theirs.url()).pathname.endsWith('/sign-in'))
    await fillSignIn(theirs, { email: member.email, password: PASSWORD });
  await heading(theirs, 'You have no access to this organization').waitFor();
  expect(await accessibilityFaults(theirs)).toEqual([]);

  await app.go(ours, '/organizations?status=inactive');
  await row(ours, 'Umbrella').waitFor();
  await button(ours, 'Restore Umbrella').click();
  await ours.getByText('Umbrella is restored').waitFor();
  await ours.getByText('No organization has this status').waitFor();
  await theirs.goto(app.console + address);
  await heading(theirs, 'Umbrella').waitFor();
});

it('staff find their way through a long list by keyboard alone', async () => {
  await app.sql.query(
    `insert into organizations (id, operator_id, slug, name, suspended_at)
     select uuidv7(), id, 'many-' || n, 'Many ' || lpad(n::text, 6, '0'), case when n % 1000 = 7 then now() end
     from operators, generate_series(1, $1::int) n where slug = 'demo'`,
    [MANY],
  );
  const tab = ours;
  await app.go(tab, '/organizations?sort=-name');
  await tab.getByText('10,000+ organizations', { exact: true }).waitFor();
  await app.go(tab, '/organizations');
  await heading(tab, 'Organizations').waitFor();
  await tab.keyboard.press('/');
  await tab.keyboard.type('many 0010');
  await tab.getByText('99 organizations', { exact: true }).waitFor();
  await row(tab, 'Many 001000').waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);

  const reach = async (name: string) => {
    for (let presses = 0; presses < 30; presses++) {
      await tab.keyboard.press('Tab');
      if ((await tab.evaluate(() => document.activeElement?.textContent)) === name) return;
    }
    throw new Error(`the focus never reached ${name}`);
  };
  await reach('Many 001000');
  await tab.keyboard.press('Enter');
  await heading(tab, 'Many 001000').waitFor();
  await tab.goBack();
  await row(tab, 'Many 001000').waitFor();
  expect(await searchField(tab).inputValue()).toBe('many 0010');
  await searchField(tab).focus();
  await tab.keyboard.press('Shift+Tab');
  await tab.keyboard.press('Shift+Tab');
  await tab.keyboard.press('Enter');
  await row(tab, 'Many 001007').waitFor();
  await tab.getByText('1 organization', { exact: true }).waitFor();
  expect(new URL(tab.url()).search).toBe('?q=many+0010&status=suspended');
  await tab.goBack();
  await tab.getByText('99 organizations', { exact: true }).waitFor();

  // A dialog that is closed leaves the focus where it was.
  await tab.getByRole('link', { name: 'New organization' }).press('Enter');
  await tab.getByRole('dialog').waitFor();
  await tab.keyboard.press('Escape');
  await tab.waitForFunction(() => document.activeElement?.textContent === 'New organization');
});

it('a session that ends while the user types is renewed over the page, refreshed by two tabs at once, and signed out in both', async () => {
  await app.go(ours, '/organizations');
  await heading(ours, 'Organizations').waitFor();
  const other = await app.open(ours.context(), '/organizations');
  await heading(other, 'Organizations').waitFor();
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all([ours.reload(), other.reload()]);
    await Promise.all([heading(ours, 'Organizations').waitFor(), heading(other, 'Organizations').waitFor()]);
  }

  ours.expecting(/401/);
  await newOrganization(staff, 'Initech');
  // As another device could.
  await (await signInAdmin(app)).client.delete('/account/sessions');
  await searchField(ours).fill('initech');
  const dialog = ours.getByRole('dialog', { name: 'Sign in again' });
  await dialog.getByText('Nothing you typed is lost.').waitFor();
  expect(await dialog.getByLabel('Email').inputValue()).toBe('admin@demo.example');
  expect(await faultsEverywhere(ours)).toEqual([]);
  await ours.keyboard.press('Escape');
  expect(await dialog.isVisible()).toBe(true);
  await fillSignIn(ours);
  await row(ours, 'Initech').waitFor();
  await dialog.waitFor({ state: 'hidden' });
  expect(await searchField(ours).inputValue()).toBe('initech');

  await signOut(ours);
  await heading(other, 'Sign in').waitFor();
  for (const tab of [ours, other]) expect(await tab.locator('body').innerText()).not.toMatch(/Initech|admin@/);
  await other.goBack();
  await heading(other, 'Sign in').waitFor();
  expect(await ours.context().cookies()).toEqual([]);
});
