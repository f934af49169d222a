import { PaymentReconciliationJob } from '../../src/billing/payments/reconciliation/payment-reconciliation.job.js';
import { Metrics } from '../../src/common/metrics/index.js';
import { creditsOf, expectProven } from '../support/credits.js';
import { newTopUp, said, SANDBOX_SECRET, sendEvent, topUpsOf } from '../support/payments.js';
import { newPerson, type Person, signInAdmin } from '../support/people.js';
import { runEverywhere } from '../support/schedules.js';
import { startTestApp, type TestApp, type TestServer } from '../support/test-app.js';
import { newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let user: Person;
let organizations = 0;

beforeAll(async () => {
  app = await startTestApp({ SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRET });
  second = await app.replica();
  staff = await signInAdmin(app);
  user = await newPerson(app, 'payer');
});
afterAll(() => app.close());

const fresh = async (): Promise<Organization> => {
  const one = await newOrganization(staff, `Payer ${organizations++}`);
  await staff.client.post(`${one.path}/members`, { userId: user.id, role: 'user' });
  return one;
};
const send = (event: object, server: TestServer = app) => sendEvent(server.origin, app.client(), event);
const available = async (one: Organization) => (await user.client.get(creditsOf(one))).body.available;
const read = async (one: Organization, id: string) => (await user.client.get(`${topUpsOf(one)}/${id}`)).body;
const eventsOf = async (one: Organization, type: string) =>
  (await staff.client.get(`/admin/organizations/${one.id}/events?type=${type}`)).body.items;
const paymentOf = (id: string) => `pi_sandbox_${id.replaceAll('-', '')}`;

it('of 1 JPY does not grant a top-up of 5 000 USD, and staff are asked to look', async () => {
  const one = await fresh();
  const { id } = await newTopUp(user, one, '5000');
  const event = said.completed(id, { amount_total: 1, currency: 'jpy' });
  const answers = await Promise.all([send(event), send(event, second), send(event)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await available(one)).toBe('0');
  expect(await read(one, id)).toMatchObject({
    state: 'checkout_open',
    paidMinor: 0,
    review: { reason: 'currency_differs', reportedMinor: 1, reportedCurrency: 'JPY', paymentId: paymentOf(id) },
  });
  const { body } = await staff.client.get(`${topUpsOf(one)}?needsReview=true`);
  expect(body.items.map((topUp: { id: string }) => topUp.id)).toEqual([id]);
  expect((await staff.client.get(`${topUpsOf(one)}?needsReview=false`)).body.items).toEqual([]);
  expect(await eventsOf(one, 'top_up.review_opened')).toHaveLength(1);
  expect(await second.app.get(Metrics).text()).toMatch(/trellis_top_ups_in_review [1-9]/);
});

it.each<[string, object, string | null]>([
  ['less', { amount_total: 9_999 }, 'amount_differs'],
  ['more', { amount_total: 10_001 }, 'amount_differs'],
  ['nothing', { amount_total: 0 }, 'amount_differs'],
  ['a negative amount', { amount_total: -10_000 }, 'amount_differs'],
  ['a fraction', { amount_total: 10_000.5 }, 'amount_differs'],
  ['text', { amount_total: '10000' }, 'amount_differs'],
  ['no amount', { amount_total: null }, 'amount_differs'],
  ['another currency', { currency: 'eur' }, 'currency_differs'],
  ['no currency', { currency: null }, 'currency_differs'],
  [
    'the right amount only as the payer saw it',
    {
      amount_total: 1,
      currency: 'jpy',
      presentment_details: { presentment_amount: 10_000, presentment_currency: 'usd' },
    },
    'currency_differs',
  ],
  [
    'the right amount, seen in another currency',
    { presentment_details: { presentment_amount: 1, presentment_currency: 'jpy' } },
    null,
  ],
])('of a checkout that reports %s', async (_, more, reason) => {
  const one = await fresh();
  const { id } = await newTopUp(user, one);
  await send(said.completed(id, more));
  const topUp = await read(one, id);
  expect([await available(one), topUp.review?.reason ?? null]).toEqual(reason ? ['0', reason] : ['100', null]);
});

it('of a partial capture grants nothing', async () => {
  const one = await fresh();
  const { id } = await newTopUp(user, one);
  await send(said.succeeded(id, { amount: 10_000, amount_received: 100 }));
  expect([await available(one), (await read(one, id)).review.reportedMinor]).toEqual(['0', 100]);
});

it('that names another top-up or organization grants nothing there', async () => {
  const [one, other] = [await fresh(), await fresh()];
  const cheap = await newTopUp(user, one, '1');
  const dear = await newTopUp(user, other, '5000');
  // The checkout of the cheap one claims to pay for the dear one.
  const ofCheap = `cs_sandbox_${cheap.id.replaceAll('-', '')}`;
  const price = { amount_total: 100, payment_intent: paymentOf(cheap.id) };
  await send(said.completed(dear.id, { ...price, id: ofCheap }));
  await send(said.completed(dear.id, price));
  await send(said.succeeded(dear.id, { id: paymentOf(cheap.id), amount_received: 100 }));
  // The right price, for a payment that was made in another organization.
  await send(
    said.completed(dear.id, { amount_total: 500_000, metadata: { topUpId: dear.id, organizationId: one.id } }),
  );
  expect([await available(one), await available(other)]).toEqual(['0', '0']);
  // None of it is in the way of the payments themselves.
  await send(said.completed(cheap.id, { amount_total: 100 }));
  await send(said.completed(dear.id, { amount_total: 500_000 }));
  expect([await available(one), await available(other)]).toEqual(['1', '5000']);
  await expectProven(staff, other);
});

it('in another currency takes back the share, not the number', async () => {
  const one = await fresh();
  const { id } = await newTopUp(user, one);
  await send(said.completed(id));
  const refund = (amount: number | null, amount_refunded: number) => {
    const event = said.refunded(id, amount_refunded);
    Object.assign(event.data.object, { amount, currency: 'jpy' });
    return send(event);
  };
  // Without the amount that was charged, the number says nothing.
  await refund(null, 1_500);
  expect([await available(one), (await read(one, id)).review.reason]).toEqual(['100', 'currency_differs']);
  await refund(15_000, 1_500);
  expect([await available(one), (await read(one, id)).refundedMinor]).toEqual(['90', 1_000]);
  // Nobody has to look at it any more.
  expect((await read(one, id)).review).toBeNull();
  const closed = (await staff.client.get(`${one.path}/events?type=top_up.review_closed`)).body.items;
  expect(closed).toMatchObject([{ actor: { type: 'system' }, after: { review: { reason: 'currency_differs' } } }]);
  const dispute = said.dispute(id, 'closed', 'lost', 7_500);
  Object.assign(dispute.data.object, { currency: 'jpy' });
  await send(dispute);
  expect([await available(one), (await read(one, id)).state]).toEqual(['40', 'lost']);
  await expectProven(staff, one);
});

it('that pays a second time is for staff to refund', async () => {
  const one = await fresh();
  const { id } = await newTopUp(user, one);
  await send(said.completed(id));
  await send(said.succeeded(id, { id: 'pi_second' }));
  expect(await read(one, id)).toMatchObject({
    state: 'granted',
    review: { reason: 'paid_twice', paymentId: 'pi_second' },
  });
  expect(await available(one)).toBe('100');
});

it('is compared when the provider is polled, too', async () => {
  const one = await fresh();
  const { id } = await newTopUp(user, one);
  await app.sql.query(`update sandbox_payments set state = 'paid', amount_minor = 1 where id = $1`, [id]);
  await app.sql.query('update top_ups set next_look_at = now() where id = $1', [id]);
  await runEverywhere([app, second], PaymentReconciliationJob);
  expect([await available(one), (await read(one, id)).review.reason]).toEqual(['0', 'amount_differs']);
});

it('is closed by staff alone, ends the top-up, and is not asked for again', async () => {
  const one = await fresh();
  const { id } = await newTopUp(user, one);
  await send(said.completed(id, { amount_total: 1 }));
  const path = `${topUpsOf(one)}/${id}/review`;
  expect((await user.client.post(path, { note: 'all is well' })).status).toBe(403);
  const closed = await staff.client.post(path, { note: 'refunded at the provider' });
  expect(closed.body).toMatchObject({ state: 'failed', failure: 'payment_differs', review: null });
  expect((await staff.client.post(path, { note: 'again' })).body.code).toBe('top_ups.nothing_to_review');
  await send(said.completed(id, { amount_total: 1 }));
  expect((await read(one, id)).review).toBeNull();
  const [event] = await eventsOf(one, 'top_up.review_closed');
  expect(event).toMatchObject({ actor: { id: staff.id }, after: { note: 'refunded at the provider' } });
  expect(await available(one)).toBe('0');
  // A payment of the whole price that still arrives is granted.
  await send(said.completed(id));
  expect(await available(one)).toBe('100');
});
