import { jest } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { generate } from 'otplib';
import type { BrowserContext } from 'playwright-core';
import {
  accessibilityFaults,
  type ConsoleApp,
  faultsEverywhere,
  fillSignIn,
  startConsole,
  type Tab,
} from '../support/chromium.js';
import { describeFull } from '../support/full.js';
import { newPerson, PASSWORD, type Person, signInAdmin, tokenMailedTo } from '../support/people.js';
import { newMember, newOrganization } from '../support/tree.js';

jest.setTimeout(120_000);

let app: ConsoleApp;
let staff: Person;
let context: BrowserContext;
beforeAll(async () => {
  app = await startConsole();
  staff = await signInAdmin(app);
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
const button = (tab: Tab, name: string) => tab.getByRole('button', { name, exact: true });

async function signOut(tab: Tab): Promise<void> {
  await button(tab, 'Account menu').click();
  await tab.getByRole('menuitem', { name: 'Sign out' }).click();
  await heading(tab, 'Sign in').waitFor();
}

describeFull('a second factor', () => {
  it('is set up in the account, asked for at the sign-in, and replaced by a recovery code', async () => {
    const organization = await newOrganization(staff, 'Stark Labs');
    const { email } = await newMember(app, staff, organization, 'user', 'pepper');
    const tab = await app.open(context, '/account/security');
    await fillSignIn(tab, { email, password: PASSWORD });
    await heading(tab, 'Security').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await button(tab, 'Set up').click();
    const secret = (await tab.locator('code').innerText()).replaceAll(/\s/g, '');
    await tab.getByLabel('Authenticator code').fill(await generate({ secret }));
    await button(tab, 'Confirm').click();
    await tab.getByRole('list', { name: 'Recovery codes' }).waitFor();
    const codes = await tab.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
    await button(tab, 'I have saved them').click();
    await tab.getByText('10 codes left').waitFor();

    await signOut(tab);
    tab.expecting(/401/);
    await fillSignIn(tab, { email, password: PASSWORD });
    await heading(tab, "Verify it's you").waitFor();
    expect(new URL(tab.url()).pathname).toBe('/t/demo/sign-in/verify');
    await tab.reload();
    await tab.getByLabel('Authenticator code').fill('000000');
    await tab.getByRole('alert').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await button(tab, 'Use a recovery code').click();
    await tab.getByLabel('Recovery code').fill(codes[0] ?? '');
    await button(tab, 'Verify').click();
    await heading(tab, 'Stark Labs').waitFor();
  });

  it('is asked for again before an action that needs a fresh proof, and the action goes on', async () => {
    const person = await newPerson(app, 'fresh');
    const tab = await app.open(context, '/account');
    tab.expecting(/403/);
    await fillSignIn(tab, { email: person.email, password: PASSWORD });
    await heading(tab, 'Account').waitFor();
    await app.sql.query(`update sessions set proved_at = now() - interval '1 hour' where user_id = $1`, [person.id]);
    const download = tab.waitForEvent('download');
    await button(tab, 'Export my data').click();
    const dialog = tab.getByRole('dialog', { name: "Confirm it's you" });
    await dialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
    expect(await accessibilityFaults(tab)).toEqual([]);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    expect((await download).suggestedFilename()).toBe('account.json');
  });
});

describeFull('other ways in', () => {
  it('a refused sign-in with a provider says why, and offers another attempt', async () => {
    const tab = await app.open(
      context,
      '/sign-in?error=sso.domain_not_verified&connection=01a00000-0000-7000-8000-000000000000',
    );
    await tab.getByText('Your email address is not in a domain of this organization.').waitFor();
    expect(await button(tab, 'Try again').isVisible()).toBe(true);
    await app.go(tab, '/sign-in?error=sso.something_else&connection=01a00000-0000-7000-8000-000000000000');
    await tab.getByText('The sign-in with your provider did not work. Try again.').waitFor();
  });

  it('a mailed link leads from its page into the console', async () => {
    const organization = await newOrganization(staff, 'Acme Post');
    const { email } = await newMember(app, staff, organization, 'user', 'linked');
    const tab = await app.open(context, '/sign-in');
    await button(tab, 'Email me a link').click();
    await tab.getByText('Enter your email address first.').waitFor();
    await tab.getByLabel('Email').fill(email);
    await button(tab, 'Email me a link').click();
    await tab.getByText(`If ${email} has an account, a link is on its way.`).waitFor();
    const token = await tokenMailedTo(app, email, 1, /sign in/i);
    await tab.goto(`${app.console}/magic-link?token=${token}`);
    expect(await faultsEverywhere(tab)).toEqual([]);
    await tab.getByRole('link', { name: 'Sign in', exact: true }).click();
    await heading(tab, 'Acme Post').waitFor();
    expect(new URL(tab.url()).pathname).toBe(`/t/demo/o/${organization.slug}`);
  });

  it('a mailed link shows its code on another device, and signs in there only after a question', async () => {
    const organization = await newOrganization(staff, 'Acme Phone');
    const { email } = await newMember(app, staff, organization, 'user', 'phoned');
    const tab = await app.open(context, '/sign-in');
    await tab.getByLabel('Email').fill(email);
    await button(tab, 'Email me a link').click();
    await tab.getByLabel('Code').waitFor();
    const token = await tokenMailedTo(app, email, 1, /sign in/i);
    const phone = await app.open(await app.context(), `/magic-link?token=${token}`);
    await phone.getByText(token, { exact: true }).waitFor();
    expect(await faultsEverywhere(phone)).toEqual([]);
    phone.expecting(/403/);
    await phone.getByRole('link', { name: 'Sign in here instead' }).click();
    await phone.getByText('This signs you in to the account that the link was mailed to.').waitFor();
    expect(await accessibilityFaults(phone)).toEqual([]);
    await tab.getByLabel('Code').fill(token);
    await button(tab, 'Sign in').click();
    await heading(tab, 'Acme Phone').waitFor();
    await button(phone, 'Sign in').click();
    phone.expecting(/422/);
    await phone.getByText('This code or link is no longer valid.').waitFor();
  });

  it('a new user registers, chooses the password behind the link, and creates an organization', async () => {
    const email = 'founder@people.example';
    const tab = await app.open(context, '/sign-in');
    await tab.getByRole('link', { name: 'Create account' }).click();
    await heading(tab, 'Create account').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.getByLabel('Name').fill('Founder');
    await tab.getByLabel('Email').fill(email);
    await button(tab, 'Create account').click();
    await tab.getByText(`We sent a link to ${email}.`).waitFor();
    await tab.goto(`${app.console}/verify-email?token=${await tokenMailedTo(app, email)}`);
    await tab.getByLabel('Password').fill(PASSWORD);
    await tab.getByRole('button', { name: /confirm/ }).click();
    await tab.getByRole('link', { name: 'Continue to Demo' }).click();
    await fillSignIn(tab, { email, password: PASSWORD });
    await heading(tab, 'Create your organization').waitFor();
    await button(tab, 'Create organization').click();
    const dialog = tab.getByRole('dialog', { name: 'Create your organization' });
    await dialog.getByLabel('Name').fill('Founded Today');
    await dialog.getByRole('button', { name: 'Create organization' }).click();
    await heading(tab, 'Founded Today').waitFor();
  });

  it('a member of several organizations chooses one, and a deep link chooses by itself', async () => {
    const one = await newOrganization(staff, 'First Choice');
    const two = await newOrganization(staff, 'Second Choice');
    const person = await newMember(app, staff, one, 'user', 'chooser');
    await staff.client.post(`/admin/organizations/${two.id}/members`, { userId: person.id, role: 'user' });
    const tab = await app.open(context, '/sign-in');
    tab.expecting(/403/);
    await fillSignIn(tab, { email: person.email, password: PASSWORD });
    await heading(tab, 'Choose an organization').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await tab.getByRole('searchbox').fill('second');
    await tab.getByRole('button', { name: /Second Choice/ }).click();
    await heading(tab, 'Second Choice').waitFor();
    await signOut(tab);
    await tab.goto(`${app.console}/o/${one.slug}`);
    await fillSignIn(tab, { email: person.email, password: PASSWORD });
    await heading(tab, 'First Choice').waitFor();
  });
});

describeFull('a program', () => {
  it('that shows a code is let in by a signed-in user', async () => {
    const { body } = await app.client().post('/auth/device', { clientName: 'trellis on build-7' });
    const tab = await app.open(context, `/device?code=${body.userCode}`);
    await fillSignIn(tab);
    await heading(tab, 'Sign in a device').waitFor();
    await tab.getByText('trellis on build-7').waitFor();
    expect(await accessibilityFaults(tab)).toEqual([]);
    await button(tab, 'Approve').click();
    await tab.getByText('The program is signed in.').waitFor();
    const { deviceCode } = body;
    expect((await app.client().post('/auth/token', { grantType: 'device_code', deviceCode })).status).toBe(200);
  });

  it('on this machine gets a code at its loopback address after the sign-in', async () => {
    const codeVerifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      redirect_uri: 'http://127.0.0.1:9/callback',
      code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
      state: 'xyz',
    });
    const tab = await app.open(context, `/sign-in?${query}`);
    tab.expecting(/ERR_|9\/callback/);
    const arrived = tab.waitForRequest(/127\.0\.0\.1:9\/callback/);
    await fillSignIn(tab);
    const { searchParams } = new URL((await arrived).url());
    expect(searchParams.get('state')).toBe('xyz');
    const { status, body } = await app.client().post('/auth/token', {
      grantType: 'authorization_code',
      code: searchParams.get('code'),
      codeVerifier,
      redirectUri: query.get('redirect_uri'),
    });
    expect([status, body.user?.email]).toEqual([200, 'admin@demo.example']);
  });
});
