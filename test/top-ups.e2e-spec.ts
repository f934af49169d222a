import { extractText, getDocumentProxy } from 'unpdf';
import { charge, creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { itFull } from './support/full.js';
import { eventOf, newTopUp, said, SANDBOX_SECRET, sendEvent, topUpsOf } from './support/payments.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let admin: Person;
let user: Person;
let outsider: Person;
let organizations = 0;

beforeAll(async () => {
  app = await startTestApp({ SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRET });
  second = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'top-up-admin');
  user = await newPerson(app, 'top-up-user');
  outsider = await newPerson(app, 'top-up-outsider');
});
afterAll(() => app.close());

const fresh = async (): Promise<Organization> => {
  const one = await newOrganization(staff, `Top-ups ${organizations++}`);
  for (const [person, role] of [
    [admin, 'admin'],
    [user, 'user'],
  ] as const)
    await staff.client.post(`${one.path}/members`, { userId: person.id, role });
  return one;
};

const look = async (one: Organization) => (await admin.client.get(creditsOf(one))).body;
const eventsOf = async (one: Organization, type: string) =>
  (await admin.client.get(`${one.path}/events?type=${type}`)).body.items;
const read = async (one: Organization, id: string) => (await user.client.get(`${topUpsOf(one)}/${id}`)).body;
const send = (event: object | string, options = {}, server: TestServer = app) =>
  sendEvent(server.origin, app.client(), event, options);

/** Fetches a checkout URL, which begins with BASE_URL, from this server. */
const pageOf = (checkoutUrl: string, server: TestServer = app): string => server.origin + new URL(checkoutUrl).pathname;

const press = (checkoutUrl: string, button: string) =>
  app.client().request('POST', pageOf(checkoutUrl), { body: new URLSearchParams({ do: button }) });

describe('a top-up', () => {
  it('can be started by any member, is paid on the page, and grants credits', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '12.5', { returnUrl: 'https://trellis.test/back?x=1' });
    expect(topUp).toMatchObject({
      state: 'checkout_open',
      credits: '12.5',
      priceMinor: 1250,
      paidMinor: 0,
      currency: 'USD',
      provider: 'sandbox',
      requestedBy: user.id,
      auto: false,
    });
    expect(topUp.checkoutUrl).toMatch(/^https:\/\/trellis\.test\/t\/demo\/sandbox\//);
    const page = await app.client().get(pageOf(topUp.checkoutUrl));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).not.toContain('<script');
    for (const text of ['12.50 USD', 'value="pay"', 'value="decline"', 'value="dispute"'])
      expect(page.body).toContain(text);

    const back = await press(topUp.checkoutUrl, 'pay');
    expect([back.status, back.headers.get('location')]).toEqual([
      303,
      `https://trellis.test/back?x=1&topUpId=${topUp.id}`,
    ]);
    expect(await read(one, topUp.id)).toMatchObject({
      state: 'granted',
      paidMinor: 1250,
      checkoutUrl: null,
      lotId: expect.any(String),
    });
    const credits = await look(one);
    expect(credits).toMatchObject({ available: '12.5', lots: [{ category: 'paid', amount: '12.5' }] });
    const entries = await admin.client.get(`${creditsOf(one)}/entries`);
    expect(entries.body.items).toMatchObject([{ type: 'grant', kind: 'paid', sourceId: topUp.id, actorId: user.id }]);
    // A second click finds the checkout closed.
    expect((await press(topUp.checkoutUrl, 'pay')).status).toBe(409);
    await expectProven(staff, one);
  });

  it('has a receipt once it is paid, which includes refunds', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '12.5');
    const path = `${topUpsOf(one)}/${topUp.id}/receipt`;
    const none = await user.client.get(path);
    expect([none.status, none.body.code]).toEqual([409, 'top_ups.no_receipt']);
    await press(topUp.checkoutUrl, 'pay');
    const textOf = async () => {
      const answer = await fetch(`${app.origin}/t/demo/api/v1${path}`, {
        headers: { authorization: `Bearer ${user.accessToken}` },
      });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      const pdf = await getDocumentProxy(new Uint8Array(await answer.arrayBuffer()));
      return (await extractText(pdf, { mergePages: true })).text;
    };
    const text = await textOf();
    const { paidAt } = await read(one, topUp.id);
    for (const part of ['Receipt R-0', 'TU-', '12.50 USD', String(paidAt).slice(0, 10), 'no money moved'])
      expect(text).toContain(part);
    expect(text).not.toContain('Refunded');
    const stranger = await newPerson(app, 'receipt-stranger');
    expect((await stranger.client.get(path)).status).toBe(404);
    const other = await fresh();
    expect((await admin.client.get(`${topUpsOf(other)}/${topUp.id}/receipt`)).body.code).toBe('top_ups.not_found');
  });

  it('stays open when the payment is declined, and can then be paid', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one, '100');
    expect((await press(topUp.checkoutUrl, 'decline')).body).toContain('was declined');
    expect(await read(one, topUp.id)).toMatchObject({ state: 'checkout_open', failure: 'declined', paidMinor: 0 });
    expect((await look(one)).available).toBe('0');
    expect((await press(topUp.checkoutUrl, 'pay')).status).toBe(303);
    expect(await read(one, topUp.id)).toMatchObject({ state: 'granted', failure: null });
  });

  it('takes its price from a package, even if an operator changes the package meanwhile', async () => {
    const one = await fresh();
    const packages = '/admin/top-up-packages';
    const made = await staff.client.post(packages, {
      name: 'Starter',
      credits: '1000',
      priceMinor: 9900,
      currency: 'eur',
    });
    expect([made.status, made.body]).toMatchObject([
      201,
      { name: 'Starter', credits: '1000', priceMinor: 9900, currency: 'EUR', active: true, version: 1 },
    ]);
    const offered = await user.client.get(`/organizations/${one.id}/top-up-packages`);
    expect(offered.body.items).toEqual([made.body]);
    const topUp = await user.client.post(topUpsOf(one), { packageId: made.body.id });
    expect(topUp.body).toMatchObject({ credits: '1000', priceMinor: 9900, currency: 'EUR', packageId: made.body.id });
    const changed = await staff.client.patch(`${packages}/${made.body.id}`, { credits: '1', active: false });
    expect(changed.body).toMatchObject({ credits: '1', active: false, version: 2 });
    expect((await user.client.get(`/organizations/${one.id}/top-up-packages`)).body.items).toEqual([]);
    const gone = await user.client.post(topUpsOf(one), { packageId: made.body.id });
    expect([gone.status, gone.body.code]).toEqual([404, 'top_ups.package_not_found']);
    await press(topUp.body.checkoutUrl, 'pay');
    expect((await look(one)).available).toBe('1000');
    expect((await staff.client.delete(`${packages}/${made.body.id}`)).status).toBe(204);
    expect((await staff.client.get(`${packages}/${made.body.id}`)).status).toBe(404);
    expect((await read(one, topUp.body.id)).packageId).toBe(made.body.id);
  });

  it('costs an amount that its currency can be charged in', async () => {
    const one = await fresh();
    const sell = (priceMinor: number, currency: string) =>
      staff.client.post('/admin/top-up-packages', { name: 'In ' + currency, credits: '10', priceMinor, currency });
    const dinars = await sell(5124, 'KWD');
    expect([dinars.status, dinars.body]).toMatchObject([
      201,
      { priceMinor: 5130, roundedFromMinor: 5124, currencyDecimals: 3 },
    ]);
    const topUp = await user.client.post(topUpsOf(one), { packageId: dinars.body.id });
    expect(topUp.body).toMatchObject({ priceMinor: 5130, roundedFromMinor: 5124, currencyDecimals: 3 });
    const page = (await app.client().request('GET', pageOf(topUp.body.checkoutUrl))).body;
    expect(page).toContain('5.130 KWD');
    expect(page).toContain('price rounded up from 5.124 KWD');
    expect((await sell(40_000, 'huf')).body).toMatchObject({
      priceMinor: 40_000,
      roundedFromMinor: null,
      currencyDecimals: 2,
    });
    for (const [priceMinor, currency, field] of [
      [49, 'USD', 'priceMinor'],
      [100_000_000, 'USD', 'priceMinor'],
      [49, 'JPY', 'priceMinor'],
      [5000, 'XAU', 'currency'],
      [5000, 'IRR', 'currency'],
    ] as const) {
      const { status, body } = await sell(priceMinor, currency);
      expect([status, body.errors?.map((error: { field: string }) => error.field)]).toEqual([400, [field]]);
    }
    const inYen = await staff.client.patch(`/admin/top-up-packages/${dinars.body.id}`, { currency: 'JPY' });
    expect(inYen.body).toMatchObject({ priceMinor: 5124, roundedFromMinor: null, currencyDecimals: 0 });
    const { items } = (await staff.client.get('/admin/operator/top-up-settings/currencies')).body;
    expect(items).toContainEqual({ code: 'ISK', decimals: 2, step: 100, minMinor: 100, maxMinor: 99_999_900 });
  });

  it('is created once per Idempotency-Key', async () => {
    const one = await fresh();
    const key = newKey();
    const ask = (body: object, person = user) => person.client.post(topUpsOf(one), body, keyed(key));
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask({ credits: '5' })));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
    const other = await ask({ credits: '6' });
    expect([other.status, other.body.code]).toEqual([422, 'top_ups.key_mismatch']);
    expect((await user.client.get(`${topUpsOf(one)}?count=true`)).body.total).toBe(1);
  });

  it('redirects back only to URLs that the operator allows', async () => {
    const one = await fresh();
    const ask = async (returnUrl: string) => {
      const { status, body } = await user.client.post(topUpsOf(one), { credits: '5', returnUrl });
      return status === 201 ? status : `${status} ${body.code}`;
    };
    for (const url of ['https://evil.example/', 'https://trellis.test.evil.example/', 'http://trellis.test/'])
      expect([url, await ask(url)]).toEqual([url, '422 top_ups.return_url_not_allowed']);
    for (const url of ['//trellis.test/', 'javascript:alert(1)', 'https://a@trellis.test/', '/back', 'x'])
      expect([url, await ask(url)]).toEqual([url, '400 validation_failed']);
    const settings = '/admin/operator/top-up-settings';
    expect((await staff.client.get(settings)).body).toMatchObject({ currency: 'USD', creditPriceMinor: '100' });
    const put = await staff.client.patch(settings, { returnOrigins: ['https://app.example'] });
    expect([put.status, put.body.returnOrigins]).toEqual([200, ['https://app.example']]);
    expect(await ask('https://app.example/credits')).toBe(201);
    expect(await ask('https://app.example.evil.example/credits')).toBe('422 top_ups.return_url_not_allowed');
    for (const origin of ['https://app.example/', 'app.example', 'javascript:', 'ftp://x.example'])
      expect((await staff.client.patch(settings, { returnOrigins: [origin] })).status).toBe(400);
  });

  it.each([
    [{}, 400, 'validation_failed'],
    [{ credits: '1', packageId: '018f0000-0000-7000-8000-000000000000' }, 400, 'validation_failed'],
    [{ credits: 5 }, 400, 'validation_failed'],
    [{ credits: '0' }, 400, 'validation_failed'],
    [{ credits: '-1' }, 400, 'validation_failed'],
    [{ credits: '1000000000' }, 422, 'top_ups.amount_too_large'],
    [{ credits: '0.49' }, 422, 'top_ups.amount_too_small'],
    [{ packageId: '018f0000-0000-7000-8000-000000000000' }, 404, 'top_ups.package_not_found'],
    [{ credits: '1', provider: 'stripe' }, 422, 'top_ups.provider_not_offered'],
    [{ credits: '1', amount: '2' }, 400, 'validation_failed'],
  ])('refuses %j', async (body, status, code) => {
    const one = await fresh();
    const answer = await user.client.post(topUpsOf(one), body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('is visible only to its member', async () => {
    const one = await fresh();
    const other = await fresh();
    const topUp = await newTopUp(user, one);
    expect((await outsider.client.get(`${topUpsOf(one)}/${topUp.id}`)).status).toBe(404);
    expect((await outsider.client.post(topUpsOf(one), { credits: '1' })).status).toBe(404);
    expect((await user.client.get(`${topUpsOf(other)}/${topUp.id}`)).body.code).toBe('top_ups.not_found');
    const wrong = topUp.checkoutUrl.replace(one.id, other.id);
    expect((await app.client().get(pageOf(wrong))).status).toBe(404);
    expect((await press(wrong, 'pay')).status).toBe(404);
  });
});

describe('a payment event', () => {
  it('counts only with a valid and recent signature', async () => {
    const one = await fresh();
    const { id } = await newTopUp(user, one);
    const now = Math.floor(Date.now() / 1000);
    const event = said.completed(id);
    const refused = [
      await send(event, { secret: 'whsec_another' }),
      await send(event, { timestamp: now - 301 }),
      await send(event, { timestamp: now + 400 }),
      await app.client().post(`${app.origin}/webhooks/payments/sandbox`, event),
      await app
        .client()
        .post(`${app.origin}/webhooks/payments/sandbox`, event, { headers: { 'stripe-signature': 't=1,v1=x' } }),
    ];
    expect(refused.map(({ status, body }) => `${status} ${body.code}`)).toEqual(
      refused.map(() => '400 top_ups.invalid_signature'),
    );
    for (const provider of ['stripe', 'manual', 'paypal', 'constructor']) {
      const answer = await send(event, { provider });
      expect([provider, answer.status, answer.body.code]).toEqual([provider, 404, 'top_ups.provider_not_found']);
    }
    expect((await look(one)).available).toBe('0');
    expect((await send('{"id":"evt_1"}')).body.code).toBe('top_ups.invalid_event');
    expect((await send(eventOf('customer.created', { id: 'cus_1' }))).body).toEqual({
      received: true,
      duplicate: false,
    });
    expect([(await send(event)).body, (await send(event)).body]).toEqual([
      { received: true, duplicate: false },
      { received: true, duplicate: true },
    ]);
    expect((await look(one)).available).toBe('100');
  });

  it('grants the credits of the top-up, whatever the event says', async () => {
    const [one, other] = [await fresh(), await fresh()];
    const { id } = await newTopUp(user, one);
    await send(said.completed(id, { metadata: { topUpId: id, organizationId: one.id, credits: '1000000' } }));
    expect([(await look(one)).available, (await look(other)).available]).toEqual(['100', '0']);
    await send(said.completed('018f0000-0000-7000-8000-000000000000'));
    await send(said.completed("x' or true --"));
    expect((await look(one)).available).toBe('100');
  });

  it('grants once, however many events of any kind arrive on two servers', async () => {
    const one = await fresh();
    const { id } = await newTopUp(user, one);
    const same = said.completed(id);
    const all = [
      same,
      same,
      same,
      said.completed(id),
      said.succeeded(id),
      said.completed(id),
      said.succeeded(id),
      same,
    ];
    const answers = await Promise.all(
      all.flatMap((event) => [send(event), send(event, {}, { ...second, origin: second.origin })]),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await look(one)).toMatchObject({ available: '100', lots: [{ amount: '100' }] });
    const { body } = await admin.client.get(`${creditsOf(one)}/entries?kind=grant`);
    expect(body.items).toHaveLength(1);
    await expectProven(staff, one);
  });

  it('for one payment does not pay for another top-up', async () => {
    const one = await fresh();
    const [first, other] = [await newTopUp(user, one), await newTopUp(user, one)];
    await send(said.completed(first.id));
    const payment = `pi_sandbox_${first.id.replaceAll('-', '')}`;
    await send(said.completed(other.id, { payment_intent: payment }));
    expect((await look(one)).available).toBe('100');
    expect((await read(one, other.id)).state).toBe('checkout_open');
  });
});

/** Returns all permutations of a list. */
const orders = <T>(all: readonly T[]): T[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((first, index) => orders(all.filter((_, other) => other !== index)).map((rest) => [first, ...rest]));

describe('a refund or dispute', () => {
  const refund = (id: string, minor: number) => send(said.refunded(id, minor));

  it('takes back the difference of what was refunded, and no more than was granted', async () => {
    const one = await fresh();
    const { id } = await newTopUp(user, one);
    await send(said.completed(id));
    for (const [minor, available, state] of [
      [2_500, '75', 'partially_refunded'],
      [2_500, '75', 'partially_refunded'],
      [1_000, '75', 'partially_refunded'],
      [6_000, '40', 'partially_refunded'],
      [10_000, '0', 'refunded'],
      [99_000, '0', 'refunded'],
    ] as const) {
      await refund(id, minor);
      expect([minor, (await look(one)).available, (await read(one, id)).state]).toEqual([minor, available, state]);
    }
    expect(await read(one, id)).toMatchObject({ refundedMinor: 10_000, clawedBack: '100' });
    expect(await look(one)).toMatchObject({ status: 'active', receivable: '0' });
    await expectProven(staff, one);
  });

  it('freezes the organization for credits already used, until later credits settle the debt', async () => {
    const one = await fresh();
    const { id } = await newTopUp(user, one);
    await send(said.completed(id));
    await charge(user, one, { amount: '70' });
    await refund(id, 10_000);
    expect(await look(one)).toMatchObject({ available: '0', receivable: '70', status: 'frozen' });
    const refused = await charge(user, one, { amount: '1' });
    expect([refused.status, refused.body.code, refused.body.owed]).toEqual([403, 'billing.frozen', '70']);
    await grant(staff, one, '50');
    expect(await look(one)).toMatchObject({ available: '0', receivable: '20', status: 'frozen' });
    expect((await charge(user, one, { amount: '1' })).status).toBe(403);
    const more = await newTopUp(user, one, '30');
    await send(said.completed(more.id, { amount_total: 3_000 }));
    expect(await look(one)).toMatchObject({ available: '10', receivable: '0', status: 'active' });
    expect((await charge(user, one, { amount: '10' })).status).toBe(201);
    await expectProven(staff, one);
  });

  it('keeps disputed credits out of the lot: a won dispute restores them, a lost one takes them', async () => {
    const one = await fresh();
    await grant(staff, one, '5');
    const { id } = await newTopUp(user, one);
    await send(said.completed(id));
    await charge(user, one, { amount: '25' });
    await send(said.dispute(id, 'created', 'warning_needs_response'));
    expect((await look(one)).available).toBe('80');
    await send(said.dispute(id, 'created', 'needs_response'));
    expect([(await look(one)).available, (await read(one, id)).frozen]).toEqual(['0', '80']);
    expect((await read(one, id)).state).toBe('disputed');
    expect((await charge(user, one, { amount: '1' })).body.code).toBe('billing.insufficient_credits');
    await send(said.dispute(id, 'closed', 'won'));
    expect([(await look(one)).available, (await read(one, id)).state]).toEqual(['80', 'won']);
    // Late events change nothing.
    await send(said.dispute(id, 'funds_withdrawn', 'needs_response'));
    expect((await look(one)).available).toBe('80');
    await expectProven(staff, one);

    const two = await newTopUp(user, one);
    await send(said.completed(two.id));
    await send(said.dispute(two.id, 'created', 'needs_response'));
    expect((await look(one)).available).toBe('80');
    await charge(user, one, { amount: '80' });
    await grant(staff, one, '7');
    await send(said.dispute(two.id, 'closed', 'lost'));
    expect(await look(one)).toMatchObject({ available: '7', status: 'active', receivable: '0' });
    expect(await read(one, two.id)).toMatchObject({ state: 'lost', clawedBack: '100', frozen: '0' });
    await expectProven(staff, one);
  });

  it.each([
    ['as a refund', { object: 'refund', id: 're_1', amount: 10_000, status: 'failed' }],
    ['with the total that remains', { object: 'charge', id: 'ch_1', amount: 10_000, amount_refunded: 0 }],
  ])('is reversed when the refund fails, reported %s', async (_, failed) => {
    const one = await fresh();
    const payment = (id: string) => `pi_sandbox_${id.replaceAll('-', '')}`;
    let failures = 0;
    const fail = (id: string) =>
      send(eventOf('refund.failed', { ...failed, id: `${failed.id}_${++failures}`, payment_intent: payment(id) }));
    const unused = await newTopUp(user, one);
    await send(said.completed(unused.id));
    await refund(unused.id, 10_000);
    expect((await look(one)).available).toBe('0');
    await fail(unused.id);
    expect(await read(one, unused.id)).toMatchObject({ state: 'granted', refundedMinor: 0, clawedBack: '0' });
    expect((await look(one)).available).toBe('100');
    await charge(user, one, { amount: '60' });
    await refund(unused.id, 10_000);
    expect(await look(one)).toMatchObject({ available: '0', receivable: '60', status: 'frozen' });
    await fail(unused.id);
    expect(await look(one)).toMatchObject({ available: '40', receivable: '0', status: 'active' });
    expect(await eventsOf(one, 'top_up.refund_failed')).toHaveLength(2);
    await expectProven(staff, one);
  });

  it('follows the outcome of a dispute, however often it changes', async () => {
    const one = await fresh();
    const { id } = await newTopUp(user, one);
    await send(said.completed(id));
    await charge(user, one, { amount: '60' });
    for (const [outcome, available, receivable, status] of [
      ['lost', '0', '60', 'frozen'],
      ['won', '40', '0', 'active'],
      ['lost', '0', '60', 'frozen'],
    ] as const) {
      await send(said.dispute(id, 'closed', outcome));
      expect(await look(one)).toMatchObject({ available, receivable, status });
      expect((await read(one, id)).state).toBe(outcome);
    }
    await expectProven(staff, one);
  });

  itFull('has the same result in all 120 orders of five events', async () => {
    const one = await fresh();
    await grant(staff, one, '3', { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    const all = orders([0, 1, 2, 3, 4]);
    const ends = new Set<string>();
    const live = async (order: number[]): Promise<void> => {
      const { id } = await newTopUp(user, one);
      const five = [
        said.completed(id),
        said.refunded(id, 2_000),
        said.dispute(id, 'created', 'needs_response', 5_000),
        said.refunded(id, 3_500),
        said.dispute(id, 'closed', 'won', 5_000),
      ];
      for (const index of order) expect((await send(five[index] ?? {})).status).toBe(200);
      const { state, refundedMinor, clawedBack, frozen } = await read(one, id);
      ends.add(JSON.stringify({ state, refundedMinor, clawedBack, frozen }));
    };
    const rest = all.values();
    const worker = async () => {
      for (const order of rest) await live(order);
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    expect([...ends].map((end) => JSON.parse(end))).toEqual([
      { state: 'partially_refunded', refundedMinor: 3_500, clawedBack: '35', frozen: '0' },
    ]);
    expect((await look(one)).available).toBe(String(3 + all.length * 65));
    await expectProven(staff, one);
  });

  it('can be simulated on the page of the sandbox', async () => {
    const one = await fresh();
    const topUp = await newTopUp(user, one);
    expect((await press(topUp.checkoutUrl, 'dispute')).body).toContain('The payment is disputed');
    expect(await read(one, topUp.id)).toMatchObject({ state: 'disputed', frozen: '100' });
    expect((await press(topUp.checkoutUrl, 'win')).status).toBe(200);
    expect((await look(one)).available).toBe('100');
    await press(topUp.checkoutUrl, 'refund-half');
    expect(await read(one, topUp.id)).toMatchObject({ state: 'partially_refunded', clawedBack: '50' });
    await press(topUp.checkoutUrl, 'refund');
    expect((await look(one)).available).toBe('0');
  });
});
