import { AuthCleanupJob } from '../src/auth/identity/auth-cleanup.job.js';
import type { Answer } from './support/client.js';
import {
  mailsTo,
  PASSWORD,
  type Person,
  registeredPerson,
  signIn,
  signInAdmin,
  tokenMailedTo,
} from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let replica: TestServer;
let staff: Person;
let first: Organization;
let second: Organization;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  staff = await signInAdmin(app);
  first = await newOrganization(staff, 'First');
  second = await newOrganization(staff, 'Second');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const codeOf = ({ status, body }: Answer): string => [status, body?.code].join(' ').trim();
const outcome = ({ status, body }: Answer) => [status, body?.code];
const DEAD = [422, 'auth.invalid_one_time_token'];
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const block = (email: string) => app.sql.query('update users set blocked_at = now() where email = $1', [email]);
const form = (path: string, fields: Record<string, string>) =>
  app.client().post(`${app.origin}/t/demo/${path}`, new URLSearchParams(fields).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const page = (path: string) => app.client().get(`${app.origin}/t/demo/${path}`);
const eventsOf = async (userId: string) =>
  (
    await app.sql.query(
      `select type from operator_events where $1 in (actor_id::text, subject_id::text) order by seq`,
      [userId],
    )
  ).rows
    .map(({ type }) => type)
    .filter((type) => !type.startsWith('session.started'));

describe('a magic link', () => {
  const ask = (email: string, organizationId?: string) =>
    app.client().post('/auth/magic-link', { email, organizationId });
  const redeem = (token: string, organizationId?: string) =>
    app.client().post('/auth/magic-link/redeem', { token, organizationId });
  /** Returns the mails to an address after the first `before`. */
  const linkTo = async (email: string, before = 1, organizationId?: string): Promise<string> => {
    expect((await ask(email, organizationId)).status).toBe(202);
    return tokenMailedTo(app, email, before + 1);
  };

  it("signs in once and invalidates the user's other links", async () => {
    const ann = await registeredPerson(app, 'magic-ann');
    const one = await linkTo(ann.email);
    const two = await linkTo(ann.email, 2);
    const { status, body } = await redeem(two);
    expect([status, body.user]).toEqual([200, { id: ann.id, email: ann.email, name: 'magic-ann' }]);
    expect((await app.client().as(body.accessToken).get('/account')).body.id).toBe(ann.id);
    expect((await app.client().post('/auth/token', { refreshToken: body.refreshToken })).status).toBe(200);
    for (const token of [one, two]) expect(outcome(await redeem(token))).toEqual(DEAD);
    // A magic link is an additional way to sign in and ends no session.
    expect((await ann.client.get('/account')).status).toBe(200);
  });

  it('enters the only organization, offers a choice between several, or enters the requested one', async () => {
    const one = await newMember(app, staff, first, 'user', 'magic-one', registeredPerson);
    expect((await redeem(await linkTo(one.email))).body.organization.id).toBe(first.id);

    const both = await newMember(app, staff, first, 'user', 'magic-both', registeredPerson);
    await staff.client.post(`${second.path}/members`, { userId: both.id, role: 'manager' });
    const choice = await redeem(await linkTo(both.email));
    expect(outcome(choice)).toEqual([403, 'auth.organization_selection_required']);
    expect(choice.body.organizations.map(({ id }: Organization) => id).sort()).toEqual([first.id, second.id].sort());
    const { selectionToken } = choice.body;
    const chosen = await app.client().post('/auth/select-organization', { selectionToken, organizationId: second.id });
    expect(chosen.body.organization.id).toBe(second.id);

    const asked = await redeem(await linkTo(both.email, 2, second.id));
    expect(claimsOf(asked.body.accessToken)).toMatchObject({ org_id: second.id, org_role: 'manager' });
    const overridden = await redeem(await linkTo(both.email, 3, second.id), first.id);
    expect(overridden.body.organization.id).toBe(first.id);
  });

  it('stays valid when it names an organization without the user, which is ignored', async () => {
    const one = await newMember(app, staff, first, 'user', 'magic-wish', registeredPerson);
    const token = await linkTo(one.email, 1, second.id);
    expect(outcome(await redeem(token, second.id))).toEqual([404, 'organizations.not_found']);
    expect((await redeem(token)).body.organization.id).toBe(first.id);
  });

  it('is not mailed to an address without an account, a blocked user, or a pending registration', async () => {
    const blocked = await registeredPerson(app, 'magic-blocked');
    await block(blocked.email);
    const waiting = 'magic-waiting@people.example';
    await app.client().post('/auth/register', { email: waiting, password: PASSWORD, name: 'Waiting' });
    const known = await registeredPerson(app, 'magic-known');
    const answers = [];
    for (const email of [known.email, blocked.email, waiting, 'magic-nobody@people.example']) {
      const { status, body } = await ask(email);
      answers.push(JSON.stringify([status, body]));
    }
    expect(new Set(answers)).toEqual(new Set([JSON.stringify([202, { status: 'mail_sent' }])]));
    for (const [email, count] of [
      [blocked.email, 2],
      [waiting, 2],
      ['magic-nobody@people.example', 1],
    ] as const) {
      const mail = (await mailsTo(app, email, count)).at(-1);
      expect([mail?.subject, /token=/.test(mail?.text ?? '')]).toEqual(['No account for this address at Demo', false]);
    }
    // The password that a stranger chose for the registration never becomes the account's password.
    const { rows } = await app.sql.query('select 1 from users where email = $1', [waiting]);
    expect(rows).toEqual([]);
  });

  it('admits a user whom staff added, without a password that another person prepared', async () => {
    const email = 'magic-named@people.example';
    await staff.client.at(app.origin).post('/api/v1/operators', { slug: 'magic-op', name: 'Magic', adminEmail: email });
    const client = app.client('magic-op');
    await client.post('/auth/register', { email, password: PASSWORD, name: 'Stranger' });
    const verification = await tokenMailedTo(app, email, 1, /^Confirm/);
    await client.post('/auth/magic-link', { email });
    const token = await tokenMailedTo(app, email, 1, /^Sign in/);
    const { body } = await client.post('/auth/magic-link/redeem', { token });
    expect([body.user.name, claimsOf(body.accessToken).op_role]).toEqual([email, 'admin']);
    expect(outcome(await client.post('/auth/verify-email', { token: verification, password: PASSWORD }))[0]).toBe(409);
    expect((await client.post('/auth/login', { email, password: PASSWORD })).status).not.toBe(200);
    expect((await client.as(body.accessToken).get('/account')).body.emailVerified).toBe(true);
  });

  it('is refused after ten minutes, for a user blocked since, at another operator, or when truncated', async () => {
    const ann = await registeredPerson(app, 'magic-late');
    const token = await linkTo(ann.email);
    for (const wrong of [`${token}x`, token.slice(1), token.toUpperCase(), 'none']) {
      expect(outcome(await redeem(wrong))).toEqual(DEAD);
    }
    await staff.client.at(app.origin).post('/api/v1/operators', { slug: 'magic', name: 'M', adminEmail: ann.email });
    const elsewhere = await app.client('magic').post('/auth/magic-link/redeem', { token });
    expect(outcome(elsewhere)).toEqual(DEAD);
    const { rows } = await app.sql.query(
      `select extract(epoch from expires_at - created_at)::int as seconds from one_time_tokens where user_id = $1 and purpose = 'magic_link'`,
      [ann.id],
    );
    expect(rows).toEqual([{ seconds: 600 }]);
    await block(ann.email);
    expect(outcome(await redeem(token))).toEqual([403, 'auth.blocked']);
    await app.sql.query('update users set blocked_at = null where id = $1', [ann.id]);
    await app.sql.query('update one_time_tokens set expires_at = now() where user_id = $1', [ann.id]);
    expect(outcome(await redeem(token))).toEqual(DEAD);
  });

  it('has a page that does not use it up, shows the code for the app, and can be declined', async () => {
    const ann = await registeredPerson(app, 'magic-page');
    const token = await linkTo(ann.email);
    for (let visit = 0; visit < 3; visit++) {
      const { status, body } = await page(`magic-link?token=${token}`);
      expect([status, body.includes(token), body.includes(ann.email)]).toEqual([200, true, true]);
    }
    expect((await form('magic-link', { token })).body).toContain('The link has ended');
    expect(outcome(await redeem(token))).toEqual(DEAD);
    expect((await page(`magic-link?token=${token}`)).status).toBe(422);
    expect((await form('magic-link', { token })).body).toContain('no longer valid');
  });

  const inBrowser = (cookie?: string) => ({ headers: { 'trellis-session': 'cookie', ...(cookie && { cookie }) } });
  const visit = async (token: string, cookie?: string): Promise<string> =>
    (
      await app
        .client()
        .get(`${app.origin}/t/demo/magic-link?token=${token}`, { headers: { ...(cookie && { cookie }) } })
    ).body;
  /** Asks for a link as the console does. Returns its token and the cookie that identifies the browser. */
  async function askIn(email: string, before = 1, known?: string) {
    const { status, headers } = await app.client().post('/auth/magic-link', { email }, inBrowser(known));
    expect(status).toBe(202);
    const set = headers.get('set-cookie') ?? '';
    expect(set).toMatch(/^__Host-trellis_sign_in=trb_[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/);
    return { token: await tokenMailedTo(app, email, before + 1), cookie: set.split(';')[0] ?? '' };
  }

  it('signs in with one button in the browser that requested it, and shows the code elsewhere only', async () => {
    const ann = await registeredPerson(app, 'magic-browser');
    const { token, cookie } = await askIn(ann.email);
    const other = await askIn((await registeredPerson(app, 'magic-other-browser')).email);
    const here = await visit(token, cookie);
    expect(here).not.toMatch(/<dd>|enter this code/);
    const buttons = [...here.matchAll(/<a href="([^"]*)"[^>]* class="button">([^<]*)</g)].map(([, ...found]) => found);
    const query = `email=${encodeURIComponent(ann.email)}`;
    expect(buttons).toEqual([[`sign-in?${query}#code=${token}`, 'Sign in']]);
    expect(here).toContain('I did not request this: end the link');
    for (const elsewhere of [undefined, other.cookie, `${cookie}x`, cookie.replace('__Host-', '')]) {
      const body = await visit(token, elsewhere);
      expect([elsewhere, body.includes(`<dd>${token}</dd>`), body.includes('class="button"')]).toEqual([
        elsewhere,
        true,
        false,
      ]);
    }
  });

  it('is redeemed without a question only in the browser that requested it', async () => {
    const ann = await registeredPerson(app, 'magic-question');
    const { token, cookie } = await askIn(ann.email);
    const other = await askIn((await registeredPerson(app, 'magic-no-question')).email);
    const redeemIn = (browser?: string) =>
      app.client().post('/auth/magic-link/redeem', { token, sameBrowser: true }, inBrowser(browser));
    for (const elsewhere of [undefined, other.cookie, cookie.replace('__Host-', '')])
      expect(outcome(await redeemIn(elsewhere))).toEqual([403, 'auth.browser_mismatch']);
    const { status, body } = await redeemIn(cookie);
    expect([status, body.user.id, body.refreshToken]).toEqual([200, ann.id, undefined]);
    expect(outcome(await redeemIn(cookie))).toEqual(DEAD);
  });

  it('keeps the browser over several requests, and is not tied to one where a program or a step-up requests it', async () => {
    const ann = await registeredPerson(app, 'magic-several');
    const one = await askIn(ann.email);
    const two = await askIn(ann.email, 2, one.cookie);
    expect(two.cookie).toBe(one.cookie);
    for (const { token } of [one, two]) expect(await visit(token, one.cookie)).not.toContain('<dd>');
    const { headers } = await app
      .client()
      .post('/auth/magic-link', { email: ann.email }, { headers: { cookie: one.cookie } });
    expect(headers.get('set-cookie')).toBeNull();
    const token = await tokenMailedTo(app, ann.email, 4);
    expect(await visit(token, one.cookie)).toContain(`<dd>${token}</dd>`);
  });

  it('cannot be tied to a browser by a page of another site', async () => {
    for (const [name, value] of [
      ['origin', 'https://evil.example'],
      ['sec-fetch-site', 'cross-site'],
    ] as const) {
      const asked = { headers: { 'trellis-session': 'cookie', [name]: value } };
      const refused = await app.client().post('/auth/magic-link', { email: 'x@people.example' }, asked);
      expect([...outcome(refused), refused.headers.get('set-cookie')]).toEqual([403, 'auth.foreign_origin', null]);
    }
  });

  it('shares the limit of ten mails an hour with other mails to the address', async () => {
    const send = (index: number) =>
      index % 2
        ? ask('often@magic.example')
        : app.client().post('/auth/password/forgot', { email: 'often@magic.example' });
    const answers = await Promise.all(Array.from({ length: 14 }, (_, index) => send(index)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  });
});

describe('an e-mail change', () => {
  const ask = (person: Person, newEmail: string, password: string | undefined = PASSWORD) =>
    person.client.post('/account/email-change', { newEmail, password });
  const confirm = (token: string) => app.client().post('/auth/confirm-email', { token });
  /** Registers a user who requested another address. Returns the tokens of both mails. */
  async function changing(name: string, newEmail = `${name}-new@people.example`) {
    const person = await registeredPerson(app, name);
    expect((await ask(person, newEmail)).status).toBe(202);
    const [current, fresh] = [await tokenMailedTo(app, person.email, 2), await tokenMailedTo(app, newEmail)];
    return { person, newEmail, current, fresh };
  }

  it('takes effect once both addresses confirm, in any order, and invalidates everything older', async () => {
    const { person, newEmail, current, fresh } = await changing('change-ann');
    expect((await person.client.get('/account/email-change')).body).toEqual({
      newEmail,
      currentConfirmed: false,
      newConfirmed: false,
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    const other = await signIn(app, person.email);
    await app.client().post('/auth/password/forgot', { email: person.email });
    const reset = await tokenMailedTo(app, person.email, 3);
    await app.client().post('/auth/magic-link', { email: person.email });
    const magic = await tokenMailedTo(app, person.email, 4);
    await app.client().post('/auth/register', { email: newEmail, password: PASSWORD, name: 'Stranger' });
    const stranger = await tokenMailedTo(app, newEmail, 2);

    expect((await confirm(fresh)).body).toEqual({ status: 'waiting' });
    expect((await person.client.get('/account/email-change')).body).toMatchObject({
      currentConfirmed: false,
      newConfirmed: true,
    });
    expect((await person.client.get('/account')).body.email).toBe(person.email);
    expect(outcome(await confirm(fresh))).toEqual(DEAD);
    expect((await confirm(current)).body).toEqual({ status: 'changed' });

    const account = await person.client.get('/account');
    expect([account.body.email, account.body.emailVerified]).toEqual([newEmail, true]);
    expect((await other.client.at(`${replica.origin}/t/demo/api/v1`).get('/account')).status).toBe(401);
    expect((await signIn(app, newEmail)).id).toBe(person.id);
    await expect(signIn(app, person.email)).rejects.toThrow('auth.invalid_credentials');
    for (const answer of [
      await app.client().post('/auth/password/reset', { token: reset, password: 'another long password' }),
      await app.client().post('/auth/magic-link/redeem', { token: magic }),
      await app.client().post('/auth/verify-email', { token: stranger, password: PASSWORD }),
    ]) {
      expect(outcome(answer)).toEqual(DEAD);
    }
    expect(outcome(await person.client.get('/account/email-change'))).toEqual([404, 'auth.email_change_not_found']);
    const notice = (await mailsTo(app, person.email, 5)).at(-1);
    expect([notice?.subject, notice?.text?.replaceAll('\u200b', '').includes(newEmail)]).toEqual([
      'The address of your account at Demo was changed',
      true,
    ]);
    expect(await eventsOf(person.id)).toEqual(['user.created', 'user.email_changed', 'session.ended']);
  });

  it('frees the old address', async () => {
    const { person, current, fresh } = await changing('change-free');
    await confirm(current);
    await confirm(fresh);
    const again = await registeredPerson(app, 'change-free-again');
    expect((await ask(again, person.email)).status).toBe(202);
    await confirm(await tokenMailedTo(app, again.email, 2));
    // A verification, the change mail and a notice were sent before.
    expect((await confirm(await tokenMailedTo(app, person.email, 4))).body).toEqual({ status: 'changed' });
    expect((await again.client.get('/account')).body.email).toBe(person.email);
  });

  it('requires the password and counts failures like sign-in does', async () => {
    const ann = await registeredPerson(app, 'change-tries');
    expect(outcome(await ann.client.post('/account/email-change', { newEmail: 'x@people.example' }))).toEqual([
      400,
      'validation_failed',
    ]);
    const wrong = await Promise.all(Array.from({ length: 15 }, () => ask(ann, 'x@people.example', 'a wrong password')));
    expect(wrong.filter(({ body }) => body.code === 'auth.wrong_password')).toHaveLength(10);
    expect(wrong.filter(({ body }) => body.code === 'auth.too_many_attempts')).toHaveLength(5);
    await expect(signIn(app, ann.email)).rejects.toThrow('auth.too_many_attempts');
    expect(outcome(await ann.client.get('/account/email-change'))).toEqual([404, 'auth.email_change_not_found']);
  });

  it('requires no password for an account without one', async () => {
    const email = 'change-passwordless@people.example';
    await staff.client.at(app.origin).post('/api/v1/operators', { slug: 'no-word', name: 'No', adminEmail: email });
    const anonymous = app.client('no-word');
    await anonymous.post('/auth/magic-link', { email });
    const { body } = await anonymous.post('/auth/magic-link/redeem', {
      token: await tokenMailedTo(app, email, 1, /^Sign in/),
    });
    const newEmail = 'change-passwordless-new@people.example';
    const asked = await anonymous.as(body.accessToken).post('/account/email-change', { newEmail });
    expect(asked.status).toBe(202);
    await anonymous.post('/auth/confirm-email', { token: await tokenMailedTo(app, email, 1, /^Confirm the change/) });
    const confirmed = await anonymous.post('/auth/confirm-email', { token: await tokenMailedTo(app, newEmail) });
    expect(confirmed.body).toEqual({ status: 'changed' });
  });

  it('to an address that has an account is reported only to its owner', async () => {
    const known = await registeredPerson(app, 'change-known');
    const ann = await registeredPerson(app, 'change-taken');
    const free = await registeredPerson(app, 'change-to-free');
    const [taken, open] = [await ask(ann, known.email), await ask(free, 'change-nobody@people.example')];
    const shape = ({ status, body }: Answer) => [status, { ...body, newEmail: '', createdAt: '', expiresAt: '' }];
    expect(shape(taken)).toEqual(shape(open));
    const mail = (await mailsTo(app, known.email, 2)).at(-1);
    expect([mail?.subject, /token=/.test(mail?.text ?? '')]).toEqual([
      'This address already has an account at Demo',
      false,
    ]);
    expect((await confirm(await tokenMailedTo(app, ann.email, 2))).body).toEqual({ status: 'waiting' });
    expect(outcome(await ask(ann, ann.email.toUpperCase()))).toEqual([422, 'auth.email_unchanged']);
  });

  it('succeeds for one of two users who confirm the same address, and the other can request another one', async () => {
    const newEmail = 'change-raced@people.example';
    const [one, two] = [await registeredPerson(app, 'change-racer-1'), await registeredPerson(app, 'change-racer-2')];
    for (const person of [one, two]) {
      await ask(person, newEmail);
      expect((await confirm(await tokenMailedTo(app, person.email, 2))).status).toBe(200);
    }
    const tokens = (await mailsTo(app, newEmail, 2)).map(({ text }) => /token=([\w-]+)/.exec(text ?? '')?.[1] ?? '');
    const answers = await Promise.all([
      confirm(tokens[0] ?? ''),
      app.client().post(`${replica.origin}/t/demo/api/v1/auth/confirm-email`, { token: tokens[1] }),
    ]);
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['200', '409 users.email_taken']));
    const loser = answers[0].status === 200 ? two : one;
    expect((await loser.client.get('/account')).body.email).toBe(loser.email);
    expect(outcome(await loser.client.get('/account/email-change'))).toEqual([404, 'auth.email_change_not_found']);
    expect((await ask(loser, 'change-raced-2@people.example')).status).toBe(202);
  });

  it('takes effect when both addresses confirm at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const { person, newEmail, current, fresh } = await changing(`change-same-${round}`);
      const answers = await Promise.all([confirm(current), confirm(fresh)]);
      expect(new Set(answers.map(({ body }) => body.status))).toEqual(new Set(['changed', 'waiting']));
      expect((await person.client.get('/account')).body.email).toBe(newEmail);
    }
  });

  it('can be cancelled, and is replaced by the next request', async () => {
    const { person, current, fresh } = await changing('change-off');
    expect((await person.client.delete('/account/email-change')).status).toBe(204);
    expect(outcome(await person.client.delete('/account/email-change'))).toEqual([404, 'auth.email_change_not_found']);
    for (const token of [current, fresh]) expect(outcome(await confirm(token))).toEqual(DEAD);

    await ask(person, 'change-off-2@people.example');
    const older = [await tokenMailedTo(app, person.email, 3), await tokenMailedTo(app, 'change-off-2@people.example')];
    await confirm(older[0] ?? '');
    expect((await ask(person, 'change-off-3@people.example')).body.currentConfirmed).toBe(false);
    for (const token of older) expect(outcome(await confirm(token))).toEqual(DEAD);
    await confirm(await tokenMailedTo(app, person.email, 4));
    expect((await confirm(await tokenMailedTo(app, 'change-off-3@people.example'))).body.status).toBe('changed');
  });

  it('compares addresses as registration does', async () => {
    const ann = await registeredPerson(app, 'change-form');
    const { body } = await ask(ann, ' Change-Form-\ufb01x@People.Example ');
    expect(body.newEmail).toBe('change-form-fix@people.example');
    const taken = await registeredPerson(app, 'change-form-taken');
    await ask(ann, taken.email.toUpperCase());
    expect((await mailsTo(app, taken.email, 2)).at(-1)?.subject).toContain('has an account');
  });

  it('expires after a day and is refused for a blocked user', async () => {
    const { person, current, fresh } = await changing('change-late');
    await confirm(current);
    await block(person.email);
    expect(outcome(await confirm(fresh))).toEqual(DEAD);
    await app.sql.query('update users set blocked_at = null where id = $1', [person.id]);
    await app.sql.query('update email_changes set expires_at = now() where user_id = $1', [person.id]);
    expect(outcome(await confirm(fresh))).toEqual(DEAD);
    expect(outcome(await person.client.get('/account/email-change'))).toEqual([404, 'auth.email_change_not_found']);
    await app.app.get(AuthCleanupJob, { strict: false }).run();
    expect((await app.sql.query('select 1 from email_changes where user_id = $1', [person.id])).rows).toEqual([]);
  });

  it('has a page for each link that does not use it up and shows a stranger no other address', async () => {
    const { person, newEmail, current, fresh } = await changing('change-page');
    for (let visit = 0; visit < 2; visit++) {
      expect((await page(`confirm-email?token=${current}`)).body).toContain(newEmail);
      expect((await page(`confirm-email?token=${fresh}`)).body).not.toContain(person.email);
    }
    expect((await mailsTo(app, newEmail)).at(-1)?.text).not.toContain(person.email);
    expect((await form('confirm-email', { token: current })).body).toContain('as soon as the other address');
    expect((await form('confirm-email', { token: fresh })).body).toContain('The address was changed');
    expect((await form('confirm-email', { token: fresh })).body).toContain('no longer valid');
    expect((await person.client.get('/account')).body.email).toBe(newEmail);
  });
});
