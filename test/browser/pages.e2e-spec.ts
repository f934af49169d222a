import { jest } from '@jest/globals';
import type { BrowserContext } from 'playwright-core';
import { type ConsoleApp, faultsEverywhere, startConsole, type Tab } from '../support/chromium.js';
import { describeFull } from '../support/full.js';
import { type Person, signInAdmin } from '../support/people.js';
import { newMember, newOrganization, type Organization, proveDomain } from '../support/tree.js';

jest.setTimeout(180_000);

let app: ConsoleApp;
let staff: Person;
let admin: Person;
let home: Organization;
let context: BrowserContext;
let adminContext: BrowserContext;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Northwind');
  admin = await newMember(app, staff, home, 'admin', 'grace');
  await newMember(app, staff, home, 'user', 'alan');
  await admin.client.post(`${home.path}/units`, { name: 'Logistics' });
  context = await app.signedIn();
  adminContext = await app.signedIn(admin);
});
afterAll(() => app.close());
afterEach(async () => {
  for (const one of [context, adminContext]) for (const tab of one.pages()) await tab.close();
  app.assertQuiet();
});

const heading = (tab: Tab, name: string) => tab.getByRole('heading', { level: 1, name, exact: true });

interface Address {
  heading: string;
  buttons?: string[];
  fields?: string[];
  links?: string[];
}

/** What other programs find in the console by address, heading and label. */
const OF_OPERATOR: Record<string, Address> = {
  '/organizations': {
    heading: 'Organizations',
    links: ['New organization', 'Active', 'Suspended', 'Inactive'],
    fields: ['Search organizations'],
  },
  '/organizations/new': {
    heading: 'Organizations',
    fields: ['Name', 'Slug', 'Organization ID', 'Description', 'Admin email'],
  },
  '/operator': { heading: 'Operator' },
  '/operator/people': { heading: 'People' },
  '/operator/staff': { heading: 'Staff' },
  '/operator/templates': { heading: 'Templates', buttons: ['New template'], fields: ['Search templates'] },
  '/operator/content': { heading: 'Content', buttons: ['New content item'] },
  '/operator/webhooks': { heading: 'Webhooks', buttons: ['New webhook'] },
  '/operator/branding': { heading: 'Branding', buttons: ['Save'] },
  '/operator/access-rules': { heading: 'Access rules', buttons: ['New access rule'] },
  '/operator/audit': { heading: 'Audit log', buttons: ['Verify chain', 'Export'] },
  '/platform/operators': { heading: 'Operators' },
};
const OF_ORGANIZATION: Record<string, Address> = {
  '/o/northwind': { heading: 'Northwind' },
  '/o/northwind/invitations': { heading: 'Invitations', buttons: ['Invite people'] },
  '/o/northwind/roles': { heading: 'Roles', buttons: ['New role'] },
  '/o/northwind/units': { heading: 'Units', buttons: ['New unit'] },
  '/o/northwind/units/logistics': { heading: 'Logistics' },
  '/o/northwind/content': { heading: 'Content', links: ['Templates'], fields: ['Search content'] },
  '/o/northwind/artifacts': { heading: 'Artifacts', fields: ['Search artifacts'] },
  '/o/northwind/webhooks': { heading: 'Webhooks', buttons: ['New webhook'] },
  '/o/northwind/branding': { heading: 'Branding', buttons: ['Save'] },
  '/o/northwind/access-rules': { heading: 'Access rules', buttons: ['New access rule'] },
  '/o/northwind/api-keys': { heading: 'API keys' },
  '/o/northwind/audit': { heading: 'Audit log', buttons: ['Verify chain', 'Export'] },
  '/o/northwind/settings': { heading: 'Settings', buttons: ['Delete organization'] },
};
const OF_ACCOUNT: Record<string, Address> = {
  '/account': { heading: 'Account', fields: ['Language', 'Time zone'], buttons: ['Export my data'] },
  '/account/security': { heading: 'Security' },
  '/account/organizations': { heading: 'Organizations' },
  '/account/notifications': { heading: 'Notifications' },
  '/account/sessions': { heading: 'Sessions' },
};

/** Returns what the addresses lack, walking with one tab as a user would who enters them. */
async function missingAt(tab: Tab, addresses: Record<string, Address>): Promise<string[]> {
  const missing: string[] = [];
  for (const [address, { heading: name, buttons = [], fields = [], links = [] }] of Object.entries(addresses)) {
    // Within the page, which is quicker than loading it again.
    await tab.evaluate((to) => history.pushState({}, '', to), new URL(app.console).pathname + address);
    const expected = [
      heading(tab, name),
      ...buttons.map((one) => tab.getByRole('button', { name: one }).first()),
      ...fields.map((one) => tab.getByLabel(one).first()),
      ...links.map((one) => tab.getByRole('link', { name: one }).first()),
    ];
    for (const one of expected)
      await one.waitFor({ state: 'attached', timeout: 10_000 }).catch(() => missing.push(`${address}: ${String(one)}`));
  }
  return missing;
}

describeFull('every address', () => {
  it('has its heading, buttons and fields for staff', async () => {
    const tab = await app.open(context);
    const members = {
      '/o/northwind/members': { heading: 'Members', links: ['Invite people'], buttons: ['Add member'] },
    };
    expect(await missingAt(tab, { ...OF_OPERATOR, ...OF_ORGANIZATION, ...members })).toEqual([]);
  });

  it('has them for the admin of an organization, too, whose navigation stays on the account pages', async () => {
    const tab = await app.open(adminContext);
    const members = { '/o/northwind/members': { heading: 'Members', links: ['Invite people'] } };
    expect(await missingAt(tab, { ...OF_ORGANIZATION, ...members, ...OF_ACCOUNT })).toEqual([]);
    const navigation = tab.getByRole('navigation', { name: 'Main' });
    await navigation.getByText('Northwind').waitFor();
    await navigation.getByRole('link', { name: 'Members' }).click();
    await heading(tab, 'Members').waitFor();
  });

  it('has a heading in German, and fits 320 pixels', async () => {
    await staff.client.patch('/account', { language: 'de' });
    const tab = await app.open(context);
    await tab.setViewportSize({ width: 320, height: 640 });
    const faults: string[] = [];
    for (const address of Object.keys({ ...OF_OPERATOR, ...OF_ORGANIZATION, ...OF_ACCOUNT })) {
      await tab.goto(app.console + address);
      const title = tab.getByRole('heading', { level: 1 });
      await title.waitFor();
      if (!(await title.innerText())) faults.push(`${address}: no heading`);
      const width = await tab.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) faults.push(`${address}: ${width} pixels`);
    }
    await staff.client.patch('/account', { language: null });
    expect(faults).toEqual([]);
    expect(await tab.locator('html').getAttribute('lang')).toBe('de');
  });
});

describeFull('the audit log', () => {
  it('finds who changed a role, proves that nothing was rewritten, and is exported', async () => {
    const { body } = await staff.client.get(`${home.path}/members?q=alan`);
    const path = `${home.path}/members/${body.items[0].userId}`;
    expect((await admin.client.patch(path, { role: 'manager' })).status).toBe(200);
    const tab = await app.open(adminContext, '/o/northwind/audit');
    await tab.getByPlaceholder('All types').fill('member.role');
    await tab.getByRole('option', { name: 'Member role changed', exact: true }).click();
    await tab.getByText('1 event', { exact: true }).waitFor();
    expect(new URL(tab.url()).search).toBe('?type=member.role_changed');
    await tab.getByRole('link', { name: 'grace changed the role of alan' }).click();
    const drawer = tab.getByRole('dialog');
    const change = drawer.getByRole('row').filter({ hasText: 'role' }).last();
    expect(await change.innerText()).toMatch(/role\s+user\s+manager/);
    expect(await faultsEverywhere(tab)).toEqual([]);
    await drawer.getByRole('button', { name: 'Show only these' }).first().click();
    await tab.getByText('By grace').waitFor();
    expect(new URL(tab.url()).search).toBe(`?actorId=${admin.id}`);
    await tab.goBack();
    await tab.getByText('1 event', { exact: true }).waitFor();
    await tab.keyboard.press('Escape');
    await tab.getByRole('button', { name: 'Verify chain' }).click();
    await tab.getByText(/The log is intact/).waitFor();
    expect(await faultsEverywhere(tab)).toEqual([]);
    const download = tab.waitForEvent('download');
    await tab.getByRole('button', { name: 'Export' }).click();
    await tab.getByRole('menuitem', { name: 'As CSV' }).click();
    expect((await download).suggestedFilename()).toBe('northwind-audit.csv');
    // A link opens an event that the list does not show.
    const { body: found } = await admin.client.get(`${home.path}/events?type=member.role_changed`);
    await tab.goto(`${app.console}/o/northwind/audit?type=domain.removed&event=${found.items[0].id}`);
    await drawer.getByText('Member role changed').waitFor();
  });
});

describeFull('notifications', () => {
  it('are switched off for one organization', async () => {
    const tab = await app.open(adminContext, '/account/notifications');
    const domains = tab.getByRole('group', { name: 'Northwind' }).getByLabel('Domains');
    const saved = tab.waitForResponse((answer) => answer.url().endsWith('/notices') && answer.ok());
    await domains.setChecked(false, { force: true });
    await saved;
    expect((await admin.client.get('/account/organizations')).body.items[0].notices.domains).toBe(false);
    await tab.reload();
    await domains.waitFor();
    expect(await domains.isChecked()).toBe(false);
    expect(await faultsEverywhere(tab)).toEqual([]);
  });
});

describeFull('an access rule', () => {
  it('is tried with a person and with those who exist, created, changed and deleted', async () => {
    const tab = await app.open(adminContext, '/o/northwind/access-rules');
    await tab.getByRole('button', { name: 'New access rule' }).first().click();
    const drawer = tab.getByRole('dialog');
    await drawer.getByLabel('Name').fill('Colleagues');
    await drawer.getByLabel('Condition').fill('user.emailDomain == "people.example"');
    await drawer.getByLabel('Try it with a person').fill('new@people.example');
    await drawer.getByRole('button', { name: 'Dry run' }).click();
    await drawer.getByText('The rule matches this person.').waitFor();
    await drawer.getByText('It would affect 2 of 2 users checked.').waitFor();
    expect(await faultsEverywhere(tab)).toEqual([]);
    tab.expecting(/status of 422/);
    await drawer.getByRole('button', { name: 'Create access rule' }).click();
    await drawer.getByText('Prove the domain first.').waitFor();
    expect(await drawer.getByLabel('Condition').getAttribute('aria-invalid')).toBe('true');
    await proveDomain(app, home, 'people.example');
    await drawer.getByRole('button', { name: 'Create access rule' }).click();
    await tab.getByText('The rule Colleagues was saved.').waitFor();
    await tab.getByRole('link', { name: 'Colleagues' }).click();
    await drawer.getByLabel('Rule is on').setChecked(false, { force: true });
    await drawer.getByRole('button', { name: 'Save' }).click();
    await tab.getByRole('table').getByText('Off').waitFor();
    expect(await faultsEverywhere(tab)).toEqual([]);
    await tab.getByRole('table').getByRole('button', { name: 'Delete' }).click();
    await tab.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await tab.getByText('No access rules yet').waitFor();
    const { body } = await staff.client.get(`${home.path}/access-rules?count=true`);
    expect(body.total).toBe(0);
  });
});
