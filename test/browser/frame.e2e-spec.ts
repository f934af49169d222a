import { jest } from '@jest/globals';
import type { BrowserContext, BrowserContextOptions } from 'playwright-core';
import { accessibilityFaults, type ConsoleApp, startConsole, type Tab } from '../support/chromium.js';
import { describeFull } from '../support/full.js';
import { type Person, signInAdmin } from '../support/people.js';
import { newOrganization } from '../support/tree.js';

/** Blue, nearly white, nearly black, a saturated red, and yellows that are too pale for text on them or of them. */
const COLORS = ['#1d4ed8', '#f8fafc', '#0b0f19', '#ff0000', '#eab308', '#fde68a'];
/** Filled and quiet buttons, links, tabs, progress, charts, fields and dialogs. */
const COLORFUL = [
  '/organizations',
  '/organizations/new',
  '/operator',
  '/operator/branding',
  '/o/globex',
  '/account/security',
];
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

jest.setTimeout(180_000);

let app: ConsoleApp;
let staff: Person;
let context: BrowserContext;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  for (const name of ['Northwind Traders', 'Globex', 'Initech']) await newOrganization(staff, name);
});
afterAll(() => app.close());
// The language and color scheme that a test chooses are kept with the account.
beforeEach(async () => {
  const { status } = await staff.client.patch('/account', { language: null, colorScheme: null });
  if (status !== 200) throw new Error(`resetting the account gave ${status}`);
});
afterEach(async () => {
  await context.close();
  app.assertQuiet();
});

async function openSignedIn(address: string, options: BrowserContextOptions = {}): Promise<Tab> {
  context = await app.signedIn(undefined, options);
  const tab = await app.open(context, address);
  await tab.getByRole('button', { name: 'Account menu' }).waitFor();
  return tab;
}

const heading = (tab: Tab, name: string) => tab.getByRole('heading', { level: 1, name, exact: true });
const row = (tab: Tab, name: string) => tab.getByRole('table').getByRole('link', { name });
const inner = (tab: Tab) => tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

describeFull('the frame', () => {
  it('is worked by keyboard alone: palette, search, help, menus, and a way to turn the keys off', async () => {
    const tab = await openSignedIn('/organizations');
    await row(tab, 'Globex').waitFor();
    await tab.keyboard.press('Control+k');
    const palette = tab.getByRole('dialog', { name: 'Search and commands' });
    await palette.waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.keyboard.type('globex');
    await palette.getByText('Globex', { exact: true }).waitFor();
    await palette.getByText('Initech', { exact: true }).waitFor({ state: 'hidden' });
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Enter');
    await heading(tab, 'Globex').waitFor();

    await tab.getByRole('button', { name: 'Switch organization' }).press('Enter');
    await tab.getByRole('option', { name: /Initech/ }).waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.keyboard.type('north');
    await tab.getByRole('option', { name: /Initech/ }).waitFor({ state: 'hidden' });
    await tab.keyboard.press('ArrowDown');
    await tab.keyboard.press('Enter');
    await heading(tab, 'Northwind Traders').waitFor();

    await tab.goBack();
    await heading(tab, 'Globex').waitFor();
    await tab.goBack();
    await row(tab, 'Globex').waitFor();
    await tab.locator('body').press('/');
    expect(await tab.getByLabel('Search organizations').evaluate((field) => field === document.activeElement)).toBe(
      true,
    );
    // Keys that are typed into a field are letters.
    await tab.keyboard.type('?n/');
    expect(await tab.getByLabel('Search organizations').inputValue()).toBe('?n/');
    await tab.getByLabel('Search organizations').fill('');

    await tab.getByRole('heading', { level: 1 }).click();
    await tab.keyboard.press('Shift+?');
    const help = tab.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByText('Search the list').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await help.getByLabel('Keyboard shortcuts are on').setChecked(false, { force: true });
    await tab.keyboard.press('Escape');
    await help.waitFor({ state: 'hidden' });
    await tab.keyboard.press('Control+k');
    await tab.keyboard.press('Shift+?');
    expect(await tab.getByRole('dialog').count()).toBe(0);
  });

  it('begins with a link to the content, and moves the focus to a new page', async () => {
    const tab = await openSignedIn('/organizations');
    await row(tab, 'Globex').waitFor();
    await tab.reload();
    await row(tab, 'Globex').waitFor();
    await tab.keyboard.press('Tab');
    const focused = () => tab.evaluate(() => document.activeElement?.textContent ?? '');
    expect(await focused()).toBe('Skip to content');
    await row(tab, 'Globex').press('Enter');
    await heading(tab, 'Globex').waitFor();
    expect(await tab.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  it('speaks German at once and after a reload, and keeps a color scheme', async () => {
    const tab = await openSignedIn('/organizations');
    await tab.getByRole('button', { name: 'Account menu' }).click();
    await tab.getByRole('menuitemradio', { name: 'Dark' }).click();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.getByRole('menuitemradio', { name: 'Deutsch' }).click();
    await heading(tab, 'Organisationen').waitFor();
    await tab.reload();
    await heading(tab, 'Organisationen').waitFor();
    await tab.getByText('3 Organisationen').waitFor();
    expect(await tab.locator('html').getAttribute('lang')).toBe('de');
    expect(await tab.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    expect(await accessibilityFaults(tab)).toEqual([]);
  });

  it('says when it is offline, and goes on when it is online again', async () => {
    const tab = await openSignedIn('/organizations');
    tab.expecting(/ERR_INTERNET_DISCONNECTED/);
    await row(tab, 'Globex').waitFor();
    await context.setOffline(true);
    await tab.getByText('You are offline.').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.getByLabel('Search organizations').fill('glo');
    await tab.getByText('The server cannot be reached.').waitFor();
    await context.setOffline(false);
    await tab.getByText('You are offline.').waitFor({ state: 'hidden' });
    await tab.getByRole('button', { name: 'Try again' }).click();
    await row(tab, 'Globex').waitFor();
    expect(await tab.getByLabel('Search organizations').inputValue()).toBe('glo');
  });

  it('fits a screen of 320 pixels', async () => {
    const tab = await openSignedIn('/organizations', { viewport: { width: 320, height: 568 } });
    await row(tab, 'Globex').waitFor();
    expect([await inner(tab), await accessibilityFaults(tab)]).toEqual([0, []]);
    await tab.getByRole('button', { name: 'Open menu' }).click();
    await tab.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Organizations' }).waitFor();
    expect([await inner(tab), await accessibilityFaults(tab)]).toEqual([0, []]);
    await tab.getByRole('button', { name: 'Close menu' }).click();
    await row(tab, 'Globex').click();
    await heading(tab, 'Globex').waitFor();
    expect(await inner(tab)).toBe(0);
  });

  it.each(COLORS)('is readable in %s, light and dark', async (primaryColor) => {
    await staff.client.patch('/admin/operator/branding', { primaryColor, dark: { primaryColor } });
    const tab = await openSignedIn('/organizations');
    await row(tab, 'Globex').waitFor();
    const faults: string[] = [];
    const look = async (where: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await tab.emulateMedia({ colorScheme });
        for (const fault of await accessibilityFaults(tab, COLOR_RULES))
          faults.push(`${where}, ${colorScheme}: ${fault}`);
      }
    };
    for (const address of COLORFUL) {
      await app.go(tab, address);
      await tab.getByRole('heading', { level: 1 }).waitFor();
      await tab.waitForLoadState('networkidle');
      await look(address);
      await tab.keyboard.press('Escape');
    }
    await tab.getByRole('button', { name: 'Account menu' }).click();
    await tab.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    await look('the account menu');
    await tab.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(tab, 'Sign in').waitFor();
    await look('/sign-in');
    expect(faults).toEqual([]);
  });

  it('goes on after the server was restarted under it, and nothing that was typed is lost', async () => {
    const tab = await openSignedIn('/operator');
    tab.expecting(/ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/);
    const name = tab.getByLabel('Name', { exact: true });
    await name.fill('Renamed');
    await app.app.close();
    await tab.getByRole('button', { name: 'Save' }).click();
    await tab.getByRole('alert').getByText('The server cannot be reached.').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await app.replica();
    await tab.getByRole('button', { name: 'Save' }).click();
    await tab.getByRole('status').getByText('Saved').waitFor();
    await tab.getByRole('link', { name: 'Organizations' }).click();
    await row(tab, 'Globex').waitFor();
  });
});
