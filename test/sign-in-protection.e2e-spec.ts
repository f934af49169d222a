import { setTimeout as sleep } from 'node:timers/promises';
import { Authenticator } from './support/authenticator.js';
import type { Answer, Client } from './support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signInAdmin, tokenMailedTo } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: 'true' });
  second = await app.replica({ TRUST_PROXY: 'true' });
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0';
const FIREFOX_UPDATED = FIREFOX.replaceAll('139', '140');
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const HOME = '203.0.113.7';

const outcome = ({ status, body }: Answer): [number, string?] =>
  body?.code === undefined ? [status] : [status, body.code];
const there = (): Client => app.client().at(`${second.origin}/t/demo/api/v1`);
const both = (index: number): Client => (index % 2 ? there() : app.client());
const from = (userAgent: string, ip = HOME) => ({ headers: { 'user-agent': userAgent, 'x-forwarded-for': ip } });
const NEW_DEVICE = /^New sign-in to your account/;

/** How often each outcome came. */
function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = outcome(answer).join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

let made = 0;
/** Somebody who has never signed in from here but once, with what this test speaks with, from `HOME`. */
async function somebody(): Promise<Person> {
  const person = await newPerson(app, `protected-${++made}`);
  await app.sql.query('delete from known_devices where user_id = $1', [person.id]);
  return person;
}

const login = (email: string, userAgent = FIREFOX, ip = HOME, client = app.client(), password = PASSWORD) =>
  client.post('/auth/login', { email, password }, from(userAgent, ip));

/** The notices of new devices somebody got, once all mails have left. */
async function notices({ email }: { email: string }) {
  for (let tries = 0; tries < 400; tries++) {
    if ((await app.sql.query('select 1 from mails')).rows.length === 0) return mailsTo(app, email, 0, NEW_DEVICE);
    await sleep(25);
  }
  throw new Error('mails are waiting');
}

describe('a sign-in with a new device', () => {
  it('is told by mail, the very first one is not, and each device once', async () => {
    const person = await somebody();
    expect(outcome(await login(person.email, FIREFOX))).toEqual([200]);
    expect(await notices(person)).toEqual([]);
    expect(outcome(await login(person.email, CHROME))).toEqual([200]);
    const [mail, ...more] = await mailsTo(app, person.email, 1, NEW_DEVICE);
    expect(more).toEqual([]);
    expect(mail?.text).toContain('Device: Chrome on Windows');
    expect(mail?.text).toMatch(
      new RegExp(`Time: \\w+, \\d+ \\w+ ${new Date().getUTCFullYear()} at \\d\\d:\\d\\d \\(UTC\\)`),
    );
    // Nothing in a mail becomes a link but its button.
    expect(mail?.text?.replace(/[^\x20-\x7e\n]/g, '')).toContain(`IP address: ${HOME}`);
    expect(mail?.text).toContain('end the session');
    expect(mail?.text).toContain('choose a new password');

    for (const userAgent of [FIREFOX, CHROME, FIREFOX_UPDATED])
      expect(outcome(await login(person.email, userAgent))).toEqual([200]);
    // Another address of the same network, then another network.
    expect(outcome(await login(person.email, CHROME, '203.0.200.1'))).toEqual([200]);
    expect(await notices(person)).toHaveLength(1);
    expect(outcome(await login(person.email, CHROME, '198.51.100.1'))).toEqual([200]);
    expect(await notices(person)).toHaveLength(2);
  });

  it('is told once when it comes to two servers at the same time', async () => {
    const person = await somebody();
    await login(person.email, FIREFOX);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => login(person.email, SAFARI, HOME, both(index))),
    );
    expect(tally(answers)).toEqual({ '200': 12 });
    const [mail, ...more] = await notices(person);
    expect(mail?.text).toContain('Device: Safari on iOS');
    expect(more).toEqual([]);
  });

  it('is told whichever way it came, in the branding of the organization that was entered', async () => {
    const person = await somebody();
    const organization = await newOrganization(staff, `Protected ${made}`, person);
    await staff.client.patch(`${organization.path}/branding`, { displayName: 'House of the protected' });
    await login(person.email, FIREFOX);

    await app.client().post('/auth/magic-link', { email: person.email });
    const token = await tokenMailedTo(app, person.email, 1, /^Sign in to/);
    const linked = await app.client().post('/auth/magic-link/redeem', { token }, from(CHROME));
    expect(outcome(linked)).toEqual([200]);
    const [byLink] = await notices(person);
    expect(byLink?.text).toContain('Device: Chrome on Windows');
    expect(byLink?.html).toContain('This mail was sent by House of the protected');

    const authenticator = new Authenticator(BASE_URL);
    const signedIn = app.client().as(linked.body.accessToken);
    const { body: creation } = await signedIn.post('/account/passkeys/options');
    await signedIn.post('/account/passkeys', { credential: authenticator.create(creation) });
    const { body: options } = await app.client().post('/auth/passkeys/options', {});
    const credential = authenticator.get(options);
    expect(outcome(await app.client().post('/auth/passkeys/verify', { credential }, from(SAFARI)))).toEqual([200]);
    expect((await notices(person)).map(({ text }) => /Device: (.*)/.exec(text ?? '')?.[1])).toEqual([
      'Chrome on Windows',
      'Safari on iOS',
    ]);

    // What was refused, or waits for a second factor, is no sign-in.
    const asked = await login(person.email, 'something else');
    expect(asked.body).toMatchObject({ mfaRequired: true });
    const again = await app.client().post('/auth/passkeys/options', { mfaToken: asked.body.mfaToken });
    expect(await notices(person)).toHaveLength(2);
    const answer = { mfaToken: asked.body.mfaToken, credential: authenticator.get(again.body) };
    expect(outcome(await app.client().post('/auth/mfa', answer, from('something else')))).toEqual([200]);
    // What a client calls itself is nothing a mail repeats.
    const [, , third] = await notices(person);
    expect(third?.text).toContain('Device: unknown');
    expect(third?.text).not.toContain('something else');
  });

  it('goes with its person', async () => {
    const { rows } = await app.sql.query(
      `select confdeltype from pg_constraint where conname = 'known_devices_user_id_fkey'`,
    );
    expect(rows).toEqual([{ confdeltype: 'c' }]);
  });
});
