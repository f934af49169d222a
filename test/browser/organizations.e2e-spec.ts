import { jest } from '@jest/globals';
import type { BrowserContext, Locator } from 'playwright-core';
import {
  accessibilityFaults,
  type ConsoleApp,
  faultsEverywhere,
  fillSignIn,
  startConsole,
  type Tab,
} from '../support/chromium.js';
import { PASSWORD, type Person, signInAdmin } from '../support/people.js';
import { newMember, newOrganization } from '../support/tree.js';
import { FULL } from '../support/full.js';

jest.setTimeout(180_000);

/** 100 000 with `npm run check:full`. */
const MANY = FULL ? 100_000 : 20_000;

let app: ConsoleApp;
let staff: Person;
/** A browser in which staff are signed in. */
let context: BrowserContext;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  context = await app.signedIn();
});
afterAll(() => app.close());
afterEach(async () => {
  for (const tab of context.pages()) await tab.close();
  app.assertQuiet();
});

const heading = (tab: Tab, name: string) => tab.getByRole('heading', { level: 1, name, exact: true });
const row = (tab: Tab, name: string) => tab.getByRole('table').getByRole('link', { name, exact: true });
const background = (element: Locator) => element.evaluate((one) => getComputedStyle(one).backgroundColor);

it('staff see the first steps, create an organization, and change a color that it inherits', async () => {
  const tab = await app.open(context, '/organizations');
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
  for (const field of await fields.all()) expect(await field.textContent()).toMatch(/Inherited from /);
  expect(await fields.count()).toBe(16);
  await tab.locator('[data-field=primaryColor]').getByText('Inherited from Demo').waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);

  const button = tab.locator('[data-preview=button]');
  expect(await background(button)).toBe('rgb(124, 58, 237)');
  await tab.getByLabel('Primary color', { exact: true }).fill('#0f766e');
  expect(await background(button)).toBe('rgb(15, 118, 110)');
  await tab.getByRole('button', { name: 'Save' }).click();
  await tab.locator('[data-field=primaryColor]').getByText('Set here').waitFor();
  const { body: page } = await staff.client.get('/admin/organizations?slug=northwind');
  const branding = () => staff.client.get(`/admin/organizations/${page.items[0].id}/branding`);
  expect((await branding()).body.values.primaryColor).toBe('#0f766e');

  await tab.getByRole('button', { name: 'Reset: Primary color' }).click();
  await tab.locator('[data-field=primaryColor]').getByText('Inherited from Demo').waitFor();
  expect(await background(button)).toBe('rgb(124, 58, 237)');
  expect((await branding()).body.local).toEqual({});
});

it('shows a taken slug beside its field', async () => {
  await newOrganization(staff, 'Globex');
  const tab = await app.open(context, '/organizations/new');
  tab.expecting(/status of 409/);
  const dialog = tab.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Globex');
  await dialog.getByRole('button', { name: 'Create organization' }).click();
  await tab.locator('[aria-invalid=true]').waitFor();
  expect(await dialog.getByLabel('Slug').getAttribute('aria-invalid')).toBe('true');
});

it('shows both values after someone else changed the branding, and saves mine', async () => {
  const organization = await newOrganization(staff, 'Initech');
  const tab = await app.open(context, `/o/${organization.slug}/branding`);
  tab.expecting(/status of 412/);
  await tab.getByLabel('Display name', { exact: true }).fill('Mine');
  await staff.client.patch(`${organization.path}/branding`, { displayName: 'Theirs' });
  await tab.getByRole('button', { name: 'Save' }).click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByRole('cell', { name: 'Mine' }).waitFor();
  await dialog.getByRole('cell', { name: 'Theirs' }).waitFor();
  await dialog.getByRole('button', { name: 'Save mine' }).click();
  await tab.locator('[data-field=displayName]').getByText('Set here').waitFor();
  const { body } = await staff.client.get(`${organization.path}/branding`);
  expect(body.values.displayName).toBe('Mine');
});

it('a deleted organization shuts its members out, and is as before once it is restored', async () => {
  const organization = await newOrganization(staff, 'Umbrella');
  const admin = await newMember(app, staff, organization, 'admin', 'bea');
  const member = await newMember(app, staff, organization, 'user', 'cyd');
  const address = `/o/${organization.slug}`;

  const theirs = await app.open(await app.signedIn(member), address);
  await heading(theirs, 'Umbrella').waitFor();

  const tab = await app.open(await app.signedIn(admin), `${address}/settings`);
  await heading(tab, 'Settings').waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);
  await tab.getByRole('button', { name: 'Delete organization' }).click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByText('2 members').waitFor();
  await dialog.getByText(/can be restored until/).waitFor();
  const confirm = dialog.getByRole('button', { name: 'Delete organization' });
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByLabel(/Type Umbrella/).fill('Umbrella');
  expect(await accessibilityFaults(tab)).toEqual([]);
  await confirm.click();
  await tab.getByText('Umbrella is deleted').waitFor();
  await tab.context().close();

  theirs.expecting(/status of 40[134]/);
  await theirs.goto(app.console + address);
  await theirs.getByRole('heading', { level: 1 }).waitFor();
  if (new URL(theirs.url()).pathname.endsWith('/sign-in'))
    await fillSignIn(theirs, { email: member.email, password: PASSWORD });
  await heading(theirs, 'You have no access to this organization').waitFor();
  expect(await accessibilityFaults(theirs)).toEqual([]);

  const list = await app.open(context, '/organizations?status=inactive');
  await row(list, 'Umbrella').waitFor();
  await list.getByRole('button', { name: 'Restore Umbrella' }).click();
  await list.getByText('Umbrella is restored').waitFor();
  await list.getByText('No organization has this status').waitFor();

  await theirs.goto(app.console + address);
  await heading(theirs, 'Umbrella').waitFor();
  await theirs.context().close();
});

it('staff undo a deletion from its toast', async () => {
  const organization = await newOrganization(staff, 'Hooli');
  const tab = await app.open(context, `/o/${organization.slug}/settings?dialog=delete`);
  const dialog = tab.getByRole('dialog');
  await dialog.getByLabel(/Type Hooli/).fill('Hooli');
  await dialog.getByRole('button', { name: 'Delete organization' }).click();
  await row(tab, 'Hooli').waitFor();
  expect(new URL(tab.url()).search).toBe('?status=inactive');
  await tab.getByRole('button', { name: 'Undo' }).click();
  await tab.getByText('Hooli is restored').waitFor();
  const { body } = await staff.client.get(organization.path);
  expect(body.status).toBe('active');
});

it('finds its way through a long list by keyboard alone', async () => {
  await app.sql.query(
    `insert into organizations (id, operator_id, slug, name, suspended_at)
     select uuidv7(), id, 'many-' || n, 'Many ' || lpad(n::text, 6, '0'), case when n % 1000 = 7 then now() end
     from operators, generate_series(1, $1::int) n where slug = 'demo'`,
    [MANY],
  );
  const tab = await app.open(context, '/organizations');
  await tab.getByText(/^[\d,]+ organizations$/).waitFor();
  await tab.keyboard.press('/');
  await tab.keyboard.type('many 0190');
  await tab.getByText('99 organizations', { exact: true }).waitFor();
  await row(tab, 'Many 019000').waitFor();
  expect(await faultsEverywhere(tab)).toEqual([]);

  const reach = async (name: string) => {
    for (let presses = 0; presses < 30; presses++) {
      await tab.keyboard.press('Tab');
      if ((await tab.evaluate(() => document.activeElement?.textContent)) === name) return;
    }
    throw new Error(`the focus never reached ${name}`);
  };
  await reach('Many 019000');
  await tab.keyboard.press('Enter');
  await heading(tab, 'Many 019000').waitFor();
  await tab.goBack();
  await row(tab, 'Many 019000').waitFor();
  expect(await tab.getByLabel('Search organizations').inputValue()).toBe('many 0190');
  await tab.getByLabel('Search organizations').focus();
  await tab.keyboard.press('Shift+Tab');
  await tab.keyboard.press('Shift+Tab');
  await tab.keyboard.press('Enter');
  await row(tab, 'Many 019007').waitFor();
  await tab.getByText('1 organization', { exact: true }).waitFor();
  expect(new URL(tab.url()).search).toBe('?q=many+0190&status=suspended');
  await tab.goBack();
  await tab.getByText('99 organizations', { exact: true }).waitFor();
});
