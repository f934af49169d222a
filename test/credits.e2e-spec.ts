import { charge, creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { type Person, newPerson, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let user: Person;
let organization: Organization;
let made = 0;

/** With an admin and a user, so that a test spends nobody else's credits. */
const fresh = async (credits?: string): Promise<Organization> => {
  const one = await newOrganization(staff, `Credits ${made++}`);
  for (const [person, role] of [
    [admin, 'admin'],
    [user, 'user'],
  ] as const)
    await staff.client.post(`${one.path}/members`, { userId: person.id, role });
  if (credits) await grant(staff, one, credits);
  return one;
};

const look = async (one: Organization) => (await admin.client.get(creditsOf(one))).body;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'credit-admin');
  user = await newPerson(app, 'credit-user');
  organization = await fresh('1000');
});
afterAll(() => app.close());

describe('an organization', () => {
  it('has nothing before its first grant', async () => {
    const empty = await fresh();
    expect(await look(empty)).toMatchObject({
      available: '0',
      held: '0',
      overdraftLimit: '0',
      lots: [],
      status: 'active',
    });
    await expectProven(staff, empty);
    const refused = await charge(admin, empty, { amount: '1' });
    expect([refused.status, refused.body]).toEqual([
      402,
      expect.objectContaining({
        code: 'billing.insufficient_credits',
        available: '0',
        shortfall: '1',
        blockedBy: 'balance',
      }),
    ]);
  });

  it('spends what it was granted, lot by lot', async () => {
    const one = await fresh();
    const paid = await grant(staff, one, '10', { category: 'paid' });
    const soon = await grant(staff, one, '5.5', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const answer = await charge(user, one, { amount: '6.000001', kind: 'gpu', reference: 'job 1' });
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        id: expect.any(String),
        amount: '6.000001',
        balance: '9.499999',
        allocations: [
          { lotId: soon.lotId, category: 'promo', amount: '5.5' },
          { lotId: paid.lotId, category: 'paid', amount: '0.500001' },
        ],
        kind: 'gpu',
        unitId: null,
        memberId: user.id,
        reference: 'job 1',
        createdAt: expect.any(String),
      },
    ]);
    expect(await look(one)).toMatchObject({ available: '9.499999', lots: [{ id: paid.lotId, remaining: '9.499999' }] });
    await expectProven(staff, one);
  });
});

describe('a key', () => {
  it('moves credits once and gets the same answer again', async () => {
    const key = newKey();
    const first = await charge(user, organization, { amount: '1' }, key);
    const again = await charge(user, organization, { amount: '1' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    const other = await charge(user, organization, { amount: '2' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'billing.idempotency_mismatch']);
  });

  it('is kept with a refusal too', async () => {
    const one = await fresh('1');
    const key = newKey();
    const first = await charge(user, one, { amount: '2' }, key);
    await grant(staff, one, '5');
    const again = await charge(user, one, { amount: '2' }, key);
    expect([again.status, again.body.shortfall, again.headers.get('idempotent-replayed')]).toEqual([402, '1', 'true']);
    expect({ ...again.body, requestId: '' }).toEqual({ ...first.body, requestId: '' });
  });

  it.each([
    [undefined, 'billing.idempotency_key_required'],
    ['', 'billing.idempotency_key_invalid'],
    ['k'.repeat(256), 'billing.idempotency_key_invalid'],
  ])('is needed: %j', async (key, code) => {
    const answer = await user.client.post(
      `${creditsOf(organization)}/charges`,
      { amount: '1' },
      key === undefined ? {} : keyed(key),
    );
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });
});
