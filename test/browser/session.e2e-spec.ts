import { jest } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { accessibilityFaults, type ConsoleApp, fillSignIn, startConsole, type Tab } from '../support/chromium.js';
import { describeFull } from '../support/full.js';
import { newMember, newOrganization } from '../support/tree.js';
import { PASSWORD, type Person, signInAdmin } from '../support/people.js';

const NAMES = ['Northwind Traders', 'Northwind Retail', 'Globex', 'Initech', 'Umbrella Labs'];

jest.setTimeout(120_000);

let app: ConsoleApp;
let staff: Person;
let context: BrowserContext;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  for (const name of NAMES) await newOrganization(staff, name);
});
afterAll(() => app.close());
beforeEach(async () => {
  context = await app.context();
});
afterEach(async () => {
  await context.close();
  app.assertQuiet();
});

const heading = (tab: Tab, name: string) => tab.getByRole('heading', { level: 1, name, exact: true });
const row = (tab: Tab, name: string) => tab.getByRole('table').getByRole('link', { name });
const searchField = (tab: Tab) => tab.getByLabel('Search organizations');

async function openSignedIn(address: string): Promise<Tab> {
  const tab = await app.open(context, address);
  await fillSignIn(tab);
  await tab.getByRole('button', { name: 'Account menu' }).waitFor();
  return tab;
}

async function signOut(tab: Tab): Promise<void> {
  await tab.getByRole('button', { name: 'Account menu' }).click();
  await tab.getByRole('menuitem', { name: 'Sign out' }).click();
}

/** Ends all sessions of the admin on the server, as another device could. */
const endSessions = async () => {
  await (await signInAdmin(app)).client.delete('/account/sessions');
};

describeFull('the first journey', () => {
  it('leads through sign-in to the address that was asked for, a search, an organization, and back', async () => {
    const tab = await app.open(context, '/organizations?q=northwind');
    await heading(tab, 'Sign in').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await fillSignIn(tab);
    await heading(tab, 'Organizations').waitFor();
    await row(tab, 'Northwind Retail').waitFor();
    expect(new URL(tab.url()).search).toBe('?q=northwind');
    expect(await searchField(tab).inputValue()).toBe('northwind');
    await tab.getByText('2 organizations').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);

    await searchField(tab).fill('glo');
    await row(tab, 'Globex').waitFor();
    await tab.getByText('1 organization', { exact: true }).waitFor();
    await row(tab, 'Globex').click();
    await heading(tab, 'Globex').waitFor();
    expect(new URL(tab.url()).pathname).toBe('/t/demo/o/globex');
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.goBack();
    await row(tab, 'Globex').waitFor();
    expect(await searchField(tab).inputValue()).toBe('glo');

    await tab.keyboard.press('Escape');
    await searchField(tab).fill('no such name');
    await tab.getByText('No organization matches').waitFor();
    await tab.getByRole('button', { name: 'Clear search' }).last().click();
    await row(tab, 'Initech').waitFor();
  });

  it('says that a password is wrong beside the form, and keeps the address', async () => {
    const tab = await app.open(context, '/sign-in?email=admin%40demo.example');
    tab.expecting(/401/);
    expect(await tab.getByLabel('Email').inputValue()).toBe('admin@demo.example');
    await fillSignIn(tab, { email: 'admin@demo.example', password: 'not the password' });
    await tab.getByRole('alert').getByText('Email or password is wrong.').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await fillSignIn(tab);
    await heading(tab, 'Organizations').waitFor();
  });

  it('leads a member into the only organization', async () => {
    const organization = await newOrganization(staff, 'Soylent');
    const { email } = await newMember(app, staff, organization, 'user', 'soylent-member');
    const tab = await app.open(context, '/');
    await fillSignIn(tab, { email, password: PASSWORD });
    await heading(tab, 'Soylent').waitFor();
    await tab.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' }).waitFor();
    expect(await tab.getByRole('link', { name: 'Organizations' }).count()).toBe(0);
  });

  it('never leads to another site after the sign-in', async () => {
    for (const to of ['//evil.example', '/\\evil.example']) {
      const tab = await app.open(context, `/sign-in?to=${encodeURIComponent(to)}`);
      await fillSignIn(tab);
      await heading(tab, 'Organizations').waitFor();
      expect(new URL(tab.url()).hostname).toBe('localhost');
      await signOut(tab);
      await heading(tab, 'Sign in').waitFor();
      await tab.close();
    }
  });
});

describeFull('a session', () => {
  it('of another user in another tab takes this tab along, without anything of the first user', async () => {
    const again = await signInAdmin(app);
    const organization = await newOrganization(again, 'Hooli');
    const { email } = await newMember(app, again, organization, 'user', 'hooli-member');
    const one = await openSignedIn('/o/globex');
    one.expecting(/401/);
    const two = await app.open(context, '/organizations');
    two.expecting(/401/);
    await row(two, 'Globex').waitFor();
    await endSessions();
    await searchField(two).fill('glo');
    await two.getByRole('dialog').waitFor();
    // A sign-in page in a third tab, where someone else signs in.
    const three = await app.open(context, '/sign-in');
    three.expecting(/401/);
    await fillSignIn(three, { email, password: PASSWORD });
    for (const tab of [one, two, three]) {
      await heading(tab, 'Hooli').waitFor();
      expect(await tab.locator('body').innerText()).not.toContain('Globex');
    }
  });

  it('is kept out of reach of scripts', async () => {
    const tab = await openSignedIn('/organizations');
    await row(tab, 'Initech').waitFor();
    const stored = await tab.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(stored).not.toMatch(/eyJ|trr_/);
    const cookies = await context.cookies();
    expect(cookies.map((one) => `${one.name} ${one.path}`).sort()).toEqual([
      'trellis_browser_demo /',
      'trellis_refresh /t/demo/api/v1/auth',
    ]);
    for (const cookie of cookies) expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  });
});
