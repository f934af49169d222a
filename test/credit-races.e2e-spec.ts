import { setTimeout as sleep } from 'node:timers/promises';
import { Model } from './ledger/model.js';
import { Random } from './ledger/random.js';
import type { Answer, Client } from './support/client.js';
import { charge, creditsOf, expectProven, grant, keyed, newKey } from './support/credits.js';
import { FULL, itFull } from './support/full.js';
import { type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp, type TestServer } from './support/test-app.js';
import { newOrganization, type Organization } from './support/tree.js';

let app: TestApp;
let second: TestServer;
let staff: Person;
/** The same user on both servers. */
let clients: Client[];
let organizations = 0;

const fresh = async (credits?: string): Promise<Organization> => {
  const one = await newOrganization(staff, `Races ${organizations++}`);
  if (credits) await grant(staff, one, credits);
  return one;
};

const at = (index: number): Client => clients[index % clients.length] as Client;
const look = async (one: Organization) => (await staff.client.get(creditsOf(one))).body;

/** Sends `count` requests, at most 64 at once, alternating between the servers. */
async function flood(count: number, send: (client: Client, index: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) answers[index] = await send(at(index), index);
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  return answers;
}

function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 400 ? String(status) : `${status} ${body.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

beforeAll(async () => {
  app = await startTestApp();
  second = await app.replica();
  staff = await signInAdmin(app);
  clients = [staff.client, staff.client.at(`${second.origin}/t/demo/api/v1`)];
});
afterAll(() => app.close());

it('20 concurrent holds of 75 on 500 credits succeed 6 times', async () => {
  const one = await fresh('500');
  const answers = await flood(20, (client) => client.post(`${creditsOf(one)}/holds`, { amount: '75' }, keyed()));
  expect(tally(answers)).toEqual({ 201: 6, '402 billing.insufficient_credits': 14 });
  expect(await look(one)).toMatchObject({ available: '50', held: '450' });
  await expectProven(staff, one);
});

it('400 concurrent charges of 10 on 1000 credits succeed 100 times', async () => {
  const one = await fresh('1000');
  const answers = await flood(400, (client) => charge({ client }, one, { amount: '10' }));
  expect(tally(answers)).toEqual({ 201: 100, '402 billing.insufficient_credits': 300 });
  const balances = answers.filter(({ status }) => status === 201).map(({ body }) => Number(body.balance));
  expect(balances.sort((a, b) => b - a)).toEqual(Array.from({ length: 100 }, (_, index) => 990 - index * 10));
  expect(await look(one)).toMatchObject({ available: '0', consumed: '1000' });
  await expectProven(staff, one);
});

it('one key sent 400 times moves credits once', async () => {
  const one = await fresh('1000');
  const key = newKey();
  const answers = await flood(400, (client) => charge({ client }, one, { amount: '10' }, key));
  expect(tally(answers)).toEqual({ 201: 400 });
  expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null)).toHaveLength(1);
  expect(await look(one)).toMatchObject({ available: '990' });
});

it('a hold is resolved once, however many requests capture, void and refund it', async () => {
  const one = await fresh('100');
  const { body: hold } = await at(0).post(`${creditsOf(one)}/holds`, { amount: '60' }, keyed());
  const answers = await flood(60, (client, index) =>
    client.post(`${creditsOf(one)}/holds/${hold.id}/${index % 3 ? 'capture' : 'void'}`, {}, keyed()),
  );
  expect(tally(answers)).toEqual({ 200: 1, '409 billing.hold_resolved': 59 });
  const { body: charged } = await charge(staff, one, { amount: '30' });
  const refunds = await flood(40, (client) =>
    client.post(`${creditsOf(one)}/charges/${charged.id}/refunds`, { amount: '7' }, keyed()),
  );
  expect(tally(refunds)).toEqual({ 201: 4, '422 billing.refund_exceeds_charge': 36 });
  await expectProven(staff, one);
});

it('a limit holds under concurrent requests', async () => {
  const one = await fresh('1000');
  await staff.client.put(`/organizations/${one.id}/limits/unit/${one.defaultUnitId}`, {
    limits: [{ window: 'day', amount: '50' }],
  });
  const answers = await flood(100, (client) => charge({ client }, one, { amount: '3', unitId: one.defaultUnitId }));
  expect(tally(answers)).toEqual({ 201: 16, '402 billing.limit_exceeded': 84 });
});

it('many organizations are served at once, each independently', async () => {
  const many: Organization[] = [];
  for (let index = 0; index < 6; index++) many.push(await fresh('20'));
  const answers = await flood(200, (client, index) =>
    charge({ client }, many[index % many.length] as Organization, { amount: '1' }),
  );
  expect(tally(answers)).toEqual({ 201: 120, '402 billing.insufficient_credits': 80 });
  for (const one of many) {
    expect(await look(one)).toMatchObject({ available: '0' });
    await expectProven(staff, one);
  }
});

it('a charge is refused once a suspension or a deletion was answered', async () => {
  for (const what of ['suspend', 'delete']) {
    const one = await fresh('100000');
    let first: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (first = resolve));
    const charging = flood(300, async (client) => {
      const answer = await charge({ client }, one, { amount: '1' });
      first();
      return answer;
    });
    await begun;
    if (what === 'suspend') await staff.client.post(`${one.path}/suspend`);
    else await staff.client.delete(`${one.path}?confirmName=${encodeURIComponent(one.name)}`);
    const balance = async () =>
      (await app.sql.query('select consumed from credit_accounts where organization_id = $1', [one.id])).rows[0]
        .consumed;
    const then = await balance();
    const answers = await charging;
    expect(await balance()).toBe(then);
    const charged = answers.filter(({ status }) => status === 201).length;
    expect(String(charged * 1_000_000)).toBe(then);
    expect(charged).toBeLessThan(300);
    expect(charged).toBeGreaterThan(0);
  }
});

itFull('connections that are cut lose and duplicate nothing', async () => {
  const one = await fresh('100000');
  const cutting = new AbortController();
  const cutter = (async () => {
    for (let cuts = 0; !cutting.signal.aborted && cuts < 40; cuts++) {
      await app.sql.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'trellis' and xact_start is not null`,
      );
      await sleep(15);
    }
  })();
  const sent = new Map<string, number>();
  const answers = await flood(400, async (client) => {
    const key = newKey();
    for (;;) {
      sent.set(key, (sent.get(key) ?? 0) + 1);
      const answer = await charge({ client }, one, { amount: '1' }, key);
      if (answer.status !== 503) return answer;
      await sleep(20);
    }
  });
  cutting.abort();
  await cutter;
  expect(tally(answers)).toEqual({ 201: 400 });
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(400);
  expect(await look(one)).toMatchObject({ available: '99600' });
  await expectProven(staff, one);
});

it('a request that the database rejects fails no other request', async () => {
  const one = await fresh('1000');
  await app.sql.query(`create function refuse_reference() returns trigger language plpgsql as $$
    begin raise exception 'not this one'; end $$`);
  await app.sql.query(`create trigger refuse_reference before insert on credit_entries for each row
    when (new.reference = 'bad') execute function refuse_reference()`);
  const answers = await flood(100, (client, index) =>
    charge({ client }, one, { amount: '1', ...(index % 10 === 3 && { reference: 'bad' }) }),
  );
  await app.sql.query('drop function refuse_reference() cascade');
  expect(tally(answers)).toEqual({ 201: 90, '500 internal_error': 10 });
  expect(await look(one)).toMatchObject({ available: '910' });
  await expectProven(staff, one);
});

it('a server answers all requests before it stops', async () => {
  const one = await fresh('1000');
  const third = await app.replica();
  const client = staff.client.at(`${third.origin}/t/demo/api/v1`);
  const sent = Array.from({ length: 50 }, () => charge({ client }, one, { amount: '1' }));
  await Promise.race(sent);
  await third.close();
  const answers = await Promise.allSettled(sent);
  const charged = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.status === 201).length;
  expect(charged).toBeGreaterThan(0);
  expect(await look(one)).toMatchObject({ consumed: String(charged) });
});

it('a server refuses to start where a commit is answered before it is on disk', async () => {
  const name = new URL(app.databaseUrl).pathname.slice(1);
  await app.sql.query(`alter database ${name} set synchronous_commit = off`);
  await expect(app.replica()).rejects.toThrow('synchronous_commit');
  await app.sql.query(`alter database ${name} reset synchronous_commit`);
});

it('the API has the same results as the model', async () => {
  const seed = Number(process.env.LEDGER_SEED ?? Math.floor(Math.random() * 2 ** 31));
  process.stdout.write(`LEDGER_SEED=${seed}\n`);
  const random = new Random(seed);
  const one = await fresh();
  await staff.client.put(`${creditsOf(one)}/overdraft`, { overdraftLimit: '0.00005' });
  const model = new Model(50n, []);
  const credits = (micro: bigint) => `0.${micro.toString().padStart(6, '0')}`;
  const some = () => BigInt(1 + random.below(200));
  const verdict = ({ status, body }: Answer) =>
    status < 400
      ? 'ok'
      : ({
          'billing.insufficient_credits': 'insufficient',
          'billing.hold_resolved': 'resolved',
          'billing.capture_exceeds_hold': 'exceeds',
          'billing.refund_exceeds_charge': 'refund_exceeds',
        }[body.code as string] ?? body.code);
  const [holds, charges]: string[][] = [[], []];
  const post = (index: number, path: string, body: object) =>
    at(index).post(`${creditsOf(one)}/${path}`, body, keyed());
  for (let index = 0; index < (FULL ? 120 : 50); index++) {
    const amount = some();
    const dice = random.below(100);
    const [hold, charged] = [random.pick(holds?.slice(-4) ?? []), random.pick(charges?.slice(-5) ?? [])];
    let answer: Answer;
    let expected: string;
    if (dice < 15 || index === 0) {
      const category = random.pick(['paid', 'promo', 'plan']);
      const priority = random.below(3);
      answer = await post(index, 'grants', { amount: credits(amount), category, priority, reason: 'test' });
      expected = model.grant(answer.body.lotId, amount, priority, category === 'paid', Number.POSITIVE_INFINITY);
    } else if (dice < 45 || !hold || !charged) {
      answer = await post(index, 'charges', { amount: credits(amount) });
      expected = model.charge(answer.body.id, amount, null, null);
      if (answer.status === 201) charges?.push(answer.body.id);
      const held = await post(index, 'holds', { amount: credits(amount) });
      expect(verdict(held)).toBe(model.hold(held.body.id, amount, 3_600_000, null, null));
      if (held.status === 201) holds?.push(held.body.id);
    } else if (dice < 65) {
      const policy = random.pick(['reject', 'available', 'overdraft'] as const);
      answer = await post(index, `holds/${hold}/capture`, { amount: credits(amount), policy });
      expected = model.capture(hold, answer.body.charge?.id, amount, policy);
      if (answer.status === 200) charges?.push(answer.body.charge.id);
    } else if (dice < 75) {
      answer = await post(index, `holds/${hold}/void`, {});
      expected = model.void(hold);
    } else if (dice < 90) {
      answer = await post(index, `charges/${charged}/refunds`, { amount: credits(amount) });
      const back = answer.body.allocations?.find(({ lotId }: any) => !model.lots.has(lotId));
      expected = model.refund(charged, amount, back?.lotId);
    } else {
      const taken = random.chance(0.5);
      answer = await post(index, 'adjustments', { amount: `${taken ? '-' : ''}${credits(amount)}`, reason: 'test' });
      const known = new Set(model.lots.keys());
      const lots = (await look(one)).lots as { id: string }[];
      expected = model.adjust(taken ? -amount : amount, lots.find(({ id }) => !known.has(id))?.id ?? `gone-${index}`);
    }
    expect([index, verdict(answer)]).toEqual([index, expected]);
    const { rows } = await app.sql.query('select * from credit_accounts where organization_id = $1', [one.id]);
    expect([index, rows[0].available, rows[0].held, rows[0].consumed]).toEqual([
      index,
      String(model.available),
      String(model.held),
      String(model.consumed),
    ]);
  }
  const left = (await look(one)).lots.map(({ id, remaining }: any) => [id, remaining]);
  const expected = [...model.lots.values()].filter((lot) => lot.left > 0n);
  expect(new Map(left)).toEqual(new Map(expected.map((lot) => [lot.name, credits(lot.left).replace(/0+$/, '')])));
  await expectProven(staff, one);
});
