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

const OPERATOR = '/admin/operator/auth-settings';
const settingsOf = ({ path }: Organization): string => `${path}/auth-settings`;
const outcome = ({ status, body }: Answer): [number, string?] =>
  body?.code === undefined ? [status] : [status, body.code];
const secondBase = (): string => `${second.origin}/t/demo/api/v1`;

let made = 0;
/** Creates an organization with a signed-in admin. */
async function founded(): Promise<{ organization: Organization; admin: Person }> {
  const admin = await newPerson(app, `founder-${++made}`);
  const organization = await newOrganization(staff, `Founded ${made}`, admin);
  return { organization, admin: await signIn(app, admin.email) };
}

const login = (email: string, organizationId?: string, client = app.client()): Promise<Answer> =>
  client.post('/auth/login', { email, password: PASSWORD, organizationId });
const refresh = (refreshToken: string, organizationId?: string | null): Promise<Answer> =>
  app.client().post('/auth/token', { refreshToken, ...(organizationId !== undefined && { organizationId }) });

/** Returns the link in the `count`th mail to a user. */
async function byMagicLink(email: string, organizationId: string, count = 1): Promise<Answer> {
  const client = app.client();
  await client.post('/auth/magic-link', { email, organizationId });
  const token = await tokenMailedTo(app, email, count, /^Sign in to/);
  return client.post('/auth/magic-link/redeem', { token, organizationId });
}

describe('authentication settings', () => {
  it('start with the system defaults', async () => {
    const { organization, admin } = await founded();
    const { status, body } = await admin.client.get(settingsOf(organization));
    expect(status).toBe(200);
    expect(body.values).toEqual({
      allowedMethods: ['password', 'magic_link', 'passkey', 'oidc', 'saml'],
      mfaPolicy: 'optional',
      allowedMfaMethods: ['totp', 'passkey'],
      passwordMinLength: 15,
      sessionIdleMinutes: 10_080,
      sessionMaxMinutes: 43_200,
      accessTokenMinutes: 10,
      selfRegistration: true,
      allowedEmailDomains: null,
      invitations: 'allowed',
      jitProvisioning: { email: false, sso: true, defaultRole: 'user' },
      breakGlassUserIds: [],
    });
    expect(new Set(Object.values(body.sources).map((source: any) => source.level))).toEqual(new Set(['system']));
    expect(body).toMatchObject({ local: {}, locked: {}, locks: [] });
  });

  it('are inherited from the operator, and can only be made stricter below', async () => {
    const { organization, admin } = await founded();
    const before = (await staff.client.get(OPERATOR)).body;
    expect(
      outcome(
        await staff.client.patch(OPERATOR, {
          allowedMethods: ['magic_link', 'password', 'oidc'],
          passwordMinLength: 20,
          sessionMaxMinutes: 600,
          accessTokenMinutes: 30,
          allowedEmailDomains: ['Demo.Example', 'people.example'],
          invitations: 'restricted',
          jitProvisioning: { email: true },
        }),
      ),
    ).toEqual([200]);
    try {
      const edit = (patch: object) => admin.client.patch(settingsOf(organization), patch);
      for (const [field, value] of Object.entries({
        allowedMethods: ['password', 'saml'],
        passwordMinLength: 19,
        sessionMaxMinutes: 601,
        accessTokenMinutes: 31,
        allowedEmailDomains: ['people.example', 'else.example'],
        invitations: 'allowed',
      })) {
        const { status, body } = await edit({ [field]: value });
        expect([field, status, body.code, body.errors?.map((error: any) => error.field)]).toEqual([
          field,
          422,
          'auth_settings.weaker_than_inherited',
          [field],
        ]);
      }
      const { status, body } = await edit({
        allowedMethods: ['password'],
        mfaPolicy: 'optional',
        passwordMinLength: 24,
        sessionMaxMinutes: 300,
        jitProvisioning: { email: false, defaultRole: 'manager' },
      });
      expect(status).toBe(200);
      expect(body.values).toMatchObject({
        allowedMethods: ['password'],
        passwordMinLength: 24,
        sessionMaxMinutes: 300,
        accessTokenMinutes: 30,
        allowedEmailDomains: ['demo.example', 'people.example'],
        invitations: 'restricted',
        jitProvisioning: { email: false, sso: true, defaultRole: 'manager' },
      });
      expect(body.sources).toMatchObject({
        allowedMethods: { level: 'organization', id: organization.id },
        mfaPolicy: { level: 'system', id: null },
        accessTokenMinutes: { level: 'operator' },
        'jitProvisioning.email': { level: 'organization' },
        'jitProvisioning.sso': { level: 'system' },
      });
      expect(body.local).toEqual({
        allowedMethods: ['password'],
        mfaPolicy: 'optional',
        passwordMinLength: 24,
        sessionMaxMinutes: 300,
        jitProvisioning: { email: false, defaultRole: 'manager' },
      });

      // A stricter operator value wins over a value stored below.
      await staff.client.patch(OPERATOR, { sessionMaxMinutes: 60 });
      const stricter = (await admin.client.get(settingsOf(organization))).body;
      expect(stricter.values.sessionMaxMinutes).toBe(60);
      expect(stricter.sources.sessionMaxMinutes.level).toBe('operator');

      const reset = await admin.client.delete(
        `${settingsOf(organization)}?fields=allowedMethods,jitProvisioning.defaultRole`,
      );
      expect(reset.body.values).toMatchObject({
        allowedMethods: ['password', 'magic_link', 'oidc'],
        jitProvisioning: { defaultRole: 'user' },
      });
      expect(reset.body.local).not.toHaveProperty('allowedMethods');
    } finally {
      const fields = Object.keys(before.sources).join(',');
      expect((await staff.client.delete(`${OPERATOR}?fields=${fields}`)).body.local).toEqual({});
    }
  });

  it('can be locked by the operator', async () => {
    const { organization, admin } = await founded();
    await staff.client.patch(OPERATOR, { locks: ['jitProvisioning.sso', 'mfaPolicy'] });
    try {
      const refused = await admin.client.patch(settingsOf(organization), { jitProvisioning: { sso: false } });
      expect(outcome(refused)).toEqual([409, 'auth_settings.locked']);
      expect(outcome(await admin.client.patch(settingsOf(organization), { mfaPolicy: 'required' }))).toEqual([
        409,
        'auth_settings.locked',
      ]);
      const { body } = await admin.client.get(settingsOf(organization));
      expect(Object.keys(body.locked).sort()).toEqual(['jitProvisioning.sso', 'mfaPolicy']);
    } finally {
      await staff.client.patch(OPERATOR, { locks: [] });
    }
  });

  it('respect If-Match', async () => {
    const { organization, admin } = await founded();
    const { body } = await admin.client.get(settingsOf(organization));
    const edit = () =>
      admin.client.patch(settingsOf(organization), { sessionMaxMinutes: 600 }, { headers: { 'if-match': body.etag } });
    expect(outcome(await edit())).toEqual([200]);
    expect(outcome(await edit())).toEqual([412, 'precondition_failed']);
  });

  it.each<[string, object, [number, string]]>([
    ['no method', { allowedMethods: [] }, [422, 'auth_settings.no_method_left']],
    ['an unknown method', { allowedMethods: ['fax'] }, [400, 'validation_failed']],
    ['a method twice', { allowedMethods: ['password', 'password'] }, [400, 'validation_failed']],
    [
      'a second factor of no kind',
      { mfaPolicy: 'required', allowedMfaMethods: [] },
      [422, 'auth_settings.no_method_left'],
    ],
    ['short passwords alone', { passwordMinLength: 12 }, [422, 'auth_settings.weaker_than_inherited']],
    ['no time at all', { sessionIdleMinutes: 0 }, [400, 'validation_failed']],
    ['what is no domain', { allowedEmailDomains: ['@acme'] }, [400, 'validation_failed']],
    [
      'no way to become a member',
      { invitations: 'off', jitProvisioning: { email: false, sso: false } },
      [422, 'auth_settings.no_way_in'],
    ],
    ['a stranger as break-glass', { breakGlassUserIds: ['STAFF'] }, [422, 'auth_settings.break_glass_not_admin']],
    ['an unknown field', { claimedDomains: [] }, [400, 'validation_failed']],
    ['methods the saver has none of', { allowedMethods: ['oidc', 'saml'] }, [422, 'auth_settings.would_lock_out']],
    ['domains the saver is not of', { allowedEmailDomains: ['else.example'] }, [422, 'auth_settings.would_lock_out']],
  ])('refuse %s', async (_, patch, expected) => {
    const { organization, admin } = await founded();
    const body = JSON.parse(JSON.stringify(patch).replace('STAFF', staff.id));
    expect(outcome(await admin.client.patch(settingsOf(organization), body))).toEqual(expected);
    expect((await admin.client.get(settingsOf(organization))).body.local).toEqual({});
  });

  it('of the operator allow shorter passwords only beside a second factor', async () => {
    expect(outcome(await staff.client.patch(OPERATOR, { passwordMinLength: 8 }))).toEqual([
      422,
      'auth_settings.password_needs_mfa',
    ]);
  });

  it('can shut out all users if an admin is named for break-glass', async () => {
    const { organization, admin } = await founded();
    const other = await newMember(app, staff, organization, 'admin', `glass-${made}`);
    const patch = { allowedMethods: ['oidc'], breakGlassUserIds: [other.id] };
    expect(outcome(await admin.client.patch(settingsOf(organization), patch))).toEqual([200]);
    expect(outcome(await login(admin.email, organization.id))).toEqual([403, 'auth.method_not_allowed']);
    expect(outcome(await login(other.email, organization.id))).toEqual([200]);
    // Break-glass is for admins: a user who lost the admin role is treated like all others.
    await staff.client.patch(`${organization.path}/members/${other.id}`, { role: 'user' });
    expect(outcome(await login(other.email, organization.id))).toEqual([403, 'auth.method_not_allowed']);
  });

  it('ignore named users who can no longer use break-glass', async () => {
    const { organization, admin } = await founded();
    const other = await newMember(app, staff, organization, 'admin', `former-${made}`);
    const patch = { allowedMethods: ['password'], breakGlassUserIds: [other.id] };
    expect(outcome(await admin.client.patch(settingsOf(organization), patch))).toEqual([200]);
    await staff.client.patch(`${organization.path}/members/${other.id}`, { role: 'user' });
    expect(outcome(await admin.client.patch(settingsOf(organization), { allowedMethods: ['oidc'] }))).toEqual([
      422,
      'auth_settings.would_lock_out',
    ]);
  });

  it("do not let break-glass in an organization bypass the operator's requirements", async () => {
    const { organization, admin } = await founded();
    await app.sql.query(
      `insert into operator_settings (operator_id, kind, "values", locks, version, updated_at)
       select operator_id, 'auth', '{"allowedMethods": ["magic_link"]}', '{}', 1, now() from users where id = $1
       on conflict (operator_id, kind) do update set "values" = excluded."values"`,
      [admin.id],
    );
    try {
      await app.sql.query(
        `insert into organization_settings (organization_id, kind, "values", locks, version, updated_at)
         values ($1, 'auth', $2, '{}', 1, now())`,
        [organization.id, JSON.stringify({ breakGlassUserIds: [admin.id] })],
      );
      expect(outcome(await login(admin.email, organization.id))).toEqual([403, 'auth.method_not_allowed']);
    } finally {
      await app.sql.query(`update operator_settings set "values" = '{}' where kind = 'auth'`);
    }
  });
});

/*
 * Settings × how the session was opened × actor. Each row has the settings and, for each actor, the response:
 * at sign-in, and to a session that is in the organization already.
 */
type Actor = 'member' | 'admin' | 'breakGlass' | 'staff';
type Opened = 'password' | 'magic_link' | 'passkey' | 'oidc' | 'saml' | 'foreign_oidc' | 'password+totp';
type Door = 'in' | 'method' | 'stepUp' | 'mfa' | 'domain' | 'old';

const CODE: Record<Exclude<Door, 'in'>, [number, string]> = {
  method: [403, 'auth.method_not_allowed'],
  stepUp: [403, 'auth.step_up_required'],
  mfa: [403, 'auth.mfa_required'],
  domain: [403, 'auth.email_domain_not_allowed'],
  old: [401, 'auth.session_too_old'],
};
const all = (door: Door, but: Partial<Record<Opened, Door>> = {}): Record<Opened, Door> => ({
  password: door,
  magic_link: door,
  passkey: door,
  oidc: door,
  saml: door,
  // Another organization's identity provider does not vouch for a user here, so the user must.
  foreign_oidc: 'stepUp',
  'password+totp': door,
  ...but,
});
/** Staff follow the operator's rules, which require nothing here. No organization's identity provider vouches for them. */
const STAFF = all('in', { oidc: 'method', saml: 'method', foreign_oidc: 'method' });

const MATRIX: { name: string; settings: object; doors: Record<Actor, Record<Opened, Door>> }[] = [
  {
    name: 'nothing is set',
    settings: {},
    doors: { member: all('in'), admin: all('in'), breakGlass: all('in'), staff: STAFF },
  },
  {
    name: 'passwords alone',
    settings: { allowedMethods: ['password'] },
    doors: {
      member: all('method', { password: 'in', 'password+totp': 'in' }),
      admin: all('method', { password: 'in', 'password+totp': 'in' }),
      breakGlass: all('in'),
      staff: STAFF,
    },
  },
  {
    name: 'single sign-on alone',
    settings: { allowedMethods: ['oidc', 'saml'] },
    doors: {
      member: all('method', { oidc: 'in', saml: 'in', foreign_oidc: 'method' }),
      admin: all('method', { oidc: 'in', saml: 'in', foreign_oidc: 'method' }),
      breakGlass: all('in'),
      staff: STAFF,
    },
  },
  {
    name: 'a second factor',
    settings: { mfaPolicy: 'required' },
    doors: {
      member: all('mfa', { 'password+totp': 'in' }),
      admin: all('mfa', { 'password+totp': 'in' }),
      breakGlass: all('mfa', { 'password+totp': 'in' }),
      staff: STAFF,
    },
  },
  {
    name: 'a passkey as second factor',
    settings: { mfaPolicy: 'required', allowedMfaMethods: ['passkey'] },
    doors: { member: all('mfa'), admin: all('mfa'), breakGlass: all('mfa'), staff: STAFF },
  },
  {
    name: 'another e-mail domain',
    settings: { allowedEmailDomains: ['else.example'] },
    doors: {
      member: all('domain', { foreign_oidc: 'domain' }),
      admin: all('domain', { foreign_oidc: 'domain' }),
      breakGlass: all('in'),
      staff: STAFF,
    },
  },
  {
    name: 'sessions of a minute',
    settings: { sessionMaxMinutes: 1 },
    doors: { member: all('old'), admin: all('old'), breakGlass: all('old'), staff: STAFF },
  },
];

describe('entering an organization', () => {
  const people = {} as Record<Actor, Person>;
  let organization: Organization;
  let elsewhere: Organization;

  beforeAll(async () => {
    ({ organization, admin: people.admin } = await founded());
    elsewhere = await newOrganization(staff, 'Elsewhere');
    people.member = await newMember(app, staff, organization, 'user', 'door-member');
    people.breakGlass = await newMember(app, staff, organization, 'admin', 'door-glass');
    people.staff = staff;
  });

  /** A session opened with the method, two minutes ago. The claims of single sign-on are written into its row. */
  async function opened(person: Person, how: Opened): Promise<Person> {
    const session = await signIn(app, person.email, person === staff ? 'the very first password' : PASSWORD);
    const { sid } = JSON.parse(Buffer.from(session.accessToken.split('.')[1] ?? '', 'base64url').toString());
    await app.sql.query(
      `update sessions set method = $2, factors = $3, sso_organization_id = $4, sso_proved_at = now(), created_at = now() - interval '2 minutes'
       where id = $1`,
      [
        sid,
        how === 'password+totp' ? 'password' : how === 'foreign_oidc' ? 'oidc' : how,
        how === 'password+totp' ? ['totp'] : [],
        how === 'foreign_oidc' ? elsewhere.id : ['oidc', 'saml'].includes(how) ? organization.id : null,
      ],
    );
    return session;
  }

  /** Each session is opened once: no row of the table ends a session. */
  const sessions = new Map<string, { client: Person['client']; refreshToken: string }>();

  it.each(MATRIX)('follows the settings: $name', async ({ settings, doors }) => {
    const found: Record<string, Record<string, string>> = {};
    // Not through the route, which would end sessions that violate the settings.
    await app.sql.query(
      `insert into organization_settings (organization_id, kind, "values", locks, version, updated_at)
       values ($1, 'auth', $2, '{}', 1, now()) on conflict (organization_id, kind) do update set "values" = excluded."values"`,
      [organization.id, JSON.stringify({ ...settings, breakGlassUserIds: [people.breakGlass.id] })],
    );
    for (const actor of Object.keys(doors) as Actor[]) {
      found[actor] = {};
      for (const how of Object.keys(doors[actor]) as Opened[]) {
        const name = `${actor} ${how}`;
        const session = sessions.get(name) ?? (await opened(people[actor], how));
        const guarded = await session.client.get(organization.path);
        const switched = await refresh(session.refreshToken, organization.id);
        const there = switched.status === 200 ? switched.body.refreshToken : session.refreshToken;
        const stayed = await refresh(there);
        sessions.set(name, {
          client: session.client,
          refreshToken: stayed.status === 200 ? stayed.body.refreshToken : there,
        });
        const said = outcome(guarded);
        expect([name, outcome(switched), outcome(stayed)]).toEqual([name, said, said]);
        if (actor !== 'member') {
          const key = await session.client.post(`${organization.path}/api-keys`, { name, role: 'user' });
          expect([name, ...outcome(key)]).toEqual([name, ...(said[0] === 200 ? [201] : said)]);
        }
        found[actor][how] =
          said[0] === 200
            ? 'in'
            : (Object.entries(CODE).find(([, code]) => code[1] === said[1])?.[0] ?? said.join(' '));
      }
    }
    expect(found).toEqual(doors);
  });

  /** Returns the outcome of a new sign-in. Its session is new, and a user without a second factor is asked for one. */
  type Way = 'password' | 'magic_link' | 'passkey';
  type Ways = Record<Way, Exclude<Door, 'old' | 'stepUp'>>;
  const each = (door: Ways[Way], but: Partial<Ways> = {}): Ways => ({
    password: door,
    magic_link: door,
    passkey: door,
    ...but,
  });
  const WAYS: Record<string, { member: Ways; breakGlass: Ways }> = {
    'nothing is set': { member: each('in'), breakGlass: each('in') },
    'passwords alone': { member: each('method', { password: 'in' }), breakGlass: each('in') },
    'single sign-on alone': { member: each('method'), breakGlass: each('in') },
    // A passkey sign-in counts as two factors.
    'a second factor': { member: each('mfa', { passkey: 'in' }), breakGlass: each('mfa', { passkey: 'in' }) },
    'a passkey as second factor': {
      member: each('mfa', { passkey: 'in' }),
      breakGlass: each('mfa', { passkey: 'in' }),
    },
    'another e-mail domain': { member: each('domain'), breakGlass: each('in') },
    'sessions of a minute': { member: each('in'), breakGlass: each('in') },
  };

  describe('with a new sign-in', () => {
    /** A user with a passkey is asked for it after the password, so each actor is two users. */
    const keyed = new Map<Actor, { person: Person; authenticator: Authenticator }>();
    const plain = {} as Record<Actor, Person>;
    let door: Organization;

    beforeAll(async () => {
      const first = await founded();
      door = first.organization;
      plain.admin = first.admin;
      plain.member = await newMember(app, staff, door, 'user', 'way-member');
      plain.breakGlass = await newMember(app, staff, door, 'admin', 'way-glass');
      plain.staff = await newPerson(app, 'way-staff');
      const holders: Record<Actor, Person> = {
        admin: await newMember(app, staff, door, 'admin', 'key-admin'),
        member: await newMember(app, staff, door, 'user', 'key-member'),
        breakGlass: await newMember(app, staff, door, 'admin', 'key-glass'),
        staff: await newPerson(app, 'key-staff'),
      };
      for (const { id: userId } of [plain.staff, holders.staff])
        await staff.client.post('/admin/operator/members', { userId, role: 'manager' });
      for (const [actor, person] of Object.entries(holders)) {
        const authenticator = new Authenticator(BASE_URL);
        const { body } = await person.client.post('/account/passkeys/options');
        await person.client.post('/account/passkeys', { credential: authenticator.create(body) });
        keyed.set(actor as Actor, { person, authenticator });
      }
    });

    async function byPasskey(actor: Actor): Promise<Answer> {
      const { body } = await app.client().post('/auth/passkeys/options', {});
      const credential = keyed.get(actor)?.authenticator.get(body);
      return app.client().post('/auth/passkeys/verify', { credential, organizationId: door.id });
    }
    function doorOf({ status, body }: Answer): string {
      if (status === 200) return body.mfaRequired ? 'mfa' : 'in';
      return Object.entries(CODE).find(([, code]) => code[0] === status && code[1] === body.code)?.[0] ?? body.code;
    }

    it.each(MATRIX.map((row, index) => ({ ...row, index })))('follows the settings: $name', async (row) => {
      const { name, settings, index } = row;
      const breakGlassUserIds = [plain.breakGlass.id, keyed.get('breakGlass')?.person.id];
      await app.sql.query(
        `insert into organization_settings (organization_id, kind, "values", locks, version, updated_at)
         values ($1, 'auth', $2, '{}', 1, now()) on conflict (organization_id, kind) do update set "values" = excluded."values"`,
        [door.id, JSON.stringify({ ...settings, breakGlassUserIds })],
      );
      const found: Record<string, Record<string, string>> = {};
      for (const actor of ['member', 'admin', 'breakGlass', 'staff'] as const) {
        const { email } = plain[actor];
        found[actor] = {
          password: doorOf(await login(email, door.id)),
          magic_link: doorOf(await byMagicLink(email, door.id, index + 1)),
          passkey: doorOf(await byPasskey(actor)),
        };
      }
      // An admin has no exemption. Staff follow the operator's rules.
      expect(found).toEqual({ ...WAYS[name], admin: WAYS[name]?.member, staff: each('in') });
    });
  });

  it('is refused alike for sign-in, switching, magic links and API keys', async () => {
    const { organization: closed, admin } = await founded();
    const person = await newMember(app, staff, closed, 'admin', 'closed-member');
    const session = await signIn(app, person.email, PASSWORD, 'demo', closed.id);
    const keys = `${closed.path}/api-keys`;
    const before = await session.client.post(keys, { name: 'before', role: 'user' });
    expect(before.status).toBe(201);
    const set = await admin.client.patch(settingsOf(closed), { allowedMethods: ['magic_link'] });
    expect(outcome(set)).toEqual([200]);

    expect(outcome(await login(person.email))).toEqual([403, 'auth.method_not_allowed']);
    const refused = await login(person.email, closed.id);
    expect(refused.body).toMatchObject({
      code: 'auth.method_not_allowed',
      method: 'password',
      allowedMethods: ['magic_link'],
      organizationId: closed.id,
    });
    // A key belongs to the organization and does not sign in.
    const workload = app.client().as(before.body.key);
    expect(outcome(await workload.get(closed.path))).toEqual([200]);

    const linked = await byMagicLink(person.email, closed.id);
    expect(outcome(linked)).toEqual([200]);
    expect(outcome(await app.client().as(linked.body.accessToken).post(keys, { name: 'after', role: 'user' }))).toEqual(
      [201],
    );
    await staff.client.patch(settingsOf(closed), { allowedMethods: ['passkey'] });
    expect(outcome(await byMagicLink(person.email, closed.id, 2))).toEqual([403, 'auth.method_not_allowed']);
  });

  it('closes at once for sessions in the organization, here and within a second elsewhere', async () => {
    const { organization: tightened, admin } = await founded();
    const person = await newMember(app, staff, tightened, 'user', 'tightened-member');
    const [inside, other] = [await signIn(app, person.email), await signIn(app, person.email)];
    // One of them is outside of organizations at the moment.
    const left = await refresh(other.refreshToken, null);
    const credits = `/organizations/${tightened.id}/credits`;
    const there = inside.client.at(secondBase());
    expect(outcome(await there.get(credits))).toEqual([200]);

    const set = await staff.client.patch(settingsOf(tightened), { allowedMethods: ['oidc'] });
    expect(outcome(set)).toEqual([200]);
    const at = performance.now();
    expect(outcome(await inside.client.get(credits))).toEqual([401, 'auth.invalid_token']);
    for (let asked = at; (await there.get(credits)).status === 200; asked = performance.now())
      expect(asked - at).toBeLessThan(1_000);
    expect(outcome(await refresh(inside.refreshToken))).toEqual([401, 'auth.invalid_refresh_token']);
    expect(outcome(await admin.client.get(tightened.path))).toEqual([401, 'auth.invalid_token']);

    // The session outside stays valid and stays outside.
    const outside = app.client().as(left.body.accessToken);
    expect(outcome(await outside.get('/account'))).toEqual([200]);
    expect(outcome(await outside.get(tightened.path))).toEqual([403, 'auth.method_not_allowed']);
    expect(outcome(await refresh(left.body.refreshToken, tightened.id))).toEqual([403, 'auth.method_not_allowed']);
    expect(outcome(await refresh(left.body.refreshToken))).toEqual([200]);

    const { rows } = await app.sql.query(
      `select end_reason from sessions where user_id = $1 and ended_at is not null`,
      [person.id],
    );
    expect(rows).toEqual([{ end_reason: 'sign_in_rules' }]);
  });

  it('closes in every organization when the operator tightens its settings', async () => {
    const { organization: one } = await founded();
    const member = await newMember(app, staff, one, 'user', 'everywhere-member');
    const session = await signIn(app, member.email);
    // Settings of other organizations would leave no usable method.
    await app.sql.query(`delete from organization_settings where kind = 'auth'`);
    // Staff comply themselves. The saving user signed in with a magic link.
    const answer = await staff.client.patch(OPERATOR, { allowedMethods: ['magic_link'] });
    try {
      expect(outcome(answer)).toEqual([200]);
      expect(outcome(await session.client.get(one.path))).toEqual([401, 'auth.invalid_token']);
      expect(outcome(await staff.client.get(one.path))).toEqual([401, 'auth.invalid_token']);
    } finally {
      await app.sql.query(`update operator_settings set "values" = '{}' where kind = 'auth'`);
      staff = await signInAdmin(app);
      people.staff = staff;
    }
  });

  it('asks for a second factor without ending the session', async () => {
    const { organization: asking, admin } = await founded();
    expect(outcome(await admin.client.patch(settingsOf(asking), { mfaPolicy: 'required' }))).toEqual([200]);
    expect(outcome(await admin.client.get(asking.path))).toEqual([403, 'auth.mfa_required']);
    expect(outcome(await admin.client.get('/account'))).toEqual([200]);
  });

  it('is refused to sessions that were idle too long, until a new sign-in', async () => {
    const { organization: strict, admin } = await founded();
    const patch = { sessionIdleMinutes: 5, accessTokenMinutes: 8 };
    expect(outcome(await admin.client.patch(settingsOf(strict), patch))).toEqual([200]);
    const session = (await login(admin.email)).body;
    // No longer than a session can stay unused.
    expect(session.expiresIn).toBe(300);
    const { exp, iat, amr } = JSON.parse(Buffer.from(session.accessToken.split('.')[1], 'base64url').toString());
    expect([exp - iat, amr]).toEqual([300, ['pwd']]);
    await app.sql.query(
      `update sessions set last_used_at = now() - interval '6 minutes' where user_id = $1 and ended_at is null`,
      [admin.id],
    );
    expect(outcome(await refresh(session.refreshToken))).toEqual([401, 'auth.session_idle']);
    // The session stays usable where the limit does not apply.
    expect(outcome(await refresh(session.refreshToken, null))).toEqual([200]);
    expect(outcome(await login(admin.email))).toEqual([200]);
  });
});

describe('membership settings', () => {
  it('close registration, or limit it to some domains', async () => {
    const register = (email: string) => app.client().post('/auth/register', { email, name: 'New' });
    try {
      await staff.client.patch(OPERATOR, { selfRegistration: false });
      expect(outcome(await register('late@people.example'))).toEqual([403, 'auth.registration_closed']);
      await staff.client.patch(OPERATOR, {
        selfRegistration: null,
        allowedEmailDomains: ['people.example', 'demo.example'],
        passwordMinLength: 30,
      });
      expect(outcome(await register('late@else.example'))).toEqual([403, 'auth.email_domain_not_allowed']);
      expect(outcome(await register('late@people.example'))).toEqual([202]);
      const token = await tokenMailedTo(app, 'late@people.example');
      const verify = (password: string) => app.client().post('/auth/verify-email', { token, password });
      const short = await verify(PASSWORD);
      expect([...outcome(short), short.body.minLength]).toEqual([422, 'auth.password_too_short', 30]);
      expect(outcome(await verify(`${PASSWORD} and more`))).toEqual([200]);
    } finally {
      const fields = 'selfRegistration,allowedEmailDomains,passwordMinLength';
      await staff.client.delete(`${OPERATOR}?fields=${fields}`);
    }
  });

  it('require longer passwords when members and invited users choose one', async () => {
    const { organization, admin } = await founded();
    await admin.client.patch(settingsOf(organization), { passwordMinLength: 32 });
    // Existing passwords stay valid.
    expect(outcome(await login(admin.email))).toEqual([200]);
    await app.client().post('/auth/password/forgot', { email: admin.email });
    const token = await tokenMailedTo(app, admin.email, 1, /password/i);
    const reset = (password: string) => app.client().post('/auth/password/reset', { token, password });
    expect(outcome(await reset(PASSWORD))).toEqual([422, 'auth.password_too_short']);
    expect(outcome(await reset(`${PASSWORD} and more`))).toEqual([204]);

    const email = `invited-${made}@people.example`;
    await staff.client.post(`${organization.path}/invitations`, { email, role: 'user' });
    const invitation = /invitations\/(\S+)/.exec((await mailsTo(app, email))[0]?.text ?? '')?.[1];
    const accept = (password: string) =>
      app.client().post(`/auth/invitations/${invitation}/accept`, { name: 'Invited', password });
    expect(outcome(await accept(PASSWORD))).toEqual([422, 'auth.password_too_short']);
    expect(outcome(await accept(`${PASSWORD} and more`))).toEqual([200]);
  });

  it.each<['restricted' | 'off', Record<'manager' | 'admin' | 'key', [number, string?]>]>([
    ['restricted', { manager: [403, 'auth.invitations_restricted'], admin: [201], key: [403, 'auth.forbidden'] }],
    [
      'off',
      {
        manager: [403, 'auth.invitations_off'],
        admin: [403, 'auth.invitations_off'],
        key: [403, 'auth.forbidden'],
      },
    ],
  ])('make invitations %s', async (invitations, expected) => {
    const { organization, admin } = await founded();
    const manager = await newMember(app, staff, organization, 'manager', `inviter-${made}`);
    const { body } = await admin.client.post(`${organization.path}/api-keys`, { name: 'key', role: 'manager' });
    const set = await admin.client.patch(settingsOf(organization), { invitations });
    expect(outcome(set)).toEqual([200]);
    const clients = { manager: manager.client, admin: admin.client, key: app.client().as(body.key) };
    for (const [who, client] of Object.entries(clients)) {
      const email = `${who}-${made}@invited.example`;
      const answer = await client.post(`${organization.path}/invitations`, { email, role: 'user' });
      expect([who, outcome(answer)]).toEqual([who, expected[who as keyof typeof expected]]);
    }
  });
});

describe('a stricter operator setting', () => {
  let organization: Organization;
  let admin: Person;

  beforeAll(async () => {
    await app.sql.query(`delete from organization_settings where kind = 'auth'`);
    ({ organization, admin } = await founded());
  });
  afterEach(async () => {
    await app.sql.query(`delete from organization_settings where kind = 'auth'`);
    await app.sql.query(`update operator_settings set "values" = '{}', locks = '{}' where kind = 'auth'`);
  });

  const CLOSES: [number, string?] = [422, 'auth_settings.would_close_organizations'];
  it.each<[string, object, object, [number, string?]]>([
    ['methods', { allowedMethods: ['magic_link'] }, { allowedMethods: ['password', 'oidc'] }, CLOSES],
    [
      'methods, all but one',
      { allowedMethods: ['magic_link', 'oidc'] },
      { allowedMethods: ['password', 'oidc'] },
      [200],
    ],
    [
      'methods that it locks',
      { allowedMethods: ['magic_link'] },
      { allowedMethods: ['password', 'oidc'], locks: ['allowedMethods'] },
      [200],
    ],
    [
      'methods, with break-glass',
      { allowedMethods: ['magic_link'], breakGlassUserIds: ['ADMIN'] },
      { allowedMethods: ['password', 'oidc'] },
      [200],
    ],
    [
      'second factors',
      { mfaPolicy: 'required', allowedMfaMethods: ['totp'] },
      { allowedMfaMethods: ['passkey'] },
      CLOSES,
    ],
    [
      'second factors that are required from now on',
      { allowedMfaMethods: ['totp'] },
      { mfaPolicy: 'required', allowedMfaMethods: ['passkey'] },
      CLOSES,
    ],
    ['second factors nobody needs', { allowedMfaMethods: ['totp'] }, { allowedMfaMethods: ['passkey'] }, [200]],
    ['e-mail domains', { allowedEmailDomains: ['people.example'] }, { allowedEmailDomains: ['demo.example'] }, CLOSES],
    ['provisioning', { invitations: 'off' }, { jitProvisioning: { sso: false } }, CLOSES],
    ['invitations', { jitProvisioning: { email: false, sso: false } }, { invitations: 'off' }, CLOSES],
    [
      'provisioning of one kind',
      { invitations: 'off', jitProvisioning: { email: true } },
      { jitProvisioning: { sso: false } },
      [200],
    ],
    ['something else', { allowedMethods: ['magic_link'] }, { sessionMaxMinutes: 600 }, [200]],
  ])('leaves each organization a way: %s', async (_, own, patch, expected) => {
    const values = JSON.parse(JSON.stringify(own).replace('ADMIN', admin.id));
    expect(outcome(await staff.client.patch(settingsOf(organization), values))).toEqual([200]);
    const answer = await staff.client.patch(OPERATOR, patch);
    expect(outcome(answer)).toEqual(expected);
    if (expected === CLOSES) expect(answer.body.organizationIds).toEqual([organization.id]);
  });

  it('does not unlock or reset a setting if that would close an organization', async () => {
    await staff.client.patch(settingsOf(organization), { allowedMethods: ['magic_link'], invitations: 'off' });
    const locked = { allowedMethods: ['password', 'oidc'], locks: ['allowedMethods'] };
    expect(outcome(await staff.client.patch(OPERATOR, locked))).toEqual([200]);
    expect(outcome(await staff.client.patch(OPERATOR, { locks: [] }))).toEqual(CLOSES);
    // Without a value of its own, the lock can be removed.
    expect(outcome(await staff.client.delete(`${settingsOf(organization)}?fields=allowedMethods`))).toEqual([200]);
    expect(outcome(await staff.client.patch(OPERATOR, { locks: [] }))).toEqual([200]);
  });

  it('and a simultaneous stricter organization setting do not close the organization together', async () => {
    const there = staff.client.at(secondBase());
    for (let round = 0; round < 6; round++) {
      const answers = await Promise.all([
        staff.client.patch(OPERATOR, { allowedMethods: ['password', 'oidc'] }),
        there.patch(settingsOf(organization), { allowedMethods: ['magic_link'] }),
      ]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect((await staff.client.get(settingsOf(organization))).body.values.allowedMethods).not.toEqual([]);
      await app.sql.query(`delete from organization_settings where kind = 'auth'`);
      await app.sql.query(`update operator_settings set "values" = '{}' where kind = 'auth'`);
    }
  });
});
