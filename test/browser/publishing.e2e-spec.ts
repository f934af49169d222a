import { jest } from '@jest/globals';
import { type ConsoleApp, faultsEverywhere, startConsole, type Tab } from '../support/chromium.js';
import { type Person, signInAdmin } from '../support/people.js';
import { Receiver } from '../support/receiver.js';
import { newOrganization, type Organization } from '../support/tree.js';

jest.setTimeout(180_000);

let app: ConsoleApp;
let staff: Person;
let home: Organization;
let tab: Tab;
let receiver: Receiver;
beforeAll(async () => {
  app = await startConsole({ ALLOWED_PRIVATE_HOSTS: '127.0.0.1' });
  staff = await signInAdmin(app);
  home = await newOrganization(staff, 'Northwind');
  receiver = await Receiver.start();
  tab = await app.open(await app.signedIn(), '/o/northwind/webhooks');
});
afterAll(async () => {
  await app.close();
  await receiver.close();
});
afterEach(() => app.assertQuiet());

const heading = (name: string) => tab.getByRole('heading', { level: 1, name, exact: true });
const dialog = () => tab.getByRole('dialog');
const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click();

describe('a webhook', () => {
  it('is created, tested, looked at, and its delivery sent again', async () => {
    await heading('Webhooks').waitFor();
    await tab.getByRole('button', { name: 'New webhook' }).first().click();
    tab.expecting(/422/);
    await dialog().getByLabel('Address').fill('http://10.0.0.1/hook');
    await press('Create webhook');
    await dialog().getByText('private addresses are refused').waitFor();
    await dialog().getByLabel('Address').fill(receiver.url);
    await press('Create webhook');
    const secret = dialog().getByText(/^whsec_/);
    await secret.waitFor();
    const shown = await secret.innerText();
    expect(await faultsEverywhere(tab)).toEqual([]);
    await press('I have saved it');

    await tab.getByRole('link', { name: receiver.url }).click();
    await press('Send test');
    await dialog().getByText('Answer of the receiver').waitFor();
    await dialog().getByText('thank you').waitFor();
    expect(await receiver.types(1)).toEqual(['webhook.test']);
    const [received] = receiver.received;
    if (!received) throw new Error('nothing arrived');
    expect(receiver.verified(received, shown)).toMatchObject({ type: 'webhook.test' });
    expect(await faultsEverywhere(tab)).toEqual([]);

    await press('Replay');
    await receiver.types(2);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(received.headers['webhook-id']);
    // Reload: the address keeps the delivery open.
    await tab.reload();
    await dialog().getByText('thank you').waitFor();
  });
});

describe('a template', () => {
  it('is written, published, and overridden by an organization that previews it', async () => {
    await app.go(tab, '/operator/templates');
    await heading('Templates').waitFor();
    await tab.getByRole('button', { name: 'New template' }).first().click();
    await dialog().getByLabel('Title').fill('Master agreement');
    await dialog().getByLabel('Body').fill('# For {{ORG_NAME}}\n\nNotice: {{NOTICE_PERIOD}} days');
    await press('Add field');
    await dialog().getByLabel('Field name').fill('notice period');
    await dialog().getByLabel('Default').fill('30');
    await press('Create draft');
    await heading('Master agreement').waitFor();
    await tab.getByRole('button', { name: 'Publish…' }).click();
    await press('Publish');
    await tab.getByText('Version 1 was published to 1 organization.').waitFor();
    expect(await faultsEverywhere(tab)).toEqual([]);

    await app.go(tab, '/o/northwind/content?view=templates');
    await tab.getByRole('link', { name: 'Master agreement' }).click();
    await dialog().getByRole('heading', { name: 'For Northwind' }).waitFor();
    await dialog().getByText('Notice: 30 days').waitFor();
    await dialog().getByLabel('NOTICE_PERIOD').fill('60');
    await press('Save');
    await dialog().getByText('Notice: 60 days').waitFor();
    await dialog().getByText('Set here').waitFor();
    expect(await faultsEverywhere(tab)).toEqual([]);
    const { body } = await staff.client.get(`/organizations/${home.id}/templates`);
    expect(body.items).toMatchObject([{ title: 'Master agreement', overridden: true }]);
  });
});
