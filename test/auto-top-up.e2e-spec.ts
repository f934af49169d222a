import { PaymentReconciliationJob } from '../src/billing/payments/reconciliation/payment-reconciliation.job.js';
import { TimeBasedAlertJob } from '../src/billing/ledger/alerts/time-based-alert.job.js';
import { BalanceThresholdJob } from '../src/billing/payments/auto-top-ups/balance-threshold.job.js';
import { AutoTopUpStore } from '../src/billing/payments/auto-top-up-settings/auto-top-up.store.js';
import { Database } from '../src/database/index.js';
import { charge, creditsOf, expectProven, grant } from './support/credits.js';
import { newTopUp, said, SANDBOX_SECRET, sendEvent, topUpsOf } from './support/payments.js';
import { mailsTo, newPerson, type Person, signInAdmin } from './support/people.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let admin: Person;
let user: Person;
let organizations = 0;

beforeAll(async () => {
  app = await startTestApp({ SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRET });
  second = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'auto-admin');
  user = await newPerson(app, 'auto-user');
});
afterAll(() => app.close());

const fresh = async (credits = '100'): Promise<Organization> => {
  const one = await newOrganization(staff, `Auto ${organizations++}`);
  for (const [person, role] of [
    [admin, 'admin'],
    [user, 'user'],
  ] as const)
    await staff.client.post(`${one.path}/members`, { userId: person.id, role });
  await grant(staff, one, credits);
  return one;
};
const path = (one: Organization, what: string): string => `/organizations/${one.id}/${what}`;
const look = async (one: Organization) => (await admin.client.get(creditsOf(one))).body;
const setUp = (one: Organization, more: object = {}, person = admin) =>
  person.client.put(path(one, 'auto-top-up'), { enabled: true, threshold: '20', amount: '50', ...more });
/** Runs the job on both servers at once. */
const watch = () => runEverywhere([app, second], BalanceThresholdJob);
const send = (event: object) => sendEvent(app.origin, app.client(), event);
const bought = async (one: Organization) => (await admin.client.get(topUpsOf(one))).body.items;
const again = (one: Organization) =>
  app.sql.query('update auto_top_ups set next_attempt_at = now() where organization_id = $1', [one.id]);
const eventsOf = async (one: Organization, type: string) =>
  (await admin.client.get(`${one.path}/events?type=${type}`)).body.items;

describe('automatic top-up', () => {
  it('buys once when the balance falls below the threshold', async () => {
    const one = await fresh();
    expect((await user.client.get(path(one, 'auto-top-up'))).body).toMatchObject({ enabled: false, threshold: null });
    expect((await setUp(one, {}, user)).status).toBe(403);
    expect((await setUp(one)).body).toMatchObject({
      enabled: true,
      threshold: '20',
      amount: '50',
      paymentMethod: { provider: 'sandbox', id: 'pm_sandbox_pays' },
    });
    await charge(user, one, { amount: '80' });
    await watch();
    expect(await bought(one)).toEqual([]);
    await Promise.all(Array.from({ length: 5 }, () => charge(user, one, { amount: '1' })));
    await Promise.all([watch(), watch()]);
    expect((await look(one)).available).toBe('65');
    expect(await bought(one)).toMatchObject([{ state: 'granted', auto: true, credits: '50', requestedBy: admin.id }]);
    await expectProven(staff, one);
  });

  it('buys the difference to a target, even if it is set up below the threshold', async () => {
    const one = await fresh('5');
    expect((await setUp(one, { amount: null, target: '30' })).status).toBe(200);
    await watch();
    expect((await look(one)).available).toBe('30');
    expect(await bought(one)).toMatchObject([{ credits: '25' }]);
  });

  it('stays within its caps', async () => {
    const one = await fresh('10');
    await setUp(one, { dailyCap: '120', monthlyCap: '1000' });
    for (const [spent, left] of [
      ['0.5', '59.5'],
      ['45', '64.5'],
      ['60', '4.5'],
    ] as const) {
      await charge(user, one, { amount: spent });
      await again(one);
      await watch();
      expect([spent, (await look(one)).available]).toEqual([spent, left]);
    }
    expect(await bought(one)).toHaveLength(2);
  });

  it('reports once per window that a cap is reached, and when it tries again', async () => {
    const one = await fresh('10');
    await setUp(one, { dailyCap: '60' });
    await watch();
    await charge(user, one, { amount: '45' });
    for (let attempt = 0; attempt < 3; attempt++) {
      await again(one);
      await watch();
    }
    expect(await bought(one)).toHaveLength(1);
    const { body } = await admin.client.get(path(one, 'auto-top-up'));
    const midnight = new Date(new Date().setUTCHours(24, 0, 0, 0)).toISOString();
    expect(body).toMatchObject({ enabled: true, delayedBecause: 'daily_cap', nextAttemptAt: midnight });
    const events = await eventsOf(one, 'auto_top_up.delayed');
    expect(events).toHaveLength(1);
    expect(events[0].after).toEqual({ delayedBecause: 'daily_cap', nextAttemptAt: midnight });
    await mailsTo(app, admin.email, 1, new RegExp(`Automatic top-up of ${one.name} at .* has to wait`));
    expect((await setUp(one, { dailyCap: '200' })).body).toMatchObject({ delayedBecause: null, nextAttemptAt: null });
    await watch();
    expect(await bought(one)).toHaveLength(2);
  });

  it.each([
    ['dailyCap', { dailyCap: '49.999999' }],
    ['monthlyCap', { monthlyCap: '49' }],
    ['dailyCap', { amount: null, target: '100', dailyCap: '80' }],
    // The smallest payment is 50 cents.
    ['dailyCap', { amount: null, target: '20.1', dailyCap: '0.4' }],
    ['monthlyCap', { amount: null, target: '20.4', dailyCap: '0.5', monthlyCap: '0.499999' }],
  ])('refuses a %s that prevents every purchase', async (field, more) => {
    const { status, body } = await setUp(await fresh(), more);
    expect([status, body.errors[0].field]).toEqual([400, field]);
  });

  it.each([
    ['a refund of what it bought', true, said.refunded, 'payment_refunded'],
    ['a refund of what was bought by hand', false, said.refunded, 'payment_refunded'],
    ['a dispute', true, (id: string) => said.dispute(id, 'created', 'needs_response', 5_000), 'payment_disputed'],
  ] as const)('is switched off by %s, until a person switches it on again', async (_, auto, tell, because) => {
    const one = await fresh('10');
    const topUp = auto ? null : await newTopUp(user, one, '100');
    if (topUp) await send(said.completed(topUp.id));
    await setUp(one);
    await watch();
    const id = topUp?.id ?? (await bought(one))[0].id;
    const before = (await bought(one)).length;
    expect((await send(tell(id, 5_000))).status).toBe(200);
    await charge(user, one, { amount: (await look(one)).available });
    await watch();
    await watch();
    expect(await bought(one)).toHaveLength(before);
    expect((await admin.client.get(path(one, 'auto-top-up'))).body).toMatchObject({
      enabled: false,
      stoppedBecause: because,
    });
    expect((await eventsOf(one, 'auto_top_up.stopped')).map(({ after }: any) => after)).toEqual([
      { stoppedBecause: because },
    ]);
    await mailsTo(app, admin.email, 1, new RegExp(`Automatic top-up of ${one.name} at .* switched off`));
    expect((await setUp(one)).body).toMatchObject({ enabled: true, stoppedBecause: null });
    await watch();
    expect(await bought(one)).toHaveLength(before + 1);
  });

  it('reports why a purchase failed and waits longer each time, while other organizations buy', async () => {
    const [a, b] = [await fresh('5'), await fresh('5')];
    await staff.client.put(`${creditsOf(a)}/overdraft`, { overdraftLimit: '100' });
    expect((await setUp(a, { amount: null, target: '999990' })).status).toBe(200);
    await charge(user, a, { amount: '55' });
    await setUp(b, { amount: '100' });
    await watch();
    expect(await bought(b)).toMatchObject([{ state: 'granted', credits: '100' }]);
    expect(await bought(a)).toEqual([]);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const { body } = await admin.client.get(path(a, 'auto-top-up'));
      expect(body.delayedBecause).toBe('amount_too_large');
      waits.push(Math.round((Date.parse(body.nextAttemptAt) - Date.now()) / 60_000));
      await again(a);
      await watch();
    }
    expect(waits).toEqual([15, 30, 60]);
    expect(await eventsOf(a, 'auto_top_up.delayed')).toHaveLength(1);
    await mailsTo(app, admin.email, 1, new RegExp(`Automatic top-up of ${a.name} at .* has to wait`));
  });

  it('makes room for other organizations while it cannot buy, and reports a method that is no longer accepted', async () => {
    const [waiting, closed] = [await fresh('30'), await fresh('30')];
    for (const one of [waiting, closed]) await setUp(one);
    const debit = await newTopUp(user, waiting, '100');
    await app.sql.query(`update top_ups set state = 'processing' where id = $1`, [debit.id]);
    await app.sql.query(
      `update auto_top_ups set method = '{"provider": "stripe", "id": "pm_of_another_provider"}' where organization_id = $1`,
      [closed.id],
    );
    for (const one of [waiting, closed]) await charge(user, one, { amount: '15' });
    await watch();
    const due = await app.app.get(AutoTopUpStore).findDue(app.app.get(Database).reader, 1_000);
    expect(due.filter((id) => id === waiting.id || id === closed.id)).toEqual([]);
    for (const one of [waiting, closed]) expect((await bought(one)).filter(({ auto }: any) => auto)).toEqual([]);
    const { body } = await admin.client.get(path(closed, 'auto-top-up'));
    expect(body).toMatchObject({ enabled: true, delayedBecause: 'payment_method_not_accepted' });
    const [mail] = await mailsTo(
      app,
      admin.email,
      1,
      new RegExp(`Automatic top-up of ${closed.name} at .* has to wait`),
    );
    expect(mail?.text).toContain('no longer accepted');
    await app.sql.query(`update top_ups set state = 'failed' where id = $1`, [debit.id]);
    await again(waiting);
    await watch();
    expect((await bought(waiting)).filter(({ auto }: any) => auto)).toMatchObject([{ state: 'granted' }]);
  });

  it('starts its caps anew each day and each month', async () => {
    const one = await fresh('10');
    /** Moves previous purchases to the end of the day, or month, before this one. */
    const pass = (period: 'day' | 'month') =>
      app.sql.query(
        `update top_ups set created_at = date_trunc($2, now(), 'UTC') - interval '1 second' where organization_id = $1`,
        [one.id, period],
      );
    const spend = async (left: string) => {
      const { available } = await look(one);
      await charge(user, one, { amount: String(Number(available) - Number(left)) });
      await again(one);
      await watch();
      return (await bought(one)).length;
    };
    await setUp(one, { dailyCap: '60' });
    await watch();
    expect(await spend('1')).toBe(1);
    await pass('day');
    expect(await spend('0.5')).toBe(2);
    expect(await spend('0.25')).toBe(2);
    expect((await setUp(one, { dailyCap: null, monthlyCap: '100' })).status).toBe(200);
    await pass('month');
    expect(await spend('0.2')).toBe(3);
    expect(await spend('0.15')).toBe(4);
    // Reaching the cap exactly is allowed. More is not, even on another day.
    expect(await spend('0.1')).toBe(4);
    await app.sql.query(
      `update top_ups set created_at = greatest(date_trunc('month', now(), 'UTC'), date_trunc('day', now(), 'UTC') - interval '1 second')
       where organization_id = $1 and created_at >= date_trunc('month', now(), 'UTC')`,
      [one.id],
    );
    expect(await spend('0.05')).toBe(4);
    await pass('month');
    expect(await spend('0.02')).toBe(5);
    await expectProven(staff, one);
  });

  it('pays with a saved method, which can be listed and deleted', async () => {
    const one = await fresh('10');
    const methods = async () => (await admin.client.get(path(one, 'payment-methods'))).body.items;
    expect(await methods()).toEqual([]);
    const { body } = await user.client.post(topUpsOf(one), { credits: '1', savePaymentMethod: true });
    expect(await methods()).toEqual([]);
    const page = app.origin + new URL(body.checkoutUrl).pathname;
    await app.client().request('POST', page, { body: new URLSearchParams({ do: 'pay' }) });
    await setUp(one, { enabled: false, paymentMethodId: 'pm_sandbox_declines' });
    const [declines, saved] = await methods();
    expect(declines).toMatchObject({ id: 'pm_sandbox_declines', topUpId: null, autoTopUp: true, createdBy: admin.id });
    expect(saved).toMatchObject({
      brand: 'sandbox',
      last4: '4242',
      topUpId: body.id,
      autoTopUp: false,
      createdBy: user.id,
    });
    expect((await setUp(one)).body.paymentMethod.id).toBe(saved.id);
    expect((await setUp(one, { paymentMethodId: body.id })).body.paymentMethod.id).toBe(saved.id);
    await watch();
    expect((await look(one)).available).toBe('61');
    for (const { id } of [saved, declines]) {
      expect((await admin.client.delete(`${path(one, 'payment-methods')}/${id}`)).status).toBe(204);
    }
    expect(await methods()).toEqual([]);
    expect((await admin.client.get(path(one, 'auto-top-up'))).body).toMatchObject({
      enabled: false,
      paymentMethod: null,
      stoppedBecause: 'payment_method_removed',
    });
    expect(await eventsOf(one, 'auto_top_up.stopped')).toHaveLength(1);
    await charge(user, one, { amount: '55' });
    await watch();
    expect(await bought(one)).toHaveLength(2);
    expect((await setUp(one)).body).toMatchObject({ enabled: true, paymentMethod: { id: 'pm_sandbox_pays' } });
  });

  it('waits after a decline, and is switched off after the third, which admins are told', async () => {
    const one = await fresh('10');
    await setUp(one, { paymentMethodId: 'pm_sandbox_declines' });
    for (const declines of [1, 2, 3]) {
      await watch();
      await watch();
      const { body } = await admin.client.get(path(one, 'auto-top-up'));
      expect(body).toMatchObject({ declines, enabled: declines < 3 });
      if (declines < 3) expect(body).toMatchObject({ delayedBecause: 'declined', nextAttemptAt: expect.any(String) });
      // The first decline is reported at once.
      await mailsTo(app, admin.email, 1, new RegExp(`Automatic top-up of ${one.name} at .* has to wait`));
      expect(await bought(one)).toHaveLength(declines);
      await again(one);
    }
    await watch();
    expect(await bought(one)).toHaveLength(3);
    expect((await bought(one))[0]).toMatchObject({ state: 'failed', failure: 'declined', auto: true });
    expect((await admin.client.get(path(one, 'auto-top-up'))).body.stoppedBecause).toBe('declined');
    expect(await eventsOf(one, 'auto_top_up.stopped')).toHaveLength(1);
    await mailsTo(app, admin.email, 1, new RegExp(`Automatic top-up of ${one.name} at .* switched off`));
    // Saved again with a working method, it buys again.
    expect((await setUp(one)).body).toMatchObject({ enabled: true, declines: 0, stoppedBecause: null });
    await watch();
    expect((await look(one)).available).toBe('60');
  });

  it('has at most one purchase in progress, which a crash does not lose', async () => {
    const one = await fresh('10');
    await setUp(one);
    await app.sql.query(
      `insert into top_ups (organization_id, id, state, credits, price_minor, currency, provider, return_url, requested_by,
         refunded_minor, disputes, updated_at, auto, next_look_at, payment_method)
       values ($1, gen_random_uuid(), 'created', 50000000, 5000, 'USD', 'sandbox', 'https://trellis.test', $2, 0, '{}', now(), true,
         now(), '{"provider": "sandbox", "id": "pm_sandbox_pays"}')`,
      [one.id, admin.id],
    );
    await watch();
    expect(await bought(one)).toHaveLength(1);
    await runEverywhere([app, second], PaymentReconciliationJob);
    expect((await look(one)).available).toBe('60');
    await expectProven(staff, one);
  });

  it.each([
    { amount: null },
    { target: '100' },
    { amount: null, target: '20' },
    { threshold: '0' },
    { amount: '0' },
    { dailyCap: '0' },
    { amount: 50 },
    { enabled: 'yes' },
  ])('refuses %j', async (more) => {
    const one = await fresh();
    const { status, body } = await setUp(one, more);
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });

  it('accepts only an existing payment method', async () => {
    const one = await fresh();
    expect((await setUp(one, { paymentMethodId: 'pm_card_visa' })).body.code).toBe('top_ups.payment_method_needed');
    expect((await setUp(one, { amount: '999999999' })).body.code).toBe('top_ups.amount_too_large');
  });
});

describe('a balance alert', () => {
  const alert = (one: Organization, body: object, person = admin) =>
    person.client.post(path(one, 'credit-alerts'), body);
  const fired = (one: Organization) => eventsOf(one, 'credit_alert.fired');

  it('is reported once per crossing, by mail and event, even if the balance recovers at once', async () => {
    const one = await fresh();
    expect((await alert(one, { amount: '50' }, user)).status).toBe(403);
    const made = await alert(one, { amount: '50' });
    expect([made.status, made.body]).toMatchObject([201, { kind: 'balance', amount: '50', enabled: true, version: 1 }]);
    await alert(one, { amount: '10' });
    await charge(user, one, { amount: '50' });
    await watch();
    expect(await fired(one)).toEqual([]);
    await charge(user, one, { amount: '1' });
    await charge(user, one, { amount: '1' });
    await Promise.all([watch(), watch()]);
    expect(await fired(one)).toMatchObject([{ after: { amount: '50', available: '49', emptyAt: expect.any(String) } }]);
    const [mail] = await mailsTo(app, admin.email, 1, new RegExp(`Credits of ${one.name} .*fewer than 50 are left`));
    expect(mail?.text).toMatch(/49 credits available[\s\S]*they last until/);
    await grant(staff, one, '52');
    await charge(user, one, { amount: '60' });
    await grant(staff, one, '100');
    await watch();
    expect(await fired(one)).toHaveLength(2);
    await charge(user, one, { amount: '135' });
    await watch();
    expect((await fired(one)).map(({ after }: { after: { amount: string } }) => after.amount).sort()).toEqual([
      '10',
      '50',
      '50',
      '50',
    ]);
    const late = await alert(one, { amount: '1000' });
    expect(late.body.lastFiredAt).not.toBeNull();
    await alert(one, { amount: '0.000001' });
    const [last] = await fired(one);
    expect([last.subject.id, last.after]).toEqual([
      late.body.id,
      expect.objectContaining({ amount: '1000', alreadyBelow: true }),
    ]);
    const raised = await admin.client.patch(`${path(one, 'credit-alerts')}/${late.body.id}`, { amount: '2000' });
    expect(raised.body.lastFiredAt).toBe(late.body.lastFiredAt);
    expect((await admin.client.delete(`${path(one, 'credit-alerts')}/${made.body.id}`)).status).toBe(204);
    expect((await user.client.get(path(one, 'credit-alerts'))).body.items).toHaveLength(3);
    await expectProven(staff, one);
  });

  it('about remaining time is reported once until it is resolved', async () => {
    const one = await fresh();
    expect((await alert(one, { kind: 'timeToZero', hours: 48 })).status).toBe(201);
    expect((await alert(one, { kind: 'emptyFor', days: 2 })).status).toBe(201);
    const lookAtTime = (now = Date.now()) =>
      Promise.all([app, second].map(({ app: server }) => server.get(TimeBasedAlertJob).run(now)));
    const kinds = async () => (await fired(one)).map(({ after }: { after: { kind: string } }) => after.kind);
    await lookAtTime();
    expect(await kinds()).toEqual([]);
    await charge(user, one, { amount: '80' });
    await lookAtTime();
    await lookAtTime();
    expect(await kinds()).toEqual(['timeToZero']);
    await charge(user, one, { amount: '20' });
    await lookAtTime(Date.now() + 86_400_000);
    expect(await kinds()).toEqual(['timeToZero']);
    await lookAtTime(Date.now() + 3 * 86_400_000);
    expect((await kinds()).sort()).toEqual(['emptyFor', 'timeToZero']);
    await grant(staff, one, '1000');
    await lookAtTime();
    await charge(user, one, { amount: '990' });
    await lookAtTime();
    expect((await kinds()).sort()).toEqual(['emptyFor', 'timeToZero', 'timeToZero']);
  });

  it.each([
    {},
    { hours: 3 },
    { kind: 'timeToZero' },
    { kind: 'emptyFor', days: 0 },
    { amount: '5', days: 2 },
    { kind: 'x' },
  ])('refuses %j', async (body) => {
    const one = await fresh();
    const answer = await alert(one, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
  });
});
