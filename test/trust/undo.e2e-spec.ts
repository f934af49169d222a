import { createHmac } from 'node:crypto';
import { Authenticator } from '../support/authenticator.js';
import type { Answer } from '../support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signIn, signInAdmin, tokenMailedTo } from '../support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';

let app: TestApp;
let replica: TestServer;

beforeAll(async () => {
  app = await startTestApp();
  replica = await app.replica();
  await signInAdmin(app);
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const NEW_PASSWORD = 'a password that a thief chose';
const outcome = ({ status, body }: Answer) => [status, body?.code];
const form = (path: string, fields: Record<string, string>, origin = app.origin): Promise<Answer> =>
  app.client().post(`${origin}/t/demo/${path}`, new URLSearchParams(fields).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
const page = (path: string): Promise<Answer> => app.client().get(`${app.origin}/t/demo/${path}`);
const undo = (token: string, origin = app.origin): Promise<Answer> => form('undo', { token }, origin);
const login = (email: string, password = PASSWORD): Promise<Answer> =>
  app.client().post('/auth/login', { email, password });
const isLive = async ({ client }: Person): Promise<boolean> => (await client.get('/account')).status === 200;
const elsewhere = ({ client }: Person) => client.at(`${replica.origin}/t/demo/api/v1`);

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function codeOf(secret: string): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function addPasskey(person: Person, name = 'Passkey'): Promise<Authenticator> {
  const authenticator = new Authenticator(BASE_URL);
  const options = await person.client.post('/account/passkeys/options');
  const added = await person.client.post('/account/passkeys', { credential: authenticator.create(options.body), name });
  expect(added.status).toBe(201);
  return authenticator;
}

async function addTotp(person: Person): Promise<void> {
  const { body } = await person.client.post('/account/mfa/totp');
  expect((await person.client.post('/account/mfa/totp/confirm', { code: codeOf(body.secret) })).status).toBe(200);
}

async function byPasskey(authenticator: Authenticator, user: Person): Promise<Answer> {
  const options = await app.client().post('/auth/passkeys/options', {});
  const userHandle = Buffer.from(user.id.replaceAll('-', ''), 'hex').toString('base64url');
  const credential = authenticator.get(options.body, { userHandle });
  return app.client().post('/auth/passkeys/verify', { credential });
}

const undoToken = (person: { email: string }, subject: RegExp): Promise<string> =>
  tokenMailedTo(app, person.email, 1, subject);

describe('a thief with a stolen session', () => {
  it('adds a passkey: the notice undoes it, and ends the session that added it and those opened since', async () => {
    const owner = await newPerson(app, 'undo-passkey');
    const stolen = await signIn(app, owner.email);
    const thief = await addPasskey(stolen);
    const opened = await byPasskey(thief, owner);
    expect(opened.status).toBe(200);
    const token = await undoToken(owner, /^A passkey was added/);
    const shown = await page(`undo?token=${token}`);
    expect([shown.status, String(shown.body)]).toEqual([200, expect.stringContaining('A passkey was added')]);
    expect((await byPasskey(thief, owner)).status).toBe(200);

    expect((await undo(token)).status).toBe(200);
    expect((await byPasskey(thief, owner)).status).toBe(401);
    expect(await isLive(stolen)).toBe(false);
    expect((await elsewhere(stolen).get('/account')).status).toBe(401);
    expect((await app.client().as(opened.body.accessToken).get('/account')).status).toBe(401);
    expect(await isLive(owner)).toBe(true);
    expect((await login(owner.email)).body).toHaveProperty('accessToken');
    expect((await owner.client.get('/account/mfa')).body).toMatchObject({ enrolled: false, recoveryCodesLeft: 0 });
    expect((await undo(token)).status).toBe(422);
    expect((await page(`undo?token=${token}`)).status).toBe(422);
  });

  it('adds an authenticator app, and makes recovery codes: each notice undoes its own change', async () => {
    const owner = await newPerson(app, 'undo-totp');
    const stolen = await signIn(app, owner.email);
    await addTotp(stolen);
    expect((await stolen.client.post('/account/mfa/recovery-codes')).status).toBe(201);
    const codes = await undoToken(owner, /^New recovery codes/);
    expect((await undo(codes)).status).toBe(200);
    expect((await owner.client.get('/account/mfa')).body).toMatchObject({ totp: true, recoveryCodesLeft: 0 });
    expect(await isLive(stolen)).toBe(false);
    expect((await undo(await undoToken(owner, /^An authenticator app was added/))).status).toBe(200);
    expect((await owner.client.get('/account/mfa')).body).toMatchObject({ enrolled: false, totp: false });
  });

  it('leaves no way back by an undo of an app that its owner added later', async () => {
    const owner = await newPerson(app, 'undo-later');
    await addTotp(owner);
    const first = await undoToken(owner, /^An authenticator app was added/);
    await owner.client.delete('/account/mfa/totp');
    await addTotp(owner);
    expect((await undo(first)).status).toBe(200);
    expect((await app.sql.query('select 1 from totp_factors where user_id = $1', [owner.id])).rows).toHaveLength(1);
  });

  it('changes the address, and the password too: the old address gets everything back', async () => {
    const owner = await newPerson(app, 'undo-address');
    const thief = await signIn(app, owner.email);
    const newEmail = 'thief-of-address@people.example';
    expect((await thief.client.post('/account/email-change', { newEmail, password: PASSWORD })).status).toBe(202);
    for (const address of [owner.email, newEmail]) {
      const link = await tokenMailedTo(app, address, 1, /^Confirm (the change|your new)/);
      expect((await app.client().post('/auth/confirm-email', { token: link })).status).toBe(200);
    }
    await app.client().post('/auth/password/forgot', { email: newEmail });
    const reset = await tokenMailedTo(app, newEmail, 1, /^Choose a new/);
    expect((await app.client().post('/auth/password/reset', { token: reset, password: NEW_PASSWORD })).status).toBe(
      204,
    );
    const thiefsUndo = await undoToken({ email: newEmail }, /^Your password was changed/);
    const token = await undoToken(owner, /^The address of your account/);

    expect((await undo(token)).status).toBe(200);
    expect((await login(newEmail, NEW_PASSWORD)).status).toBe(401);
    expect((await login(owner.email, NEW_PASSWORD)).status).toBe(401);
    expect((await undo(thiefsUndo)).status).toBe(422);
    const told = (await mailsTo(app, newEmail, 1, /^The address of your account/)).at(-1);
    expect(told?.text).not.toContain('token=');
    const link = await tokenMailedTo(app, owner.email, 1, /^Choose a new/);
    expect((await app.client().post('/auth/password/reset', { token: link, password: PASSWORD })).status).toBe(204);
    expect((await login(owner.email)).body.user.id).toBe(owner.id);
  });

  it('resets the password: the notice makes it useless, ends all sessions and mails a link', async () => {
    const owner = await newPerson(app, 'undo-password');
    await app.client().post('/auth/password/forgot', { email: owner.email });
    const reset = await tokenMailedTo(app, owner.email, 1, /^Choose a new/);
    await app.client().post('/auth/password/reset', { token: reset, password: NEW_PASSWORD });
    const thief = await signIn(app, owner.email, NEW_PASSWORD);
    const token = await undoToken(owner, /^Your password was changed/);
    expect((await undo(token)).status).toBe(200);
    expect(await isLive(thief)).toBe(false);
    expect((await login(owner.email, NEW_PASSWORD)).status).toBe(401);
    expect((await login(owner.email)).status).toBe(401);
    const link = await tokenMailedTo(app, owner.email, 2, /^Choose a new/);
    expect((await app.client().post('/auth/password/reset', { token: link, password: PASSWORD })).status).toBe(204);
    expect((await login(owner.email)).status).toBe(200);
    const { rows } = await app.sql.query(
      `select after from operator_events where type = 'user.change_undone' and subject_id = $1`,
      [owner.id],
    );
    expect(rows).toEqual([{ after: { change: 'password_changed' } }]);
  });
});

describe('an undo link', () => {
  it('works once, of fifty at once on two servers', async () => {
    const owner = await newPerson(app, 'undo-fifty');
    await addPasskey(owner);
    const token = await undoToken(owner, /^A passkey was added/);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => undo(token, index % 2 ? app.origin : replica.origin)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(49);
  });

  it('is stored as a hash, is valid for seven days, and is refused elsewhere or for another purpose', async () => {
    const owner = await newPerson(app, 'undo-stored');
    await addPasskey(owner);
    const token = await undoToken(owner, /^A passkey was added/);
    const { rows } = await app.sql.query(
      `select extract(epoch from expires_at - created_at)::int as seconds, t::text like '%' || $2 || '%' as plain
       from one_time_tokens t where user_id = $1 and purpose = 'undo'`,
      [owner.id, token],
    );
    expect(rows).toEqual([{ seconds: 7 * 24 * 3600, plain: false }]);
    expect(outcome(await app.client().post('/auth/magic-link/redeem', { token }))[0]).toBe(422);
    expect(outcome(await app.client().post('/auth/password/reset', { token, password: PASSWORD }))[0]).toBe(422);
    await app.sql.query(`update one_time_tokens set expires_at = now() where user_id = $1`, [owner.id]);
    expect((await undo(token)).status).toBe(422);
    expect((await owner.client.get('/account/passkeys')).body.items).toHaveLength(1);
  });
});

describe('resetting the password by mail', () => {
  const resetLink = async (email: string): Promise<string> => {
    await app.client().post('/auth/password/forgot', { email });
    return tokenMailedTo(app, email, 1, /^Choose a new/);
  };

  it('lists the factors of the last seven days, and removes them when told to', async () => {
    const owner = await newPerson(app, 'reset-recent');
    const thief = await addPasskey(await signIn(app, owner.email), 'Key of a thief');
    const token = await resetLink(owner.email);
    const { body } = await page(`reset-password?token=${token}`);
    expect(String(body)).toContain('Key of a thief');
    const done = await form('reset-password', { token, password: NEW_PASSWORD, recentFactors: 'remove' });
    expect(done.status).toBe(200);
    expect((await byPasskey(thief, owner)).status).toBe(401);
    expect((await login(owner.email, NEW_PASSWORD)).body).toHaveProperty('accessToken');
  });

  it('keeps them when told to, and those that are older in any case', async () => {
    const owner = await newPerson(app, 'reset-older');
    await addPasskey(owner, 'Old key');
    await app.sql.query(`update passkeys set created_at = now() - interval '8 days' where user_id = $1`, [owner.id]);
    const session = (await signIn(app, owner.email).catch(() => null)) ?? owner;
    const token = await resetLink(session.email);
    expect(String((await page(`reset-password?token=${token}`)).body)).not.toContain('Old key');
    const input = { token, password: NEW_PASSWORD, removeRecentFactors: true };
    expect((await app.client().post('/auth/password/reset', input)).status).toBe(204);
    expect((await login(owner.email, NEW_PASSWORD)).body).toMatchObject({ mfaRequired: true });

    const other = await newPerson(app, 'reset-kept');
    await addPasskey(other, 'My key');
    const link = await resetLink(other.email);
    expect((await form('reset-password', { token: link, password: NEW_PASSWORD, recentFactors: 'keep' })).status).toBe(
      200,
    );
    expect((await login(other.email, NEW_PASSWORD)).body).toMatchObject({ mfaRequired: true });
  });
});
