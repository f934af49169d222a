import { extractText, getDocumentProxy } from 'unpdf';
import { newTopUp, said, SANDBOX_SECRET, sendEvent, topUpsOf } from './support/payments.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

const SELLER = '/admin/operator/seller';

let app: TestApp;
let second: TestServer;
let staff: Person;
let admin: Person;
let user: Person;
let one: Organization;

beforeAll(async () => {
  app = await startTestApp({ SANDBOX_WEBHOOK_SECRET: SANDBOX_SECRET });
  second = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'receipt-admin');
  user = await newPerson(app, 'receipt-user');
  one = await newOrganization(staff, 'Receipts');
  await staff.client.post(`${one.path}/members`, { userId: admin.id, role: 'admin' });
  await staff.client.post(`${one.path}/members`, { userId: user.id, role: 'user' });
});
afterAll(() => app.close());

async function paidTopUp(credits: string) {
  const topUp = await newTopUp(user, one, credits);
  const page = app.origin + new URL(topUp.checkoutUrl).pathname;
  await app.client().request('POST', page, { body: new URLSearchParams({ do: 'pay' }) });
  return topUp;
}

const receiptOf = async (id: string) => (await user.client.get(`${topUpsOf(one)}/${id}/receipt?format=json`)).body;

async function textOf(id: string): Promise<string> {
  const response = await fetch(`${app.origin}/t/demo/api/v1${topUpsOf(one)}/${id}/receipt`, {
    headers: { authorization: `Bearer ${user.accessToken}` },
  });
  const pdf = await getDocumentProxy(new Uint8Array(await response.arrayBuffer()));
  return (await extractText(pdf, { mergePages: true })).text;
}

it('a receipt names the operator and the organization until seller and buyer are set', async () => {
  const { id } = await paidTopUp('12.5');
  expect(await receiptOf(id)).toMatchObject({
    number: 'R-000001',
    topUpId: id,
    timeZone: 'UTC',
    seller: { legalName: null, address: null, taxId: null, email: null },
    buyer: { organization: one.name, legalName: null, payer: expect.any(String) },
    credits: '12.5',
    unitPrice: '1.00',
    totalMinor: 1250,
    tax: null,
    netMinor: 1250,
    remainingMinor: 1250,
  });
  const text = await textOf(id);
  expect(text).toMatch(/^Demo\s/);
  for (const part of ['Receipt R-000001', 'Seller', 'Bill to', one.name, '1.00 USD', 'It is not'])
    expect(text).toContain(part);
});

it('a receipt names seller, buyer and tax, and keeps them when they change later', async () => {
  const seller = {
    legalName: 'Acme Cloud GmbH',
    address: '1 Harbor Street\n10115 Berlin',
    taxId: 'DE123456789',
    email: 'billing@acme.example',
    taxName: 'VAT',
    taxRate: '19',
  };
  const buyer = { legalName: '東京 株式会社', address: '千代田区', taxId: null, email: null, reference: 'PO 7' };
  expect((await staff.client.put(SELLER, seller)).body).toEqual({ ...seller, version: 1, etag: '"1"' });
  expect((await admin.client.put(`/organizations/${one.id}/billing-details`, buyer)).body).toMatchObject({
    ...buyer,
    version: 1,
  });
  const { id } = await paidTopUp('119');
  const before = await receiptOf(id);
  expect(before).toMatchObject({
    number: 'R-000002',
    seller: { legalName: 'Acme Cloud GmbH', taxId: 'DE123456789' },
    buyer: { ...buyer, organization: one.name },
    totalMinor: 11_900,
    tax: { name: 'VAT', rate: '19', minor: 1900 },
    netMinor: 10_000,
  });
  const text = await textOf(id);
  for (const part of ['Acme Cloud GmbH', 'DE123456789', 'PO 7', 'VAT 19 %', '19.00 USD', '100.00 USD', '119.00 USD'])
    expect(text).toContain(part);
  expect(text).not.toContain('It is not');

  await staff.client.put(SELLER, { ...seller, legalName: 'Acme Cloud SE', taxRate: '7' });
  await admin.client.put(`/organizations/${one.id}/billing-details`, {});
  expect(await receiptOf(id)).toEqual(before);
});

it('a receipt shows the remainder after refunds and a lost dispute', async () => {
  const { id } = await paidTopUp('100');
  await sendEvent(app.origin, app.client(), said.refunded(id, 2500));
  expect(await receiptOf(id)).toMatchObject({ totalMinor: 10_000, refundedMinor: 2500, remainingMinor: 7500 });
  await sendEvent(app.origin, app.client(), said.dispute(id, 'closed', 'lost', 7500));
  expect(await receiptOf(id)).toMatchObject({ refundedMinor: 2500, disputedMinor: 7500, remainingMinor: 0 });
  const text = await textOf(id);
  for (const part of ['Refunded', '-25.00 USD', 'Returned after a dispute', '-75.00 USD', 'Remaining', '0.00 USD'])
    expect(text).toContain(part);
});

it('receipts are numbered without gaps, even when two servers number them at once', async () => {
  const { number } = await receiptOf((await paidTopUp('1')).id);
  const last = Number(number.slice(2));
  const ids: string[] = [];
  for (let index = 0; index < 6; index++) ids.push((await newTopUp(user, one, '1')).id);
  await Promise.all(
    ids.map((id, index) =>
      sendEvent((index % 2 ? app : second).origin, app.client(), said.completed(id, { amount_total: 100 })),
    ),
  );
  const read = (id: string, server: TestServer) =>
    user.client.get(`${server.origin}/t/demo/api/v1${topUpsOf(one)}/${id}/receipt?format=json`);
  const answers = await Promise.all(ids.flatMap((id) => [read(id, app), read(id, second), read(id, app)]));
  const numbers = answers.map(({ body }) => Number(body.number.slice(2)));
  expect([...new Set(numbers)].toSorted((a, b) => a - b)).toEqual(ids.map((_, index) => last + 1 + index));
  for (let index = 0; index < ids.length; index++)
    expect(new Set(numbers.slice(3 * index, 3 * index + 3)).size).toBe(1);
});

it('a receipt has its number since the payment, regardless of the first reader', async () => {
  const first = await paidTopUp('3');
  const later = await paidTopUp('4');
  const [afterwards, before] = [await receiptOf(later.id), await receiptOf(first.id)];
  expect(Number(afterwards.number.slice(2))).toBe(Number(before.number.slice(2)) + 1);
});

const BILLING = () => `/organizations/${one.id}/billing-details`;
const correct = (id: string, person = admin) => person.client.post(`${topUpsOf(one)}/${id}/receipt/corrections`);

it('is corrected by a receipt with a number of its own, which names the one it replaces', async () => {
  await admin.client.put(BILLING(), {});
  const { id } = await paidTopUp('5');
  const original = await receiptOf(id);
  expect((await correct(id)).body.code).toBe('top_ups.receipt_unchanged');
  expect((await correct(id, user)).status).toBe(403);
  await admin.client.put(BILLING(), { legalName: 'Northwind GmbH', taxId: 'DE1' });
  await staff.client.put(SELLER, { legalName: 'Someone else', taxName: 'VAT', taxRate: '20' });
  // Two at once, and repeated: one number is taken.
  const answers = await Promise.all([correct(id), correct(id)]);
  await correct(id);
  const corrected = answers.find(({ status }) => status === 201)?.body;
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  expect(corrected).toMatchObject({
    replaces: original.number,
    replacedBy: null,
    seller: original.seller,
    tax: original.tax,
    buyer: { legalName: 'Northwind GmbH', taxId: 'DE1', payer: null },
    totalMinor: 500,
  });
  expect(Number(corrected.number.slice(2))).toBe(Number(original.number.slice(2)) + 1);
  expect(await receiptOf(id)).toEqual(corrected);
  const read = await user.client.get(`${topUpsOf(one)}/${id}/receipt?format=json&number=${original.number}`);
  expect(read.body).toEqual({ ...original, replacedBy: corrected.number });
  expect((await user.client.get(`${topUpsOf(one)}/${id}/receipt?number=R-9`)).body.code).toBe(
    'top_ups.receipt_not_found',
  );
  const text = await textOf(id);
  for (const part of [`Receipt ${corrected.number}`, 'Replaces receipt', original.number]) expect(text).toContain(part);
  const { items } = (await staff.client.get(`/admin/organizations/${one.id}/events?type=receipt.corrected`)).body;
  expect(items).toMatchObject([{ after: { number: corrected.number, replaces: original.number } }]);
  expect((await receiptOf((await paidTopUp('1')).id)).seller.legalName).toBe('Someone else');
});

it('is corrected at most 10 times, because its numbers are the operator’s', async () => {
  const { id } = await paidTopUp('7');
  const answers: number[] = [];
  for (let round = 0; round < 12; round++) {
    await admin.client.put(BILLING(), { legalName: `Northwind ${round}` });
    answers.push((await correct(id)).status);
  }
  expect(answers).toEqual([...Array.from({ length: 10 }, () => 201), 409, 409]);
  expect((await correct(id)).body.code).toBe('top_ups.receipt_correction_limit_reached');
  await admin.client.put(BILLING(), {});
});

it('keeps the name of the organization, and names the payer only to those who may list members', async () => {
  await admin.client.put(BILLING(), {});
  const { id } = await paidTopUp('6');
  await admin.client.patch(one.path, { name: 'Renamed' });
  expect((await receiptOf(id)).buyer).toMatchObject({ organization: 'Receipts', payer: expect.any(String) });
  const made = await admin.client.post(`${one.path}/api-keys`, { name: 'books', permissions: ['credits:read'] });
  const key = admin.client.as(made.body.key);
  expect((await key.get(`${topUpsOf(one)}/${id}/receipt?format=json`)).body.buyer.payer).toBeNull();
});

it('gives payments of older versions their number when they are read', async () => {
  const { id } = await paidTopUp('7');
  const { number } = await receiptOf(id);
  await app.sql.query('delete from receipts where top_up_id = $1', [id]);
  const read = (server: TestServer) =>
    user.client.get(`${server.origin}/t/demo/api/v1${topUpsOf(one)}/${id}/receipt?format=json`);
  const numbers = (await Promise.all([read(app), read(second)])).map(({ body }) => Number(body.number.slice(2)));
  expect(numbers).toEqual([Number(number.slice(2)) + 1, Number(number.slice(2)) + 1]);
});

it('receipt settings refuse invalid tax rates, stale edits, and callers without the permission', async () => {
  for (const taxRate of ['19 %', '-1', '101', '1.00001', 19]) {
    const refused = await staff.client.put(SELLER, { taxRate });
    expect([refused.status, refused.body.errors[0].field]).toEqual([400, 'taxRate']);
  }
  expect((await staff.client.put(SELLER, {}, { headers: { 'if-match': '"0"' } })).status).toBe(412);
  expect((await user.client.put(`/organizations/${one.id}/billing-details`, { legalName: 'Mine' })).status).toBe(403);
  expect((await user.client.get(`/organizations/${one.id}/billing-details`)).status).toBe(403);
  expect((await admin.client.put(SELLER, { legalName: 'Mine' })).status).toBe(403);
});
