import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import PostalMime, { type Email } from 'postal-mime';
import { PasswordHasher, RegistrationService } from '../../src/auth/identity/index.js';
import { systemActor } from '../../src/common/access/index.js';
import { Database } from '../../src/database/index.js';
import { OperatorService } from '../../src/operators/index.js';
import type { Client } from './client.js';
import { ADMIN, type TestApp } from './test-app.js';

/** A mail that has not arrived by then will not arrive. */
const MAIL_MS = 15_000;

export const PASSWORD = 'correct horse battery staple';

/** A signed-in user. */
export interface Person {
  id: string;
  email: string;
  accessToken: string;
  refreshToken: string;
  client: Client;
}

/** A mail never changes once it has arrived. */
const parsed = new Map<string, Promise<Email>>();

function parse(file: string): Promise<Email> {
  const mail = parsed.get(file) ?? readFile(file).then((bytes) => PostalMime.parse(bytes));
  parsed.set(file, mail);
  return mail;
}

/** Returns the mails to `address` with a matching subject, oldest first, once there are `count` of them. */
export async function mailsTo(app: TestApp, address: string, count = 1, subject = /^/): Promise<Email[]> {
  for (const deadline = Date.now() + MAIL_MS; Date.now() < deadline; await sleep(25)) {
    const files = (await readdir(app.mailDir).catch(() => [])).filter((name) => name.endsWith('.eml')).sort();
    const mails = await Promise.all(files.map((name) => parse(path.join(app.mailDir, name))));
    const found = mails.filter(
      (mail) => mail.to?.some((to) => to.address === address) && subject.test(mail.subject ?? ''),
    );
    if (found.length >= count) return found;
  }
  throw new Error(`no mail to ${address}`);
}

/** Returns the token in the newest mail to `address`. */
export async function tokenMailedTo(app: TestApp, address: string, count = 1, subject = /^/): Promise<string> {
  const token = /token=([\w-]+)/.exec((await mailsTo(app, address, count, subject)).at(-1)?.text ?? '')?.[1];
  if (!token) throw new Error(`no link in the mail to ${address}`);
  return token;
}

export async function signIn(
  app: TestApp,
  email: string,
  password = PASSWORD,
  operator = 'demo',
  organizationId?: string,
): Promise<Person> {
  const client = app.client(operator);
  const { status, body } = await client.post('/auth/login', { email, password, organizationId });
  if (status !== 200) throw new Error(`sign-in of ${email} gave ${status} ${body.code}`);
  return {
    id: body.user.id,
    email,
    accessToken: body.accessToken,
    refreshToken: body.refreshToken,
    client: client.as(body.accessToken),
  };
}

/** Submits the code of a mailed link in a session that only an identity provider vouches for. */
export async function stepUpByMail(app: TestApp, client: Client, email: string): Promise<void> {
  await app.client().post('/auth/magic-link', { email });
  const mailedCode = await tokenMailedTo(app, email, 1, /sign in/i);
  const { status, body } = await client.post('/account/step-up', { mailedCode });
  if (status !== 200) throw new Error(`the step-up of ${email} gave ${status} ${body.code}`);
}

/** Signs in the platform admin, who is also the admin of the operator `demo`. */
export const signInAdmin = (app: TestApp): Promise<Person> => signIn(app, ADMIN.email, ADMIN.password);

/** Registers a user and follows the mailed link, without a sign-in. */
export async function registerPerson(app: TestApp, email: string, operator = 'demo'): Promise<void> {
  const client = app.client(operator);
  const registered = await client.post('/auth/register', { email, name: email.split('@')[0] });
  if (registered.status !== 202) throw new Error(`registering ${email} gave ${registered.status}`);
  const verified = await client.post('/auth/verify-email', {
    token: await tokenMailedTo(app, email, 1, /^Confirm your email/),
    password: PASSWORD,
  });
  if (verified.status !== 200) throw new Error(`verifying ${email} gave ${verified.status}`);
}

/** Creates an account with a verified address directly: registering takes five times the CPU time. */
async function createPerson(app: TestApp, email: string, operator: string): Promise<void> {
  const found = await app.app.get(OperatorService).findBySlug(operator);
  if (!found) throw new Error(`no operator ${operator}`);
  const passwordHash = await app.app.get(PasswordHasher).hash(PASSWORD);
  const account = { operatorId: found.id, email, name: email.split('@')[0] ?? '', passwordHash };
  await app.app
    .get(Database)
    .transaction((tx) => app.app.get(RegistrationService).createVerified(tx, systemActor('tests'), account));
}

/** Like `newPerson`, but through the registration: the first mail to the address confirms it. */
export async function registeredPerson(app: TestApp, name: string, operator = 'demo'): Promise<Person> {
  const email = `${name}@people.example`;
  await registerPerson(app, email, operator);
  return signIn(app, email, PASSWORD, operator);
}

/** Creates an account and signs it in without an organization. */
export async function newPerson(app: TestApp, name: string, operator = 'demo'): Promise<Person> {
  const email = `${name}@people.example`;
  await createPerson(app, email, operator);
  return signIn(app, email, PASSWORD, operator);
}
