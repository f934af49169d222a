import { SubscriptionService } from '../src/billing/subscriptions/index.js';
import { addMonths } from '../src/billing/subscriptions/period.js';
import { SubscriptionJob } from '../src/billing/subscriptions/subscription.job.js';
import type { Answer } from './support/client.js';
import { charge, creditsOf, expectProven } from './support/credits.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { runEverywhere } from './support/schedules.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newMember, newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
let admin: Person;
let count = 0;

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
  admin = await newPerson(app, 'subscribing-admin');
});
afterAll(() => app.close());

const DAY = 86_400_000;

async function newPlan(input: object = {}) {
  const answer = await staff.client.post('/admin/plans', { name: `Plan ${count++}`, ...input });
  expect(answer.status).toBe(201);
  return answer.body;
}

const fresh = (by?: Person): Promise<Organization> => newOrganization(staff, `Subscribed ${count++}`, by);
const subscriptionOf = ({ path }: Organization): string => `${path}/subscription`;
const subscribe = (one: Organization, planId: string, more: object = {}): Promise<Answer> =>
  staff.client.put(subscriptionOf(one), { planId, ...more });
const look = async (one: Organization) => (await staff.client.get(subscriptionOf(one))).body;
async function balances(one: Organization) {
  const { rows } = await app.sql.query(
    `select (expired / 1000000)::text as expired from credit_accounts where organization_id = $1`,
    [one.id],
  );
  return { ...(await staff.client.get(creditsOf(one))).body, ...rows[0] };
}

/** Backdates the start of the period, which is the same as a clock that moved on. */
async function passTime(one: Organization, ms: number): Promise<void> {
  const { rows } = await app.sql.query<{ start: Date; end: Date; trial: Date | null }>(
    'select period_start as start, period_end as end, trial_ends_at as trial from subscriptions where organization_id = $1',
    [one.id],
  );
  const { start: began, end: was, trial: trialEnd } = rows[0]!;
  const start = began.getTime() - ms;
  const trial = trialEnd?.getTime() === was.getTime();
  const [from, to] = [new Date(start), new Date(trial ? was.getTime() - ms : addMonths(start, 1, 'UTC'))];
  await app.sql.query(
    `update subscriptions set period_start = $2, period_end = $3, anchor_at = $4,
       trial_ends_at = case when trial_ends_at = $5 then $3 else trial_ends_at end where organization_id = $1`,
    [one.id, from, to, trial ? to : from, was],
  );
  await app.sql.query(
    'update subscription_periods set period_start = $2, period_end = $3 where organization_id = $1 and period_end = $4',
    [one.id, from, to, was],
  );
  await app.sql.query('update credit_lots set expires_at = $2 where organization_id = $1 and expires_at = $3', [
    one.id,
    to,
    was,
  ]);
}

/** Runs the job on both servers at once, several times. */
const renewEverywhere = () => runEverywhere([app, second], SubscriptionJob, 3);

async function grantsOf(one: Organization): Promise<{ amount: string; expiresAt: string }[]> {
  const { rows } = await app.sql.query(
    `select (amount / 1000000)::text as amount, expires_at as "expiresAt" from credit_lots
     where organization_id = $1 and category = 'plan' order by id`,
    [one.id],
  );
  return rows;
}

describe('plans', () => {
  it('can be created, listed, changed and deleted by operator staff', async () => {
    const plan = await newPlan({
      name: 'Team',
      seatLimit: 5,
      unitLimit: 3,
      monthlyCredits: '500.50',
      priceMinor: 4900,
      currency: 'EUR',
      trialDays: 14,
    });
    expect(plan).toMatchObject({ monthlyCredits: '500.5', isDefault: false, selfService: true, archivedAt: null });
    const path = `/admin/plans/${plan.id}`;
    const read = await staff.client.get(path);
    expect(read.body).toEqual(plan);
    const etag = read.headers.get('etag') ?? '';
    const changed = await staff.client.patch(
      path,
      { seatLimit: null, description: 'For teams' },
      { headers: { 'if-match': etag } },
    );
    expect(changed.body).toMatchObject({ seatLimit: null, unitLimit: 3, description: 'For teams', version: 2 });
    const stale = await staff.client.patch(path, { seatLimit: 9 }, { headers: { 'if-match': etag } });
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
    const taken = await staff.client.post('/admin/plans', { name: 'Team' });
    expect([taken.status, taken.body.code]).toEqual([409, 'plans.name_taken']);
    expect((await staff.client.get('/admin/plans?q=tea')).body.items).toHaveLength(1);
    expect((await staff.client.delete(path)).status).toBe(204);
    expect((await staff.client.get(path)).body.code).toBe('plans.not_found');
  });

  it.each([
    [{ name: '' }],
    [{ seatLimit: 0 }],
    [{ unitLimit: 1.5 }],
    [{ monthlyCredits: 5 }],
    [{ monthlyCredits: '-5' }],
    [{ monthlyCredits: '0.0000001' }],
    [{ monthlyCredits: '99999999999' }],
    [{ priceMinor: -1 }],
    [{ priceMinor: 2 ** 31 }],
    [{ currency: 'eur' }],
    [{ trialDays: 366 }],
    [{ isDefault: 'yes' }],
    [{ credits: '5' }],
  ])('refuse %j', async (input) => {
    const { status, body } = await staff.client.post('/admin/plans', { name: 'Refused', ...input });
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });

  it('are archived while in use: stored, but no longer selectable', async () => {
    const plan = await newPlan();
    const [one, other] = [await fresh(), await fresh()];
    await subscribe(one, plan.id);
    expect((await staff.client.delete(`/admin/plans/${plan.id}`)).status).toBe(204);
    expect((await staff.client.delete(`/admin/plans/${plan.id}`)).status).toBe(204);
    expect((await staff.client.get(`/admin/plans/${plan.id}`)).body.archivedAt).not.toBeNull();
    expect((await subscribe(other, plan.id)).body.code).toBe('plans.archived');
    expect((await staff.client.patch(`/admin/plans/${plan.id}`, { trialDays: 1 })).body.code).toBe('plans.archived');
    expect(await look(one)).toMatchObject({ planId: plan.id, status: 'active' });
  });

  it('are assigned to a new organization if one is the default', async () => {
    const before = await newPlan({ isDefault: true, monthlyCredits: '1' });
    const plan = await newPlan({ isDefault: true, monthlyCredits: '7', seatLimit: 2 });
    expect((await staff.client.get(`/admin/plans/${before.id}`)).body.isDefault).toBe(false);
    const one = await fresh(admin);
    expect(await look(one)).toMatchObject({ planId: plan.id, status: 'active', seats: { used: 1, limit: 2 } });
    expect(await balances(one)).toMatchObject({ available: '7' });
    await staff.client.delete(`/admin/plans/${plan.id}`);
    const none = await fresh();
    expect((await staff.client.get(subscriptionOf(none))).body.code).toBe('subscriptions.not_found');
    const found = await staff.client.get(`/admin/organizations?plan=${encodeURIComponent(plan.name)}`);
    expect(found.body.items.map(({ id }: { id: string }) => id)).toEqual([one.id]);
  });
});

describe('the limits of a plan', () => {
  it('are enforced exactly under concurrent requests on several servers', async () => {
    const plan = await newPlan({ unitLimit: 4, seatLimit: 3 });
    const one = await fresh(admin);
    await subscribe(one, plan.id);
    const clients = [staff.client, staff.client.at(`${second.origin}/t/demo/api/v1`)];
    const units = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        clients[index % 2]!.post(`${one.path}/units`, { name: `Unit ${index}` }),
      ),
    );
    expect(units.filter(({ status }) => status === 201)).toHaveLength(3);
    for (const { status, body } of units.filter(({ status: answered }) => answered !== 201))
      expect([status, body.code, body.units]).toEqual([409, 'units.limit_reached', 4]);
    const invited = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        clients[index % 2]!.post(`${one.path}/invitations`, { email: `seat-${count++}@people.example`, role: 'user' }),
      ),
    );
    expect(invited.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(invited.find(({ status }) => status !== 201)?.body.code).toBe('organizations.no_seat_left');
    expect(await look(one)).toMatchObject({ seats: { used: 3, limit: 3 }, units: { used: 4, limit: 4 } });
  });

  it('can be overridden for an organization by staff', async () => {
    const plan = await newPlan({ unitLimit: 2, seatLimit: 2 });
    const one = await fresh(admin);
    const path = `${one.path}/subscription/limits`;
    const set = async (input: object) => (await staff.client.patch(path, input)).body;
    const none = { seatLimit: null, unitLimit: null };
    expect((await staff.client.get(path)).body).toEqual({
      ...none,
      seats: { used: 1, limit: null },
      units: { used: 1, limit: 200 },
    });
    expect(await set({ unitLimit: 1 })).toMatchObject({ unitLimit: 1, seatLimit: null, units: { used: 1, limit: 1 } });
    const add = async (name: string) => (await staff.client.post(`${one.path}/units`, { name })).body.code;
    expect(await add('Second')).toBe('units.limit_reached');
    await subscribe(one, plan.id);
    expect(await set({ unitLimit: 3, seatLimit: 1 })).toMatchObject({ seats: { limit: 1 }, units: { limit: 3 } });
    expect(await look(one)).toMatchObject({ seats: { used: 1, limit: 1 }, units: { used: 1, limit: 3 } });
    expect([await add('Second'), await add('Third'), await add('Fourth')]).toEqual([
      undefined,
      undefined,
      'units.limit_reached',
    ]);
    const invite = { email: `seat-${count++}@people.example`, role: 'user' };
    expect((await staff.client.post(`${one.path}/invitations`, invite)).body.code).toBe('organizations.no_seat_left');
    expect(await set({ seatLimit: null })).toMatchObject({ seatLimit: null, unitLimit: 3, seats: { limit: 2 } });
    expect((await staff.client.post(`${one.path}/invitations`, invite)).status).toBe(201);
    expect((await admin.client.get(path)).status).toBe(200);
    expect((await admin.client.patch(path, none)).status).toBe(403);
    for (const wrong of [{ unitLimit: -1 }, { seatLimit: '3' }, { seatLimit: 1.5 }, { seats: 2 }]) {
      expect((await staff.client.patch(path, wrong)).body.code).toBe('validation_failed');
    }
    const { items } = (await admin.client.get(`${one.path}/events?type=subscription.limits_changed`)).body;
    expect(items.map(({ before, after }: any) => [before, after])).toEqual([
      [{ seatLimit: 1 }, { seatLimit: null }],
      [
        { seatLimit: null, unitLimit: 1 },
        { seatLimit: 1, unitLimit: 3 },
      ],
      [{ unitLimit: null }, { unitLimit: 1 }],
    ]);
  });

  it('apply when a deleted unit is restored, and change with the plan', async () => {
    const plan = await newPlan({ unitLimit: 2 });
    const one = await fresh();
    await subscribe(one, plan.id);
    const unit = (await staff.client.post(`${one.path}/units`, { name: 'Gone' })).body;
    await staff.client.delete(`${one.path}/units/${unit.id}?confirmName=Gone`);
    expect((await staff.client.post(`${one.path}/units`, { name: 'In its place' })).status).toBe(201);
    const refused = await staff.client.post(`${one.path}/units/${unit.id}/restore`);
    expect([refused.status, refused.body.code]).toEqual([409, 'units.limit_reached']);
    await staff.client.patch(`/admin/plans/${plan.id}`, { unitLimit: 3 });
    expect((await staff.client.post(`${one.path}/units/${unit.id}/restore`)).status).toBe(200);
    await staff.client.patch(`/admin/plans/${plan.id}`, { unitLimit: 1 });
    expect(await look(one)).toMatchObject({ units: { used: 3, limit: 1 } });
  });
});

describe('a subscription', () => {
  it('can be managed by admins and billing admins, with the plans open to them', async () => {
    const [open, closed] = [await newPlan({ monthlyCredits: '10' }), await newPlan({ selfService: false })];
    const one = await fresh(admin);
    const user = await newMember(app, staff, one, 'user', `subscribing-user-${count++}`);
    const billing = await newMember(app, staff, one, 'user', `subscribing-billing-${count++}`);
    await staff.client.patch(`${one.path}/members/${billing.id}`, { roleIds: ['billing_admin'] });
    expect((await user.client.get(subscriptionOf(one))).status).toBe(403);
    expect((await user.client.put(subscriptionOf(one), { planId: open.id })).status).toBe(403);
    const listed = (await billing.client.get(`${one.path}/plans`)).body.items.map(({ id }: { id: string }) => id);
    expect(listed).toContain(open.id);
    expect(listed).not.toContain(closed.id);
    expect((await billing.client.put(subscriptionOf(one), { planId: open.id })).body.status).toBe('active');
    const refused = await admin.client.put(subscriptionOf(one), { planId: closed.id });
    expect([refused.status, refused.body.code]).toEqual([403, 'subscriptions.plan_not_selectable']);
    expect((await subscribe(one, closed.id)).status).toBe(200);
    expect((await billing.client.put(`${subscriptionOf(one)}/payment`, { paid: true })).status).toBe(403);
    const elsewhere = await subscribe(one, '0198f0c0-0000-7000-8000-000000000000');
    expect([elsewhere.status, elsewhere.body.code]).toEqual([404, 'plans.not_found']);
  });

  it('grants the credits of a period once, as a lot that expires with it, even under concurrent runs', async () => {
    const plan = await newPlan({ monthlyCredits: '100' });
    const one = await fresh();
    const begun = await Promise.all([subscribe(one, plan.id), subscribe(one, plan.id), subscribe(one, plan.id)]);
    expect(begun.map(({ status }) => status)).toEqual([200, 200, 200]);
    const first = await look(one);
    expect(first).toMatchObject({ status: 'active', periodCredits: '100', cancelAtPeriodEnd: false });
    expect(Date.parse(first.periodEnd)).toBe(addMonths(Date.parse(first.periodStart), 1, 'UTC'));
    expect((await grantsOf(one)).map(({ amount }) => amount)).toEqual(['100']);
    await charge(staff, one, { amount: '30' });
    await passTime(one, 32 * DAY);
    await renewEverywhere();
    const grants = await grantsOf(one);
    const next = await look(one);
    expect(grants.map(({ amount }) => amount)).toEqual(['100', '100']);
    expect(new Date(grants[1]?.expiresAt ?? 0).toISOString()).toBe(next.periodEnd);
    expect(await balances(one)).toMatchObject({ available: '100', expired: '70' });
    await renewEverywhere();
    expect(await grantsOf(one)).toHaveLength(2);
    await expectProven(staff, one);
    const { body } = await staff.client.get(`${one.path}/events?type=subscription.renewed`);
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      actor: { type: 'system' },
      after: { planId: plan.id, status: 'active', periodEnd: next.periodEnd, creditsGranted: '100' },
    });
  });

  it('starts each missed period once, and expired credits cannot be spent', async () => {
    const plan = await newPlan({ monthlyCredits: '40' });
    const one = await fresh();
    await subscribe(one, plan.id);
    const { periodStart } = await look(one);
    await passTime(one, 100 * DAY);
    const anchor = Date.parse(periodStart) - 100 * DAY;
    await renewEverywhere();
    const ends = (await grantsOf(one)).map(({ expiresAt }) => new Date(expiresAt).getTime());
    expect(ends).toEqual([1, 2, 3, 4].map((months) => addMonths(anchor, months, 'UTC')));
    expect(await balances(one)).toMatchObject({ available: '40', expired: '120' });
    expect((await charge(staff, one, { amount: '40.000001' })).status).toBe(402);
    expect((await charge(staff, one, { amount: '40' })).status).toBe(201);
    await expectProven(staff, one);
    const { rows } = await app.sql.query(
      'select period_start as "start", period_end as "end" from subscription_periods where organization_id = $1 order by 1',
      [one.id],
    );
    expect(rows).toHaveLength(4);
    rows.slice(1).forEach(({ start }, index) => expect(start).toEqual(rows[index].end));
  });

  it('can change its plan at once, pro rata, and never grants twice for a downgrade and upgrade', async () => {
    const [small, large] = [await newPlan({ monthlyCredits: '100' }), await newPlan({ monthlyCredits: '1000' })];
    const one = await fresh();
    await subscribe(one, small.id);
    await passTime(one, 10 * DAY);
    const changed = (await subscribe(one, large.id)).body;
    const [start, end] = [Date.parse(changed.periodStart), Date.parse(changed.periodEnd)];
    const given = (await grantsOf(one)).map(({ amount }) => Number(amount));
    const expected = (900 * (end - start - 10 * DAY)) / (end - start);
    expect(given[1]).toBeLessThanOrEqual(Math.floor(expected));
    expect(given[1]).toBeGreaterThan(expected - 2);
    expect(Number((await balances(one)).available)).toBeLessThanOrEqual(100 + expected);
    const { available } = await balances(one);
    for (let round = 0; round < 3; round++) {
      await subscribe(one, small.id);
      await subscribe(one, large.id);
      await staff.client.post(`${subscriptionOf(one)}/cancel`, { effective: 'now' });
      await subscribe(one, large.id);
    }
    expect((await balances(one)).available).toBe(available);
    expect(await look(one)).toMatchObject({ planId: large.id, status: 'active', periodEnd: changed.periodEnd });
    await expectProven(staff, one);
  });

  it('can change its plan at the end of the period', async () => {
    const [small, large] = [
      await newPlan({ monthlyCredits: '100', unitLimit: 1 }),
      await newPlan({ monthlyCredits: '1000' }),
    ];
    const one = await fresh();
    await subscribe(one, small.id);
    const waiting = (await subscribe(one, large.id, { effective: 'period_end' })).body;
    expect(waiting).toMatchObject({ planId: small.id, nextPlan: { id: large.id }, units: { limit: 1 } });
    await staff.client.post(`${subscriptionOf(one)}/cancel`, {});
    const resumed = (await staff.client.post(`${subscriptionOf(one)}/resume`)).body;
    expect(resumed).toMatchObject({ cancelAtPeriodEnd: false, nextPlan: { id: large.id }, timeZone: 'UTC' });
    expect(await balances(one)).toMatchObject({ available: '100' });
    await passTime(one, 31 * DAY);
    expect(await look(one)).toMatchObject({ planId: large.id, nextPlan: null, units: { limit: null } });
    expect(await balances(one)).toMatchObject({ available: '1000', expired: '100' });
  });

  it('starts with a trial, once, and is active after it', async () => {
    const plan = await newPlan({ monthlyCredits: '50', trialDays: 14 });
    const one = await fresh();
    const trial = (await subscribe(one, plan.id)).body;
    expect(trial).toMatchObject({ status: 'trialing', trialEndsAt: trial.periodEnd });
    expect(Date.parse(trial.periodEnd) - Date.parse(trial.periodStart)).toBe(14 * DAY);
    expect(await balances(one)).toMatchObject({ available: '50' });
    await passTime(one, 15 * DAY);
    await renewEverywhere();
    const active = await look(one);
    expect(active).toMatchObject({ status: 'active', periodStart: active.trialEndsAt, periodCredits: '50' });
    expect(Date.parse(active.periodEnd)).toBe(addMonths(Date.parse(active.periodStart), 1, 'UTC'));
    expect(await balances(one)).toMatchObject({ available: '50', expired: '50' });
    await staff.client.post(`${subscriptionOf(one)}/cancel`, { effective: 'now' });
    await passTime(one, 40 * DAY);
    expect((await subscribe(one, plan.id)).body.status).toBe('active');
  });

  it('gets no credits while it is past due, and the withheld ones once it is paid', async () => {
    const plan = await newPlan({ monthlyCredits: '60' });
    const one = await fresh();
    await subscribe(one, plan.id);
    const pay = (paid: boolean) => staff.client.put(`${subscriptionOf(one)}/payment`, { paid });
    expect((await pay(false)).body).toMatchObject({ status: 'past_due' });
    await passTime(one, 32 * DAY);
    await renewEverywhere();
    expect(await look(one)).toMatchObject({ status: 'past_due', periodCredits: '0' });
    expect(await balances(one)).toMatchObject({ available: '0' });
    // Neither another plan nor a new start gets around this.
    await subscribe(one, (await newPlan({ monthlyCredits: '900' })).id);
    await staff.client.post(`${subscriptionOf(one)}/cancel`, { effective: 'now' });
    await subscribe(one, plan.id);
    expect(await look(one)).toMatchObject({ status: 'past_due' });
    expect(await balances(one)).toMatchObject({ available: '0' });
    const paid = await Promise.all([pay(true), pay(true), pay(true)]);
    expect(paid.map(({ body }) => body.status)).toEqual(['active', 'active', 'active']);
    const { available } = await balances(one);
    expect(Number(available)).toBeGreaterThan(55);
    expect(Number(available)).toBeLessThan(90);
    await expectProven(staff, one);
  });

  it('can be cancelled at the end of the period or at once, and restarts with a new period', async () => {
    const plan = await newPlan({ monthlyCredits: '20', unitLimit: 1 });
    const one = await fresh();
    await subscribe(one, plan.id);
    const cancel = (effective?: string) => staff.client.post(`${subscriptionOf(one)}/cancel`, { effective });
    expect((await cancel()).body).toMatchObject({ status: 'active', cancelAtPeriodEnd: true });
    expect((await staff.client.post(`${subscriptionOf(one)}/resume`)).body).toMatchObject({ cancelAtPeriodEnd: false });
    await cancel('period_end');
    await passTime(one, 70 * DAY);
    await renewEverywhere();
    const ended = await look(one);
    expect(ended).toMatchObject({ status: 'cancelled', cancelledAt: ended.periodEnd, units: { limit: 1 } });
    expect(await balances(one)).toMatchObject({ available: '0' });
    expect((await cancel()).body.code).toBe('subscriptions.cancelled');
    const again = (await subscribe(one, plan.id)).body;
    expect(again.status).toBe('active');
    expect(Date.parse(again.periodStart)).toBeGreaterThan(Date.now() - DAY);
    expect(await balances(one)).toMatchObject({ available: '20' });
    expect((await cancel('now')).body).toMatchObject({ status: 'cancelled' });
    expect(await balances(one)).toMatchObject({ available: '20' });
  });

  it('pauses while its organization is deleted, and catches up after a restore', async () => {
    const plan = await newPlan({ monthlyCredits: '5' });
    const one = await fresh();
    await subscribe(one, plan.id);
    await staff.client.delete(`${one.path}?confirmName=${encodeURIComponent(one.name)}`);
    await passTime(one, 40 * DAY);
    await app.app.get(SubscriptionService, { strict: false }).renew(one.id);
    expect(await grantsOf(one)).toHaveLength(1);
    await staff.client.post(`${one.path}/restore`);
    await renewEverywhere();
    expect(await grantsOf(one)).toHaveLength(2);
    expect(await balances(one)).toMatchObject({ available: '5' });
  });

  it('does not start a period a second time when the clock goes back', async () => {
    const plan = await newPlan({ monthlyCredits: '5' });
    const one = await fresh();
    await subscribe(one, plan.id);
    await passTime(one, 35 * DAY);
    await renewEverywhere();
    await passTime(one, -35 * DAY);
    await renewEverywhere();
    const seen = await look(one);
    expect(Date.parse(seen.periodStart)).toBeGreaterThan(Date.now());
    await subscribe(one, (await newPlan({ monthlyCredits: '5' })).id);
    await passTime(one, 35 * DAY);
    await renewEverywhere();
    expect((await grantsOf(one)).map(({ amount }) => amount)).toEqual(['5', '5']);
  });
});
