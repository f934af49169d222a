import { jest } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { accessibilityFaults, type ConsoleApp, startConsole, type Tab } from '../support/chromium.js';
import { describeFull } from '../support/full.js';
import { mailsTo, type Person, signInAdmin } from '../support/people.js';
import { newMember, newOrganization, type Organization } from '../support/tree.js';

jest.setTimeout(180_000);

let app: ConsoleApp;
let staff: Person;
let admin: Person;
let manager: Person;
let home: Organization;
let context: BrowserContext;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Northwind');
  admin = await newMember(app, staff, home, 'admin', 'grace');
  manager = await newMember(app, staff, home, 'manager', 'ada');
  await newMember(app, staff, home, 'user', 'alan');
  context = await app.signedIn(admin);
});
afterAll(() => app.close());
afterEach(async () => {
  for (const tab of context.pages()) await tab.close();
  app.assertQuiet();
});

const heading = (tab: Tab, name: string) => tab.getByRole('heading', { level: 1, name, exact: true });
const rowOf = (tab: Tab, text: string) => tab.getByRole('row').filter({ hasText: text });
const dialog = (tab: Tab) => tab.getByRole('dialog');

const openAs = async (page: string) => app.open(context, `/o/northwind/${page}`);

/** Presses Tab until the element with this name has the focus. */
async function tabTo(tab: Tab, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await tab.keyboard.press('Tab');
    const focused = await tab.evaluate(() => {
      const { ariaLabel, textContent } = document.activeElement as HTMLElement;
      return (ariaLabel ?? textContent ?? '').trim();
    });
    if (focused === name) return;
  }
  throw new Error(`the focus never reached ${name}`);
}

describeFull('invitations', () => {
  it('go to pasted addresses with an outcome for each, and the mail arrives', async () => {
    const tab = await openAs('members');
    await heading(tab, 'Members').waitFor();
    await tab.getByRole('link', { name: 'Invite people' }).click();
    const pasted = `kim@partner.example, "Jo, the second" <JO@partner.example>\n${manager.email}; KIM@partner.example\nnonsense\n`;
    await dialog(tab).getByLabel('Email addresses').fill(pasted);
    await dialog(tab).getByText('3 addresses to invite · 1 duplicate · 1 not valid').waitFor();
    const preview = dialog(tab).getByRole('list', { name: 'Recognized addresses' }).getByRole('listitem');
    expect(await preview.allInnerTexts()).toEqual([
      expect.stringMatching(/kim@partner\.example\s+Duplicate, left out/),
      expect.stringMatching(/nonsense\s+Not an email address/),
      'kim@partner.example',
      'jo@partner.example',
      manager.email,
    ]);
    expect(await accessibilityFaults(tab)).toEqual([]);

    // Closing and looking elsewhere loses nothing that was typed.
    await tab.keyboard.press('Escape');
    await tab.getByRole('link', { name: 'Roles' }).click();
    await heading(tab, 'Roles').waitFor();
    await tab.goBack();
    await tab.getByRole('button', { name: 'Invite people' }).first().click();
    expect(await dialog(tab).getByLabel('Email addresses').inputValue()).toBe(pasted);

    await dialog(tab).getByRole('button', { name: 'Send 3 invitations' }).click();
    await dialog(tab).getByText('2 invitations sent · 1 refused').waitFor();
    const outcomes = dialog(tab).getByRole('list', { name: 'Outcome for each address' }).getByRole('listitem');
    expect(await outcomes.allInnerTexts()).toEqual([
      expect.stringMatching(/ada@people\.example\s+This user is already a member\./),
      expect.stringMatching(/kim@partner\.example\s+Invited/),
      expect.stringMatching(/jo@partner\.example\s+Invited/),
    ]);
    expect(await accessibilityFaults(tab)).toEqual([]);
    await dialog(tab).getByRole('button', { name: 'Done' }).click();
    await rowOf(tab, 'kim@partner.example').getByText('Pending').waitFor();
    const [mail] = await mailsTo(app, 'jo@partner.example');
    expect(mail?.text).toContain('/invitations/tri_');
  });

  it('of a paste of 10 000 characters all get an outcome while the user is elsewhere', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `Person ${index} <person-${index}@many.example>`).join(', ');
    expect(many.length).toBeGreaterThan(10_000);
    const tab = await openAs('invitations?dialog=invite');
    await dialog(tab).getByLabel('Email addresses').fill(many);
    await dialog(tab).getByRole('button', { name: 'Send 300 invitations' }).click();
    await dialog(tab)
      .getByText(/of 300 processed/)
      .waitFor();
    await dialog(tab).getByRole('button', { name: 'Close' }).first().click();
    await tab.getByRole('link', { name: 'Members' }).click();
    await heading(tab, 'Members').waitFor();
    await tab.getByRole('status').getByText('300 invitations sent').waitFor({ timeout: 60_000 });
    expect((await staff.client.get(`${home.path}/invitations?count=true&q=many.example`)).body.total).toBe(300);
  });

  it('can be listed, sent again and revoked by keyboard alone', async () => {
    await staff.client.post(`${home.path}/invitations`, { email: 'hedy@keys.example', role: 'user' });
    const tab = await openAs('invitations');
    await heading(tab, 'Invitations').waitFor();
    await tab.keyboard.press('/');
    await tab.keyboard.type('hedy');
    await tab.getByText('1 invitation', { exact: true }).waitFor();
    await tabTo(tab, 'Resend');
    await tab.keyboard.press('Enter');
    await tab.getByRole('status').getByText('A new link was sent to hedy@keys.example.').waitFor();
    await tabTo(tab, 'Revoke');
    await tab.keyboard.press('Enter');
    await dialog(tab).getByText('The link in the mail stops working at once.').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tabTo(tab, 'Revoke');
    await tab.keyboard.press('Enter');
    await tab.getByText('No invitation matches').waitFor();
  });
});

describeFull('members', () => {
  it('get and lose roles, as far as the user may grant them, and the last admin stays', async () => {
    const tab = await openAs('members');
    await rowOf(tab, 'alan').getByRole('button', { name: 'User: role of alan' }).click();
    await tab.getByRole('menuitem', { name: 'Manager' }).click();
    await tab.getByRole('status').getByText('alan now has the role Manager.').waitFor();
    const remove = rowOf(tab, 'grace').getByRole('button', { name: 'Remove' });
    expect(await remove.getAttribute('aria-disabled')).toBe('true');
    expect(await remove.innerText()).toContain('The only admin who can sign in');
    await tab.getByRole('link', { name: 'alan' }).click();
    expect(new URL(tab.url()).searchParams.get('member')).toMatch(/^[\w-]{36}$/);
    await dialog(tab).getByLabel('Billing admin').click();
    await tab.getByRole('status').getByText('The roles of alan were changed.').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.goBack();
    await rowOf(tab, 'alan').getByText('Billing admin').waitFor();

    const other = await app.signedIn(manager);
    const lesser = await app.open(other, '/o/northwind/members');
    await rowOf(lesser, 'alan').waitFor();
    expect(await rowOf(lesser, 'grace').getByRole('button').count()).toBe(0);
    expect(await lesser.getByRole('button', { name: 'Add member' }).count()).toBe(0);
    await other.close();

    await rowOf(tab, 'alan').getByRole('button', { name: 'Remove' }).click();
    await dialog(tab).getByText('They lose access to Northwind at once.').waitFor();
    await dialog(tab).getByRole('button', { name: 'Remove' }).click();
    await tab.getByRole('status').getByText('alan was removed.').waitFor();
    await rowOf(tab, 'alan').waitFor({ state: 'detached' });
  });
});

describeFull('roles and units', () => {
  it('are created, changed and deleted', async () => {
    const tab = await openAs('roles');
    await tab.getByRole('button', { name: 'New role' }).click();
    await dialog(tab).getByRole('textbox', { name: 'Name' }).fill('Recruiter');
    await dialog(tab).getByLabel('Invite people.').check();
    await dialog(tab).getByRole('button', { name: 'Create role' }).click();
    await dialog(tab).getByText('org-recruiter').waitFor();
    await tab.keyboard.press('Escape');
    await tab.getByRole('link', { name: 'Permissions' }).click();
    await tab.getByRole('columnheader', { name: 'Recruiter' }).waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);

    await tab.getByRole('link', { name: 'Units' }).click();
    await tab.getByRole('button', { name: 'New unit' }).click();
    await dialog(tab).getByLabel('Name').fill('Logistics');
    await dialog(tab).getByRole('button', { name: 'Create unit' }).click();
    await heading(tab, 'Logistics').waitFor();
    expect(new URL(tab.url()).pathname).toBe('/t/demo/o/northwind/units/logistics');
    await tab.getByRole('button', { name: 'Add member' }).first().click();
    await dialog(tab).getByLabel('Member').fill('ada');
    await tab.getByRole('option', { name: /ada@people/ }).click();
    await dialog(tab).getByRole('button', { name: 'Add member' }).click();
    await rowOf(tab, 'ada').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.getByRole('button', { name: 'More actions' }).click();
    await tab.getByRole('menuitem', { name: 'Delete unit' }).click();
    await dialog(tab).getByLabel('Type Logistics to confirm').fill('Logistics');
    await dialog(tab).getByRole('button', { name: 'Delete unit' }).click();
    await heading(tab, 'Units').waitFor();
    await tab.getByRole('link', { name: 'Inactive' }).click();
    await rowOf(tab, 'Logistics').getByRole('button', { name: 'Restore' }).click();
    await tab.getByRole('status').getByText('Logistics was restored.').waitFor();
  });
});
