import { jest } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { type ConsoleApp, startConsole, type Tab } from '../support/chromium.js';
import { describeFull } from '../support/full.js';
import { type Person, signInAdmin } from '../support/people.js';
import { newMember, newOrganization, type Organization } from '../support/tree.js';

jest.setTimeout(180_000);

let app: ConsoleApp;
let staff: Person;
let home: Organization;
let context: BrowserContext;
let tab: Tab;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Northwind');
  for (const name of ['alan', 'bea', 'cyd']) await newMember(app, staff, home, 'user', name);
  for (const name of ['kim', 'lou'])
    await staff.client.post(`${home.path}/invitations`, { email: `${name}@keys.example`, role: 'user' });
  context = await app.signedIn();
  tab = await app.open(context, '/o/northwind/members');
});
afterAll(() => app.close());
afterEach(() => app.assertQuiet());

/** Returns the name of the element that has the focus, once it is the expected one, or after a while. */
async function focusedOnce(expected: string): Promise<string | null> {
  const read = () => {
    const { ariaLabel, textContent, id } = document.activeElement as HTMLElement;
    return document.activeElement === document.body ? 'the page' : (ariaLabel ?? (id === 'content' ? id : textContent));
  };
  for (let tries = 0; tries < 50; tries++) {
    if ((await tab.evaluate(read)) === expected) break;
    await tab.waitForTimeout(50);
  }
  return tab.evaluate(read);
}

async function press(role: 'button' | 'link', name: string, within = ''): Promise<void> {
  const scope = within ? tab.getByRole('row').filter({ hasText: within }) : tab;
  await scope.getByRole(role, { name }).press('Enter');
  await tab.getByRole('dialog').waitFor();
}

async function escape(): Promise<void> {
  await tab.keyboard.press('Escape');
  await tab.getByRole('dialog').waitFor({ state: 'hidden' });
}

describeFull('the focus', () => {
  it.each([
    ['/o/northwind/members', 'button', 'Remove', 'alan', 'Remove'],
    ['/o/northwind/members', 'link', 'alan', '', 'alan'],
    ['/o/northwind/members', 'button', 'Add member', '', 'Add member'],
    ['/o/northwind/members', 'link', 'Invite people', '', 'content'],
    ['/o/northwind/invitations', 'button', 'Revoke', 'kim', 'Revoke'],
    ['/o/northwind/invitations', 'button', 'Invite people', '', 'Invite people'],
    ['/o/northwind/roles', 'button', 'New role', '', 'New role'],
    ['/organizations', 'link', 'New organization', '', 'New organization'],
  ] as const)('returns after Escape: %s, %s %s', async (address, role, name, within, expected) => {
    await app.go(tab, address);
    await press(role, name, within);
    await escape();
    expect(await focusedOnce(expected)).toBe(expected);
  });

  it.each([
    ['/o/northwind/members', 'bea', 'Remove', 'Members'],
    ['/o/northwind/invitations', 'lou', 'Revoke', 'Invitations'],
  ])('stays in the list after a row is removed: %s', async (address, row, verb, list) => {
    await app.go(tab, address);
    await press('button', verb, row);
    await tab.getByRole('dialog').getByRole('button', { name: verb }).press('Enter');
    await tab.getByRole('row').filter({ hasText: row }).waitFor({ state: 'hidden' });
    expect(await focusedOnce(list)).toBe(list);
  });
});

describeFull('what was typed', () => {
  it('into a new organization is not lost by Escape without a question', async () => {
    await app.go(tab, '/organizations');
    await press('link', 'New organization');
    await tab.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Initech');
    await tab.keyboard.press('Escape');
    await tab.getByRole('button', { name: 'Keep editing' }).click();
    expect(await tab.getByLabel('Name', { exact: true }).inputValue()).toBe('Initech');
    await tab.getByRole('button', { name: 'Create organization' }).click();
    await tab.getByRole('heading', { level: 1, name: 'Initech' }).waitFor();
  });
});

describeFull('what was typed into a dialog', () => {
  it.each([
    ['/o/northwind/access-rules', 'New access rule', 'Name', 'Create access rule'],
    ['/o/northwind/units', 'New unit', 'Name', 'Create unit'],
    ['/o/northwind/api-keys', 'New API key', 'Name', 'Create API key'],
    ['/o/northwind/roles', 'New role', 'Name', 'Create role'],
    ['/o/northwind/members', 'Add member', 'Email', 'Add member'],
    ['/operator/staff', 'Add staff', 'Email', 'Add staff'],
    ['/platform/operators', 'New operator', 'Name', 'Create operator'],
  ] as const)('is not lost by Escape without a question: %s', async (address, opener, field, verb) => {
    await app.go(tab, address);
    await tab.getByRole('button', { name: opener }).first().press('Enter');
    const dialog = tab.getByRole('dialog').filter({ has: tab.getByRole('button', { name: verb, exact: true }) });
    const input = dialog.getByLabel(field).first();
    await input.fill('kept');
    await tab.keyboard.press('Escape');
    const question = tab.getByRole('dialog', { name: 'Discard your changes?' });
    await question.waitFor();
    // A second Escape answers the question, and does not close the form below it.
    await tab.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    expect(await input.inputValue()).toBe('kept');
    await tab.keyboard.press('Escape');
    await question.getByRole('button', { name: 'Discard changes' }).click();
    await dialog.waitFor({ state: 'hidden' });
  });
});

describeFull('the table of permissions', () => {
  it('scrolls within itself on a phone', async () => {
    await tab.setViewportSize({ width: 320, height: 568 });
    await app.go(tab, '/o/northwind/roles?view=permissions');
    await tab.getByRole('region', { name: 'Permissions by role' }).waitFor();
    expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    await tab.setViewportSize({ width: 1280, height: 800 });
  });
});
