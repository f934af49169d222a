import { BATCH, IdempotencyCleanupJob } from '../src/http/idempotency/idempotency-cleanup.job.js';
import { newPerson, type Person, signInAdmin } from './support/people.js';
import { startTestApp, type TestApp } from './support/test-app.js';

let app: TestApp;
let staff: Person;

beforeAll(async () => {
  app = await startTestApp();
  staff = await signInAdmin(app);
});
afterAll(() => app.close());

const PATH = '/admin/organizations';
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } });

it('a POST runs once, however often and on whichever server it is sent', async () => {
  const replica = await app.replica();
  const there = staff.client.at(`${replica.origin}/t/demo/api/v1`);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? staff.client : there).post(PATH, { name: 'Once' }, withKey('k-1')),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(19);
  expect((await staff.client.get(`${PATH}?q=once`)).body.items).toHaveLength(1);
});

it('a key is refused with another body or path', async () => {
  await staff.client.post(PATH, { name: 'First' }, withKey('k-2'));
  const other = await staff.client.post(PATH, { name: 'Second' }, withKey('k-2'));
  expect([other.status, other.body.code]).toEqual([422, 'idempotency.mismatch']);
});

it('a key stays free after a refusal', async () => {
  expect((await staff.client.post(PATH, { name: '' }, withKey('k-3'))).status).toBe(400);
  expect((await staff.client.post(PATH, { name: 'Right' }, withKey('k-3'))).status).toBe(201);
});

it('the same key of two users does not collide', async () => {
  const ann = await newPerson(app, 'idem-ann');
  expect((await ann.client.post(PATH, { name: 'Mine' }, withKey('k-1'))).body.name).toBe('Mine');
});

it('a request is not repeated after a server died during it', async () => {
  await app.sql.query(`insert into idempotency_keys (caller_id, key, request_hash)
    select caller_id, 'k-4', request_hash from idempotency_keys where key = 'k-2' and caller_id = '${staff.id}'`);
  const answer = await staff.client.post(PATH, { name: 'First' }, withKey('k-4'));
  expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
    409,
    'idempotency.in_progress',
    '5',
  ]);
});

it.each([
  ['empty', ''],
  ['too long', 'x'.repeat(256)],
  ['not printable', 'a\tb'],
])('a key is refused that is %s', async (_, key) => {
  const answer = await staff.client.post(PATH, { name: 'Any' }, withKey(key));
  expect([answer.status, answer.body.code]).toEqual([400, 'idempotency.invalid_key']);
});

it('keys are deleted after seven days, in statements of bounded size', async () => {
  const insert = (count: number, age: string) =>
    app.sql.query(
      `insert into idempotency_keys (caller_id, key, request_hash, created_at)
       select $1, $2 || n, 'hash', now() - $3::interval from generate_series(1, $4::int) n`,
      [staff.id, `swept-${age}-`, age, count],
    );
  await insert(2 * BATCH + 1, '8 days');
  await insert(1, '6 days');
  // Counts the rows that each DELETE statement removes.
  await app.sql.query(`
    create table swept (rows bigint);
    create function note_swept() returns trigger language plpgsql as $$
      begin insert into swept select count(*) from removed; return null; end $$;
    create trigger note_swept after delete on idempotency_keys referencing old table as removed
      for each statement execute function note_swept()`);
  try {
    await app.app.get(IdempotencyCleanupJob).run();
    const { rows } = await app.sql.query(`select rows::int from swept order by rows desc`);
    expect(rows).toEqual([{ rows: BATCH }, { rows: BATCH }, { rows: 1 }]);
  } finally {
    await app.sql.query('drop trigger note_swept on idempotency_keys; drop function note_swept; drop table swept');
  }
  const { rows: left } = await app.sql.query(`select key from idempotency_keys where key like 'swept-%'`);
  expect(left).toEqual([{ key: 'swept-6 days-1' }]);
});
