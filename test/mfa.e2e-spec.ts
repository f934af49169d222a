import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Authenticator } from './support/authenticator.js';
import type { Answer } from './support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signIn, signInAdmin, tokenMailedTo } from './support/people.js';
import { BASE_URL, startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let second: TestServer;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const outcome = ({ status, body }: Answer): [number, string?] =>
  body?.code === undefined ? [status] : [status, body.code];
const secondBase = (): string => `${second.origin}/t/demo/api/v1`;
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const currentStep = (): number => Math.floor(Date.now() / 30_000);

/** Computes a code as RFC 6238 describes it, independently of the product's library. */
function codeAt(secret: string, step: number): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

interface App {
  secret: string;
  recoveryCodes: string[];
}

let made = 0;
const createPerson = (name = 'person'): Promise<Person> => newPerson(app, `${name}-${++made}`);

/** Backdates the steps used so far, as if time had passed. */
const later = (person: Person) =>
  app.sql.query('update totp_factors set last_step = 0 where user_id = $1', [person.id]);
const resetAttempts = () =>
  app.sql.query(`delete from attempts where key like 'code_attempts%' or key like 'password_attempts%'`);

async function enrolTotp(person: Person): Promise<App> {
  const { status, body } = await person.client.post('/account/mfa/totp');
  expect(status).toBe(201);
  const confirmed = await person.client.post('/account/mfa/totp/confirm', { code: codeAt(body.secret, currentStep()) });
  expect(outcome(confirmed)).toEqual([200]);
  return { secret: body.secret, recoveryCodes: confirmed.body.recoveryCodes };
}

async function enrolPasskey(person: Person, name?: string): Promise<{ authenticator: Authenticator; body: any }> {
  const authenticator = new Authenticator(BASE_URL);
  const options = await person.client.post('/account/passkeys/options');
  expect(options.status).toBe(200);
  const added = await person.client.post('/account/passkeys', { credential: authenticator.create(options.body), name });
  expect(outcome(added)).toEqual([201]);
  return { authenticator, body: added.body };
}

const login = (email: string, organizationId?: string): Promise<Answer> =>
  app.client().post('/auth/login', { email, password: PASSWORD, organizationId });

async function mfaToken(person: Person): Promise<string> {
  const { status, body } = await login(person.email);
  expect([status, body.mfaRequired]).toEqual([200, true]);
  return body.mfaToken;
}

const complete = (token: string, answer: object, client = app.client()): Promise<Answer> =>
  client.post('/auth/mfa', { mfaToken: token, ...answer });

/** Counts the answers by outcome. */
function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = outcome(answer).join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('an authenticator app', () => {
  it('is enrolled with a QR code and a first code, and returns ten recovery codes', async () => {
    const person = await createPerson();
    const { body } = await person.client.post('/account/mfa/totp');
    expect(body).toMatchObject({ method: 'totp', secret: expect.stringMatching(/^[A-Z2-7]{32}$/) });
    const uri = new URL(body.uri);
    expect([uri.protocol, uri.host, uri.searchParams.get('secret')]).toEqual(['otpauth:', 'totp', body.secret]);
    expect(decodeURIComponent(uri.pathname)).toMatch(new RegExp(`^/.+:${person.email}$`));
    expect(Buffer.from(body.qrCode.replace('data:image/png;base64,', ''), 'base64').subarray(1, 4).toString()).toBe(
      'PNG',
    );

    // An unconfirmed factor does not count.
    expect((await person.client.get('/account/mfa')).body).toEqual({
      enrolled: false,
      totp: false,
      passkeys: 0,
      recoveryCodesLeft: 0,
    });
    expect((await login(person.email)).body).toHaveProperty('accessToken');
    const wrong = codeAt(body.secret, currentStep() + 50);
    expect(outcome(await person.client.post('/account/mfa/totp/confirm', { code: wrong }))).toEqual([
      403,
      'auth.wrong_code',
    ]);
    const confirmed = await person.client.post('/account/mfa/totp/confirm', {
      code: codeAt(body.secret, currentStep()),
    });
    expect(new Set(confirmed.body.recoveryCodes).size).toBe(10);
    for (const code of confirmed.body.recoveryCodes)
      expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
    expect((await person.client.get('/account/mfa')).body).toMatchObject({
      enrolled: true,
      totp: true,
      recoveryCodesLeft: 10,
    });
    expect(outcome(await person.client.post('/account/mfa/totp'))).toEqual([409, 'auth.totp_already_enrolled']);

    // Neither the secret nor a code is stored in plain text.
    const stored = await app.sql.query(
      `select secret as text from totp_factors where user_id = $1 union all select code_hash from recovery_codes where user_id = $1`,
      [person.id],
    );
    const all = stored.rows.map(({ text }) => text).join(' ');
    for (const code of [body.secret, ...confirmed.body.recoveryCodes]) expect(all).not.toContain(code);
    expect(stored.rows).toHaveLength(11);
  });

  it('is requested after a password sign-in and after a magic link', async () => {
    const person = await createPerson();
    const { secret } = await enrolTotp(person);
    const { status, body } = await login(person.email);
    expect(status).toBe(200);
    expect(body).toEqual({
      mfaRequired: true,
      mfaToken: expect.stringMatching(/^trt_/),
      methods: ['totp', 'recovery_code'],
      enrolment: [],
    });
    await later(person);
    expect(outcome(await complete(body.mfaToken, { code: codeAt(secret, currentStep() + 9) }))).toEqual([
      401,
      'auth.invalid_code',
    ]);
    // As many apps show it.
    const typed = codeAt(secret, currentStep()).replace(/^.../, '$& ');
    const answer = await complete(body.mfaToken, { code: typed });
    expect(answer.body).toMatchObject({ tokenType: 'Bearer', user: { id: person.id } });
    expect(claimsOf(answer.body.accessToken).amr).toEqual(['pwd', 'otp', 'mfa']);
    const signedIn = app.client().as(answer.body.accessToken);
    const { items } = (await signedIn.get('/account/sessions')).body;
    expect(items.find(({ current }: { current: boolean }) => current)).toMatchObject({
      method: 'password',
      factors: ['totp'],
    });

    await app.client().post('/auth/magic-link', { email: person.email });
    const token = await tokenMailedTo(app, person.email, 1, /^Sign in to/);
    expect((await app.client().post('/auth/magic-link/redeem', { token })).body).toMatchObject({ mfaRequired: true });
  });

  it('accepts each code once, even across two servers', async () => {
    const person = await createPerson();
    const { secret } = await enrolTotp(person);
    // The code that confirmed the enrollment is already used.
    expect(outcome(await complete(await mfaToken(person), { code: codeAt(secret, currentStep()) }))).toEqual([
      401,
      'auth.invalid_code',
    ]);
    await later(person);
    const tokens = await Promise.all(Array.from({ length: 4 }, () => mfaToken(person)));
    const there = app.client().at(secondBase());
    await resetAttempts();
    const code = codeAt(secret, currentStep());
    const answers = await Promise.all(
      tokens.map((token, i) => complete(token, { code }, i % 2 ? there : app.client())),
    );
    expect(tally(answers)).toEqual({ '200': 1, '401 auth.invalid_code': 3 });
  });

  it('accepts codes at most half a minute early or late, and none older than the last one used', async () => {
    const person = await createPerson();
    const { secret } = await enrolTotp(person);
    const there = app.client().at(secondBase());
    const show = async (step: number, client = app.client()) => {
      await resetAttempts();
      return outcome(await complete(await mfaToken(person), { code: codeAt(secret, step) }, client));
    };
    await later(person);
    // Avoids crossing the end of a step.
    const left = 30_000 - (Date.now() % 30_000);
    if (left < 8_000) await sleep(left + 50);
    const now = currentStep();
    for (const drift of [-2, 2, 10, -10])
      expect([drift, ...(await show(now + drift))]).toEqual([drift, 401, 'auth.invalid_code']);
    expect(await show(now - 1)).toEqual([200]);
    expect(await show(now - 1, there)).toEqual([401, 'auth.invalid_code']);
    expect(await show(now + 1, there)).toEqual([200]);
    for (const used of [now - 1, now, now + 1]) expect(await show(used)).toEqual([401, 'auth.invalid_code']);
    // A code used to sign in cannot be used again for a step-up.
    expect(outcome(await person.client.post('/account/step-up', { code: codeAt(secret, now + 1) }))).toEqual([
      403,
      'auth.wrong_code',
    ]);
  });

  it('allows five guesses per quarter of an hour across two servers', async () => {
    const person = await createPerson();
    const { secret } = await enrolTotp(person);
    const token = await mfaToken(person);
    await later(person);
    await resetAttempts();
    const there = app.client().at(secondBase());
    const wrong = codeAt(secret, currentStep() + 77);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => complete(token, { code: wrong }, i % 2 ? there : app.client())),
    );
    expect(tally(answers)).toEqual({ '401 auth.invalid_code': 5, '429 auth.too_many_attempts': 35 });
    expect(outcome(await complete(token, { code: codeAt(secret, currentStep()) }))).toEqual([
      429,
      'auth.too_many_attempts',
    ]);
  });

  it('can be removed together with its recovery codes', async () => {
    const person = await createPerson();
    await enrolTotp(person);
    expect(outcome(await person.client.delete('/account/mfa/totp'))).toEqual([204]);
    expect((await person.client.get('/account/mfa')).body).toMatchObject({ enrolled: false, recoveryCodesLeft: 0 });
    expect(outcome(await person.client.delete('/account/mfa/totp'))).toEqual([404, 'auth.totp_not_found']);
    expect((await login(person.email)).body).toHaveProperty('accessToken');
  });
});

describe('a recovery code', () => {
  it('replaces the second factor once, in any spelling, even across two servers', async () => {
    const person = await createPerson();
    const { recoveryCodes } = await enrolTotp(person);
    const [code = '', other = ''] = recoveryCodes;
    const tokens = await Promise.all(Array.from({ length: 5 }, () => mfaToken(person)));
    await resetAttempts();
    const there = app.client().at(secondBase());
    const answers = await Promise.all(
      tokens.map((token, i) => complete(token, { recoveryCode: code }, i % 2 ? there : app.client())),
    );
    expect(tally(answers)).toEqual({ '200': 1, '401 auth.invalid_code': 4 });
    await resetAttempts();
    const typed = ` ${other.toUpperCase().replace('-', '  ')}`;
    expect(outcome(await complete(await mfaToken(person), { recoveryCode: typed }))).toEqual([200]);
    expect((await person.client.get('/account/mfa')).body.recoveryCodesLeft).toBe(8);

    const renewed = await person.client.post('/account/mfa/recovery-codes');
    expect(outcome(renewed)).toEqual([201]);
    expect(outcome(await complete(await mfaToken(person), { recoveryCode: recoveryCodes[5] }))).toEqual([
      401,
      'auth.invalid_code',
    ]);
    expect(outcome(await complete(await mfaToken(person), { recoveryCode: renewed.body.recoveryCodes[0] }))).toEqual([
      200,
    ]);
  });

  it('is not issued to users without a second factor', async () => {
    const person = await createPerson();
    expect(outcome(await person.client.post('/account/mfa/recovery-codes'))).toEqual([409, 'auth.mfa_not_enrolled']);
  });
});

describe('the MFA token', () => {
  it('is bound to its operator, lasts ten minutes, and accepts exactly one answer', async () => {
    const person = await createPerson();
    const { secret } = await enrolTotp(person);
    await later(person);
    const token = await mfaToken(person);
    const code = codeAt(secret, currentStep());
    for (const answer of [{}, { code, recoveryCode: 'x7k2m-9qd3f' }])
      expect(outcome(await complete(token, answer))).toEqual([400, 'validation_failed']);
    await app.sql.query(`update one_time_tokens set expires_at = now() where purpose = 'mfa' and user_id = $1`, [
      person.id,
    ]);
    expect(outcome(await complete(token, { code }))).toEqual([422, 'auth.invalid_one_time_token']);
    expect(outcome(await complete('trt_nothing', { code }))).toEqual([422, 'auth.invalid_one_time_token']);
    // It is neither an access token nor a selection token.
    const fresh = await mfaToken(person);
    expect(outcome(await app.client().as(fresh).get('/account'))).toEqual([401, 'auth.invalid_token']);
    expect(
      outcome(
        await app.client().post('/auth/select-organization', { selectionToken: fresh, organizationId: person.id }),
      ),
    ).toEqual([422, 'auth.invalid_one_time_token']);
  });

  it('does not let a user with only a password enroll a new factor', async () => {
    const person = await createPerson();
    await enrolTotp(person);
    const token = await mfaToken(person);
    const enrol = (method: string) => app.client().post('/auth/mfa/enrolment', { mfaToken: token, method });
    expect(outcome(await enrol('totp'))).toEqual([409, 'auth.mfa_already_enrolled']);
    expect(outcome(await enrol('passkey'))).toEqual([409, 'auth.mfa_already_enrolled']);
    const challenge = Buffer.from('trt_made_up').toString('base64url');
    const credential = new Authenticator(BASE_URL).create({ challenge });
    expect(outcome(await complete(token, { credential }))).toEqual([401, 'auth.invalid_code']);
  });
});

describe('a passkey', () => {
  it('signs in without a password and counts as two factors', async () => {
    const person = await createPerson();
    const organization = await newOrganization(staff, `Passkeys ${made}`, person);
    const { authenticator, body } = await enrolPasskey(person, 'Laptop');
    expect(body).toMatchObject({ name: 'Laptop', synced: false, lastUsedAt: null });
    expect(body.recoveryCodes).toHaveLength(10);

    const options = (await app.client().post('/auth/passkeys/options', {})).body;
    expect(options).toMatchObject({ rpId: 'trellis.test', userVerification: 'required' });
    expect(options.allowCredentials ?? []).toEqual([]);
    const credential = authenticator.get(options);
    const verify = (answer: object, client = app.client()) =>
      client.post('/auth/passkeys/verify', { credential: answer, organizationId: organization.id });
    const there = app.client().at(secondBase());
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => verify(credential, i % 2 ? there : app.client())),
    );
    expect(tally(answers)).toEqual({ '200': 1, '401 auth.passkey_invalid': 11 });
    const { accessToken } = answers.find(({ status }) => status === 200)?.body ?? {};
    expect(claimsOf(accessToken)).toMatchObject({ org_id: organization.id, amr: ['hwk', 'user', 'mfa'] });
    const { items } = (await person.client.get('/account/passkeys')).body;
    expect(items).toEqual([expect.objectContaining({ name: 'Laptop', lastUsedAt: expect.any(String) })]);
  });

  it.each<[string, Parameters<Authenticator['get']>[1]]>([
    ['for another site', { origin: 'https://evil.example' }],
    ['of another site', { rpId: 'evil.example' }],
    ['signed with another key', { forged: true }],
    ['without verifying the user', { verified: false }],
    ['whose counter does not advance', { stuck: true }],
    ['whose counter goes backwards', { counter: 0 }],
    ['without user presence', { absent: true }],
    ['with another ceremony type', { type: 'webauthn.create' }],
    ['with the user handle of another user', { userHandle: Buffer.alloc(16, 7).toString('base64url') }],
    ['with a malformed user handle', { userHandle: 'nobody' }],
  ])('is refused when it answers %s', async (_, quirks) => {
    const person = await createPerson();
    const { authenticator } = await enrolPasskey(person);
    const ask = async () => (await app.client().post('/auth/passkeys/options', {})).body;
    const verify = (credential: object) => app.client().post('/auth/passkeys/verify', { credential });
    const userHandle = Buffer.from(person.id.replaceAll('-', ''), 'hex').toString('base64url');
    expect(outcome(await verify(authenticator.get(await ask(), { counter: 5, userHandle })))).toEqual([200]);
    expect(outcome(await verify(authenticator.get(await ask(), quirks)))).toEqual([401, 'auth.passkey_invalid']);
    expect(outcome(await verify(authenticator.get(await ask(), { counter: 6 })))).toEqual([200]);
  });

  it('is refused with an unknown, expired or malformed challenge', async () => {
    const person = await createPerson();
    const { authenticator } = await enrolPasskey(person);
    const verify = (credential: unknown) => app.client().post('/auth/passkeys/verify', { credential });
    const own = { challenge: Buffer.from(`trt_${'A'.repeat(43)}`).toString('base64url') };
    expect(outcome(await verify(authenticator.get(own)))).toEqual([401, 'auth.passkey_invalid']);
    const old = (await app.client().post('/auth/passkeys/options', {})).body;
    await app.sql.query(`update one_time_tokens set expires_at = now() where purpose = 'passkey_sign_in'`);
    expect(outcome(await verify(authenticator.get(old)))).toEqual([401, 'auth.passkey_invalid']);
    for (const nonsense of [{}, { id: 7, response: null }, { response: { clientDataJSON: 'bnVsbA' } }])
      expect(outcome(await verify(nonsense))).toEqual([401, 'auth.passkey_invalid']);
    for (const nonsense of ['text', null, undefined, [1]])
      expect((await verify(nonsense)).status).toBeGreaterThanOrEqual(400);
  });

  it('is refused with a challenge of another kind, another user or another operator', async () => {
    const [person, other] = [await createPerson(), await createPerson()];
    const { authenticator } = await enrolPasskey(person);
    await enrolPasskey(other);
    const root = staff.client.at(`${app.origin}/api/v1`);
    const slug = 'elsewhere';
    await root.post('/operators', { slug, name: 'Elsewhere', adminEmail: 'boss@elsewhere.example' });
    const verify = (options: { challenge: string }) =>
      app.client().post('/auth/passkeys/verify', { credential: authenticator.get(options) });
    const factorOf = async (whom: Person) =>
      (await app.client().post('/auth/passkeys/options', { mfaToken: await mfaToken(whom) })).body;
    const foreign = await app.client(slug).post('/auth/passkeys/options', {});
    expect(outcome(foreign)).toEqual([200]);
    for (const options of [
      (await person.client.post('/account/passkeys/options')).body,
      (await person.client.post('/account/step-up/options')).body,
      await factorOf(person),
      foreign.body,
    ])
      expect(outcome(await verify(options))).toEqual([401, 'auth.passkey_invalid']);
    // A second-factor challenge is bound to its user, too.
    const token = await mfaToken(person);
    expect(outcome(await complete(token, { credential: authenticator.get(await factorOf(other)) }))).toEqual([
      401,
      'auth.invalid_code',
    ]);
    const credential = authenticator.get(await factorOf(person));
    const there = app.client().at(secondBase());
    expect(outcome(await complete(token, { credential }))).toEqual([200]);
    // A used challenge is refused on another server, too.
    expect(outcome(await complete(await mfaToken(person), { credential }, there))).toEqual([401, 'auth.invalid_code']);
  });

  it('does not require user verification as a second factor or for a step-up', async () => {
    const person = await createPerson();
    const { authenticator } = await enrolPasskey(person);
    const token = await mfaToken(person);
    const { body } = await app.client().post('/auth/passkeys/options', { mfaToken: token });
    expect(body.userVerification).toBe('preferred');
    const touched = { verified: false };
    expect(outcome(await complete(token, { credential: authenticator.get(body, touched) }))).toEqual([200]);
    const options = (await person.client.post('/account/step-up/options')).body;
    const step = () => person.client.post('/account/step-up', { credential: authenticator.get(options, touched) });
    expect(outcome(await step())).toEqual([200]);
    expect(outcome(await step())).toEqual([403, 'auth.wrong_code']);
    expect((await app.client().post('/auth/passkeys/options', {})).body.userVerification).toBe('required');
  });

  it('serves as a second factor beside the password', async () => {
    const person = await createPerson();
    const { authenticator } = await enrolPasskey(person);
    const answer = await login(person.email);
    expect(answer.body).toMatchObject({ mfaRequired: true, methods: ['passkey', 'recovery_code'] });
    const { mfaToken: token } = answer.body;
    const options = await app.client().post('/auth/passkeys/options', { mfaToken: token });
    expect(options.body.allowCredentials).toEqual([expect.objectContaining({ type: 'public-key' })]);
    // A second-factor challenge does not sign in.
    expect(
      outcome(await app.client().post('/auth/passkeys/verify', { credential: authenticator.get(options.body) })),
    ).toEqual([401, 'auth.passkey_invalid']);
    const done = await complete(token, { credential: authenticator.get(options.body) });
    expect(outcome(done)).toEqual([200]);
    expect(claimsOf(done.body.accessToken).amr).toEqual(['pwd', 'hwk', 'user', 'mfa']);
  });

  it('of another user is refused as a second factor', async () => {
    const [person, other] = [await createPerson(), await createPerson()];
    await enrolPasskey(person);
    const { authenticator } = await enrolPasskey(other);
    const token = await mfaToken(person);
    const options = await app.client().post('/auth/passkeys/options', { mfaToken: token });
    expect(outcome(await complete(token, { credential: authenticator.get(options.body) }))).toEqual([
      401,
      'auth.invalid_code',
    ]);
  });

  it('can be renamed and removed only by its owner, and registered only once', async () => {
    const [person, other] = [await createPerson(), await createPerson()];
    const { authenticator, body } = await enrolPasskey(person);
    const path = `/account/passkeys/${body.id}`;
    expect(outcome(await other.client.patch(path, { name: 'Mine' }))).toEqual([404, 'auth.passkey_not_found']);
    expect(outcome(await other.client.delete(path))).toEqual([404, 'auth.passkey_not_found']);
    expect((await person.client.patch(path, { name: 'Phone' })).body.name).toBe('Phone');
    const options = (await other.client.post('/account/passkeys/options')).body;
    const again = await other.client.post('/account/passkeys', { credential: authenticator.create(options) });
    expect(outcome(again)).toEqual([409, 'auth.passkey_known']);
    const forged = new Authenticator(BASE_URL).create((await other.client.post('/account/passkeys/options')).body, {
      origin: 'https://evil.example',
    });
    expect(outcome(await other.client.post('/account/passkeys', { credential: forged }))).toEqual([
      422,
      'auth.passkey_rejected',
    ]);
    expect(outcome(await person.client.delete(path))).toEqual([204]);
    expect((await person.client.get('/account/passkeys')).body.items).toEqual([]);
    expect((await login(person.email)).body).toHaveProperty('accessToken');
  });
});

describe('an organization that requires a second factor', () => {
  let organization: Organization;
  let admin: Person;

  beforeAll(async () => {
    admin = await createPerson('strict-admin');
    organization = await newOrganization(staff, 'Strict', admin);
    await staff.client.patch(`${organization.path}/auth-settings`, { mfaPolicy: 'required' });
  });

  it('lets a user enroll one during sign-in', async () => {
    const person = await newMember(app, staff, organization, 'user', 'strict-totp');
    const asked = await login(person.email);
    expect(asked.body).toMatchObject({ mfaRequired: true, methods: [], enrolment: ['totp', 'passkey'] });
    const { mfaToken: token } = asked.body;
    const enrolled = await app.client().post('/auth/mfa/enrolment', { mfaToken: token, method: 'totp' });
    expect(enrolled.body).toMatchObject({ method: 'totp', qrCode: expect.stringMatching(/^data:image\/png/) });
    const done = await complete(token, { code: codeAt(enrolled.body.secret, currentStep()) });
    expect(done.body).toMatchObject({ organization: { id: organization.id } });
    expect(done.body.recoveryCodes).toHaveLength(10);
    expect(outcome(await app.client().as(done.body.accessToken).get(organization.path))).toEqual([200]);
    expect((await login(person.email)).body).toMatchObject({ methods: ['totp', 'recovery_code'], enrolment: [] });
  });

  it('lets a user enroll a passkey during sign-in and while accepting an invitation', async () => {
    const email = 'strict-invited@people.example';
    await staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
    const invitation = /invitations\/(\S+)/.exec((await mailsTo(app, email))[0]?.text ?? '')?.[1];
    const accepted = await app
      .client()
      .post(`/auth/invitations/${invitation}/accept`, { name: 'Invited', password: PASSWORD });
    expect(accepted.body).toMatchObject({ mfaRequired: true, methods: [], enrolment: ['totp', 'passkey'] });
    const { mfaToken: token } = accepted.body;
    const { body } = await app.client().post('/auth/mfa/enrolment', { mfaToken: token, method: 'passkey' });
    const done = await complete(token, { credential: new Authenticator(BASE_URL).create(body.options) });
    expect(done.body).toMatchObject({ organization: { id: organization.id }, recoveryCodes: expect.any(Array) });
  });

  it('admits a session once it has shown a second factor', async () => {
    expect(outcome(await admin.client.get(organization.path))).toEqual([403, 'auth.mfa_required']);
    expect(
      outcome(
        await app.client().post('/auth/token', { refreshToken: admin.refreshToken, organizationId: organization.id }),
      ),
    ).toEqual([403, 'auth.mfa_required']);
    await enrolTotp(admin);
    expect(outcome(await admin.client.get(organization.path))).toEqual([200]);
  });

  it('asks for both factors when the enrolled one is not an allowed method', async () => {
    const person = await newMember(app, staff, organization, 'user', 'strict-both');
    const { secret } = await enrolTotp(person);
    const strict = await newOrganization(staff, 'Passkeys alone');
    await staff.client.post(`${strict.path}/members`, { userId: person.id, role: 'user' });
    await staff.client.patch(`${strict.path}/auth-settings`, { mfaPolicy: 'required', allowedMfaMethods: ['passkey'] });
    const asked = await login(person.email, strict.id);
    await later(person);
    const next = await complete(asked.body.mfaToken, { code: codeAt(secret, currentStep()) });
    expect(next.body).toMatchObject({ mfaRequired: true, enrolment: ['passkey'] });
    const { body } = await app
      .client()
      .post('/auth/mfa/enrolment', { mfaToken: next.body.mfaToken, method: 'passkey' });
    const done = await complete(next.body.mfaToken, { credential: new Authenticator(BASE_URL).create(body.options) });
    expect(done.body).toMatchObject({ organization: { id: strict.id } });
  });

  it('is offered for selection after the second factor', async () => {
    const person = await newMember(app, staff, organization, 'user', 'strict-choice');
    const lax = await newOrganization(staff, 'Lax');
    await staff.client.post(`${lax.path}/members`, { userId: person.id, role: 'user' });
    const choose = async (organizationId: string) => {
      const { body } = await login(person.email);
      expect(body.code).toBe('auth.organization_selection_required');
      return app.client().post('/auth/select-organization', { selectionToken: body.selectionToken, organizationId });
    };
    expect((await choose(lax.id)).body).toMatchObject({ organization: { id: lax.id } });
    expect((await choose(organization.id)).body).toMatchObject({ mfaRequired: true, enrolment: ['totp', 'passkey'] });
    const { secret } = await enrolTotp(person);
    await later(person);
    const token = await mfaToken(person);
    const chosen = await complete(token, { code: codeAt(secret, currentStep()) });
    expect(outcome(chosen)).toEqual([403, 'auth.organization_selection_required']);
    const entered = await app.client().post('/auth/select-organization', {
      selectionToken: chosen.body.selectionToken,
      organizationId: organization.id,
    });
    expect(entered.body).toMatchObject({ organization: { id: organization.id } });
  });
});

describe('re-authentication', () => {
  const age = (person: Person) =>
    app.sql.query(`update sessions set proved_at = now() - interval '11 minutes' where user_id = $1`, [person.id]);

  it('requires an enrolled factor, or the password without one', async () => {
    const person = await createPerson('careful');
    const organization = await newOrganization(staff, `Careful ${made}`, person);
    const acts = {
      key: (client = person.client) => client.post(`${organization.path}/api-keys`, { name: 'key', role: 'user' }),
      settings: () => person.client.patch(`${organization.path}/auth-settings`, { sessionMaxMinutes: 1000 + ++made }),
      reset: () => person.client.delete(`${organization.path}/auth-settings?fields=sessionMaxMinutes`),
      deletion: () => person.client.delete(`${organization.path}?confirmName=wrong`),
    };
    await age(person);
    for (const act of Object.values(acts)) {
      const { status, body } = await act();
      expect([status, body.code, body.methods]).toEqual([403, 'auth.step_up_required', ['password', 'magic_link']]);
    }
    const first = await person.client.post('/account/mfa/totp');
    expect(outcome(first)).toEqual([403, 'auth.step_up_required']);
    expect(first.body).toMatchObject({ methods: ['password', 'magic_link'], maxAgeSeconds: 600 });
    expect(outcome(await person.client.post('/account/step-up', { password: 'not the password' }))).toEqual([
      403,
      'auth.wrong_password',
    ]);
    expect(outcome(await person.client.post('/account/step-up', { password: PASSWORD }))).toEqual([200]);
    const other = await signIn(app, person.email);
    const { secret, recoveryCodes } = await enrolTotp(person);
    expect(outcome(await acts.key())).toEqual([201]);
    // A session from before the enrollment, which has never shown the factor.
    expect(outcome(await acts.key(other.client))).toEqual([403, 'auth.step_up_required']);

    await age(person);
    for (const act of Object.values(acts)) {
      const { status, body } = await act();
      expect([status, body.code, body.methods]).toEqual([403, 'auth.step_up_required', ['totp', 'recovery_code']]);
    }
    expect(outcome(await person.client.get(organization.path))).toEqual([200]);
    // The password alone is no longer enough.
    expect(outcome(await person.client.post('/account/step-up', { password: PASSWORD }))).toEqual([
      403,
      'auth.step_up_required',
    ]);
    await later(person);
    expect(outcome(await person.client.post('/account/step-up', { code: codeAt(secret, currentStep() + 40) }))).toEqual(
      [403, 'auth.wrong_code'],
    );
    const proved = await person.client.post('/account/step-up', { code: codeAt(secret, currentStep()) });
    expect(outcome(proved)).toEqual([200]);
    expect(Date.parse(proved.body.freshUntil)).toBeGreaterThan(Date.now() + 9 * 60_000);
    expect(outcome(await acts.settings())).toEqual([200]);
    expect(outcome(await acts.deletion())).toEqual([422, 'organizations.confirmation_mismatch']);
    expect(outcome(await other.client.post('/account/step-up', { recoveryCode: recoveryCodes[0] }))).toEqual([200]);
    expect(outcome(await acts.key(other.client))).toEqual([201]);
  });

  it('accepts a passkey', async () => {
    const person = await createPerson('careful');
    const organization = await newOrganization(staff, `Careful ${made}`, person);
    const { authenticator } = await enrolPasskey(person);
    await age(person);
    const key = () => person.client.post(`${organization.path}/api-keys`, { name: 'key', role: 'user' });
    expect((await key()).body).toMatchObject({ code: 'auth.step_up_required', methods: ['passkey', 'recovery_code'] });
    const options = await person.client.post('/account/step-up/options');
    const step = await person.client.post('/account/step-up', { credential: authenticator.get(options.body) });
    expect(outcome(step)).toEqual([200]);
    expect(outcome(await key())).toEqual([201]);
  });
});
