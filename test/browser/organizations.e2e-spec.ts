import { jest } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { type ConsoleApp, startConsole, type Tab } from '../support/chromium.js';
import { type Person, signInAdmin } from '../support/people.js';
import { newOrganization } from '../support/tree.js';
import { describeFull } from '../support/full.js';

jest.setTimeout(180_000);

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

const row = (tab: Tab, name: string) => tab.getByRole('table').getByRole('link', { name, exact: true });

describeFull('organizations', () => {
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
});
