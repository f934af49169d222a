import { setTimeout as sleep } from 'node:timers/promises';
import { BalanceThresholdJob } from '../src/billing/payments/auto-top-ups/balance-threshold.job.js';
import { PaymentComparisonJob } from '../src/billing/payments/reconciliation/payment-comparison.job.js';
import { PaymentReconciliationJob } from '../src/billing/payments/reconciliation/payment-reconciliation.job.js';
import { charge, creditsOf, expectProven, keyed, newKey } from './support/credits.js';
import { PurgeService } from '../src/purge/index.js';
import { eventOf, newTopUp, sendEvent, topUpsOf } from './support/payments.js';
import { mailsTo, newPerson, type Person, signInAdmin } from './support/people.js';
import { startStripeServer, type StripeServer } from './support/stripe-server.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

const [OLD_SECRET, NEW_SECRET] = ['whsec_the_old_one_of_stripe_in_tests', 'whsec_the_new_one_of_stripe_in_tests'];

let stripe: StripeServer;
let app: TestApp;
let staff: Person;
let user: Person;
let admin: Person;
let organizations = 0;

beforeAll(async () => {
  stripe = await startStripeServer();
  app = await startTestApp({
    STRIPE_SECRET_KEY: 'sk_test_1',
    STRIPE_WEBHOOK_SECRET: `${NEW_SECRET}, ,${OLD_SECRET}`,
    STRIPE_API_URL: stripe.url,
    PAYMENT_TIMEOUT_MS: '400',
  });
  staff = await signInAdmin(app);
  user = await newPerson(app, 'stripe-user');
  admin = await newPerson(app, 'stripe-admin');
});
afterAll(async () => {
  await app.close();
  await stripe.close();
});
beforeEach(() => {
  stripe.trouble = null;
});

const fresh = async (): Promise<Organization> => {
  const one = await newOrganization(staff, `Stripe ${organizations++}`);
  await staff.client.post(`${one.path}/members`, { userId: user.id, role: 'user' });
  return one;
};
const look = async (one: Organization) => (await user.client.get(creditsOf(one))).body;
const read = async (one: Organization, id: string) => (await user.client.get(`${topUpsOf(one)}/${id}`)).body;
const send = (event: object, secret = NEW_SECRET) =>
  sendEvent(app.origin, app.client(), event, { secret, provider: 'stripe' });
const due = () => app.sql.query(`update top_ups set next_look_at = now() where next_look_at is not null`);
const reconcile = async () => {
  await due();
  await runEverywhere([app], PaymentReconciliationJob);
};

/** Pays without sending an event. */
function pay(topUpId: string, payment: string): Record<string, unknown> {
  const session = [...stripe.sessions.values()].find((one) => one.client_reference_id === topUpId);
  if (!session) throw new Error('no session');
  Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: payment });
  stripe.intents.set(payment, {
    id: payment,
    object: 'payment_intent',
    status: 'succeeded',
    amount_received: session.amount_total,
    currency: session.currency,
    metadata: { topUpId },
    latest_charge: { id: `ch_${payment}`, object: 'charge', amount_refunded: 0 },
  });
  return session;
}

describe('Stripe', () => {
  it('opens a Checkout Session and grants credits by its events', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '20', { returnUrl: 'https://trellis.test/back' });
    expect(topUp).toMatchObject({ provider: 'stripe', state: 'checkout_open' });
    expect(topUp.checkoutUrl).toMatch(/^https:\/\/checkout\.stripe\.test\/cs_test_/);
    const { form, headers } = stripe.asked.at(-1) ?? { form: new URLSearchParams(), headers: {} };
    expect(Object.fromEntries(form)).toMatchObject({
      mode: 'payment',
      client_reference_id: topUp.id,
      'line_items[0][price_data][unit_amount]': '2000',
      'line_items[0][price_data][currency]': 'usd',
      'metadata[organizationId]': one.id,
      'payment_intent_data[metadata][topUpId]': topUp.id,
      success_url: `https://trellis.test/back?topUpId=${topUp.id}`,
    });
    expect(headers.authorization).toBe('Bearer sk_test_1');

    const session = pay(topUp.id, 'pi_1');
    expect((await send(eventOf('checkout.session.completed', session), 'whsec_none')).status).toBe(400);
    expect((await send(eventOf('checkout.session.completed', session), '')).status).toBe(400);
    expect((await send(eventOf('checkout.session.completed', session), OLD_SECRET)).status).toBe(200);
    expect((await send(eventOf('checkout.session.completed', session))).status).toBe(200);
    expect(await look(one)).toMatchObject({ available: '20', lots: [{ amount: '20' }] });
    expect((await read(one, topUp.id)).state).toBe('granted');
    // The sandbox is closed.
    const closed = await sendEvent(app.origin, app.client(), eventOf('checkout.session.completed', session), {});
    expect(closed.body.code).toBe('top_ups.provider_not_found');
    const asked = await user.client.post(topUpsOf(one), { credits: '1', provider: 'sandbox' });
    expect(asked.body.code).toBe('top_ups.provider_not_offered');
  });

  it('is asked for the owner of a payment that arrives before its checkout', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '20');
    const session = pay(topUp.id, 'pi_2');
    const refund = { id: 'ch_2', object: 'charge', payment_intent: 'pi_2', amount_refunded: 500 };
    Object.assign(stripe.intents.get('pi_2') ?? {}, { latest_charge: refund });
    await send(eventOf('charge.refunded', refund));
    expect(await read(one, topUp.id)).toMatchObject({ state: 'checkout_open', refundedMinor: 500 });
    await send(eventOf('checkout.session.completed', session));
    expect((await look(one)).available).toBe('15');

    // If Stripe cannot be asked, the event is retried until another one names the owner.
    const other = await newTopUp(user, one, '20');
    const late = pay(other.id, 'pi_3');
    Object.assign(stripe.intents.get('pi_3') ?? {}, { latest_charge: { ...refund, id: 'ch_3' } });
    stripe.trouble = 500;
    await send(eventOf('charge.refunded', { ...refund, id: 'ch_3', payment_intent: 'pi_3' }));
    expect((await read(one, other.id)).refundedMinor).toBe(0);
    await send(eventOf('checkout.session.completed', late));
    expect((await look(one)).available).toBe('30');
    await expectProven(staff, one);
  });

  it.each([[500], [429], [401], ['off' as const]])(
    'can answer %s: the top-up is kept, and its checkout is opened once on a retry',
    async (trouble) => {
      const one = await fresh();
      stripe.trouble = trouble;
      const key = newKey();
      const ask = () => user.client.post(topUpsOf(one), { credits: '3' }, keyed(key));
      const refused = await ask();
      expect([refused.status, refused.body.code]).toEqual([503, 'top_ups.provider_unavailable']);
      expect(refused.headers.get('retry-after')).toBeTruthy();
      expect(await read(one, refused.body.topUpId)).toMatchObject({ state: 'created', checkoutUrl: null });
      stripe.trouble = null;
      if (trouble === 'off') await reconcile();
      const again = await ask();
      expect([again.status, again.body.id]).toEqual([201, refused.body.topUpId]);
      expect(again.body.checkoutUrl).toBeTruthy();
      expect((await user.client.get(`${topUpsOf(one)}?count=true`)).body.total).toBe(1);
    },
  );

  it.each(['mute', 'late'] as const)(
    'can be silent (%s) without long waits, and a payment is granted once',
    async (trouble) => {
      const one = await fresh();
      stripe.trouble = trouble;
      const key = newKey();
      const refused = await user.client.post(topUpsOf(one), { credits: '3' }, keyed(key));
      expect([refused.status, refused.body.code]).toEqual([503, 'top_ups.provider_unavailable']);
      stripe.trouble = null;
      const id = refused.body.topUpId;
      // A request without an answer may have succeeded: the checkout is the same then.
      const before = stripe.sessions.size;
      await reconcile();
      expect(stripe.sessions.size - before).toBe(trouble === 'late' ? 0 : 1);
      expect((await read(one, id)).checkoutUrl).toBeTruthy();
      const session = pay(id, `pi_silent_${trouble}`);
      stripe.trouble = 'mute';
      await reconcile();
      expect((await read(one, id)).state).toBe('checkout_open');
      stripe.trouble = null;
      await Promise.all([reconcile(), send(eventOf('checkout.session.completed', session)), reconcile()]);
      expect(await look(one)).toMatchObject({ available: '3', lots: [{ amount: '3' }] });
      await expectProven(staff, one);
    },
  );

  it('can be paid at a checkout whose URL was never returned, and the credits are granted', async () => {
    const one = await fresh();
    stripe.trouble = 'late';
    const { body } = await user.client.post(topUpsOf(one), { credits: '4' }, keyed());
    await send(eventOf('checkout.session.completed', pay(body.topUpId, 'pi_unheard')));
    expect(await look(one)).toMatchObject({ available: '4', lots: [{ amount: '4' }] });
    await expectProven(staff, one);
  });

  it('ends the top-up by refusing it', async () => {
    const one = await fresh();
    const refused = await user.client.post(topUpsOf(one), { credits: '0.77' });
    expect([refused.status, refused.body.code, refused.body.reason]).toEqual([
      422,
      'top_ups.provider_refused',
      'amount_too_small',
    ]);
    expect(await read(one, refused.body.topUpId)).toMatchObject({ state: 'failed', failure: 'refused' });
  });

  it('is polled about pending payments: a payment without an event is granted once', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '7');
    await reconcile();
    expect((await read(one, topUp.id)).state).toBe('checkout_open');
    const session = pay(topUp.id, 'pi_7');
    stripe.trouble = 500;
    await reconcile();
    stripe.trouble = null;
    const replica = await app.replica();
    await due();
    await runEverywhere([app, replica], PaymentReconciliationJob);
    expect((await read(one, topUp.id)).state).toBe('granted');
    await send(eventOf('checkout.session.completed', session));
    expect(await look(one)).toMatchObject({ available: '7', lots: [{ amount: '7' }] });
    await expectProven(staff, one);
  });

  it('lets a checkout expire, and a payment that arrives anyway is granted', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '7');
    const session = [...stripe.sessions.values()].at(-1) ?? {};
    session.status = 'expired';
    await reconcile();
    expect(await read(one, topUp.id)).toMatchObject({ state: 'failed', failure: 'expired' });
    await send(eventOf('checkout.session.completed', pay(topUp.id, 'pi_late')));
    expect((await look(one)).available).toBe('7');
  });

  it('is compared with the grants each day', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '10');
    const session = pay(topUp.id, 'pi_10');
    await app.sql.query('update top_ups set next_look_at = null where id = $1', [topUp.id]);
    expect(await app.app.get(PaymentComparisonJob).run()).toBe(1);
    expect((await look(one)).available).toBe('10');
    const intent = stripe.intents.get('pi_10') ?? {};
    intent.latest_charge = { id: 'ch_10', object: 'charge', amount_refunded: 250 };
    stripe.refunds.push({ id: 're_1', object: 'refund', payment_intent: 'pi_10' });
    const second = await newTopUp(user, one, '10');
    pay(second.id, 'pi_11');
    await send(eventOf('checkout.session.completed', { ...session, ...pay(second.id, 'pi_11') }));
    stripe.disputes.push({ id: 'dp_11', object: 'dispute', payment_intent: 'pi_11', amount: 1_000, status: 'lost' });
    expect(await app.app.get(PaymentComparisonJob).run()).toBe(2);
    expect(await read(one, topUp.id)).toMatchObject({ state: 'partially_refunded', refundedMinor: 250 });
    expect((await read(one, second.id)).state).toBe('lost');
    expect((await look(one)).available).toBe('7.5');
    expect(await app.app.get(PaymentComparisonJob).run()).toBe(0);
    await expectProven(staff, one);
  });
});

describe('a changed payment at Stripe', () => {
  const paid = async (one: Organization, payment: string) => {
    const topUp = await newTopUp(user, one, '100');
    await send(eventOf('checkout.session.completed', pay(topUp.id, payment)));
    return topUp.id;
  };
  const chargeOf = (payment: string, amount_refunded: number) => ({
    id: `ch_${payment}`,
    object: 'charge',
    payment_intent: payment,
    amount: 10_000,
    currency: 'usd',
    amount_refunded,
  });
  const compare = () => app.app.get(PaymentComparisonJob).run();
  const eventsOf = async (one: Organization, type: string) =>
    (await staff.client.get(`/admin/organizations/${one.id}/events?type=${type}`)).body.items;

  it('without an event is corrected by the daily comparison, which reports it', async () => {
    const one = await fresh();
    const id = await paid(one, 'pi_back');
    await send(eventOf('charge.refunded', chargeOf('pi_back', 10_000)));
    expect((await look(one)).available).toBe('0');
    Object.assign(stripe.intents.get('pi_back') ?? {}, { latest_charge: chargeOf('pi_back', 0) });
    expect(await compare()).toBe(1);
    expect(await read(one, id)).toMatchObject({ state: 'granted', refundedMinor: 0, clawedBack: '0' });
    expect((await look(one)).available).toBe('100');
    const [event] = await eventsOf(one, 'top_up.reconciled');
    expect(event.after).toMatchObject({ missed: ['top_up.refund_failed'], was: { state: 'refunded' } });
    expect(await compare()).toBe(0);
    await expectProven(staff, one);
  });

  it('for a purged organization is reported to the operator once, and its event needs no retry', async () => {
    const one = await fresh();
    const [told, unheard] = [await newTopUp(user, one, '100'), await newTopUp(user, one, '100')];
    await staff.client.delete(`/admin/organizations/${one.id}?confirmName=${encodeURIComponent(one.name)}`);
    await app.app.get(PurgeService).run({ now: new Date(Date.now() + 30 * 86_400_000) });
    const session = pay(told.id, 'pi_purged');
    pay(unheard.id, 'pi_purged_unheard');
    const intent = { ...stripe.intents.get('pi_purged'), metadata: { topUpId: told.id, organizationId: one.id } };
    for (const event of [
      eventOf('checkout.session.completed', session),
      eventOf('payment_intent.succeeded', intent),
      eventOf('checkout.session.completed', session),
    ])
      expect((await send(event)).status).toBe(200);
    const unclaimed = async () =>
      (await staff.client.get('/admin/operator/events?type=top_up.payment_unclaimed')).body.items.map(
        ({ after }: any) => after,
      );
    const expected = { provider: 'stripe', amountMinor: 10_000, currency: 'USD' };
    expect(await unclaimed()).toMatchObject([{ ...expected, paymentId: 'pi_purged', topUpId: told.id }]);
    await compare();
    await compare();
    expect(await unclaimed()).toMatchObject([
      { ...expected, paymentId: 'pi_purged_unheard' },
      { paymentId: 'pi_purged' },
    ]);
  });

  it('with two contradicting outcomes is resolved by asking Stripe', async () => {
    const one = await fresh();
    const id = await paid(one, 'pi_flip');
    const dispute = { id: 'dp_flip', object: 'dispute', payment_intent: 'pi_flip', amount: 10_000, currency: 'usd' };
    stripe.disputes.push({ ...dispute, status: 'won' });
    await send(eventOf('charge.dispute.closed', { ...dispute, status: 'won' }));
    // Late, and created before the other.
    await send(eventOf('charge.dispute.closed', { ...dispute, status: 'lost' }));
    expect([(await look(one)).available, (await read(one, id)).state]).toEqual(['100', 'won']);
    await expectProven(staff, one);
  });

  it('by bank debit takes days: the checkout is no longer payable, and the payment can still fail', async () => {
    const one = await fresh();
    const debit = async (payment: string) => {
      const topUp = await newTopUp(user, one, '100');
      const session = Object.assign(pay(topUp.id, payment), { payment_status: 'unpaid' });
      Object.assign(stripe.intents.get(payment) ?? {}, { status: 'processing', latest_charge: null });
      await send(eventOf('checkout.session.completed', session));
      expect(await read(one, topUp.id)).toMatchObject({ state: 'processing', checkoutUrl: null, paidMinor: 0 });
      return { id: topUp.id, session };
    };
    const good = await debit('pi_debit');
    await reconcile();
    expect((await read(one, good.id)).state).toBe('processing');
    await send(eventOf('checkout.session.async_payment_succeeded', { ...good.session, payment_status: 'paid' }));
    expect([(await look(one)).available, (await read(one, good.id)).state]).toEqual(['100', 'granted']);
    const failing = await debit('pi_bounced');
    await send(eventOf('checkout.session.async_payment_failed', failing.session));
    expect(await read(one, failing.id)).toMatchObject({ state: 'failed', failure: 'declined' });
    const unheard = await debit('pi_unheard_bounce');
    Object.assign(stripe.intents.get('pi_unheard_bounce') ?? {}, { status: 'requires_payment_method' });
    await reconcile();
    expect((await read(one, unheard.id)).state).toBe('failed');
  });
});

describe('automatic payments at Stripe', () => {
  const path = (one: Organization, what: string) => `/organizations/${one.id}/${what}`;
  const methodsOf = async (one: Organization) => (await admin.client.get(path(one, 'payment-methods'))).body.items;
  const autoOf = async (one: Organization) => (await admin.client.get(path(one, 'auto-top-up'))).body;
  const bought = async (one: Organization) =>
    (await admin.client.get(topUpsOf(one))).body.items.filter(({ auto }: any) => auto);
  const setUp = (one: Organization, more: object = {}) =>
    admin.client.put(path(one, 'auto-top-up'), { enabled: true, threshold: '20', amount: '50', ...more });
  const eventsOf = async (one: Organization, type: string) =>
    (await admin.client.get(`${one.path}/events?type=${type}`)).body.items;
  const chargesOf = (id: string) =>
    stripe.asked.filter(
      ({ path: asked, form }) => asked === '/v1/payment_intents' && form.get('metadata[topUpId]') === id,
    );
  /** Polled by this server every second as well. */
  const until = async (holds: () => Promise<boolean>) => {
    for (let n = 0; !(await holds()); n++) {
      if (n === 100) throw new Error('it does not come to that');
      await app.app.get(BalanceThresholdJob).run();
      await sleep(50);
    }
  };
  const hasBought = (one: Organization) => until(async () => (await bought(one)).length > 0);
  const again = (one: Organization) =>
    app.sql.query('update auto_top_ups set next_attempt_at = now() where organization_id = $1', [one.id]);

  /** Creates an organization with 10 credits, paid with a method that was saved. */
  async function withMethod(method: string): Promise<Organization> {
    const one = await fresh();
    await staff.client.post(`${one.path}/members`, { userId: admin.id, role: 'admin' });
    const topUp = await newTopUp(user, one, '10', { savePaymentMethod: true });
    expect(stripe.asked.at(-1)?.form.get('payment_intent_data[setup_future_usage]')).toBe('off_session');
    const session = pay(topUp.id, `pi_kept_${organizations}`);
    const card = { brand: 'visa', last4: '4242', exp_month: 4, exp_year: 2031 };
    Object.assign(stripe.intents.get(`pi_kept_${organizations}`) ?? {}, {
      payment_method: { id: method, object: 'payment_method', type: 'card', card },
      customer: 'cus_1',
    });
    await send(eventOf('checkout.session.completed', session));
    expect(await methodsOf(one)).toMatchObject([
      { id: method, provider: 'stripe', brand: 'visa', last4: '4242', expMonth: 4, expYear: 2031, topUpId: topUp.id },
    ]);
    return one;
  }

  it('charge the saved method once, however often the request is sent', async () => {
    const one = await withMethod('pm_card');
    expect((await setUp(one)).body).toMatchObject({ paymentMethod: { provider: 'stripe', id: 'pm_card' } });
    await hasBought(one);
    await until(async () => (await look(one)).available === '60');
    const [topUp] = await bought(one);
    expect(topUp).toMatchObject({ state: 'granted', credits: '50', requestedBy: admin.id });
    const [asked, ...more] = chargesOf(topUp.id);
    expect(more).toEqual([]);
    expect(Object.fromEntries(asked?.form ?? [])).toMatchObject({
      amount: '5000',
      currency: 'usd',
      customer: 'cus_1',
      payment_method: 'pm_card',
      off_session: 'true',
      confirm: 'true',
      'metadata[organizationId]': one.id,
    });
    expect(asked?.headers['idempotency-key']).toBe(`auto-${topUp.id}`);
    // Its refunds and disputes work like those of any other payment.
    const { rows } = await app.sql.query('select payment_id from top_ups where id = $1', [topUp.id]);
    const refund = { id: 'ch_auto', object: 'charge', payment_intent: rows[0].payment_id, amount_refunded: 1_000 };
    await send(eventOf('charge.refunded', refund));
    expect((await look(one)).available).toBe('50');
    await expectProven(staff, one);
  });

  it.each(['lost', 'late', 'mute', 500] as const)(
    'are retried without an answer (%s), and grant once',
    async (trouble) => {
      const one = await withMethod('pm_card');
      stripe.trouble = trouble;
      expect((await setUp(one)).status).toBe(200);
      await hasBought(one);
      const [topUp] = await bought(one);
      await until(() => Promise.resolve(chargesOf(topUp.id).length > 0));
      await sleep(500);
      expect((await bought(one))[0]).toMatchObject({ state: 'created' });
      expect((await autoOf(one)).declines).toBe(0);
      stripe.trouble = null;
      await due();
      const replica = await app.replica();
      await Promise.all([app, replica].map(({ app: server }) => server.get(PaymentReconciliationJob).run()));
      await until(async () => (await look(one)).available === '60');
      const paid = [...stripe.intents.values()].filter(({ metadata }) => (metadata as any)?.topUpId === topUp.id);
      expect(paid).toHaveLength(1);
      expect(await bought(one)).toHaveLength(1);
      await expectProven(staff, one);
    },
  );

  it('are not repeated when the retry differs from the first request, whose event decides', async () => {
    const one = await withMethod('pm_card');
    stripe.trouble = 'lost';
    await setUp(one);
    await hasBought(one);
    const [topUp] = await bought(one);
    await until(() => Promise.resolve(chargesOf(topUp.id).length > 0));
    await app.sql.query(`update operators set name = name || ' & Co' where slug = 'demo'`);
    // The client tries the same request again by itself.
    await sleep(500);
    stripe.trouble = null;
    await reconcile();
    expect((await bought(one))[0]).toMatchObject({ state: 'created', failure: null });
    const [intent] = [...stripe.intents.values()].filter(({ metadata }) => (metadata as any)?.topUpId === topUp.id);
    await send(eventOf('payment_intent.succeeded', intent ?? {}));
    expect((await look(one)).available).toBe('60');
    expect(chargesOf(topUp.id).length).toBeGreaterThan(1);
  });

  it('can be reported by an event before the response', async () => {
    const one = await withMethod('pm_card');
    stripe.trouble = 'late';
    await setUp(one);
    await hasBought(one);
    const [topUp] = await bought(one);
    await until(() => Promise.resolve(chargesOf(topUp.id).length > 0));
    const [intent] = [...stripe.intents.values()].filter(({ metadata }) => (metadata as any)?.topUpId === topUp.id);
    await Promise.all([1, 2].map(() => send(eventOf('payment_intent.succeeded', intent ?? {}))));
    expect((await look(one)).available).toBe('60');
    stripe.trouble = null;
    await reconcile();
    expect(await look(one)).toMatchObject({ available: '60' });
    expect(await bought(one)).toMatchObject([{ state: 'granted' }]);
    await expectProven(staff, one);
  });

  it.each([
    ['pm_declined', 'declined'],
    ['pm_asks', 'authentication_required'],
  ])('of %s count as declined when they fail with %s', async (method, failure) => {
    const one = await withMethod(method);
    await setUp(one);
    for (const declines of [1, 2, 3]) {
      await until(async () => (await bought(one)).length === declines && (await bought(one))[0].state === 'failed');
      expect((await bought(one))[0]).toMatchObject({ failure, auto: true });
      expect(await autoOf(one)).toMatchObject({ declines, enabled: declines < 3 });
      // Another event about the same payment changes nothing.
      const [intent] = [...stripe.intents.values()].slice(-1);
      await send(eventOf('payment_intent.payment_failed', intent ?? {}));
      expect((await autoOf(one)).declines).toBe(declines);
      await again(one);
    }
    expect(await autoOf(one)).toMatchObject({ stoppedBecause: 'declined' });
    expect((await look(one)).available).toBe('10');
  });

  it('can take days: no more are started, and credits are granted on arrival', async () => {
    const one = await withMethod('pm_slow');
    await setUp(one);
    await until(async () => (await bought(one))[0]?.state === 'processing');
    const [topUp] = await bought(one);
    await reconcile();
    await app.app.get(BalanceThresholdJob).run();
    expect(await bought(one)).toHaveLength(1);
    await app.sql.query(`update top_ups set created_at = now() - interval '5 days' where id = $1`, [topUp.id]);
    await reconcile();
    expect((await bought(one))[0]).toMatchObject({ state: 'processing', failure: null });
    expect(await autoOf(one)).toMatchObject({ declines: 0 });
    await app.app.get(BalanceThresholdJob).run();
    expect(await bought(one)).toHaveLength(1);
    expect(chargesOf(topUp.id)).toHaveLength(1);
    const [intent] = [...stripe.intents.values()].slice(-1);
    Object.assign(intent ?? {}, { status: 'succeeded' });
    await reconcile();
    expect((await look(one)).available).toBe('60');
    expect((await bought(one))[0].state).toBe('granted');
  });

  it('stop when the method is removed, and admins are notified', async () => {
    const one = await withMethod('pm_removed');
    await charge(user, one, { amount: '1' });
    const list = () => admin.client.get(path(one, 'payment-methods'));
    const remove = (id: string, person = admin) => person.client.delete(`${path(one, 'payment-methods')}/${id}`);
    expect((await setUp(one, { threshold: '5' })).status).toBe(200);
    expect((await list()).body.items).toMatchObject([{ id: 'pm_removed', autoTopUp: true, createdBy: user.id }]);
    expect((await user.client.get(path(one, 'payment-methods'))).status).toBe(403);
    expect((await remove('pm_removed', user)).status).toBe(403);
    for (const id of ['pm_card', 'a.b', (await list()).body.items[0].topUpId]) {
      expect([id, (await remove(id)).body.code]).toEqual([id, 'top_ups.payment_method_not_found']);
    }
    stripe.trouble = 'mute';
    expect((await remove('pm_removed')).body.code).toBe('top_ups.provider_unavailable');
    expect(await autoOf(one)).toMatchObject({ enabled: true });
    stripe.trouble = null;
    const statuses = (await Promise.all([1, 2].map(() => remove('pm_removed')))).map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([204, 404]);
    expect(stripe.detached).toContain('pm_removed');
    expect((await list()).body.items).toEqual([]);
    expect(await autoOf(one)).toMatchObject({
      enabled: false,
      paymentMethod: null,
      stoppedBecause: 'payment_method_removed',
      declines: 0,
    });
    expect(await eventsOf(one, 'auto_top_up.stopped')).toMatchObject([
      { actor: { id: admin.id }, after: { stoppedBecause: 'payment_method_removed' } },
    ]);
    expect(await eventsOf(one, 'payment_method.removed')).toMatchObject([{ before: { brand: 'visa', last4: '4242' } }]);
    const [mail] = await mailsTo(app, admin.email, 1, new RegExp(`Automatic top-up of ${one.name} at .* switched off`));
    expect(mail?.text).toMatch(/payment method was removed/);
    await charge(user, one, { amount: '8' });
    await app.app.get(BalanceThresholdJob).run();
    expect(await bought(one)).toEqual([]);
    expect((await setUp(one)).body.code).toBe('top_ups.payment_method_needed');
    expect((await setUp(one, { paymentMethodId: 'pm_removed' })).body.code).toBe('top_ups.payment_method_needed');
    expect((await setUp(one, { enabled: false })).body).toMatchObject({ enabled: false, paymentMethod: null });
  });
});

describe('a bank transfer', () => {
  it('shows its payment reference, and is granted when staff confirm it', async () => {
    const one = await fresh();
    const ask = () => user.client.post(topUpsOf(one), { credits: '50', provider: 'manual' });
    expect((await ask()).body.code).toBe('top_ups.provider_not_offered');
    await staff.client.patch('/admin/operator/top-up-settings', { bankDetails: 'IBAN DE00 1234\nBank of Test' });
    const { status, body } = await ask();
    expect([status, body]).toMatchObject([
      201,
      {
        state: 'checkout_open',
        checkoutUrl: null,
        transfer: { reference: expect.stringMatching(/^TU(-[0-9A-F]{4}){3}$/), bankDetails: expect.any(String) },
      },
    ]);
    const confirm = (person: Person) => person.client.post(`${topUpsOf(one)}/${body.id}/confirmation`);
    const refund = (amountMinor: number) => staff.client.post(`${topUpsOf(one)}/${body.id}/refunds`, { amountMinor });
    expect((await refund(1)).body.code).toBe('top_ups.not_refundable');
    expect((await confirm(user)).status).toBe(403);
    const answers = await Promise.all([confirm(staff), confirm(staff), confirm(staff)]);
    expect(answers.map((answer) => String(answer.status)).sort()).toEqual(['201', '409', '409']);
    expect((await look(one)).available).toBe('50');
    expect((await read(one, body.id)).transfer).toBeNull();
    await Promise.all([refund(1_000), refund(500)]);
    expect(await read(one, body.id)).toMatchObject({ state: 'partially_refunded', refundedMinor: 1_500 });
    expect((await look(one)).available).toBe('35');
    expect((await refund(3_501)).body.code).toBe('top_ups.not_refundable');
    await expectProven(staff, one);
  });

  it('can be cancelled, and can be confirmed with another amount, which sets the credits', async () => {
    const one = await fresh();
    const ask = async () => (await user.client.post(topUpsOf(one), { credits: '50', provider: 'manual' })).body.id;
    const [id, other] = [await ask(), await ask()];
    const act = (person: Person, topUp: string, what: string, body?: object) =>
      person.client.post(`${topUpsOf(one)}/${topUp}/${what}`, body);
    const cancelled = await act(user, id, 'cancellation');
    expect([cancelled.status, cancelled.body]).toMatchObject([
      201,
      { state: 'failed', failure: 'cancelled', transfer: null },
    ]);
    expect((await act(user, id, 'cancellation')).body.code).toBe('top_ups.not_cancellable');
    // The money arrives anyway, and less of it.
    const less = await act(staff, id, 'confirmation', { amountMinor: 3_333 });
    expect(less.body).toMatchObject({
      state: 'granted',
      credits: '33.33',
      priceMinor: 3_333,
      paidMinor: 3_333,
      requested: { priceMinor: 5_000, credits: '50' },
    });
    expect((await act(staff, other, 'confirmation', { amountMinor: 100_000_000 })).status).toBe(400);
    const more = await act(staff, other, 'confirmation', { amountMinor: 7_500 });
    expect(more.body).toMatchObject({ credits: '75', requested: { priceMinor: 5_000, credits: '50' } });
    expect((await act(user, other, 'cancellation')).body.code).toBe('top_ups.not_cancellable');
    expect((await look(one)).available).toBe('108.33');
    expect((await act(staff, other, 'refunds', { amountMinor: 7_500 })).body).toMatchObject({ clawedBack: '75' });
    await expectProven(staff, one);
  });
});
