import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { RouteRules } from '../../src/auth/access/index.js';
import type { Answer, Client } from '../support/client.js';
import { mailsTo, newPerson, PASSWORD, type Person, signInAdmin } from '../support/people.js';
import { LOOSE_LIMITS, startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization } from '../support/tree.js';

/** The budgets of docs/operations/limits.md. */
const DEFAULTS = { TRUST_PROXY: '1', ...Object.fromEntries(Object.keys(LOOSE_LIMITS).map((name) => [name, ''])) };
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0';

let app: TestApp;
let second: TestServer;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp(DEFAULTS);
  second = await app.replica();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from attempts'));

const both = (index: number): Client => (index % 2 ? app.client().at(`${second.origin}/t/demo/api/v1`) : app.client());
const from = (ip: string) => ({ headers: { 'user-agent': FIREFOX, 'x-forwarded-for': ip } });
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
/** Returns a secret of the right format. */
const secret = (prefix: string, index: number) => `${prefix}${String(index).padStart(43, 'x')}`;

/** Counts the answers by outcome. Every refusal says when to retry. */
function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body, headers } of answers) {
    const name = body?.code ? `${status} ${body.code}` : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
    if (status === 429 || status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  return counts;
}

/** Runs `work` while other requests ask for the health of the server. Returns the longest such wait as a share of the work's time. */
async function longestShare(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  const done = new AbortController();
  const started = performance.now();
  const asking = (async () => {
    while (!done.signal.aborted) {
      const asked = performance.now();
      await (await fetch(`${app.origin}/healthz`)).text();
      longest = Math.max(longest, performance.now() - asked);
      await sleep(10);
    }
  })();
  await work().finally(() => done.abort());
  const taken = performance.now() - started;
  await asking;
  return longest / taken;
}

const mailCount = async () => {
  for (let tries = 0; tries < 400; tries++) {
    if ((await app.sql.query('select 1 from mails')).rows.length === 0) break;
    await sleep(25);
  }
  return (await readdir(app.mailDir).catch(() => [])).filter((name) => name.endsWith('.eml')).length;
};

let made = 0;
/** Creates a user who signed in from `ip` with Firefox. */
async function someone(ip: string): Promise<Person> {
  const person = await newPerson(app, `budget-${++made}`);
  await app.sql.query('delete from known_devices where user_id = $1', [person.id]);
  const { status } = await app.client().post('/auth/login', { email: person.email, password: PASSWORD }, from(ip));
  expect(status).toBe(200);
  await app.sql.query('delete from attempts');
  return person;
}

describe('mails requested without a session', () => {
  const doors: ((client: Client, email: string, ip: string) => Promise<Answer>)[] = [
    (client, email, ip) => client.post('/auth/password/forgot', { email }, from(ip)),
    (client, email, ip) => client.post('/auth/magic-link', { email }, from(ip)),
    (client, email, ip) => client.post('/auth/register', { email, name: 'No One' }, from(ip)),
  ];
  const ask = (index: number, email: string, ip: string) => doors[index % doors.length]!(both(index), email, ip);

  it('are limited per network, over all routes and servers', async () => {
    const person = await someone('198.51.100.1');
    const before = await mailCount();
    let answers: Answer[] = [];
    const share = await longestShare(async () => {
      answers = await Promise.all(
        range(300).map((index) =>
          ask(index, index % 10 ? `no-one-${index}@nowhere.example` : person.email, `203.0.113.${index % 250}`),
        ),
      );
    });
    expect(tally(answers)).toEqual({ '202': 20, '429 auth.too_many_attempts': 280 });
    expect((await mailCount()) - before).toBe(20);
    expect(share).toBeLessThan(0.7);
    expect((await ask(0, 'someone-else@nowhere.example', '203.0.114.1')).status).toBe(202);
  });

  it('are limited per mailbox, and strangers do not use up the budget of its owner', async () => {
    const person = await someone('198.51.100.1');
    for (const email of [person.email, 'no-one-has-it@nowhere.example']) {
      const strangers = await Promise.all(range(30).map((index) => ask(index, email, `203.${index}.113.1`)));
      expect(tally(strangers)).toEqual({ '202': 5, '429 auth.too_many_attempts': 25 });
    }
    const own = await Promise.all(range(10).map((index) => ask(index, person.email, `198.51.${index}.7`)));
    expect(tally(own)).toEqual({ '202': 5, '429 auth.too_many_attempts': 5 });
  });

  it('are sent only to accounts once the operator has sent many, which no answer reveals', async () => {
    const person = await someone('198.51.100.1');
    const tight = await app.replica({ LIMIT_MAIL_REQUESTS_PER_OPERATOR: '3/1h' });
    const client = app.client().at(`${tight.origin}/t/demo/api/v1`);
    for (const index of range(3))
      await client.post('/auth/magic-link', { email: `x${index}@nowhere.example` }, from(`203.0.${index}.1`));
    const before = await mailCount();
    for (const email of ['unknown-1@nowhere.example', person.email])
      for (const door of doors) expect((await door(client, email, `203.1.${email.length}.1`)).status).toBe(202);
    expect((await mailCount()) - before).toBe(3);
    expect(await mailsTo(app, person.email, 3, /^(?!Confirm)/)).not.toHaveLength(0);
  });

  it('are limited for address changes, too', async () => {
    const person = await someone('198.51.100.1');
    const answers = await Promise.all(
      range(20).map((index) =>
        person.client.post(
          '/account/email-change',
          { newEmail: `victim@nowhere.example`, password: PASSWORD },
          from(`203.${index}.1.1`),
        ),
      ),
    );
    expect(tally(answers)).toEqual({ '202': 5, '429 auth.too_many_attempts': 15 });
  });
});

describe('wrong passwords from one network', () => {
  const wrong = (index: number, email: string, ip: string) =>
    both(index).post('/auth/login', { email, password: 'not the password of it' }, from(ip));

  it('are limited over all accounts, and lock out no user on a known device', async () => {
    const [known, traveler] = [await someone('203.0.113.9'), await someone('198.51.100.1')];
    const answers = await Promise.all(
      range(120).map((index) =>
        wrong(index, index % 3 ? `sprayed-${index}@nowhere.example` : traveler.email, `203.0.113.${index}`),
      ),
    );
    const { '401 auth.invalid_credentials': checked = 0, '429 auth.too_many_attempts': refused = 0 } = tally(answers);
    expect(checked + refused).toBe(120);
    expect(checked).toBeLessThanOrEqual(50);
    for (const index of range(50)) await wrong(index, `more-${index}@nowhere.example`, '203.0.113.3');
    const login = (person: Person, ip: string) =>
      app.client().post('/auth/login', { email: person.email, password: PASSWORD }, from(ip));
    expect(tally([await wrong(0, 'last@nowhere.example', '203.0.113.77')])).toEqual({
      '429 auth.too_many_attempts': 1,
    });
    // A device used for a sign-in before, a session, and any other network.
    expect((await login(known, '203.0.113.9')).status).toBe(200);
    expect((await known.client.post('/account/step-up', { password: PASSWORD }, from('203.0.113.9'))).status).toBe(200);
    expect((await known.client.get('/account', from('203.0.113.9'))).status).toBe(200);
    expect(tally([await login(traveler, '203.0.113.9')])).toEqual({ '429 auth.too_many_attempts': 1 });
    expect((await login(traveler, '198.51.100.1')).status).toBe(200);
  });

  it('do not include right ones', async () => {
    const person = await someone('198.51.100.1');
    for (const index of range(60)) {
      const { status } = await both(index).post(
        '/auth/login',
        { email: person.email, password: PASSWORD },
        from('203.0.113.1'),
      );
      expect(status).toBe(200);
    }
  });

  it('are counted for the proxy unless it is trusted, whatever header the client sends', async () => {
    const untrusting = await app.replica({ TRUST_PROXY: '' });
    const client = app.client().at(`${untrusting.origin}/t/demo/api/v1`);
    const answers = await Promise.all(
      range(60).map((index) =>
        client.post(
          '/auth/login',
          { email: `f${index}@nowhere.example`, password: PASSWORD },
          from(`203.${index}.1.1`),
        ),
      ),
    );
    expect(tally(answers)).toEqual({ '401 auth.invalid_credentials': 50, '429 auth.too_many_attempts': 10 });
  });
});

describe('wrong secrets from one network', () => {
  const NETWORK = '203.0.113.';
  const doors: [string, string, (client: Client, index: number) => Promise<Answer>][] = [
    [
      'API keys',
      '401 auth.invalid_token',
      (client, index) => client.as(secret('trl_', index)).get('/account', from(NETWORK + index)),
    ],
    [
      'access tokens',
      '401 auth.invalid_token',
      (client, index) => client.as(`a.b.${index}`).get('/account', from(NETWORK + index)),
    ],
    [
      'refresh tokens',
      '401 auth.invalid_refresh_token',
      (client, index) => client.post('/auth/token', { refreshToken: secret('trr_', index) }, from(NETWORK + index)),
    ],
    [
      'client secrets',
      '401 auth.invalid_client',
      (client, index) =>
        client.post(
          '/auth/introspect',
          { token: 'x', client_id: `${index}`, client_secret: 'y' },
          from(NETWORK + index),
        ),
    ],
    [
      'links to reset a password',
      '422 auth.invalid_one_time_token',
      (client, index) =>
        client.post(
          '/auth/password/reset',
          { token: secret('trt_', index), password: PASSWORD },
          from(NETWORK + index),
        ),
    ],
    [
      'links to sign in',
      '422 auth.invalid_one_time_token',
      (client, index) =>
        client.post('/auth/magic-link/redeem', { token: secret('trt_', index) }, from(NETWORK + index)),
    ],
    [
      'invitations',
      '404 invitations.not_found',
      (client, index) => client.get(`/auth/invitations/${secret('tri_', index)}`, from(NETWORK + index)),
    ],
  ];

  it.each(doors)('are limited: %s', async (_, refusal, door) => {
    const person = await someone('198.51.100.1');
    const answers = await Promise.all(range(150).map((index) => door(both(index), index)));
    expect(tally(answers)).toEqual({ [refusal]: 50, '429 rate_limited': 100 });
    expect((await person.client.get('/account', from(`${NETWORK}1`))).status).toBe(200);
  });

  it('are limited on pages', async () => {
    const answers = await Promise.all(
      range(100).map(async (index) => {
        const url = `${app.origin}/t/demo/reset-password?token=${secret('trt_', index)}`;
        return fetch(url, from(NETWORK + index));
      }),
    );
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(50);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(50);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('mails sent from an account', () => {
  it('are merged if they concern one membership', async () => {
    const person = await someone('198.51.100.1');
    const organization = await newOrganization(staff, 'Notices');
    const add = await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' });
    expect(add.status).toBe(201);
    const before = await mailCount();
    for (const index of range(20)) {
      const role = index % 2 ? 'user' : 'manager';
      const { status } = await staff.client.patch(`${organization.path}/members/${person.id}`, { role });
      expect(status).toBe(200);
    }
    expect((await staff.client.delete(`${organization.path}/members/${person.id}`)).status).toBe(204);
    const { rows } = await app.sql.query(`select id from mails where next_attempt_at > now() + interval '55 minutes'`);
    expect(rows).toHaveLength(1);
    await app.sql.query('update mails set next_attempt_at = now()');
    expect((await mailCount()) - before).toBe(2);
    const [joined] = await mailsTo(app, person.email, 1, /^Your membership in Notices/);
    expect(joined?.text).toContain('removed you from Notices');
    expect(joined?.text?.match(/changed your role/g)).toHaveLength(19);
  });

  it('include a limited number of invitations from a new organization, counting each of a batch', async () => {
    const organization = await newOrganization(staff, 'Inviting');
    const invite = (index: number) => ({ email: `invited-${index}@nowhere.example`, role: 'user' });
    const { body } = await staff.client.post(`${organization.path}/invitations/bulk`, {
      items: range(40).map(invite),
    });
    expect(body.results.filter(({ status }: { status: string }) => status === 'created')).toHaveLength(40);
    const answers = await Promise.all(
      range(20).map((index) => staff.client.post(`${organization.path}/invitations`, invite(100 + index))),
    );
    expect(tally(answers)).toEqual({ '201': 10, '429 invitations.too_many': 10 });
    const [first] = (await staff.client.get(`${organization.path}/invitations?limit=1`)).body.items;
    const again = await staff.client.post(`${organization.path}/invitations/${first.id}/resend`);
    expect(tally([again])).toEqual({ '429 invitations.too_many': 1 });
    await app.sql.query(`update organizations set created_at = now() - interval '8 days' where id = $1`, [
      organization.id,
    ]);
    expect((await staff.client.post(`${organization.path}/invitations`, invite(200))).status).toBe(201);
  });
});

describe('conditions of access rules', () => {
  it('can be tested and saved a limited number of times per organization, over all routes and servers', async () => {
    const admins = [await newPerson(app, 'tries-one'), await newPerson(app, 'tries-two')];
    const home = await newOrganization(staff, 'Tries', admins[0]);
    await staff.client.post(`${home.path}/members`, { userId: admins[1]?.id, role: 'admin' });
    const doors = [
      (client: Client) => client.post(`${home.path}/access-rules/dry-run`, { when: 'user.name == "x"' }),
      (client: Client) =>
        client.post(`${home.path}/access-rules`, { name: 'x', when: 'user.name == "x"', then: { role: 'user' } }),
    ];
    const answers = await Promise.all(
      range(40).map((index) => doors[index % 2]!(both(index >> 1).as(admins[index % 3 ? 0 : 1]?.accessToken ?? ''))),
    );
    const counts = tally(answers);
    expect([(counts['200'] ?? 0) + (counts['201'] ?? 0), counts['429 rate_limited']]).toEqual([30, 10]);
  });
});

describe('the invitations of one sender', () => {
  it('share a budget over all organizations, separate from that of staff', async () => {
    const tight = await app.replica({ LIMIT_INVITATIONS_OF_NEW_ORGANIZATION: '6/1h' });
    const sender = await newPerson(app, 'sender');
    const homes = [
      await newOrganization(staff, 'Sends one', sender),
      await newOrganization(staff, 'Sends two', sender),
    ];
    const at = ({ client }: Person) => client.at(`${tight.origin}/t/demo/api/v1`);
    const invite = (person: Person, index: number) =>
      at(person).post(`${homes[index % 2]?.path}/invitations`, {
        email: `spread-${index}@nowhere.example`,
        role: 'user',
      });
    const answers = await Promise.all(range(12).map((index) => invite(sender, index)));
    expect(tally(answers)).toEqual({ '201': 6, '429 invitations.too_many': 6 });
    expect(Number(answers.find(({ status }) => status === 429)?.headers.get('retry-after'))).toBeGreaterThan(0);
    // Staff still have the rest of the organization's budget.
    expect((await invite(staff, 20)).status).toBe(201);
  });
});

describe('the number of resources of an organization', () => {
  it('is limited across all servers', async () => {
    const tight = [await app.replica({ LIMIT_API_KEYS: '5' }), await app.replica({ LIMIT_API_KEYS: '5' })];
    const organization = await newOrganization(staff, 'Counted');
    const answers = await Promise.all(
      range(20).map((index) =>
        staff.client
          .at(`${tight[index % 2]?.origin}/t/demo/api/v1`)
          .post(`${organization.path}/api-keys`, { name: `Key ${index}`, role: 'user' }),
      ),
    );
    expect(tally(answers)).toEqual({ '201': 5, '409 api_keys.limit_reached': 15 });
  });

  it('is 200 units without a plan', async () => {
    const organization = await newOrganization(staff, 'Units');
    await app.sql.query(
      `insert into units (organization_id, id, name, slug, version)
       select $1, gen_random_uuid(), 'U' || n, 'u' || n, 1 from generate_series(1, 198) n`,
      [organization.id],
    );
    const answers = await Promise.all(
      range(5).map((index) =>
        both(index)
          .as(staff.accessToken)
          .post(`${organization.path}/units`, { name: `More ${index}` }),
      ),
    );
    expect(tally(answers)).toEqual({ '201': 1, '409 units.limit_reached': 4 });
  });
});

describe('conditions of access rules', () => {
  const groups = range(14_000).map(() => 'a');
  const SLOW = 'claims.groups.all(g, !("b" in claims.groups))';

  it('stop at a time limit, without keeping other requests waiting', async () => {
    const organization = await newOrganization(staff, 'Conditions');
    let answers: Answer[] = [];
    const share = await longestShare(async () => {
      answers = await Promise.all(
        range(5).map(() =>
          staff.client.post(`${organization.path}/access-rules/dry-run`, {
            when: SLOW,
            claims: { groups },
            person: { email: 'someone@nowhere.example' },
          }),
        ),
      );
    });
    expect(tally(answers)).toEqual({ '422 access_rules.condition_too_expensive': 5 });
    expect(share).toBeLessThan(0.4);
    const nested = `${'['.repeat(400)}1${']'.repeat(400)} == []`;
    const [dryRun, saved] = [
      await staff.client.post(`${organization.path}/access-rules/dry-run`, { when: nested }),
      await staff.client.post(`${organization.path}/access-rules`, {
        name: 'Nested',
        when: nested,
        then: { role: 'user' },
      }),
    ];
    expect(tally([dryRun, saved])).toEqual({ '422 access_rules.invalid_condition': 2 });
  });
});

describe('access rules with slow conditions', () => {
  it('do not match at a sign-in, which is reported by one event per hour', async () => {
    const person = await someone('198.51.100.1');
    const organization = await newOrganization(staff, 'Slow rules');
    const member = await staff.client.post(`${organization.path}/members`, { userId: person.id, role: 'user' });
    expect(member.status).toBe(201);
    const mine = `user.name == "${person.email.split('@')[0]}"`;
    const slow = `${mine} && [${range(100).join(',')}].exists(a, "${'x'.repeat(50)}".matches("(x?){1000}(x?){1000}(x?){1000}y"))`;
    for (const [name, when, role] of [
      ['Slow', slow, 'admin'],
      ['Fast', mine, 'manager'],
    ]) {
      const rule = await staff.client.post(`${organization.path}/access-rules`, { name, when, then: { role } });
      expect(tally([rule])).toEqual({ '201': 1 });
    }
    for (const _ of range(3)) {
      const login = await app
        .client()
        .post('/auth/login', { email: person.email, password: PASSWORD }, from('198.51.100.1'));
      expect(login.status).toBe(200);
    }
    const { body: members } = await staff.client.get(`${organization.path}/members`);
    expect(members.items.find(({ userId }: { userId: string }) => userId === person.id).role).toBe('manager');
    const recorded = async () =>
      (await staff.client.get(`${organization.path}/events?type=access_rule.too_expensive`)).body.items;
    for (let tries = 0; tries < 100 && (await recorded()).length === 0; tries++) await sleep(50);
    expect(await recorded()).toHaveLength(1);
  });
});

describe('public routes', () => {
  /** The limits of each route. `requests`: only RATE_LIMIT, because they cost little and send nothing. */
  const BUDGETS: Record<string, string> = {
    'AuthController.login': 'password_attempts, failed_sign_ins',
    'AuthController.logout': 'requests',
    'AuthController.refreshToken': 'wrong_secrets',
    'AuthController.register': 'mail_requests',
    'AuthController.selectOrganization': 'sign_in_steps, wrong_secrets',
    'AuthController.verifyEmail': 'sign_in_steps, wrong_secrets',
    'CheckoutDoneController.showCheckoutDone': 'requests',
    'ConfirmEmailController.confirmEmail': 'sign_in_steps, wrong_secrets',
    'DevInboxController.openInbox': 'requests',
    'EventTypeController.list': 'requests',
    'DevInboxController.showInbox': 'requests',
    'DevInboxController.showMail': 'requests',
    'DevInboxController.showMailHtml': 'requests',
    'DeviceLoginController.startDeviceLogin': 'device_logins',
    'DiscoveryController.discoverSignIn': 'requests',
    'HealthController.getLiveness': 'requests',
    'HealthController.getReadiness': 'requests',
    'IntrospectionController.introspect': 'wrong_secrets',
    'KeySetController.getKeySet': 'requests',
    'LogoutTokenController.oidcLogout': 'sign_in_steps',
    'MagicLinkController.askForMagicLink': 'mail_requests',
    'MagicLinkController.redeemMagicLink': 'sign_in_steps, wrong_secrets',
    'MailedLinkController.show': 'wrong_secrets',
    'MailedLinkController.submit': 'sign_in_steps, wrong_secrets',
    'MetricsController.getMetrics': 'requests',
    'OperatorMetadataController.getOperatorMetadata': 'requests',
    'OperatorMetadataController.getOperatorOpenIdConfiguration': 'requests',
    'PasswordResetController.forgotPassword': 'mail_requests',
    'PasswordResetController.resetPassword': 'sign_in_steps, wrong_secrets',
    'PaymentController.receivePaymentEvent': 'requests',
    'PublicBrandingController.getLogo': 'requests',
    'PublicBrandingController.getPublicBranding': 'requests',
    'PublicInvitationController.acceptInvitation': 'sign_in_steps, wrong_secrets',
    'PublicInvitationController.declineInvitation': 'sign_in_steps, wrong_secrets',
    'PublicInvitationController.lookAtInvitation': 'wrong_secrets',
    'SamlLogoutController.byPost': 'sign_in_steps',
    'SamlLogoutController.byRedirect': 'sign_in_steps',
    'SandboxController.pressButton': 'requests',
    'SandboxController.showCheckout': 'requests',
    'SecondStepController.completeMfa': 'code_attempts, failed_sign_ins, wrong_secrets',
    'SecondStepController.enrolDuringSignIn': 'sign_in_steps, wrong_secrets',
    'SecondStepController.getPasskeyOptions': 'sign_in_steps, wrong_secrets',
    'SecondStepController.signInWithPasskey': 'sign_in_steps, wrong_secrets',
    'ServerMetadataController.getOpenIdConfiguration': 'requests',
    'ServerMetadataController.getOperatorMetadataByInsertion': 'requests',
    'ServerMetadataController.getServerMetadata': 'requests',
    'SsoSignInController.finishSaml': 'sign_in_steps, wrong_secrets',
    'SsoSignInController.oidcConnectionCallback': 'sign_in_steps, wrong_secrets',
    'SsoSignInController.oidcCallback': 'sign_in_steps, wrong_secrets',
    'SsoSignInController.redeemSsoCode': 'sign_in_steps, wrong_secrets',
    'SsoSignInController.samlAcs': 'sign_in_steps, wrong_secrets',
    'SsoSignInController.samlMetadata': 'requests',
    'SsoSignInController.startSso': 'sign_in_steps',
    'UnsubscribeController.showUnsubscribe': 'requests',
    'UnsubscribeController.unsubscribe': 'requests',
  };

  it('have a budget each: name the one of a new route here', () => {
    const open = app.app
      .get(RouteRules)
      .all()
      .filter(({ rule }) => rule?.level === 'public')
      .map(({ handler }) => handler);
    expect(open.filter((handler) => !(handler in BUDGETS))).toEqual([]);
  });
});
