import { Reconciler } from '../src/billing/top-ups/reconciler.schedule.js';
import { creditsOf, expectProven, keyed, newKey } from './support/credits.js';
import { eventOf, newTopUp, sendEvent, topUpsOf } from './support/payments.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startStripeServer, type StripeServer } from './support/stripe-server.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

const [OLD_SECRET, NEW_SECRET] = ['whsec_old', 'whsec_new'];

let stripe: StripeServer;
let app: TestApp;
let staff: Person;
let user: Person;
let organizations = 0;

beforeAll(async () => {
  stripe = await startStripeServer();
  app = await startTestApp({
    STRIPE_SECRET_KEY: 'sk_test_1',
    STRIPE_WEBHOOK_SECRET: `${NEW_SECRET}, ,${OLD_SECRET}`,
    STRIPE_API_URL: stripe.url,
  });
  staff = await signInAdmin(app);
  user = await newPerson(app, 'stripe-user');
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
  await runEverywhere([app], Reconciler);
};

/** The payer has paid, and no event has told of it. */
function pay(topUpId: string, payment: string): Record<string, unknown> {
  const session = [...stripe.sessions.values()].find((one) => one.client_reference_id === topUpId);
  if (!session) throw new Error('no session');
  Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: payment });
  stripe.intents.set(payment, {
    id: payment,
    object: 'payment_intent',
    status: 'succeeded',
    metadata: { topUpId },
    latest_charge: { id: `ch_${payment}`, object: 'charge', amount_refunded: 0 },
  });
  return session;
}

describe('Stripe', () => {
  it('opens a Checkout Session, and its events grant', async () => {
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

  it('is asked whose a payment is that comes before its checkout', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '20');
    const session = pay(topUp.id, 'pi_2');
    const refund = { id: 'ch_2', object: 'charge', payment_intent: 'pi_2', amount_refunded: 500 };
    await send(eventOf('charge.refunded', refund));
    expect(await read(one, topUp.id)).toMatchObject({ state: 'checkout_open', refundedMinor: 500 });
    await send(eventOf('checkout.session.completed', session));
    expect((await look(one)).available).toBe('15');

    // And when it cannot be asked, the event waits for the one that tells.
    const other = await newTopUp(user, one, '20');
    const late = pay(other.id, 'pi_3');
    stripe.trouble = 500;
    await send(eventOf('charge.refunded', { ...refund, id: 'ch_3', payment_intent: 'pi_3' }));
    expect((await read(one, other.id)).refundedMinor).toBe(0);
    await send(eventOf('checkout.session.completed', late));
    expect((await look(one)).available).toBe('30');
    await expectProven(staff, one);
  });

  it.each([[500], [429], [401], ['off' as const]])(
    'that answers %s keeps the top-up, whose checkout is opened later, once',
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

  it('that refuses ends the top-up', async () => {
    const one = await fresh();
    const refused = await user.client.post(topUpsOf(one), { credits: '0.01' });
    expect([refused.status, refused.body.code, refused.body.reason]).toEqual([
      422,
      'top_ups.provider_refused',
      'amount_too_small',
    ]);
    expect(await read(one, refused.body.topUpId)).toMatchObject({ state: 'failed', failure: 'refused' });
  });

  it('is asked again about what is on its way: a payment nobody told of is granted, once', async () => {
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
    await runEverywhere([app, replica], Reconciler);
    expect((await read(one, topUp.id)).state).toBe('granted');
    await send(eventOf('checkout.session.completed', session));
    expect(await look(one)).toMatchObject({ available: '7', lots: [{ amount: '7' }] });
    await expectProven(staff, one);
  });

  it('gives an expired checkout up, and grants one that is paid all the same', async () => {
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
    expect(await app.app.get(Reconciler).compare()).toBe(1);
    expect((await look(one)).available).toBe('10');
    const intent = stripe.intents.get('pi_10') ?? {};
    intent.latest_charge = { id: 'ch_10', object: 'charge', amount_refunded: 250 };
    stripe.refunds.push({ id: 're_1', object: 'refund', payment_intent: 'pi_10' });
    const second = await newTopUp(user, one, '10');
    pay(second.id, 'pi_11');
    await send(eventOf('checkout.session.completed', { ...session, ...pay(second.id, 'pi_11') }));
    stripe.disputes.push({ id: 'dp_11', object: 'dispute', payment_intent: 'pi_11', amount: 1_000, status: 'lost' });
    expect(await app.app.get(Reconciler).compare()).toBe(2);
    expect(await read(one, topUp.id)).toMatchObject({ state: 'partially_refunded', refundedMinor: 250 });
    expect((await read(one, second.id)).state).toBe('lost');
    expect((await look(one)).available).toBe('7.5');
    expect(await app.app.get(Reconciler).compare()).toBe(0);
    await expectProven(staff, one);
  });
});

describe('a bank transfer', () => {
  it('is told what to write on it, and granted when staff confirm it', async () => {
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
});
