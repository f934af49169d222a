import { newId } from '../src/common/ids/index.js';
import { charge, creditsOf, expectProven, grant, keyed } from './support/credits.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let staff: Person;
let admin: Person;
let user: Person;
let one: Organization;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'lists-admin');
  user = await newPerson(app, 'lists-user');
  one = await newOrganization(staff, 'Lists');
  await staff.client.post(`${one.path}/members`, { userId: admin.id, role: 'admin' });
  await staff.client.post(`${one.path}/members`, { userId: user.id, role: 'user' });
  await grant(staff, one, '100');
});
afterAll(() => app.close());

const hold = async (person: Person, body: object) =>
  (await person.client.post(`${creditsOf(one)}/holds`, { amount: '1', ...body }, keyed())).body;
const holds = async (person: Person, query = '') => (await person.client.get(`${creditsOf(one)}/holds${query}`)).body;
const grants = async (person: Person, query = '') => (await person.client.get(`${creditsOf(one)}/grants${query}`)).body;

it('holds are listed by state, newest first, and to members only their own', async () => {
  const first = await hold(user, { reference: 'first' });
  const second = await hold(admin, { reference: 'second', ttlSeconds: 1 });
  await user.client.post(`${creditsOf(one)}/holds/${first.id}/capture`, { amount: '0.4' }, keyed());
  const third = await hold(user, { reference: 'third' });
  expect((await holds(admin)).items.map(({ id }: { id: string }) => id)).toEqual([third.id, second.id, first.id]);
  expect((await holds(user)).items).toMatchObject([
    { id: third.id, state: 'open', reference: 'third' },
    { id: first.id, state: 'captured', captured: '0.4' },
  ]);
  expect((await holds(admin, '?state=captured')).items).toMatchObject([{ id: first.id }]);
  expect((await holds(admin, `?memberId=${admin.id}`)).items).toMatchObject([{ id: second.id }]);
  const page = await holds(admin, '?limit=2');
  const rest = await holds(admin, `?limit=2&cursor=${page.nextCursor}`);
  expect([page, rest].map(({ items }) => items.length)).toEqual([2, 1]);
  await app.sql.query(`update credit_holds set expires_at = now() - interval '1 second' where id = $1`, [second.id]);
  expect((await holds(admin, '?state=expired')).items).toMatchObject([{ id: second.id, state: 'expired' }]);
  expect((await holds(admin, '?state=open')).items).toMatchObject([{ id: third.id }]);
});

it('a key that can charge for members does not see their usage', async () => {
  const permissions = ['charges:create', 'charges:createForAll', 'credits:read'];
  const made = await admin.client.post(`${one.path}/api-keys`, { name: 'charger', permissions });
  expect(made.status).toBe(201);
  const key = { client: admin.client.as(made.body.key) };
  const held = await key.client.post(`${creditsOf(one)}/holds`, { amount: '1', memberId: user.id }, keyed());
  const other = await hold(admin, { reference: 'not of the key' });
  const { items } = (await key.client.get(`${creditsOf(one)}/holds`)).body;
  expect(items.map(({ id }: { id: string }) => id)).toEqual([held.body.id]);
  // It can capture any hold, and so read it by its id.
  expect((await key.client.get(`${creditsOf(one)}/holds/${other.id}`)).status).toBe(200);
  const charged = await charge(admin, one, { amount: '1' });
  expect((await key.client.get(`${creditsOf(one)}/charges/${charged.body.id}`)).body.code).toBe(
    'billing.charge_not_found',
  );
});

it('a charge is shown with its refunds to the member who made it', async () => {
  const { body } = await charge(user, one, { amount: '3', kind: 'gpu', metadata: { job: 7 } });
  await staff.client.post(`${creditsOf(one)}/charges/${body.id}/refunds`, { amount: '1' }, keyed());
  const read = (person: Person, id = body.id) => person.client.get(`${creditsOf(one)}/charges/${id}`);
  expect((await read(user)).body).toEqual({
    ...body,
    type: 'charge',
    refunded: '1',
    receivable: '0',
    apiKeyId: null,
    detail: { metadata: { job: 7 } },
  });
  expect((await read(admin)).status).toBe(200);
  const other = await charge(admin, one, { amount: '1' });
  expect((await read(user, other.body.id)).body.code).toBe('billing.charge_not_found');
  const { items } = (await admin.client.get(`${creditsOf(one)}/entries?kind=grant`)).body;
  expect((await read(admin, items[0].id)).body.code).toBe('billing.charge_not_found');
});

it('grants are listed with their remaining credits', async () => {
  const lapsing = await grant(staff, one, '5', { category: 'plan', reason: 'Plan', priority: 3 });
  await charge(admin, one, { amount: '2' });
  expect((await grants(admin)).items[0]).toMatchObject({
    lotId: lapsing.lotId,
    open: true,
    category: 'plan',
    amount: '5',
    priority: 3,
    reason: 'Plan',
    topUpId: null,
    grantedBy: staff.id,
  });
  expect((await grants(admin, '?category=plan')).items).toHaveLength(1);
  const before = (await grants(admin, '?open=true')).items.length;
  await app.sql.query(`update credit_lots set expires_at = now() - interval '1 second' where id = $1`, [lapsing.lotId]);
  expect((await grants(admin, '?open=true')).items).toHaveLength(before - 1);
  expect((await grants(admin, '?open=false')).items).toMatchObject([
    { lotId: lapsing.lotId, open: false, remaining: '0' },
  ]);
  expect((await user.client.get(`${creditsOf(one)}/grants`)).status).toBe(403);
});

it('the remainder of a grant can be revoked, except for held and purchased credits', async () => {
  const other = await newOrganization(staff, 'Voided grants');
  const path = (lotId: string) => `${creditsOf(other)}/grants/${lotId}/void`;
  const { lotId } = await grant(staff, other, '10', { category: 'plan' });
  await charge(staff, other, { amount: '2' });
  const held = await staff.client.post(`${creditsOf(other)}/holds`, { amount: '3' }, keyed());
  const key = keyed();
  const voided = await staff.client.post(path(lotId), { reason: 'wrong organization' }, key);
  expect([voided.status, voided.body]).toMatchObject([201, { lotId, amount: '5', balance: '0' }]);
  expect((await staff.client.post(path(lotId), { reason: 'wrong organization' }, key)).body).toEqual(voided.body);
  expect((await staff.client.post(path(lotId), { reason: 'again' }, keyed())).body.code).toBe('billing.grant_is_used');
  await staff.client.post(`${creditsOf(other)}/holds/${held.body.id}/void`, {}, keyed());
  expect((await staff.client.post(path(lotId), { reason: 'rest' }, keyed())).body).toMatchObject({ amount: '3' });
  expect((await staff.client.post(path(newId()), { reason: 'none' }, keyed())).body.code).toBe(
    'billing.grant_not_found',
  );
  await app.sql.query(`update credit_lots set source = 'top_up' where id = $1`, [lotId]);
  expect((await staff.client.post(path(lotId), { reason: 'x' }, keyed())).body.code).toBe('billing.grant_was_paid');
  expect((await admin.client.post(path(lotId), { reason: 'x' }, keyed())).status).toBe(404);
  await expectProven(staff, other);
});
