import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../src/database/index.js';
import { createDataSource } from '../src/database/data-source.js';
import { CreditService } from '../src/billing/ledger/balances/credit.service.js';
import { AdjustmentStore } from '../src/billing/ledger/adjustments/adjustment.store.js';
import { CreditStore } from '../src/billing/ledger/balances/credit.store.js';
import { LedgerService } from '../src/billing/ledger/ledger.service.js';
import { UsageRollupStore } from '../src/billing/ledger/usage/usage-rollup.store.js';
import { ProofStore } from '../src/billing/ledger/verification/proof.store.js';
import { RecountStore } from '../src/billing/ledger/verification/recount.store.js';
import { HoldExpiryJob } from '../src/billing/ledger/holds/hold-expiry.job.js';
import { type Finding, VerificationService } from '../src/billing/ledger/verification/verification.service.js';
import { charge, creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { type Person, newPerson, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let user: Person;
let organization: Organization;
let organizations = 0;

/** Creates an organization with an admin and a user, so that each test spends its own credits. */
const fresh = async (credits?: string): Promise<Organization> => {
  const one = await newOrganization(staff, `Credits ${organizations++}`);
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

describe('the balance of an organization', () => {
  it('is zero before its first grant', async () => {
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

  it('is spent lot by lot', async () => {
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

describe('an idempotency key', () => {
  it('moves credits once and returns the same response again', async () => {
    const key = newKey();
    const first = await charge(user, organization, { amount: '1' }, key);
    const again = await charge(user, organization, { amount: '1' }, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    const other = await charge(user, organization, { amount: '2' }, key);
    expect([other.status, other.body.code]).toEqual([422, 'billing.idempotency_mismatch']);
  });

  it('returns the original response of a charge, whatever has happened since', async () => {
    const one = await fresh();
    await staff.client.put(`${creditsOf(one)}/overdraft`, { overdraftLimit: '5' });
    await grant(staff, one, '2', { category: 'paid' });
    await grant(staff, one, '1.5', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const whole = {
      kind: 'a "kind"',
      reference: 'back\\slash',
      unitId: one.defaultUnitId,
      metadata: { of: ['"', null] },
    };
    const charges = [
      { amount: '1', ...whole },
      { amount: '2' },
      { price: '0.1', quantity: '25' },
      { amount: '0.000001' },
    ];
    const sent = charges.map((body) => ({ idempotencyKey: newKey(), ...body }));
    const first: string[] = [];
    for (const { idempotencyKey, ...body } of sent)
      first.push(JSON.stringify((await charge(admin, one, body, idempotencyKey)).body));
    await grant(staff, one, '7');
    for (const [index, { idempotencyKey, ...body }] of sent.entries())
      expect(JSON.stringify((await charge(admin, one, body, idempotencyKey)).body)).toBe(first[index]);
    const { body } = await admin.client.post(`${creditsOf(one)}/charges/batch`, { items: sent });
    const answers = first.map((text) => JSON.parse(text));
    expect(body.results).toEqual(
      sent.map(({ idempotencyKey }, index) => ({ idempotencyKey, status: 201, ...answers[index], replayed: true })),
    );
    expect(new Set(first).size).toBe(4);
    await expectProven(staff, one);
  });

  it('also stores a refusal', async () => {
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
  ])('is required: %j', async (key, code) => {
    const answer = await user.client.post(
      `${creditsOf(organization)}/charges`,
      { amount: '1' },
      key === undefined ? {} : keyed(key),
    );
    expect([answer.status, answer.body.code]).toEqual([400, code]);
  });
});

describe('an amount of credits', () => {
  const HUGE = '1000000000';
  it.each([
    [{}],
    [{ amount: '0' }],
    [{ amount: '0.000000' }],
    [{ amount: '-1' }],
    [{ amount: '1.0000001' }],
    [{ amount: 1 }],
    [{ amount: '1e3' }],
    [{ amount: ' 1' }],
    [{ amount: '' }],
    [{ amount: null }],
    [{ amount: ['1'] }],
    [{ amount: `${HUGE}.000001` }],
    [{ amount: '99999999999999999999999' }],
    [{ amount: '1', price: '1' }],
    [{ price: '1' }],
    [{ price: '0', quantity: '0' }],
    [{ price: '1', quantity: '0' }],
    [{ price: HUGE, quantity: HUGE }],
    [{ price: '1', quantity: 2 }],
    [{ amount: '1', unitId: 'mine' }],
    [{ amount: '1', apiKeyId: '018f0000-0000-7000-8000-000000000000' }],
    [{ amount: '1', metadata: { text: 'x'.repeat(5000) } }],
    [{ amount: '1', kind: '' }],
    [[]],
    ['text'],
  ])('is refused when invalid: %j', async (body) => {
    const { available, held } = await look(organization);
    const key = newKey();
    for (const path of ['charges', 'holds']) {
      const answer = await admin.client.post(`${creditsOf(organization)}/${path}`, JSON.stringify(body), keyed(key));
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    }
    expect(await look(organization)).toMatchObject({ available, held });
    // Nothing was stored.
    expect((await charge(admin, organization, { amount: '0.000001' }, key)).status).toBe(201);
  });

  it('can be usage at price 0, which is listed and counted but charges nothing', async () => {
    const one = await fresh('1');
    await charge(admin, one, { amount: '1' });
    const free = { price: '0', quantity: '5', priceVersion: 'free', kind: 'tokens' };
    const answer = await charge(admin, one, free);
    expect([answer.status, answer.body]).toMatchObject([201, { amount: '0', balance: '0', allocations: [] }]);
    const { items } = (await admin.client.get(`${creditsOf(one)}/entries?kind=tokens`)).body;
    expect(items).toMatchObject([{ id: answer.body.id, detail: { price: '0', quantity: '5000000' } }]);
    const { items: kinds } = (await admin.client.get(`/organizations/${one.id}/usage?groupBy=kind`)).body;
    expect(kinds.map(({ key, net, charges }: any) => [key, net, charges])).toEqual([
      ['charge', '1', 1],
      ['tokens', '0', 1],
    ]);
    const refund = await admin.client.post(`${creditsOf(one)}/charges/${answer.body.id}/refunds`, {}, keyed());
    expect(refund.body.code).toBe('billing.refund_exceeds_charge');
    expect((await admin.client.post(`${creditsOf(one)}/holds`, free, keyed())).status).toBe(400);
    await expectProven(staff, one);
  });

  it('is price times quantity, rounded up once, and all three are stored', async () => {
    const one = await fresh('10');
    const answer = await charge(admin, one, { price: '0.333333', quantity: '0.5', priceVersion: 'v7', kind: 'tokens' });
    expect([answer.status, answer.body.amount]).toEqual([201, '0.166667']);
    const { body } = await admin.client.get(`${creditsOf(one)}/entries?kind=tokens`);
    expect(body.items).toEqual([
      expect.objectContaining({ detail: { price: '333333', quantity: '500000', priceVersion: 'v7' } }),
    ]);
  });
});

describe('a charge', () => {
  const refused = async (person: Person, one: Organization, body: object) => {
    const key = newKey();
    const first = await charge(person, one, { amount: '1', ...body }, key);
    const again = await charge(person, one, { amount: '1', ...body }, key);
    // Stored only once decided. A request refused for access or its form is evaluated anew.
    expect([again.status, again.body.code]).toEqual([first.status, first.body.code]);
    return [first.status, first.body.code, again.headers.get('idempotent-replayed')];
  };

  it("is limited to the caller's own units and usage", async () => {
    const one = await fresh('100');
    const other = await fresh();
    const unitId = one.defaultUnitId;
    expect(await refused(user, one, { unitId })).toEqual([404, 'units.not_found', 'true']);
    expect(await refused(user, one, { memberId: admin.id })).toEqual([403, 'billing.member_not_allowed', null]);
    expect(await refused(admin, one, { unitId: other.defaultUnitId })).toEqual([404, 'units.not_found', 'true']);
    expect(await refused(admin, one, { memberId: staff.id })).toEqual([404, 'members.not_found', 'true']);
    await admin.client.post(`${one.path}/units/${unitId}/members`, { userId: user.id, role: 'user' });
    expect((await charge(user, one, { amount: '1', unitId })).body).toMatchObject({ unitId, memberId: user.id });
    expect((await charge(admin, one, { amount: '1', memberId: user.id })).body).toMatchObject({ memberId: user.id });
    expect((await charge(staff, one, { amount: '1' })).body).toMatchObject({ memberId: null });
    expect(await look(one)).toMatchObject({ available: '97' });
    await expectProven(staff, one);
  });

  it('is refused in suspended and deleted organizations', async () => {
    const one = await fresh('100');
    const unitId = one.defaultUnitId;
    const unit = `${one.path}/units/${unitId}`;
    await admin.client.post(`${unit}/suspend`);
    expect(await refused(admin, one, { unitId })).toEqual([403, 'units.suspended', 'true']);
    await admin.client.post(`${unit}/resume`);
    const { body } = await admin.client.get(unit);
    await admin.client.delete(`${unit}?confirmName=${encodeURIComponent(body.name)}`);
    expect(await refused(admin, one, { unitId })).toEqual([409, 'units.pending_deletion', 'true']);
    await staff.client.post(`${one.path}/suspend`);
    // Staff pass the access check and are refused by the ledger.
    expect(await refused(staff, one, {})).toEqual([403, 'organizations.suspended', 'true']);
    expect(await refused(user, one, {})).toEqual([403, 'organizations.suspended', null]);
    expect((await staff.client.get(creditsOf(one))).body).toMatchObject({ available: '100', status: 'suspended' });
  });

  it('can be previewed', async () => {
    const one = await fresh('5');
    const path = `${creditsOf(one)}/charges?dryRun=true`;
    const may = await user.client.post(path, { amount: '5' });
    expect([may.status, may.body]).toEqual([200, expect.objectContaining({ balance: '0', dryRun: true })]);
    const mayNot = await user.client.post(path, { amount: '6' });
    expect([mayNot.status, mayNot.body.shortfall]).toEqual([402, '1']);
    expect((await user.client.post(`${creditsOf(one)}/charges?dryRun=yes`, { amount: '1' })).status).toBe(400);
    expect(await look(one)).toMatchObject({ available: '5' });
  });

  it('can be sent in batches, each item with its own outcome', async () => {
    const one = await fresh('10');
    const [again, key] = [newKey(), newKey()];
    await charge(user, one, { amount: '1' }, again);
    const { status, body } = await user.client.post(`${creditsOf(one)}/charges/batch`, {
      items: [
        { idempotencyKey: key, amount: '6' },
        { idempotencyKey: newKey(), amount: '4' },
        { idempotencyKey: newKey(), amount: '0' },
        { amount: '1' },
        null,
        { idempotencyKey: again, amount: '1' },
        { idempotencyKey: key, amount: '6' },
        { idempotencyKey: key, amount: '7' },
        { idempotencyKey: newKey(), amount: '3' },
      ],
    });
    expect(status).toBe(200);
    expect(body.results.map((item: any) => [item.status, item.code ?? item.balance, item.replayed ?? false])).toEqual([
      [201, '3', false],
      [402, 'billing.insufficient_credits', false],
      [400, 'validation_failed', false],
      [400, 'billing.idempotency_key_required', false],
      [400, 'billing.idempotency_key_required', false],
      [201, '9', true],
      [201, '3', true],
      [422, 'billing.idempotency_mismatch', false],
      [201, '0', false],
    ]);
    for (const items of [[], Array.from({ length: 1001 }, () => ({})), 'x']) {
      expect((await user.client.post(`${creditsOf(one)}/charges/batch`, { items })).status).toBe(400);
    }
    await expectProven(staff, one);
  });

  it('is refunded to the lots it came from, the newest first', async () => {
    const one = await fresh();
    const soon = await grant(staff, one, '3', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const later = await grant(staff, one, '10');
    const { body: charged } = await charge(user, one, { amount: '5' });
    const path = `${creditsOf(one)}/charges/${charged.id}/refunds`;
    expect((await user.client.post(path, {}, keyed())).status).toBe(403);
    const first = await admin.client.post(path, { amount: '3', reason: 'Broken' }, keyed());
    expect([first.status, first.body]).toEqual([
      201,
      expect.objectContaining({
        amount: '3',
        refunded: '3',
        balance: '11',
        allocations: [
          { lotId: later.lotId, amount: '2' },
          { lotId: soon.lotId, amount: '1' },
        ],
      }),
    ]);
    const tooMuch = await admin.client.post(path, { amount: '2.000001' }, keyed());
    expect([tooMuch.status, tooMuch.body.code, tooMuch.body.refundable]).toEqual([
      422,
      'billing.refund_exceeds_charge',
      '2',
    ]);
    const key = newKey();
    expect((await admin.client.post(path, {}, keyed(key))).body).toMatchObject({ amount: '2', balance: '13' });
    expect((await admin.client.post(path, {}, keyed(key))).headers.get('idempotent-replayed')).toBe('true');
    expect((await admin.client.post(path, {}, keyed())).status).toBe(422);
    const none = path.replace(charged.id, one.id);
    expect((await admin.client.post(none, {}, keyed())).body.code).toBe('billing.charge_not_found');
    await expectProven(staff, one);
  });
});

describe('a hold', () => {
  const hold = (person: Person, one: Organization, body: object, key = newKey()) =>
    person.client.post(`${creditsOf(one)}/holds`, body, keyed(key));
  const act = (person: Person, one: Organization, id: string, what: string, body: object = {}, key = newKey()) =>
    person.client.post(`${creditsOf(one)}/holds/${id}/${what}`, body, keyed(key));
  /** Lets the hold expire. */
  const expire = (id: string) => app.sql.query(`update credit_holds set expires_at = now() where id = $1`, [id]);

  it('reserves credits, is captured in part, and releases the rest', async () => {
    const one = await fresh('100');
    const made = await hold(user, one, { amount: '60', kind: 'job', ttlSeconds: 60 });
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ state: 'open', amount: '60', balance: '40', held: '60', memberId: user.id }),
    ]);
    expect(Date.parse(made.body.expiresAt) - Date.parse(made.body.createdAt)).toBe(60_000);
    expect((await charge(user, one, { amount: '41' })).status).toBe(402);
    const { id } = made.body;
    const tooMuch = await act(user, one, id, 'capture', { amount: '61' });
    expect([tooMuch.status, tooMuch.body.code]).toEqual([422, 'billing.capture_exceeds_hold']);
    const captured = await act(user, one, id, 'capture', { amount: '25' });
    expect([captured.status, captured.body]).toEqual([
      200,
      expect.objectContaining({
        state: 'captured',
        captured: '25',
        balance: '75',
        held: '0',
        late: false,
        receivable: '0',
        charge: expect.objectContaining({ amount: '25', kind: 'job' }),
      }),
    ]);
    for (const what of ['capture', 'void', 'extend']) {
      const again = await act(user, one, id, what);
      expect([again.status, again.body.code, again.body.state]).toEqual([409, 'billing.hold_resolved', 'captured']);
    }
    const refunded = await admin.client.post(
      `${creditsOf(one)}/charges/${captured.body.charge.id}/refunds`,
      {},
      keyed(),
    );
    expect(refunded.body).toMatchObject({ amount: '25', balance: '100' });
    await expectProven(staff, one);
  });

  it('can be read, extended and voided by its owner, at either of its paths', async () => {
    const one = await fresh('100');
    const { body: made } = await hold(user, one, { amount: '60' });
    const { body: others } = await hold(admin, one, { amount: '1' });
    const extended = await act(user, one, made.id, 'extend', { ttlSeconds: 86_400 });
    expect(Date.parse(extended.body.expiresAt)).toBeGreaterThan(Date.parse(made.expiresAt));
    const shorter = await user.client.post(`/organizations/${one.id}/holds/${made.id}/extend`, { ttlSeconds: 1 });
    expect([shorter.status, shorter.body.expiresAt]).toEqual([200, extended.body.expiresAt]);
    expect((await user.client.get(`/organizations/${one.id}/holds/${made.id}`)).body).toMatchObject({ state: 'open' });
    for (const answer of [
      await user.client.get(`${creditsOf(one)}/holds/${others.id}`),
      await act(user, one, others.id, 'void'),
      await act(user, one, one.id, 'capture'),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([404, 'billing.hold_not_found']);
    }
    expect((await act(user, one, made.id, 'void')).body).toMatchObject({ state: 'voided', balance: '99', held: '1' });
    expect((await act(admin, one, others.id, 'void')).body).toMatchObject({ balance: '100', held: '0' });
    for (const ttlSeconds of [0, 86_401, 1.5, '60']) {
      expect((await hold(user, one, { amount: '1', ttlSeconds })).status).toBe(400);
    }
    await expectProven(staff, one);
  });

  it('expires by itself. A later capture is a fresh charge, or owed', async () => {
    const one = await fresh('100');
    const [first, second] = [
      (await hold(user, one, { amount: '60' })).body,
      (await hold(user, one, { amount: '40' })).body,
    ];
    await expire(first.id);
    expect(await look(one)).toMatchObject({ available: '60', held: '40' });
    expect((await user.client.get(`${creditsOf(one)}/holds/${first.id}`)).body.state).toBe('expired');
    const late = await act(user, one, first.id, 'capture', { amount: '50' });
    expect(late.body).toMatchObject({ state: 'captured', late: true, receivable: '0', balance: '10' });
    await expire(second.id);
    const key = newKey();
    await charge(user, one, { amount: '45' });
    const owed = await act(user, one, second.id, 'capture', {}, key);
    expect(owed.body).toMatchObject({ late: true, receivable: '40', balance: '5' });
    expect((await act(user, one, second.id, 'capture', {}, key)).body).toEqual(owed.body);
    expect(await look(one)).toMatchObject({ available: '5', held: '0', receivable: '40', consumed: '135' });
    await expectProven(staff, one);
  });

  it('is recorded as ended by the expiry job, and with the deletion of its organization', async () => {
    const one = await fresh('100');
    const { body: made } = await hold(user, one, { amount: '60' });
    await expire(made.id);
    const gone = await fresh('100');
    await hold(user, gone, { amount: '60' });
    expect((await admin.client.get(`${gone.path}/impact`)).body).toMatchObject({ creditsLeft: '100', openHolds: 1 });
    await staff.client.delete(`${gone.path}?confirmName=${encodeURIComponent(gone.name)}`);
    // The server's own job may run first.
    await app.app.get(HoldExpiryJob).run();
    const { rows } = await app.sql.query(
      'select held from credit_accounts where organization_id = any ($1::uuid[]) order by 1',
      [[one.id, gone.id]],
    );
    expect(rows).toEqual([{ held: '0' }, { held: '0' }]);
    await staff.client.post(`${gone.path}/restore`);
    expect(await look(gone)).toMatchObject({ available: '100', held: '0' });
  });
});

describe('a lot', () => {
  it('is worth nothing from the instant it expires', async () => {
    const one = await fresh('10');
    const short = await grant(staff, one, '5', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    await app.sql.query('update credit_lots set expires_at = now() where id = $1', [short.lotId]);
    expect(await look(one)).toMatchObject({ available: '10', lots: [{ remaining: '10' }] });
    expect((await charge(user, one, { amount: '10.000001' })).status).toBe(402);
    await expectProven(staff, one);
    const past = await staff.client.post(
      `${creditsOf(one)}/grants`,
      { amount: '1', category: 'promo', reason: 'late', expiresAt: '2020-01-01T00:00:00Z' },
      keyed(),
    );
    expect([past.status, past.body.code]).toEqual([400, 'validation_failed']);
  });
});

describe('staff', () => {
  it('set the credit limit below zero', async () => {
    const one = await fresh('10');
    const path = `${creditsOf(one)}/overdraft`;
    expect((await admin.client.put(path, { overdraftLimit: '5' })).status).toBe(403);
    expect((await staff.client.put(path, { overdraftLimit: '5' })).body).toEqual({ overdraftLimit: '5' });
    expect((await charge(user, one, { amount: '15.000001' })).body).toMatchObject({ shortfall: '0.000001' });
    const { body } = await charge(user, one, { amount: '14' });
    expect([body.balance, body.allocations.map(({ amount }: any) => amount)]).toEqual(['-4', ['10']]);
    const inUse = await staff.client.put(path, { overdraftLimit: '3' });
    expect([inUse.status, inUse.body.code, inUse.body.available]).toEqual([409, 'billing.overdraft_in_use', '-4']);
    await grant(staff, one, '6');
    expect(await look(one)).toMatchObject({
      available: '2',
      overdraftLimit: '5',
      lots: [{ amount: '6', remaining: '2' }],
    });
    await expectProven(staff, one);
  });

  it('correct a balance, and a large sum only with a second person', async () => {
    const one = await fresh('10');
    const path = `${creditsOf(one)}/adjustments`;
    expect((await staff.client.post(path, { amount: '-3' }, keyed())).status).toBe(400);
    const less = await staff.client.post(path, { amount: '-3', reason: 'Counted twice' }, keyed());
    expect([less.status, less.body]).toEqual([
      201,
      expect.objectContaining({ amount: '-3', balance: '7', state: 'done' }),
    ]);
    expect((await staff.client.post(path, { amount: '-7.5', reason: 'x' }, keyed())).body.shortfall).toBe('0.5');

    const key = newKey();
    const second = await newPerson(app, 'second-staff');
    await staff.client.post('/admin/operator/members', { userId: second.id, role: 'manager' });
    const large = await staff.client.post(path, { amount: '1000000.5', reason: 'Merger' }, keyed(key));
    expect([large.status, large.body]).toEqual([202, expect.objectContaining({ state: 'pending' })]);
    expect((await staff.client.post(path, { amount: '1000000.5', reason: 'Merger' }, keyed(key))).body).toEqual(
      large.body,
    );
    expect(await look(one)).toMatchObject({ available: '7' });
    const approve = (person: Person, by = newKey()) =>
      person.client.post(`${path}/${large.body.id}/approve`, undefined, keyed(by));
    expect((await approve(staff)).body.code).toBe('billing.second_person_needed');
    const by = newKey();
    expect((await approve(second, by)).body).toMatchObject({ amount: '1000000.5', balance: '1000007.5' });
    expect((await approve(second, by)).headers.get('idempotent-replayed')).toBe('true');
    expect((await approve(second)).body.code).toBe('billing.adjustment_decided');
    const declined = await staff.client.post(path, { amount: '-1000001', reason: 'No' }, keyed());
    const decline = (person: Person) => person.client.post(`${path}/${declined.body.id}/decline`);
    expect((await decline(staff)).status).toBe(403);
    expect((await decline(second)).body).toMatchObject({ state: 'declined', decidedBy: second.id });
    expect((await decline(second)).status).toBe(409);
    const { body } = await second.client.get(`${path}?state=done`);
    expect(body.items).toEqual([expect.objectContaining({ id: large.body.id, requestedBy: staff.id })]);
    expect(await look(one)).toMatchObject({ available: '1000007.5' });
    await expectProven(staff, one);
  });
});

describe('an API key', () => {
  const keyOf = async (one: Organization, more: object): Promise<Pick<Person, 'client'>> => {
    const { status, body } = await admin.client.post(`${one.path}/api-keys`, {
      name: 'Workload',
      role: 'user',
      ...more,
    });
    expect(status).toBe(201);
    return { client: app.client().as(body.key) };
  };

  it('charges for units and members, with its own limits and under its own name', async () => {
    const one = await fresh('100');
    const unitId = one.defaultUnitId;
    const { body: other } = await admin.client.post(`${one.path}/units`, { name: 'Other' });
    const free = await keyOf(one, {});
    const bound = await keyOf(one, { unitIds: [unitId] });
    expect((await charge(free, one, { amount: '1', unitId: other.id, memberId: user.id })).body).toMatchObject({
      unitId: other.id,
      memberId: user.id,
    });
    expect((await charge(bound, one, { amount: '2', unitId })).body).toMatchObject({ unitId, memberId: null });
    expect((await charge(bound, one, { amount: '2', unitId: other.id })).body.code).toBe('units.not_found');
    const { body: held } = await free.client.post(
      `${creditsOf(one)}/holds`,
      { amount: '5', unitId: other.id },
      keyed(),
    );
    const capture = (by: Pick<Person, 'client'>) =>
      by.client.post(`${creditsOf(one)}/holds/${held.id}/capture`, { amount: '3' }, keyed());
    expect((await capture(bound)).body.code).toBe('billing.hold_not_found');
    expect((await capture(free)).body).toMatchObject({ captured: '3', balance: '94' });
    const entries = async (by: Pick<Person, 'client'>) =>
      (await by.client.get(`${creditsOf(one)}/entries`)).body.items.map(({ type }: any) => type);
    expect(await entries(bound)).toEqual(['charge']);
    expect(await entries(free)).toEqual(['capture', 'hold', 'charge']);
    const [{ apiKeyId }] = (await admin.client.get(`${creditsOf(one)}/entries?kind=charge`)).body.items;
    await admin.client.put(`/organizations/${one.id}/limits/api-key/${apiKeyId}`, {
      limits: [{ window: 'day', amount: '3' }],
    });
    expect((await charge(bound, one, { amount: '2', unitId })).body).toMatchObject({
      blockedBy: 'apiKey',
      available: '1',
    });
    expect((await charge(free, one, { amount: '2' })).status).toBe(201);
    await expectProven(staff, one);
  });
});

describe('credit limits', () => {
  const set = (one: Organization, where: string, body: object) =>
    admin.client.put(`/organizations/${one.id}/limits${where}`, body);

  it('count what is used and held, and name the broadest limit that blocks', async () => {
    const one = await fresh('1000');
    const unitId = one.defaultUnitId;
    await charge(admin, one, { amount: '10', unitId });
    expect((await user.client.put(`/organizations/${one.id}/limits`, { limits: [] })).status).toBe(403);
    await set(one, '', { limits: [{ window: 'month', amount: '100' }] });
    await set(one, `/unit/${unitId}`, {
      limits: [
        { window: 'day', amount: '50' },
        { window: 'lifetime', amount: '60' },
      ],
    });
    const before = (await admin.client.get(`/organizations/${one.id}/limits/unit/${unitId}`)).body;
    expect(before.limits).toEqual([
      { window: 'lifetime', amount: '60', used: '10', resetsAt: null },
      { window: 'day', amount: '50', used: '10', resetsAt: expect.stringContaining('T00:00:00.000Z') },
    ]);
    const { body: held } = await admin.client.post(`${creditsOf(one)}/holds`, { amount: '30', unitId }, keyed());
    const blocked = await charge(admin, one, { amount: '10.5', unitId });
    expect([blocked.status, blocked.body]).toEqual([
      402,
      expect.objectContaining({
        code: 'billing.limit_exceeded',
        blockedBy: 'unit',
        limit: expect.objectContaining({ scope: 'unit', id: unitId, window: 'day', amount: '50', used: '40' }),
        available: '10',
        shortfall: '0.5',
      }),
    ]);
    expect((await charge(admin, one, { amount: '95', unitId })).body).toMatchObject({ blockedBy: 'organization' });
    expect((await charge(admin, one, { amount: '25', unitId })).body.limit).toMatchObject({ window: 'lifetime' });
    await admin.client.post(`${creditsOf(one)}/holds/${held.id}/capture`, { amount: '5' }, keyed());
    const { body: spent } = await charge(admin, one, { amount: '35', unitId });
    expect(spent.amount).toBe('35');
    await admin.client.post(`${creditsOf(one)}/charges/${spent.id}/refunds`, { amount: '20' }, keyed());
    expect((await admin.client.get(`/organizations/${one.id}/limits`)).body).toEqual({
      limits: [{ window: 'month', amount: '100', used: '30', resetsAt: expect.stringContaining('-01T00:00:00.000Z') }],
      timeZone: 'UTC',
      memberDefaults: [],
      runningRuns: null,
      memberRunningRuns: null,
    });
    // Below what is already used: nothing is taken back, and new charges are blocked.
    await set(one, '', { limits: [{ window: 'month', amount: '20' }] });
    expect((await charge(admin, one, { amount: '0.000001' })).body).toMatchObject({
      available: '0',
      blockedBy: 'organization',
    });
    await set(one, '', { limits: [] });
    expect((await charge(admin, one, { amount: '1' })).status).toBe(201);
    await expectProven(staff, one);
  });

  it('have defaults for members, which individual limits replace', async () => {
    const one = await fresh('1000');
    await set(one, '', { limits: [], memberDefaults: [{ window: 'week', amount: '5' }] });
    expect((await charge(user, one, { amount: '6' })).body).toMatchObject({ blockedBy: 'member' });
    await charge(user, one, { amount: '5' });
    expect((await charge(user, one, { amount: '1' })).status).toBe(402);
    expect((await charge(admin, one, { amount: '5' })).status).toBe(201);
    const own = await set(one, `/member/${user.id}`, { limits: [{ window: 'week', amount: '7' }] });
    expect(own.body.limits).toMatchObject([{ window: 'week', amount: '7', used: '5' }]);
    expect((await charge(user, one, { amount: '2' })).status).toBe(201);
    expect((await charge(user, one, { amount: '1' })).status).toBe(402);
  });

  it("start and end in the operator's time zone, even after it changes", async () => {
    const one = await fresh('1000');
    const setZone = async (timeZone: string) => {
      const { name, defaultUnitName } = (await staff.client.get('/admin/operator')).body;
      expect((await staff.client.put('/admin/operator', { name, defaultUnitName, timeZone })).status).toBe(200);
    };
    const used = async () => (await admin.client.get(`/organizations/${one.id}/limits`)).body;
    await set(one, '', { limits: [{ window: 'day', amount: '100' }] });
    let total = 0;
    try {
      // At any time, one of them is on another day than UTC.
      for (const timeZone of ['UTC', 'Pacific/Kiritimati', 'UTC', 'Pacific/Pago_Pago', 'UTC']) {
        await setZone(timeZone);
        await charge(admin, one, { amount: '3' });
        total += 3;
        const { limits, timeZone: told } = await used();
        const end = Date.parse(limits[0].resetsAt);
        expect([told, limits[0].used, new Date(end).toLocaleTimeString('en-GB', { timeZone })]).toEqual([
          timeZone,
          String(total),
          '00:00:00',
        ]);
        expect(end - Date.now()).toBeGreaterThan(0);
        expect(end - Date.now()).toBeLessThanOrEqual(86_400_000);
      }
    } finally {
      await setZone('UTC');
    }
    const refused = await charge(admin, one, { amount: '86' });
    expect(refused.body.limit).toMatchObject({ used: '15', resetsAt: expect.stringContaining('T00:00:00.000Z') });
    await expectProven(staff, one);
  });

  it('apply to existing members, one per window', async () => {
    const one = await fresh();
    const twice = [
      { window: 'day', amount: '1' },
      { window: 'day', amount: '2' },
    ];
    expect((await set(one, '', { limits: twice })).status).toBe(400);
    expect((await set(one, '', { limits: [{ window: 'year', amount: '1' }] })).status).toBe(400);
    expect((await set(one, `/unit/${organization.defaultUnitId}`, { limits: [] })).body.code).toBe('units.not_found');
    expect((await set(one, `/member/${staff.id}`, { limits: [] })).body.code).toBe('members.not_found');
    expect((await set(one, `/everybody/${user.id}`, { limits: [] })).status).toBe(404);
  });
});

describe('the ledger', () => {
  it('is listed completely to callers with the permission, and to users for their own usage', async () => {
    const one = await fresh('100');
    const unitId = one.defaultUnitId;
    await charge(user, one, { amount: '1', reference: 'r-1' });
    await charge(admin, one, { amount: '2', unitId });
    const all = (await admin.client.get(`${creditsOf(one)}/entries`)).body;
    expect(all.items.map(({ type, seq }: any) => [type, seq])).toEqual([
      ['charge', '3'],
      ['charge', '2'],
      ['grant', '1'],
    ]);
    expect(all.items[1]).toMatchObject({
      amount: '1',
      balance: '99',
      reference: 'r-1',
      memberId: user.id,
      postings: [
        { account: 'available', amount: '-1' },
        { account: 'consumed', amount: '1' },
      ],
    });
    const seen = async (person: Person, query: string) =>
      (await person.client.get(`${creditsOf(one)}/entries${query}`)).body.items.map(({ seq }: any) => seq);
    expect(await seen(user, '')).toEqual(['2']);
    expect(await seen(user, `?memberId=${admin.id}`)).toEqual([]);
    expect(await seen(admin, `?memberId=${admin.id}`)).toEqual(['3']);
    expect(await seen(admin, `?unitId=${unitId}`)).toEqual(['3']);
    expect(await seen(admin, '?kind=grant')).toEqual(['1']);
    expect(await seen(admin, `?to=${all.items[1].createdAt}`)).toEqual(['1']);
    expect(await seen(admin, '?from=2100-01-01T00:00:00Z')).toEqual([]);
    const first = (await admin.client.get(`${creditsOf(one)}/entries?limit=2&count=true`)).body;
    expect(first.total).toBe(3);
    expect(await seen(admin, `?limit=2&cursor=${first.nextCursor}`)).toEqual(['1']);
  });

  it('knows the balance at any instant', async () => {
    const one = await fresh('100');
    const at = async (asOf: string) => (await admin.client.get(`${creditsOf(one)}/balance?asOf=${asOf}`)).body;
    const { body } = await charge(user, one, { amount: '40' });
    await charge(user, one, { amount: '10' });
    expect(await at('2020-01-01T00:00:00Z')).toMatchObject({ available: '0', consumed: '0' });
    expect(await at(body.createdAt)).toMatchObject({ available: expect.stringMatching(/^(50|60)$/) });
    expect(await at('2100-01-01T00:00:00Z')).toMatchObject({ available: '50', held: '0', consumed: '50' });
    expect((await admin.client.get(`${creditsOf(one)}/balance`)).body.available).toBe('50');
    expect((await admin.client.get(`${creditsOf(one)}/balance?asOf=yesterday`)).status).toBe(400);
  });

  it('is verified within a time limit on request, and completely by the scheduled job', async () => {
    const one = await fresh('100');
    const hurried = await createDataSource({
      url: app.databaseUrl,
      poolSize: 1,
      statementTimeoutMs: 1_000,
    }).initialize();
    const holder = await app.sql.connect();
    try {
      const db = new Database(hurried);
      const prove = new CreditService(
        db,
        app.app.get(LedgerService),
        app.app.get(CreditStore),
        app.app.get(AdjustmentStore),
        app.app.get(ProofStore),
      );
      expect((await prove.proof(one.id)).valid).toBe(true);
      await holder.query('begin; lock table credit_lots in access exclusive mode');
      await expect(prove.proof(one.id)).rejects.toMatchObject({ code: 'billing.proof_takes_long' });
      const patient = new VerificationService(db, app.app.get(RecountStore), app.app.get(UsageRollupStore)).verify(
        one.id,
      );
      const first = await Promise.race([patient, sleep(1_500, 'still at it')]);
      await holder.query('rollback');
      expect([first, await patient]).toEqual(['still at it', expect.objectContaining({ difference: null })]);
    } finally {
      holder.release();
      await hurried.destroy();
    }
  });

  it('can be recomputed from its entries, which reports every mismatch', async () => {
    const findings: Finding[] = [];
    for await (const finding of app.app.get(VerificationService).all()) findings.push(finding);
    expect(findings.length).toBeGreaterThan(15);
    expect(findings.filter(({ difference }) => difference !== null)).toEqual([]);
    const one = await fresh('100');
    await charge(user, one, { amount: '1' });
    const verify = () => app.app.get(VerificationService).verify(one.id);
    expect(await verify()).toEqual({ organizationId: one.id, entries: 2, difference: null });
    // A lot changed by hand, which no constraint detects.
    await app.sql.query('update credit_lots set remaining = remaining - 1 where organization_id = $1', [one.id]);
    expect((await verify()).difference).toMatch(/^the remaining amount of lot .* is 98999999 and should be 99000000$/);
    const { body } = await admin.client.get(`${creditsOf(one)}/proof`);
    expect([body.valid, body.checks.filter(({ holds }: any) => !holds).map(({ name }: any) => name)]).toEqual([
      false,
      ['I4 lots add up to the available and held credits', 'I4 lots match their entries'],
    ]);
    // And what a constraint detects: nothing moves in a ledger with a mismatch.
    expect((await charge(user, one, { amount: '1' })).status).toBe(500);
    await app.sql.query('update credit_lots set remaining = remaining + 1 where organization_id = $1', [one.id]);
    expect((await charge(user, one, { amount: '1' })).status).toBe(201);
  });
});
