import { creditsOf, expectProven, keyed, newKey } from '../support/credits.js';
import { mailsTo, newPerson, type Person, signInAdmin } from '../support/people.js';
import { ADMIN, startTestApp, type TestApp } from '../support/test-app.js';
import { newMember, newOrganization, type Organization } from '../support/tree.js';

let app: TestApp;
let staff: Person;
let manager: Person;
let origin: string;

beforeAll(async () => {
  app = await startTestApp({ ADJUSTMENT_LIMIT: '1000' });
  origin = (await app.replica()).origin;
  staff = await signInAdmin(app);
  manager = await newPerson(app, 'greedy');
});
afterAll(() => app.close());
beforeEach(() => app.sql.query('delete from staff_issuances'));

const grant = (person: Person, one: Organization, amount: string, key = newKey()) =>
  person.client.post(`${creditsOf(one)}/grants`, { amount, category: 'promo', reason: 'mine' }, keyed(key));
const adjust = (person: Person, one: Organization, amount: string) =>
  person.client.post(`${creditsOf(one)}/adjustments`, { amount, reason: 'mine' }, keyed());
const overdraft = (person: Person, one: Organization, overdraftLimit: string) =>
  person.client.put(`${creditsOf(one)}/overdraft`, { overdraftLimit });
const available = async (one: Organization) => (await staff.client.get(creditsOf(one))).body.available;
const approve = (person: Person, one: Organization, id: string, key = newKey()) =>
  person.client.post(`${creditsOf(one)}/adjustments/${id}/approve`, undefined, keyed(key));

it('a lone admin is not held up, and told by event and mail', async () => {
  const one = await newOrganization(staff, 'Alone');
  const before = (await mailsTo(app, ADMIN.email, 0)).length;
  expect((await grant(staff, one, '999')).status).toBe(201);
  expect((await grant(staff, one, '5000')).status).toBe(201);
  expect(await available(one)).toBe('5999');
  const { body } = await staff.client.get('/admin/operator/events?type=credits.issued_alone');
  expect(body.items).toMatchObject([
    { subject: { id: one.id }, actor: { id: staff.id }, after: { kind: 'grant', amount: '5000', issuedToday: '5999' } },
  ]);
  const mails = await mailsTo(app, ADMIN.email, before + 1);
  expect(mails.at(-1)?.text).toContain('5999 credits today');
});

it('the day of what one person creates is that of the operator', async () => {
  const one = await newOrganization(staff, 'Day');
  const { name, defaultUnitName } = (await staff.client.get('/admin/operator')).body;
  const dayIn = async (timeZone: string) => {
    await app.sql.query('delete from staff_issuances');
    expect((await staff.client.put('/admin/operator', { name, defaultUnitName, timeZone })).status).toBe(200);
    expect((await grant(staff, one, '1')).status).toBe(201);
    const { rows } = await app.sql.query('select day::text from staff_issuances');
    return rows.map(({ day }) => day);
  };
  // At every moment one of these has another day than UTC.
  for (const timeZone of ['Pacific/Kiritimati', 'Etc/GMT+12', 'UTC']) {
    const { rows } = await app.sql.query('select (now() at time zone $1)::date::text as day', [timeZone]);
    expect(await dayIn(timeZone)).toEqual([rows[0].day]);
  }
});

describe('with two people who may approve', () => {
  beforeAll(() => staff.client.post('/admin/operator/members', { userId: manager.id, role: 'manager' }));

  it('one manager cannot grant a billion', async () => {
    const one = await newOrganization(staff, 'Billion');
    const key = newKey();
    const asked = await grant(manager, one, '1000000000', key);
    expect([asked.status, asked.body.state, asked.body.kind]).toEqual([202, 'pending', 'grant']);
    expect((await grant(manager, one, '1000000000', key)).body).toEqual(asked.body);
    expect(await available(one)).toBe('0');
    expect((await approve(manager, one, asked.body.id)).body.code).toBe('billing.second_person_needed');
    const by = newKey();
    const approved = await approve(staff, one, asked.body.id, by);
    expect(approved.body).toMatchObject({ kind: 'grant', amount: '1000000000', state: 'done', balance: '1000000000' });
    const again = await approve(staff, one, asked.body.id, by);
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, approved.body, 'true']);
    expect(await available(one)).toBe('1000000000');
    await expectProven(staff, one);
  });

  it('many small amounts by many doors, in many organizations and on many servers, count together', async () => {
    const all = await Promise.all(Array.from({ length: 3 }, (_, index) => newOrganization(staff, `Split ${index}`)));
    const other = { ...manager, client: manager.client.at(`${origin}/t/demo/api/v1`) };
    const answers = await Promise.all(
      all.flatMap((one) => [
        grant(manager, one, '200'),
        grant(other, one, '200'),
        adjust(manager, one, '200'),
        adjust(other, one, '200'),
        overdraft(manager, one, '200'),
      ]),
    );
    expect(answers.filter(({ status }) => ![200, 201, 202].includes(status))).toEqual([]);
    const done = answers.filter(({ status }) => status !== 202);
    expect(done).toHaveLength(5);
    // The next day they may again; another person may today.
    expect((await grant(manager, all[0] as Organization, '1')).status).toBe(202);
    expect((await grant(staff, all[0] as Organization, '1')).status).toBe(201);
    await app.sql.query('update staff_issuances set day = day - 1');
    expect((await grant(manager, all[0] as Organization, '1')).status).toBe(201);
  });

  it('a bank transfer cannot be confirmed with more than one person may create', async () => {
    const one = await newOrganization(staff, 'Transferred');
    await staff.client.patch('/admin/operator/top-up-settings', { bankDetails: 'IBAN DE00' });
    const ask = { credits: '10', provider: 'manual' };
    const { body } = await manager.client.post(`/organizations/${one.id}/top-ups`, ask, keyed());
    const confirm = (amountMinor: number) =>
      manager.client.post(`/organizations/${one.id}/top-ups/${body.id}/confirmation`, { amountMinor });
    const refused = await confirm(5_000_000);
    expect([refused.status, refused.body.code]).toEqual([403, 'top_ups.confirmation_too_large']);
    expect(await available(one)).toBe('0');
    expect((await confirm(50_000)).body).toMatchObject({ state: 'granted', credits: '500' });
    // What the transfer brought beyond the request counts: 490 of 1000 credits.
    expect((await grant(manager, one, '510')).status).toBe(201);
    expect((await grant(manager, one, '1')).status).toBe(202);
  });

  it('retries and refusals do not count', async () => {
    const one = await newOrganization(staff, 'Retried');
    const key = newKey();
    for (let index = 0; index < 5; index++) expect((await grant(manager, one, '600', key)).status).toBe(201);
    expect((await adjust(manager, one, '-700')).body.code).toBe('billing.insufficient_credits');
    expect((await grant(manager, one, '400')).status).toBe(201);
    expect(await available(one)).toBe('1000');
  });

  it('an overdraft waits for a second person, and is lowered without one', async () => {
    const one = await newOrganization(staff, 'Overdrawn');
    const asked = await overdraft(manager, one, '100000');
    expect([asked.status, asked.body]).toEqual([
      202,
      expect.objectContaining({ kind: 'overdraft', state: 'pending', amount: '100000', overdraftLimit: '100000' }),
    ]);
    expect((await overdraft(manager, one, '100000')).body.id).toBe(asked.body.id);
    const limit = async () => (await staff.client.get(creditsOf(one))).body.overdraftLimit;
    expect(await limit()).toBe('0');
    expect((await approve(manager, one, asked.body.id)).status).toBe(403);
    const approved = await approve(staff, one, asked.body.id);
    expect([approved.status, approved.body.state, await limit()]).toEqual([201, 'done', '100000']);
    expect((await approve(staff, one, asked.body.id)).body.code).toBe('billing.adjustment_decided');
    expect((await overdraft(manager, one, '5')).body).toEqual({ overdraftLimit: '5' });
  });

  it('a request that is declined grants nothing', async () => {
    const one = await newOrganization(staff, 'Declined');
    const { body } = await grant(manager, one, '5000');
    const path = `${creditsOf(one)}/adjustments/${body.id}/decline`;
    expect((await manager.client.post(path)).status).toBe(403);
    expect((await staff.client.post(path)).body).toMatchObject({ kind: 'grant', state: 'declined' });
    expect((await approve(staff, one, body.id)).body.code).toBe('billing.adjustment_decided');
    expect(await available(one)).toBe('0');
  });
});

it("a member's key does not block another kind of operation, and old keys are still known", async () => {
  const one = await newOrganization(staff, 'Keys');
  const member = await newMember(app, staff, one, 'user', 'key-member');
  const key = 'grant-2026-11';
  const charged = await member.client.post(`${creditsOf(one)}/charges`, { amount: '1' }, keyed(key));
  expect(charged.body.code).toBe('billing.insufficient_credits');
  const granted = await grant(staff, one, '10', key);
  expect([granted.status, await available(one)]).toEqual([201, '10']);
  expect((await grant(staff, one, '10', key)).body).toEqual(granted.body);
  expect((await grant(staff, one, '11', key)).body.code).toBe('billing.idempotency_mismatch');
  const held = await member.client.post(`${creditsOf(one)}/holds`, { amount: '1' }, keyed(key));
  expect(held.status).toBe(201);
  expect((await adjust(staff, one, '1')).status).toBe(201);
  // As a version stored it in which all kinds shared their keys.
  await app.sql.query('alter table credit_keys disable trigger user');
  await app.sql.query(`delete from credit_keys where organization_id = $1 and key = $2`, [one.id, key]);
  await app.sql.query(`update credit_keys set key = $2 where organization_id = $1 and key = $3`, [
    one.id,
    key,
    `grant\n${key}`,
  ]);
  await app.sql.query('alter table credit_keys enable trigger user');
  const replayed = await grant(staff, one, '10', key);
  expect([replayed.body, replayed.headers.get('idempotent-replayed')]).toEqual([granted.body, 'true']);
  await expectProven(staff, one);
});
