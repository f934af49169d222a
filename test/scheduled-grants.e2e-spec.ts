import { ScheduledGrantJob } from '../src/billing/ledger/adjustments/scheduled-grant.job.js';
import { charge, creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let other: TestServer;
let staff: Person;
let manager: Person;

beforeAll(async () => {
  app = await startTestApp({ ADJUSTMENT_LIMIT: '1000' });
  other = await app.replica();
  staff = await signInAdmin(app);
  manager = await newPerson(app, 'scheduler');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from staff_issuances'));

const FUTURE = '2099-01-01T00:00:00.000Z';

const schedule = (one: Organization, amount: string, more: object = {}, person = staff, key = newKey()) =>
  person.client.post(
    `${creditsOf(one)}/grants`,
    { amount, category: 'promo', reason: 'Later', effectiveAt: FUTURE, ...more },
    keyed(key),
  );
const creditsIn = async (one: Organization) => (await staff.client.get(creditsOf(one))).body;
const grantsIn = async (one: Organization, query = '') =>
  (await staff.client.get(`${creditsOf(one)}/grants${query}`)).body.items;
const cancel = (one: Organization, id: string) => staff.client.post(`${creditsOf(one)}/adjustments/${id}/cancel`);
/** Runs the job on both servers at once. */
const run = () => Promise.all([app, other].map(({ app: server }) => server.get(ScheduledGrantJob).run()));
/** Moves the time of a grant to `seconds` ago. */
async function comeDue(id: string, seconds = 3): Promise<string> {
  const { rows } = await app.sql.query(
    `update credit_adjustments set effective_at = now() - make_interval(secs => $2) where id = $1 returning effective_at`,
    [id, seconds],
  );
  return rows[0].effective_at.toISOString();
}

it('a scheduled grant takes effect once, dated when it was due', async () => {
  const one = await newOrganization(staff, 'Scheduled');
  const member = await newMember(app, staff, one, 'user', 'waits');
  const key = newKey();
  const asked = await schedule(one, '25', { category: 'plan', priority: 7 }, staff, key);
  expect([asked.status, asked.body]).toMatchObject([
    202,
    { kind: 'grant', state: 'scheduled', amount: '25', effectiveAt: FUTURE },
  ]);
  const { id } = asked.body;
  expect((await member.client.get(creditsOf(one))).body).toMatchObject({
    available: '0',
    scheduledGrants: [{ id, category: 'plan', amount: '25', effectiveAt: FUTURE, expiresAt: null }],
  });
  expect(await grantsIn(one)).toMatchObject([
    { id, state: 'scheduled', lotId: null, open: false, remaining: '0', priority: 7, grantedBy: staff.id },
  ]);
  const { items } = (await staff.client.get(`${creditsOf(one)}/adjustments?state=scheduled`)).body;
  expect(items).toMatchObject([{ id, effectiveAt: FUTURE }]);
  await run();
  expect((await creditsIn(one)).available).toBe('0');

  // As if the account were older.
  await app.sql.query(`update credit_accounts set last_at = last_at - interval '1 hour' where organization_id = $1`, [
    one.id,
  ]);
  const at = await comeDue(id);
  await run();
  expect(await creditsIn(one)).toMatchObject({ available: '25', scheduledGrants: [], lots: [{ effectiveAt: at }] });
  expect(await grantsIn(one)).toMatchObject([{ state: 'granted', amount: '25', createdAt: at, effectiveAt: at }]);
  const replayed = await schedule(one, '25', { category: 'plan', priority: 7 }, staff, key);
  expect([replayed.body, replayed.headers.get('idempotent-replayed')]).toEqual([asked.body, 'true']);
  expect((await cancel(one, id)).body.code).toBe('billing.grant_not_scheduled');
  const events = (await staff.client.get(`/admin/organizations/${one.id}/events?type=credits.granted`)).body.items;
  expect(events).toMatchObject([{ actor: { type: 'system' }, after: { amount: '25' } }]);
  await expectProven(staff, one);
});

it('a cancelled grant never takes effect', async () => {
  const one = await newOrganization(staff, 'Cancelled');
  const { id } = (await schedule(one, '5')).body;
  const due = (await schedule(one, '7')).body.id;
  expect((await cancel(one, id)).body).toMatchObject({ id, state: 'cancelled' });
  expect((await cancel(one, id)).body.code).toBe('billing.grant_not_scheduled');
  await comeDue(id);
  await comeDue(due);
  // Cancelling and granting at once has one of the two outcomes.
  const [{ status }] = await Promise.all([cancel(one, due), run()]);
  await run();
  expect((await creditsIn(one)).available).toBe(status === 200 ? '0' : '7');
});

it('a grant refuses a time that has passed, and an expiry before its time', async () => {
  const one = await newOrganization(staff, 'Refused');
  const fieldsOf = async (more: object) =>
    (await schedule(one, '5', more)).body.errors?.map(({ field }: { field: string }) => field);
  expect(await fieldsOf({ effectiveAt: '2020-01-01T00:00:00Z' })).toEqual(['effectiveAt']);
  expect(await fieldsOf({ expiresAt: FUTURE })).toEqual(['expiresAt']);
  expect(await fieldsOf({ effectiveAt: '2099-01-01T00:00:00' })).toEqual(['effectiveAt']);
  await app.sql.query(
    `insert into credit_adjustments (organization_id, id, kind, grant_details, effective_at, amount, reason, state, requested_by, decided_at)
     select organization_id, gen_random_uuid(), 'grant', '{"category": "promo", "priority": 0, "expiresAt": null}', $2, 1, '', 'scheduled', $3, now()
     from credit_accounts, generate_series(1, 100) where organization_id = $1`,
    [one.id, FUTURE, staff.id],
  );
  expect((await schedule(one, '5')).body.code).toBe('billing.scheduled_grant_limit_reached');
});

it('a grant takes days, which end in the time zone of the operator, up to the last one', async () => {
  const one = await newOrganization(staff, 'Days');
  for (const [expiresAt, ends] of [
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['9999-12-31', '9999-12-31T23:59:59.999Z'],
  ] as const)
    expect((await grant(staff, one, '1', { expiresAt })).expiresAt).toBe(ends);
  expect((await schedule(one, '1', { effectiveAt: '2098-02-28' })).body.effectiveAt).toBe('2098-02-28T00:00:00.000Z');
});

it('a late grant keeps the order of entries, before later entries and expiries', async () => {
  const one = await newOrganization(staff, 'Order');
  await grant(staff, one, '10');
  const late = (await schedule(one, '20')).body.id;
  await comeDue(late, 3600);
  const charged = (await charge(staff, one, { amount: '4' })).body;
  await run();
  expect((await grantsIn(one))[0].createdAt).toBe(charged.createdAt);
  // Due and expired while no server ran.
  const lapsed = (await schedule(one, '30', { expiresAt: '2099-02-01T00:00:00Z' })).body.id;
  await app.sql.query(
    `update credit_adjustments set grant_details = jsonb_set(grant_details, '{expiresAt}', to_jsonb($2::text)) where id = $1`,
    [lapsed, new Date(Date.now() - 1_000).toISOString()],
  );
  await comeDue(lapsed, 2);
  await run();
  expect((await creditsIn(one)).available).toBe('26');
  await expectProven(staff, one);
});

it('a scheduled grant waits while the organization is deleted, and takes effect after a restore', async () => {
  const one = await newOrganization(staff, 'Away');
  const { id } = (await schedule(one, '8')).body;
  await staff.client.post(`/admin/organizations/${one.id}/suspend`, { reason: 'Unpaid' });
  await app.sql.query('update organizations set deleted_at = now() where id = $1', [one.id]);
  await comeDue(id);
  await run();
  await app.sql.query('update organizations set deleted_at = null where id = $1', [one.id]);
  expect((await creditsIn(one)).scheduledGrants).toHaveLength(1);
  await run();
  expect((await creditsIn(one)).available).toBe('8');
});

it('a scheduled grant counts for the two-person rule when it is requested', async () => {
  const one = await newOrganization(staff, 'Two people');
  await staff.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' });
  expect((await schedule(one, '600', {}, manager)).body.state).toBe('scheduled');
  const { body } = await schedule(one, '600', {}, manager);
  expect(body).toMatchObject({ state: 'pending', effectiveAt: FUTURE });
  await comeDue(body.id, -3600);
  await run();
  expect((await creditsIn(one)).scheduledGrants).toHaveLength(1);
  const approve = (key: string) =>
    staff.client.post(`${creditsOf(one)}/adjustments/${body.id}/approve`, undefined, keyed(key));
  const key = newKey();
  const approved = await approve(key);
  expect([approved.status, approved.body]).toMatchObject([201, { id: body.id, state: 'scheduled' }]);
  expect((await approve(key)).body).toEqual(approved.body);
  expect((await approve(newKey())).body.code).toBe('billing.adjustment_decided');
  expect((await creditsIn(one)).available).toBe('0');
  await comeDue(body.id);
  await run();
  expect((await creditsIn(one)).available).toBe('600');
});
